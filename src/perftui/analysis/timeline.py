"""Everything that has values over the time of a recording, as lanes over one axis, the same live and from a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from perftui.analysis.heap_timeline import summed
from perftui.analysis.meter_history import MeterSpan, scale_top
from perftui.analysis.pyramid import Columns, Pyramid
from perftui.analysis.series_histories import SeriesHistories
from perftui.analysis.series_lanes import SeriesLanes, drawn_label, drawn_unit
from perftui.model.derivation import DERIVED
from perftui.model.heap import Capture, HeapTimeline
from perftui.model.reading import METERS, ResourceReading
from perftui.model.sample import ThreadLooks
from perftui.model.series import SeriesValues
from perftui.units import Unit

Range = tuple[float, float]
RUNNING, GIL, IDLE = "running", "gil", "idle"
HEAP, _RSS = "heap_bytes", "rss_bytes"
_FIRST_METERS = ("cpu_percent", _RSS, HEAP)
"""What stands directly below the CPU by state, so that it is read together."""
_LEAST_PART = 0.1
"""A span of which less has been sampled says nothing yet."""


class BusyTimes(Protocol):
    """When which weight was sampled: a `TimeIndex`."""

    @property
    def end_s(self) -> float:
        """Up to when samples have come."""

    def busy(self, start_s: float, end_s: float, parts: int) -> list[float]:
        """Return the weight of each of `parts` equal parts of a range."""

    def worst(self, seconds: float, *, beside: Sequence[Range] = ()) -> Range | None:
        """Return the range of so many seconds with most weight that overlaps none of others."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the axis: what it is called and counted in."""

    key: str
    """`running`, `gil`, `idle`, the metric of a meter, or that of an application metric."""
    label: str
    unit: Unit
    of_target: bool = True
    estimate: bool = False
    """Estimated from looks, not counted."""
    told: bool = False
    """An application metric."""


_STATES = (
    Lane(RUNNING, "running", Unit.SECONDS_PER_SECOND),
    Lane(GIL, "GIL est.", Unit.SECONDS_PER_SECOND, estimate=True),
    Lane(IDLE, "idle est.", Unit.SECONDS_PER_SECOND, estimate=True),
)
_METERS = tuple(
    Lane(meter.metric, meter.label, meter.unit, meter.of_target)
    for meter in sorted(METERS, key=lambda meter: meter.metric not in _FIRST_METERS)
)


class Timeline:
    """Meters and the states of threads over the time of a recording; its memory is bounded however long that is."""

    def __init__(self, told: SeriesHistories | None = None) -> None:
        """Begin with nothing; `told` are application metrics, which somebody else adds."""
        self._series = {lane.key: Pyramid() for lane in (*_STATES[1:], *_METERS)}
        self._told = SeriesLanes(told)
        self._told_lanes: tuple[int, tuple[Lane, ...], tuple[Lane, ...]] = (0, (), ())
        self._captured: dict[str, Pyramid] = {}
        """What captures say of memory, once they were read."""
        self.version = 0
        """Another one after each change."""

    def reading(self, reading: ResourceReading) -> None:
        """Take in one look at the meters."""
        self.version += 1
        for lane in _METERS:
            self._series[lane.key].append(reading.at_s, getattr(reading, lane.key))

    def look(self, looks: ThreadLooks) -> None:
        """Take in one look at the threads: how many held the GIL, and how many were idle."""
        self.version += 1
        self._series[GIL].append(looks.at_s, float(sum(seen.holds_gil for seen in looks.threads)))
        self._series[IDLE].append(looks.at_s, float(sum(not seen.active for seen in looks.threads)))

    def told(self, values: SeriesValues) -> None:
        """Take in application metrics that were added to their histories."""
        self.version += 1
        self._told.add(values)

    def captured(self, timelines: Sequence[HeapTimeline], captures: Sequence[Capture] = ()) -> None:
        """Take in all that captures say of the heap and, where they are about every process, of resident memory."""
        self.version += 1
        heap, rss = Pyramid(holds=True), Pyramid(holds=True)
        for at_s, heap_bytes, rss_bytes in summed(timelines):
            heap.append(at_s, heap_bytes)
            rss.append(at_s, rss_bytes)
        self._captured = {HEAP: heap} if timelines else {}
        # Of several processes each has its own high watermark, at another moment.
        exact = captures[0].high_watermark_bytes if len(captures) == 1 else None
        if exact is not None and exact > (heap.peak or 0):
            heap.peak, heap.peak_at_s = float(exact), captures[0].high_watermark_at_s or heap.peak_at_s
        # Of processes that no capture is about, only the readings know.
        if timelines and ((self._series["processes"].peak or 0) <= len(timelines) or not self._is_read(_RSS)):
            self._captured[_RSS] = rss

    def lanes(self) -> tuple[Lane, ...]:
        """Return the lanes that have values, the most telling first; how much ran is always one of them."""
        derived, told = self._lanes_told()
        own = [lane for lane in (*_STATES, *_METERS) if lane.key == RUNNING or self._of(lane).is_measured]
        first = [lane for lane in own if lane in _STATES or lane.key in _FIRST_METERS]
        return (*first, *derived, *(lane for lane in own if lane not in first), *told)

    def _lanes_told(self) -> tuple[tuple[Lane, ...], tuple[Lane, ...]]:
        """Return the lanes of derived series, and those of all others."""
        drawn = self._told.drawn
        if self._told_lanes[0] != len(drawn):
            lanes = [
                (series, Lane(key, drawn_label(series), drawn_unit(series), told=True)) for key, series in drawn.items()
            ]
            derived = tuple(lane for series, lane in lanes if series.origin == DERIVED)
            self._told_lanes = len(drawn), derived, tuple(lane for series, lane in lanes if series.origin != DERIVED)
        return self._told_lanes[1:]

    def stamp(self, lane: Lane) -> tuple[float, int]:
        """Return another value after each change of a lane that is no sum of samples."""
        if lane.told:
            return self._told.version, 0
        return (0, 0) if lane.key == RUNNING else (self._of(lane).version, id(self._of(lane)))

    def span(self, lane: Lane, start_s: float, end_s: float) -> MeterSpan | None:
        """Return the least, mean and greatest value of an application metric in a range; of other lanes nothing."""
        return self._told.span(lane.key, start_s, end_s) if lane.told else None

    def columns(self, lane: Lane, count: int, *, start_s: float, end_s: float, times: BusyTimes) -> Columns:
        """Return a lane in `count` equal spans: seconds a second are exact means, of meters the greatest counts."""
        if lane.key == RUNNING:
            rates = tuple(_rates(times, count, start_s, end_s))
            return Columns(rates, rates)
        if lane.told:
            return self._told.columns(lane.key, count, start_s=start_s, end_s=end_s)
        columns = self._of(lane).columns(count, start_s=start_s, end_s=end_s)
        # That one thread of several held the GIL at some moment is no news: how long it was held is.
        return Columns(columns.mean, columns.mean) if lane.estimate else columns

    def latest(self, lane: Lane, *, times: BusyTimes, now_s: float) -> float | None:
        """Return the newest value of a lane; of seconds a second that of the last second with samples."""
        if lane.key == RUNNING:
            end_s = times.end_s
            return next(_rates(times, 1, max(0.0, end_s - 1.0), end_s), None)
        if lane.told:
            return self._told.history(lane.key).at(now_s)
        return self._of(lane).at(now_s)

    def peak(self, lane: Lane) -> float | None:
        """Return the greatest value over the whole recording; None for what is summed from samples."""
        if lane.told:
            return self._told.history(lane.key).peak
        return None if lane.key == RUNNING else self._of(lane).peak

    def least(self, lane: Lane) -> float:
        """Return the least value of an application metric where it is below zero; meters never are."""
        return min(0.0, self._told.history(lane.key).least or 0.0) if lane.told else 0.0

    def worst(
        self, lane: Lane, seconds: float, *, times: BusyTimes, beside: Sequence[Range] = ()
    ) -> tuple[Range, float] | None:
        """Return the range of so many seconds in which a lane was greatest, the first of equals, and its moment.

        It overlaps none of the ranges that it is to stand beside. None where there is none.
        """
        if lane.key == RUNNING:
            worst = times.worst(seconds, beside=beside)
            return None if worst is None else (worst, sum(worst) / 2)
        at_s = self._peak_at(lane, beside)
        if at_s is None:
            return None
        # A meter says what was since it was read before.
        start_s = max(0.0, at_s - seconds)
        return (start_s, start_s + seconds), at_s

    def _peak_at(self, lane: Lane, beside: Sequence[Range]) -> float | None:
        if lane.told:
            history = self._told.history(lane.key)
            # Only of the greatest value the moment is kept.
            return history.peak_at_s if history.is_measured and not beside else None
        series = self._of(lane)
        return series.peak_beside(beside) if beside else series.peak_at_s if series.is_measured else None

    def _of(self, lane: Lane) -> Pyramid:
        return self._captured.get(lane.key) or self._series[lane.key]

    def _is_read(self, metric: str) -> bool:
        return self._series[metric].is_measured


def value_of(lane: Lane, columns: Columns, part: slice) -> float | None:
    """Return one value for neighbouring columns: the mean of seconds a second, the greatest of meters."""
    known = [value for value in columns.high[part] if value is not None]
    if lane.unit is Unit.SECONDS_PER_SECOND and known:
        # Where nothing ran, nothing was counted; where nobody looked, nothing is known.
        return sum(known) / (len(columns.high[part]) if lane.key == RUNNING else len(known))
    return max(known, default=None)


def _rates(times: BusyTimes, count: int, start_s: float, end_s: float) -> Iterator[float | None]:
    """Yield the weight a second of equal spans; one that samples have not reached the end of is as long as they go."""
    step_s = (end_s - start_s) / count if count > 0 else 0.0
    for column, weight in enumerate(times.busy(start_s, end_s, count) if step_s > 0 else ()):
        covered_s = min(step_s, times.end_s - (start_s + column * step_s))
        yield weight / covered_s if weight > 0 and covered_s > step_s * _LEAST_PART else None


def ends_of(lane: Lane, least: float, highest: float) -> tuple[float, float]:
    """Return the round numbers that the scale of a lane begins and ends with; it begins with zero, or below it."""
    if least >= 0:
        return 0.0, scale_of(lane, highest)
    return -scale_of(lane, -least), scale_of(lane, highest) if highest > 0 else 0.0


def scale_of(lane: Lane, highest: float) -> float:
    """Return the round number that the scale of a lane ends with."""
    if lane.unit is Unit.SECONDS_PER_SECOND:
        return max(1.0, scale_top(highest, Unit.COUNT))
    if lane.told and lane.unit is Unit.PERCENT:
        # Of errors a few percent are much.
        return scale_top(highest, Unit.COUNT)
    return scale_top(highest, lane.unit)
