"""Values as deviations from their middle in robust units, which no outlier can stretch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

CLIP = 3.0
"""Robust deviations from the middle beyond which a value counts no more: an outlier moves no level."""
_TO_SIGMA = 1.4826
"""Of a median absolute deviation, for values of a normal distribution."""


def robust_spread(deviations: Sequence[float]) -> float:
    """Return the robust deviation; the mean one where more than half of the values are the same."""
    scale = _TO_SIGMA * median(abs(each) for each in deviations)
    return scale if scale > 0 else math.fsum(abs(each) for each in deviations) / len(deviations)


def robust_scores(values: Sequence[float]) -> list[float]:
    """Return deviations from the middle in robust units, clipped, with a mean of zero."""
    middle = median(values)
    deviations = [value - middle for value in values]
    scale = robust_spread(deviations)
    if scale <= 0:
        return [0.0] * len(values)
    kept = [clipped(each / scale) for each in deviations]
    mean = math.fsum(kept) / len(kept)
    return [each - mean for each in kept]


def clipped(score: float) -> float:
    """Return a score, at most as far from zero as an outlier counts."""
    return min(CLIP, max(-CLIP, score))
