"""The Mann-Whitney test: whether values of one kind tend to be greater than those of another, whatever they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import comb, sqrt

from perftui.analysis.statistics.normal import two_sided_p

MOST_EXACT = 400
"""Product of the numbers of values up to which all orders are counted."""


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

    Exact without ties and up to 400 pairs (Mann and Whitney, Annals of Mathematical Statistics 18, 1947); otherwise by
    the normal distribution with a correction for ties and one for continuity (Lehmann, Nonparametrics, 1975).
    """
    pairs = len(first) * len(second)
    ties = Counter((*first, *second)).values()
    u = sum((a > b) + 0.5 * (a == b) for a in first for b in second)
    if max(ties) == 1 and pairs <= MOST_EXACT:
        orders = _orders(len(first), len(second))
        tail = sum(orders[: int(min(u, pairs - u)) + 1])
        return RankTest(u, min(1.0, 2 * tail / comb(len(first) + len(second), len(first))), exact=True)
    number = len(first) + len(second)
    tied = sum(count**3 - count for count in ties)
    variance = pairs / 12 * (number + 1 - tied / (number * (number - 1)))
    if variance <= 0:
        return RankTest(u, 1.0, exact=False)
    distance = abs(u - pairs / 2) - 0.5
    return RankTest(u, min(1.0, two_sided_p(max(0.0, distance) / sqrt(variance))), exact=False)


def least_p(first: int, second: int) -> float:
    """Return the smallest p value that samples of these sizes can give."""
    return min(1.0, 2 / comb(first + second, first))


@cache
def _orders(first: int, second: int) -> tuple[int, ...]:
    """Return the number of orders for each value of U: the coefficients of a Gaussian binomial."""
    orders = [1]
    for size in range(1, first + 1):
        orders = _divided(_multiplied(orders, second + size), size)
    return tuple(orders)


def _multiplied(series: list[int], power: int) -> list[int]:
    """Return a polynomial times 1 - x^power."""
    product = series + [0] * power
    for index, value in enumerate(series):
        product[index + power] -= value
    return product


def _divided(series: list[int], power: int) -> list[int]:
    """Return a polynomial that 1 - x^power divides, divided by it."""
    quotient = series[:-power]
    for index in range(power, len(quotient)):
        quotient[index] += quotient[index - power]
    return quotient
