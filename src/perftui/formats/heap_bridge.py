"""The way of memory into other tools' formats: a view of the heap becomes a profile in bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from perftui.formats.base import StackProfile, StackRow
from perftui.model.frame import Stack
from perftui.model.heap import HeapSnapshot
from perftui.units import Unit


def profile_of_heap(name: str, snapshots: Iterable[HeapSnapshot]) -> StackProfile:
    """Return snapshots of one view, one a process, as a profile; what is too small to be listed keeps its name.

    A row is one stack of one thread with all its bytes: the formats have no room for a number of allocations beside.
    """
    return StackProfile(name=name, unit=Unit.BYTES, rows=tuple(row for each in snapshots for row in _rows(each)))


def _rows(snapshot: HeapSnapshot) -> Iterator[StackRow]:
    stacks: list[Stack] = [()]
    for parent, frame in snapshot.nodes:
        stacks.append((*stacks[parent], snapshot.frames[frame]))
    for thread, node, size, _ in snapshot.cells:
        if size > 0:
            yield StackRow(snapshot.threads[thread], stacks[node], float(size), 1)
