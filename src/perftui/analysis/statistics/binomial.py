"""Few counts: the exact test of two Poisson counts, given their sum."""

from __future__ import annotations

from math import exp, fsum, lgamma, log, log1p

# Chances that differ by less than rounding are the same chance.
_SAME = 1 + 1e-7


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


def _chance(count: int, number: int, share: float) -> float:
    ways = lgamma(number + 1) - lgamma(count + 1) - lgamma(number - count + 1)
    return exp(ways + count * log(share) + (number - count) * log1p(-share))
