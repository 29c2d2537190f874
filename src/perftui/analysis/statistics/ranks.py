"""The Mann-Whitney test: whether values of one kind tend to be greater than those of another, whatever they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, sqrt

from perftui.analysis.statistics.normal import two_sided_p

MOST_EXACT = 400
"""Product of the numbers of values up to which all orders are counted."""
_DIGIT_BYTES = 8
"""Of a number of orders: there are fewer than 10^12 of so few values."""


@dataclass(frozen=True, slots=True)
class RankTest:
    """What the test found."""

    u: float
    """Number of pairs in which the first kind is the greater; half of one for equal values."""
    p: float
    """Two-sided."""
    exact: bool
    """All orders were counted; else their distribution was taken for normal."""


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> RankTest:
    """Return the two-sided Mann-Whitney test of two samples of at least one value each.

    Up to 400 pairs it is exact, by all ways to deal the values out to the two kinds, equal ones with the mean of their
    ranks (Lehmann, Nonparametrics, 1975, section 1.4): a normal distribution is too cautious for the few values that
    two sides of runs are. Beyond, it is normal with a correction for ties and one for continuity.
    """
    pairs = len(first) * len(second)
    ordered = sorted(second)
    u = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in first) / 2
    if pairs <= MOST_EXACT:
        return RankTest(u, _exact_p(first, second), exact=True)
    number = len(first) + len(second)
    tied = sum(count**3 - count for count in Counter((*first, *second)).values())
    variance = pairs / 12 * (number + 1 - tied / (number * (number - 1)))
    if variance <= 0:
        return RankTest(u, 1.0, exact=False)
    distance = abs(u - pairs / 2) - 0.5
    return RankTest(u, min(1.0, two_sided_p(max(0.0, distance) / sqrt(variance))), exact=False)


def least_p(first: int, second: int) -> float:
    """Return the smallest p value that samples of these sizes can give."""
    return min(1.0, 2 / comb(first + second, first))


def _exact_p(first: Sequence[float], second: Sequence[float]) -> float:
    # It is the same from either side, and fewer values have fewer ways.
    few, many = sorted((first, second), key=len)
    ranks = _doubled_ranks((*few, *many))
    ways = _ways(ranks, len(few))
    found = sum(ranks[: len(few)])
    below, above = sum(ways[: found + 1]), sum(ways[found:])
    return min(1.0, 2 * min(below, above) / comb(len(ranks), len(few)))


def _doubled_ranks(values: Sequence[float]) -> list[int]:
    """Return twice the rank of each value, from 1, so that means of two ranks are whole."""
    ranks: dict[float, int] = {}
    before = 0
    for value, count in sorted(Counter(values).items()):
        ranks[value] = 2 * before + count + 1
        before += count
    return [ranks[value] for value in values]


def _ways(ranks: Sequence[int], chosen: int) -> list[int]:
    """Return in how many ways so many ranks can be chosen, by their sum.

    The numbers for all sums are the digits of one large integer, so that a rank is added to all of them at once.
    """
    sums = [1] + [0] * chosen
    for rank in ranks:
        for size in range(chosen, 0, -1):
            sums[size] += sums[size - 1] << (8 * _DIGIT_BYTES * rank)
    digits = sum(sorted(ranks)[-chosen:]) + 1
    data = sums[chosen].to_bytes(_DIGIT_BYTES * digits, "little")
    return [int.from_bytes(data[at : at + _DIGIT_BYTES], "little") for at in range(0, len(data), _DIGIT_BYTES)]
