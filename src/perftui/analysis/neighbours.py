"""A function with who calls it and what it calls, and how much of its total goes through each of them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from perftui.analysis.call_tree import NONE, ROOT, CallTree, FunctionKey, function_key
from perftui.analysis.inversion import MergedTree, callees, callers
from perftui.analysis.steady_order import LEAD_SHARE, Standing, SteadyOrder, sampled_lead
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
    seen: int = 0
    """Samples or allocations that `weight` comes from."""

    @property
    def key(self) -> FunctionKey:
        """The function that it is; of what no function stands for, a pair of empty names."""
        return function_key(self.frame) if self.frame is not None else ("", "")


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


class SteadyNeighbours:
    """Keeps callers and callees of a function on their rows until one is passed for good, as long as they are live."""

    def __init__(self) -> None:
        self._of: Hashable = None
        self._orders = SteadyOrder[FunctionKey](), SteadyOrder[FunctionKey]()

    def update(self, found: Neighbours, now_s: float, *, of: Hashable, sampled: bool = True) -> Neighbours:
        """Return the same neighbours in the order to be shown.

        Args:
            found: A function and its neighbours, the dearest first.
            now_s: Moment, in seconds that never go back.
            of: What they are of: where it is another than before, they stand in their true order.
            sampled: Whether chance is in the weights; bytes are exact.
        """
        if of != self._of:
            self._of = of
            for order in self._orders:
                order.clear()
        callers, callees = (
            _kept(order, rows, now_s, sampled=sampled)
            for order, rows in zip(self._orders, (found.callers, found.callees), strict=True)
        )
        return found._replace(callers=callers, callees=callees)


def _kept(
    order: SteadyOrder[FunctionKey], rows: tuple[Neighbour, ...], now_s: float, *, sampled: bool
) -> tuple[Neighbour, ...]:
    by_key = {row.key: row for row in rows}
    standings = [
        Standing(key, row.weight, sampled_lead(row.weight, row.seen) if sampled else LEAD_SHARE * row.weight)
        for key, row in by_key.items()
    ]
    return tuple(by_key[key] for key in order.update(standings, now_s))


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
        Neighbour(
            tree.frame(child), weights[child], weights[child] / whole, own[at], total[at], tree.total_count[child]
        )
        for child in children
        if weights[child]
        for at in (tree.function[child],)
    ]
    alone = tree.self_count[node] if by_count else tree.self_weight[node]
    if alone:
        rows.append(Neighbour(None, alone, alone / whole, alone, alone, tree.self_count[node]))
    return tuple(sorted(rows, key=lambda row: -row.weight))
