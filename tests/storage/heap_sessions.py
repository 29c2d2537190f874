"""Builders for what memray observes: snapshots written as stacks with bytes and allocations."""

from __future__ import annotations

import random
from array import array

from perftui.model.frame import Frame
from perftui.model.heap import Capture, FunctionHeap, HeapSnapshot, HeapTimeline, HeapView
from perftui.model.sample import Thread

MAIN = Thread(100, 100, "MainThread")


def heap(
    *stacks: str, view: HeapView = HeapView.HELD, at_s: float = 0.0, pid: int = 100, thread: Thread = MAIN
) -> HeapSnapshot:
    """A snapshot of stacks that were each given their bytes and allocations: `main;load 200 3`."""
    frames: dict[Frame, int] = {}
    nodes: dict[tuple[int, int], int] = {}
    cells = []
    figures: dict[int, list[int]] = {}
    for text in stacks:
        path, size, count = text.rsplit(" ", 2)
        node, seen = 0, set()
        for name in path.split(";"):
            frame = frames.setdefault(Frame(name, "app.py", len(name)), len(frames))
            node = nodes.setdefault((node, frame), len(nodes) + 1)
            seen.add(frame)
        cells.append((0, node, int(size), int(count)))
        for one in seen:
            self_bytes, self_count = (int(size), int(count)) if one == frame else (0, 0)
            sums = figures.setdefault(one, [0, 0, 0, 0])
            figures[one] = [
                sums[0] + self_bytes, sums[1] + int(size), sums[2] + self_count, sums[3] + int(count)
            ]  # fmt: skip
    return HeapSnapshot(
        view=view,
        at_s=at_s,
        pid=pid,
        total_bytes=sum(cell[2] for cell in cells),
        allocations=sum(cell[3] for cell in cells),
        stacks=len(cells),
        frames=tuple(frames),
        nodes=tuple(nodes),
        threads=(thread,) if cells else (),
        cells=tuple(cells),
        functions=tuple(FunctionHeap(frame, *sums) for frame, sums in figures.items()),
        exact=view is not HeapView.HELD,
        reader_rss_bytes=30_000_000,
        refresh_s=0.0125,
    )


def large_heap(nodes: int, *, at_s: float = 0.0, seed: int = 1) -> HeapSnapshot:
    """A snapshot of a tree of so many nodes, with sizes as they are met: most small, some very large."""
    chance = random.Random(seed)
    names = [
        Frame(f"function_{i}", f"/srv/app/package_{i % 40}/module_{i % 300}.py", i % 900) for i in range(nodes // 7)
    ]
    tree = [(max(0, node - 1 - int(chance.expovariate(0.2))), chance.randrange(len(names))) for node in range(1, nodes)]
    cells = tuple(
        (chance.randrange(4), node, int(chance.lognormvariate(9, 3)), 1 + int(chance.expovariate(0.02)))
        for node in range(1, nodes)
        if chance.random() < 0.6
    )
    total, count = sum(cell[2] for cell in cells), sum(cell[3] for cell in cells)
    functions = tuple(
        FunctionHeap(frame, own := total // 9_000, own * (1 + frame % 5), 1 + frame % 9, count // 50 + 9)
        for frame in range(len(names))
    )
    return HeapSnapshot(
        view=HeapView.HELD,
        at_s=at_s,
        pid=100,
        total_bytes=total,
        allocations=count,
        stacks=nodes,
        frames=tuple(names),
        nodes=tuple(tree),
        threads=tuple(Thread(100, 100 + i, f"worker-{i}") for i in range(4)),
        cells=cells,
        functions=functions,
    )


def timeline(pid: int = 100, points: int = 5) -> HeapTimeline:
    """A heap that grows by a mebibyte a second."""
    return HeapTimeline(
        pid,
        array("d", [i / 2 for i in range(points)]),
        array("d", [i * 524_288.0 for i in range(points)]),
        array("d", [2e7 + i * 524_288.0 for i in range(points)]),
    )


def capture(pid: int = 100, sha256: str = "ab" * 32, **changes: object) -> Capture:
    """A capture that was read to its end and kept."""
    facts: dict[str, object] = {
        "file": f"{sha256}.bin",
        "sha256": sha256,
        "size_bytes": 1_234,
        "complete": True,
        "high_watermark_bytes": 280_000_000,
        "high_watermark_at_s": 1.25,
        "total_allocated_bytes": 900_000_000,
        "allocations": 12_345,
        "leaked_bytes": 30_000_000,
        "leaked_allocations": 30,
        "stackless_bytes": 0,
        "python_allocator": "pymalloc",
        "pymalloc": True,
    }
    return Capture(pid, **(facts | changes))  # type: ignore[arg-type]
