"""The outline of a call tree: its forks and the ends of its stacks, from which the totals of all nodes follow.

Most nodes have one child and nothing of their own, and weigh what that child weighs. The others stand here from the
root downwards, so that all that is below one of them follows it, and is the difference of two running sums.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, compress, pairwise
from operator import itemgetter, ne, sub
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from perftui.analysis.trie import ROOT
from perftui.analysis.window_cells import whole

if TYPE_CHECKING:
    from perftui.analysis.call_tree import CallTree

LEAST_NODES = 2_000
"""For a smaller tree a loop over all nodes does."""

# Of such groups sums are sooner made one by one than out of running sums.
_LARGE_GROUP = 8

_Number = TypeVar("_Number", int, float)
_Pick = Callable[[Sequence[Any]], tuple[Any, ...]]
"""Takes the items at certain places out of a row, all at once."""


class Rows(NamedTuple):
    """How figures are summed up in groups."""

    ordered: _Pick
    """Puts those of one group beside each other."""
    ends: tuple[int, ...]
    """Where the first group begins, and each ends."""
    picked: _Pick
    """Of running sums over them, those at these places."""

    def sums(self, figures: Sequence[_Number]) -> list[_Number]:
        """Return the sum of each group."""
        ordered, ends = self.ordered(figures), self.ends
        if len(ordered) > _LARGE_GROUP * len(ends):
            return [sum(ordered[first:end]) for first, end in pairwise(ends)]
        reached = self.picked(list(accumulate(ordered, initial=0)))
        return list(map(sub, reached[1:], reached))


class Outline:
    """What sums are made of, in a tree of so many nodes and in every other one with the same nodes."""

    __slots__ = (
        "_ends",
        "_heads",
        "_nodes",
        "_of_nodes",
        "_ranks",
        "_selfs",
        "_stands",
        "_totals",
        "functions",
        "nodes",
    )

    def __init__(self, tree: CallTree, held: Iterable[int]) -> None:
        """Look at a tree in which `held` are the nodes that have, or had, something of their own."""
        self.nodes, self.functions = len(tree), len(tree.functions)
        stands = self._stands = bytearray(children != 1 for children in tree.children_count)
        stands[ROOT] = 1
        for node in held:
            stands[node] = 1
        rank, ends = _ranked(tree, stands)
        heads = sorted(compress(range(self.nodes), stands), key=rank.__getitem__)
        self._heads = _pick(heads)
        """By node to by rank."""
        self._ends = _pick(map(ends.__getitem__, heads))
        """Of running sums by rank, those behind all that is below each rank."""
        self._of_nodes = _pick(rank)
        """By rank to by node."""
        self._nodes, self._ranks = heads, rank
        function, outermost = tree.function, tree.outermost[1:]
        self._totals = _grouped(
            list(compress(function[1:], outermost)), list(compress(rank[1:], outermost)), self.functions
        )
        """By rank, with all that is below, to by function."""
        self._selfs = _grouped([function[head] for head in heads[1:]], range(1, len(heads)), self.functions)
        """By rank to by function."""

    def fits(self, tree: CallTree) -> bool:
        """Say whether a tree has the nodes that it had."""
        return len(tree) == self.nodes and len(tree.functions) == self.functions

    def holds(self, nodes: Iterable[int]) -> bool:
        """Say whether all nodes stand in it."""
        return all(map(self._stands.__getitem__, nodes))

    def recount(self, tree: CallTree) -> bool:
        """Work all totals out again, exactly, from the self weights, of which none lies outside the outline.

        Return whether that could be done: not where weights are no whole grains.
        """
        return self._fill(tree, self._heads(tree.self_count), self._heads(tree.self_weight))

    def refill(self, tree: CallTree, rows: Rows, counts: Sequence[int], weights: Sequence[float]) -> bool:
        """Weigh a tree without weights anew by what each row of `rows` holds; say whether that could be done."""
        by_rank, weighing = rows.sums(counts), rows.sums(weights)
        self_count, self_weight = tree.self_count, tree.self_weight
        for node, count, weight in zip(self._nodes, by_rank, weighing, strict=True):
            if count or weight:
                self_count[node] = count
                self_weight[node] = weight
        return self._fill(tree, by_rank, weighing)

    def rows(self, nodes: Sequence[int]) -> Rows | None:
        """Return how rows that stand for nodes are summed up by rank; None where one lies outside the outline."""
        if not self.holds(nodes):
            return None
        return _grouped([self._ranks[node] for node in nodes], range(len(nodes)), len(self._nodes))

    def _fill(self, tree: CallTree, counts: Sequence[int], weights: Sequence[float]) -> bool:
        each = _weight_of_each(counts, weights)
        odd = compress(weights, map(ne, map(each.__mul__, counts), weights))
        first = next(odd, None)
        if first is not None and not (_is_whole(first) and all(map(_is_whole, odd))):
            return False
        below, selfs = self._below(counts), self._selfs.sums(counts)
        totals = self._totals.sums(below)
        _put(tree.total_count, self._of_nodes(below))
        _put(tree.function_total_count, totals)
        _put(tree.function_self_count, selfs)
        if first is None:
            _put(tree.total_weight, self._of_nodes(list(map(each.__mul__, below))))
            _put(tree.function_total_weight, map(each.__mul__, totals))
            _put(tree.function_self_weight, map(each.__mul__, selfs))
        else:
            weighing = self._below(weights)
            _put(tree.total_weight, self._of_nodes(weighing))
            _put(tree.function_total_weight, self._totals.sums(weighing))
            _put(tree.function_self_weight, self._selfs.sums(weights))
        return True

    def _below(self, by_rank: Sequence[_Number]) -> list[_Number]:
        """Return the sum over each rank and all below it."""
        sums = list(accumulate(by_rank, initial=0))
        return list(map(sub, self._ends(sums), sums))


def _ranked(tree: CallTree, stands: bytearray) -> tuple[list[int], list[int]]:
    """Return by node the rank of the node that stands for it, and the rank behind all that stands below it."""
    parents, nodes = tree.parent, len(tree)
    sizes = list(stands)
    # A parent's id is smaller than its children's.
    for node in range(nodes - 1, ROOT, -1):
        sizes[parents[node]] += sizes[node]
    ranks, following = [0] * nodes, [0] * nodes
    following[ROOT] = 1
    ends = [sizes[ROOT]] * nodes
    for node in range(1, nodes):
        above, size = parents[node], sizes[node]
        at = ranks[node] = following[above]
        # One that does not stand itself has the rank of what stands for it below.
        following[above] = at + size
        following[node] = at + stands[node]
        ends[node] = at + size
    return ranks, ends


def _grouped(groups: Sequence[int], places: Sequence[int], count: int) -> Rows:
    """Return how figures at places, each in the group beside it, are summed up in so many groups."""
    ends = [0] * (count + 1)
    for group in groups:
        ends[group + 1] += 1
    order = sorted(range(len(groups)), key=groups.__getitem__)
    reached = tuple(accumulate(ends))
    return Rows(_pick(map(places.__getitem__, order)), reached, _pick(reached))


def _pick(places: Iterable[int]) -> _Pick:
    chosen = tuple(places)
    if len(chosen) > 1:
        return itemgetter(*chosen)
    return lambda row: tuple(row[place] for place in chosen)


def _weight_of_each(counts: Sequence[int], weights: Sequence[float]) -> float:
    """Return what a sample weighs where all weigh the same whole grains; 0 where none tells."""
    most = max(counts)
    each = weights[counts.index(most)] / most if most > 0 else 0.0
    return each if _is_whole(each) else 0.0


def _is_whole(weight: float) -> bool:
    return whole(weight) == weight


def _put(column: array[Any], values: Iterable[float]) -> None:
    column[:] = array(column.typecode, values)


def outline(tree: CallTree) -> None:
    """Work the outline of a tree out ahead, where it is large enough to need one."""
    if len(tree) >= LEAST_NODES:
        tree.outline = Outline(tree, compress(range(len(tree)), tree.self_count))
