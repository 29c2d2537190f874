"""The table of hotspots: what each function cost, drawn line by line, with a cursor that stays on its function."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.code_origin import Origin, origin, place
from perftui.analysis.heap_profile import HeapSort
from perftui.analysis.hotspots import SortBy
from perftui.analysis.search import Search
from perftui.model.heap import is_pseudo
from perftui.model.hotspot import Hotspot
from perftui.ui.widgets.cells import bar, clean, fit, fit_end
from perftui.ui.widgets.flame_labels import short_name
from perftui.ui.widgets.flame_paint import FlamePaint
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import Unit, format_count, format_value


class Field(Enum):
    """What a column shows."""

    SELF_SHARE = "self %"
    BAR = ""
    SELF = "self"
    TOTAL_SHARE = "total %"
    TOTAL = "total"
    SAMPLES = "samples"
    ALLOCATIONS = "allocations"
    FUNCTION = "function"
    PLACE = "place"


Ranking = SortBy | HeapSort
"""What the table is ranked by: functions by what they cost, or by what they have allocated."""


class _Column(NamedTuple):
    field: Field
    width: int
    sort: Ranking | None = None


_SELF_SHARE = _Column(Field.SELF_SHARE, 10, SortBy.SELF)
_SELF = _Column(Field.SELF, 10, SortBy.SELF)
_TOTAL_SHARE = _Column(Field.TOTAL_SHARE, 9, SortBy.TOTAL)
_TOTAL = _Column(Field.TOTAL, 10, SortBy.TOTAL)
_SAMPLES = _Column(Field.SAMPLES, 9)


_HELD_SHARE = _Column(Field.SELF_SHARE, 10, HeapSort.SELF)
_HELD = _Column(Field.SELF, 11, HeapSort.SELF)
_HELD_IN_ALL = _Column(Field.TOTAL, 11, HeapSort.TOTAL)
_ALLOCATIONS = _Column(Field.ALLOCATIONS, 14, HeapSort.COUNT)


@lru_cache(maxsize=64)
def columns_for(width: int, *, memory: bool = False) -> tuple[_Column, ...]:
    """Return the columns that a table of so many cells has room for; the name takes what is left."""
    fixed = _memory_columns(width) if memory else _time_columns(width)
    room = max(0, width - sum(column.width for column in fixed) - 2)
    place_width = min(60, int(room * 0.42)) if room >= 46 else 0
    by_name: Ranking = HeapSort.NAME if memory else SortBy.NAME
    found = (*fixed, _Column(Field.FUNCTION, room - place_width, by_name))
    return (*found, _Column(Field.PLACE, place_width)) if place_width else found


def _time_columns(width: int) -> list[_Column]:
    if width < 50:
        return [_SELF_SHARE, _TOTAL_SHARE]
    if width < 70:
        return [_SELF_SHARE, _Column(Field.BAR, 6, SortBy.SELF), _TOTAL_SHARE]
    if width < 130:
        return [_SELF_SHARE, _Column(Field.BAR, 8, SortBy.SELF), _SELF, _TOTAL_SHARE]
    return [_SELF_SHARE, _Column(Field.BAR, _wide_bar(width), SortBy.SELF), _SELF, _TOTAL_SHARE, _TOTAL, _SAMPLES]


def _memory_columns(width: int) -> list[_Column]:
    if width < 50:
        return [_HELD, _HELD_IN_ALL]
    if width < 70:
        return [_HELD_SHARE, _HELD, _HELD_IN_ALL]
    bar_width = 7 if width < 130 else _wide_bar(width)
    return [_HELD_SHARE, _Column(Field.BAR, bar_width, HeapSort.SELF), _HELD, _HELD_IN_ALL, _ALLOCATIONS]


def _wide_bar(width: int) -> int:
    return 12 if width < 170 else 18


class HotspotTable(ScrolledCanvas, can_focus=True):
    """A ranked table of functions; the screen ranks, the table draws and asks."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "hotspot-table--heading",
        "hotspot-table--sorted",
        "hotspot-table--number",
        "hotspot-table--bar",
        "hotspot-table--trough",
        "hotspot-table--muted",
        "hotspot-table--cursor",
        "hotspot-table--quiet-cursor",
        "hotspot-table--own",
        "hotspot-table--package",
        "hotspot-table--stdlib",
        "hotspot-table--pseudo",
    }
    DEFAULT_CSS = """
    HotspotTable {
        .hotspot-table--heading { background: $foreground 6%; color: $text-muted; }
        .hotspot-table--sorted { background: $foreground 6%; color: $text; text-style: bold; }
        .hotspot-table--number { color: $text; }
        .hotspot-table--bar { color: $accent; }
        .hotspot-table--trough { color: $foreground 10%; }
        .hotspot-table--muted { color: $text-muted; }
        .hotspot-table--cursor { background: $primary 30%; }
        .hotspot-table--quiet-cursor { background: $foreground 10%; }
        .hotspot-table--own { background: $accent; }
        .hotspot-table--package { background: $secondary; }
        .hotspot-table--stdlib { background: $foreground 28%; }
        .hotspot-table--pseudo { background: $foreground 11%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next function", show=False, id="table.down"),
        Binding("up", "move(-1)", "Previous function", show=False, id="table.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="table.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="table.page_up"),
        Binding("home", "edge(-1)", "First function", show=False, id="table.first"),
        Binding("end", "edge(1)", "Last function", show=False, id="table.last"),
        Binding("enter", "choose", "Show in the flames", show=False, id="table.choose"),
    ]

    class Selected(Message):
        """The cursor was moved onto a function."""

        def __init__(self, hotspot_table: HotspotTable, function: FunctionKey) -> None:
            super().__init__()
            self.hotspot_table = hotspot_table
            self.function = function

        @property
        def control(self) -> HotspotTable:
            """The widget that posted it."""
            return self.hotspot_table

    class Chosen(Selected):
        """A function was asked for: Enter, or a click on the one that has the cursor."""

    class Sorted(Message):
        """A heading was clicked."""

        def __init__(self, hotspot_table: HotspotTable, sort: Ranking) -> None:
            super().__init__()
            self.hotspot_table = hotspot_table
            self.sort = sort

        @property
        def control(self) -> HotspotTable:
            """The widget that posted it."""
            return self.hotspot_table

    def __init__(self, *, empty: str = "", id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._hotspots: Sequence[Hotspot] = ()
        self._sort: Ranking = SortBy.SELF
        self._cwd = ""
        self._greatest = 0.0
        self._given: FunctionKey | None = None
        self._unit = Unit.SECONDS
        self._search: Search | None = None
        self._function: FunctionKey | None = None
        self._empty = empty
        self._paint = FlamePaint(self, "hotspot-table")

    def show(
        self,
        hotspots: Sequence[Hotspot],
        *,
        sort: Ranking = SortBy.SELF,
        unit: Unit = Unit.SECONDS,
        selected: FunctionKey | None = None,
        cwd: str = "",
        search: Search | None = None,
        empty: str = "",
    ) -> None:
        """Draw functions in the order given.

        Args:
            hotspots: Rows, ranked already.
            sort: What they are ranked by; its column is marked, and a ranking of memory gives the columns of memory.
            unit: Unit of the weights.
            selected: The function with the cursor, where the screen has chosen another one.
            cwd: Places are shown relative to it.
            search: What does not match it steps back.
            empty: Why there are no rows.
        """
        if selected != self._given:
            self._function = self._given = selected
        self._hotspots, self._sort, self._unit, self._cwd, self._search = hotspots, sort, unit, cwd, search
        self._greatest = max((row.self_share for row in hotspots), default=0.0)
        self._empty = empty or self._empty
        self.redraw()

    @property
    def cursor(self) -> int | None:
        """Index of the selected function among the rows; None where it is not one of them."""
        return next((i for i, row in enumerate(self._hotspots) if function_key(row.frame) == self._function), None)

    def line_count(self) -> int:
        """Return the number of functions."""
        return len(self._hotspots)

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the names of the columns, with a mark on the one that ranks."""
        row: Row = []
        marked = False
        for column in self._columns(width):
            ranks = column.sort is self._sort and column.field is not Field.BAR
            name = column.field.value
            if ranks and not marked:
                name = f"{name} ▼" if column.field is not Field.FUNCTION else f"{name} ▲"
                marked = True
            pen = self.pen("hotspot-table--sorted" if ranks else "hotspot-table--heading")
            right = column.field not in (Field.FUNCTION, Field.PLACE, Field.BAR)
            lead = "" if right else "  " if column.field is Field.FUNCTION else " "
            row.append(Segment(fit(lead + name, column.width, right=right), pen))
        used = sum(segment.cell_length for segment in row)
        return [*row, Segment(" " * (width + 1 - used), self.pen("hotspot-table--heading"))]

    def draw_row(self, y: int, width: int) -> Row:
        """Return the heading, a function, or the sentence that says why there is none."""
        if not self._hotspots and y == self.HEADING_ROWS + 1 and self._empty:
            return [Segment(fit(f"  {clean(self._empty)}", width), self.pen("hotspot-table--muted"))]
        return super().draw_row(y, width)

    def draw_line(self, index: int, width: int) -> Row:
        """Return one function."""
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

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self.redraw()

    def on_blur(self) -> None:
        """Show the cursor as a quiet one."""
        self.redraw()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        at = self.cursor
        self._go(self.first_line if at is None else at + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        at = self.cursor
        self._go((self.first_line if at is None else at) + step * max(1, self.page_rows - 1))

    def action_edge(self, step: int) -> None:
        """Move the cursor to the first or the last function."""
        self._go(0 if step < 0 else len(self._hotspots) - 1)

    def action_choose(self) -> None:
        """Ask for the selected function."""
        if self.cursor is not None and self._function is not None:
            self.post_message(self.Chosen(self, self._function))

    def on_click(self, event: events.Click) -> None:
        """Select a function, or ask for another order."""
        if event.y < self.HEADING_ROWS:
            at = 0
            for column in self._columns(self.size.width - 1):
                at += column.width
                if event.x < at:
                    if column.sort is not None:
                        self.post_message(self.Sorted(self, column.sort))
                    return
            return
        index = self.first_line + event.y - self.HEADING_ROWS
        if index >= len(self._hotspots):
            return
        if index == self.cursor:
            self.action_choose()
        else:
            self._go(index)

    def _go(self, index: int) -> None:
        if not self._hotspots:
            return
        index = max(0, min(index, len(self._hotspots) - 1))
        self._function = function_key(self._hotspots[index].frame)
        self.reveal(index)
        self.redraw()
        # To the screen at once: a key that was typed right after this one must find the function selected.
        self.screen.post_message(self.Selected(self, self._function))

    def _columns(self, width: int) -> tuple[_Column, ...]:
        return columns_for(width, memory=isinstance(self._sort, HeapSort))

    def _matches(self, hotspot: Hotspot) -> bool:
        assert self._search is not None
        matches = self._search.function_matches
        return 0 <= hotspot.function_id < len(matches) and bool(matches[hotspot.function_id])

    def _cell(self, column: _Column, hotspot: Hotspot, on: str, aside: bool) -> Row:
        muted = self.pen("hotspot-table--muted", on=on)
        number = muted if aside else self.pen("hotspot-table--number", on=on)
        match column.field:
            case Field.BAR:
                return self._bar(hotspot, column.width, on)
            case Field.FUNCTION:
                return self._name_cell(hotspot, column.width, on, aside)
            case Field.PLACE:
                return [Segment(" " + fit_end(_place(hotspot, self._cwd), column.width - 1), muted)]
            case Field.SELF_SHARE:
                return [Segment(_share(hotspot.self_share, column.width), number)]
            case Field.TOTAL_SHARE:
                return [Segment(_share(hotspot.total_share, column.width), number)]
            case Field.SELF:
                return [Segment(fit(format_value(hotspot.self_weight, self._unit), column.width, right=True), number)]
            case Field.TOTAL:
                return [Segment(fit(format_value(hotspot.total_weight, self._unit), column.width, right=True), muted)]
            case Field.SAMPLES | Field.ALLOCATIONS:
                return [Segment(fit(self._count(hotspot), column.width, right=True), muted)]

    def _count(self, hotspot: Hotspot) -> str:
        memory = isinstance(self._sort, HeapSort)
        return f"{hotspot.self_count:,}" if memory else format_count(hotspot.self_count)

    def _bar(self, hotspot: Hotspot, width: int, on: str) -> Row:
        filled, empty = bar(hotspot.self_share / (self._greatest or 1.0), width - 2)
        return [
            Segment(f"  {filled}", self.pen("hotspot-table--bar", on=on)),
            Segment(empty, self.pen("hotspot-table--trough", on=on)),
        ]

    def _name_cell(self, hotspot: Hotspot, width: int, on: str, aside: bool) -> Row:
        below = self.shade(on) if on else self.paper
        strange = aside or is_pseudo(hotspot.frame) or origin(hotspot.frame.file) is not Origin.OWN
        pen = self.pen("hotspot-table--muted" if strange else "hotspot-table--number", on=on)
        chip = self.ink(self._paint.colour(hotspot.frame), below)
        name = short_name(clean(hotspot.frame.function), width - 3)
        return [Segment(" ▌", chip), Segment(name + " ", pen)]


def _share(share: float, width: int) -> str:
    return fit(f"{100 * share:.1f} ", width, right=True)


def _place(hotspot: Hotspot, cwd: str) -> str:
    frame = hotspot.frame
    line = f":{frame.line}" if frame.line else ""
    return clean(place(frame.file, cwd)) + line if frame.file else ""
