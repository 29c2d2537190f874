from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import CallTree
from perftui.analysis.split import Split
from perftui.model.sample import Thread
from tests.analysis.test_scoped_profile import Run, check_sums, recorded, windows

Sums = dict[object, tuple[float, int]]


def sums_of(tree: CallTree) -> Sums:
    """Return self weight, rounded, and self count of each path that holds something."""
    held = ((node, tree.self_weight[node], tree.self_count[node]) for node in range(len(tree)))
    return {tree.path(node): (round(weight, 6), count) for node, weight, count in held if count}


def stacks_of(aggregate: Aggregate, split: Split) -> dict[tuple[int, int], int]:
    """Return the node of every thread's stack."""
    return {cell: aggregate.node_in(split, *cell) for cell in aggregate.leaf_weights}


@given(windows, windows, st.sampled_from([Split.THREAD, Split.NAME, Split.PROCESS]))
def test_a_split_made_at_once_is_the_one_that_grew_and_goes_on_growing(first: Run, second: Run, split: Split) -> None:
    grown, late = recorded([]), recorded([])
    grown.aggregate.split_by(split)
    for thread, length_s, samples in first:
        grown.take(thread, length_s, samples)
        late.take(thread, length_s, samples)
    at_once = late.aggregate.split_by(split)
    nodes = stacks_of(late.aggregate, split)
    for run in ([], second):
        for thread, length_s, samples in run:
            grown.take(thread, length_s, samples)
            late.take(thread, length_s, samples)
        assert sums_of(at_once) == sums_of(grown.aggregate.split_by(split))
        assert late.aggregate.branches(split) == grown.aggregate.branches(split)
        assert at_once.weight == pytest.approx(late.aggregate.tree.weight)
        assert at_once.count == late.aggregate.tree.count
        check_sums(at_once)
    after = stacks_of(late.aggregate, split)
    assert {cell: after[cell] for cell in nodes} == nodes, "ids never move"


@pytest.mark.parametrize("split", [Split.THREAD, Split.PROCESS])
@pytest.mark.parametrize("early", [False, True])
def test_a_thread_that_is_renamed_and_a_process_whose_command_comes_late_stay_one_branch(
    split: Split, early: bool
) -> None:
    run = recorded([])
    if early:
        run.aggregate.split_by(split)
    run.take(Thread(1, 7, "Thread-1"), 1.0, ["main;work"] * 2)
    run.aggregate.commands = {1: "server"}
    run.take(Thread(1, 7, "importer"), 1.0, ["main;work"] * 3)
    tree = run.aggregate.split_by(split)
    [branch] = run.aggregate.branches(split).values()
    assert (branch.pid, tree.count) == (1, 5)
    assert [tree.total_count[node] for node in range(1, len(tree)) if tree.parent[node] == 0] == [5]
