"""Growth: how fast a series rises in the long run, and how sure that is.

The slope is the median of the slopes between all pairs of points (Theil 1950, Sen 1968), which spikes and collections
of garbage hardly move. Its 95 % interval is Sen's, by the variance of Kendall's statistic. That takes points as
independent, which memory never is, so the variance is multiplied by (1 + r) / (1 - r) for a lag-one correlation r of
what the line leaves over, as is usual for series that remember (Bayley and Hammersley 1946; Yue and Wang 2004).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, inf, isfinite, sqrt
from statistics import median

MOST_POINTS = 300
"""Readings beyond it are averaged in pairs: 45,000 pairs of points take some 15 ms, and a finer series says no more."""
FEWEST_POINTS = 10
"""Below it the variance of Kendall's statistic is no normal one."""
WARM_UP_S = 5.0
WARM_UP_SHARE = 0.1
"""What comes first is not growth but start: modules, caches, pools. Skipped is the longer of both."""
SHORTEST_S = 5.0
"""A slope per minute from less time than that is an extrapolation."""
_Z = 1.96
_MOST_CORRELATED = 0.99
# While a run goes on its slope is worth computing again when a twentieth has been added.
_RENEW_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Slope:
    """How fast something rises, per second of the series' own clock."""

    per_s: float
    low: float
    """Lower end of the 95 % interval."""
    high: float
    points: int
    span_s: float
    """Time from the first to the last point."""


class Growth:
    """A series that is fed in order of time, and its slope after the warm-up; memory and work are bounded."""

    __slots__ = ("_at_s", "_first_s", "_in_last", "_known", "_known_points", "_last_s", "_per_point", "_values")

    def __init__(self) -> None:
        self._at_s = array("d")
        self._values = array("d")
        self._per_point = 1
        """Values that a full point is the mean of."""
        self._in_last = 0
        self._first_s = inf
        self._last_s = 0.0
        self._known: Slope | None = None
        self._known_points = 0.0

    @property
    def is_measured(self) -> bool:
        """Whether there was ever a value."""
        return bool(self._values)

    def add(self, at_s: float, value: float | None) -> None:
        """Take in a value; None says that it could not be measured."""
        if value is None or not isfinite(value):
            return
        self._first_s, self._last_s = min(self._first_s, at_s), at_s
        if 0 < self._in_last < self._per_point:
            share = 1 / (self._in_last + 1)
            self._at_s[-1] += (at_s - self._at_s[-1]) * share
            self._values[-1] += (value - self._values[-1]) * share
            self._in_last += 1
            return
        if len(self._values) >= MOST_POINTS:
            self._halve()
        self._at_s.append(at_s)
        self._values.append(value)
        self._in_last = 1

    def slope(self, *, fresh: bool = False) -> Slope | None:
        """Return the slope, or None where there is too little to tell.

        Unless a fresh one is wanted, the one from before is good until the series is longer by a twentieth.
        """
        read = self._per_point * len(self._values)
        if fresh or self._known is None or read >= (1 + _RENEW_SHARE) * self._known_points:
            self._known, self._known_points = self._computed(), read
        return self._known

    def _computed(self) -> Slope | None:
        if not self._values:
            return None
        begin_s = self._first_s + max(WARM_UP_S, WARM_UP_SHARE * (self._last_s - self._first_s))
        begin = next((i for i, at_s in enumerate(self._at_s) if at_s >= begin_s), len(self._at_s))
        return theil_sen(self._at_s[begin:], self._values[begin:])

    def _halve(self) -> None:
        for column in (self._at_s, self._values):
            column[:] = array("d", [(one + other) / 2 for one, other in zip(column[::2], column[1::2], strict=True)])
        self._per_point *= 2


def growth_of(at_s: Sequence[float], values: Sequence[float]) -> Growth:
    """Return the growth of a whole series, in order of time."""
    growth = Growth()
    for at, value in zip(at_s, values, strict=True):
        growth.add(at, value)
    return growth


def theil_sen(at_s: Sequence[float], values: Sequence[float]) -> Slope | None:
    """Return the median slope of points in order of time, or None where they are too few or too close."""
    points = len(at_s)
    if points < FEWEST_POINTS or at_s[-1] - at_s[0] < SHORTEST_S:
        return None
    slopes = sorted(
        (values[j] - values[i]) / (at_s[j] - at_s[i])
        for i in range(points)
        for j in range(i + 1, points)
        if at_s[j] > at_s[i]
    )
    middle = median(slopes)
    half = _Z * sqrt(_kendall_variance(points) * _inflation(at_s, values, middle))
    lowest, highest = floor((len(slopes) - half) / 2), ceil((len(slopes) + half) / 2)
    return Slope(
        per_s=middle,
        low=slopes[max(0, lowest)],
        high=slopes[min(len(slopes) - 1, highest)],
        points=points,
        span_s=at_s[-1] - at_s[0],
    )


def _kendall_variance(points: int) -> float:
    return points * (points - 1) * (2 * points + 5) / 18


def _inflation(at_s: Sequence[float], values: Sequence[float], slope: float) -> float:
    left = [value - slope * at for at, value in zip(at_s, values, strict=True)]
    mean = sum(left) / len(left)
    left = [value - mean for value in left]
    whole = sum(value * value for value in left)
    if whole <= 0:
        return 1.0
    correlation = sum(one * other for one, other in pairwise(left)) / whole
    # Of few points the correlation comes out too small (Kendall 1954).
    correlation = (len(left) * correlation + 1) / (len(left) - 4)
    correlation = min(_MOST_CORRELATED, max(0.0, correlation))
    return (1 + correlation) / (1 - correlation)
