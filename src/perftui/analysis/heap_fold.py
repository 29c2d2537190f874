"""Heap snapshots folded: each becomes the difference to the one before, so trees grow in place and ids never move."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

from perftui.analysis.aggregate import merged
from perftui.model.frame import Frame
from perftui.model.heap import FunctionRow, HeapDelta, HeapSnapshot, HeapTotals, HeapView
from perftui.model.sample import ProfileDelta, Thread

_Thing = TypeVar("_Thing", bound=Hashable)
_Cells = dict[tuple[int, int], tuple[float, int]]


class HeapFold:
    """Turns the snapshots of one view, of any number of processes, into deltas with ids that continue."""

    def __init__(self, view: HeapView) -> None:
        self.view = view
        self._frames: dict[Frame, int] = {}
        self._nodes: dict[tuple[int, int], int] = {}
        self._threads: dict[Thread, int] = {}
        self._cells: dict[int, _Cells] = {}
        """By process: what its newest snapshot held."""

    def fold(self, snapshot: HeapSnapshot) -> HeapDelta:
        """Return what a snapshot changes."""
        new_frames: list[Frame] = []
        new_nodes: list[tuple[int, int]] = []
        new_threads: list[Thread] = []
        frames = [_id_of(frame, self._frames, new_frames) for frame in snapshot.frames]
        threads = [_id_of(thread, self._threads, new_threads) for thread in snapshot.threads]
        nodes = [0]
        for parent, frame in snapshot.nodes:
            # Node 0 is the root, which is not in the table.
            nodes.append(_id_of((nodes[parent], frames[frame]), self._nodes, new_nodes, first=1))
        cells: _Cells = {}
        for thread, node, size, count in snapshot.cells:
            key = (threads[thread], nodes[node])
            known = cells.get(key, (0.0, 0))
            cells[key] = (known[0] + size, known[1] + count)
        before = self._cells.get(snapshot.pid, {})
        self._cells[snapshot.pid] = cells
        return HeapDelta(
            profile=ProfileDelta(
                frames=tuple(new_frames),
                nodes=tuple(new_nodes),
                threads=tuple(new_threads),
                weights=_difference(before, cells),
                end_s=snapshot.at_s,
            ),
            totals={snapshot.pid: _totals(snapshot)},
            functions={snapshot.pid: _rows(snapshot)},
        )


def merged_heap(first: HeapDelta, second: HeapDelta) -> HeapDelta:
    """Return one delta that changes what both change, one after the other."""
    return HeapDelta(
        profile=merged(first.profile, second.profile),
        totals={**first.totals, **second.totals},
        functions={**first.functions, **second.functions},
    )


def _id_of(thing: _Thing, known: dict[_Thing, int], new: list[_Thing], *, first: int = 0) -> int:
    found = known.get(thing)
    if found is None:
        found = known[thing] = len(known) + first
        new.append(thing)
    return found


def _difference(before: _Cells, after: _Cells) -> _Cells:
    changed: _Cells = {}
    for key, (size, count) in after.items():
        known = before.get(key, (0.0, 0))
        if known != (size, count):
            changed[key] = (size - known[0], count - known[1])
    for key, (size, count) in before.items():
        if key not in after:
            changed[key] = (-size, -count)
    return changed


def _totals(snapshot: HeapSnapshot) -> HeapTotals:
    return HeapTotals(
        at_s=snapshot.at_s,
        total_bytes=snapshot.total_bytes,
        allocations=snapshot.allocations,
        stacks=snapshot.stacks,
        exact=snapshot.exact,
        reader_rss_bytes=snapshot.reader_rss_bytes,
        refresh_s=snapshot.refresh_s,
    )


def _rows(snapshot: HeapSnapshot) -> tuple[FunctionRow, ...]:
    return tuple(
        FunctionRow(snapshot.frames[row.frame], row.self_bytes, row.total_bytes, row.self_count, row.total_count)
        for row in snapshot.functions
    )
