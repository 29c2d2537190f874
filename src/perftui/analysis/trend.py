"""Where the figures of a series of sessions changed, and how much they scatter where they did not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor, sqrt
from statistics import median

from perftui.analysis.statistics.change_points import change_points
from perftui.model.trend import TrendChange

_TO_SIGMA = 1.4826
_FEWEST = 3
_FEWEST_FOR_INTERVAL = 6
_NORMAL_95 = 1.96


def changes_of(values: Sequence[float]) -> tuple[TrendChange, ...]:
    """Return where values in order of time stepped, with the medians of the levels on both sides."""
    ends = [0, *change_points(values), len(values)]
    levels = [median(values[start:end]) for start, end in pairwise(ends) if end > start]
    rows = zip(ends[1:-1], levels, levels[1:], strict=False)
    return tuple(TrendChange(at, before, after) for at, before, after in rows)


def noise_pct(values: Sequence[float]) -> float | None:
    """Return how much values of one level scatter about their median, in percent of it; None for too few."""
    if len(values) < _FEWEST or not (middle := median(values)):
        return None
    return 100 * _TO_SIGMA * median(abs(value - middle) for value in values) / abs(middle)


def median_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the 95 % interval of the median of values by their order; None for fewer than six.

    Normal approximation of the binomial ranks (Conover, Practical Nonparametric Statistics, 1999, section 3.2).
    """
    n = len(values)
    if n < _FEWEST_FOR_INTERVAL:
        return None
    ordered = sorted(values)
    reach = _NORMAL_95 * sqrt(n) / 2
    return ordered[max(0, floor(n / 2 - reach))], ordered[min(n - 1, ceil(n / 2 + reach))]


def sampled_interval(value: float, samples: int, *, dispersion: float) -> tuple[float, float] | None:
    """Return the 95 % interval of a weight that so many samples stand behind; None where there are none."""
    if samples <= 0:
        return None
    reach = _NORMAL_95 * value * sqrt(dispersion / samples)
    return max(0.0, value - reach), value + reach
