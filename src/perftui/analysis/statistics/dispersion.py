"""How much more counts vary than those of independent events do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SUPPOSED_DISPERSION = 2.0
"""Where too little is known of when samples were taken."""
OWN_FROM = 50
"""Samples from which on a function's own dispersion is told by its blocks."""
FEW_BLOCKS = 20
"""Seconds: with fewer of them they say too little."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What neighbouring blocks tell of the variance of a count; sums, so that those of several runs add up."""

    squares: float = 0.0
    """Half of the squared differences of neighbours: each is an estimate of the variance."""
    pairs: int = 0
    events: int = 0
    blocks: int = 0

    def __add__(self, other: Spread) -> Spread:
        return Spread(
            self.squares + other.squares,
            self.pairs + other.pairs,
            self.events + other.events,
            self.blocks + other.blocks,
        )

    @property
    def dispersion(self) -> float | None:
        """Variance over mean, 1 for independent events; None where there is no pair or no event."""
        if not (self.pairs and self.events):
            return None
        return (self.squares / self.pairs) / (self.events / self.blocks)


def spread_of(blocks: Sequence[int]) -> Spread:
    """Return the spread of counts in neighbouring blocks of equal length.

    The mean square successive difference (von Neumann and others, Annals of Mathematical Statistics 12, 1941): unlike
    the variance it is not raised by slow phases of what is counted.
    """
    squares = sum((after - before) ** 2 for before, after in pairwise(blocks)) / 2
    return Spread(squares, max(0, len(blocks) - 1), sum(blocks), len(blocks))


def pooled(spreads: Iterable[Spread]) -> float | None:
    """Return the dispersion of several counts together, each weighing as much as it has events.

    The Pearson estimate of quasi-likelihood (McCullagh and Nelder, Generalized Linear Models, 1989, section 4.5).
    """
    weighed = [(spread.dispersion, spread.events) for spread in spreads]
    known = [(dispersion, events) for dispersion, events in weighed if dispersion is not None]
    events = sum(number for _, number in known)
    return sum(dispersion * number for dispersion, number in known) / events if events else None
