"""What was different in a part of a run: shares of it beside shares of the rest, and whether chance does as much."""

from __future__ import annotations

import heapq
from functools import lru_cache
from itertools import chain, repeat
from math import exp, lgamma, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from perftui.analysis.call_tree import CallTree
from perftui.analysis.compare import CLEAR_Z

# Weights by time are rounded to about a nanosecond each.
_ROUNDING = 1e-6
# Below this variance counts lie so much to one side of their mean that deviations mislead.
_FEW = 50.0
_LEAST_CHANCE = 1e-200
_CHANCE = 0.05
"""How often chance alone may make a single one of all functions look clear."""


class ShareChange(NamedTuple):
    """One function in a part of a run and in the rest of it."""

    inside: float
    """Its share of the part, 0 to 1."""
    outside: float
    """Its share of the rest."""
    z: float
    """How far its samples in the part are from what the whole run lets expect, in standard deviations; zero where it
    has so few that nothing could be told from them."""
    clear: bool
    """It is further than chance takes any of so many functions."""

    @property
    def difference(self) -> float:
        """Share of the part less share of the rest."""
        return self.inside - self.outside


class ShareChanges:
    """The functions of a part of a run against the rest of it.

    Both trees are of the same shape, so that their function ids are the same. The samples of the part are taken as
    drawn from those of the whole run: what is tested is whether a function got more or fewer of them than by lot.
    """

    def __init__(self, part: CallTree, whole: CallTree, *, total: bool = False) -> None:
        self._part, self._whole = part, whole
        self._inside = part.function_total_weight if total else part.function_self_weight
        self._all = whole.function_total_weight if total else whole.function_self_weight
        self._all_count = whole.function_total_count if total else whole.function_self_count
        self.seen = sum(1 for count in whole.function_total_count if count)
        """Number of functions that are held against each other."""
        self._clear_z = clear_z(self.seen)
        self._rest_weight = max(0.0, whole.weight - part.weight)
        self._draws = whole.count * min(1.0, part.weight / (whole.weight or 1.0))
        self._fewest = _fewest(self._draws / (whole.count or 1), self._clear_z)

    @property
    def comparable(self) -> bool:
        """Whether there are samples both in the part and in the rest."""
        return self._part.count > 0 and self._part.weight < self._whole.weight * (1 - _ROUNDING)

    def of(self, function: int) -> ShareChange:
        """Return the change of a function, by id."""
        inside, outside = self._shares(function)
        marked = self._all_count[function]
        if marked < self._fewest:
            return ShareChange(inside, outside, 0.0, clear=False)
        # Where a range cuts a window its counts are whole numbers that are a little too small; its weights are not.
        drawn = marked * min(1.0, inside * self._part.weight / self._all[function])
        z = z_of_draw(drawn, self._draws, marked, self._whole.count)
        return ShareChange(inside, outside, z, clear=abs(z) >= self._clear_z)

    def clear(self) -> int:
        """Return the number of functions whose change is clear."""
        return sum(self.of(i).clear for i, count in enumerate(self._all_count) if count >= self._fewest)

    def ranked(self, top: int | None = None, *, least: float = 0.0) -> list[tuple[int, ShareChange]]:
        """Return (function id, change): what is clear before what is noise, the greatest difference first.

        At most `top` of them, and only what differs by a share of at least `least`.
        """
        found: list[tuple[bool, float, int]] = []
        of_part, of_rest = 1 / (self._part.weight or 1.0), 1 / (self._rest_weight or 1.0)
        fewest, marked = self._fewest, self._all_count
        weights = zip(self._whole.function_total_count, self._all, chain(self._inside, repeat(0.0)), strict=False)
        for i, (seen, everything, inside) in enumerate(weights):
            far = abs(inside * of_part - max(0.0, everything - inside) * of_rest)
            if seen and far >= least:
                found.append((marked[i] < fewest or not self.of(i).clear, -far, i))
        chosen = sorted(found) if top is None else heapq.nsmallest(top, found)
        return [(i, self.of(i)) for _, _, i in chosen]

    def _shares(self, function: int) -> tuple[float, float]:
        inside = self._inside[function] if function < len(self._inside) else 0.0
        outside = max(0.0, self._all[function] - inside)
        return inside / (self._part.weight or 1.0), outside / (self._rest_weight or 1.0)


def z_of_draw(drawn: float, draws: float, marked: int, everything: int) -> float:
    """Return how far from chance it is to draw so many marked ones, in standard deviations.

    `draws` of `everything` are drawn without putting back, and `marked` of these are marked. Where these are few, what
    is far by the deviation alone is looked at exactly: one sample in a short range is no news.
    """
    if not 0 < draws < everything or not 0 < marked < everything:
        return 0.0
    chance = draws / everything
    variance = marked * chance * (1 - chance) * (everything - marked) / (everything - 1)
    off = drawn - marked * chance
    # Counts have no halves, so half a sample is no distance.
    far = max(0.0, abs(off) - 0.5) / sqrt(variance)
    if far > CLEAR_Z and variance < _FEW:
        tail = _tail(round(drawn), round(draws), marked, everything, step=1 if off > 0 else -1)
        far = max(0.0, -NormalDist().inv_cdf(min(0.5, max(_LEAST_CHANCE, tail))))
    return far if off > 0 else -far


def _fewest(chance: float, z: float) -> int:
    """Return how many samples a function needs at the least for a change to be clear, even if all were on one side."""
    rare = min(chance, 1 - chance)
    if not rare > 0:
        return 1
    # Without putting back it takes a few less.
    return max(1, int(0.8 * log(NormalDist().cdf(-z)) / log(rare)))


def _tail(drawn: int, draws: int, marked: int, everything: int, *, step: int) -> float:
    """Return the chance to draw so many marked ones or more (or fewer, where `step` is -1)."""
    least, most = max(0, draws - (everything - marked)), min(marked, draws)
    at = max(least, min(drawn, most))
    term = exp(_ways(marked, at) + _ways(everything - marked, draws - at) - _ways(everything, draws))
    found = 0.0
    while least <= at <= most and term > _LEAST_CHANCE:
        found += term
        if step > 0:
            term *= (marked - at) * (draws - at) / ((at + 1) * (everything - marked - draws + at + 1))
        else:
            term *= at * (everything - marked - draws + at) / ((marked - at + 1) * (draws - at + 1))
        at += step
    return found


def _ways(things: int, chosen: int) -> float:
    """Return the logarithm of the number of ways to choose some of so many things."""
    return lgamma(things + 1) - lgamma(chosen + 1) - lgamma(things - chosen + 1)


@lru_cache(maxsize=256)
def clear_z(functions: int) -> float:
    """Return the standard deviations that chance takes none of so many functions, but for one time in twenty."""
    return NormalDist().inv_cdf(1 - _CHANCE / 2 / max(1, functions))
