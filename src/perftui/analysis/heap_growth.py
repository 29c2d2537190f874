"""What grew between two pictures of the heap: stacks that hold more, and what each function gained or lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.model.frame import Frame
from perftui.model.heap import FunctionHeap, HeapSnapshot
from perftui.model.sample import Thread

_Place = tuple[int, Frame]
_Figures = tuple[int, int, int, int]


def growth_between(before: HeapSnapshot | None, after: HeapSnapshot) -> HeapSnapshot:
    """Return what one process holds more of than in the picture before, which may be missing: then all of it grew.

    The tree is of growth only, in bytes and in allocations, place by place: what moved from one line to another grew
    in that. The rows of functions are differences, negative where more was freed than allocated. What is too small to
    be listed in one of the pictures stands in the rest below its nearest listed ancestor, in either of them.
    """
    known = {} if before is None else _cells(before)
    threads = {thread: number for number, thread in enumerate(after.threads)}
    paths = _paths(after)
    cells = []
    for thread, node, size, count in after.cells:
        held, number = known.get((after.threads[thread], paths[node]), (0, 0))
        if size > held or count > number:
            cells.append((threads[after.threads[thread]], node, max(0, size - held), max(0, count - number)))
    frames, functions = _changes(before, after)
    return replace(
        after,
        total_bytes=sum(cell[2] for cell in cells),
        allocations=sum(cell[3] for cell in cells),
        stacks=len(cells),
        frames=frames,
        cells=tuple(cells),
        functions=tuple(functions),
    )


def freed_everything(pid: int, like: HeapSnapshot) -> HeapSnapshot:
    """Return a picture of a process that holds nothing, at the moment and of the view of another one."""
    return replace(
        like, pid=pid, total_bytes=0, allocations=0, stacks=0, frames=(), nodes=(), threads=(), cells=(), functions=()
    )


def _cells(snapshot: HeapSnapshot) -> dict[tuple[Thread, tuple[Frame, ...]], tuple[int, int]]:
    paths, threads = _paths(snapshot), snapshot.threads
    return {(threads[thread], paths[node]): (size, count) for thread, node, size, count in snapshot.cells}


def _paths(snapshot: HeapSnapshot) -> list[tuple[Frame, ...]]:
    """Return the stack of each node, root first."""
    paths: list[tuple[Frame, ...]] = [()]
    for parent, frame in snapshot.nodes:
        paths.append((*paths[parent], snapshot.frames[frame]))
    return paths


def _changes(before: HeapSnapshot | None, after: HeapSnapshot) -> tuple[tuple[Frame, ...], Iterable[FunctionHeap]]:
    """Return the frames of a picture and of functions that are gone from it, and the change of each function."""
    frames = list(after.frames)
    gone = {} if before is None else _rows(before)
    changes: list[FunctionHeap] = []
    for key, (number, figures) in _rows(after).items():
        _, were = gone.pop(key, (0, (0, 0, 0, 0)))
        changes.append(_change(number, were, figures))
    for number, were in gone.values():
        assert before is not None
        frames.append(before.frames[number])
        changes.append(_change(len(frames) - 1, were, (0, 0, 0, 0)))
    return tuple(frames), changes


def _rows(snapshot: HeapSnapshot) -> dict[FunctionKey, tuple[int, _Figures]]:
    return {
        function_key(snapshot.frames[row.frame]): (
            row.frame,
            (row.self_bytes, row.total_bytes, row.self_count, row.total_count),
        )
        for row in snapshot.functions
    }


def _change(frame: int, were: _Figures, are: _Figures) -> FunctionHeap:
    return FunctionHeap(frame, are[0] - were[0], are[1] - were[1], are[2] - were[2], are[3] - were[3])
