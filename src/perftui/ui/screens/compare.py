"""The compare screen: differential flames over the union of both trees, both sides in step, and one delta table."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.compare import DeltaTree, Width
from perftui.analysis.flame_layout import Order, heaviest_node
from perftui.analysis.search import Search, next_match
from perftui.errors import UsageError
from perftui.model.session import SessionMeta
from perftui.recording.comparison import Comparison
from perftui.text import printable
from perftui.ui.commands import COMPARE, bindings_of
from perftui.ui.screens.base import BaseScreen, found_text
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.delta_flames import DeltaFlames
from perftui.ui.widgets.delta_table import DeltaTable, SortDeltas
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.search_bar import SearchBar
from perftui.ui.widgets.status_line import StatusLine
from perftui.units import format_percent, format_value


class CompareScreen(BaseScreen):
    """Two sessions; selection, zoom and search are shared, because both sides are views of one union tree."""

    SCREEN = COMPARE
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(COMPARE)]

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self._comparison = comparison
        self._view = ViewState(order=Order.WEIGHT)
        self._share = comparison.by_share
        self._width = Width.LARGER
        self._sort = SortDeltas.CHANGE
        self._paired = False
        self._search: Search | None = None
        self._trees: dict[Width, DeltaTree] = {}

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static(id="compare-title")
        with Horizontal(id="compare-body"):
            with Vertical(id="compare-flames"):
                yield Static(id="delta-title", classes="pane-title")
                yield DeltaFlames(id="delta")
                yield Static(id="before-title", classes="pane-title")
                yield DeltaFlames(id="before")
                yield Static(id="after-title", classes="pane-title")
                yield DeltaFlames(id="after")
            with Vertical(id="compare-table"):
                yield Static(id="table-title", classes="pane-title")
                yield DeltaTable(id="deltas")
        yield StatusLine()
        yield SearchBar()
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw everything."""
        self.query_one(KeyBar).show(COMPARE)
        self.query_one(SearchBar).display = False
        self._arrange()
        self.query_one(DeltaTable).focus()

    # Drawing.

    def _tree(self, width: Width) -> DeltaTree:
        found = self._trees.get(width)
        if found is None:
            found = self._trees[width] = self._comparison.tree(share=self._share, width=width)
        return found

    def _arrange(self) -> None:
        """Show either the differential flames or both sides."""
        for name, shown in (("delta", not self._paired), ("before", self._paired), ("after", self._paired)):
            self.query_one(f"#{name}").display = shown
            self.query_one(f"#{name}-title").display = shown
        self._draw()

    def _draw(self) -> None:
        self.query_one("#compare-title", Static).update(self._title(), layout=False)
        widths = {"delta": self._width, "before": Width.BEFORE, "after": Width.AFTER}
        for name, width in widths.items():
            flames = self.query_one(f"#{name}", DeltaFlames)
            if flames.display:
                flames.show(self._tree(width), view=self._view, search=self._search)
        unit = self._comparison.unit
        mode = "share of each side" if self._share else "absolute"
        before, after = self._comparison.baseline, self._comparison.current
        whole = (
            format_value(self._comparison.baseline_weight, unit),
            format_value(self._comparison.current_weight, unit),
        )
        self._entitle("delta", f"Δ flames · {mode} · width: {self._width.value} · ▲ grew  ▼ shrank  grey: unclear")
        self._entitle("before", f"baseline · {printable(before.meta.name)} · {whole[0]}")
        self._entitle("after", f"current · {printable(after.meta.name)} · {whole[1]}")
        self._entitle("table", f"Δ self time · {mode} · sorted by {self._sort.value}")
        table = self.query_one(DeltaTable)
        table.show(self._comparison.deltas, unit=unit, share=self._share, sort=self._sort)
        table.select(self._view.function)
        flames = self._flames
        self.query_one(StatusLine).show(flames.describe(flames.selected))

    def _entitle(self, pane: str, text: str) -> None:
        self.query_one(f"#{pane}-title", Static).update(
            Text(f" {text}", no_wrap=True, overflow="ellipsis"), layout=False
        )

    def _title(self) -> Text:
        comparison = self._comparison
        before, after = comparison.baseline_weight, comparison.current_weight
        change = f" ({format_percent(100 * (after / before - 1))})" if before else ""
        sign = "+" if after > before else ""
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(" baseline ", "dim").append(_who(comparison.baseline.meta), "bold")
        text.append(f" {format_value(before, comparison.unit)}")
        text.append("   current ", "dim").append(_who(comparison.current.meta), "bold")
        text.append(f" {format_value(after, comparison.unit)}")
        text.append(f"   Δ {sign}{format_value(after - before, comparison.unit)}{change}", "bold")
        clear = sum(1 for delta in comparison.deltas if delta.kind.value != "unclear")
        text.append(f"   {clear} clear changes of {len(comparison.deltas)} functions", "dim")
        return text

    @property
    def _flames(self) -> DeltaFlames:
        return self.query_one("#after" if self._paired else "#delta", DeltaFlames)

    # What a person does.

    def _look(self, **changes: object) -> None:
        self._view = replace(self._view, **changes)  # type: ignore[arg-type]
        self._draw()

    def on_flame_graph_selected(self, message: FlameGraph.Selected) -> None:
        """Move the cursor of every pane."""
        self._look(selected=message.path)

    def on_flame_graph_zoomed(self, message: FlameGraph.Zoomed) -> None:
        """Zoom every pane."""
        self._look(zoom=message.path)

    def on_flame_graph_hovered(self, message: FlameGraph.Hovered) -> None:
        """Say what is under the mouse."""
        self.query_one(StatusLine).pass_by(message.text)

    def on_delta_table_selected(self, message: DeltaTable.Selected) -> None:
        """Select the heaviest frame of a function."""
        self._select(message.function)

    def on_key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        """Run the command whose key was clicked."""
        self.run_worker(self.run_action(message.command.action), exclusive=False)

    def _select(self, function: FunctionKey) -> None:
        tree = self._tree(Width.LARGER)
        number = tree.union.function_ids.get(function)
        node = None if number is None else heaviest_node(tree, number)
        if node is not None:
            inside = tree.union.is_within(node, tree.nearest(self._view.zoom))
            self._look(selected=tree.path(node), zoom=self._view.zoom if inside else ())

    def action_next_change(self, step: int) -> None:
        """Select the next clear change."""
        function = self.query_one(DeltaTable).next_clear(step)
        if function is None:
            self.notify("no clear change: the samples do not tell the sides apart", markup=False)
        else:
            self._select(function)

    def action_sort(self) -> None:
        """Sort the deltas in the next way."""
        order = list(SortDeltas)
        self._sort = order[(order.index(self._sort) + 1) % len(order)]
        self._draw()

    def action_order(self) -> None:
        """Order siblings in the next way."""
        order = list(Order)
        self._look(order=order[(order.index(self._view.order) + 1) % len(order)])

    def action_share(self) -> None:
        """Switch between absolute weights and shares."""
        self._share = not self._share
        self._trees.clear()
        self._refind()
        self._draw()

    def action_width(self) -> None:
        """Give the widths of the differential flames another meaning."""
        order = list(Width)
        self._width = order[(order.index(self._width) + 1) % len(order)]
        self._draw()

    def action_view(self) -> None:
        """Switch between the differential flames and both sides."""
        if self.maximized is not None:
            # What fills the screen may be what goes out of sight.
            self.minimize()
        self._paired = not self._paired
        self._arrange()
        self._flames.focus()

    async def action_flames(self, action: str) -> None:
        """Let the flames do something, whichever pane has the keys."""
        await self._flames.run_action(action)

    def action_maximise(self) -> None:
        """Give the focused pane the whole screen, or take it back."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None:
            self.maximize(self.focused)

    # Search.

    def action_search(self) -> None:
        """Open the search bar."""
        self.query_one(SearchBar).open(self._search.pattern if self._search else "")

    def action_search_selected(self) -> None:
        """Search for the name of the selected function."""
        if self._view.function is None:
            self.notify("select a frame first", markup=False)
            return
        self._find(f"(?:^|\\.){re.escape(self._view.function[1].rpartition('.')[2])} ")
        self.query_one(SearchBar).display = True

    def on_search_bar_changed(self, message: SearchBar.Changed) -> None:
        """Search while the person types."""
        self._find(message.pattern)

    def on_search_bar_closed(self, message: SearchBar.Closed) -> None:
        """Keep the search and go to its first match, or give it up."""
        if not message.keep:
            self._find("")
        self.query_one(SearchBar).display = self._search is not None
        self._flames.focus()
        if self._search is not None:
            self.action_next_match(1)

    def action_next_match(self, step: int) -> None:
        """Select the next match."""
        if self._search is None:
            self.action_search()
            return
        tree = self._tree(Width.LARGER)
        union = tree.union
        node = next_match(self._search, union, union.nearest(self._view.selected), step, weights=tree.total_weight)
        if node is None:
            # The search bar says so.
            return
        inside = union.is_within(node, union.nearest(self._view.zoom))
        self._look(selected=union.path(node), zoom=self._view.zoom if inside else ())

    def _find(self, pattern: str) -> None:
        bar = self.query_one(SearchBar)
        try:
            self._search = Search(pattern, self._tree(Width.LARGER).union) if pattern else None
        except UsageError as error:
            bar.show_error(error.message)
            return
        bar.show_result(found_text(self._search, coverage=False))
        self._look(pattern=pattern)

    def _refind(self) -> None:
        if self._search is not None:
            self._search = Search(self._search.pattern, self._tree(Width.LARGER).union)

    async def action_quit(self) -> None:
        """Go back, or leave."""
        if len(self.app.screen_stack) <= 2:
            self.app.exit()
        else:
            self.dismiss()


def _who(meta: SessionMeta) -> str:
    return f"{printable(meta.name)} ({meta.created[:16].replace('T', ' ')})"
