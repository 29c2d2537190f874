"""Call trees made from another one: with its nodes and other weights, or with stacks that are changed by rules.

They follow the tree that they are made from: append-only, so that ids never move.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping

from perftui.analysis.call_tree import NONE, ROOT, CallTree, FunctionKey
from perftui.analysis.code_origin import Origin, origin
from perftui.analysis.scope import (
    Collapsed,
    Hidden,
    MergedRecursion,
    OwnOnly,
    RootedAt,
    ShapePart,
    WithoutOrigin,
    module_name,
    package_of,
)
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


class Rules:
    """What is done with the frame of each function when stacks are changed."""

    def __init__(self, parts: Iterable[ShapePart], *, root: str = "") -> None:
        parts = frozenset(parts)
        self.merges_recursion = MergedRecursion() in parts
        self._origins_out = frozenset(part.origin for part in parts if isinstance(part, WithoutOrigin))
        if OwnOnly() in parts:
            self._origins_out |= frozenset(Origin) - {Origin.OWN}
        self._hidden: frozenset[FunctionKey] = frozenset(
            (part.file, part.function) for part in parts if isinstance(part, Hidden)
        )
        self._collapsed = frozenset(part.module for part in parts if isinstance(part, Collapsed))
        self._root = root
        self.first: FunctionKey | None = next(
            ((part.file, part.function) for part in parts if isinstance(part, RootedAt)), None
        )
        """The function that stacks begin with; None where they stay whole."""

    def takes_out(self, frame: Frame) -> bool:
        """Say whether frames of this function are taken out of stacks."""
        return (frame.file, frame.function) in self._hidden or (
            bool(self._origins_out) and origin(frame.file) in self._origins_out
        )

    def collapsed(self, frame: Frame) -> Frame | None:
        """Return the frame that stands for the module of a function; None where it stands for itself."""
        for module in (frame.file, package_of(frame.file, self._root)):
            if module in self._collapsed:
                return Frame(module_name(module, self._root), module)
        return None


class Reshaped(DerivedTree):
    """The stacks of another tree changed by rules; a stack is changed from its root on, so it grows as the source."""

    __slots__ = ("_begun", "_collapsed", "_keeps_first", "_node_of", "_rules", "_targets")

    def __init__(self, source: CallTree, rules: Rules, *, keeps_first: bool = False) -> None:
        super().__init__(source)
        self._rules = rules
        self._keeps_first = keeps_first
        """The first level stays: it holds threads and not functions."""
        self._targets = array("i")
        """Function id of the source to one of this tree, -1 for one that is taken out."""
        self._collapsed = bytearray()
        """1 by function id of this tree where it stands for a module."""
        self._node_of = array("i", [ROOT])
        self._begun = bytearray(1)
        """1 by node of the source where the stack holds the function that it is to begin with; empty otherwise."""
        self.sync()

    def sync(self) -> None:
        """Take over what the source has gained."""
        source, targets, node_of = self.source, self._targets, self._node_of
        for frame in source.functions[len(targets) :]:
            targets.append(self._target(frame))
        parents, functions = source.parent, source.function
        first = 1 if self._keeps_first else 0
        begins = self._rules.first is not None
        root = source.function_ids.get(self._rules.first, NONE) if self._rules.first is not None else NONE
        for node in range(len(node_of), len(source)):
            at, function = node_of[parents[node]], functions[node]
            if begins:
                self._begun.append(self._begun[parents[node]] or function == root)
            if first and parents[node] == ROOT:
                node_of.append(self.child(at, self._plain(source.functions[function])))
                continue
            target = targets[function]
            left_out = target < 0 or (begins and not self._begun[node])
            node_of.append(at if left_out else self._step(at, target))

    def node_of(self, node: int) -> int:
        """Return the node that stands for a node of the source."""
        return self._node_of[node]

    def _target(self, frame: Frame) -> int:
        if self._rules.takes_out(frame):
            return -1
        module = self._rules.collapsed(frame)
        if module is None:
            return self._plain(frame)
        function = self._plain(module)
        self._collapsed[function] = 1
        return function

    def _plain(self, frame: Frame) -> int:
        function = self.function_id(frame)
        self._collapsed.extend(bytes(len(self.functions) - len(self._collapsed)))
        return function

    def _step(self, at: int, target: int) -> int:
        functions, parents = self.function, self.parent
        if at and functions[at] == target and self._collapsed[target]:
            return at
        if self._rules.merges_recursion:
            above = at
            while above:
                if functions[above] == target:
                    return above
                above = parents[above]
        return self.child(at, target)


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
