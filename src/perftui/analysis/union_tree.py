"""The union of two call trees: all paths of the first with their ids, then what only the second has.

Two trees of 100,000 nodes are united in the time of one key: only where both may go on alike is anything looked up,
children are found through the trees themselves, and the columns of either are laid over the union without being copied
node by node.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import overload

from perftui.analysis.call_tree import NONE, ROOT, CallTree
from perftui.analysis.count_tree import CountTree
from perftui.analysis.derived_tree import recount
from perftui.analysis.matching import COMPREHENSIONS
from perftui.analysis.trie import Links, links_of
from perftui.model.frame import Frame

_LINKS = Links._fields
_WEIGHTS, _COUNTS = ("self_weight", "total_weight"), ("self_count", "total_count")
_LATER = ("parent", "label", "function", "depth", "outermost", *_LINKS, *_WEIGHTS, *_COUNTS)
_NO_LABEL = -2
"""What stands where there is no node: the root's label is -1."""


class UnionTree(CallTree):
    """The paths of two call trees. It weighs nothing itself and does not grow, also where one of the two still does."""

    __slots__ = (
        "_children_of",
        "_first",
        "_forks",
        "_second",
        "_second_functions",
        "first_size",
        "node_of",
        "second_of",
    )

    def __init__(self, first: CallTree, second: CallTree, first_names: list[Frame], second_names: list[Frame]) -> None:
        """Unite two trees; names are those of the functions by their ids, and no two of a side are alike."""
        super().__init__(first.unit)
        self.first_size = len(first)
        self.second_of = [ROOT] + [NONE] * (self.first_size - 1)
        """Node of the second tree of each node of the union, -1 where it has none."""
        self._first, self._second = first, second
        self.node_of = [ROOT]
        """Node of the union of each node of the second tree; what only that one has comes after the first one's."""
        self._forks: dict[int, list[int]] = {}
        """Of a node of both, the children that only the second tree has."""
        self._children_of: dict[int, dict[int, int]] = {}
        for frame in first_names:
            self.function_id(frame)
        self.max_depth = max(first.max_depth, second.max_depth)
        for name in _LATER:
            delattr(self, name)
        self._second_functions = [self.function_id(frame) for frame in second_names]
        """Function id of each of the second tree's."""
        self._walk()

    def __len__(self) -> int:
        return len(self.second_of)

    def __getattr__(self, name: str) -> array[int] | array[float]:
        """Make a column when it is first asked for: what is drawn of a large union needs none of them."""
        if name in _LINKS:
            self.first_child, self.last_child, self.next_sibling, self.children_count = links_of(self.parent[1:])
        elif name in ("label", "function"):
            names = map(self._second_functions.__getitem__, self._fresh(self._second.label))
            self.label = self.function = self._first.label[: self.first_size] + array("i", list(names))
        elif name == "parent":
            above = map(self.node_of.__getitem__, self._fresh(self._second.parent))
            self.parent = self._first.parent[: self.first_size] + array("i", list(above))
        elif name in ("depth", "outermost"):
            column = getattr(self._first, name)
            fresh = self._fresh(getattr(self._second, name))
            setattr(self, name, column[: self.first_size] + array(column.typecode, list(fresh)))
        elif name in _WEIGHTS or name in _COUNTS:
            setattr(self, name, array("d" if name in _WEIGHTS else "q", bytes(8 * len(self))))
        else:
            raise AttributeError(name)
        made: array[int] | array[float] = object.__getattribute__(self, name)
        return made

    def _fresh(self, column: array[int]) -> Iterator[int]:
        """Yield the values of the nodes that only the second tree has."""
        return map(column.__getitem__, islice(self.second_of, self.first_size, None))

    def frame(self, node: int) -> Frame | None:
        """Return the frame of a node; the root has none."""
        return self.functions[self._label_of(node)] if node else None

    def _label_of(self, node: int) -> int:
        if node < self.first_size:
            return self._first.label[node]
        return self._second_functions[self._second.label[self.second_of[node]]]

    def children(self, node: int) -> Iterator[int]:
        """Yield the children of a node in the order they were first seen, those of the first tree before the others."""
        if node >= self.first_size:
            known = self.node_of
            yield from (known[child] for child in self._second.children(self.second_of[node]) if child < len(known))
            return
        yield from (child for child in self._first.children(node) if child < self.first_size)
        yield from self._forks.get(node, ())

    @property
    def second_parent(self) -> Sequence[int]:
        """Parent of each node of the second tree, by its own ids."""
        return self._second.parent

    def over_first(self, column: array[float] | array[int], scale: float = 1.0) -> LaidOver:
        """Return a column of the first tree by nodes of the union."""
        return LaidOver(column, range(self.first_size), len(self), scale)

    def over_second(self, column: array[float] | array[int], scale: float = 1.0) -> LaidOver:
        """Return a column of the second tree by nodes of the union."""
        return LaidOver(column, self.second_of, len(self), scale)

    def _found(self, parent: int, label: int) -> int:
        """Return the child of a node with a label, or `NONE`; its children are gathered when it is first asked for."""
        children = self._children_of.get(parent)
        if children is None:
            children = self._children_of[parent] = {self._label_of(child): child for child in self.children(parent)}
        return children.get(label, NONE)

    def _walk(self) -> None:
        """Go down both trees in step, note which nodes are the same, and number those that only the second tree has."""
        first, second, old = self._first, self._second, self.first_size
        # Two runs of a program mostly call the same things in the same order: the next sibling is looked at first.
        expected, following, labels = first.first_child.tolist(), first.next_sibling.tolist(), first.label.tolist()
        labels.append(_NO_LABEL)
        node_of, second_of, new = self.node_of, self.second_of, old
        branches: list[tuple[int, int]] = []
        note, fresh, branch = node_of.append, second_of.append, branches.append
        functions = map(self._second_functions.__getitem__, islice(second.label, 1, None))
        for number, parent, function in zip(
            range(1, len(second)), islice(second.parent, 1, None), functions, strict=True
        ):
            above = node_of[parent]
            if above < old:
                node = expected[above]
                if labels[node] != function:
                    node = first.find_child(above, function)
                if 0 <= node < old:
                    expected[above] = following[node]
                    second_of[node] = number
                    note(node)
                    continue
                branch((above, new))
            note(new)
            fresh(number)
            new += 1
        for above, node in branches:
            self._forks.setdefault(above, []).append(node)


class LaidOver(Sequence[float]):
    """A column of one tree as it was, seen by nodes of a union; 0 where the tree has no such node."""

    __slots__ = ("_node_of", "_size", "column", "scale")

    def __init__(self, column: array[float] | array[int], node_of: Sequence[int], size: int, scale: float) -> None:
        """Lay a column over `size` nodes; `node_of` gives its tree's node of each, negative for none."""
        self.column = column[:]
        """The column as it was, without the scale."""
        self._node_of, self._size = node_of, size
        self.scale = scale
        """What the column is multiplied by."""

    def __len__(self) -> int:
        return self._size

    def of_tree(self) -> list[float]:
        """Return the column by nodes of its own tree."""
        return [*self.column] if self.scale == 1.0 else [self.scale * value for value in self.column]

    def values(self) -> list[float]:
        """Return the column by nodes of the union."""
        # The last entry is what -1 stands for.
        own = [*self.of_tree(), 0.0]
        found = list(map(own.__getitem__, self._node_of))
        return found + [0.0] * (self._size - len(found))

    @overload
    def __getitem__(self, node: int) -> float: ...
    @overload
    def __getitem__(self, node: slice) -> Sequence[float]: ...
    def __getitem__(self, node: int | slice) -> float | Sequence[float]:
        if isinstance(node, slice):
            return [self[each] for each in range(*node.indices(self._size))]
        if not 0 <= node < self._size:
            raise IndexError(node)
        own = self._node_of[node] if node < len(self._node_of) else NONE
        return self.column[own] * self.scale if own >= 0 else 0.0


def distinct(tree: CallTree | CountTree, names: list[Frame]) -> tuple[CallTree, list[Frame]]:
    """Return a tree with one name for each of its functions: the same one, or one where functions of a name are one.

    `names` are those of the functions, by their ids. A comprehension that is named as the function that it stands in is
    no call of it: its weight becomes the function's own.
    """
    own = tree.of if isinstance(tree, CountTree) else tree
    if len({(frame.file, frame.function) for frame in names}) == len(names):
        return own, names
    merged = CallTree(own.unit)
    functions = [merged.function_id(frame) for frame in names]
    inlined = [
        frame.function.endswith(COMPREHENSIONS) and not name.function.endswith(COMPREHENSIONS)
        for frame, name in zip(own.functions, names, strict=True)
    ]
    nodes = [ROOT]
    for parent, function in islice(zip(own.parent, own.function, strict=True), 1, None):
        above, named = nodes[parent], functions[function]
        is_part = inlined[function] and merged.function[above] == named
        nodes.append(above if is_part else merged.child(above, named))
    for node, weight, count in zip(nodes, own.self_weight, own.self_count, strict=True):
        merged.self_weight[node] += weight
        merged.self_count[node] += count
    recount(merged)
    return merged, merged.functions
