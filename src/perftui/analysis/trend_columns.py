"""A trend spread over columns of dots: what each column shows, its noise, its levels, and on which scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from perftui.analysis.value_axis import ValueAxis
from perftui.model.trend import Trend

_ROOM = 0.06
"""Of the height, above the highest and below the lowest value."""
_TO_SIGMA = 1.4826
"""Of a median absolute deviation, for values of a normal distribution."""
_ALONE = 0.05
"""What a value that never varies has around it, relative to it."""


@dataclass(frozen=True, slots=True)
class TrendLevel:
    """The median of the points between two changes."""

    first: int
    """Column that it begins in."""
    last: int
    value: float
    deviation: float = 0.0
    """Robust deviation of its points."""


@dataclass(frozen=True, slots=True)
class TrendColumns:
    """What is drawn of a trend in so many columns."""

    places: tuple[int, ...]
    """Column of each point, ascending."""
    values: tuple[float | None, ...]
    """Of each column: its value, the median of several; None where no point stands."""
    noise: tuple[tuple[float, float] | None, ...]
    """Of each column from where to where its values go, or the noise of its only one, and between these; else None.

    Where no point tells its noise it is that of the level: a robust deviation to both sides of the median."""
    levels: tuple[TrendLevel, ...]
    axis: ValueAxis


def column_of(number: int, count: int, columns: int) -> int:
    """Return the column of the point of that number among `count`, from the first column to the last."""
    return round(number * (columns - 1) / (count - 1)) if count > 1 else 0


def spread(values: Sequence[float], columns: int) -> list[float | None]:
    """Return a value for each column: where there are more values than columns the median of those that share one."""
    gathered: list[list[float]] = [[] for _ in range(columns)]
    for number, value in enumerate(values):
        gathered[column_of(number, len(values), columns)].append(value)
    return [median(each) if each else None for each in gathered]


def trend_columns(trend: Trend, columns: int) -> TrendColumns:
    """Return a trend in so many columns, on a scale that holds all that is drawn."""
    points = trend.points
    count = len(points)
    places = tuple(column_of(number, count, columns) for number in range(count))
    values = spread([point.value for point in points], columns)
    noise: list[tuple[float, float] | None] = [None] * columns
    sharing = [0] * columns
    for place in places:
        sharing[place] += 1
    for place, point in zip(places, points, strict=True):
        if sharing[place] > 1:
            noise[place] = _wider(noise[place], (point.value, point.value))
        elif point.low is not None and point.high is not None:
            noise[place] = point.low, point.high
    _join(noise)
    levels = _levels(trend, places)
    if not any(noise):
        for level in levels:
            band = level.value - level.deviation, level.value + level.deviation
            noise[level.first : level.last + 1] = [band] * (level.last + 1 - level.first)
    ends = [value for value in values if value is not None] + [level.value for level in levels]
    ends += [end for band in noise if band is not None for end in band]
    return TrendColumns(places, tuple(values), tuple(noise), levels, _axis(min(ends), max(ends)))


def _levels(trend: Trend, places: Sequence[int]) -> tuple[TrendLevel, ...]:
    """Return the levels, those between changes as the changes know them; none for fewer points than make a level."""
    starts = [0, *(change.at for change in trend.changes), len(places)]
    return tuple(
        _level(places[start], places[end - 1], [point.value for point in trend.points[start:end]])
        for start, end in pairwise(starts)
        if end - start >= 2
    )


def _level(first: int, last: int, values: Sequence[float]) -> TrendLevel:
    middle = median(values)
    return TrendLevel(first, last, middle, _TO_SIGMA * median(abs(value - middle) for value in values))


def _join(noise: list[tuple[float, float] | None]) -> None:
    """Let the noise of neighbours run into each other, as the line between their values does."""
    known = [(place, band) for place, band in enumerate(noise) if band is not None]
    for (left, start), (right, end) in pairwise(known):
        for place in range(left + 1, right):
            share = (place - left) / (right - left)
            noise[place] = (
                start[0] + (end[0] - start[0]) * share,
                start[1] + (end[1] - start[1]) * share,
            )


def _wider(band: tuple[float, float] | None, other: tuple[float, float]) -> tuple[float, float]:
    return other if band is None else (min(band[0], other[0]), max(band[1], other[1]))


def _axis(low: float, high: float) -> ValueAxis:
    around = (high - low) * _ROOM if high > low else abs(low) * _ALONE or 1.0
    # No quantity here is negative: an axis below zero would only raise questions.
    return ValueAxis(low - around if low < 0 else max(0.0, low - around), high + around)
