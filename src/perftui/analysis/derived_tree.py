"""Call trees made from another one: with its nodes and other weights, or with nodes of their own.

They follow the tree that they are made from: append-only, so that ids never move.
"""

from __future__ import annotations

from abc import abstractmethod
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import compress
from typing import NamedTuple

from perftui.analysis.call_tree import NONE, ROOT, CallTree
from perftui.analysis.outline import LEAST_NODES, Outline, Rows
from perftui.analysis.window_cells import whole
from perftui.model.frame import Frame

# Walking to the root costs about so much more for a leaf than a pass over the whole tree costs for a node.
_WALK = 32
# Stacks of cut windows are few; where more weigh something else a sample, weights are summed up beside counts.
_MOST_ODD = 4 * _WALK
_ROUNDING = 1e-12


class DerivedTree(CallTree):
    """A call tree whose weights are put in by node of the tree that it was made from."""

    __slots__ = ("_refilled_nodes", "_rows", "source")

    def __init__(self, source: CallTree) -> None:
        super().__init__(source.unit)
        self.source = source
        self._refilled_nodes = 0
        """How many nodes there were when everything was weighed last."""
        self._rows: tuple[Outline, int, Rows | None] | None = None
        """How rows beside so many nodes of the source are summed up in an outline."""

    @abstractmethod
    def sync(self) -> None:
        """Take over what the source has gained."""

    @abstractmethod
    def node_of(self, node: int) -> int:
        """Return the node that stands for a node of the source; take over first what the source has gained."""

    def clear(self) -> None:
        """Take all weights away; nodes and ids stay."""
        for column in (self.self_weight, self.total_weight, self.function_self_weight, self.function_total_weight):
            column[:] = array("d", bytes(8 * len(column)))
        for numbers in (self.self_count, self.total_count, self.function_self_count, self.function_total_count):
            numbers[:] = array("q", bytes(8 * len(numbers)))

    def nodes_of(self, nodes: Iterable[int]) -> Iterable[int]:
        """Return the nodes that stand for nodes of the source, one after the other."""
        return map(self.node_of, nodes)

    def refill(self, nodes: Collection[int], held: Iterable[tuple[float, int]]) -> None:
        """Weigh everything anew by (weight, count) of nodes of the source, of which one may come twice."""
        self.sync()
        self.clear()
        outline = self._outline_of(nodes) if len(nodes) * _WALK >= len(self) else None
        if outline is None:
            self.put(nodes, held)
            return
        self._put_selfs(nodes, held)
        if not outline.recount(self):
            recount(self)

    def refill_row(self, nodes: Sequence[int], counts: Sequence[int], weights: Sequence[float]) -> bool:
        """Weigh everything anew by rows beside nodes of the source, which only become more; say whether it was done."""
        self.sync()
        outline = self._outline_of(())
        if outline is None:
            return False
        known = self._rows
        if known is None or known[:2] != (outline, len(nodes)):
            known = self._rows = (outline, len(nodes), outline.rows(list(self.nodes_of(nodes))))
        if known[2] is None:
            return False
        self.clear()
        if not outline.refill(self, known[2], counts, weights):
            recount(self)
        return True

    def put(self, nodes: Collection[int], held: Iterable[tuple[float, int]]) -> None:
        """Add (weight, count) to nodes of the source, of which one may come twice, and bring the totals up to date."""
        self.sync()
        if len(nodes) * _WALK < len(self):
            for node, (weight, count) in zip(self.nodes_of(nodes), held, strict=True):
                self.add(node, weight, count)
            self.flush()
            return
        self._put_selfs(nodes, held)
        recount(self)

    def _put_selfs(self, nodes: Collection[int], held: Iterable[tuple[float, int]]) -> None:
        self_weight, self_count = self.self_weight, self.self_count
        for node, (weight, count) in zip(self.nodes_of(nodes), held, strict=True):
            self_weight[node] += weight
            self_count[node] += count

    def _outline_of(self, nodes: Iterable[int]) -> Outline | None:
        """Return the outline that holds some nodes of the source; None where working it out would not pay."""
        whose = self._outlined
        outline = whose.outline
        if outline is None or not outline.fits(self):
            grown, self._refilled_nodes = len(self) != self._refilled_nodes, len(self)
            # While it grows the next one would be of no use for long.
            if grown or len(self) < LEAST_NODES:
                return None
            ends = compress(range(len(self.source)), self.source.self_count)
            outline = whose.outline = Outline(whose, self.nodes_of(ends))
        return outline if outline.holds(self.nodes_of(nodes)) else None

    @property
    def _outlined(self) -> CallTree:
        """The tree whose outline is this one's too."""
        return self


class SameShape(DerivedTree):
    """The nodes of another tree with weights of its own: ids are the same."""

    __slots__ = ()

    def __init__(self, source: CallTree) -> None:
        super().__init__(source)
        self.functions, self.function_ids = source.functions, source.function_ids
        self.parent, self.label, self.depth = source.parent, source.label, source.depth
        self.function = self.label
        self.first_child, self.last_child = source.first_child, source.last_child
        self.next_sibling, self.children_count = source.next_sibling, source.children_count
        self.outermost, self._index = source.outermost, source._index
        self.sync()

    def sync(self) -> None:
        """Take over what the source has gained."""
        self.max_depth = self.source.max_depth
        nodes = len(self.parent) - len(self.self_weight)
        if nodes:
            _extend((self.self_weight, self.total_weight), (self.self_count, self.total_count), nodes)
        functions = len(self.functions) - len(self.function_self_weight)
        if functions:
            _extend(
                (self.function_self_weight, self.function_total_weight),
                (self.function_self_count, self.function_total_count),
                functions,
            )

    def node_of(self, node: int) -> int:
        """Return the node itself."""
        return node

    def nodes_of(self, nodes: Iterable[int]) -> Iterable[int]:
        """Return the nodes themselves."""
        return nodes

    @property
    def _outlined(self) -> CallTree:
        return self.source

    def children(self, node: int) -> Iterator[int]:
        """Yield the children of a node; those that the source has just gained weigh nothing yet."""
        self.sync()
        return super().children(node)

    def function_id(self, frame: Frame) -> int:
        """Return the id of the frame's function, given out by the source."""
        found = self.source.function_id(frame)
        self.sync()
        return found

    def child(self, parent: int, function: int) -> int:
        """Return the child of `parent` for a function id, made by the source."""
        found = self.source.child(parent, function)
        self.sync()
        return found


def mark_outermost(tree: CallTree) -> None:
    """Tell of all nodes at once whether an ancestor is the same function: each is entered and left one time."""
    first, following, functions = tree.first_child.tolist(), tree.next_sibling.tolist(), tree.function.tolist()
    found, inside = bytearray(len(tree)), bytearray(len(tree.functions))
    found[ROOT] = 1
    path: list[int] = []
    node = first[ROOT]
    while True:
        while node != NONE:
            if not inside[functions[node]]:
                inside[functions[node]] = found[node] = 1
            path.append(node)
            node = first[node]
        if not path:
            break
        node = path.pop()
        if found[node]:
            inside[functions[node]] = 0
        node = following[node]
    tree.outermost[:] = array("b", bytes(found))


def recount(tree: CallTree) -> None:
    """Work all totals out again from the self weights: one pass over the tree, however much has changed."""
    self_weights, self_counts = tree.self_weight.tolist(), tree.self_count.tolist()
    # Most nodes have nothing of their own.
    held = list(compress(range(len(tree)), self_counts))
    weighing = list(compress(range(len(tree)), self_weights))
    if weighing != held:
        held = sorted({*held, *weighing})
    found = _by_count(tree, self_weights, self_counts, held) or _sums(tree, self_weights, self_counts)
    tree.total_weight[:] = array("d", found.weights)
    tree.total_count[:] = array("q", found.counts)
    tree.function_total_weight[:] = array("d", found.function_weights)
    tree.function_total_count[:] = array("q", found.function_counts)
    _recount_selfs(tree, held)


class _Sums(NamedTuple):
    """Totals by node and by function."""

    weights: list[float]
    counts: list[int]
    function_weights: list[float]
    function_counts: list[int]


def _sums(tree: CallTree, self_weights: list[float], self_counts: list[int]) -> _Sums:
    weights, counts, functions = self_weights[:], self_counts[:], len(tree.functions)
    function_weights, function_counts = [0.0] * functions, [0] * functions
    for node, above, function, outermost in _upwards(tree):
        weight, count = weights[node], counts[node]
        if count or weight:
            weights[above] += weight
            counts[above] += count
            if outermost:
                function_weights[function] += weight
                function_counts[function] += count
    return _Sums(weights, counts, function_weights, function_counts)


def _by_count(tree: CallTree, self_weights: list[float], self_counts: list[int], held: Sequence[int]) -> _Sums | None:
    """Sum up counts alone where nearly all samples weigh the same, exactly; None where they do not."""
    most = max(self_counts)
    each = self_weights[self_counts.index(most)] / most if most > 0 else 0.0
    if not each:
        return None
    odd = [node for node in held if self_weights[node] != each * self_counts[node]]
    if whole(each) != each:
        # Sums of what is no whole grain are rounded, whichever way they are made; others are to stay exact.
        rounded = any(whole(self_weights[node]) != self_weights[node] for node in held)
        if not rounded or any(
            abs(self_weights[node] - each * self_counts[node]) > _ROUNDING * self_weights[node] for node in odd
        ):
            return None
        odd = []
    if len(odd) * _MOST_ODD > len(self_counts) or any(whole(self_weights[node]) != self_weights[node] for node in odd):
        return None
    counts, functions = self_counts[:], len(tree.functions)
    function_counts = [0] * functions
    for node, above, function, outermost in _upwards(tree):
        count = counts[node]
        if count:
            counts[above] += count
            if outermost:
                function_counts[function] += count
    sums = _Sums(list(map(each.__mul__, counts)), counts, list(map(each.__mul__, function_counts)), function_counts)
    for node in odd:
        _put_up(tree, sums, node, self_weights[node] - each * self_counts[node])
    return sums


def _put_up(tree: CallTree, sums: _Sums, node: int, weight: float) -> None:
    """Add weight without a count to a node and all above it."""
    while node:
        sums.weights[node] += weight
        if tree.outermost[node]:
            sums.function_weights[tree.function[node]] += weight
        node = tree.parent[node]
    sums.weights[ROOT] += weight


def _upwards(tree: CallTree) -> Iterator[tuple[int, int, int, int]]:
    """Yield (node, parent, function, whether outermost) of all nodes but the root, children before their parents."""
    columns = reversed(tree.parent), reversed(tree.function), reversed(tree.outermost)
    return zip(range(len(tree) - 1, 0, -1), *columns, strict=False)


def _recount_selfs(tree: CallTree, held: Sequence[int]) -> None:
    functions, self_weight, self_count = tree.function, tree.self_weight, tree.self_count
    weights, counts = [0.0] * len(tree.functions), [0] * len(tree.functions)
    for node in held:
        if node:
            weights[functions[node]] += self_weight[node]
            counts[functions[node]] += self_count[node]
    tree.function_self_weight[:] = array("d", weights)
    tree.function_self_count[:] = array("q", counts)


def _extend(weights: Iterable[array[float]], counts: Iterable[array[int]], by: int) -> None:
    for column in weights:
        column.frombytes(bytes(8 * by))
    for numbers in counts:
        numbers.frombytes(bytes(8 * by))
