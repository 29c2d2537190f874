"""An exact interval for the ratio of two medians: what the percentile bootstrap tends to, without drawing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from math import comb, sqrt

from perftui.analysis.statistics.normal import upper_tail

_MOST_PAIRED = 12
"""Of so many values the median of an even number is taken as the mean of two; of more, as one of the two at random."""
_MOST_EXACT = 200
"""Beyond, the number of drawn values below a place is as good as normal."""
_MOST_ATOMS = 120
"""Values that the median of one side may take; of more, evenly chosen ones stand for their neighbours."""
_LEAST_CHANCE = 1e-7

Atom = tuple[float, float]
"""(value, chance)."""


def ratio_interval(
    baseline: Sequence[float], current: Sequence[float], *, confidence: float = 0.95
) -> tuple[float, float]:
    """Return an interval of the ratio of the medians of positive values, current to baseline.

    The bootstrap's distribution of a median is known in full (Efron, Annals of Statistics 7, 1979, section 3).
    """
    before, after = _median_atoms(sorted(baseline)), _median_atoms(sorted(current))
    ratios = sorted((new / old, p * q) for new, p in after for old, q in before)
    reached = list(accumulate(chance for _, chance in ratios))
    edge = (1 - confidence) / 2 * reached[-1]
    low = next(value for (value, _), sum_ in zip(ratios, reached, strict=True) if sum_ >= edge)
    high = next(value for (value, _), sum_ in zip(ratios, reached, strict=True) if sum_ >= reached[-1] - edge)
    return low, high


def _median_atoms(ordered: Sequence[float]) -> list[Atom]:
    """Return what the median of as many values, drawn with replacement from ordered ones, may be."""
    size = len(ordered)
    if size % 2:
        return _merged(zip(ordered, _order_chances(size, size // 2 + 1), strict=True))
    if size <= _MOST_PAIRED:
        return _merged(_paired(ordered))
    halves = (_order_chances(size, rank) for rank in (size // 2, size // 2 + 1))
    chances = [(low + high) / 2 for low, high in zip(*halves, strict=True)]
    return _merged(zip(ordered, chances, strict=True))


@lru_cache(maxsize=64)
def _order_chances(size: int, rank: int) -> tuple[float, ...]:
    """Return for each place the chance that the value of this rank, of so many drawn ones, is the one there.

    All operations of a suite have as many values, mostly.
    """
    reached = [_at_least(size, rank, place / size) for place in range(size + 1)]
    return tuple(after - before for before, after in pairwise(reached))


def _at_least(number: int, least: int, share: float) -> float:
    """Return the chance that at least so many of a number of events happen, each with the same chance."""
    if share <= 0 or share >= 1:
        return float(share >= 1)
    if number > _MOST_EXACT:
        return upper_tail((least - 0.5 - number * share) / sqrt(number * share * (1 - share)))
    return sum(
        comb(number, count) * share**count * (1 - share) ** (number - count) for count in range(least, number + 1)
    )


def _paired(ordered: Sequence[float]) -> Iterator[Atom]:
    """Yield the means of the two values in the middle of an even number of drawn ones."""
    size, half = len(ordered), len(ordered) // 2
    for low in range(size):
        # Both lie at one place: neither fewer than half of the others are below it, nor above it.
        for high in range(low, size):
            chance = _middle_chance(size, half, low, high)
            if chance > 0:
                yield (ordered[low] + ordered[high]) / 2, chance


def _middle_chance(size: int, half: int, low: int, high: int) -> float:
    """Return the chance that of drawn values the one of rank `half` lies at `low`, and the next one at `high`."""
    if low < high:
        # Half of them at `low` or below, not all of these below it; the others at `high` or above, likewise.
        below = ((low + 1) / size) ** half - (low / size) ** half
        above = ((size - high) / size) ** half - ((size - high - 1) / size) ** half
        return comb(size, half) * below * above
    below, at, above = low / size, 1 / size, (size - low - 1) / size
    return sum(
        comb(size, under) * comb(size - under, over) * below**under * above**over * at ** (size - under - over)
        for under in range(half)
        for over in range(half)
    )


def _merged(atoms: Iterator[Atom] | zip[Atom]) -> list[Atom]:
    """Return values with their chances, equal ones as one, unlikely ones left out, not too many."""
    chances: dict[float, float] = {}
    for value, chance in atoms:
        if chance > _LEAST_CHANCE:
            chances[value] = chances.get(value, 0.0) + chance
    kept = sorted(chances.items())
    return kept if len(kept) <= _MOST_ATOMS else _thinned(kept)


def _thinned(atoms: Sequence[Atom]) -> list[Atom]:
    """Return fewer values, each as likely as the others, that tell the same distribution."""
    reached = list(accumulate(chance for _, chance in atoms))
    whole, at, thin = reached[-1], 0, []
    for step in range(_MOST_ATOMS):
        wanted = whole * (step + 0.5) / _MOST_ATOMS
        while reached[at] < wanted:
            at += 1
        thin.append((atoms[at][0], 1 / _MOST_ATOMS))
    return thin
