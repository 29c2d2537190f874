"""The weights of one window of time in columns, and the grain that all of them are rounded to."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

QUANTUM = 2.0**-30
"""Weights by time are whole multiples of this, about a nanosecond: then what was added can be taken away and leaves
exactly nothing, in sums up to 97 days."""


class WindowCells:
    """The weights of one window in columns."""

    __slots__ = ("counts", "each", "pairs", "weights")

    def __init__(self) -> None:
        self.pairs = array("i")
        self.counts = array("i")
        self.each = 0.0
        """Weight of every sample, where all weigh the same."""
        self.weights: array[float] | None = None
        """Otherwise the weight of each pair."""

    def __len__(self) -> int:
        return len(self.pairs)

    def rows(self) -> Iterator[tuple[int, float, int]]:
        """Yield (pair, weight, count)."""
        weights = self.weights
        if weights is None:
            weights = array("d", map(self.each.__mul__, self.counts))
        return zip(self.pairs, weights, self.counts, strict=True)


def cells_of(rows: Iterable[tuple[int, float, int]]) -> WindowCells:
    """Return (pair, weight, count) rows as columns."""
    cells = WindowCells()
    weights = array("d")
    for pair, weight, count in rows:
        cells.pairs.append(pair)
        cells.counts.append(count)
        weights.append(whole(weight))
    each = whole(weights[0] / cells.counts[0]) if weights and cells.counts[0] else 0.0
    held = zip(weights, cells.counts, strict=True)
    if all(abs(weight - each * count) <= count * QUANTUM for weight, count in held):
        cells.each = each
    else:
        cells.weights = weights
    return cells


def joined(parts: Sequence[WindowCells]) -> WindowCells:
    """Return several windows as one."""
    if len(parts) == 1:
        return parts[0]
    sums: dict[int, tuple[float, int]] = {}
    for part in parts:
        put(sums, part.rows(), 1)
    cells = WindowCells()
    cells.pairs = array("i", sums)
    cells.counts = array("i", [count for _, count in sums.values()])
    if len({part.each for part in parts}) == 1 and all(part.weights is None for part in parts):
        cells.each = parts[0].each
    else:
        cells.weights = array("d", [weight for weight, _ in sums.values()])
    return cells


def whole(weight: float) -> float:
    """Return a weight rounded to the grain."""
    return round(weight / QUANTUM) * QUANTUM


def put(sums: dict[int, tuple[float, int]], rows: Iterable[tuple[int, float, int]], sign: int) -> None:
    """Add rows to sums by pair, or take them away (`sign` -1)."""
    get = sums.get
    for pair, weight, count in rows:
        known = get(pair)
        if known is None:
            sums[pair] = (sign * weight, sign * count)
        else:
            sums[pair] = (known[0] + sign * weight, known[1] + sign * count)
