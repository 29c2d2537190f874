"""The trend of one figure over the sessions of a workload: a metric, an operation or a function, named as people do."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from perftui.analysis.operation_figures import FIGURES
from perftui.analysis.statistics.dispersion import SUPPOSED_DISPERSION
from perftui.analysis.trend import changes_of, noise_pct, sampled_interval
from perftui.errors import NoDataError
from perftui.model.trend import Trend, TrendKind, TrendPoint
from perftui.recording.session_figures import Column, Progress, ReadFigures, read_column
from perftui.recording.workload_series import Series
from perftui.storage.groups import Runs
from perftui.storage.listing import SessionEntry
from perftui.text import printable
from perftui.units import Unit

FUNCTION_FIGURES = ("total", "self", "total_share", "self_share")
"""What of a function is followed: seconds of a run, or percent of what was sampled."""
_HIGHER_IS_BETTER = ("throughput", "success_pct")
_SHOWN = 8
_WORST = ("fail", "inconclusive", "warn", "missing", "pass", "info", "unbudgeted")


@dataclass(frozen=True, slots=True)
class _Measured:
    """One figure of one session."""

    value: float
    unit: Unit
    interval: tuple[float, float] | None = None
    lower_is_better: bool = True
    seen: bool = True
    """False for a function that no sample saw, in a session of which all functions are known."""


_Reader = Callable[[Mapping[str, Any]], _Measured | None]


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
            return _trend(read, kind, full, found)
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
        for row in _rows(values):
            name = f"{row[0]}:{row[1]}"
            sums[name] = sums.get(name, 0.0) + row[4]
    return sorted(sums, key=lambda name: (-sums[name], name))[:top]


def _readings(read: Read, subject: str, by: str) -> Iterator[tuple[TrendKind, Column, str, _Reader]]:
    """Yield what a name can mean, in the order in which it is looked for."""
    for name in (subject, f"{subject}.max" if subject.endswith("_bytes") else f"{subject}.mean"):
        yield TrendKind.METRIC, Column.FIGURES, name, partial(_metric, name=name)
    key, _, figure = subject.rpartition(":")
    if figure in FIGURES and key:
        yield TrendKind.OPERATION, Column.OPERATIONS, subject, lambda values: _operation(values, key, figure)
    names = operation_names(read)
    whole = subject if subject in names else _the_one_called(subject, names)
    yield TrendKind.OPERATION, Column.OPERATIONS, whole, lambda values: _operation(values, whole, "median")
    file, _, function = subject.rpartition(":")
    full = subject if by == "total" else f"{subject} ({by.replace('_', ' ')})"
    yield TrendKind.FUNCTION, Column.FUNCTIONS, full, lambda values: _function(values, file, function, by)
    if not file:
        last = _last_part(read, function)
        yield TrendKind.FUNCTION, Column.FUNCTIONS, last, lambda values: _function(values, "", last, by)


def _the_one_called(name: str, names: Sequence[str]) -> str:
    """Return the key of the only operation of a name in all groups, else the name."""
    found = [key for key in names if key.rpartition(".")[2] == name]
    return found[0] if len(found) == 1 else name


def _last_part(read: Read, name: str) -> str:
    """Return the only qualified name that ends so, else the name."""
    every = {row[1] for values in _of(read, Column.FUNCTIONS) for row in _rows(values)}
    found = [function for function in every if function.rpartition(".")[2] == name]
    return found[0] if len(found) == 1 else name


def _metric(values: Mapping[str, Any], *, name: str) -> _Measured | None:
    found = values.get("figures", {}).get(name)
    return None if found is None else _Measured(float(found[1]), Unit(found[0]))


def _operation(values: Mapping[str, Any], key: str, figure: str) -> _Measured | None:
    operation = values.get("operations", {}).get(key)
    found = None if operation is None else operation["figures"].get(figure)
    if found is None:
        return None
    interval = operation["median_interval"] if figure in ("median", "p50") else None
    lower = figure not in _HIGHER_IS_BETTER and bool(operation["lower_is_better"])
    return _Measured(float(found[1]), Unit(found[0]), tuple(interval) if interval else None, lower)


def _function(values: Mapping[str, Any], file: str, function: str, by: str) -> _Measured | None:
    rows = [row for row in _rows(values) if row[1] == function and _is_file(row[0], file)]
    seconds = float(values.get("seconds", 0.0))
    if not rows:
        # Where all functions are known, one that no sample saw cost nothing; else nobody knows.
        unit = Unit.PERCENT if by.endswith("share") else Unit.SECONDS
        return _Measured(0.0, unit, seen=False) if values.get("all") and seconds else None
    weight = sum(row[4] if by.startswith("self") else row[3] for row in rows)
    samples = 0 if by.startswith("self") else sum(row[2] for row in rows)
    interval = sampled_interval(weight, samples, dispersion=SUPPOSED_DISPERSION)
    if not by.endswith("share"):
        return _Measured(weight, Unit.SECONDS, interval)
    scale = 100 / seconds if seconds else 0.0
    return _Measured(
        weight * scale, Unit.PERCENT, None if interval is None else (interval[0] * scale, interval[1] * scale)
    )


def _is_file(file: str, wanted: str) -> bool:
    return not wanted or file == wanted or file.endswith(f"/{wanted}")


def _trend(read: Read, kind: TrendKind, subject: str, found: Mapping[Path, _Measured]) -> Trend:
    verdicts = read.parts[Column.FIGURES].columns
    points = [point for runs in read.series.runs if (point := _point(runs, found, verdicts)) is not None]
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


def _point(
    runs: Runs, found: Mapping[Path, _Measured], verdicts: Mapping[Path, Mapping[str, Any]]
) -> TrendPoint | None:
    measured = [found[entry.path] for entry in runs.entries if entry.path in found]
    meta = runs.newest.meta
    if not measured or meta is None:
        return None
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


def _rows(values: Mapping[str, Any]) -> Sequence[Any]:
    rows: Sequence[Any] = values.get("functions", [])
    return rows


def _names(read: Read, column: Column, table: str) -> list[str]:
    return list(dict.fromkeys(name for values in _of(read, column) for name in values.get(table, {})))


def _unknown(read: Read, subject: str) -> NoDataError:
    functions = dict.fromkeys(row[1] for values in _of(read, Column.FUNCTIONS) for row in _rows(values))
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
