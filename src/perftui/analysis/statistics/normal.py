"""The normal distribution: tails that keep their digits however far out, and its quantiles."""

from __future__ import annotations

from math import erfc, sqrt
from statistics import NormalDist

_STANDARD = NormalDist()


def upper_tail(z: float) -> float:
    """Return the chance of a standard normal value above `z`.

    By the complementary error function, which is small by itself: 1 - cdf would be 0 from 8.3 on (Abramowitz and
    Stegun 1964, 26.2.29).
    """
    return 0.5 * erfc(z / sqrt(2))


def two_sided_p(z: float) -> float:
    """Return the chance of a standard normal value at least as far from 0 as `z` is."""
    return erfc(abs(z) / sqrt(2))


def quantile(probability: float) -> float:
    """Return the value below which a standard normal one lies with a probability inside (0, 1).

    By Wichura's algorithm AS 241 (Applied Statistics 37, 1988), as the standard library has it.
    """
    return _STANDARD.inv_cdf(probability)
