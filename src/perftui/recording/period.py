"""What happened to all workloads in a period: their runs and verdicts, what changed, what took longest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median

from perftui.errors import NoDataError
from perftui.model.trend import Trend, TrendChange, TrendPoint
from perftui.recording.session_figures import Column, Progress
from perftui.recording.trends import (
    Read,
    function_names,
    metric_names,
    operation_names,
    read_series,
    trend_in,
)
from perftui.recording.workload_series import Series, all_series
from perftui.storage.listing import SessionEntry
from perftui.text import printable

FOLLOWED = ("wall_s", "cpu_s", "rss_bytes.max", "heap_peak_bytes", "allocated_bytes", "leaked_bytes")
"""Metrics of a whole run whose trend every report of a period tells, where they were measured."""
MOST_OPERATIONS = 500
"""Of a workload; a report of more is read by nobody."""


@dataclass(frozen=True, slots=True)
class PeriodWorkload:
    """One workload on one machine in a period."""

    workload: str
    host: str
    points: tuple[TrendPoint, ...]
    """Its sessions of the period, the oldest first, each with its duration as the value."""
    sessions: int
    """Files; runs of a group are one point."""
    verdicts: Mapping[str, int]
    """How many points have each verdict as their worst."""
    trends: tuple[Trend, ...]
    """Over all of its sessions, also those of before the period."""

    @property
    def median_s(self) -> float:
        """Duration of the one in the middle."""
        return median(point.value for point in self.points)


@dataclass(frozen=True, slots=True)
class PeriodChange:
    """A change that happened in the period."""

    trend: Trend
    change: TrendChange

    @property
    def point(self) -> TrendPoint:
        """The first session of the new level."""
        return self.trend.points[self.change.at]

    @property
    def is_worse(self) -> bool:
        """Whether it went the wrong way."""
        return (self.change.after > self.change.before) is self.trend.lower_is_better


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """Everything that is said of a period."""

    period: str
    """As a person wrote it: `7d`."""
    workloads: tuple[PeriodWorkload, ...]
    changes: tuple[PeriodChange, ...]
    """What became worse first, the greatest change first."""
    unreadable: int = 0
    """Files that could not be read."""


def period_report(
    entries: Sequence[SessionEntry],
    since_s: float,
    period: str,
    *,
    workload: str = "",
    progress: Progress | None = None,
) -> PeriodReport:
    """Return what happened from a moment on (seconds since 1970); of one workload, or of all.

    Raises:
        NoDataError: There is no complete session of that time.
    """
    found = [series for series in all_series(entries) if not workload or series.workload == workload]
    current = [_workload(series, since_s, progress) for series in found if _is_in(series, since_s)]
    if not current:
        of = f" of the workload {printable(workload)!r}" if workload else ""
        raise NoDataError(f"no session{of} was recorded in the last {printable(period)}", hint="give a longer --since")
    workloads = tuple(each for each, _ in current)
    changes = [change for _, changed in current for change in changed]
    return PeriodReport(
        period=period,
        workloads=workloads,
        changes=tuple(sorted(changes, key=_rank)),
        unreadable=sum(entry.meta is None and entry.age_key[0] >= since_s for entry in entries),
    )


def followed_trends(read: Read, *, functions: int = 0) -> list[Trend]:
    """Return the trends that reports tell of a series: of whole runs, of its operations, of its dearest functions."""
    known = set(metric_names(read))
    names = [name for name in FOLLOWED if name in known] + operation_names(read)[:MOST_OPERATIONS]
    trends = []
    for name in (*names, *function_names(read, top=functions)):
        # An operation of which its tool told no median has none.
        with suppress(NoDataError):
            trends.append(trend_in(read, name))
    return trends


def _is_in(series: Series, since_s: float) -> bool:
    return series.runs[-1].newest.age_key[0] >= since_s


def _workload(series: Series, since_s: float, progress: Progress | None) -> tuple[PeriodWorkload, list[PeriodChange]]:
    read = read_series(series, (Column.FIGURES, Column.OPERATIONS), progress)
    trends = followed_trends(read)
    recent = {entry.id for runs in series.runs for entry in runs.entries if entry.age_key[0] >= since_s}
    points = _durations(series, trends, recent)
    changes = [
        PeriodChange(trend, change)
        for trend in trends
        for change in trend.changes
        if trend.points[change.at].id in recent
    ]
    workload = PeriodWorkload(
        series.workload,
        series.host,
        points,
        sum(entry.id in recent for entry in series.entries),
        Counter(point.verdict for point in points if point.verdict),
        tuple(trends),
    )
    return workload, changes


def _durations(series: Series, trends: Sequence[Trend], recent: set[str]) -> tuple[TrendPoint, ...]:
    wall = next((trend for trend in trends if trend.subject == "wall_s"), None)
    if wall is not None:
        return tuple(point for point in wall.points if point.id in recent)
    metas = [runs.newest.meta for runs in series.runs if runs.newest.id in recent]
    return tuple(TrendPoint(meta.id, meta.name, meta.created, meta.duration_s) for meta in metas if meta is not None)


def _rank(change: PeriodChange) -> tuple[bool, float]:
    size = change.change.change_pct
    return not change.is_worse, -abs(size) if size is not None else float("-inf")
