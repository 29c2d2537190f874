"""A delta tree as far as it is drawn before anything is judged: few columns, which another process can hand over."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from perftui.analysis.call_tree import NONE, ROOT, CallTree, FunctionKey, function_key
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.union_tree import LaidOver
from perftui.model.change import ChangeVerdict
from perftui.model.frame import Frame
from perftui.units import Unit


class Paths(NamedTuple):
    """One side: its paths with what each weighs itself. Node 0 is the root."""

    functions: Sequence[Frame]
    """What the function of each frame is called on both sides."""
    parents: Sequence[int]
    """Parent of node 1 and on."""
    frames: Sequence[int]
    """Frame of node 1 and on."""
    inlined: Collection[int]
    """Frames of comprehensions that are called as the function that they stand in: below it they are no call of it."""
    weights: Iterable[tuple[int, float]]
    """(node, weight)."""


class PackedDelta(NamedTuple):
    """The columns of a delta tree, by node, and its functions; weights are those that are compared."""

    unit: str
    share: bool
    functions: tuple[tuple[str, str, int], ...]
    """Function, file and line of each function id."""
    parent: array[int]
    function: array[int]
    depth: array[int]
    first_child: array[int]
    next_sibling: array[int]
    width: array[float]
    baseline: array[float]
    """Total of each node on the baseline's side."""
    current: array[float]


def united(baseline: Paths, current: Paths, *, unit: Unit, share: bool) -> PackedDelta:
    """Return what is drawn of the union of two sides, straight from their tables of stacks.

    It is the same as that of two call trees, which are not made for it: that takes several times as long.
    """
    function_ids: dict[FunctionKey, int] = {}
    functions: list[Frame] = []
    for frame in chain(baseline.functions, current.functions):
        if function_ids.setdefault(function_key(frame), len(functions)) == len(functions):
            functions.append(frame)
    base = len(functions) or 1
    # The paths of both in the order in which they are first seen, by parent and function in one number.
    known: dict[int, int] = {}
    weighed = []
    for side in (baseline, current):
        ids = [function_ids[function_key(frame)] for frame in side.functions]
        weighed.append((side.weights, _joined(side, ids, known, base)))
    parents, labels = [key // base for key in known], [key % base for key in known]
    before, after = (_selfs(weights, nodes, len(parents) + 1, share=share) for weights, nodes in weighed)
    width = list(map(max, before, after))
    first, following, depths = [NONE] * len(width), [NONE] * len(width), [0]
    for parent in parents:
        depths.append(depths[parent] + 1)
    # A node has a greater id than its parent: whatever is below it has come when its turn comes.
    for node, above in zip(range(len(parents), ROOT, -1), reversed(parents), strict=True):
        following[node] = first[above]
        first[above] = node
        if wide := width[node]:
            width[above] += wide
            before[above] += before[node]
            after[above] += after[node]
    return PackedDelta(
        unit=unit.value,
        share=share,
        functions=tuple((frame.function, frame.file, frame.line) for frame in functions),
        parent=array("i", [NONE, *parents]),
        function=array("i", [NONE, *labels]),
        depth=array("i", depths),
        first_child=array("i", first),
        next_sibling=array("i", following),
        width=array("d", width),
        baseline=array("d", before),
        current=array("d", after),
    )


def _joined(side: Paths, functions: Sequence[int], known: dict[int, int], base: int) -> list[int]:
    """Return the node of the union of each node of a side; what nobody knew yet is given the next number."""
    node_of = [ROOT]
    found, note = known.setdefault, node_of.append
    if side.inlined:
        labels = [NONE, *(key % base for key in known)]
        for parent, frame in zip(side.parents, side.frames, strict=True):
            above, function = node_of[parent], functions[frame]
            if labels[above] != function or frame not in side.inlined:
                above = found(above * base + function, len(known) + 1)
                if above == len(labels):
                    labels.append(function)
            note(above)
    else:
        for parent, function in zip(side.parents, map(functions.__getitem__, side.frames), strict=True):
            note(found(node_of[parent] * base + function, len(known) + 1))
    return node_of


def _selfs(weights: Iterable[tuple[int, float]], node_of: Sequence[int], nodes: int, *, share: bool) -> list[float]:
    """Return the self weight of each node of the union on one side, or its share of that side."""
    own = [0.0] * nodes
    for node, weight in weights:
        own[node_of[node]] += weight
    whole = sum(own)
    return [weight / whole for weight in own] if share and whole else own


class DrawnDelta(DeltaTree):
    """A delta tree with the widths and totals of its nodes, of which nothing is judged yet."""

    def __init__(self, drawn: PackedDelta) -> None:
        """Take what was packed."""
        paths = CallTree(Unit(drawn.unit))
        for frame in drawn.functions:
            paths.function_id(Frame(*frame))
        paths.parent = drawn.parent
        paths.depth = drawn.depth
        paths.label = paths.function = drawn.function
        paths.first_child, paths.next_sibling = drawn.first_child, drawn.next_sibling
        # Without counts, children are looked for one after the other.
        paths.children_count = array("i", bytes(4 * len(drawn.parent)))
        self._paths = paths
        self.unit, self.share = paths.unit, drawn.share
        self.parent, self.function, self.depth, self.functions = paths.parent, paths.label, paths.depth, paths.functions
        self.baseline_total, self.current_total = _own(drawn.baseline), _own(drawn.current)
        self.baseline_total_count = self.current_total_count = _own(array("q", bytes(8 * len(paths))))
        self.total_weight = drawn.width

    def __len__(self) -> int:
        return len(self._paths)

    def children(self, node: int) -> Iterator[int]:
        """Yield the children of a node in the order they were first seen."""
        return self._paths.children(node)

    def frame(self, node: int) -> Frame | None:
        """Return the frame of a node; the root has none."""
        return self._paths.frame(node)

    def path(self, node: int) -> tuple[FunctionKey, ...]:
        """Return the identities of the functions from below the root to the node."""
        return self._paths.path(node)

    def nearest(self, path: Sequence[FunctionKey]) -> int:
        """Return the node of a path, or its nearest living ancestor."""
        return self._paths.nearest(path) if path else ROOT

    def verdict(self, node: int) -> ChangeVerdict:  # noqa: ARG002 (what the other one is asked)
        """Return that it cannot be told."""
        return ChangeVerdict.INCONCLUSIVE


def _own(column: array[float] | array[int]) -> LaidOver:
    return LaidOver(column, range(len(column)), len(column), 1.0)
