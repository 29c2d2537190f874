"""A level in the midst of a series that passes again: a cut in two would not find it, for both ends look alike."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate

from perftui.analysis.statistics.robust_scores import robust_scores

_MOST_ENDS = 150
"""Ends that are tried at first; between them the best ones are looked for near the best of these."""
_TINY = 1e-9


def passing_level(values: Sequence[float], *, smallest: int) -> tuple[int, int, float] | None:
    """Return where the level that differs most from all before and after it begins and ends, and by how much.

    The last is its standardised sum. None for too few values, or for those that never vary.

    The greatest standardised sum of an arc of the scores (Levin and Kline, Statistics in Medicine 4, 1985; Olshen and
    others, Biostatistics 5, 2004), with at least `smallest` values in it, before it and after it.
    """
    n = len(values)
    if n < 3 * smallest:
        return None
    scores = robust_scores(values)
    power = math.fsum(score * score for score in scores)
    if power <= _TINY:
        return None
    sums = [0.0, *accumulate(scores)]
    stride = max(1, -(-n // _MOST_ENDS))
    found = _greatest(sums, _arcs(range(smallest, n - smallest + 1, stride), smallest))
    if found is not None and stride > 1:
        near = [
            sorted({min(max(smallest, end + by), n - smallest) for by in range(-stride, stride + 1)}) for end in found
        ]
        found = _greatest(sums, ((begin, end) for begin in near[0] for end in near[1] if end - begin >= smallest))
    if found is None:
        return None
    begin, end = found
    inside = end - begin
    return begin, end, abs(sums[end] - sums[begin]) * math.sqrt(n * (n - 1) / (inside * (n - inside)) / power)


def chance_of_passing(height: float, n: int) -> float:
    """Return a bound of the chance that some arc of n values stands out by so many standard errors (Bonferroni)."""
    return min(1.0, n * (n - 1) / 2 * math.erfc(height / math.sqrt(2)))


def _arcs(ends: range, smallest: int) -> Iterator[tuple[int, int]]:
    for number, begin in enumerate(ends):
        yield from ((begin, end) for end in ends[number + 1 :] if end - begin >= smallest)


def _greatest(sums: Sequence[float], arcs: Iterator[tuple[int, int]]) -> tuple[int, int] | None:
    n = len(sums) - 1
    best, found = 0.0, None
    for begin, end in arcs:
        inside = end - begin
        height = (sums[end] - sums[begin]) ** 2 / (inside * (n - inside))
        # What rounding tells apart is as good.
        if height > best * (1 + _TINY):
            best, found = height, (begin, end)
    return found
