"""Both sides of a comparison over one axis of time: each begins at its left end, and a cell is as long on both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from perftui.analysis.pyramid import Columns
from perftui.analysis.timeline import BusyTimes, Lane, Range, Timeline, scale_of


class SideName(Enum):
    """Which side of a comparison."""

    BASELINE = "baseline"
    CURRENT = "current"

    @property
    def other(self) -> SideName:
        """The side that it is compared with."""
        return SideName.CURRENT if self is SideName.BASELINE else SideName.BASELINE


@dataclass(frozen=True, slots=True)
class RunTimes:
    """What one run saw when."""

    timeline: Timeline
    times: BusyTimes
    run_s: float
    """Its length."""


class SideTimes:
    """All runs of a side as one: of several, each span of time has the mean of those that lasted so long."""

    def __init__(self, runs: Sequence[RunTimes]) -> None:
        self.runs = tuple(runs)
        self.run_s = max((run.run_s for run in runs), default=0.0)
        """Length of the longest run."""

    def lanes(self) -> tuple[Lane, ...]:
        """Return the lanes that have values in any run, the most telling first."""
        return tuple(dict.fromkeys(lane for run in self.runs for lane in run.timeline.lanes()))

    def columns(self, lane: Lane, count: int, *, end_s: float) -> Columns:
        """Return a lane from 0 to `end_s` in `count` equal spans."""
        found = [
            run.timeline.columns(lane, count, start_s=0.0, end_s=end_s, times=run.times)
            for run in self.runs
            if lane in run.timeline.lanes()
        ]
        if len(found) == 1:
            return found[0]
        return Columns(_means(columns.high for columns in found), _means(columns.mean for columns in found))

    def mean(self, lane: Lane, between: Range | None = None) -> float | None:
        """Return the mean of a lane over each run, or over a range of each, averaged; None where nothing was seen."""
        found: list[float] = []
        for run in self.runs:
            start_s, end_s = between or (0.0, run.run_s)
            columns = run.timeline.columns(lane, 1, start_s=start_s, end_s=min(end_s, run.run_s), times=run.times)
            found.extend(value for value in columns.mean if value is not None)
        return sum(found) / len(found) if found else None

    def worst(self, seconds: float) -> Range | None:
        """Return the busiest range of so many seconds of the first run; None without any."""
        return self.runs[0].times.worst(seconds) if self.runs else None


class PairedTimes:
    """The lanes of both sides, and how long the axis is that both stand over."""

    def __init__(self, baseline: SideTimes, current: SideTimes) -> None:
        self._sides = {SideName.BASELINE: baseline, SideName.CURRENT: current}
        self.span_s = max(baseline.run_s, current.run_s)
        """Length of the axis: that of the longer side."""

    def side(self, side: SideName) -> SideTimes:
        """Return one side."""
        return self._sides[side]

    def lanes(self) -> tuple[Lane, ...]:
        """Return the lanes that either side has, in the order of the baseline, then what only the other has."""
        return tuple(dict.fromkeys(lane for side in self._sides.values() for lane in side.lanes()))

    def columns(self, lane: Lane, count: int) -> dict[SideName, Columns]:
        """Return a lane of both sides, as many spans for as many seconds."""
        return {name: side.columns(lane, count, end_s=self.span_s) for name, side in self._sides.items()}


def shared_top(lane: Lane, columns: Iterable[Columns]) -> float:
    """Return the round number that the scale of both sides ends with: then heights can be held against each other."""
    highest = max((value for side in columns for value in side.high if value is not None), default=0.0)
    return scale_of(lane, highest)


def _means(rows: Iterable[Sequence[float | None]]) -> tuple[float | None, ...]:
    means: list[float | None] = []
    for values in zip(*rows, strict=True):
        known = [value for value in values if value is not None]
        means.append(sum(known) / len(known) if known else None)
    return tuple(means)
