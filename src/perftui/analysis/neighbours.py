"""A function with who calls it and what it calls, and how much of its total goes through each of them."""

from __future__ import annotations

from typing import NamedTuple

from perftui.analysis.call_tree import NONE, ROOT, CallTree
from perftui.analysis.inversion import MergedTree, callees, callers
from perftui.model.frame import Frame


class Neighbour(NamedTuple):
    """A caller or a callee of a function."""

    frame: Frame | None
    """None for what no caller or callee stands for: stacks that begin with the function, and its self weight."""
    weight: float
    """What goes through it, of the total of the function between caller and callee."""
    share: float
    """`weight` as a share of that total, 0 to 1."""
    own: float
    """Its own self weight, whoever calls it."""
    total: float
    """Its own total, whoever calls it."""


class Neighbours(NamedTuple):
    """A function between its callers and its callees; either side adds up to its total."""

    frame: Frame
    own: float
    total: float
    whole: float
    """Weight of the profile that all of this is a part of."""
    callers: tuple[Neighbour, ...]
    """The dearest first."""
    callees: tuple[Neighbour, ...]


def neighbours(tree: CallTree, function: int, *, by_count: bool = False) -> Neighbours:
    """Return the callers and callees of a function (by id), in weights of the tree or in its counts."""
    own = tree.function_self_count if by_count else tree.function_self_weight
    total = tree.function_total_count if by_count else tree.function_total_weight
    return Neighbours(
        frame=tree.functions[function],
        own=own[function],
        total=total[function],
        whole=tree.count if by_count else tree.weight,
        callers=_beside(callers(tree, function), function, by_count=by_count),
        callees=_beside(callees(tree, function), function, by_count=by_count),
    )


def _beside(tree: MergedTree, function: int, *, by_count: bool) -> tuple[Neighbour, ...]:
    node = tree.find_child(ROOT, function)
    if node == NONE:
        return ()
    weights = tree.total_count if by_count else tree.total_weight
    own = tree.function_self_count if by_count else tree.function_self_weight
    total = tree.function_total_count if by_count else tree.function_total_weight
    children = list(tree.children(node))
    whole = weights[node] or 1.0
    rows = [
        Neighbour(tree.frame(child), weights[child], weights[child] / whole, own[at], total[at])
        for child in children
        if weights[child]
        for at in (tree.function[child],)
    ]
    alone = tree.self_count[node] if by_count else tree.self_weight[node]
    if alone:
        rows.append(Neighbour(None, alone, alone / whole, alone, alone))
    return tuple(sorted(rows, key=lambda row: -row.weight))
