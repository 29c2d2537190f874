"""What a heap snapshot has to be, before it is stored and after it was read: nothing points nowhere, all adds up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import le, lt

from perftui.model.heap import HeapSnapshot, HeapTimeline

# Far above what a screen can show, far below what would fill a small machine's memory.
MOST_FRAMES = 2_000_000
MOST_NODES = 1_000_000
MOST_CELLS = 2_000_000
MOST_THREADS = 65_536
MOST_FUNCTIONS = 1_000_000
MOST_POINTS = 1_000_000
LARGEST = 1 << 62
"""Sums of what is smaller than this fit a column of the database."""
# Each node is compared with its ancestors when it joins a tree, so what is bounded is the sum of all depths.
MOST_ANCESTORS = 50_000_000


def check_snapshot(snapshot: HeapSnapshot) -> None:
    """Raise `ValueError` with a sentence unless a snapshot is sound."""
    _check_sizes(snapshot)
    _check_nodes(snapshot.nodes, len(snapshot.frames))
    _check_cells(snapshot)
    _check_functions(snapshot)


def check_timeline(timeline: HeapTimeline) -> None:
    """Raise `ValueError` with a sentence unless a timeline is sound."""
    if abs(timeline.pid) >= LARGEST:
        raise ValueError("a timeline is of no process")
    columns = (timeline.at_s, timeline.heap_bytes, timeline.rss_bytes)
    if len({len(column) for column in columns}) != 1 or len(timeline.at_s) > MOST_POINTS:
        raise ValueError("a timeline's columns are not of one length")
    if not all(all(map(math.isfinite, column)) for column in columns):
        raise ValueError("a timeline holds a number that is none")
    if not all(map(le, timeline.at_s, timeline.at_s[1:])):
        raise ValueError("a timeline does not rise in time")


def _check_sizes(snapshot: HeapSnapshot) -> None:
    figures = (snapshot.total_bytes, snapshot.allocations, snapshot.stacks, snapshot.reader_rss_bytes)
    if not _within(figures, LARGEST):
        raise ValueError("a heap snapshot has an impossible size")
    if not (math.isfinite(snapshot.at_s) and math.isfinite(snapshot.refresh_s)):
        raise ValueError("a heap snapshot has an impossible time")
    if not (abs(snapshot.pid) < LARGEST and _within((frame.line for frame in snapshot.frames), LARGEST)):
        raise ValueError("a heap snapshot holds an impossible number")
    parts = (snapshot.frames, snapshot.nodes, snapshot.threads, snapshot.cells, snapshot.functions)
    most = (MOST_FRAMES, MOST_NODES, MOST_THREADS, MOST_CELLS, MOST_FUNCTIONS)
    if any(len(part) > limit for part, limit in zip(parts, most, strict=True)):
        raise ValueError("a heap snapshot is larger than any is made")


def _check_nodes(nodes: Sequence[tuple[int, int]], frames: int) -> None:
    parents = [parent for parent, _ in nodes]
    if not (all(map(lt, parents, range(1, len(nodes) + 1))) and min(parents, default=0) >= 0):
        raise ValueError("a node of a heap snapshot comes before its parent")
    if not _within((frame for _, frame in nodes), frames):
        raise ValueError("a node of a heap snapshot has no frame")
    depth = [0]
    for parent in parents:
        depth.append(depth[parent] + 1)
    if sum(depth) > MOST_ANCESTORS:
        raise ValueError("a heap snapshot is deeper than any program's")


def _check_cells(snapshot: HeapSnapshot) -> None:
    if not snapshot.cells:
        if snapshot.total_bytes or snapshot.allocations:
            raise ValueError("a heap snapshot does not add up")
        return
    threads, nodes, sizes, counts = zip(*snapshot.cells, strict=True)
    if not (_within(threads, len(snapshot.threads)) and _within(nodes, len(snapshot.nodes) + 1)):
        raise ValueError("a heap snapshot speaks of threads or stacks that it does not hold")
    if len(set(zip(threads, nodes, strict=True))) != len(snapshot.cells):
        raise ValueError("a heap snapshot names a stack twice")
    if min(sizes) < 0 or min(counts) < 0 or (sum(sizes), sum(counts)) != (snapshot.total_bytes, snapshot.allocations):
        raise ValueError("a heap snapshot does not add up")


def _check_functions(snapshot: HeapSnapshot) -> None:
    rows = snapshot.functions
    if not _within((row.frame for row in rows), len(snapshot.frames)):
        raise ValueError("a function of a heap snapshot has no frame")
    for row in rows:
        if not (
            0 <= row.self_bytes <= row.total_bytes <= snapshot.total_bytes
            and 0 <= row.self_count <= row.total_count <= snapshot.allocations
        ):
            raise ValueError("a function of a heap snapshot holds more than there is")


def _within(numbers: Iterable[int], end: int) -> bool:
    listed = list(numbers)
    return not listed or (min(listed) >= 0 and max(listed) < end)
