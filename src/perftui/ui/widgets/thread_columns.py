"""The columns of the table of threads: which have room, and what stands in them."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from perftui.analysis.thread_rows import ThreadRow, ThreadSort
from perftui.units import Unit, format_bytes, format_count, format_figure, format_percent, format_seconds

LEAST_NAME = 18
_MORE_NAME = 8
"""Cells of a name that come before the columns that are not among the first."""
MOST_NAME = 40
MARK_CELLS = 2
SPARK_CELLS = 8
LEAST_LOOKS = 5
"""Looks from which a ratio of them tells anything."""
_SPARKS = "▁▂▃▄▅▆▇█"


class Column(Enum):
    """What a column shows."""

    IDS = "pid/tid"
    SHARE = "share"
    BAR = ""
    WEIGHT = "seen running"
    COUNT = "samples"
    RUNNING = "running~"
    GIL = "GIL~"
    IDLE = "idle~"
    RECENT = "recent~"
    CPU = "CPU"
    RSS = "RSS"
    THREADS = "threads"
    STATE = "age"


class Placed(NamedTuple):
    """A column with its room."""

    column: Column
    cells: int
    title: str


_CELLS = {
    Column.IDS: 16,
    Column.SHARE: 9,
    Column.BAR: 10,
    Column.WEIGHT: 14,
    Column.COUNT: 10,
    Column.RUNNING: 10,
    Column.GIL: 7,
    Column.IDLE: 8,
    Column.RECENT: SPARK_CELLS + 2,
    Column.CPU: 9,
    Column.RSS: 11,
    Column.THREADS: 9,
    Column.STATE: 12,
}
_TIME = (
    Column.SHARE, Column.RUNNING, Column.CPU, Column.RSS, Column.WEIGHT, Column.GIL, Column.STATE, Column.IDS,
    Column.BAR, Column.RECENT, Column.COUNT, Column.THREADS, Column.IDLE,
)  # fmt: skip
"""What comes first where there is little room."""
_MEMORY = (Column.SHARE, Column.WEIGHT, Column.COUNT, Column.RSS, Column.STATE, Column.IDS, Column.BAR, Column.CPU)
_FIRST = {Column.SHARE, Column.RUNNING, Column.CPU, Column.RSS, Column.WEIGHT, Column.GIL, Column.STATE}
_MEMORY_TITLES = {Column.WEIGHT: "bytes", Column.COUNT: "allocations", Column.IDS: "pid/number"}
_SAMPLES_TITLES = {Column.WEIGHT: "samples"}
_SORTS = {Column.SHARE: ThreadSort.SHARE, Column.WEIGHT: ThreadSort.SHARE, Column.IDS: ThreadSort.PID}


def columns_of(width: int, *, of_memory: bool, merged: bool, of_samples: bool = False) -> list[Placed]:
    """Return the columns that have room beside the names, in the order in which they stand.

    `merged` is for threads of one name: they have no process of their own. `of_samples` is for what nobody knows the
    time of: samples are its weight.
    """
    wanted = [
        column
        for column in (_MEMORY if of_memory else _TIME)
        if not (merged and column in (Column.CPU, Column.RSS, Column.STATE, Column.IDS))
        and not (of_samples and column is Column.COUNT)
    ]
    room = width - MARK_CELLS - LEAST_NAME
    kept: set[Column] = set()
    for column in wanted:
        cells = _cells(column, of_memory=of_memory)
        # A bar is worth less than what a name ends with.
        kept_for_name = 0 if column in _FIRST else _MORE_NAME
        if cells <= room - kept_for_name:
            kept.add(column)
            room -= cells
    titles = _MEMORY_TITLES if of_memory else _SAMPLES_TITLES if of_samples else {}
    return [
        Placed(column, _cells(column, of_memory=of_memory), titles.get(column, column.value))
        for column in Column
        if column in kept
    ]


def _cells(column: Column, *, of_memory: bool) -> int:
    return 14 if of_memory and column is Column.COUNT else _CELLS[column]


def sort_of(column: Column) -> ThreadSort | None:
    """Return what a click on the heading of a column sorts by."""
    return _SORTS.get(column)


def value_of(row: ThreadRow, column: Column, *, whole: float, unit: Unit, now_s: float, recent: bool) -> str:
    """Return what stands in a column; `whole` is what shares are of, `recent` whether the last looks count."""
    record = row.record
    reading = None if record is None or row.is_gone else record.last
    match column:
        case Column.IDS:
            return _ids(row)
        case Column.SHARE:
            return format_percent(100 * row.weight / whole)
        case Column.WEIGHT:
            return format_figure(row.weight, unit)
        case Column.COUNT:
            return f"{row.count:,}" if unit is Unit.BYTES else format_count(row.count)
        case Column.RUNNING | Column.GIL | Column.IDLE:
            return _ratio(row, column, recent=recent)
        case Column.RECENT:
            return spark(row.activity(SPARK_CELLS))
        case Column.CPU:
            return "" if reading is None else _or_dash(reading.cpu_percent, Unit.PERCENT)
        case Column.RSS:
            return "" if reading is None else _or_dash(reading.rss_bytes, Unit.BYTES)
        case Column.THREADS:
            return _threads(row)
        case Column.STATE:
            return _state(row, now_s)
        case Column.BAR:
            return ""


def spark(values: Sequence[float | None]) -> str:
    """Return shares (0 to 1) as a line of blocks; blank where nothing was looked at."""
    return "".join(" " if value is None else _SPARKS[min(7, int(value * 8))] for value in values)


def ended_text(exit_code: int | None) -> str:
    """Return how a process ended: `exit 0`, the name of a signal, or that it has."""
    if exit_code is None:
        return "ended"
    if exit_code >= 0:
        return f"exit {exit_code}"
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"


def _ids(row: ThreadRow) -> str:
    branch = row.branch
    return f"{branch.pid}/{branch.tid}" if row.depth else f"{branch.pid}"


def _threads(row: ThreadRow) -> str:
    reading = None if row.record is None or row.is_gone else row.record.last
    if reading is not None and reading.threads is not None:
        return f"{reading.threads:.0f}"
    return "" if row.depth else f"{len(row.shares)}"


def _state(row: ThreadRow, now_s: float) -> str:
    if row.depth:
        return ""
    if row.has_ended:
        return ended_text(row.exit_code)
    return "" if row.record is None else format_seconds(max(0.0, now_s - row.record.process.created_s))


def _ratio(row: ThreadRow, column: Column, *, recent: bool) -> str:
    ratios = None if row.looks < LEAST_LOOKS else row.ratios(recent=recent)
    if ratios is None:
        return "–"
    running, gil = ratios
    if column is Column.IDLE:
        return f"{100 * (1 - running):.0f} %" if len(row.shares) == 1 else ""
    # A look a second tells halves from tenths, no more: no digits after the point.
    return f"{100 * (running if column is Column.RUNNING else gil):.0f} %"


def _or_dash(value: float | None, unit: Unit) -> str:
    if value is None:
        return "–"
    return format_bytes(value) if unit is Unit.BYTES else f"{value:.0f} %"
