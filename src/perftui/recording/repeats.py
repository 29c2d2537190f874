"""Which run comes when, so that neither side of a comparison has the better hours; and how long all of it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perftui.model.session import RunSide


@dataclass(frozen=True, slots=True)
class Turn:
    """One run among several."""

    side: RunSide
    number: int
    """Which run of its side it is, from 1; warm-ups are counted apart."""
    warmup: bool = False
    """Its recording is thrown away."""


def turns_of(sides: Sequence[RunSide], *, repeat: int, warmup: int, already: int = 0) -> tuple[Turn, ...]:
    """Return all runs in their order: warm-ups of each side, then the sides by turns, A B B A A B B A.

    A machine that slows down while it runs slows both sides down alike: after every second round both have had the
    same mean place in the order. Where a side has runs `already`, these go on after them.
    """
    before = [Turn(side, number, warmup=True) for number in range(1, warmup + 1) for side in sides]
    measured = [
        Turn(side, number)
        for number in range(already + 1, already + repeat + 1)
        for side in (sides if number % 2 else tuple(reversed(sides)))
    ]
    return (*before, *measured)


def time_left_s(turns: Sequence[Turn], took_s: Sequence[float], elapsed_s: float) -> float | None:
    """Return the seconds that are left, None while no run has ended.

    Args:
        turns: All runs in their order.
        took_s: How long those took that have ended, saving included.
        elapsed_s: How long the present one has been under way.
    """
    if not took_s:
        return None
    ended = list(zip(turns, took_s, strict=False))

    def expected_s(turn: Turn) -> float:
        alike = [seconds for other, seconds in ended if other.side is turn.side] or list(took_s)
        return sum(alike) / len(alike)

    present, *coming = turns[len(took_s) :] or (None,)
    if present is None:
        return 0.0
    return max(0.0, expected_s(present) - elapsed_s) + sum(map(expected_s, coming))
