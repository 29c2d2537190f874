"""Call trees made from another one: with its nodes and other weights, or with nodes of their own.

They follow the tree that they are made from: append-only, so that ids never move.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping

from perftui.analysis.call_tree import CallTree
from perftui.model.frame import Frame

NodeWeights = Mapping[int, tuple[float, int]]
"""Node to (weight, count)."""

# Walking to the root costs about so much more for a leaf than a pass over the whole tree costs for a node.
_WALK = 16


class DerivedTree(CallTree):
    """A call tree whose weights are put in by node of the tree that it was made from."""

    __slots__ = ("source",)

    def __init__(self, source: CallTree) -> None:
        super().__init__(source.unit)
        self.source = source

    def sync(self) -> None:
        """Take over what the source has gained."""
        raise NotImplementedError

    def node_of(self, node: int) -> int:
        """Return the node that stands for a node of the source; take over first what the source has gained."""
        raise NotImplementedError

    def clear(self) -> None:
        """Take all weights away; nodes and ids stay."""
        for column in (self.self_weight, self.total_weight, self.function_self_weight, self.function_total_weight):
            column[:] = array("d", bytes(8 * len(column)))
        for numbers in (self.self_count, self.total_count, self.function_self_count, self.function_total_count):
            numbers[:] = array("q", bytes(8 * len(numbers)))

    def put(self, weights: NodeWeights) -> None:
        """Add weights to nodes of the source, and bring the totals up to date."""
        self.sync()
        node_of = self.node_of
        if len(weights) * _WALK < len(self):
            for node, (weight, count) in weights.items():
                self.add(node_of(node), weight, count)
            self.flush()
            return
        for node, (weight, count) in weights.items():
            target = node_of(node)
            self.self_weight[target] += weight
            self.self_count[target] += count
        recount(self)


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


def recount(tree: CallTree) -> None:
    """Work all totals out again from the self weights: one pass over the tree, however much has changed."""
    weights, counts = tree.self_weight.tolist(), tree.self_count.tolist()
    last = len(weights) - 1
    for node, above in zip(range(last, 0, -1), reversed(tree.parent), strict=False):
        if counts[node] or weights[node]:
            weights[above] += weights[node]
            counts[above] += counts[node]
    tree.total_weight[:] = array("d", weights)
    tree.total_count[:] = array("q", counts)
    _recount_functions(tree, weights, counts)


def _recount_functions(tree: CallTree, weights: list[float], counts: list[int]) -> None:
    functions = len(tree.functions)
    self_weights, totals = [0.0] * functions, [0.0] * functions
    self_counts, total_counts = [0] * functions, [0] * functions
    columns = zip(tree.function, tree.outermost, tree.self_weight, tree.self_count, weights, counts, strict=True)
    next(columns)
    for function, outermost, own, own_count, weight, count in columns:
        if count or weight:
            if outermost:
                totals[function] += weight
                total_counts[function] += count
            if own_count or own:
                self_weights[function] += own
                self_counts[function] += own_count
    tree.function_self_weight[:] = array("d", self_weights)
    tree.function_total_weight[:] = array("d", totals)
    tree.function_self_count[:] = array("q", self_counts)
    tree.function_total_count[:] = array("q", total_counts)


def _extend(weights: Iterable[array[float]], counts: Iterable[array[int]], by: int) -> None:
    for column in weights:
        column.frombytes(bytes(8 * by))
    for numbers in counts:
        numbers.frombytes(bytes(8 * by))
