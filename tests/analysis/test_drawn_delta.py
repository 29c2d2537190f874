"""What is drawn first of two sides, straight from their tables of stacks, is the union of their call trees."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.call_tree import CallTree, FunctionKey
from perftui.analysis.compare import Side
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.drawn_delta import DrawnDelta, Paths, united
from perftui.model.frame import Frame
from perftui.units import Unit

# Functions of several lines, and a comprehension that one side has as a function of its own.
FRAMES = [Frame(name, "a.py", line) for name in ("main", "work", "work.<locals>.<listcomp>") for line in (1, 2)]
AROUND: dict[FunctionKey, FunctionKey] = {
    ("a.py", "main"): ("a.py", "main"),
    ("a.py", "work"): ("a.py", "work"),
    ("a.py", "work.<locals>.<listcomp>"): ("a.py", "work"),
}
Stacks = list[tuple[list[int], int]]


@dataclass(frozen=True)
class Recorded:
    """One side as a call tree, and as the table of its stacks."""

    side: Side
    paths: Paths


def recorded(stacks: Stacks, names: dict[FunctionKey, FunctionKey]) -> Recorded:
    tree = CallTree(Unit.SECONDS)
    nodes: dict[tuple[int, int], int] = {}
    weights: dict[int, float] = {}
    for frame in FRAMES:
        tree.function_id(frame)
    for stack, samples in stacks:
        tree.add_stack([FRAMES[number] for number in stack], samples / 4, samples)
        node = 0
        for number in stack:
            node = nodes.setdefault((node, number), len(nodes) + 1)
        weights[node] = weights.get(node, 0.0) + samples / 4
    tree.flush()
    side = Side(tree, names=names)
    named = [side.named(frame) for frame in FRAMES]
    inlined = {number for number in range(len(FRAMES)) if named[number].function != FRAMES[number].function}
    parents, frames = [parent for parent, _ in nodes], [frame for _, frame in nodes]
    return Recorded(side, Paths(named, parents, frames, inlined, list(weights.items())))


def told(tree: DeltaTree) -> dict[tuple[FunctionKey, ...], tuple[object, ...]]:
    return {
        tree.path(node): (
            pytest.approx(tree.baseline_total[node]),
            pytest.approx(tree.current_total[node]),
            pytest.approx(tree.total_weight[node]),
            tree.depth[node],
            [tree.path(child) for child in tree.children(node)],
        )
        for node in range(len(tree))
    }


stacks_of = st.lists(st.tuples(st.lists(st.integers(0, 5), max_size=6), st.integers(1, 9)), max_size=8)


@settings(max_examples=100, deadline=None)
@given(stacks_of, stacks_of, st.booleans(), st.booleans())
def test_it_is_the_union_of_both_call_trees(before: Stacks, after: Stacks, share: bool, around: bool) -> None:
    one, other = recorded(before, AROUND if around else {}), recorded(after, {})
    drawn = DrawnDelta(united(one.paths, other.paths, unit=Unit.SECONDS, share=share))
    assert told(drawn) == told(DeltaTree(one.side, other.side, share=share))
    assert drawn.total_weight[0] == pytest.approx(
        sum(drawn.total_weight[child] for child in drawn.children(0)) + _of_root(one, other, share=share)
    )


def _of_root(one: Recorded, other: Recorded, *, share: bool) -> float:
    trees = one.side.tree, other.side.tree
    return max(tree.self_weight[0] / ((tree.weight or 1.0) if share else 1.0) for tree in trees)
