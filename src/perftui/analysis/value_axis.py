"""An axis of values, linear or logarithmic: where a value lies on it, and which values are written below it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, exp, floor, isfinite, log, log10

LINEAR_UP_TO = 30.0
"""Ratio of the greatest to the least value from which the small ones could not be told apart on a linear axis."""
MOST_STRETCH = 2.0
"""A limit is on the axis while that makes the axis at most so many times as long as the values need."""
_ALONE = 0.05
"""What a single value has around it, relative to it."""
_STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """From a least to a greater value."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies, 0 at the low end and 1 at the high one; what lies beyond lies at that end."""
        if value <= self.low:
            return 0.0
        if value >= self.high:
            return 1.0
        if self.log:
            return (log(value) - log(self.low)) / (log(self.high) - log(self.low))
        return (value - self.low) / (self.high - self.low)

    def cell(self, value: float, cells: int) -> int:
        """Return the cell, from 0, that a value falls into."""
        return min(cells - 1, int(self.place(value) * cells))

    def value(self, place: float) -> float:
        """Return the value at a place, 0 to 1."""
        if self.log:
            value = exp(log(self.low) + place * (log(self.high) - log(self.low)))
            return min(max(value, self.low), self.high)
        return self.low + (self.high - self.low) * place

    def edges(self, cells: int) -> list[float]:
        """Return the upper ends of all cells but the last, which has none."""
        return [self.value(cell / cells) for cell in range(1, cells)]

    def holds(self, value: float) -> bool:
        """Say whether a value lies on the axis."""
        return self.low <= value <= self.high

    def ticks(self, most: int) -> list[float]:
        """Return round values on the axis, ascending, at most so many."""
        if most < 1:
            return []
        found = self._decades(most) if self.log else self._steps(most)
        return [value for value in found if self.holds(value)]

    def _steps(self, most: int) -> list[float]:
        rough = (self.high - self.low) / most
        power = 10.0 ** floor(log10(rough))
        step = next((each * power for each in _STEPS if each * power >= rough * (1 - 1e-9)), 10 * power)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        if last - first >= most:
            first += 1
        return [number * step for number in range(first, min(last, first + most - 1) + 1)]

    def _decades(self, most: int) -> list[float]:
        first, last = floor(log10(self.low)), ceil(log10(self.high))
        for parts in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
            found = [part * 10.0**power for power in range(first, last + 1) for part in parts]
            found = [value for value in found if self.holds(value)]
            if len(found) <= most:
                return found
        every = ceil(len(found) / most)
        return found[::every]


def axis_of(extents: Iterable[tuple[float, float]], *, limits: Iterable[float] = ()) -> ValueAxis | None:
    """Return an axis for values that lie between some least and greatest ones; None without any that is finite.

    It is logarithmic where all are above zero and far apart. Limits are on it while that does not press the values
    together.
    """
    ends = [(low, high) for low, high in extents if isfinite(low) and isfinite(high)]
    if not ends:
        return None
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if low == high:
        around = abs(low) * _ALONE or 1.0
        low, high = low - around, high + around
    axis = _between(low, high)
    for limit in sorted(limits, key=lambda limit: abs(limit - (low + high) / 2)):
        wider = _between(min(axis.low, limit), max(axis.high, limit)) if isfinite(limit) else axis
        if _length(wider, log_scale=axis.log) <= MOST_STRETCH * _length(_between(low, high), log_scale=axis.log):
            axis = ValueAxis(wider.low, wider.high, axis.log)
    return axis


def _between(low: float, high: float) -> ValueAxis:
    return ValueAxis(low, high, log=low > 0 and high / low > LINEAR_UP_TO)


def _length(axis: ValueAxis, *, log_scale: bool) -> float:
    if not log_scale:
        return axis.high - axis.low
    return log(axis.high) - log(axis.low) if axis.low > 0 else float("inf")
