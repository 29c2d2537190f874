"""What is said of a node of an icicle: one line with its place, its weights and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from perftui.analysis.call_tree import ROOT, FunctionKey
from perftui.analysis.code_origin import place
from perftui.analysis.flame_layout import Box, WeightedTree
from perftui.analysis.sampling_error import share_half_width
from perftui.model.frame import Frame
from perftui.ui.widgets.cells import clean
from perftui.units import Unit, format_percent, format_value

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
        """Samples of each node with everything below it."""

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


def whole(tree: FlameTree) -> str:
    """Return what the root stands for."""
    weight = f"  {format_value(tree.total_weight[ROOT], tree.unit)}" if tree.unit is not Unit.SAMPLES else ""
    return f"all{weight}{_BETWEEN}{_counted(tree, ROOT)}"


def sentence(tree: FlameTree, node: int, *, zoom: int = ROOT, cwd: str = "") -> str:
    """Return name, place, weights, shares, samples and how sure the share is."""
    total = tree.total_weight[node]
    parts = [
        name_and_place(tree, node, cwd),
        f"total {_weight_and_share(tree, total)}",
        f"self {_weight_and_share(tree, tree.self_weight[node])}",
    ]
    zoomed = tree.total_weight[zoom]
    if zoom != ROOT and zoomed and tree.depth[node] > tree.depth[zoom]:
        parts.append(f"{format_percent(100 * total / zoomed)} of the zoom")
    half = share_half_width(total / (tree.total_weight[ROOT] or 1.0), tree.total_count[ROOT])
    sampled = tree.unit is not Unit.BYTES and half is not None
    parts.append(_counted(tree, node) + (f", ±{100 * (half or 0.0):.1f} %" if sampled else ""))
    return _BETWEEN.join(parts)


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
    return f"{format_value(weight, tree.unit)} ({share})"


def _counted(tree: FlameTree, node: int) -> str:
    return f"{tree.total_count[node]} {'allocations' if tree.unit is Unit.BYTES else 'samples'}"
