"""The heaviest part of a delta tree, small enough to be carried away: what is left out is summed where it hung."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from perftui.model.frame import Frame


class SidedTree(Protocol):
    """The union of two call trees: columns by node id, where an ancestor's id is the smaller one."""

    @property
    def baseline_scale(self) -> float:
        """What turned weights of the baseline into those that are compared: 1, or 1/whole for shares."""

    @property
    def current_scale(self) -> float:
        """The same of the current side."""

    @property
    def parent(self) -> Sequence[int]:
        """Parent of each node, -1 for the root."""

    @property
    def function(self) -> Sequence[int]:
        """Function id of each node, -1 for the root."""

    @property
    def functions(self) -> Sequence[Frame]:
        """Function id to a frame of it."""

    @property
    def baseline_self(self) -> Sequence[float]:
        """Self weight of each node on the baseline's side."""

    @property
    def current_self(self) -> Sequence[float]:
        """Self weight of each node on the current side."""

    def __len__(self) -> int:
        """Return the number of nodes."""


@dataclass(frozen=True, slots=True)
class PrunedDelta:
    """Columns by node; node 0 is the root, parents come before their children."""

    parent: Sequence[int]
    """-1 for the root."""
    source: Sequence[int]
    """Which node of the whole tree it is; of a rest, the node below which it hangs."""
    baseline: Sequence[float]
    """Self weight; of a rest, of everything in it together."""
    current: Sequence[float]
    rests: dict[int, Rest]
    """Nodes that stand for what is left out below their parent."""
    left_out: int
    """Nodes of the whole tree that are not here by themselves."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What was left out below a node, in one."""

    nodes: int
    larger: float
    """Sum of the larger self weight of both sides, node by node: its width where a node is as wide as both need."""
    larger_share: float
    """The same of self shares, 0 to 1 of each side."""


def pruned_delta(tree: SidedTree, most: int) -> PrunedDelta:
    """Return the root and the `most` heaviest nodes of a tree, with one rest below each that lost some.

    Weights are absolute, also where the tree holds shares.
    """
    before = array("d", (weight / tree.baseline_scale for weight in tree.baseline_self))
    after = array("d", (weight / tree.current_scale for weight in tree.current_self))
    whole = sum(before) or 1.0, sum(after) or 1.0
    larger = array("d", map(max, before, after))
    shares = array("d", (max(b / whole[0], a / whole[1]) for b, a in zip(before, after, strict=True)))
    kept = _heaviest(tree.parent, _subtree_sums(tree.parent, shares), most)
    place = {node: at for at, node in enumerate(kept)}
    parent = [-1, *(place[tree.parent[node]] for node in kept[1:])]
    columns = [before[node] for node in kept], [after[node] for node in kept]
    source = list(kept)
    rests: dict[int, Rest] = {}
    for above, nodes in _left_out(tree.parent, place).items():
        rests[len(source)] = Rest(len(nodes), sum(larger[node] for node in nodes), sum(shares[node] for node in nodes))
        parent.append(place[above])
        source.append(above)
        for column, weights in zip(columns, (before, after), strict=True):
            column.append(sum(weights[node] for node in nodes))
    return PrunedDelta(parent, source, *columns, rests, len(tree) - len(kept))


def _heaviest(parent: Sequence[int], weight: Sequence[float], most: int) -> list[int]:
    """Return the root and the heaviest nodes, by id; a parent is as heavy as its child and comes before it."""
    nodes = range(1, len(parent))
    chosen = nodes if len(nodes) <= most else heapq.nsmallest(most, nodes, key=lambda node: (-weight[node], node))
    return [0, *sorted(chosen)]


def _left_out(parent: Sequence[int], kept: dict[int, int]) -> dict[int, list[int]]:
    """Return the nodes that are not kept by the nearest ancestor that is."""
    if len(kept) == len(parent):
        return {}
    above = array("i", bytes(4 * len(parent)))
    found: dict[int, list[int]] = {}
    for node in range(1, len(parent)):
        if node in kept:
            above[node] = node
        else:
            nearest = above[node] = above[parent[node]]
            found.setdefault(nearest, []).append(node)
    return found


def _subtree_sums(parent: Sequence[int], own: array[float]) -> array[float]:
    total = array("d", own)
    for node in range(len(total) - 1, 0, -1):
        total[parent[node]] += total[node]
    return total
