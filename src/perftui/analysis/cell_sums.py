"""What each thread spent in each stack, in append-only columns: a fifth of what a dictionary of tuples takes."""

from __future__ import annotations

from array import array
from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from itertools import compress, repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perftui.analysis.time_index import Cell
    from perftui.analysis.time_sums import Held


_NONE = -1
_LONG = 8
"""Threads of one stack that are found one after the other; from then on a dictionary tells where they are."""


class CellSums(Mapping["Cell", "Held"]):
    """Cell to (weight, count), in the order of appearance; a cell that holds nothing is not in it."""

    __slots__ = ("_counts", "_empty", "_first", "_leaves", "_long", "_next", "_threads", "_weights")

    def __init__(self) -> None:
        self._threads, self._leaves = array("I"), array("I")
        self._weights, self._counts = array("d"), array("q")
        self._first = array("i")
        """By stack table node the first of its cells, which are linked one to the next."""
        self._next = array("i")
        self._long: dict[int, dict[int, int]] = {}
        """Stack table node to where the cell of each thread is, of nodes with many."""
        self._empty = 0
        """Number of cells whose weight was taken away again."""

    def add(self, thread: int, leaf: int, weight: float, count: int) -> None:
        """Add to a cell, or take away from it."""
        if not weight and not count:
            return
        at = self._place(thread, leaf)
        if at == _NONE:
            self._append(thread, leaf, weight, count)
            return
        weights, counts = self._weights, self._counts
        was_empty = not weights[at] and not counts[at]
        weights[at] += weight
        counts[at] += count
        self._empty += (not weights[at] and not counts[at]) - was_empty

    def add_all(self, cells: Iterable[tuple[Cell, Held]]) -> None:
        """Add to many cells."""
        add = self.add
        for (thread, leaf), (weight, count) in cells:
            add(thread, leaf, weight, count)

    def __getitem__(self, cell: Cell) -> Held:
        at = self._place(*cell)
        if at == _NONE or not self._holds(at):
            raise KeyError(cell)
        return self._weights[at], self._counts[at]

    def __len__(self) -> int:
        return len(self._threads) - self._empty

    def __iter__(self) -> Iterator[Cell]:
        return compress(zip(self._threads, self._leaves, strict=True), self._which())

    def items(self) -> ItemsView[Cell, Held]:
        """Return cells with what they hold."""
        return _Items(self)

    def values(self) -> ValuesView[Held]:
        """Return what the cells hold."""
        return _Values(self)

    def held(self) -> Iterator[Held]:
        """Yield what each cell holds."""
        return compress(zip(self._weights, self._counts, strict=True), self._which())

    def _which(self) -> Iterable[bool]:
        """Say of each place whether it holds anything."""
        return map(self._holds, range(len(self._threads))) if self._empty else repeat(True)

    def _holds(self, at: int) -> bool:
        return bool(self._weights[at] or self._counts[at])

    def _place(self, thread: int, leaf: int) -> int:
        if leaf >= len(self._first):
            return _NONE
        if leaf in self._long:
            return self._long[leaf].get(thread, _NONE)
        threads, following, at = self._threads, self._next, self._first[leaf]
        while at != _NONE and threads[at] != thread:
            at = following[at]
        return at

    def _append(self, thread: int, leaf: int, weight: float, count: int) -> None:
        at, first = len(self._threads), self._first
        if leaf >= len(first):
            first.extend(repeat(_NONE, leaf + 1 - len(first)))
        self._threads.append(thread)
        self._leaves.append(leaf)
        self._weights.append(weight)
        self._counts.append(count)
        self._next.append(first[leaf])
        first[leaf] = at
        if leaf in self._long:
            self._long[leaf][thread] = at
        else:
            self._index_if_long(leaf)

    def _index_if_long(self, leaf: int) -> None:
        chain = [self._first[leaf]]
        while chain[-1] != _NONE and len(chain) <= _LONG:
            chain.append(self._next[chain[-1]])
        if chain[-1] != _NONE:
            self._long[leaf] = {self._threads[at]: at for at in chain}


class _Items(ItemsView["Cell", "Held"]):
    """Cells with what they hold, without looking each of them up."""

    _mapping: CellSums

    def __iter__(self) -> Iterator[tuple[Cell, Held]]:
        return zip(self._mapping, self._mapping.held(), strict=True)


class _Values(ValuesView["Held"]):
    """What cells hold, without looking each of them up."""

    _mapping: CellSums

    def __iter__(self) -> Iterator[Held]:
        return self._mapping.held()
