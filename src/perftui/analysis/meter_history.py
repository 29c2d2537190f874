"""What a meter has shown: the whole recording in bounded memory, columns of it to draw, and a scale for them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from itertools import pairwise
from math import ceil, floor, inf, isfinite, log2, log10
from operator import add
from typing import NamedTuple

from perftui.model.reading import METERS, ResourceReading
from perftui.units import Unit

_MOST_POINTS = 4096
"""More than a chart has columns by far; from then on neighbours are merged, and the greater value stays."""
_HOLD = 2.5
"""A value stands for this many times the usual distance of two points; after that nothing was measured."""

_LATEST = 9
"""Points whose distances say how often the meter is read."""
_NOTHING = 1e-9
"""Below it a value is not worth a scale of its own."""


class MeterSpan(NamedTuple):
    """What a meter showed in a range of time."""

    low: float
    mean: float
    """Of the readings, which come evenly."""
    high: float


class MeterHistory:
    """One meter's values over the time of the recording."""

    __slots__ = (
        "_at_s",
        "_counts",
        "_ends_s",
        "_holds",
        "_in_last",
        "_last",
        "_last_s",
        "_lows",
        "_most_points",
        "_per_point",
        "_sums",
        "_values",
        "least",
        "peak",
        "peak_at_s",
    )

    def __init__(self, *, holds: bool = False, most_points: int = _MOST_POINTS) -> None:
        """Begin without a value; where it `holds`, one stands until the next, however long that takes."""
        self._holds = holds
        self._most_points = most_points
        self._at_s = array("d")
        self._values = array("d")
        """The greatest value of each point; beside it the least, their sum and their number."""
        self._lows, self._sums, self._counts = array("d"), array("d"), array("q")
        self._ends_s = array("d")
        """When a value is known to have held no longer; infinity where nobody knows."""
        self._per_point = 1
        """Number of readings that a point stands for."""
        self._in_last = 0
        self._last_s = self._last = 0.0
        self.peak: float | None = None
        self.peak_at_s = 0.0
        self.least: float | None = None

    def __len__(self) -> int:
        return len(self._values)

    @property
    def is_measured(self) -> bool:
        """Whether there was ever a value."""
        return self.peak is not None

    @property
    def count(self) -> int:
        """Number of readings with a value."""
        return sum(self._counts)

    @property
    def last(self) -> float | None:
        """The newest value, however old it is."""
        return self._last if self._values else None

    @property
    def last_s(self) -> float:
        """When the newest value was read; 0 where there is none."""
        return self._last_s

    def append(self, at_s: float, value: float | None) -> None:
        """Add a value; None, where the meter gave nothing, lets the one before hold. Times never go back."""
        if value is None or not isfinite(value):
            return
        self._last_s, self._last = at_s, value
        if self.peak is None or value > self.peak:
            self.peak, self.peak_at_s = value, at_s
        if self.least is None or value < self.least:
            self.least = value
        if 0 < self._in_last < self._per_point:
            self._values[-1] = max(self._values[-1], value)
            self._lows[-1] = min(self._lows[-1], value)
            self._sums[-1] += value
            self._counts[-1] += 1
            self._ends_s[-1] = inf
            self._in_last += 1
            return
        self._at_s.append(at_s)
        for column in (self._values, self._lows, self._sums):
            column.append(value)
        self._counts.append(1)
        self._ends_s.append(inf)
        self._in_last = 1
        if len(self._values) >= self._most_points:
            self._merge_neighbours()

    def end(self, at_s: float) -> None:
        """Take note that the last value, known to be outdated, holds no longer."""
        if self._ends_s and self._ends_s[-1] == inf:
            self._ends_s[-1] = at_s

    @property
    def held(self) -> float | None:
        """The last value as long as nothing is known against it, however old it is."""
        return self._last if self._values and self._ends_s[-1] == inf else None

    def at(self, moment_s: float) -> float | None:
        """Return the last value, or None where it is too old to stand for a moment."""
        if not self._values or moment_s - self._last_s >= self._hold_s() or moment_s >= self._ends_s[-1]:
            return None
        return self._last

    def columns(self, count: int, *, start_s: float, end_s: float) -> list[float | None]:
        """Return the greatest value in each of `count` equal spans; a value holds until the next is due."""
        step_s = (end_s - start_s) / count if count > 0 else 0.0
        if step_s <= 0:
            return [None] * max(0, count)
        at_s, values = self._at_s, self._values
        hold_s = self._hold_s()
        found: list[float | None] = []
        low = bisect_left(at_s, start_s)
        for column in range(count):
            until_s = start_s + (column + 1) * step_s
            high = bisect_left(at_s, until_s, low)
            if high > low:
                found.append(max(values[low:high]))
            else:
                begins_s = until_s - step_s
                holds = low > 0 and begins_s - at_s[low - 1] < hold_s and begins_s < self._ends_s[low - 1]
                found.append(values[low - 1] if holds else None)
            low = high
        return found

    def between(self, start_s: float, end_s: float) -> MeterSpan | None:
        """Return what was shown in a range; where no reading fell into it, the value that held then, if any did.

        Of readings that were merged because there are very many, a point belongs to where it begins.
        """
        first, last = bisect_left(self._at_s, start_s), bisect_left(self._at_s, end_s)
        if first < last:
            mean = sum(self._sums[first:last]) / sum(self._counts[first:last])
            return MeterSpan(min(self._lows[first:last]), mean, max(self._values[first:last]))
        (held,) = self.columns(1, start_s=start_s, end_s=end_s)
        return None if held is None else MeterSpan(held, held, held)

    def _hold_s(self) -> float:
        return inf if self._holds else _HOLD * self._distance_s()

    def _distance_s(self) -> float:
        # The least of some: a pause between two readings is not their usual distance.
        latest = self._at_s[-_LATEST:]
        return min((later - before for before, later in pairwise(latest)), default=1.0) or 1.0

    def _merge_neighbours(self) -> None:
        self._at_s = self._at_s[::2]
        self._values = array("d", map(max, self._values[::2], self._values[1::2]))
        self._lows = array("d", map(min, self._lows[::2], self._lows[1::2]))
        self._sums = array("d", map(add, self._sums[::2], self._sums[1::2]))
        self._counts = array("q", map(add, self._counts[::2], self._counts[1::2]))
        self._ends_s = self._ends_s[1::2]
        self._per_point *= 2
        self._in_last = self._per_point


class MeterHistories:
    """A history for every meter."""

    def __init__(self) -> None:
        self._by_metric = {meter.metric: MeterHistory() for meter in METERS}
        self.last_s = 0.0
        """Time of the last reading."""

    def add(self, reading: ResourceReading) -> None:
        """Add one reading."""
        self.last_s = reading.at_s
        uss = self._by_metric["uss_bytes"]
        # It is read more seldom than what is resident, which it is a part of.
        if reading.rss_bytes is not None and (uss.held or 0.0) > reading.rss_bytes:
            uss.end(reading.at_s)
        for metric, history in self._by_metric.items():
            history.append(reading.at_s, getattr(reading, metric))

    @property
    def by_metric(self) -> Mapping[str, MeterHistory]:
        """Histories by the field of a reading that they hold."""
        return self._by_metric


def scale_top(highest: float, unit: Unit) -> float:
    """Return the round number that a scale ends with, so that `highest` lies below it.

    Percentages end with 100 where they can: their whole is known. Bytes end with a power of two, or with one and a
    half of it.
    """
    if unit is Unit.PERCENT and highest <= 100:
        return 100.0
    if highest < _NOTHING:
        return 1024.0 if unit in (Unit.BYTES, Unit.BYTES_PER_SECOND) else 1.0
    if unit in (Unit.BYTES, Unit.BYTES_PER_SECOND):
        below = 2.0 ** floor(log2(highest))
        return next(step * below for step in (1.0, 1.5, 2.0, 3.0) if step * below >= highest)
    if unit is Unit.COUNT and highest > 1:
        highest = ceil(highest)
    below = 10.0 ** floor(log10(highest))
    return next(
        step * below for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 20.0) if step * below >= highest
    )
