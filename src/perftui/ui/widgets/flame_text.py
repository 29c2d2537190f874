"""What is said of a node of an icicle: one line with its place, its weights and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from perftui.analysis.call_tree import ROOT, CallTree, FunctionKey
from perftui.analysis.code_origin import place
from perftui.analysis.count_tree import CountTree
from perftui.analysis.flame_layout import Box, WeightedTree
from perftui.analysis.inversion import MergedTree
from perftui.analysis.sampling_error import share_half_width
from perftui.model.frame import Frame
from perftui.ui.widgets.cells import clean
from perftui.units import Unit, format_bytes, format_percent, format_value

_BETWEEN = "  ·  "


class FlameTree(WeightedTree, Protocol):
    """What the widget needs of a tree beside its layout."""

    @property
    def unit(self) -> Unit:
        """Unit of the weights."""

    @property
    def self_weight(self) -> Sequence[float]:
        """Weight of each node alone."""

    @property
    def total_count(self) -> Sequence[int]:
        """Samples (or allocations) of each node with everything below it."""

    def __len__(self) -> int: ...

    def frame(self, node: int) -> Frame | None:
        """Return the frame of a node; the root has none."""

    def path(self, node: int) -> tuple[FunctionKey, ...]:
        """Return the identities of the functions from below the root to the node."""

    def nearest(self, path: Sequence[FunctionKey]) -> int:
        """Return the node of a path, or its nearest living ancestor."""


def name_and_place(tree: FlameTree, node: int, cwd: str = "") -> str:
    """Return a node's function with the place that it is in."""
    frame = tree.frame(node)
    if frame is None:
        return "all"
    line = f":{frame.line}" if frame.line else ""
    where = f"  {clean(place(frame.file, cwd))}{line}" if frame.file else ""
    return clean(frame.function) + where


def bytes_behind(tree: FlameTree) -> CallTree | None:
    """Return the tree that a tree's bytes are in; None for one that counts anything else."""
    if isinstance(tree, CountTree):
        return tree.of
    return tree if isinstance(tree, CallTree) and tree.unit is Unit.BYTES else None


def size_and_count(size: float, count: int) -> str:
    """Return bytes with the number of allocations that they are in."""
    return f"{format_bytes(size)} in {count:,} {'allocation' if count == 1 else 'allocations'}"


def memory_facts(tree: FlameTree, memory: CallTree, node: int) -> tuple[str, ...]:
    """Return what fits beside a name, the longest first: bytes, allocations and the share that is the node's width."""
    share = format_percent(100 * tree.total_weight[node] / (tree.total_weight[ROOT] or 1.0))
    size, count = memory.total_weight[node], memory.total_count[node]
    return f"{size_and_count(size, count)}, {share}", f"{format_bytes(size)} in {count:,}", format_bytes(size)


def whole(tree: FlameTree) -> str:
    """Return what the root stands for."""
    memory = bytes_behind(tree)
    if memory is not None:
        return f"all  {size_and_count(memory.total_weight[ROOT], memory.total_count[ROOT])}"
    weight = f"  {format_value(tree.total_weight[ROOT], tree.unit)}" if tree.unit is not Unit.SAMPLES else ""
    return f"all{weight}{_BETWEEN}{_counted(tree, ROOT)}"


def sentence(tree: FlameTree, node: int, *, zoom: int = ROOT, cwd: str = "") -> str:
    """Return name, place, weights, shares, samples and how sure the share is; of memory bytes and allocations."""
    memory = bytes_behind(tree)
    if memory is not None:
        return _memory_sentence(tree, memory, node, zoom=zoom, cwd=cwd)
    total = tree.total_weight[node]
    parts = [name_and_place(tree, node, cwd)]
    if is_inverted(tree) and node:
        parts.append(_inverted(tree, node, _weight_and_share(tree, total)))
    else:
        parts.append(f"total {_weight_and_share(tree, total)}")
        parts.append(f"self {_weight_and_share(tree, tree.self_weight[node])}")
    parts.extend(_of_zoom(tree, node, zoom))
    half = share_half_width(total / (tree.total_weight[ROOT] or 1.0), tree.total_count[ROOT])
    parts.append(_counted(tree, node) + ("" if half is None else f", ±{100 * half:.1f} %"))
    return _BETWEEN.join(parts)


def _memory_sentence(tree: FlameTree, memory: CallTree, node: int, *, zoom: int, cwd: str) -> str:
    """Say of a node what it holds; shares are of what widths are: bytes, or allocations."""
    whole_weight = tree.total_weight[ROOT] or 1.0
    of = "" if tree is memory else " of the allocations"
    total, own = tree.total_weight[node] / whole_weight, tree.self_weight[node] / whole_weight
    held = f"{size_and_count(memory.total_weight[node], memory.total_count[node])}, {format_percent(100 * total)}{of}"
    itself = f"self {size_and_count(memory.self_weight[node], memory.self_count[node])}, {format_percent(100 * own)}"
    figures = [_inverted(tree, node, held)] if is_inverted(tree) and node else [held, itself]
    return _BETWEEN.join([name_and_place(tree, node, cwd), *figures, *_of_zoom(tree, node, zoom)])


def is_inverted(tree: FlameTree) -> bool:
    """Say whether children are callers: then what a node weighs is the self weight of the function above them all."""
    made = tree.of if isinstance(tree, CountTree) else tree
    return isinstance(made, MergedTree) and made.inverted


def _inverted(tree: FlameTree, node: int, figure: str) -> str:
    """Say of whose self weight a figure is, and that it came through the node."""
    if tree.depth[node] == 1:
        return f"self {figure}"
    top = node
    while tree.depth[top] > 1:
        top = tree.parent[top]
    frame = tree.frame(top)
    return f"through it {figure} of {clean(frame.function) if frame else ''}"


def _of_zoom(tree: FlameTree, node: int, zoom: int) -> list[str]:
    zoomed = tree.total_weight[zoom]
    if zoom == ROOT or not zoomed or tree.depth[node] <= tree.depth[zoom]:
        return []
    return [f"{format_percent(100 * tree.total_weight[node] / zoomed)} of the zoom"]


def remainder_sentence(tree: FlameTree, box: Box, *, cwd: str = "") -> str:
    """Return what is folded into a remainder, and how to see it."""
    noun = "function" if box.folded == 1 else "functions"
    where = "" if box.node == ROOT else f" below {name_and_place(tree, box.node, cwd)}"
    parts = [
        f"+{box.folded} {noun}{where}, each narrower than a cell",
        _weight_and_share(tree, box.weight),
        "zoom in to see them",
    ]
    return _BETWEEN.join(parts)


def _weight_and_share(tree: FlameTree, weight: float) -> str:
    share = format_percent(100 * weight / (tree.total_weight[ROOT] or 1.0))
    value = f"{weight:,.0f} allocations" if isinstance(tree, CountTree) else format_value(weight, tree.unit)
    return f"{value} ({share})"


def _counted(tree: FlameTree, node: int) -> str:
    count = tree.total_count[node]
    return f"{count} {'sample' if count == 1 else 'samples'}"
