"""Student's t distribution, for any positive number of degrees of freedom."""

from __future__ import annotations

from functools import lru_cache
from math import exp, inf, isinf, lgamma, log, log1p

from perftui.analysis.statistics import normal

_TINY = 1e-300
_CLOSE = 1e-16
_MOST_STEPS = 10_000


def two_sided_p(t: float, freedom: float) -> float:
    """Return the chance of a t value at least as far from 0 as `t` is; `freedom` may be infinite.

    By the incomplete beta function (Abramowitz and Stegun 1964, 26.7.1).
    """
    if isinf(freedom):
        return normal.two_sided_p(t)
    square = t * t
    if isinf(square):
        return 0.0
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square))


@lru_cache(maxsize=256)
def quantile(probability: float, freedom: float) -> float:
    """Return the value below which a t value lies with a probability inside (0, 1); halved in until it stands."""
    if isinf(freedom):
        return normal.quantile(probability)
    tail = 2 * min(probability, 1 - probability)
    low, high = 0.0, 1.0
    while two_sided_p(high, freedom) > tail:
        low, high = high, 2 * high
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if two_sided_p(middle, freedom) > tail else (low, middle)
    return high if probability >= 0.5 else -high


def incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Return the regularised incomplete beta function at `x`; `rest` is 1 - x, given apart so that it keeps its digits.

    By its continued fraction (Abramowitz and Stegun 1964, 26.5.8), worked out by Lentz's method (Applied Optics 15,
    1976).
    """
    if x <= 0:
        return 0.0
    if rest <= 0:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, rest, x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * _log(x, rest) + b * _log(rest, x)) / a
    return front / _fraction(a, b, x)


def _log(x: float, rest: float) -> float:
    return log1p(-rest) if rest < 0.5 else log(x)


def _fraction(a: float, b: float, x: float) -> float:
    value, above, below = 1.0, 1.0, 0.0
    for step in range(1, _MOST_STEPS):
        below = 1 + _coefficient(step, a, b, x) * below
        below = 1 / (below if abs(below) > _TINY else _TINY)
        above = 1 + _coefficient(step, a, b, x) / above
        above = above if abs(above) > _TINY else _TINY
        change = above * below
        value *= change
        if abs(change - 1) < _CLOSE * 8:
            return value
    return inf


def _coefficient(step: int, a: float, b: float, x: float) -> float:
    half = step // 2
    if step % 2 == 0:
        return half * (b - half) * x / ((a + step - 1) * (a + step))
    return -(a + half) * (a + b + half) * x / ((a + step - 1) * (a + step))
