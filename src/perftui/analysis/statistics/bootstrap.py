"""An interval for the ratio of two medians, from the values alone."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

RESAMPLES = 10_000
SEED = 5
"""The same values always give the same interval."""


def ratio_of_medians(
    baseline: Sequence[float],
    current: Sequence[float],
    *,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[float, float]:
    """Return an interval of the ratio of the medians of positive values, current to baseline.

    The percentile bootstrap (Efron, Annals of Statistics 7, 1979): both sides are drawn anew with replacement.
    """
    dice = Random(seed)
    before, after = (_medians(values, resamples, dice) for values in (baseline, current))
    ratios = sorted(new / old for old, new in zip(before, after, strict=True))
    edge = (1 - confidence) / 2
    return percentile(ratios, edge), percentile(ratios, 1 - edge)


def _medians(values: Sequence[float], resamples: int, dice: Random) -> list[float]:
    """Return the medians of so many samples drawn from values, each as large as these are."""
    size = len(values)
    drawn = dice.choices(values, k=size * resamples)
    samples = (sorted(drawn[at : at + size]) for at in range(0, len(drawn), size))
    low, high = (size - 1) // 2, size // 2
    return [(sample[low] + sample[high]) / 2 for sample in samples]


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which a share, 0 to 1, of ordered values lies.

    Between two values in a straight line: type 7 of Hyndman and Fan (The American Statistician 50, 1996).
    """
    place = share * (len(ordered) - 1)
    low = min(int(place), len(ordered) - 1)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])
