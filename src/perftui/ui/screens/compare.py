"""The compare screen: differential flames over the union of both trees, both sides in step, and one delta table."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from perftui.analysis.call_tree import CallTree
from perftui.analysis.delta_tree import DeltaTree, Width
from perftui.analysis.flame_layout import Order
from perftui.model.heap import HeapView
from perftui.recording.comparison import Comparison, memory_lens
from perftui.text import printable
from perftui.ui.commands import COMPARE, bindings_of
from perftui.ui.lens import CPU_PERTURBED, NAMES, Lens, Wording, objects_note
from perftui.ui.screens.flame_screen import FlameScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.comparison_title import comparison_title
from perftui.ui.widgets.delta_flames import DeltaFlames
from perftui.ui.widgets.delta_table import DeltaTable, SortDeltas
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.lens_strip import LensStrip
from perftui.ui.widgets.search_bar import SearchBar
from perftui.ui.widgets.status_line import StatusLine
from perftui.units import format_value

_CPU = NAMES[None]


class CompareScreen(FlameScreen):
    """Two sessions; selection, zoom and search are shared, because both sides are views of one union tree."""

    SCREEN = COMPARE
    SEARCH_COVERS = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(COMPARE)]
    NO_CPU = "not both sessions hold CPU samples"
    NO_MEMORY = "not both sessions hold memory: record both with --mode memory"
    ONE_VIEW = "both sessions hold only this view of the heap"

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(ViewState(order=Order.WEIGHT, lens=comparison.view))
        self._comparison = comparison
        self._share = comparison.by_share
        self._width = Width.LARGER
        self._sort = SortDeltas.CHANGE
        self._paired = False
        self._trees: dict[Width, DeltaTree] = {}

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static(id="compare-title")
        yield LensStrip()
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
        has_choice = len(self._lenses) > 1
        self.query_one(KeyBar).show(COMPARE, without=() if has_choice else ("lens",))
        self.query_one(LensStrip).display = has_choice or self._view.lens is not None or bool(self._comparison.remarks)
        self.query_one(SearchBar).display = False
        self._draw_lens()
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
        self._draw_view()

    def _draw_lens(self) -> None:
        comparison, lens = self._comparison, self._view.lens
        what = ("CPU against CPU",) if lens is None else _against(NAMES[lens], exact=comparison.exact)
        self.query_one(LensStrip).show(self._lenses, lens, what=what, notes=self._notes())

    def _notes(self) -> list[Wording]:
        """Return what keeps the sides from being compared on equal terms, as far as it is about this lens."""
        comparison = self._comparison
        if self._view.lens is None:
            return [Wording(remark, _shorter(remark)) for remark in comparison.remarks]
        about_memory = [Wording(remark, remark) for remark in comparison.remarks if _CPU not in remark]
        return [*about_memory, objects_note(comparison.baseline, comparison.current)]

    def _draw_view(self) -> None:
        self._draw_title()
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
        memory = self._view.lens is not None
        grey = "the same" if memory else "unclear"
        self._entitle("delta", f"Δ flames · {mode} · width: {self._width.value} · ▲ grew  ▼ shrank  grey: {grey}")
        self._entitle("before", f"baseline · {printable(before.meta.name)} · {whole[0]}")
        self._entitle("after", f"current · {printable(after.meta.name)} · {whole[1]}")
        self._entitle("table", f"Δ self {'bytes' if memory else 'time'} · {mode} · sorted by {self._sort.value}")
        table = self.query_one(DeltaTable)
        table.show(self._comparison.changes, unit=unit, share=self._share, sort=self._sort)
        table.select(self._view.function)
        flames = self._flames
        self.query_one(StatusLine).show(flames.describe(flames.selected))

    def _entitle(self, pane: str, text: str) -> None:
        self.query_one(f"#{pane}-title", Static).update(
            Text(f" {text}", no_wrap=True, overflow="ellipsis"), layout=False
        )

    def on_resize(self) -> None:
        """Name as much in the first line as there is room for."""
        self._draw_title()

    def _draw_title(self) -> None:
        title = comparison_title(self._comparison, self.size.width)
        self.query_one("#compare-title", Static).update(title, layout=False)

    @property
    def _flames(self) -> DeltaFlames:
        return self.query_one("#after" if self._paired else "#delta", DeltaFlames)

    @property
    def _named_tree(self) -> CallTree:
        return self._tree(Width.LARGER).union

    @property
    def _lenses(self) -> tuple[Lens, ...]:
        return self._comparison.lenses

    @property
    def _telling_view(self) -> HeapView | None:
        return memory_lens(self._comparison)

    def _look_through(self, lens: Lens) -> None:
        self._comparison = self._comparison.of(lens)
        self._share = self._comparison.by_share
        self._trees.clear()
        super()._look_through(lens)

    def _draw_through(self) -> None:
        self._draw_lens()
        self._draw_view()

    @property
    def _weighed_tree(self) -> DeltaTree:
        return self._tree(Width.LARGER)

    # What a person does.

    def on_delta_table_selected(self, message: DeltaTable.Selected) -> None:
        """Select the heaviest frame of a function."""
        self._select_function(message.function)

    def action_next_change(self, step: int) -> None:
        """Select the next clear change."""
        function = self.query_one(DeltaTable).next_clear(step)
        if function is None:
            why = "the samples do not tell the sides apart" if self._view.lens is None else "the sides hold the same"
            self.notify(f"no clear change: {why}", markup=False)
        else:
            self._select_function(function)

    def action_sort(self) -> None:
        """Sort the deltas in the next way."""
        order = list(SortDeltas)
        self._sort = order[(order.index(self._sort) + 1) % len(order)]
        self._draw_view()

    def action_share(self) -> None:
        """Switch between absolute weights and shares."""
        self._share = not self._share
        self._trees.clear()
        self._search_anew()
        self._draw_view()

    def action_width(self) -> None:
        """Give the widths of the differential flames another meaning."""
        order = list(Width)
        self._width = order[(order.index(self._width) + 1) % len(order)]
        self._draw_view()

    def action_view(self) -> None:
        """Switch between the differential flames and both sides."""
        if self.maximized is not None:
            # What fills the screen may be what goes out of sight.
            self.minimize()
        self._paired = not self._paired
        self._arrange()
        self._flames.focus()

    async def action_quit(self) -> None:
        """Go back, or leave."""
        self._go()


def _shorter(remark: str) -> str:
    return CPU_PERTURBED.short if remark.startswith(f"{_CPU} seconds") else remark


def _against(name: str, *, exact: bool) -> tuple[str, ...]:
    sure = "exact" if exact else "sampled"
    return f"{name} against {name} · {sure}", f"{name} · {sure}", sure
