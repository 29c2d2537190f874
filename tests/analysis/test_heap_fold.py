from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.heap_fold import HeapFold, merged_heap
from perftui.analysis.heap_profile import HeapProfile
from perftui.analysis.split import Split
from perftui.model.heap import HeapDelta, HeapSnapshot, HeapView
from tests.builders import stack
from tests.heaps import Heap, held, snapshot

paths = st.lists(st.sampled_from("abc"), max_size=4).map(lambda names: stack(";".join(names)))
heaps = st.dictionaries(
    st.tuples(st.integers(1, 2), paths), st.tuples(st.integers(0, 10_000), st.integers(1, 50)), max_size=8
)
series = st.lists(st.tuples(st.integers(1, 3), heaps, st.sampled_from([0, 100, 5_000])), max_size=8)
Series = list[tuple[int, Heap, int]]


def snapshots(of: Series) -> list[HeapSnapshot]:
    return [
        snapshot(heap, pid=pid, at_s=float(at_s), listed_from=listed_from)
        for at_s, (pid, heap, listed_from) in enumerate(of)
    ]


def folded(of: list[HeapSnapshot]) -> list[HeapDelta]:
    fold = HeapFold(HeapView.HELD)
    return [fold.fold(seen) for seen in of]


def profile_of(deltas: list[HeapDelta]) -> HeapProfile:
    profile = HeapProfile()
    for delta in deltas:
        profile.apply(delta)
    return profile


def newest(of: list[HeapSnapshot]) -> list[HeapSnapshot]:
    return list({seen.pid: seen for seen in of}.values())


def cells_by_path(seen: HeapSnapshot) -> Counter[tuple[FunctionKey, ...]]:
    found: Counter[tuple[FunctionKey, ...]] = Counter()
    for _, node, size, _ in seen.cells:
        keys = []
        at = node
        while at:
            parent, frame = seen.nodes[at - 1]
            keys.append(function_key(seen.frames[frame]))
            at = parent
        found[tuple(reversed(keys))] += size
    return found


@given(series)
def test_the_tree_holds_what_the_newest_snapshots_of_all_processes_hold(of: Series) -> None:
    seen = snapshots(of)
    profile = profile_of(folded(seen))
    truth: Counter[tuple[FunctionKey, ...]] = Counter()
    for each in newest(seen):
        truth.update(cells_by_path(each))
    tree = profile.tree
    assert tree.weight == profile.total_bytes == sum(each.total_bytes for each in newest(seen))
    assert tree.count == profile.allocations == sum(each.allocations for each in newest(seen))
    found = {tree.path(node): tree.self_weight[node] for node in range(len(tree)) if tree.self_weight[node]}
    assert found == {path: size for path, size in truth.items() if size}


@given(series)
def test_ids_never_move_whatever_comes_and_goes(of: Series) -> None:
    profile = HeapProfile()
    known: list[tuple[FunctionKey, ...]] = []
    for delta in folded(snapshots(of)):
        profile.apply(delta)
        tree = profile.tree
        assert [tree.path(node) for node in range(len(known))] == known
        known = [tree.path(node) for node in range(len(tree))]


@given(series, st.data())
def test_merged_deltas_change_what_each_of_them_changes(of: Series, data: st.DataObject) -> None:
    deltas = folded(snapshots(of))
    apart = profile_of(deltas)
    while len(deltas) > 1:
        at = data.draw(st.integers(0, len(deltas) - 2))
        deltas[at : at + 2] = [merged_heap(deltas[at], deltas[at + 1])]
    together = profile_of(deltas)
    assert together.aggregate.leaf_weights == apart.aggregate.leaf_weights
    assert together.totals == apart.totals
    assert together.rows() == apart.rows()
    for split in Split:
        mine, other = together.aggregate.split_by(split), apart.aggregate.split_by(split)
        assert mine.total_weight[0] == other.total_weight[0]
        weights = [{tree.path(node): tree.total_weight[node] for node in range(len(tree))} for tree in (mine, other)]
        assert {p: w for p, w in weights[0].items() if w} == {p: w for p, w in weights[1].items() if w}


@given(series)
def test_the_tree_by_thread_holds_the_same_whenever_it_was_asked_for(of: Series) -> None:
    deltas = folded(snapshots(of))
    early, late = HeapProfile(), profile_of(deltas)
    early.aggregate.split_by(Split.THREAD)
    for delta in deltas:
        early.apply(delta)
    first, second = early.aggregate.split_by(Split.THREAD), late.aggregate.split_by(Split.THREAD)
    assert first.weight == second.weight == late.total_bytes
    found = [
        {tree.path(node): tree.total_weight[node] for node in range(len(tree)) if tree.total_weight[node]}
        for tree in (first, second)
    ]
    assert found[0] == found[1]


@given(series)
def test_nothing_is_kept_of_what_was_freed(of: Series) -> None:
    seen = snapshots(of)
    fold = HeapFold(HeapView.HELD)
    profile = profile_of([fold.fold(each) for each in seen])
    for each in newest(seen):
        profile.apply(fold.fold(snapshot({}, pid=each.pid, at_s=99.0)))
    assert profile.aggregate.leaf_weights == {}
    assert profile.tree.weight == profile.tree.count == profile.aggregate.samples == 0
    assert not any(profile.tree.total_weight)
    assert not any(profile.tree.function_total_weight)
    assert not any(profile.aggregate.line_counts.values())
    assert profile.rows() == []


def test_a_snapshot_like_the_one_before_changes_no_weight() -> None:
    fold = HeapFold(HeapView.HELD)
    first = fold.fold(snapshot(held("main;load 200 1"), at_s=1.0))
    second = fold.fold(snapshot(held("main;load 200 1"), at_s=2.0))
    assert first.profile.weights
    assert second.profile.weights == {}
    assert not any((second.profile.frames, second.profile.nodes, second.profile.threads))
    assert second.totals[100].at_s == 2.0


def test_a_process_that_shrinks_gives_negative_differences() -> None:
    fold = HeapFold(HeapView.HELD)
    fold.fold(snapshot(held("main;load 200 2\nmain;parse 50 5")))
    delta = fold.fold(snapshot(held("main;load 150 1")))
    assert sorted(delta.profile.weights.values()) == [(-50.0, -5), (-50.0, -1)]


@pytest.mark.parametrize("view", list(HeapView))
def test_processes_do_not_take_from_each_other(view: HeapView) -> None:
    fold, profile = HeapFold(view), HeapProfile()
    for pid, text in ((1, "main;load 200 1"), (2, "main;load 300 2"), (1, "main;load 10 1")):
        profile.apply(fold.fold(snapshot(held(text), pid=pid, view=view)))
    assert (profile.total_bytes, profile.allocations, profile.stacks) == (310, 3, 2)
    assert profile.tree.weight == 310
    assert len(profile.aggregate.threads) == 2
