"""The call tree: samples merged by path from the root, in append-only columns.

There is no Python object per node: ids never move, so a cursor, a zoom and a search survive every refresh, and a
million nodes do not slow the garbage collector. Work per refresh grows with the stacks touched, not with the tree.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from perftui.analysis.trie import NONE, ROOT, Trie
from perftui.model.frame import Frame
from perftui.units import Unit

if TYPE_CHECKING:
    from perftui.analysis.outline import Outline

__all__ = ["NONE", "ROOT", "CallTree", "FunctionKey", "function_key", "joined_paths"]

FunctionKey = tuple[str, str]
"""Identity of a function: (file, qualified name)."""


def function_key(frame: Frame) -> FunctionKey:
    """Return the identity of the function that a frame is in."""
    return frame.file, frame.function


_LEAVES_OF_ALL = 64
"""Where more than one node in so many was added to, the way up from each is longer than a look at all."""


class CallTree(Trie):
    """Weights by call path, with self and total of every node and of every function.

    Node 0 is the root, which stands for everything. All columns are indexed by node id; a node's id is greater than
    its parent's. Children are linked in the order they were first seen. Function columns are indexed by function id.
    """

    __slots__ = (
        "_pending",
        "depth",
        "function",
        "function_ids",
        "function_self_count",
        "function_self_weight",
        "function_total_count",
        "function_total_weight",
        "functions",
        "max_depth",
        "outermost",
        "outline",
        "self_count",
        "self_weight",
        "total_count",
        "total_weight",
        "unit",
    )

    def __init__(self, unit: Unit = Unit.SECONDS) -> None:
        super().__init__()
        self.unit = unit
        self.function = self.label
        """Function id of each node."""
        self.functions: list[Frame] = []
        """Function id to the frame that it was first seen as."""
        self.function_ids: dict[FunctionKey, int] = {}
        self.function_self_weight = array("d")
        self.function_total_weight = array("d")
        """Total of a function: recursion counts once a stack."""
        self.function_self_count = array("q")
        self.function_total_count = array("q")
        self.depth = array("i", [0])
        self.outermost = array("b", [1])
        """1 where no ancestor is the same function."""
        self.self_weight = array("d", [0.0])
        self.total_weight = array("d", [0.0])
        self.self_count = array("q", [0])
        self.total_count = array("q", [0])
        self.max_depth = 0
        self.outline: Outline | None = None
        """What sums over all of it are made of, where it was worked out: it may be of fewer nodes."""
        self._pending: dict[int, tuple[float, int]] = {}

    @property
    def weight(self) -> float:
        """Weight of the whole profile, in `unit`."""
        return self.total_weight[ROOT]

    @property
    def count(self) -> int:
        """Number of samples (or allocations) in the whole profile."""
        return self.total_count[ROOT]

    def function_id(self, frame: Frame) -> int:
        """Return the id of the frame's function, given out at first sight."""
        key = (frame.file, frame.function)
        found = self.function_ids.get(key)
        if found is None:
            found = self.function_ids[key] = len(self.functions)
            self.functions.append(frame)
            self.function_self_weight.append(0.0)
            self.function_total_weight.append(0.0)
            self.function_self_count.append(0)
            self.function_total_count.append(0)
        return found

    def fill_paths(self, parents: Sequence[int], functions: Sequence[int], outermost: Sequence[int]) -> None:
        """Give an empty tree all its nodes at once, without weights: several times faster than one by one."""
        self.fill(parents, functions)
        depths = [0]
        for parent in parents:
            depths.append(depths[parent] + 1)
        self.depth[:] = array("i", depths)
        self.max_depth = max(depths)
        self.outermost.extend(outermost)
        for weights in (self.self_weight, self.total_weight):
            weights.frombytes(bytes(8 * len(parents)))
        for counts in (self.self_count, self.total_count):
            counts.frombytes(bytes(8 * len(parents)))

    def add(self, node: int, weight: float, count: int = 1) -> None:
        """Add self weight to a node; totals follow at `flush`."""
        known = self._pending.get(node)
        self._pending[node] = (weight, count) if known is None else (known[0] + weight, known[1] + count)

    def add_stack(self, stack: Sequence[Frame], weight: float, count: int = 1) -> int:
        """Add one stack, root first, and return its leaf node."""
        node = ROOT
        for frame in stack:
            node = self.child(node, self.function_id(frame))
        self.add(node, weight, count)
        return node

    def flush(self) -> bool:
        """Bring totals up to date from the touched leaves only, each ancestor once. Say whether anything changed."""
        if not self._pending:
            return False
        parent, function, outermost = self.parent, self.function, self.outermost
        total_weight, total_count = self.total_weight, self.total_count
        function_weight, function_count = self.function_total_weight, self.function_total_count
        weights, counts, nodes = self._gains()
        for leaf, (weight, count) in self._pending.items():
            self.self_weight[leaf] += weight
            self.self_count[leaf] += count
            if leaf:
                self.function_self_weight[function[leaf]] += weight
                self.function_self_count[function[leaf]] += count
            weights[leaf] += weight
            counts[leaf] += count
        # A parent's id is smaller than its children's: whatever is below a node has come when its turn comes.
        for node in nodes:
            weight, count = weights[node], counts[node]
            if not weight and not count:
                continue
            total_weight[node] += weight
            total_count[node] += count
            if node:
                if outermost[node]:
                    function_weight[function[node]] += weight
                    function_count[function[node]] += count
                above = parent[node]
                weights[above] += weight
                counts[above] += count
        self._pending.clear()
        return True

    def _gains(self) -> tuple[dict[int, float] | array[float], dict[int, int] | array[int], Iterable[int]]:
        """Return what nodes will gain in weight and count, nothing as yet, and these nodes, children first.

        They are those above the leaves that were added to; or all, which for many leaves is less work and less memory.
        """
        if len(self._pending) * _LEAVES_OF_ALL > len(self):
            empty = bytes(8 * len(self))
            return array("d", empty), array("q", empty), range(len(self) - 1, -1, -1)
        parent = self.parent
        touched = {ROOT}
        for leaf in self._pending:
            node = leaf
            while node not in touched:
                touched.add(node)
                node = parent[node]
        return dict.fromkeys(touched, 0.0), dict.fromkeys(touched, 0), sorted(touched, reverse=True)

    def path(self, node: int) -> tuple[FunctionKey, ...]:
        """Return the identities of the functions from below the root to the node."""
        keys: list[FunctionKey] = []
        while node:
            keys.append(function_key(self.functions[self.function[node]]))
            node = self.parent[node]
        return tuple(reversed(keys))

    def nearest(self, path: Sequence[FunctionKey]) -> int:
        """Return the node of a path, or its nearest living ancestor."""
        node = ROOT
        for key in path:
            function = self.function_ids.get(key, NONE)
            child = NONE if function == NONE else self.find_child(node, function)
            if child == NONE:
                break
            node = child
        return node

    def is_within(self, node: int, ancestor: int) -> bool:
        """Say whether `node` is `ancestor` or below it."""
        while node > ancestor:
            node = self.parent[node]
        return node == ancestor

    def frame(self, node: int) -> Frame | None:
        """Return the frame of a node; the root has none."""
        return self.functions[self.function[node]] if node else None

    def _append(self, parent: int, label: int) -> int:
        outermost = self._is_outermost(parent, label)
        node = super()._append(parent, label)
        depth = self.depth[parent] + 1
        self.depth.append(depth)
        self.max_depth = max(self.max_depth, depth)
        self.outermost.append(outermost)
        self.self_weight.append(0.0)
        self.total_weight.append(0.0)
        self.self_count.append(0)
        self.total_count.append(0)
        return node

    def _is_outermost(self, parent: int, function: int) -> int:
        functions, parents = self.function, self.parent
        while parent:
            if functions[parent] == function:
                return 0
            parent = parents[parent]
        return 1


def joined_paths(
    nodes: Sequence[tuple[int, int]], functions: Sequence[int], function_count: int
) -> tuple[list[int], list[int], list[int]]:
    """Return parents and functions of the nodes of a call tree, and its node for each node of a stack table.

    Stack tables tell lines apart: frames of several lines may be one function, and then their nodes are one.

    Args:
        nodes: (parent, frame) of node 1 and on of the stack table.
        functions: Function id of each frame.
        function_count: Number of functions.
    """
    parents: list[int] = []
    labels: list[int] = []
    known: dict[int, int] = {}
    node_of = [ROOT]
    for parent, frame in nodes:
        above, function = node_of[parent], functions[frame]
        key = above * function_count + function
        node = known.get(key)
        if node is None:
            parents.append(above)
            labels.append(function)
            node = known[key] = len(parents)
        node_of.append(node)
    return parents, labels, node_of
