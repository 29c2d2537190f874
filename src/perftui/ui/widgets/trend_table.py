"""The figures of a workload as a list: the course of each in small, what it stands at, and its newest change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.trend_lines import KindLine, ListLine, SortTrends, TrendLine
from perftui.model.trend import TrendKind
from perftui.recording.trend_overview import Followed
from perftui.reports.trend_sheet import change_text, value_text
from perftui.ui.trend_look import LineKey, TrendLook, key_of
from perftui.ui.widgets.cells import clean, fit, fit_middle, width_of
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.ui.widgets.sparkline import sparkline

_VALUE_CELLS, _CHANGE_CELLS, _COUNT_CELLS = 11, 10, 5
_LEAST_SPARK, _MOST_SPARK = 8, 32
_LEAST_NAME, _ENOUGH_NAME = 16, 30
_TITLES = {TrendKind.METRIC: "metrics", TrendKind.OPERATION: "operations", TrendKind.FUNCTION: "functions"}
_FROM_NOTHING = "new"
_SORTS = {SortTrends.NAME: "figure", SortTrends.CHANGE: "change", SortTrends.COUNT: "n"}


@dataclass(frozen=True, slots=True)
class _Columns:
    """How many cells each column has; none where there is no room for it."""

    name: int
    spark: int
    value: int = _VALUE_CELLS
    change: int = _CHANGE_CELLS
    count: int = _COUNT_CELLS


class TrendTable(ScrolledCanvas, can_focus=True):
    """A line a figure; the cursor stays on its figure wherever that is ranked."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "trend-table--heading",
        "trend-table--kind",
        "trend-table--text",
        "trend-table--muted",
        "trend-table--spark",
        "trend-table--worse",
        "trend-table--better",
        "trend-table--cursor",
        "trend-table--quiet-cursor",
    }
    DEFAULT_CSS = """
    TrendTable {
        .trend-table--heading { background: $foreground 6%; color: $text-muted; }
        .trend-table--kind { color: $text-muted; text-style: bold; }
        .trend-table--text { color: $text; }
        .trend-table--muted { color: $text-muted; }
        .trend-table--spark { color: $primary 75%; }
        .trend-table--worse { color: $text-error; text-style: bold; }
        .trend-table--better { color: $text-success; text-style: bold; }
        .trend-table--cursor { background: $primary 30%; }
        .trend-table--quiet-cursor { background: $foreground 10%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next figure", show=False, id="trends.down"),
        Binding("up", "move(-1)", "Previous figure", show=False, id="trends.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="trends.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="trends.page_up"),
        Binding("home", "edge(0)", "First figure", show=False, id="trends.first"),
        Binding("end", "edge(-1)", "Last figure", show=False, id="trends.last"),
    ]

    class Selected(Message):
        """The cursor is on another figure."""

        def __init__(self, key: LineKey) -> None:
            super().__init__()
            self.key = key

    class Sorted(Message):
        """The heading of a column was clicked."""

        def __init__(self, sort: SortTrends) -> None:
            super().__init__()
            self.sort = sort

    class Switched(Message):
        """The heading of a kind was clicked: another of its figures is to be followed."""

        def __init__(self, kind: TrendKind) -> None:
            super().__init__()
            self.kind = kind

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: Sequence[ListLine] = ()
        self._places: dict[LineKey, int] = {}
        self._look = TrendLook()
        self._followed = Followed()
        self._empty = ""
        self._at = 0
        self._courses: dict[LineKey, tuple[object, int, str]] = {}
        """Courses that were drawn, with the values and the cells that they were drawn for."""

    def show(self, lines: Sequence[ListLine], look: TrendLook, followed: Followed, *, empty: str) -> None:
        """Show figures.

        Args:
            lines: As they are ranked.
            look: How they are looked at.
            followed: Which figure of operations and functions it is.
            empty: What stands there without any.
        """
        again = lines is not self._lines
        self._lines, self._look, self._followed, self._empty = lines, look, followed, empty
        if again:
            self._places = {key_of(line): at for at, line in enumerate(lines) if isinstance(line, TrendLine)}
            # Of another workload nothing is kept.
            self._courses = {key: known for key, known in self._courses.items() if key in self._places}
        wanted = self._places.get(look.selected) if look.selected is not None else None
        at = self._stop_from(0, 1) if wanted is None else wanted
        if again or at != self._at:
            self._at = at
            self._show_cursor()
        self.redraw()

    @property
    def selected(self) -> TrendLine | None:
        """The figure below the cursor."""
        line = self._lines[self._at] if self._at < len(self._lines) else None
        return line if isinstance(line, TrendLine) else None

    @property
    def seen(self) -> list[TrendLine]:
        """The figures in sight."""
        shown = self._lines[self.first_line : self.first_line + self.page_rows]
        return [line for line in shown if isinstance(line, TrendLine)]

    # The cursor.

    def action_move(self, step: int) -> None:
        """Move the cursor to another figure."""
        self._go(self._at + step, step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self._go(self._at + step * max(1, self.page_rows - 1), step)

    def action_edge(self, line: int) -> None:
        """Move the cursor to the first or the last figure."""
        self._go(0 if line == 0 else len(self._lines) - 1, 1 if line == 0 else -1)

    def on_click(self, event: events.Click) -> None:
        """Select a figure, rank by a column, or follow another figure of a kind."""
        self.focus()
        if event.y < self.HEADING_ROWS:
            sort = self._sort_at(event.x)
            if sort is not None:
                self.post_message(self.Sorted(sort))
            return
        at = self.first_line + event.y - self.HEADING_ROWS
        if at < len(self._lines):
            line = self._lines[at]
            if isinstance(line, KindLine):
                self.post_message(self.Switched(line.kind))
            else:
                self._go(at, 1)

    def on_focus(self) -> None:
        """Say by the cursor who has the keys."""
        self.redraw()

    def on_blur(self) -> None:
        """Say by the cursor who has the keys."""
        self.redraw()

    def _go(self, at: int, step: int) -> None:
        if not self._places:
            return
        self._at = self._stop_from(at, step)
        self._show_cursor()
        self.redraw()
        line = self.selected
        if line is not None and key_of(line) != self._look.selected:
            self.post_message(self.Selected(key_of(line)))

    def _stop_from(self, at: int, step: int) -> int:
        """Return the figure at a line, else the next one in a direction, else the nearest."""
        stops = list(self._places.values())
        if not stops:
            return 0
        beyond = [stop for stop in stops if (stop >= at if step > 0 else stop <= at)]
        return (beyond[0] if step > 0 else beyond[-1]) if beyond else (stops[-1] if step > 0 else stops[0])

    def _show_cursor(self) -> None:
        self.reveal(self._at)
        # The heading above the first figure of a kind is seen with it.
        if self._at > 0 and isinstance(self._lines[self._at - 1], KindLine):
            self.reveal(self._at - 1)

    # Drawing.

    def line_count(self) -> int:
        """Return the number of lines."""
        return max(1, len(self._lines))

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return the names of the columns, with a mark at the one that is ranked by."""
        columns = _columns_for(width)
        marked = {sort: f"{name} ▾" if sort is self._look.sort else name for sort, name in _SORTS.items()}
        text = fit(f" {marked[SortTrends.NAME]}", columns.name)
        text += fit("  course", columns.spark + 2) if columns.spark else ""
        text += fit("newest", columns.value, right=True)
        text += fit(marked[SortTrends.CHANGE], columns.change, right=True)
        text += fit(marked[SortTrends.COUNT], columns.count, right=True)
        return [Segment(fit(text, width + 1), self.pen("trend-table--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return one figure, or the heading of a kind."""
        if not self._lines:
            return [Segment(fit(f" {self._empty}", width), self.pen("trend-table--muted"))]
        line = self._lines[index]
        if isinstance(line, KindLine):
            figure = self._followed.of(line.kind)
            told = f" {_TITLES[line.kind]}  {line.count}" + (f"  {figure} (b)" if figure else "")
            return [Segment(fit(told, width), self.pen("trend-table--kind"))]
        on = ""
        if index == self._at:
            on = "trend-table--cursor" if self.has_focus else "trend-table--quiet-cursor"
        columns = _columns_for(width)
        row = self._name_cells(line, columns.name, on)
        if columns.spark:
            course = fit(f"  {self._course(line, columns.spark)}", columns.spark + 2)
            row.append(Segment(course, self.pen("trend-table--spark", on=on)))
        value = fit(value_text(line.last, line.unit), columns.value, right=True)
        row.append(Segment(value, self.pen("trend-table--text", on=on)))
        row.append(self._change_cell(line, columns.change, on))
        row.append(
            Segment(fit(str(len(line.values)), columns.count, right=True), self.pen("trend-table--muted", on=on))
        )
        return row

    def tip_at(self, x: int, y: int) -> str:
        """Return the whole name of a figure that has no room, else what a heading means."""
        at = self.first_line + y - self.HEADING_ROWS
        if y >= self.HEADING_ROWS and at < len(self._lines):
            line = self._lines[at]
            if isinstance(line, TrendLine) and x < _columns_for(self.size.width - 1).name:
                return clean(line.key)
        return super().tip_at(x, y)

    def _course(self, line: TrendLine, cells: int) -> str:
        key = key_of(line)
        known = self._courses.get(key)
        if known is None or known[0] is not line.values or known[1] != cells:
            known = self._courses[key] = line.values, cells, sparkline(line.values, cells)
        return known[2]

    def _name_cells(self, line: TrendLine, cells: int, on: str) -> Row:
        name = clean(line.name)
        text, muted = self.pen("trend-table--text", on=on), self.pen("trend-table--muted", on=on)
        room = cells - 2 - width_of(name)
        if not line.place or room < 8:
            return [Segment(f" {fit_middle(name, cells - 1)}", text)]
        return [Segment(f" {name} ", text), Segment(fit_middle(clean(line.place), room), muted)]

    def _change_cell(self, line: TrendLine, cells: int, on: str) -> Segment:
        change = line.last_change
        if change is None:
            return Segment(
                fit("…" if line.changes is None else "–", cells, right=True), self.pen("trend-table--muted", on=on)
            )
        told = _FROM_NOTHING if change.change_pct is None else change_text(change)
        sign = "▲" if change.after > change.before else "▼"
        component = "trend-table--worse" if line.is_worse else "trend-table--better"
        return Segment(fit(f"{sign} {told}", cells, right=True), self.pen(component, on=on))

    def _sort_at(self, x: int) -> SortTrends | None:
        columns = _columns_for(max(0, self.size.width - 1))
        at = columns.name
        if x < at:
            return SortTrends.NAME
        at += columns.spark + 2 * bool(columns.spark) + columns.value
        if x < at:
            return None
        return SortTrends.CHANGE if x < at + columns.change else SortTrends.COUNT


def _columns_for(width: int) -> _Columns:
    """Return the columns of a table of so many cells: names first, then the course."""
    room = width - _VALUE_CELLS - _CHANGE_CELLS - _COUNT_CELLS
    spark = min(_MOST_SPARK, max(_LEAST_SPARK, (room - _ENOUGH_NAME - 2)))
    if room - spark - 2 < _LEAST_NAME:
        return _Columns(max(1, room), 0)
    return _Columns(room - spark - 2, spark)
