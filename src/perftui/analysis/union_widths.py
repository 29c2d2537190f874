"""How wide the nodes of a union are: worked out one by one while few are asked for, as those that are drawn first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from operator import add, sub
from typing import overload

from perftui.analysis.trie import ROOT
from perftui.analysis.union_tree import LaidOver, UnionTree

_OFTEN = 20_000
"""Who has asked so often goes on asking: from then on all are known, which takes as long as so many by themselves."""
Sides = tuple[LaidOver, LaidOver]
"""A column of baseline and current, by nodes of the union."""


class UnionWidths(Sequence[float]):
    """The sum of both sides' totals without so many times what is the same in both, node by node."""

    __slots__ = ("_after", "_all", "_asked", "_before", "_known", "_least", "_same", "_second_of", "_times")

    def __init__(self, union: UnionTree, selfs: Sides, totals: Sides, *, times: int, least: float) -> None:
        """Work out what both have in common; widths up to `least` are none."""
        self._before, self._after = (total.of_tree() for total in totals)
        self._known = len(self._before)
        self._same = _in_both(union, *selfs)
        self._second_of, self._times, self._least = union.second_of, times, least
        self._asked = 0
        self._all: list[float] | None = None

    def __len__(self) -> int:
        return len(self._second_of)

    def __iter__(self) -> Iterator[float]:
        return iter(self._values())

    @overload
    def __getitem__(self, node: int) -> float: ...
    @overload
    def __getitem__(self, node: slice) -> Sequence[float]: ...
    def __getitem__(self, node: int | slice) -> float | Sequence[float]:
        if self._all is not None or self._asked > _OFTEN or isinstance(node, slice):
            return self._values()[node]
        self._asked += 1
        number = self._second_of[node]
        width = self._before[node] if node < self._known else 0.0
        if number >= 0:
            width += self._after[number] - self._times * self._same[number]
        return width if width > self._least else 0.0

    def _values(self) -> list[float]:
        if self._all is None:
            both = self._same if self._times == 1 else [self._times * weight for weight in self._same]
            # The last entry is what -1 stands for.
            rest = [*map(sub, self._after, both), 0.0]
            before = self._before + [0.0] * (len(self) - self._known)
            widths = map(add, before, map(rest.__getitem__, self._second_of))
            self._all = [width if width > self._least else 0.0 for width in widths]
        return self._all


def _in_both(union: UnionTree, before: LaidOver, after: LaidOver) -> list[float]:
    """Return what is the same in both below each node of the second tree, by its own ids."""
    node_of, old = union.node_of, union.first_size
    first, scale, second = before.column, before.scale, after.of_tree()
    same, held = [0.0] * len(second), False
    for number in compress(range(len(node_of)), second):
        if (node := node_of[number]) < old and (one := first[node] * scale):
            other = second[number]
            same[number], held = one if one < other else other, True
    if not held:
        return same
    # A node has a greater id than its parent: whatever is below it has come when its turn comes.
    parents = union.second_parent[: len(same)]
    for number, above in zip(range(len(same) - 1, ROOT, -1), reversed(parents), strict=False):
        if both := same[number]:
            same[above] += both
    return same
