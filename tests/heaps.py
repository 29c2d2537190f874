"""Builders for memory: what is held is written as collapsed stacks with bytes and a number of allocations."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from perftui.analysis.heap_fold import HeapFold
from perftui.analysis.heap_profile import HeapProfile
from perftui.model.frame import Frame, Stack
from perftui.model.heap import SMALLER, Capture, FunctionHeap, HeapDelta, HeapSnapshot, HeapView
from perftui.model.sample import Thread
from tests.builders import MAIN, stack

SHA256 = "ab" * 32
Heap = dict[tuple[int, Stack], tuple[int, int]]
"""(thread id, stack root first) to (bytes, allocations)."""


def held(text: str, *, tid: int = 1) -> Heap:
    """`main;load 200 1` a line: bytes and number of allocations of a stack."""
    found: Heap = {}
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        path, size, count = line.rsplit(" ", 2)
        known = found.get((tid, stack(path)), (0, 0))
        found[tid, stack(path)] = known[0] + int(size), known[1] + int(count)
    return found


def snapshot(
    heap: Heap,
    *,
    pid: int = 100,
    at_s: float = 0.0,
    view: HeapView = HeapView.HELD,
    listed_from: int = 0,
    exact: bool = True,
) -> HeapSnapshot:
    """A snapshot that lists the stacks of at least `listed_from` bytes; the functions are exact all the same."""
    frames: dict[Frame, int] = {}
    nodes: dict[tuple[int, int], int] = {}
    threads: dict[Thread, int] = {}
    cells: dict[tuple[int, int], tuple[int, int]] = {}
    totals = _totals(heap)
    for (tid, path), (size, count) in heap.items():
        node = 0
        for depth, frame in enumerate(path, start=1):
            listed = totals[path[:depth]] >= listed_from
            number = frames.setdefault(frame if listed else Frame(SMALLER), len(frames))
            node = nodes.setdefault((node, number), len(nodes) + 1)
            if not listed:
                break
        key = threads.setdefault(Thread(pid, tid), len(threads)), node
        known = cells.get(key, (0, 0))
        cells[key] = known[0] + size, known[1] + count
    return HeapSnapshot(
        view=view,
        at_s=at_s,
        pid=pid,
        total_bytes=sum(size for size, _ in heap.values()),
        allocations=sum(count for _, count in heap.values()),
        stacks=len(heap),
        functions=_functions(heap, frames),
        frames=tuple(frames),
        nodes=tuple(nodes),
        threads=tuple(threads),
        cells=tuple((*key, *cell) for key, cell in cells.items() if cell != (0, 0)),
        exact=exact,
    )


def heap_profile(
    text: str, *, listed_from: int = 0, exact: bool = True, view: HeapView = HeapView.HELD, at_s: float = 0.0
) -> HeapProfile:
    """The profile of one process that holds what the text says."""
    profile = HeapProfile()
    seen = snapshot(held(text), listed_from=listed_from, exact=exact, view=view, at_s=at_s)
    profile.apply(HeapFold(view).fold(seen))
    return profile


def heap(
    text: str,
    view: HeapView = HeapView.HIGH_WATERMARK,
    *,
    pid: int = MAIN.pid,
    at_s: float = 1.0,
    exact: bool = True,
) -> HeapSnapshot:
    """A view of one process, all of it on the main thread: `main;load 200 3` is 200 bytes in 3 allocations."""
    seen = snapshot(held(text, tid=pid), pid=pid, at_s=at_s, view=view, exact=exact)
    return replace(seen, threads=(Thread(pid, pid, "MainThread"),))


def heap_deltas(*snapshots: HeapSnapshot) -> dict[HeapView, HeapDelta]:
    """What one snapshot of each view brings to an update."""
    return {snapshot.view: HeapFold(snapshot.view).fold(snapshot) for snapshot in snapshots}


def capture(pid: int = MAIN.pid, **facts: object) -> Capture:
    """A capture that was read to its end."""
    known: dict[str, object] = {
        "file": f"{SHA256}.bin",
        "sha256": SHA256,
        "size_bytes": 4_000,
        "complete": True,
        "high_watermark_bytes": 280,
        "high_watermark_at_s": 1.5,
        "total_allocated_bytes": 900,
        "allocations": 12,
        "leaked_bytes": 30,
        "leaked_allocations": 1,
        "stackless_bytes": 0,
        "python_allocator": "pymalloc",
    }
    return Capture(pid, **{**known, **facts})  # type: ignore[arg-type]


def _totals(heap: Heap) -> dict[Stack, int]:
    totals: dict[Stack, int] = defaultdict(int)
    for (_, path), (size, _) in heap.items():
        for depth in range(1, len(path) + 1):
            totals[path[:depth]] += size
    return totals


def _functions(heap: Heap, frames: dict[Frame, int]) -> tuple[FunctionHeap, ...]:
    sums: dict[tuple[str, str], list[int]] = {}
    heat: dict[tuple[str, str], dict[Frame, int]] = defaultdict(lambda: defaultdict(int))
    for (_, path), (size, count) in heap.items():
        for key in {(frame.file, frame.function) for frame in path}:
            row = sums.setdefault(key, [0, 0, 0, 0])
            row[1] += size
            row[3] += count
        for frame in path:
            heat[frame.file, frame.function][frame] += 0
        if path:
            key = path[-1].file, path[-1].function
            sums[key][0] += size
            sums[key][2] += count
            heat[key][path[-1]] += size
    rows = []
    for key, (own, total, own_count, total_count) in sums.items():
        frame = max(heat[key], key=heat[key].__getitem__)
        rows.append(FunctionHeap(frames.setdefault(frame, len(frames)), own, total, own_count, total_count))
    return tuple(rows)
