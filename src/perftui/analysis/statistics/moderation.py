"""Variances of many alike quantities, each measured from few values: what they have in common steadies each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import fmean, variance

_FEW = 5
"""Fewer quantities do not tell how much their variances differ."""
_SUPPOSED_FREEDOM = 4.0
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of a ratio of variances (measured to expected) before it is measured."""

    scale: float = 1.0
    freedom: float = _SUPPOSED_FREEDOM
    """How many degrees of freedom that knowledge is worth."""

    def moderated(self, ratio: float, freedom: float) -> float:
        """Return the steadied ratio of one quantity, measured with so many degrees of freedom."""
        return (self.freedom * self.scale + freedom * ratio) / (self.freedom + freedom)


def prior_of(ratios: Sequence[float], freedom: float) -> Prior:
    """Return the prior that ratios of variances, each of so many degrees of freedom, tell together.

    The empirical Bayes estimate of Smyth (Statistical Applications in Genetics and Molecular Biology 3, 2004, section
    6.2): the mean and the variance of the logarithms fit a scaled F distribution.
    """
    logs = [log(ratio) for ratio in ratios if ratio > 0]
    if len(logs) < _FEW:
        return Prior()
    centre = fmean(logs) - digamma(freedom / 2) + log(freedom / 2)
    excess = variance(logs) - trigamma(freedom / 2)
    # All of them together are not worth more than what they were measured with.
    most = (len(logs) - 1) * freedom
    if excess <= 0:
        return Prior(exp(centre), most)
    half = inverse_trigamma(excess)
    return Prior(exp(centre + digamma(half) - log(half)), min(2 * half, most))


def digamma(x: float) -> float:
    """Return the derivative of log gamma at a positive value (Abramowitz and Stegun 1964, 6.3.5 and 6.3.18)."""
    value = 0.0
    while x < 8:
        value -= 1 / x
        x += 1
    s = 1 / (x * x)
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * 691 / 32760)))))
    return value + log(x) - 0.5 / x - series


def trigamma(x: float) -> float:
    """Return the second derivative of log gamma at a positive value (Abramowitz and Stegun 1964, 6.4.6 and 6.4.12)."""
    value = 0.0
    while x < 8:
        value += 1 / (x * x)
        x += 1
    s = 1 / (x * x)
    series = s * (1 / 6 - s * (1 / 30 - s * (1 / 42 - s * (1 / 30 - s * (5 / 66 - s * 691 / 2730)))))
    return value + 1 / x + s / 2 + series / x


def inverse_trigamma(y: float) -> float:
    """Return the positive value whose trigamma is `y` > 0, halved in until it stands."""
    low = high = 1.0
    while trigamma(high) > y:
        high *= 2
    while trigamma(low) < y:
        low /= 2
    while high - low > _CLOSE * high:
        middle = (low + high) / 2
        low, high = (middle, high) if trigamma(middle) > y else (low, middle)
    return (low + high) / 2
