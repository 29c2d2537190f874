"""The trend of one figure over the sessions of a workload: a metric, an operation or a function, named as people do."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from perftui.analysis.operation_figures import FIGURES
from perftui.analysis.trend import changes_of, noise_pct
from perftui.errors import NoDataError
from perftui.model.trend import Trend, TrendKind, TrendPoint
from perftui.recording.session_figures import Column, Progress, ReadFigures, read_column
from perftui.recording.trend_readings import Measured, function_of, metric_of, operation_of, rows_of
from perftui.recording.workload_series import Series
from perftui.storage.groups import Runs
from perftui.storage.listing import SessionEntry
from perftui.text import printable

_SHOWN = 8
_WORST = ("fail", "inconclusive", "warn", "missing", "pass", "info", "unbudgeted")
_Reader = Callable[[Mapping[str, Any]], Measured | None]


@dataclass(frozen=True, slots=True)
class Read:
    """The figures of the sessions of a series, of which trends are made."""

    series: Series
    parts: Mapping[Column, ReadFigures]


def read_series(series: Series, columns: Iterable[Column] = tuple(Column), progress: Progress | None = None) -> Read:
    """Return the figures of a series; `columns` are the parts that are wanted, the verdicts come with all of them."""
    wanted = dict.fromkeys((Column.FIGURES, *columns))
    return Read(series, {column: read_column(series.entries, column, progress) for column in wanted})


def trend_of(series: Series, subject: str, *, by: str = "total", progress: Progress | None = None) -> Trend:
    """Return the trend of what a person names.

    Args:
        series: The sessions.
        subject: A metric (`wall_s`, `rss_bytes.max`), an operation (`group.name[100]`, with `:p95` for another figure
            than the median) or a function (`work`, `app.py:work`).
        by: Of a function one of `FUNCTION_FIGURES`.
        progress: Is told how far reading is.

    Raises:
        NoDataError: None of the sessions has it; the hint is what is called nearly so.
    """
    # Most of what there is to read are functions: they are only looked at where nothing else is called so.
    for columns in ((Column.FIGURES,), (Column.FIGURES, Column.OPERATIONS)):
        with suppress(NoDataError):
            return trend_in(read_series(series, columns, progress), subject, by=by)
    return trend_in(read_series(series, progress=progress), subject, by=by)


def trend_in(read: Read, subject: str, *, by: str = "total") -> Trend:
    """Return the trend of what a person names, of figures that were read; raises as `trend_of` does."""
    for kind, column, full, reader in _readings(read, subject, by):
        part = read.parts.get(column)
        if part is None:
            continue
        found = {path: measured for path, values in part.columns.items() if (measured := reader(values)) is not None}
        if any(measured.seen for measured in found.values()):
            return trend_of_measured(read, kind, full, found)
    raise _unknown(read, subject)


def metric_names(read: Read) -> list[str]:
    """Return the metrics that sessions of a series have, in the order in which they were measured."""
    return _names(read, Column.FIGURES, "figures")


def operation_names(read: Read) -> list[str]:
    """Return the operations that sessions of a series have."""
    return _names(read, Column.OPERATIONS, "operations")


def function_names(read: Read, *, top: int) -> list[str]:
    """Return the functions that cost most in themselves over the sessions of a series, as `file:function`."""
    sums: dict[str, float] = {}
    for values in _of(read, Column.FUNCTIONS):
        for row in rows_of(values):
            name = f"{row[0]}:{row[1]}"
            sums[name] = sums.get(name, 0.0) + row[4]
    return sorted(sums, key=lambda name: (-sums[name], name))[:top]


def _readings(read: Read, subject: str, by: str) -> Iterator[tuple[TrendKind, Column, str, _Reader]]:
    """Yield what a name can mean, in the order in which it is looked for."""
    for name in (subject, f"{subject}.max" if subject.endswith("_bytes") else f"{subject}.mean"):
        yield TrendKind.METRIC, Column.FIGURES, name, partial(metric_of, name=name)
    key, _, figure = subject.rpartition(":")
    if figure in FIGURES and key:
        yield TrendKind.OPERATION, Column.OPERATIONS, subject, lambda values: operation_of(values, key, figure)
    names = operation_names(read)
    whole = subject if subject in names else _the_one_called(subject, names)
    yield TrendKind.OPERATION, Column.OPERATIONS, whole, lambda values: operation_of(values, whole, "median")
    file, _, function = subject.rpartition(":")
    full = subject if by == "total" else f"{subject} ({by.replace('_', ' ')})"
    yield TrendKind.FUNCTION, Column.FUNCTIONS, full, lambda values: function_of(values, file, function, by)
    if not file:
        last = _last_part(read, function)
        yield TrendKind.FUNCTION, Column.FUNCTIONS, last, lambda values: function_of(values, "", last, by)


def _the_one_called(name: str, names: Sequence[str]) -> str:
    """Return the key of the only operation of a name in all groups, else the name."""
    found = [key for key in names if key.rpartition(".")[2] == name]
    return found[0] if len(found) == 1 else name


def _last_part(read: Read, name: str) -> str:
    """Return the only qualified name that ends so, else the name."""
    every = {row[1] for values in _of(read, Column.FUNCTIONS) for row in rows_of(values)}
    found = [function for function in every if function.rpartition(".")[2] == name]
    return found[0] if len(found) == 1 else name


def trend_of_measured(read: Read, kind: TrendKind, subject: str, found: Mapping[Path, Measured]) -> Trend:
    """Return the trend of a figure of which it is known what it was in each session that has it, at least in one."""
    verdicts = read.parts[Column.FIGURES].columns
    points = [_point(runs, found, verdicts) for runs in runs_with(read, found)]
    measured = [found[entry.path] for entry in read.series.entries if entry.path in found]
    values = [point.value for point in points]
    changes = changes_of(values)
    without = len(read.series.runs) - len(points)
    unreadable = max(part.unreadable for part in read.parts.values())
    remarks = list(read.series.remarks)
    if without > unreadable:
        remarks.append(f"{without - unreadable} of {len(read.series.runs)} have no figure of it")
    if unreadable:
        remarks.append(f"{unreadable} could not be read")
    return Trend(
        subject=subject,
        kind=kind,
        unit=measured[-1].unit,
        workload=read.series.workload,
        host=read.series.host,
        points=tuple(points),
        changes=changes,
        noise_pct=noise_pct(values[changes[-1].at if changes else 0 :]),
        lower_is_better=measured[-1].lower_is_better,
        remarks=tuple(remarks),
    )


def runs_with(read: Read, found: Collection[Path]) -> list[Runs]:
    """Return what the points of a figure stand for that these sessions have, the oldest first."""
    return [runs for runs in read.series.runs if any(entry.path in found for entry in runs.entries)]


def _point(runs: Runs, found: Mapping[Path, Measured], verdicts: Mapping[Path, Mapping[str, Any]]) -> TrendPoint:
    measured = [found[entry.path] for entry in runs.entries if entry.path in found]
    meta = runs.newest.meta
    assert meta is not None, "only what is complete is in a series"
    values = [each.value for each in measured]
    interval = measured[0].interval if len(measured) == 1 else (min(values), max(values))
    facts = meta.environment
    return TrendPoint(
        id=meta.id,
        name=meta.name,
        created=meta.created,
        value=median(values),
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        runs=len(values),
        commit=facts.get("git_commit", ""),
        branch=facts.get("git_branch", ""),
        dirty=facts.get("git_changes") == "yes",
        verdict=_worst(runs.entries, verdicts),
        ref=runs.ref if runs.times > 1 else meta.id,
    )


def _worst(entries: Iterable[SessionEntry], verdicts: Mapping[Path, Mapping[str, Any]]) -> str:
    words = {str(verdicts[entry.path].get("verdict", "")) for entry in entries if entry.path in verdicts}
    return next((word for word in _WORST if word in words), "")


def _of(read: Read, column: Column) -> Iterable[Mapping[str, Any]]:
    part = read.parts.get(column)
    return () if part is None else part.columns.values()


def _names(read: Read, column: Column, table: str) -> list[str]:
    return list(dict.fromkeys(name for values in _of(read, column) for name in values.get(table, {})))


def _unknown(read: Read, subject: str) -> NoDataError:
    functions = dict.fromkeys(row[1] for values in _of(read, Column.FUNCTIONS) for row in rows_of(values))
    names = [*metric_names(read), *operation_names(read), *functions]
    close = difflib.get_close_matches(subject, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(map(printable, close))}?"
    if not close:
        hint = f"there are {', '.join(map(printable, names[:_SHOWN]))}" + (" and more" if len(names) > _SHOWN else "")
    return NoDataError(
        f"no session of {printable(read.series.workload)} has a metric, an operation or a function "
        f"{printable(subject)!r}",
        hint=hint if names else "`perftui show REF` tells what a session holds",
    )
