from __future__ import annotations

from collections import Counter
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis import call_tree
from perftui.analysis.aggregate import tree_of
from perftui.analysis.call_tree import ROOT, CallTree
from perftui.model.frame import Frame
from perftui.units import Unit
from tests.builders import profile, stack

stacks = st.lists(st.tuples(st.lists(st.sampled_from("abcd"), max_size=6), st.integers(1, 9)), max_size=30)


def built(rows: list[tuple[list[str], int]]) -> CallTree:
    return tree_of([(tuple(Frame(name, "f.py") for name in path), float(n), n) for path, n in rows], Unit.SECONDS)


def test_self_and_total_of_a_small_profile() -> None:
    tree = profile("main;work;leaf 3\nmain;work 1\nmain;idle 2")
    by_name = {frame.function: i for i, frame in enumerate(tree.functions)}
    assert tree.weight == 6
    assert tree.function_total_weight[by_name["work"]] == 4
    assert tree.function_self_weight[by_name["work"]] == 1
    assert tree.function_self_weight[by_name["main"]] == 0


def test_recursion_counts_once_a_stack() -> None:
    tree = profile("fib;fib;fib 5\nfib;other 1")
    fib = tree.function_ids["app.py", "fib"]
    assert tree.function_total_weight[fib] == 6
    assert tree.function_self_weight[fib] == 5


@given(stacks)
def test_self_weights_add_up_to_the_whole_and_totals_to_brute_force(rows: list[tuple[list[str], int]]) -> None:
    tree = built(rows)
    assert sum(tree.self_weight) == tree.weight == sum(n for _, n in rows)
    assert sum(tree.self_count) == tree.count
    truth: Counter[str] = Counter()
    for path, n in rows:
        for name in set(path):
            truth[name] += n
    assert {f.function: tree.function_total_weight[i] for i, f in enumerate(tree.functions)} == dict(truth)


@given(stacks)
def test_children_never_weigh_more_than_their_parent(rows: list[tuple[list[str], int]]) -> None:
    tree = built(rows)
    for node in range(len(tree)):
        below = sum(tree.total_weight[child] for child in tree.children(node))
        assert below + tree.self_weight[node] == tree.total_weight[node]


@given(stacks, stacks)
def test_growing_in_steps_gives_what_one_step_gives(
    first: list[tuple[list[str], int]], second: list[tuple[list[str], int]]
) -> None:
    grown = built(first)
    ids = {grown.path(node): node for node in range(len(grown))}
    for path, n in second:
        grown.add_stack([Frame(name, "f.py") for name in path], float(n), n)
    grown.flush()
    whole = built(first + second)
    assert list(grown.total_weight) == list(whole.total_weight)
    assert all(grown.path(node) == path for path, node in ids.items()), "ids never move"


@given(stacks, stacks)
def test_few_leaves_and_many_are_summed_up_to_the_same(
    first: list[tuple[list[str], int]], second: list[tuple[list[str], int]]
) -> None:
    trees = []
    for leaves_of_all in (0, 1_000_000):
        with mock.patch.object(call_tree, "_LEAVES_OF_ALL", leaves_of_all):
            tree = built(first)
            for path, n in second:
                tree.add_stack([Frame(name, "f.py") for name in path], float(n), n)
            assert tree.flush() is bool(second)
            trees.append(tree)
    up, through = trees
    for name in ("self_weight", "total_weight", "self_count", "total_count"):
        assert list(getattr(up, name)) == list(getattr(through, name))
        assert list(getattr(up, f"function_{name}")) == list(getattr(through, f"function_{name}"))


def test_a_vanished_path_leads_to_its_nearest_living_ancestor() -> None:
    before, after = profile("main;work;leaf 1"), profile("main;work;other 1")
    leaf = before.path(3)
    assert after.path(after.nearest(leaf)) == leaf[:2]
    assert after.nearest((("nowhere.py", "x"),)) == ROOT


def test_flush_touches_nothing_when_nothing_was_added() -> None:
    tree = profile("main 1")
    assert not tree.flush()
    tree.add(tree.add_stack(stack("main;new"), 2.0), 0.0, 0)
    assert tree.flush()
    assert tree.weight == 3
