"""Advice as lines of so many cells: findings with where, bottlenecks, and where threads wait."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from textwrap import wrap
from typing import NamedTuple

from perftui.analysis.code_origin import place
from perftui.analysis.operation_count import MANY, count_words
from perftui.model.finding import Bottleneck, Finding, Severity, WaitingAt
from perftui.model.frame import Frame
from perftui.recording.advising import Advice, why_no_waiting
from perftui.ui.widgets.cells import clean, fit, fit_end, width_of
from perftui.units import format_count, format_percent, format_seconds, format_short_seconds

WORD = 11
"""Cells of a sign and the word of a severity, with the blanks around them."""
SIGNS = {Severity.HIGH: "▲", Severity.MEDIUM: "△", Severity.LOW: "·"}
"""Beside the words, so that they are told apart without colours and without reading."""
_LEAST_TEXT = 20
_LEAST_NAME = 28
"""Cells from which names of functions tell something; columns give way to them."""
_MOST_NAME = 60
_PER, _PER_MANY = "per op", f"× {MANY:,}"
_TOTALS_OVERLAP = "Totals overlap: a function's time is also its callers'. Self times add up to the whole."


class Part(Enum):
    """What a line is."""

    TITLE = "title"
    TEXT = "text"
    PLACE = "place"
    GAP = "gap"
    HEADING = "heading"
    ROW = "row"
    WAITING_HEADING = "waiting heading"
    WAITING = "waiting"
    NOTE = "note"


class Line(NamedTuple):
    """One line of the pane."""

    part: Part
    text: str = ""
    item: int = -1
    """Finding, after all of these bottleneck, after these place of waiting, that it belongs to; -1 for none."""


class Column(NamedTuple):
    """A column of figures in the table of bottlenecks."""

    title: str
    cells: int


def lines_of(advice: Advice, width: int, *, cwd: str, none: str) -> list[Line]:
    """Return all lines in their order; `none` says why there is no finding."""
    return list(_lines(advice, width, cwd, none))


def _lines(advice: Advice, width: int, cwd: str, none: str) -> Iterator[Line]:
    room = max(_LEAST_TEXT, width - WORD)
    for number, finding in enumerate(advice.findings):
        if number:
            yield Line(Part.GAP)
        yield from (Line(part, text, number) for part, text in _finding(finding, room, cwd))
    if not advice.findings:
        yield from (Line(Part.NOTE, text) for text in wrap(none, max(_LEAST_TEXT, width - 2)))
    if advice.bottlenecks:
        yield Line(Part.GAP)
        yield Line(Part.HEADING)
        first = len(advice.findings)
        yield from (Line(Part.ROW, "", first + number) for number in range(len(advice.bottlenecks)))
        yield from (Line(Part.NOTE, text) for text in wrap(_below(advice), max(_LEAST_TEXT, width - 2)))
    yield Line(Part.GAP)
    if advice.waiting:
        yield Line(Part.WAITING_HEADING)
        first = len(advice.findings) + len(advice.bottlenecks)
        yield from (Line(Part.WAITING, "", first + number) for number in range(len(advice.waiting)))
    else:
        yield from (Line(Part.NOTE, text) for text in wrap(why_no_waiting(advice), max(_LEAST_TEXT, width - 2)))


def _below(advice: Advice) -> str:
    """Return what has to be known of the table of bottlenecks."""
    count = advice.operations
    return f"{_TOTALS_OVERLAP} {clean(count_words(count, advice.sampled_s))}" if count else _TOTALS_OVERLAP


def _finding(finding: Finding, room: int, cwd: str) -> Iterator[tuple[Part, str]]:
    first, *rest = wrap(clean(finding.title), room) or [""]
    yield Part.TITLE, first
    yield from ((Part.TEXT, text) for text in rest)
    if finding.place is not None:
        yield Part.PLACE, _where(finding.place, finding.place_share, room, cwd)
    yield from ((Part.TEXT, text) for text in wrap(clean(finding.evidence), room))
    yield from ((Part.TEXT, text) for text in wrap(f"→ {clean(finding.suggestion)}", room, subsequent_indent="  "))


def _where(frame: Frame, share: float, room: int, cwd: str) -> str:
    """Return a function with its line; the name of the file gives way from its front."""
    function, where = clean(frame.function), place_of(frame, cwd)
    part = f"  ({format_percent(100 * share)} of it)" if 0 < share < 1 else ""
    left = room - width_of(function) - width_of(part) - 5
    if left < _LEAST_TEXT:
        return fit(f"at {fit_end(where, min(width_of(where), room - 3))}", room).rstrip()
    return f"at {function}  {fit_end(where, min(width_of(where), left))}{part}"


def place_of(frame: Frame, cwd: str) -> str:
    """Return file and line of a frame, safe to be drawn."""
    where = clean(place(frame.file, cwd))
    return f"{where}:{frame.line}" if frame.line else where


# Where threads wait.

WAITING_CELLS = (9, 18, 8)


def waiting_titles(advice: Advice) -> tuple[str, ...]:
    """Return the titles of the figures of places where threads wait, and of the places."""
    looks = "1 look" if advice.looks == 1 else f"{advice.looks} looks"
    return "threads", f"of {looks}", "≥ 2", "  waiting at"


def waiting_cells(row: WaitingAt, looks: int) -> tuple[str, ...]:
    """Return how many wait in a place, in how many looks, and in how many at least two."""
    return f"{row.threads:.2f}", f"{row.found} ({format_percent(100 * row.found / looks)})", str(row.crowded)


def waiting_name(row: WaitingAt, room: int, cwd: str) -> tuple[str, str]:
    """Return where threads wait in so many cells: the own function, its line, and what it waits in."""
    at = row.own or row.leaf
    function, where = clean(at.function), place_of(at, cwd)
    inner = "" if row.own in (None, row.leaf) else f"  in {clean(row.leaf.function)}"
    name = min(width_of(function), _MOST_NAME, room)
    left = room - name - 2 - width_of(inner)
    if left < 12:
        inner, left = "", room - name - 2
    if left < 12:
        return fit(function, room), ""
    return fit(function, name), f"  {fit_end(where, min(width_of(where), left))}{inner}"


# The table of bottlenecks.


def columns_for(width: int, advice: Advice) -> tuple[Column, ...]:
    """Return the columns that have room beside a name; what is told least of gives way first."""
    faster = Column(f"{advice.times:g}× faster", 2 + max(len(f"{advice.times:g}× faster"), *_widths(advice), 0))
    per = [Column(_PER, 11), Column(_PER_MANY, 11)] if advice.operations else []
    every = (
        *(Column("total %", 9), Column("saves", 9), *per[:1], faster),
        *(Column("self %", 9), *per[1:], Column("self", 10), Column("samples", 9)),
    )
    chosen: list[Column] = []
    for column in every:
        if sum(each.cells for each in chosen) + column.cells + _LEAST_NAME <= width:
            chosen.append(column)
    order = ("total %", "self %", "self", "samples", _PER, _PER_MANY, faster.title, "saves")
    return tuple(sorted(chosen, key=lambda column: order.index(column.title)))


def cell_of(column: Column, row: Bottleneck, whole_s: float) -> str:
    """Return the words of a figure, as many cells as its column has."""
    match column.title:
        case "total %":
            text = format_percent(100 * row.total_share)
        case "self %":
            text = format_percent(100 * row.self_share)
        case "self":
            text = format_seconds(row.self_s)
        case "samples":
            text = format_count(row.samples)
        case "per op":
            text = _for_each(row, 1)
        case "× 10,000":
            text = _for_each(row, MANY)
        case "saves":
            text = format_percent(100 * row.gain)
        case _:
            text = _change(row, whole_s)
    return fit(text, column.cells, right=True)


def name_of(row: Bottleneck, room: int, cwd: str) -> tuple[str, str]:
    """Return the function and its place in so many cells together; the place only where some of it can be read."""
    function, where = clean(row.frame.function), place_of(row.frame, cwd)
    name = min(width_of(function), _MOST_NAME, room)
    left = room - name - 2
    if left < 12:
        return fit(function, room), ""
    return fit(function, name), f"  {fit_end(where, min(width_of(where), left))}"


def _change(row: Bottleneck, whole_s: float) -> str:
    return f"{format_seconds(whole_s)} → {format_seconds(row.whole_after_s)}"


def _widths(advice: Advice) -> list[int]:
    return [width_of(_change(row, advice.sampled_s)) for row in advice.bottlenecks]


def _for_each(row: Bottleneck, operations: int) -> str:
    return "" if row.per_operation_s is None else format_short_seconds(operations * row.per_operation_s)
