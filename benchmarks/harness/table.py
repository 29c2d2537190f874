"""The small table that each measurement ends with: what was measured, the figure, what it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside its goal."""

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    digits: int = 2

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.at_least is None and self.at_most is None:
            return None
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    @property
    def goal(self) -> str:
        """The goal in words."""
        parts = [
            f"{sign} {limit:g}" for sign, limit in ((">=", self.at_least), ("<=", self.at_most)) if limit is not None
        ]
        return " and ".join(parts)


def show(title: str, figures: Sequence[Figure]) -> bool:
    """Print the table and return whether every goal is met."""
    rows = [(one.name, f"{one.value:.{one.digits}f} {one.unit}".strip(), one.goal, _word(one.met)) for one in figures]
    header = ("measured", "figure", "goal", "")
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(4)]
    print(f"\n{title}")
    for name, value, goal, word in [header, *rows]:
        print(f"  {name:<{widths[0]}}  {value:>{widths[1]}}  {goal:<{widths[2]}}  {word}".rstrip())
    return all(one.met is not False for one in figures)


def _word(met: bool | None) -> str:
    return {None: "", True: "met", False: "MISSED"}[met]
