"""The call tree as a table whose rows open and close; it follows the selection of the flames, and leads it."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.call_tree import ROOT
from perftui.analysis.code_origin import Origin, origin, place
from perftui.analysis.flame_layout import Order
from perftui.analysis.open_tree import OpenTree, TreeRow
from perftui.analysis.search import Search
from perftui.model.heap import is_pseudo
from perftui.ui.view_state import Path, ViewState
from perftui.ui.widgets.cells import clean, fit, fit_end, width_of
from perftui.ui.widgets.flame_labels import short_name
from perftui.ui.widgets.flame_paint import FlamePaint
from perftui.ui.widgets.flame_text import FlameTree
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.ui.widgets.tree_columns import Column, Field, columns_for, rails_of, share_text
from perftui.units import Unit, format_count, format_figure, format_percent

_OPEN, _CLOSED, _LEAF = "▾ ", "▸ ", "  "


class TreeTable(ScrolledCanvas, can_focus=True):
    """A row a call node, its callees below it; only rows that are seen are put into words."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tree-table--heading",
        "tree-table--number",
        "tree-table--muted",
        "tree-table--rail",
        "tree-table--cursor",
        "tree-table--quiet-cursor",
        "tree-table--own",
        "tree-table--package",
        "tree-table--stdlib",
        "tree-table--native",
        "tree-table--pseudo",
    }
    DEFAULT_CSS = """
    TreeTable {
        .tree-table--heading { background: $foreground 6%; color: $text-muted; }
        .tree-table--number { color: $text; }
        .tree-table--muted { color: $text-muted; }
        .tree-table--rail { color: $foreground 28%; }
        .tree-table--cursor { background: $primary 30%; }
        .tree-table--quiet-cursor { background: $foreground 10%; }
        .tree-table--own { background: $accent; }
        .tree-table--package { background: $secondary; }
        .tree-table--stdlib { background: $foreground 28%; }
        .tree-table--native { background: $foreground 20%; }
        .tree-table--pseudo { background: $foreground 11%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next row", show=False, id="tree.down"),
        Binding("up", "move(-1)", "Previous row", show=False, id="tree.up"),
        Binding("right", "open", "Open", show=False, id="tree.open"),
        Binding("left", "close", "Close, or go to the caller", show=False, id="tree.close"),
        Binding("plus", "open_hottest", "Open the hottest path below", show=False, id="tree.hottest"),
        Binding("minus", "close_below", "Close all below", show=False, id="tree.close_below"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="tree.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="tree.page_up"),
        Binding("home", "edge(-1)", "First row", show=False, id="tree.first"),
        Binding("end", "edge(1)", "Last row", show=False, id="tree.last"),
        Binding("enter", "choose", "Show in the flames", show=False, id="tree.choose"),
    ]

    class Selected(Message):
        """The cursor was moved onto a node."""

        def __init__(self, tree_table: TreeTable, path: Path) -> None:
            super().__init__()
            self.tree_table = tree_table
            self.path = path

        @property
        def control(self) -> TreeTable:
            """The widget that posted it."""
            return self.tree_table

    class Chosen(Selected):
        """A node was asked for: Enter, or a double click."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._flames: FlameTree | None = None
        self._opened: OpenTree | None = None
        self._stamp: object = None
        self._view = ViewState()
        self._search: Search | None = None
        self._cursor = (ROOT, False)
        """Node of the cursor's row, and whether it is the row of its folded children."""
        self._empty = ""
        self._paint = FlamePaint(self, "tree-table")

    def show(
        self,
        tree: FlameTree,
        *,
        view: ViewState,
        stamp: tuple[int, int],
        search: Search | None = None,
        empty: str = "",
    ) -> None:
        """Draw a tree, the same one again and again while it grows.

        Args:
            tree: What flames are drawn from, flushed.
            view: Selection and order.
            stamp: (how often all was weighed anew, how often it grew since): with another first part siblings are
                ranked again, with another second part they keep their places.
            search: What does not match it steps back.
            empty: Why there is nothing.
        """
        moved = tree is not self._flames or view.selected != self._view.selected
        self._take(tree, view, stamp)
        self._view, self._search, self._empty = view, search, empty
        assert self._opened is not None
        node = tree.nearest(view.selected)
        if moved and (node != self._cursor[0] or not self._cursor[1]):
            self._cursor = node, False
            self.reveal(self._opened.reveal(node))
        self.redraw()

    def _take(self, tree: FlameTree, view: ViewState, stamp: tuple[int, int]) -> None:
        """Take over a tree, or what it has gained."""
        by_name = view.order is Order.NAME
        opened = self._opened
        if opened is None or tree is not self._flames:
            self._paint.forget()
            self._opened = (
                OpenTree(tree, by_name=by_name) if opened is None else opened.followed_by(tree, by_name=by_name)
            )
        elif view.order is not self._view.order or not isinstance(self._stamp, tuple) or stamp[0] != self._stamp[0]:
            opened.sort(by_name=by_name)
        elif stamp != self._stamp:
            opened.update()
        self._flames, self._stamp = tree, stamp

    def line_count(self) -> int:
        """Return the number of rows."""
        return len(self._opened.rows) if self._opened is not None and not self._is_empty else 1

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the names of the columns."""
        pen = self.pen("tree-table--heading")
        texts = []
        for column in self._columns(width):
            lead = "" if column.right else "  " if column.field is Field.FUNCTION else " "
            texts.append(fit(lead + column.field.value, column.width, right=column.right))
        return [Segment(fit("".join(texts), width + 1), pen)]

    def draw_line(self, index: int, width: int) -> Row:
        """Return one row."""
        tree, opened = self._flames, self._opened
        if tree is None or opened is None or self._is_empty:
            return [Segment(fit(f"  {clean(self._empty)}", width), self.pen("tree-table--muted"))]
        row = opened.rows[index]
        on = ""
        if index == self._at:
            on = "tree-table--cursor" if self.has_focus else "tree-table--quiet-cursor"
        if row.folded:
            return self._folded(tree, row, width, on)
        aside = self._search is not None and not self._search.matches(row.node)
        found: Row = []
        for column in self._columns(width):
            found.extend(self._cell(tree, row, column, on, aside))
        return found

    def forget(self) -> None:
        """Drop everything that was made from colours."""
        super().forget()
        self._paint.forget()

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self.redraw()

    def on_blur(self) -> None:
        """Show the cursor as a quiet one."""
        self.redraw()

    # What a person does.

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._go(self._at + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self._go(self._at + step * max(1, self.page_rows - 1))

    def action_edge(self, step: int) -> None:
        """Move the cursor to the first row, or to the last."""
        self._go(0 if step < 0 else self.line_count() - 1)

    def action_open(self) -> None:
        """Open the row; go to the first below one that is open; take more out of what is folded."""
        opened, (node, folded) = self._opened, self._cursor
        if opened is None:
            return
        if folded:
            self._unfold(node)
        elif opened.is_open(node):
            if self._at + 1 < self.line_count() and opened.can_open(node):
                self._go(self._at + 1)
        else:
            opened.open(node)
            self.redraw()

    def action_close(self) -> None:
        """Close the row, or go to the one above it."""
        opened, (node, folded) = self._opened, self._cursor
        if opened is None or self._flames is None:
            return
        if not folded and opened.is_open(node) and opened.can_open(node):
            opened.close(node)
            self.redraw()
        elif folded or node != ROOT:
            self._put(node if folded else self._flames.parent[node])

    def action_open_hottest(self) -> None:
        """Open the hottest path below the row, and go to its end."""
        if self._opened is not None and not self._cursor[1]:
            self._put(self._opened.open_hottest(self._cursor[0]))

    def action_close_below(self) -> None:
        """Close the row and everything below it."""
        if self._opened is not None:
            node = self._cursor[0]
            self._opened.close_below(node)
            self._put(node)

    def action_choose(self) -> None:
        """Ask for the row in the flames, or take more out of what is folded."""
        node, folded = self._cursor
        if folded:
            self._unfold(node)
        elif self._flames is not None:
            self.post_message(self.Chosen(self, self._flames.path(node)))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor there; a click on the sign opens or closes, a double click goes to the flames."""
        index, opened = self.first_line + event.y - self.HEADING_ROWS, self._opened
        if event.y < self.HEADING_ROWS or opened is None or self._is_empty or index >= len(opened.rows):
            return
        row = opened.rows[index]
        if row.folded:
            self._unfold(row.node)
        elif self._is_sign(row, event.x) and opened.can_open(row.node):
            (opened.close if opened.is_open(row.node) else opened.open)(row.node)
            self._put(row.node)
        elif event.chain > 1:
            self.action_choose()
        else:
            self._go(index)

    @property
    def _is_empty(self) -> bool:
        tree = self._flames
        return tree is None or not tree.total_weight[ROOT]

    @property
    def _at(self) -> int:
        """The row of the cursor; where that went away, the nearest above it that is seen."""
        opened, tree, (node, folded) = self._opened, self._flames, self._cursor
        if opened is None or tree is None:
            return 0
        found = opened.index_of(node, folded=folded)
        while found is None:
            found = opened.index_of(node)
            node = tree.parent[node]
        return found

    def _go(self, index: int) -> None:
        opened = self._opened
        if opened is None or self._is_empty:
            return
        index = max(0, min(index, len(opened.rows) - 1))
        row = opened.rows[index]
        if row.folded:
            self._cursor = row.node, True
            self.reveal(index)
            self.redraw()
        else:
            self._put(row.node)

    def _put(self, node: int) -> None:
        """Move the cursor onto a node that is seen, and say so."""
        opened, tree = self._opened, self._flames
        assert opened is not None
        assert tree is not None
        self._cursor = node, False
        self.reveal(self._at)
        self.redraw()
        path = tree.path(node)
        if path != self._view.selected:
            self.post_message(self.Selected(self, path))

    def _unfold(self, node: int) -> None:
        opened = self._opened
        assert opened is not None
        index = opened.index_of(node, folded=True)
        opened.show_more(node)
        if index is not None:
            self._go(index)

    # Drawing.

    def _columns(self, width: int) -> tuple[Column, ...]:
        return columns_for(width, self._flames.unit if self._flames is not None else Unit.SECONDS)

    def _is_sign(self, row: TreeRow, x: int) -> bool:
        at = 0
        for column in self._columns(self.size.width - 1):
            if column.field is Field.FUNCTION:
                start = at + 2 + width_of(rails_of(row.rails, column.width - 2))
                return start - 1 <= x < start + 2
            at += column.width
        return False

    def _cell(self, tree: FlameTree, row: TreeRow, column: Column, on: str, aside: bool) -> Row:
        number = self.pen("tree-table--muted" if aside else "tree-table--number", on=on)
        muted = self.pen("tree-table--muted", on=on)
        node, whole = row.node, tree.total_weight[ROOT] or 1.0
        match column.field:
            case Field.TOTAL_SHARE:
                return [Segment(share_text(tree.total_weight[node] / whole, column.width), number)]
            case Field.TOTAL:
                return [
                    Segment(fit(format_figure(tree.total_weight[node], tree.unit), column.width, right=True), muted)
                ]
            case Field.SELF_SHARE:
                return [Segment(share_text(tree.self_weight[node] / whole, column.width), number)]
            case Field.SELF:
                return [Segment(fit(format_figure(tree.self_weight[node], tree.unit), column.width, right=True), muted)]
            case Field.SAMPLES:
                return [Segment(fit(format_count(tree.total_count[node]), column.width, right=True), muted)]
            case Field.ALLOCATIONS:
                return [Segment(fit(f"{tree.total_count[node]:,}", column.width, right=True), muted)]
            case Field.FUNCTION:
                return self._name_cells(tree, row, column.width, on, aside)
            case Field.PLACE:
                return [Segment(" " + fit_end(self._place(tree, node), column.width - 1), muted)]

    def _name_cells(self, tree: FlameTree, row: TreeRow, width: int, on: str, aside: bool) -> Row:
        assert self._opened is not None
        rails = rails_of(row.rails, width - 2)
        rail = self.pen("tree-table--rail", on=on)
        sign = _LEAF
        if self._opened.can_open(row.node):
            sign = _OPEN if self._opened.is_open(row.node) else _CLOSED
        room = max(0, width - 2 - len(rails) - 2)
        frame = tree.frame(row.node)
        muted = self.pen("tree-table--muted", on=on)
        found: Row = [Segment("  " + rails, rail), Segment(sign, muted)]
        if frame is None:
            return [*found, Segment(fit("all", room), self.pen("tree-table--number", on=on))]
        below = self.shade(on) if on else self.paper
        strange = aside or is_pseudo(frame) or origin(frame.file) is not Origin.OWN
        pen = muted if strange else self.pen("tree-table--number", on=on)
        chip = self.ink(self._paint.colour(frame), below)
        return [*found, Segment("▌", chip), Segment(short_name(clean(frame.function), room - 1), pen)]

    def _place(self, tree: FlameTree, node: int) -> str:
        frame = tree.frame(node)
        if frame is None or not frame.file:
            return ""
        return clean(place(frame.file, self._view.cwd)) + (f":{frame.line}" if frame.line else "")

    def _folded(self, tree: FlameTree, row: TreeRow, width: int, on: str) -> Row:
        muted = self.pen("tree-table--muted", on=on)
        share = row.weight / (tree.total_weight[ROOT] or 1.0)
        found: Row = []
        for column in self._columns(width):
            text = ""
            if column.field is Field.TOTAL_SHARE:
                text = share_text(share, column.width)
            elif column.field is Field.TOTAL:
                text = fit(format_figure(row.weight, tree.unit), column.width, right=True)
            elif column.field is Field.FUNCTION:
                rails = rails_of(row.rails, column.width - 2)
                found.append(Segment("  " + rails, self.pen("tree-table--rail", on=on)))
                label = f"  +{row.folded:,} more, {format_percent(100 * share)}"
                found.append(Segment(fit(label, column.width - 2 - len(rails)), muted))
                continue
            found.append(Segment(fit(text, column.width), muted))
        return found
