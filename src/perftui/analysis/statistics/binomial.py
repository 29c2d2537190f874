"""Few counts: the exact test of two Poisson counts, given their sum."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, fsum, inf, lgamma, log, log1p

# Chances that differ by less than rounding are the same chance.
_SAME = 1 + 1e-7
_FARTHEST = 30.0
"""Logarithm of a ratio that no counts reach."""
_HALVINGS = 60


def conditional_p(first: int, second: int, *, expected_share: float = 0.5) -> float:
    """Return the two-sided p value that `first` of all events fall on the first of two Poisson processes.

    `expected_share` is the share, inside (0, 1), that falls on it where both have equal rates. Given the sum, the
    count is binomial (Przyborowski and Wilenski, Biometrika 31, 1940); at least as extreme is what is at most as
    likely.
    """
    number = first + second
    if not number:
        return 1.0
    chances = [_chance(count, number, expected_share) for count in range(number + 1)]
    limit = chances[first] * _SAME
    return min(1.0, fsum(chance for chance in chances if chance <= limit))


def conditional_interval(
    first: int, second: int, *, expected_share: float = 0.5, level: float = 0.95
) -> tuple[float, float]:
    """Return an interval for the ratio of the second rate to the first, where the first has `expected_share` at 1.

    It is that of Clopper and Pearson (Biometrika 26, 1934) for the share of the second, turned into a ratio. Where the
    second has no event it begins at 0, where the first has none it has no end.
    """
    number, outside = first + second, (1 - level) / 2

    def share_of_first(log_ratio: float) -> float:
        return 1 / (1 + exp(log_ratio) * (1 - expected_share) / expected_share)

    def tail(counts: range, log_ratio: float) -> float:
        return fsum(_chance(count, number, share_of_first(log_ratio)) for count in counts)

    # With the ratio the first has ever fewer of the events.
    low = -inf if not second else _where(lambda ratio: tail(range(first + 1), ratio) >= outside)
    high = inf if not first else _where(lambda ratio: tail(range(first, number + 1), ratio) < outside)
    return exp(low), exp(high)


def _where(holds: Callable[[float], bool]) -> float:
    """Return the logarithm from which on a condition holds."""
    low, high = -_FARTHEST, _FARTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return (low + high) / 2


def _chance(count: int, number: int, share: float) -> float:
    ways = lgamma(number + 1) - lgamma(count + 1) - lgamma(number - count + 1)
    return exp(ways + count * log(share) + (number - count) * log1p(-share))
