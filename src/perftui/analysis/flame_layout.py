"""The flame layout: which boxes an icicle of so many cells shows; widths add up exactly, nothing is dropped.

A row is a depth: the root is row 0, the ancestors of the zoomed node are full-width rows above it. Work grows with
the boxes that can be seen and with their children, not with the tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from perftui.model.frame import Frame

_ROUNDING = 1e-9
"""A child this much short of one cell still counts as one: sums of weights carry rounding errors."""


class Order(Enum):
    """How siblings stand beside each other."""

    FIRST_SEEN = "first seen"
    """Calm while weights grow: the order never changes."""
    WEIGHT = "weight"
    """The widest first; boxes jump while weights grow."""
    NAME = "name"


class WeightedTree(Protocol):
    """What a layout needs of a tree: columns by node id, where an ancestor's id is the smaller one."""

    @property
    def parent(self) -> Sequence[int]:
        """Parent of each node, -1 for the root."""

    @property
    def depth(self) -> Sequence[int]:
        """Depth of each node, 0 for the root."""

    @property
    def function(self) -> Sequence[int]:
        """Function id of each node, -1 for the root."""

    @property
    def functions(self) -> Sequence[Frame]:
        """Function id to a frame of it."""

    @property
    def total_weight(self) -> Sequence[float]:
        """Weight of each node with everything below it; children never add up to more than their parent."""

    def children(self, node: int) -> Iterable[int]:
        """Yield the children of a node in the order they were first seen."""


class Box(NamedTuple):
    """A run of cells in a row: a node, or the remainder of a node's children that are narrower than a cell."""

    node: int
    """The node; of a remainder, the parent of what is folded."""
    x: int
    width: int
    weight: float
    folded: int = 0
    """Number of children folded into a remainder, 0 for a node's own box."""

    @property
    def end(self) -> int:
        """First cell to the right."""
        return self.x + self.width


class Layout(NamedTuple):
    """The visible rows of an icicle."""

    zoom: int
    first_row: int
    """Depth of the first of `rows`."""
    rows: tuple[tuple[Box, ...], ...]
    """Boxes of each row from left to right; a row without any is the end of the icicle."""
    more_below: bool
    """Whether boxes stand below the last of `rows`."""

    def box_at(self, x: int, depth: int) -> Box | None:
        """Return the box that covers cell `x` of the row of that depth."""
        return next((box for box in self.row(depth) if box.x <= x < box.end), None)

    def row(self, depth: int) -> tuple[Box, ...]:
        """Return the boxes of the row of that depth, none where it is not visible."""
        row = depth - self.first_row
        return self.rows[row] if 0 <= row < len(self.rows) else ()


def layout(
    tree: WeightedTree,
    *,
    zoom: int = 0,
    width: int,
    rows: int,
    first_row: int = 0,
    order: Order = Order.FIRST_SEEN,
) -> Layout:
    """Lay out the rows from `first_row` on, with the node `zoom` as wide as the whole.

    Within a box its children stand from the left, then the remainder of those that are narrower than a cell (at
    least one cell, so that it is seen), then the gap that is the node's own weight.
    """
    if width <= 0 or rows <= 0:
        return Layout(zoom, first_row, (), False)
    shown: list[tuple[Box, ...]] = []
    top = tree.depth[zoom] if zoom else 0
    above = _ancestors(tree, zoom) if zoom else []
    last_row = first_row + rows
    shown.extend(
        (Box(above[depth], 0, width, tree.total_weight[above[depth]]),)
        for depth in range(first_row, min(top, last_row))
    )
    current = [Box(zoom, 0, width, tree.total_weight[zoom])]
    depth = top
    while current and depth < last_row:
        if depth >= first_row:
            shown.append(tuple(current))
        current = [part for box in current if not box.folded for part in split(tree, box, order)]
        depth += 1
    return Layout(zoom, first_row, tuple(shown), bool(current))


def split(tree: WeightedTree, box: Box, order: Order = Order.FIRST_SEEN) -> list[Box]:
    """Return the boxes below a node's box, the remainder last."""
    total = tree.total_weight
    children = [(weight, child) for child in tree.children(box.node) if (weight := total[child]) > 0]
    wide, thin = _told_apart(children, box)
    if order is not Order.FIRST_SEEN:
        wide = _ordered(tree, wide, order)
    return _place(box, wide, max(box.weight, sum(weight for weight, _ in children)), len(thin), sum(thin))


def in_line(weights: Sequence[tuple[float, int]], width: int) -> list[Box]:
    """Return (weight, node) rows as boxes that fill so many cells in their order, the remainder of the thin ones last.

    The remainder stands for node -1.
    """
    whole = Box(-1, 0, width, sum(weight for weight, _ in weights))
    if width <= 0 or whole.weight <= 0:
        return []
    wide, thin = _told_apart(weights, whole)
    return _place(whole, wide, whole.weight, len(thin), sum(thin))


def _told_apart(children: Sequence[tuple[float, int]], box: Box) -> tuple[list[tuple[float, int]], list[float]]:
    """Return (weight, node) of what has a cell of a box, and the weights of what has not."""
    if not children:
        return [], []
    whole = max(box.weight, sum(weight for weight, _ in children))
    cell = whole / box.width * (1 - _ROUNDING)
    wide = [entry for entry in children if entry[0] >= cell]
    if len(wide) + (len(wide) < len(children)) > box.width:
        # Exactly one cell each and something besides: the lightest gives its cell to the remainder.
        wide.remove(min(wide))
    if len(wide) == len(children):
        return wide, []
    # Summed by what is folded, not as a difference: a rest of rounding errors would be a weight of its own.
    kept = {node for _, node in wide}
    return wide, [weight for weight, node in children if node not in kept]


def heaviest_child(tree: WeightedTree, node: int) -> int | None:
    """Return the child with the greatest weight, the first seen of equals; None without any weight."""
    total = tree.total_weight
    best = max(tree.children(node), key=total.__getitem__, default=None)
    return best if best is not None and total[best] > 0 else None


def heaviest_node(tree: WeightedTree, function: int) -> int | None:
    """Return the node of a function that weighs most, the first seen of equals; None without any weight."""
    total, owners = tree.total_weight, tree.function
    best, at = None, 0
    while True:
        try:
            at = owners.index(function, at)
        except ValueError:
            return best if best is not None and total[best] > 0 else None
        if best is None or total[at] > total[best]:
            best = at
        at += 1


def _ancestors(tree: WeightedTree, node: int) -> list[int]:
    chain: list[int] = []
    while (node := tree.parent[node]) >= 0:
        chain.append(node)
    chain.reverse()
    return chain


def _ordered(tree: WeightedTree, wide: list[tuple[float, int]], order: Order) -> list[tuple[float, int]]:
    if order is Order.WEIGHT:
        return sorted(wide, key=lambda entry: (-entry[0], entry[1]))

    def by_name(entry: tuple[float, int]) -> tuple[str, str, int]:
        frame = tree.functions[tree.function[entry[1]]]
        return frame.function, frame.file, entry[1]

    return sorted(wide, key=by_name)


def _place(box: Box, wide: list[tuple[float, int]], whole: float, folded: int, rest: float) -> list[Box]:
    if not wide and not folded:
        return []
    scale = box.width / whole
    parts = [(weight, node, 0) for weight, node in wide]
    if folded:
        parts.append((rest, box.node, folded))
    # Edges are rounded, not widths: then the widths add up. A part that rounding left without a cell pushes the
    # next ones to the right, and what is pushed over the end is taken back from the left.
    edges = [0]
    reached = 0.0
    for weight, _, _ in parts:
        reached += weight
        edges.append(max(edges[-1] + 1, int(reached * scale + 0.5)))
    limit = box.width
    for i in range(len(edges) - 1, 0, -1):
        if edges[i] <= limit:
            break
        edges[i] = limit
        limit -= 1
    return [
        Box(node, box.x + edges[i], edges[i + 1] - edges[i], weight, count)
        for i, (weight, node, count) in enumerate(parts)
    ]
