"""Where a series of values steps to another level: change points of its location, told from noise."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import median

from perftui.analysis.statistics.passing_levels import chance_of_passing, passing_level
from perftui.analysis.statistics.robust_scores import clipped, robust_scores, robust_spread

SMALLEST_SEGMENT = 3
"""So many values make a level: fewer are outliers."""
ALPHA = 0.003
"""Chance that a flat series is cut, at most; a hundred of them then hold none, most of the time."""
_ALPHA_STEP = 0.0012
"""The same where neighbours are alike: what hardly any of such series would show."""
_ALPHA_PASSED = 0.001
"""The same for a level that passes again."""
_SHUFFLED_BELOW = 60
_SHUFFLES = 1_999
_PLAIN_SHARE = 0.1
"""Of `ALPHA`: what the limit calls so rare need not be shuffled, for sums of few values reach less far than it."""
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
    part = values[start:end]
    found = _best_cut(part)
    inner = [start + cut for cut in (_passed(part) if found is None else (found,))]
    if not inner:
        return []
    cuts = []
    for begin, cut in pairwise((start, *inner)):
        cuts += [*_segmented(values, begin, cut), cut]
    return [*cuts, *_segmented(values, inner[-1], end)]


def _passed(values: Sequence[float]) -> tuple[int, ...]:
    """Return both ends of a level that differs from all before and after it; nothing where chance explains it."""
    n = len(values)
    found = passing_level(values, smallest=SMALLEST_SEGMENT)
    if found is None or chance_of_passing(found[2], n) > _ALPHA_PASSED:
        return ()
    begin, end, _ = found
    parts = values[:begin], values[begin:end], values[end:]
    before, inside, after = map(median, parts)
    if (inside > before) is not (inside > after):
        # Stairs: a cut in two finds them.
        return ()
    residuals = [each for part in parts for each in _residuals(part)]
    height = min(abs(inside - before), abs(inside - after))
    step = _stands_out(height, residuals, 1 / (end - begin) + 1 / (n - end + begin))
    return (begin, end) if chance_of_passing(step, n) <= _ALPHA_PASSED else ()


def _best_cut(values: Sequence[float]) -> int | None:
    """Return where a series is best cut in two levels, or None where chance explains it."""
    n = len(values)
    if n < 2 * SMALLEST_SEGMENT:
        return None
    scores, weights = robust_scores(values), _weights(n)
    power = math.fsum(score * score for score in scores)
    if power <= _TINY:
        return None
    cut, height = _greatest(scores, weights)
    stands_out = _tail(_step(values, cut), SMALLEST_SEGMENT / n) <= _ALPHA_STEP
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


def _weights(n: int) -> list[float]:
    """Return what standardises the sum of the first k of n scores of unit power."""
    return [0.0] + [math.sqrt(n * (n - 1) / (k * (n - k))) for k in range(1, n)]


def _step(values: Sequence[float], cut: int) -> float:
    """Return the step at a cut in standard errors, of as many independent values as the neighbours' likeness leaves."""
    before, after = values[:cut], values[cut:]
    height = abs(median(after) - median(before))
    return _stands_out(height, [*_residuals(before), *_residuals(after)], 1 / len(before) + 1 / len(after))


def _stands_out(height: float, residuals: Sequence[float], per_value: float) -> float:
    """Return a step in its standard errors, which are `per_value` of the variance of the residuals."""
    scale = robust_spread(residuals)
    if scale <= 0:
        return math.inf if height > 0 else 0.0
    kept = [clipped(each / scale) for each in residuals]
    power = math.fsum(each * each for each in kept)
    free = len(residuals) - 2
    error = scale * math.sqrt(power / free * per_value)
    # Few values tell their own scatter badly: as rare as this is for Student's t it is for what is returned (Wallace,
    # Annals of Mathematical Statistics 30, 1959).
    step = height / error * _independence(kept, power)
    return math.sqrt(free * math.log1p(step * step / free))


def _residuals(values: Sequence[float]) -> list[float]:
    """Return deviations from the median, of each level by itself where others stand plainly apart.

    Steps that are still in a series would make its neighbours look alike.
    """
    n = len(values)
    middle = median(values)
    alone = [value - middle for value in values]
    if n < 2 * SMALLEST_SEGMENT:
        return alone
    cut, _ = _greatest(robust_scores(values), _weights(n))
    before, after = median(values[:cut]), median(values[cut:])
    apart = [value - (before if number < cut else after) for number, value in enumerate(values)]
    if abs(after - before) <= _PLAINLY * robust_spread(apart):
        return alone
    return [*_residuals(values[:cut]), *_residuals(values[cut:])]


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
    rarity = _tail(height / math.sqrt(power), SMALLEST_SEGMENT / n)
    if n >= _SHUFFLED_BELOW or rarity <= _PLAIN_SHARE * ALPHA:
        return rarity <= ALPHA
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
