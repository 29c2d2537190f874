"""How values are distributed: quartiles, counts and density over an axis, shares below, and the order of measuring.

All take values in ascending order, but for the order of measuring, and cost no more than their logarithm a cell.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, fsum, sqrt

from perftui.analysis.operation_figures import percentile
from perftui.analysis.value_axis import ValueAxis

_CHUNK = 20_000
"""Values that are sorted in a few milliseconds."""
_LEAST_FAR = 20
"""Values from which some can be said to lie far off."""
_FAR_OFF, _LEAST_REACH = 6.0, 0.1
"""How far: in distances between the quartiles, and at least so much of the median."""
_CHOSEN = 1_000
_NARROWEST = 0.6
"""Standard deviation of the smoothing, in cells: less would leave the counts as they are."""
_FAR = 3.0
"""What a value adds to cells further off than so many standard deviations is not seen."""


@dataclass(frozen=True, slots=True)
class Box:
    """The least and greatest of some values, and what parts them into quarters."""

    low: float
    q1: float
    median: float
    q3: float
    high: float


def box_of(ordered: Sequence[float]) -> Box:
    """Return the box of at least one value."""
    q1, median, q3 = (percentile(ordered, percent) for percent in (25.0, 50.0, 75.0))
    return Box(ordered[0], q1, median, q3, ordered[-1])


def counts(ordered: Sequence[float], axis: ValueAxis, cells: int) -> list[int]:
    """Return how many values fall into each cell of an axis; they add up to all of them.

    A value on the border of two cells belongs to the upper one; what lies beyond an end belongs to the last cell there.
    """
    below = [bisect_left(ordered, edge) for edge in axis.edges(cells)]
    return [upper - lower for lower, upper in zip([0, *below], [*below, len(ordered)], strict=True)]


def bins_for(ordered: Sequence[float], axis: ValueAxis, most: int) -> int:
    """Return how many bars tell most of values on an axis, at most so many.

    The rule of Freedman and Diaconis (Zeitschrift fuer Wahrscheinlichkeitstheorie 57, 1981) on the scale of the axis.
    """
    quarters = axis.place(percentile(ordered, 75.0)) - axis.place(percentile(ordered, 25.0))
    width = 2 * quarters * len(ordered) ** (-1 / 3)
    return most if width * most <= 1 else max(1, min(most, round(1 / width)))


def density(ordered: Sequence[float], axis: ValueAxis, cells: int) -> list[float]:
    """Return values spread over the cells of an axis by a Gaussian kernel; the area is how many there are.

    Its width is Silverman's rule of thumb (Density Estimation, 1986, equation 3.31) on the scale of the axis; what
    would fall beyond an end is shared out among the cells that there are.
    """
    found = counts(ordered, axis, cells)
    reach = _bandwidth(ordered, axis) * cells
    width = max(_NARROWEST, reach)
    far = min(cells, int(_FAR * width) + 1)
    kernel = [exp(-((step / width) ** 2) / 2) for step in range(far + 1)]
    spread = [0.0] * cells
    for at, count in enumerate(found):
        if count:
            near = range(max(0, at - far), min(cells, at + far + 1))
            share = count / fsum(kernel[abs(cell - at)] for cell in near)
            for cell in near:
                spread[cell] += share * kernel[abs(cell - at)]
    return spread


def _bandwidth(ordered: Sequence[float], axis: ValueAxis) -> float:
    """Return the width of the kernel as a part of the axis."""
    n = len(ordered)
    if n < 2:
        return 0.0
    places = [axis.place(percentile(ordered, percent)) for percent in range(1, 100, 2)]
    middle = fsum(places) / len(places)
    deviation = sqrt(fsum((place - middle) ** 2 for place in places) / (len(places) - 1))
    quarters = axis.place(percentile(ordered, 75.0)) - axis.place(percentile(ordered, 25.0))
    narrow = min(each for each in (deviation, quarters / 1.34) if each > 0) if deviation > 0 else 0.0
    return float(0.9 * narrow * n**-0.2)


def shares_below(ordered: Sequence[float], axis: ValueAxis, cells: int) -> list[float]:
    """Return which share of the values lies at or below the upper end of each cell.

    It never falls, and ends at 1 where no value lies beyond the axis.
    """
    n = len(ordered)
    return [bisect_right(ordered, edge) / n for edge in (*axis.edges(cells), axis.high)]


def within(ordered: Sequence[float], axis: ValueAxis) -> Sequence[float]:
    """Return the values that lie on an axis."""
    return ordered[bisect_left(ordered, axis.low) : bisect_right(ordered, axis.high)]


def extent(values: Sequence[float]) -> tuple[float, float]:
    """Return between what values lie that should be told apart: all of them, but for the few that lie far off.

    A single value that took a thousand times as long would leave a cell to all others. What is far is told by the
    quartiles, of very many values by those of evenly chosen ones.
    """
    low, high = min(values), max(values)
    if len(values) < _LEAST_FAR:
        return low, high
    q1, middle, q3 = (
        percentile(sorted(values[:: len(values) // _CHOSEN + 1]), percent) for percent in (25.0, 50.0, 75.0)
    )
    reach = max(_FAR_OFF * (q3 - q1), _LEAST_REACH * abs(middle))
    return max(low, q1 - reach), min(high, q3 + reach)


def in_order(values: Sequence[float], columns: int) -> list[tuple[float, float]]:
    """Return the least and greatest value of each column, of at most so many, in the order of measuring.

    Each value is in exactly one column, and no column is without one.
    """
    n = len(values)
    columns = min(columns, n)
    ends = [n * column // columns for column in range(columns + 1)] if columns else []
    parts = (values[start:end] for start, end in pairwise(ends))
    return [(min(part), max(part)) for part in parts]


def sorted_in_parts(values: Sequence[float]) -> Iterator[list[float] | None]:
    """Sort values, yielding None wherever somebody else may go on meanwhile, and the ascending values in the end."""
    parts: list[list[float]] = []
    for start in range(0, len(values), _CHUNK):
        parts.append(sorted(values[start : start + _CHUNK]))
        yield None
    while len(parts) > 1:
        pairs = zip(parts[::2], [*parts[1::2], []], strict=False)
        joined: list[list[float]] = []
        for first, second in pairs:
            # Two ascending runs are merged by one pass.
            joined.append(sorted(first + second))
            yield None
        parts = joined
    yield parts[0] if parts else []
