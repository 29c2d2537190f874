"""The table of changes: a row a function with its verdict, how much it changed, and how sure one may be of that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.change_words import BETTER, WORSE
from perftui.analysis.code_origin import tail
from perftui.analysis.ranked_changes import ShownChanges, SortChanges, ranked
from perftui.model.change import ChangeVerdict, FunctionChange, MatchKind
from perftui.ui.widgets.cells import clean, fit
from perftui.ui.widgets.change_columns import Column, columns_for, reading_for, titled
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import Unit

_MATCHED = {MatchKind.RENAMED: "↦ ", MatchKind.AMBIGUOUS: "~ "}
"""Before the name of a function that is not called the same on both sides, or of which there are several."""


class ChangeTable(ScrolledCanvas, can_focus=True):
    """A row a function; self weights a run, absolute or as shares of each side."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "change-table--heading",
        "change-table--worse",
        "change-table--better",
        "change-table--muted",
        "change-table--cursor",
    }
    DEFAULT_CSS = """
    ChangeTable {
        .change-table--heading { color: $text-muted; text-style: bold; }
        .change-table--worse { color: $text-error; text-style: bold; }
        .change-table--better { color: $text-primary; text-style: bold; }
        .change-table--muted { color: $text-muted; }
        .change-table--cursor { background: $foreground; color: $background; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Next", show=False, id="deltas.down"),
        Binding("up", "step(-1)", "Previous", show=False, id="deltas.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="deltas.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="deltas.page_up"),
        Binding("home", "step(-1000000)", "First", show=False, id="deltas.first"),
        Binding("end", "step(1000000)", "Last", show=False, id="deltas.last"),
    ]

    class Selected(Message):
        """A row was selected."""

        def __init__(self, function: FunctionKey) -> None:
            super().__init__()
            self.function = function

    class Sorted(Message):
        """The heading of a column was clicked."""

        def __init__(self, sort: SortChanges) -> None:
            super().__init__()
            self.sort = sort

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._changes: list[FunctionChange] = []
        self._places: dict[FunctionKey, int] = {}
        self._unit = Unit.SECONDS
        self._share = False
        self._sampled = True
        self._sort = SortChanges.EFFECT
        self._shown = ShownChanges.ALL
        self._selected: FunctionKey | None = None
        self._asked: object = None
        self._kept: Sequence[FunctionChange] = ()
        """What was asked for is told by its identity, so it stays alive."""

    @property
    def listed(self) -> int:
        """Number of functions that are listed."""
        return len(self._changes)

    def show(
        self,
        changes: Sequence[FunctionChange],
        *,
        unit: Unit,
        share: bool,
        sort: SortChanges,
        shown: ShownChanges = ShownChanges.ALL,
        sampled: bool = True,
    ) -> None:
        """Show changes in an order of ours; where nothing was `sampled` there are no intervals to show."""
        asked = (id(changes), unit, share, sort, shown, sampled)
        if asked == self._asked:
            return
        self._asked, self._kept = asked, changes
        self._unit, self._share, self._sort, self._shown, self._sampled = unit, share, sort, shown, sampled
        self._changes = ranked(changes, sort=sort, shown=shown, share=share)
        self._places = {function_key(change.frame): at for at, change in enumerate(self._changes)}
        self.redraw()

    def select(self, function: FunctionKey | None) -> None:
        """Mark a function without telling anybody."""
        self._selected = function
        index = self._index()
        if index is not None:
            self.reveal(index)
        self.redraw()

    def next_clear(self, step: int) -> FunctionKey | None:
        """Return the next (or previous) function with a clear change, in the table's order."""
        clear = [i for i, change in enumerate(self._changes) if change.verdict.clear]
        if not clear:
            return None
        at = self._index()
        later = clear if at is None else [i for i in clear if (i > at if step > 0 else i < at)]
        chosen = (later or clear)[0 if step > 0 else -1]
        return function_key(self._changes[chosen].frame)

    def line_count(self) -> int:
        """Return the number of functions, or one line that says that there is none."""
        return max(1, len(self._changes))

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return the names of the columns; the one it is sorted by is marked."""
        cells = "".join(_cell(titled(column, self._sort), column) for column in self._columns(width))
        name = "▾ function" if self._sort is SortChanges.NAME else "function"
        return [Segment(fit(f"{cells}  {name}", width), self.pen("change-table--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return one function."""
        if not self._changes:
            return [Segment(fit(f" no function here: {_NOTHING[self._shown]}", width), self.pen("change-table--muted"))]
        change = self._changes[index]
        cursor = "change-table--cursor" if function_key(change.frame) == self._selected else ""
        columns, reading = self._columns(width), reading_for(width, self._unit, share=self._share)
        told = _component(change.verdict)
        row: Row = []
        for column in columns:
            coloured = not change.verdict.clear or column.title in (" verdict", "Δ self")
            pen = self.pen(cursor or (told if coloured else ""))
            row.append(Segment(_cell(column.text(change, reading), column), pen))
        used = sum(column.cells for column in columns)
        muted = "" if change.verdict.clear else "change-table--muted"
        row.append(Segment(fit(f"  {_name(change)}", max(0, width - used)), self.pen(cursor or muted)))
        return row

    def action_step(self, step: int) -> None:
        """Select another row."""
        if not self._changes:
            return
        at = self._index()
        self._choose(0 if at is None else max(0, min(len(self._changes) - 1, at + step)))

    def action_page(self, pages: int) -> None:
        """Select a row a page away."""
        self.action_step(pages * self.page_rows)

    def on_click(self, event: events.Click) -> None:
        """Select the row under the mouse, or sort by the column whose heading that is."""
        if event.y < self.HEADING_ROWS:
            sort = self._sort_below(event.x)
            if sort is not None:
                self.post_message(self.Sorted(sort))
            return
        index = self.first_line + event.y - self.HEADING_ROWS
        if index < len(self._changes):
            self._choose(index)

    def _choose(self, index: int) -> None:
        self.select(function_key(self._changes[index].frame))
        assert self._selected is not None
        self.post_message(self.Selected(self._selected))

    def _index(self) -> int | None:
        return None if self._selected is None else self._places.get(self._selected)

    def _columns(self, width: int) -> tuple[Column, ...]:
        return columns_for(width, self._sort, sampled=self._sampled)

    def _sort_below(self, x: int) -> SortChanges | None:
        end = 0
        for column in self._columns(max(0, self.size.width - 1)):
            end += column.cells
            if x < end:
                return column.sort
        return SortChanges.NAME


_NOTHING = {
    ShownChanges.ALL: "both sides are empty",
    ShownChanges.CLEAR: "nothing changed clearly",
    ShownChanges.SLOWER: "nothing became worse",
    ShownChanges.FASTER: "nothing became better",
    ShownChanges.ONE_SIDED: "all are on both sides",
    ShownChanges.INCONCLUSIVE: "all could be told",
}


def _cell(text: str, column: Column) -> str:
    if column.right:
        return " " + fit(text, column.cells - 1, right=True)
    return fit(f" {text.lstrip()}", column.cells)


def _name(change: FunctionChange) -> str:
    frame, was = change.frame, change.was
    place = f"  {clean(tail(frame.file))}" if frame.file else ""
    before = f"  was {clean(was.function)}" if was is not None and was.function != frame.function else ""
    return f"{_MATCHED.get(change.match, '')}{clean(frame.function)}{before}{place}"


def _component(verdict: ChangeVerdict) -> str:
    if verdict in WORSE:
        return "change-table--worse"
    return "change-table--better" if verdict in BETTER else "change-table--muted"
