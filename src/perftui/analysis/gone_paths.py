"""Paths that only the baseline has: what vanished, each where it left the paths of both sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from typing import NamedTuple

from perftui.analysis.flame_layout import Box, in_line


class GonePath(NamedTuple):
    """A node of a delta tree that the current side does not reach, below one that it does."""

    node: int
    weight: float
    """Total weight in the baseline."""


def gone_paths(
    parent: Sequence[int], baseline_total: Sequence[float], current_total: Sequence[float]
) -> tuple[GonePath, ...]:
    """Return the topmost nodes that weigh something in the baseline and nothing in the current side, heaviest first.

    The columns are by node of a delta tree.
    """
    found = [
        GonePath(node, baseline_total[node])
        # Of a short range most nodes weigh nothing.
        for node in compress(range(len(parent)), baseline_total)
        if not current_total[node] and ((above := parent[node]) < 0 or current_total[above] > 0)
    ]
    found.sort(key=lambda path: (-path.weight, path.node))
    return tuple(found)


def inside(
    paths: Sequence[GonePath], zoom: int, is_within: Callable[[int, int], bool], baseline_total: Sequence[float]
) -> tuple[GonePath, ...]:
    """Return those that lie within a node, itself included; of a node within one of them, that node."""
    if zoom and any(is_within(zoom, path.node) for path in paths):
        return (GonePath(zoom, baseline_total[zoom]),)
    return tuple(path for path in paths if is_within(path.node, zoom)) if zoom else tuple(paths)


def boxes_of(paths: Sequence[GonePath], width: int) -> list[Box]:
    """Return paths as boxes beside each other that fill so many cells, the remainder of the thinnest last."""
    return in_line([(path.weight, path.node) for path in paths], width)
