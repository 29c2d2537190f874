"""Whether a comparison found a regression that a gate may fail for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perftui.model.change import ChangeVerdict, FunctionChange, TotalChange

DECIDING_RUNS = 2
"""Of a single run nobody knows how much of it was the machine."""


@dataclass(frozen=True, slots=True)
class Regression:
    """What is clearly slower, and whether that may be held against anybody."""

    total: bool
    functions: tuple[FunctionChange, ...]
    runs: tuple[int, int]

    @property
    def found(self) -> bool:
        """Whether anything is slower."""
        return self.total or bool(self.functions)

    @property
    def counts(self) -> bool:
        """Whether there were runs enough to fail for it."""
        return min(self.runs) >= DECIDING_RUNS

    @property
    def fails(self) -> bool:
        """Whether a gate fails."""
        return self.found and self.counts


def regression_of(
    total: TotalChange, changes: Iterable[FunctionChange], *, cpu_time: TotalChange | None = None
) -> Regression:
    """Return what is slower: the whole, or functions; what is inconclusive, or new, is no regression.

    Of the whole the CPU time decides where it is known: on a busy machine threads are seen running that wait for a
    processor, and no code is to blame for that. Of functions it is taken out before they are judged.
    """
    slower = tuple(change for change in changes if change.verdict is ChangeVerdict.SLOWER)
    return Regression((cpu_time or total).verdict is ChangeVerdict.SLOWER, slower, total.runs)
