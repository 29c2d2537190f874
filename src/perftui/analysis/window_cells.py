"""The samples of one window of time in columns, and the grain that all weights by time are rounded to.

A stack that ever ends a sample has a slot: a small number, given out in the order of appearance.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Literal, Protocol

from perftui.analysis.time_order import OrderedWindow

QUANTUM = 2.0**-30
"""Weights by time are whole multiples of this, about a nanosecond: then what was added can be taken away and leaves
exactly nothing, in sums up to 97 days."""
_DEARER = 2
"""A slot with its number of samples takes so many times what one sample takes, in memory and in time."""
# Codes of columns by what their numbers stay below.
_CODES: tuple[tuple[Literal["B", "H", "I"], int], ...] = (("B", 1 << 8), ("H", 1 << 16), ("I", 1 << 32))

Row = tuple[int, int, float, int]
"""(thread id, slot, weight, count)."""
Part = tuple[int, int, int]
"""(thread id, first entry, entry after the last)."""


class PackedWindow(OrderedWindow, Protocol):
    """A window of a saved session: its samples are unpacked when they are needed."""

    @property
    def sample_count(self) -> int:
        """Number of samples of all threads."""


class Slots(dict[int, int]):
    """Stack table node to slot, given out at first sight."""

    def __init__(self) -> None:
        super().__init__()
        self.leaves: list[int] = []
        """Slot to stack table node."""

    def __missing__(self, leaf: int) -> int:
        slot = self[leaf] = len(self.leaves)
        self.leaves.append(leaf)
        return slot


class WindowCells:
    """The samples of one window, thread after thread."""

    __slots__ = ("_bounds", "counts", "each", "slots", "weights")

    def __init__(self) -> None:
        # Two numbers a part: as tuples they would take ten times the room of the samples of a thread at rest.
        self._bounds = array("I")
        self.slots = array("I")
        self.counts: array[int] | None = array("I")
        """Number of samples of each entry; None where each stands for one sample."""
        self.each = 0.0
        """Weight of every sample, where all weigh the same."""
        self.weights: array[float] | None = None
        """Otherwise the weight of each entry."""

    def __len__(self) -> int:
        return len(self.slots)

    @property
    def parts(self) -> Iterator[Part]:
        """Yield the entries of each thread."""
        first, bounds = 0, iter(self._bounds)
        for thread, last in zip(bounds, bounds, strict=True):
            yield thread, first, last
            first = last

    def end_part(self, thread: int) -> None:
        """Note that all entries since the part before are of a thread."""
        self._bounds.extend((thread, len(self.slots)))

    def packed(self) -> WindowCells:
        """Return the same in columns of as few bytes a number as its numbers allow; nothing can be added to these."""
        self._bounds, self.slots = narrow(self._bounds), narrow(self.slots)
        self.counts = None if self.counts is None else narrow(self.counts)
        return self

    def rows(self, *, parts: Iterable[Part] | None = None) -> Iterator[Row]:
        """Yield each (thread, slot) once with its weight and count; of some of the parts or of all."""
        counts, weights, each = self.counts, self.weights, self.each
        for thread, first, last in self.parts if parts is None else parts:
            slots = self.slots[first:last]
            if counts is None:
                for slot, count in Counter(slots).items():
                    yield thread, slot, each * count, count
            elif weights is None:
                for slot, count in zip(slots, counts[first:last], strict=True):
                    yield thread, slot, each * count, count
            else:
                for slot, weight, count in zip(slots, weights[first:last], counts[first:last], strict=True):
                    yield thread, slot, weight, count

    def by_thread(self) -> Iterator[tuple[int, float, int]]:
        """Yield (thread id, weight, count)."""
        for thread, first, last in self.parts:
            count = last - first if self.counts is None else sum(self.counts[first:last])
            yield thread, self.each * count if self.weights is None else sum(self.weights[first:last]), count


def cells_of(rows: Iterable[Row]) -> WindowCells:
    """Return rows, each (thread, slot) once at most, as columns."""
    cells = WindowCells()
    counts, weights = array("I"), array("d")
    for thread, of_thread in groupby(sorted(rows, key=itemgetter(0)), key=itemgetter(0)):
        for _, slot, weight, count in of_thread:
            cells.slots.append(slot)
            counts.append(count)
            weights.append(whole(weight))
        cells.end_part(thread)
    cells.counts = counts
    each = whole(weights[0] / counts[0]) if weights and counts[0] else 0.0
    if all(abs(weight - each * count) <= count * QUANTUM for weight, count in zip(weights, counts, strict=True)):
        cells.each = each
    else:
        cells.weights = weights
    return cells.packed()


def cells_of_samples(samples: Iterable[tuple[int, Sequence[int]]], interval_s: float, slots: Slots) -> WindowCells:
    """Return (thread id, leaf node of each sample) as columns: sample by sample, or counted where that is smaller."""
    cells = WindowCells()
    cells.each = whole(interval_s)
    parts = [(thread, list(map(slots.__getitem__, leaves))) for thread, leaves in samples]
    counted = [(thread, Counter(of_thread)) for thread, of_thread in parts]
    if _DEARER * sum(len(counter) for _, counter in counted) >= sum(len(of_thread) for _, of_thread in parts):
        cells.counts = None
        for thread, of_thread in parts:
            cells.slots.extend(of_thread)
            cells.end_part(thread)
        return cells.packed()
    counts = cells.counts = array("I")
    for thread, counter in counted:
        cells.slots.extend(counter)
        cells.end_part(thread)
        counts.extend(counter.values())
    return cells.packed()


def joined(parts: Sequence[WindowCells]) -> WindowCells:
    """Return several windows as one."""
    if len(parts) == 1:
        return parts[0]
    sums: dict[tuple[int, int], tuple[float, int]] = {}
    for part in parts:
        for thread, slot, weight, count in part.rows():
            known = sums.get((thread, slot), (0.0, 0))
            sums[thread, slot] = (known[0] + weight, known[1] + count)
    cells = cells_of((thread, slot, *held) for (thread, slot), held in sums.items())
    if len({part.each for part in parts}) > 1 or any(part.weights is not None for part in parts):
        # What several lengths weigh stays to the grain, also where it comes near to one that is even.
        weights = array("d")
        for thread, first, last in cells.parts:
            weights.extend([sums[thread, slot][0] for slot in cells.slots[first:last]])
        cells.weights = weights
    return cells


def narrow(numbers: array[int]) -> array[int]:
    """Return numbers that are not negative in a column of as few bytes each as the greatest of them takes."""
    most = max(numbers, default=0)
    code = next((code for code, limit in _CODES if most < limit), numbers.typecode)
    return array(code, numbers)


def whole(weight: float) -> float:
    """Return a weight rounded to the grain."""
    return round(weight / QUANTUM) * QUANTUM
