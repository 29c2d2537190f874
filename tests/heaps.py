"""Builders for memory: what is held is written as collapsed stacks with bytes and allocations."""

from __future__ import annotations

from perftui.analysis.heap_fold import HeapFold
from perftui.model.frame import Frame
from perftui.model.heap import Capture, FunctionHeap, HeapDelta, HeapSnapshot, HeapView
from perftui.model.sample import Thread
from tests.builders import MAIN, stack

SHA256 = "ab" * 32


def heap(
    text: str,
    view: HeapView = HeapView.HIGH_WATERMARK,
    *,
    pid: int = MAIN.pid,
    at_s: float = 1.0,
    thread: Thread | None = None,
    exact: bool = True,
) -> HeapSnapshot:
    """A view of one process of collapsed lines: `main;load 200 3` is 200 bytes in 3 allocations."""
    frames: dict[Frame, int] = {}
    nodes: dict[tuple[int, int], int] = {}
    cells: dict[int, tuple[int, int]] = {}
    own: dict[int, tuple[int, int]] = {}
    total: dict[int, tuple[int, int]] = {}
    for line in filter(None, map(str.strip, text.split("\n"))):
        path, size, count = line.rsplit(" ", 2)
        weight = (int(size), int(count))
        node, ids = 0, [frames.setdefault(frame, len(frames)) for frame in stack(path)]
        for frame in ids:
            node = nodes.setdefault((node, frame), len(nodes) + 1)
        for sums, keys in ((cells, [node]), (own, ids[-1:]), (total, list(set(ids)))):
            for key in keys:
                sums[key] = _added(sums.get(key, (0, 0)), weight)
    return HeapSnapshot(
        view=view,
        at_s=at_s,
        pid=pid,
        total_bytes=sum(size for size, _ in cells.values()),
        allocations=sum(count for _, count in cells.values()),
        stacks=len(cells),
        frames=tuple(frames),
        nodes=tuple(nodes),
        threads=(thread or Thread(pid, pid, "MainThread"),),
        cells=tuple((0, node, size, count) for node, (size, count) in cells.items()),
        functions=tuple(
            FunctionHeap(frame, *_interleaved(own.get(frame, (0, 0)), total[frame])) for frame in sorted(total)
        ),
        exact=exact,
    )


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


def _added(known: tuple[int, int], more: tuple[int, int]) -> tuple[int, int]:
    return known[0] + more[0], known[1] + more[1]


def _interleaved(own: tuple[int, int], total: tuple[int, int]) -> tuple[int, int, int, int]:
    return own[0], total[0], own[1], total[1]
