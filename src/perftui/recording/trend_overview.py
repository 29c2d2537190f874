"""All figures of a workload over its sessions: the list that trends are chosen from, and each of them as a trend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from perftui.analysis.operation_figures import FIGURES
from perftui.analysis.trend import changes_of
from perftui.analysis.trend_lines import TrendLine
from perftui.model.trend import Trend, TrendKind
from perftui.recording.session_figures import Column, ReadFigures
from perftui.recording.trend_readings import (
    FUNCTION_FIGURES,
    Measured,
    function_of,
    metric_of,
    operation_of,
    rows_of,
)
from perftui.recording.trends import Read, metric_names, operation_names, runs_with, trend_of_measured
from perftui.storage.groups import Runs

MOST_OPERATIONS = 1_000
MOST_FUNCTIONS = 60
"""The dearest by what they cost in themselves, and as many by their total: a list of more is not looked through."""
_BY_NAME = "by name"
"""Where `thinned` keeps the functions of a session by file and qualified name."""
OPERATION_FIGURES = tuple(name for name in ("median", "mean", "p95", "p99", "throughput") if name in FIGURES)


@dataclass(frozen=True, slots=True)
class Followed:
    """Which figure of operations and of functions is followed."""

    operation: str = "median"
    function: str = "total"

    def next(self, kind: TrendKind) -> Followed:
        """Return what is followed when the next figure of a kind is."""
        if kind is TrendKind.OPERATION:
            return replace(self, operation=_after(OPERATION_FIGURES, self.operation))
        return replace(self, function=_after(FUNCTION_FIGURES, self.function)) if kind is TrendKind.FUNCTION else self

    def of(self, kind: TrendKind) -> str:
        """Return which figure of a kind is followed, in words; nothing for metrics."""
        match kind:
            case TrendKind.OPERATION:
                return self.operation
            case TrendKind.FUNCTION:
                return self.function.replace("_", " ")
            case TrendKind.METRIC:
                return ""


def thinned(read: Read) -> Read:
    """Return what was read of a series with the dearest functions alone: a thousand sessions have many."""
    part = read.parts[Column.FUNCTIONS]
    kept = set(_dearest(part))

    def thin(values: Mapping[str, Any]) -> Mapping[str, Any]:
        rows = [row for row in rows_of(values) if (row[0], row[1]) in kept]
        by_name: dict[tuple[str, str], list[Any]] = {}
        for row in rows:
            by_name.setdefault((row[0], row[1]), []).append(row)
        return {**values, "functions": rows, _BY_NAME: by_name}

    columns = {path: thin(values) for path, values in part.columns.items()}
    return Read(read.series, {**read.parts, Column.FUNCTIONS: ReadFigures(columns, part.unreadable)})


def trend_lines(read: Read, followed: Followed) -> Iterator[TrendLine]:
    """Yield all figures of what `thinned` returned, with their values and without their changes."""
    for name in metric_names(read):
        yield from _line(read, TrendKind.METRIC, name, followed)
    for key in operation_names(read)[:MOST_OPERATIONS]:
        yield from _line(read, TrendKind.OPERATION, key, followed)
    for file, function in _dearest(read.parts[Column.FUNCTIONS], followed.function):
        yield from _line(read, TrendKind.FUNCTION, f"{file}:{function}", followed)


def with_changes(line: TrendLine) -> TrendLine:
    """Return a figure with its changes, which take a while to find."""
    return line if line.changes is not None else replace(line, changes=changes_of(line.values))


def trend_of_line(read: Read, line: TrendLine, followed: Followed) -> tuple[Trend, list[Runs]]:
    """Return the trend of a figure, and what each of its points stands for."""
    found = _found(read, line.kind, line.key, followed)
    subject = line.key
    if line.kind is TrendKind.OPERATION and followed.operation != "median":
        subject = f"{line.key}:{followed.operation}"
    elif line.kind is TrendKind.FUNCTION and followed.function != "total":
        subject = f"{line.key} ({followed.of(line.kind)})"
    return trend_of_measured(read, line.kind, subject, found), runs_with(read, found)


def point_of(runs: Sequence[Runs], session: str) -> int:
    """Return the point that holds a session, by its id; the newest where none does."""
    found = (at for at, each in enumerate(runs) if any(entry.id == session for entry in each.entries))
    return next(found, len(runs) - 1)


def _line(read: Read, kind: TrendKind, key: str, followed: Followed) -> Iterator[TrendLine]:
    found = _found(read, kind, key, followed)
    if not any(measured.seen for measured in found.values()):
        return
    runs = runs_with(read, found)
    values = [median(found[entry.path].value for entry in each.entries if entry.path in found) for each in runs]
    newest = next(found[entry.path] for entry in reversed(runs[-1].entries) if entry.path in found)
    place, _, name = key.rpartition(":") if kind is TrendKind.FUNCTION else ("", "", key)
    yield TrendLine(kind, key, name, place, newest.unit, values, newest.lower_is_better)


def _found(read: Read, kind: TrendKind, key: str, followed: Followed) -> dict[Path, Measured]:
    match kind:
        case TrendKind.METRIC:
            column = Column.FIGURES
        case TrendKind.OPERATION:
            column = Column.OPERATIONS
        case TrendKind.FUNCTION:
            column = Column.FUNCTIONS
    pairs = ((path, _measured(values, kind, key, followed)) for path, values in read.parts[column].columns.items())
    return {path: measured for path, measured in pairs if measured is not None}


def _measured(values: Mapping[str, Any], kind: TrendKind, key: str, followed: Followed) -> Measured | None:
    match kind:
        case TrendKind.METRIC:
            return metric_of(values, name=key)
        case TrendKind.OPERATION:
            return operation_of(values, key, followed.operation)
        case TrendKind.FUNCTION:
            file, _, function = key.rpartition(":")
            rows = values[_BY_NAME].get((file, function), ())
            return function_of({**values, "functions": rows}, file, function, followed.function)


def _dearest(part: ReadFigures, figure: str = "self") -> list[tuple[str, str]]:
    """Return the dearest functions by both figures, ranked by one."""
    sums: dict[tuple[str, str], list[float]] = {}
    for values in part.columns.values():
        for row in rows_of(values):
            both = sums.setdefault((row[0], row[1]), [0.0, 0.0])
            both[0] += row[3]
            both[1] += row[4]
    by_total = sorted(sums, key=lambda key: (-sums[key][0], key))
    by_self = sorted(sums, key=lambda key: (-sums[key][1], key))
    kept = {*by_total[:MOST_FUNCTIONS], *by_self[:MOST_FUNCTIONS]}
    return [key for key in (by_self if figure.startswith("self") else by_total) if key in kept]


def _after(order: Sequence[str], name: str) -> str:
    return order[(order.index(name) + 1) % len(order)]
