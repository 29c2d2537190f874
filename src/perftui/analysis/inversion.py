"""Views from a function: who calls it, what it calls, everything upside down; made as far as one looks.

A node of such a tree stands for many nodes of the profile. Its children are made when they are asked for (`children`,
`find_child`, `nearest`), so a view costs what is drawn of it; columns that link nodes hold what was made so far.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from perftui.analysis.call_tree import ROOT, CallTree


class MergedTree(CallTree):
    """Places of a source tree merged by function, step by step towards the root (inverted) or away from it.

    Nodes are told apart by their path and never move; `update` takes in what the source has gained. Columns of
    functions are those of the source: self and total mean the same in every view.
    """

    __slots__ = ("_expanded", "_places", "_weighs_total", "function_of_all", "inverted", "source")

    def __init__(self, source: CallTree, *, inverted: bool, function: int | None = None) -> None:
        super().__init__(source.unit)
        self.source = source
        self.inverted = inverted
        """Children are callers, otherwise callees."""
        self.function_of_all = function
        """The function that everything begins with; None for all functions that have self weight."""
        self.functions, self.function_ids = source.functions, source.function_ids
        self.function_self_weight, self.function_self_count = source.function_self_weight, source.function_self_count
        self.function_total_weight = source.function_total_weight
        self.function_total_count = source.function_total_count
        self._places: dict[int, tuple[array[int], array[int]]] = {}
        """By node that has children, or may have some: places in the source, and the nodes whose weight they carry."""
        self._expanded = bytearray(1)
        self._weighs_total = function is not None
        self.update()

    def update(self) -> None:
        """Take in what the source has gained or lost; what was looked at before is looked at again."""
        for column in (self.self_weight, self.total_weight):
            column[:] = array("d", bytes(8 * len(column)))
        for numbers in (self.self_count, self.total_count):
            numbers[:] = array("q", bytes(8 * len(numbers)))
        was, self._expanded = self._expanded, bytearray(len(self))
        self._places = {}
        self._begin()
        # A parent's id is smaller than its children's, so each is filled before its turn comes.
        for node in range(1, len(was)):
            if was[node] and node in self._places:
                self._expand(node)

    def children(self, node: int) -> Iterator[int]:
        """Yield the children of a node, made now where they were not yet."""
        self._expand(node)
        return super().children(node)

    def find_child(self, parent: int, function: int) -> int:
        """Return the child of `parent` for a function id, or -1."""
        self._expand(parent)
        return super().find_child(parent, function)

    def has_children(self, node: int) -> bool:
        """Say whether a node has children that weigh something, without making them."""
        return self.total_count[node] > self.self_count[node] or self.total_weight[node] > self.self_weight[node]

    def expand(self, depth: int, *, most: int) -> int:
        """Make all nodes up to a depth, at most so many more; return how many were made.

        A search looks at the nodes that there are: this makes there be some.
        """
        before = len(self)
        node = 0
        while node < len(self) and len(self) - before < most:
            if self.depth[node] < depth:
                self._expand(node)
            node += 1
        return len(self) - before

    def _begin(self) -> None:
        source = self.source
        if self.function_of_all is None:
            held = zip(source.self_weight, source.self_count, strict=True)
            starts = array("i", [node for node, (weight, count) in enumerate(held) if (weight or count) and node])
            # What no function was seen for belongs to the whole, as in the source.
            self.self_weight[ROOT], self.self_count[ROOT] = source.self_weight[ROOT], source.self_count[ROOT]
        else:
            starts = array("i", outermost_nodes(source, self.function_of_all))
        self._expanded[ROOT] = 1
        self._add_children(ROOT, starts, starts)
        children = list(super().children(ROOT))
        self.total_weight[ROOT] = self.self_weight[ROOT] + sum(self.total_weight[child] for child in children)
        self.total_count[ROOT] = self.self_count[ROOT] + sum(self.total_count[child] for child in children)

    def _expand(self, node: int) -> None:
        if self._expanded[node]:
            return
        self._expanded[node] = 1
        found = self._places.pop(node, None)
        if found is None:
            return
        places, carried = found
        if self.inverted:
            parent = self.source.parent
            above = array("i", [parent[place] for place in places])
            self._add_children(node, above, carried)
        else:
            below = array("i", [child for place in places for child in self.source.children(place)])
            self._add_children(node, below, below)

    def _add_children(self, node: int, places: array[int], carried: array[int]) -> None:
        """Merge places by function into children of a node."""
        functions = self.source.function
        groups: dict[int, tuple[array[int], array[int]]] = {}
        for place, carrier in zip(places, carried, strict=True):
            if place == ROOT:
                continue
            group = groups.get(functions[place])
            if group is None:
                group = groups[functions[place]] = (array("i"), array("i"))
            group[0].append(place)
            group[1].append(carrier)
        for function, (at, weighing) in self._ordered(groups):
            self._fill(self.child(node, function), at, weighing)

    def _ordered(
        self, groups: dict[int, tuple[array[int], array[int]]]
    ) -> list[tuple[int, tuple[array[int], array[int]]]]:
        """Put the functions that are first seen now in the order of their weight."""
        weights = self._carried_weights
        return sorted(groups.items(), key=lambda item: -sum(map(weights.__getitem__, item[1][1])))

    @property
    def _carried_weights(self) -> Sequence[float]:
        return self.source.total_weight if self._weighs_total else self.source.self_weight

    def _fill(self, node: int, places: array[int], carried: array[int]) -> None:
        """Weigh a node, and remember where its children come from."""
        self._expanded.extend(bytes(len(self) - len(self._expanded)))
        source = self.source
        weights = self._carried_weights
        counts = source.total_count if self._weighs_total else source.self_count
        self.total_weight[node] = sum(map(weights.__getitem__, carried))
        self.total_count[node] = sum(map(counts.__getitem__, carried))
        if self.inverted:
            parent = source.parent
            ends = [carrier for place, carrier in zip(places, carried, strict=True) if parent[place] == ROOT]
            self.self_weight[node] = sum(map(weights.__getitem__, ends))
            self.self_count[node] = sum(map(counts.__getitem__, ends))
        else:
            self.self_weight[node] = sum(map(source.self_weight.__getitem__, places))
            self.self_count[node] = sum(map(source.self_count.__getitem__, places))
        self._places[node] = (places, carried)


def inverted(tree: CallTree) -> MergedTree:
    """Return a tree upside down: functions by their self weight, below each its callers.

    The self weight of a node is of the stacks that begin with it.
    """
    return MergedTree(tree, inverted=True)


def callers(tree: CallTree, function: int) -> MergedTree:
    """Return who calls a function (by id): its one node below the root weighs its total, below it are its callers.

    Of a stack that holds the function several times its outermost call counts, once.
    """
    return MergedTree(tree, inverted=True, function=function)


def callees(tree: CallTree, function: int) -> MergedTree:
    """Return what a function (by id) calls, merged over all places where it stands, of each stack the outermost."""
    return MergedTree(tree, inverted=False, function=function)


def instances(tree: CallTree, function: int) -> list[int]:
    """Return all nodes of a function that weigh something, the heaviest first, the first seen of equals."""
    total = tree.total_weight
    return sorted((node for node in _nodes_of(tree, function) if total[node]), key=lambda node: (-total[node], node))


def outermost_nodes(tree: CallTree, function: int) -> list[int]:
    """Return the nodes of a function that weigh something and have no node of it above them."""
    weights, counts, outermost = tree.total_weight, tree.total_count, tree.outermost
    return [node for node in _nodes_of(tree, function) if outermost[node] and (weights[node] or counts[node])]


def _nodes_of(tree: CallTree, function: int) -> Iterator[int]:
    owners, at = tree.function, 0
    while True:
        try:
            at = owners.index(function, at)
        except ValueError:
            return
        yield at
        at += 1
