"""The rows of the table of hotspots, drawn line by line: what each function cost, and what stands beside that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.code_origin import Origin, origin, place
from perftui.analysis.heap_profile import HeapSort
from perftui.analysis.hotspots import SortBy
from perftui.analysis.search import Search
from perftui.analysis.share_change import ShareChange
from perftui.model.heap import is_pseudo
from perftui.model.hotspot import Hotspot
from perftui.ui.widgets.cells import bar, clean, fit, fit_end
from perftui.ui.widgets.flame_labels import short_name
from perftui.ui.widgets.flame_paint import FlamePaint
from perftui.ui.widgets.hotspot_columns import MARK, NO_NOTES, SIGNS, Column, Field, Ranking, columns_for
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import Unit, format_count, format_figure, format_percent


class HotspotRows(ScrolledCanvas):
    """Draws functions in the order given, below a heading, and a line for what is not listed."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "hotspot-table--heading",
        "hotspot-table--sorted",
        "hotspot-table--number",
        "hotspot-table--bar",
        "hotspot-table--trough",
        "hotspot-table--muted",
        "hotspot-table--mark",
        "hotspot-table--warn",
        "hotspot-table--critical",
        "hotspot-table--less",
        "hotspot-table--cursor",
        "hotspot-table--quiet-cursor",
        "hotspot-table--own",
        "hotspot-table--package",
        "hotspot-table--stdlib",
        "hotspot-table--pseudo",
    }
    DEFAULT_CSS = """
    HotspotRows {
        .hotspot-table--heading { background: $foreground 6%; color: $text-muted; }
        .hotspot-table--sorted { background: $foreground 6%; color: $text; text-style: bold; }
        .hotspot-table--number { color: $text; }
        .hotspot-table--bar { color: $accent; }
        .hotspot-table--trough { color: $foreground 10%; }
        .hotspot-table--muted { color: $text-muted; }
        .hotspot-table--mark { color: $text-accent; text-style: bold; }
        .hotspot-table--warn { color: $text-warning; text-style: bold; }
        .hotspot-table--critical { color: $text-error; text-style: bold; }
        .hotspot-table--less { color: $text-primary; text-style: bold; }
        .hotspot-table--cursor { background: $primary 30%; }
        .hotspot-table--quiet-cursor { background: $foreground 10%; }
        .hotspot-table--own { background: $accent; }
        .hotspot-table--package { background: $secondary; }
        .hotspot-table--stdlib { background: $foreground 28%; }
        .hotspot-table--pseudo { background: $foreground 11%; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._hotspots: Sequence[Hotspot] = ()
        self._sort: Ranking = SortBy.SELF
        self._cwd = ""
        self._greatest = 0.0
        self._unit = Unit.SECONDS
        self._search: Search | None = None
        self._function: FunctionKey | None = None
        self._empty = ""
        self._notes = NO_NOTES
        self._paint = FlamePaint(self, "hotspot-table")

    def line_count(self) -> int:
        """Return the number of functions, and of the line below them that stands for what is not listed."""
        return len(self._hotspots) + self._has_rest

    @property
    def _has_rest(self) -> bool:
        return self._notes.rest is not None and self._notes.rest.functions > 0

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the names of the columns, with a mark on the one that ranks."""
        row: Row = []
        marked = False
        for column in self._columns(width):
            ranks = self._ranks(column)
            name = self._name_of(column)
            if ranks and not marked:
                name = f"{name} ▼" if column.field is not Field.FUNCTION else f"{name} ▲"
                marked = True
            if column.field is Field.FUNCTION:
                name += self._limits(column.width - len(name) - 3)
            pen = self.pen("hotspot-table--sorted" if ranks else "hotspot-table--heading")
            right = column.field not in (Field.FUNCTION, Field.PLACE, Field.BAR, Field.VERDICT)
            lead = "" if right else "  " if column.field is Field.FUNCTION else " "
            row.append(Segment(fit(lead + name, column.width, right=right), pen))
        used = sum(segment.cell_length for segment in row)
        return [*row, Segment(" " * (width + 1 - used), self.pen("hotspot-table--heading"))]

    def draw_row(self, y: int, width: int) -> Row:
        """Return the heading, a function, or the sentence that says why there is none."""
        if not self.line_count() and y == self.HEADING_ROWS + 1 and self._empty:
            return [Segment(fit(f"  {clean(self._empty)}", width), self.pen("hotspot-table--muted"))]
        return super().draw_row(y, width)

    def draw_line(self, index: int, width: int) -> Row:
        """Return one function, or what is not listed."""
        if index >= len(self._hotspots):
            return self._rest_line(width)
        hotspot = self._hotspots[index]
        on = ""
        if function_key(hotspot.frame) == self._function:
            on = "hotspot-table--cursor" if self.has_focus else "hotspot-table--quiet-cursor"
        aside = self._search is not None and not self._matches(hotspot)
        row: Row = []
        for column in self._columns(width):
            row.extend(self._cell(column, hotspot, on, aside))
        used = sum(segment.cell_length for segment in row)
        return [*row, Segment(" " * max(0, width - used), self.pen("hotspot-table--number", on=on))] if on else row

    def forget(self) -> None:
        """Drop everything that was made from colours."""
        super().forget()
        self._paint.forget()

    def _columns(self, width: int) -> tuple[Column, ...]:
        notes = self._notes
        return columns_for(
            width,
            memory=isinstance(self._sort, HeapSort),
            beside=bool(notes.beside),
            difference=notes.changes is not None,
        )

    def _ranks(self, column: Column) -> bool:
        if column.field is Field.DELTA:
            return self._sort is not SortBy.NAME
        return column.sort is self._sort and column.field is not Field.BAR

    def _name_of(self, column: Column) -> str:
        """Return the heading of a column."""
        notes = self._notes
        match column.field:
            case Field.BESIDE:
                return f"{notes.beside} %"
            case Field.DELTA:
                return "Δ total" if self._sort is SortBy.TOTAL else "Δ self"
            case Field.VERDICT:
                return ""
            case Field.INSIDE | Field.OUTSIDE:
                return f"{notes.sides[column.field is Field.OUTSIDE]} %"
            case _:
                return str(column.field.value)

    def _limits(self, room: int) -> str:
        """Return what has to be known of the list, to stand behind the heading of its names."""
        notes = self._notes
        least = f" ≥ {notes.least}" if notes.least else ""
        least += f" · {notes.badge}" if notes.badge else ""
        clear = notes.clear if notes.changes is not None else ()
        wordings = [f"{least} · {words}" for words in clear] or [least]
        return next((words for words in wordings if len(words) <= room), least)

    def _rest_line(self, width: int) -> Row:
        notes, rest = self._notes, self._notes.rest
        assert rest is not None
        muted = self.pen("hotspot-table--muted")
        more = "function" if rest.functions == 1 else "functions"
        small = f" below {notes.least}" if notes.least else ""
        if notes.changes is not None:
            differ = "differs" if rest.functions == 1 else "differ"
            small = f" that {differ} by less than {notes.least}" if notes.least else f" that {differ} less"
        share = f"{format_percent(100 * rest.self_share)} self together"
        return [Segment(fit(f"{'':{MARK}}+{rest.functions} {more}{small}, {share}", width), muted)]

    def _matches(self, hotspot: Hotspot) -> bool:
        assert self._search is not None
        matches = self._search.function_matches
        return 0 <= hotspot.function_id < len(matches) and bool(matches[hotspot.function_id])

    def _cell(self, column: Column, hotspot: Hotspot, on: str, aside: bool) -> Row:
        muted = self.pen("hotspot-table--muted", on=on)
        change = self._change(hotspot)
        aside = aside or (change is not None and not change.clear)
        number = muted if aside else self.pen("hotspot-table--number", on=on)
        match column.field:
            case Field.BAR:
                return self._bar(hotspot, column.width, on)
            case Field.FUNCTION:
                return self._name_cell(hotspot, column.width, on, aside)
            case Field.PLACE:
                return [Segment(" " + fit_end(_place(hotspot, self._cwd), column.width - 1), muted)]
            case Field.SELF_SHARE:
                return self._own_share(hotspot, column.width, on, aside)
            case Field.BESIDE:
                return [Segment(_share(self._notes.shares.get(hotspot.function_id, 0.0), column.width), number)]
            case Field.DELTA | Field.VERDICT | Field.INSIDE | Field.OUTSIDE:
                return self._changed(column, hotspot, change, on, aside)
            case Field.TOTAL_SHARE:
                return [Segment(_share(hotspot.total_share, column.width), number)]
            case Field.SELF:
                return [Segment(fit(format_figure(hotspot.self_weight, self._unit), column.width, right=True), number)]
            case Field.TOTAL:
                return [Segment(fit(format_figure(hotspot.total_weight, self._unit), column.width, right=True), muted)]
            case Field.SAMPLES | Field.ALLOCATIONS:
                return [Segment(fit(self._count(hotspot), column.width, right=True), muted)]

    def _count(self, hotspot: Hotspot) -> str:
        memory = isinstance(self._sort, HeapSort)
        return f"{hotspot.self_count:,}" if memory else format_count(hotspot.self_count)

    def _bar(self, hotspot: Hotspot, width: int, on: str) -> Row:
        filled, empty = bar(self._length(hotspot) / (self._greatest or 1.0), width - 2)
        return [
            Segment(f"  {filled}", self.pen("hotspot-table--bar", on=on)),
            Segment(empty, self.pen("hotspot-table--trough", on=on)),
        ]

    def _length(self, hotspot: Hotspot) -> float:
        """Return what a row's bar stands for."""
        change = self._change(hotspot)
        return hotspot.self_share if change is None else abs(change.difference)

    def _change(self, hotspot: Hotspot) -> ShareChange | None:
        changes = self._notes.changes
        return None if changes is None else changes.get(hotspot.function_id)

    def _own_share(self, hotspot: Hotspot, width: int, on: str, aside: bool) -> Row:
        """Return a row's share with a sign where it is great, and before it how far the row has moved."""
        share, notes = hotspot.self_share, self._notes
        few = hotspot.function_id in notes.few
        sign, pen = "?" if few else "", "muted" if aside or few else "number"
        if share >= notes.warn:
            sign, pen = ("!!", "critical") if share >= notes.critical else ("!", "warn")
        text = fit(f"{100 * share:.1f}{sign:{SIGNS}}", width - MARK, right=True)
        return [self._mark(hotspot, on), Segment(text, self.pen(f"hotspot-table--{pen}", on=on))]

    def _mark(self, hotspot: Hotspot, on: str) -> Segment:
        key, notes = function_key(hotspot.frame), self._notes
        rose = notes.moved.get(key, 0)
        signs = "↑↓" if notes.held and key == self._function else "▲▼"
        text = f"{signs[rose < 0]}{min(abs(rose), 99)}" if rose else ""
        return Segment(fit(text, MARK), self.pen("hotspot-table--mark", on=on))

    def _changed(self, column: Column, hotspot: Hotspot, change: ShareChange | None, on: str, aside: bool) -> Row:
        """Return a cell of a difference."""
        found = change or _SAME
        told = "muted" if aside else "critical" if found.difference > 0 else "less"
        pen = self.pen(f"hotspot-table--{told}", on=on)
        match column.field:
            case Field.DELTA:
                text = fit(f"{100 * found.difference:+.1f}", column.width - MARK, right=True)
                return [self._mark(hotspot, on), Segment(text, pen)]
            case Field.VERDICT:
                verdict = "noise" if not found.clear else "more" if found.difference > 0 else "less"
                return [Segment(fit(f" {verdict}", column.width), pen)]
            case _:
                share = found.outside if column.field is Field.OUTSIDE else found.inside
                number = self.pen("hotspot-table--muted" if aside else "hotspot-table--number", on=on)
                return [Segment(_share(share, column.width), number)]

    def _name_cell(self, hotspot: Hotspot, width: int, on: str, aside: bool) -> Row:
        below = self.shade(on) if on else self.paper
        strange = aside or is_pseudo(hotspot.frame) or origin(hotspot.frame.file) is not Origin.OWN
        pen = self.pen("hotspot-table--muted" if strange else "hotspot-table--number", on=on)
        chip = self.ink(self._paint.colour(hotspot.frame), below)
        name = short_name(clean(hotspot.frame.function), width - 3)
        return [Segment(" ▌", chip), Segment(name + " ", pen)]


_SAME = ShareChange(0.0, 0.0, 0.0, clear=False)


def _share(share: float, width: int) -> str:
    return fit(f"{100 * share:.1f} ", width, right=True)


def _place(hotspot: Hotspot, cwd: str) -> str:
    frame = hotspot.frame
    line = f":{frame.line}" if frame.line else ""
    return clean(place(frame.file, cwd)) + line if frame.file else ""
