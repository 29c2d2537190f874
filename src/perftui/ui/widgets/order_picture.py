"""What a chart over time shows of one thread: its cells and blocks, and where things are among them."""

from __future__ import annotations

from typing import NamedTuple

from perftui.analysis.call_tree import ROOT, FunctionKey
from perftui.analysis.order_chart import Axis, Block, CellSeen, ThreadOrder, axis_of, blocks
from perftui.ui.view_state import Path
from perftui.ui.widgets.flame_text import name_and_place
from perftui.ui.widgets.order_zoom import Span
from perftui.units import format_seconds


class OrderFacts(NamedTuple):
    """What the chart shows."""

    thread: ThreadOrder | None = None
    name: str = ""
    """Of the thread."""
    number: int = 0
    """Its place among all threads, from 1 on."""
    of: int = 0
    """Number of threads."""
    run: Span = (0.0, 0.0)
    """From when to when there is something to show."""
    follows: bool = False
    """Whether the end moves on."""
    selected: Path = ()
    function: FunctionKey | None = None
    cwd: str = ""
    note: str = ""
    """What is missing: from when on there is an order."""
    empty: str = ""
    """Why there is nothing."""


class Spot(NamedTuple):
    """A block and the row that it is in, 0 for the outermost frame."""

    depth: int
    block: Block


class OrderPicture:
    """Blocks of a thread over an axis of so many cells."""

    def __init__(self) -> None:
        self.thread: ThreadOrder | None = None
        self.axis = Axis(0.0, 1.0, 1)
        self.cells: list[CellSeen | None] = []
        """None where nothing was looked at yet."""
        self.rows: list[list[Block]] = []
        """Blocks by depth."""
        self._laid_out: object = None

    def lay_out(self, thread: ThreadOrder | None, span: Span, width: int, *, steady: bool) -> bool:
        """Look at what a thread did from when to when; say whether that is all."""
        self.thread = thread
        if thread is None or not width:
            self.cells, self.rows, self._laid_out = [], [], None
            return True
        self.axis = axis_of(*span, width, steady=steady)
        self.cells = thread.cells(self.axis)
        nodes = [ROOT if cell is None else cell.node for cell in self.cells]
        if self._laid_out != (nodes, thread.tree):
            self._laid_out = (nodes, thread.tree)
            self.rows = blocks(nodes, thread.tree.parent, thread.tree.depth)
        return None not in self.cells

    def first_row(self, height: int) -> int:
        """Return the row to begin with where not all have room: one above the first that tells stacks apart."""
        alike = next((depth for depth, row in enumerate(self.rows) if len({block.node for block in row}) > 1), 0)
        return max(0, min(alike - 1, len(self.rows) - height))

    def begin_s(self, block: Block) -> float:
        """Return when a block begins."""
        return self.axis.begin_of(block.first)

    def end_s(self, block: Block) -> float:
        """Return when a block ends."""
        return self.axis.begin_of(block.end)

    def middle_s(self, block: Block) -> float:
        """Return the moment in the middle of a block."""
        return (self.begin_s(block) + self.end_s(block)) / 2

    def at(self, x: int, depth: int) -> Spot | None:
        """Return the block of a cell in a row."""
        row = self.rows[depth] if 0 <= depth < len(self.rows) else ()
        found = next((block for block in row if block.first <= x < block.end), None)
        return None if found is None else Spot(depth, found)

    def of_path(self, path: Path, at_s: float) -> Spot | None:
        """Return the block of a path: the one at a moment, or else the longest."""
        thread, depth = self.thread, len(path) - 1
        if thread is None or not 0 <= depth < len(self.rows):
            return None
        node = thread.tree.nearest(path)
        found = [block for block in self.rows[depth] if block.node == node]
        if not found or thread.tree.depth[node] != len(path):
            return None
        cell = (at_s - self.axis.start_s) / self.axis.step_s
        here = next((block for block in found if block.first <= cell < block.end), None)
        return Spot(depth, here or _longest(found))

    def longest_in(self, depth: int) -> Spot | None:
        """Return the longest block of a row."""
        row = self.rows[depth] if 0 <= depth < len(self.rows) else []
        return Spot(depth, _longest(row)) if row else None

    def beside(self, spot: Spot, step: int) -> Spot | None:
        """Return the next block of the row, or the one before."""
        others = [other for other in self.rows[spot.depth] if (other.first - spot.block.first) * step > 0]
        return Spot(spot.depth, others[0] if step > 0 else others[-1]) if others else None

    def above(self, spot: Spot) -> Spot | None:
        """Return the block that called one."""
        return self.at(spot.block.first, spot.depth - 1)

    def below(self, spot: Spot) -> Spot | None:
        """Return the longest block that one called."""
        depth, block = spot.depth + 1, spot.block
        row = self.rows[depth] if depth < len(self.rows) else []
        called = [other for other in row if block.first <= other.first < block.end]
        return Spot(depth, _longest(called)) if called else None

    def told(self, spot: Spot | None, *, cwd: str = "") -> str:
        """Return one line about a block."""
        if spot is None or self.thread is None:
            return ""
        block = spot.block
        samples = sum(cell.samples for cell in self.cells[block.first : block.end] if cell is not None)
        cells = block.end - block.first
        return "  ·  ".join(
            (
                name_and_place(self.thread.tree, block.node, cwd),
                f"{format_seconds(max(0.0, self.begin_s(block)))} to {format_seconds(self.end_s(block))}",
                f"seen most in {cells} {'cell' if cells == 1 else 'cells'} with {samples} samples",
            )
        )


def _longest(row: list[Block]) -> Block:
    return max(row, key=lambda block: block.end - block.first)
