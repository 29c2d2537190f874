"""A chart of one thread over time: in each of many equal cells the stack that was seen most, as blocks by depth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import floor, log10
from typing import NamedTuple

from perftui.analysis.call_tree import ROOT, CallTree
from perftui.analysis.time_order import TimeOrder

MOST_CELLS = 8_192
"""Cells whose stack is kept: some dozens of screens."""
MOST_AT_ONCE = 256
"""Windows that are unpacked for one drawing: about ten milliseconds; the others come with the next."""
_LADDER = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.4, 8.0, 10.0)
_ROUNDING = 1e-9


class Axis(NamedTuple):
    """Equal cells of time, one beside the other."""

    start_s: float
    step_s: float
    cells: int

    @property
    def end_s(self) -> float:
        """End of the last cell."""
        return self.start_s + self.cells * self.step_s

    def begin_of(self, cell: int) -> float:
        """Return where a cell begins, in seconds of the recording."""
        return self.start_s + cell * self.step_s


class CellSeen(NamedTuple):
    """What was seen of a thread in one cell of time."""

    node: int
    """Node of the stack that was seen most, frame by frame from the root on; the root where nothing was seen."""
    busy_s: float
    """What the samples of the cell weigh."""
    samples: int


NOTHING_SEEN = CellSeen(ROOT, 0.0, 0)
NodeOf = Callable[[int], int | None]
"""Leaf of the stack table to a node of the tree that is drawn; None for a stack that is not looked at."""


def axis_of(start_s: float, end_s: float, cells: int, *, steady: bool = False) -> Axis:
    """Return so many cells from one moment to another.

    Of a range that moves with a recording they are `steady`: they begin at whole multiples of a round length, so that
    a moment stays in its cell while the range moves on.
    """
    cells = max(1, cells)
    length_s = max(end_s - start_s, _ROUNDING)
    if not steady:
        return Axis(start_s, length_s / cells, cells)
    # One cell more than fits, for the two that are cut.
    least = length_s / max(1, cells - 1)
    power = 10.0 ** floor(log10(least))
    step_s = next(step * power for step in _LADDER if step * power >= least * (1 - _ROUNDING))
    number = floor(end_s / step_s + 1 - _ROUNDING) - cells
    return Axis(number * step_s, step_s, cells)


class ThreadOrder:
    """One thread of a session, through a scope, in the order of time.

    Cells whose time is over are looked at once; `cells` looks at only so many new windows a call.
    """

    def __init__(self, order: TimeOrder, threads: Collection[int], *, tree: CallTree, node_of: NodeOf) -> None:
        self.order = order
        self.tree = tree
        """The tree that nodes are of."""
        self._threads = frozenset(threads)
        """The thread's ids: one that got its name later has two."""
        self._node_of = node_of
        self._known: dict[tuple[float, float], CellSeen] = {}

    def cells(self, axis: Axis, *, most_windows: int = MOST_AT_ONCE) -> list[CellSeen | None]:
        """Return what was seen in each cell, None for those that have to be looked at in another call."""
        found: list[CellSeen | None] = []
        end_s = self.order.end_s
        for cell in range(axis.cells):
            start_s = axis.begin_of(cell)
            seen = self._known.get((start_s, axis.step_s))
            if seen is None and most_windows >= 0:
                most_windows = self.order.unpack(start_s, start_s + axis.step_s, most=most_windows)
            if seen is None and most_windows >= 0:
                counts, busy_s = self.order.seen(self._threads, start_s, start_s + axis.step_s)
                seen = most_seen(counts, busy_s, self._node_of, self.tree.parent)
                if start_s + axis.step_s <= end_s:
                    self._keep(start_s, axis.step_s, seen)
            found.append(seen)
        return found

    def _keep(self, start_s: float, step_s: float, seen: CellSeen) -> None:
        if len(self._known) >= MOST_CELLS:
            self._known.clear()
        self._known[start_s, step_s] = seen


def most_seen(counts: Mapping[int, int], busy_s: float, node_of: NodeOf, parents: Sequence[int]) -> CellSeen:
    """Return what was seen most: from the root on the heaviest child, as long as it outweighs the frame itself.

    Args:
        counts: Leaf of the stack table to samples.
        busy_s: What these samples weigh.
        node_of: What turns leaves into nodes of the tree that is drawn.
        parents: Parent of each of its nodes.
    """
    own: dict[int, int] = {}
    samples = 0
    for leaf, count in counts.items():
        node = node_of(leaf)
        if node is not None:
            own[node] = own.get(node, 0) + count
            samples += count
    if not samples:
        return NOTHING_SEEN
    share = samples / (sum(counts.values()) or 1)
    return CellSeen(_descended(own, parents), busy_s * share, samples)


def _descended(own: Mapping[int, int], parents: Sequence[int]) -> int:
    sums: dict[int, int] = {}
    for node, count in own.items():
        while node != ROOT:
            sums[node] = sums.get(node, 0) + count
            node = parents[node]
    best: dict[int, tuple[int, int]] = {}
    for node, total in sums.items():
        above = parents[node]
        # Of equals the one that was seen first in the run.
        best[above] = max(best.get(above, (0, 0)), (total, -node))
    at = ROOT
    while at in best and best[at][0] >= own.get(at, 0):
        at = -best[at][1]
    return at


class Block(NamedTuple):
    """A frame over neighbouring cells."""

    node: int
    first: int
    """First cell."""
    end: int
    """The cell after the last."""


def blocks(nodes: Sequence[int], parents: Sequence[int], depths: Sequence[int]) -> list[list[Block]]:
    """Return the rows of a chart of cells, from the outermost frame on; neighbouring equal frames are one block."""
    rows: list[list[Block]] = []
    open_blocks: list[tuple[int, int]] = []
    for cell, leaf in enumerate((*nodes, ROOT)):
        path = [ROOT] * depths[leaf]
        node = leaf
        for depth in range(depths[leaf] - 1, -1, -1):
            path[depth] = node
            node = parents[node]
        same = 0
        while same < min(len(path), len(open_blocks)) and open_blocks[same][0] == path[same]:
            same += 1
        for depth in range(len(open_blocks) - 1, same - 1, -1):
            node, first = open_blocks.pop()
            while len(rows) <= depth:
                rows.append([])
            rows[depth].append(Block(node, first, cell))
        open_blocks.extend((node, cell) for node in path[same:])
    return rows
