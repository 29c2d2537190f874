"""Weights that fade: after each half-life what was seen weighs half; the newest counts most, and nothing jumps."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp2, floor

from perftui.analysis.time_index import Cell, Weights
from perftui.analysis.window_cells import QUANTUM

# A sample of 10 ms is forgotten after ten half-lives: all of these together are no box on a screen.
_FORGOTTEN = 1e-5


class FadingWeights:
    """What is left of each (thread, stack) at a moment; work grows with what has not faded away yet."""

    SPAN = 20.0
    """Half-lives after which nothing is left that a screen could show: a second weighs as much as a microsecond."""

    def __init__(self, half_life_s: float) -> None:
        self.half_life_s = half_life_s
        self.cells: Weights = {}
        """Cell to (faded weight, faded count); counts are whole numbers that add up to about the right one."""
        self._counts: dict[Cell, float] = {}
        self._at_s: float | None = None

    @property
    def weight(self) -> float:
        """Faded weight of everything."""
        return sum(weight for weight, _ in self.cells.values())

    def add(self, windows: Iterable[tuple[float, Weights]], *, until_s: float) -> Weights:
        """Let time pass until a moment, with (end, weights) of what was seen meanwhile; return what changed."""
        faded = 1.0 if self._at_s is None else self._left(until_s - self._at_s)
        self._at_s = until_s
        weights = {cell: weight * faded for cell, (weight, _) in self.cells.items()}
        counts = {cell: count * faded for cell, count in self._counts.items()}
        for end_s, seen in windows:
            left = self._left(until_s - end_s)
            for cell, (weight, count) in seen.items():
                weights[cell] = weights.get(cell, 0.0) + weight * left
                counts[cell] = counts.get(cell, 0.0) + count * left
        return self._replace(weights, counts)

    def _left(self, seconds: float) -> float:
        return exp2(-max(0.0, seconds) / self.half_life_s)

    def _replace(self, weights: dict[Cell, float], counts: dict[Cell, float]) -> Weights:
        before, cells, change = self.cells, Weights(), Weights()
        # Each count is rounded together with what rounding the ones before it left over, so that sums stay right.
        carried = 0.0
        for cell, weight in weights.items():
            was_weight, was_count = before.get(cell, (0.0, 0))
            weight, count = floor(weight / QUANTUM) * QUANTUM, 0
            if weight < _FORGOTTEN:
                del counts[cell]
                weight = 0.0
            else:
                carried += counts[cell]
                count = round(carried)
                carried -= count
                cells[cell] = (weight, count)
            if weight != was_weight or count != was_count:
                change[cell] = (weight - was_weight, count - was_count)
        self.cells, self._counts = cells, counts
        return change
