"""Where a series of values steps to another level: change points of its location, told from noise."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import median

SMALLEST_SEGMENT = 3
"""So many values make a level: fewer are outliers."""
ALPHA = 0.003
"""Chance that a flat series is cut, at most; a hundred of them then hold none, most of the time."""
_CLIP = 3.0
"""Robust deviations from the middle beyond which a value counts no more: an outlier moves no level."""
_TO_SIGMA = 1.4826
"""Of a median absolute deviation, for values of a normal distribution."""
_SHUFFLED_BELOW = 60
_SHUFFLES = 1_999
_SEED = 20_151
_TINY = 1e-9
_PLAINLY = 3.0
"""Deviations between two levels that nobody takes for drift."""
_BEYOND_ALL = 30.0
"""Deviations that chance never gives."""


def change_points(values: Sequence[float]) -> tuple[int, ...]:
    """Return the index of the first value of each new level, ascending; none where all is one level.

    Binary segmentation (Scott and Knott, Biometrics 30, 1974) over the greatest standardised sum of clipped scores,
    which outliers cannot move (Huber, Robust Statistics, 1981). A cut counts only where chance gives as great a sum
    rarely: by shuffling short series, by the limit of a maximally selected statistic (Miller and Siegmund, Biometrics
    38, 1982; Lausen and Schumacher, Biometrics 48, 1992) for long ones. Where neighbours resemble each other, as on a
    machine that warms up, the step has to stand out from what so many fewer independent values would give, too.
    """
    cuts = _segmented(values, 0, len(values))
    # A cut was found while later steps were still in its series: it is placed and judged again between its neighbours.
    kept: list[int] = []
    for number, cut in enumerate(cuts):
        start = kept[-1] if kept else 0
        end = cuts[number + 1] if number + 1 < len(cuts) else len(values)
        found = _best_cut(values[start:end])
        # Alone between them each was found before, so that this is another look and no further chance.
        kept.append(start + found if found is not None else cut)
    return tuple(sorted(set(kept)))


def _segmented(values: Sequence[float], start: int, end: int) -> list[int]:
    found = _best_cut(values[start:end])
    if found is None:
        return []
    cut = start + found
    return [*_segmented(values, start, cut), cut, *_segmented(values, cut, end)]


def _best_cut(values: Sequence[float]) -> int | None:
    """Return where a series is best cut in two levels, or None where chance explains it."""
    n = len(values)
    if n < 2 * SMALLEST_SEGMENT:
        return None
    scores, weights = _scores(values), _weights(n)
    power = math.fsum(score * score for score in scores)
    if power <= _TINY:
        return None
    cut, height = _greatest(scores, weights)
    stands_out = _tail(_step(values, cut), SMALLEST_SEGMENT / n) <= ALPHA
    return cut if stands_out and _is_beyond_chance(scores, height, weights, power) else None


def _greatest(scores: Sequence[float], weights: Sequence[float]) -> tuple[int, float]:
    """Return where the standardised sum of the first scores is greatest, and how great."""
    n = len(scores)
    sums = list(accumulate(scores))
    heights = [abs(sums[k - 1]) * weights[k] for k in range(SMALLEST_SEGMENT, n - SMALLEST_SEGMENT + 1)]
    greatest = max(heights)
    # What rounding tells apart is as good.
    best = next(k for k, height in enumerate(heights, SMALLEST_SEGMENT) if height >= greatest * (1 - _TINY))
    return best, greatest


def _scores(values: Sequence[float]) -> list[float]:
    """Return deviations from the middle in robust units, clipped, with a mean of zero."""
    middle = median(values)
    deviations = [value - middle for value in values]
    scale = _spread(deviations)
    if scale <= 0:
        return [0.0] * len(values)
    clipped = [min(_CLIP, max(-_CLIP, each / scale)) for each in deviations]
    mean = math.fsum(clipped) / len(clipped)
    return [each - mean for each in clipped]


def _weights(n: int) -> list[float]:
    """Return what standardises the sum of the first k of n scores of unit power."""
    return [0.0] + [math.sqrt(n * (n - 1) / (k * (n - k))) for k in range(1, n)]


def _step(values: Sequence[float], cut: int) -> float:
    """Return the step at a cut in standard errors, of as many independent values as the neighbours' likeness leaves."""
    before, after = values[:cut], values[cut:]
    height = abs(median(after) - median(before))
    residuals = [*_residuals(before), *_residuals(after)]
    scale = _spread(residuals)
    if scale <= 0:
        return math.inf if height > 0 else 0.0
    clipped = [min(_CLIP, max(-_CLIP, each / scale)) for each in residuals]
    power = math.fsum(each * each for each in clipped)
    error = scale * math.sqrt(power / (len(values) - 2) * (1 / len(before) + 1 / len(after)))
    return height / error * _independence(clipped, power)


def _residuals(values: Sequence[float]) -> list[float]:
    """Return deviations from the median, of each level by itself where others stand plainly apart.

    Steps that are still in a series would make its neighbours look alike.
    """
    n = len(values)
    middle = median(values)
    alone = [value - middle for value in values]
    if n < 2 * SMALLEST_SEGMENT:
        return alone
    cut, _ = _greatest(_scores(values), _weights(n))
    before, after = median(values[:cut]), median(values[cut:])
    apart = [value - (before if number < cut else after) for number, value in enumerate(values)]
    if abs(after - before) <= _PLAINLY * _spread(apart):
        return alone
    return [*_residuals(values[:cut]), *_residuals(values[cut:])]


def _spread(deviations: Sequence[float]) -> float:
    """Return the robust deviation; the mean one where more than half of the values are the same."""
    scale = _TO_SIGMA * median(abs(each) for each in deviations)
    return scale if scale > 0 else math.fsum(abs(each) for each in deviations) / len(deviations)


def _independence(residuals: Sequence[float], power: float) -> float:
    """Return the root of the share of independent values among residuals of which neighbours are alike, at most 1."""
    n = len(residuals)
    rho = math.fsum(a * b for a, b in pairwise(residuals)) / power
    # What is taken from two medians makes neighbours differ (Marriott and Pope, Biometrika 41, 1954).
    # Half of its standard error on top: what is cut although it only drifts is worse than what is cut a run later.
    rho = min(0.95, max(0.0, rho + (2 + 4 * max(0.0, rho)) / n + 0.5 / math.sqrt(n)))
    return math.sqrt((1 - rho) / (1 + rho))


def _is_beyond_chance(scores: Sequence[float], height: float, weights: Sequence[float], power: float) -> bool:
    n = len(scores)
    if n >= _SHUFFLED_BELOW:
        return _tail(height / math.sqrt(power), SMALLEST_SEGMENT / n) <= ALPHA
    # The same series is always cut the same way.
    chance = random.Random(_SEED)
    shuffled = list(scores)
    allowed = int(ALPHA * (_SHUFFLES + 1)) - 1
    window = range(SMALLEST_SEGMENT, n - SMALLEST_SEGMENT + 1)
    factors = [weights[k] for k in window]
    for _ in range(_SHUFFLES):
        chance.shuffle(shuffled)
        sums = list(accumulate(shuffled))
        if max(abs(sums[k - 1]) * factor for k, factor in zip(window, factors, strict=True)) >= height - _TINY:
            allowed -= 1
            if allowed < 0:
                return False
    return True


def _tail(height: float, edge: float) -> float:
    """Return the chance that the greatest of standardised sums is above `height`, cuts near the `edge`s left out."""
    if height <= 1:
        return 1.0
    if height > _BEYOND_ALL:
        return 0.0
    density = math.exp(-height * height / 2) / math.sqrt(2 * math.pi)
    return density * (4 / height + (height - 1 / height) * 2 * math.log((1 - edge) / edge))
