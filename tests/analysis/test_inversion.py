from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import tree_of
from perftui.analysis.call_tree import ROOT, CallTree, FunctionKey
from perftui.analysis.count_tree import CountTree
from perftui.analysis.flame_layout import layout
from perftui.analysis.inversion import MergedTree, callees, callers, instances, inverted
from perftui.model.frame import Frame
from perftui.units import Unit
from tests.builders import profile

Rows = list[tuple[list[str], int]]
Sums = dict[tuple[FunctionKey, ...], int]
rows = st.lists(st.tuples(st.lists(st.sampled_from("abcd"), max_size=6), st.integers(1, 9)), max_size=20)
functions = st.sampled_from("abcd")


def built(of: Rows) -> CallTree:
    return tree_of([(tuple(Frame(name, "f.py") for name in path), float(n), n) for path, n in of], Unit.SECONDS)


def ended(of: list[tuple[list[str], int]]) -> Sums:
    """Self weights by path."""
    sums: Counter[tuple[FunctionKey, ...]] = Counter()
    for path, n in of:
        sums[tuple(("f.py", name) for name in path)] += n
    return dict(sums)


def whole(tree: MergedTree) -> Sums:
    """The self weights of a view that was looked at to its end, where its totals are right everywhere."""
    tree.expand(1_000, most=1_000_000)
    for node in range(len(tree)):
        below = sum(tree.total_weight[child] for child in tree.children(node))
        assert below + tree.self_weight[node] == tree.total_weight[node]
        assert tree.has_children(node) == (below > 0)
    assert list(tree.total_weight) == list(map(float, tree.total_count))
    return {tree.path(node): int(tree.self_weight[node]) for node in range(len(tree)) if tree.self_weight[node]}


def of_function(of: Rows, name: str) -> tuple[Rows, Rows]:
    """What stands above the outermost call of a function, inverted, and what stands below it."""
    above = [(path[: path.index(name) + 1][::-1], n) for path, n in of if name in path]
    below = [(path[path.index(name) :], n) for path, n in of if name in path]
    return above, below


@given(rows)
def test_a_tree_upside_down_holds_every_stack_upside_down(of: Rows) -> None:
    assert whole(inverted(built(of))) == ended([(path[::-1], n) for path, n in of])


@given(rows, functions)
def test_callers_and_callees_add_up_to_the_function(of: Rows, name: str) -> None:
    tree = built(of)
    function = tree.function_ids.get(("f.py", name))
    if function is None:
        return
    above, below = of_function(of, name)
    up, down = callers(tree, function), callees(tree, function)
    assert whole(up) == ended(above)
    assert whole(down) == ended(below)
    assert up.weight == down.weight == tree.function_total_weight[function]
    assert up.count == down.count == tree.function_total_count[function]


@given(rows, rows, functions, st.integers(0, 4))
def test_views_follow_a_growing_tree_and_ids_never_move(first: Rows, second: Rows, name: str, depth: int) -> None:
    tree = built(first)
    function = tree.function_id(Frame(name, "f.py"))
    views = [inverted(tree), callers(tree, function), callees(tree, function)]
    known = []
    for view in views:
        view.expand(depth, most=1_000)
        known.append([view.path(node) for node in range(len(view))])
    for path, n in second:
        tree.add_stack([Frame(each, "f.py") for each in path], float(n), n)
    tree.flush()
    for view, paths, anew in zip(
        views, known, (inverted(tree), callers(tree, function), callees(tree, function)), strict=True
    ):
        view.update()
        assert [view.path(node) for node in range(len(paths))] == paths
        assert whole(view) == whole(anew)


def test_the_functions_with_most_self_weight_stand_first() -> None:
    tree = inverted(profile("main;a 1\nmain;b 5\nmain;c;b 2\nmain 3"))
    names = [tree.functions[tree.function[node]].function for node in tree.children(ROOT)]
    assert names == ["b", "main", "a"]


def test_only_what_is_looked_at_is_made() -> None:
    deep = profile("\n".join(f"main;{';'.join(f'f{i}_{k}' for k in range(50))} 1" for i in range(50)))
    view = inverted(deep)
    assert len(view) == 51
    drawn = layout(view, width=200, rows=5)
    assert drawn.more_below
    assert len(view) <= 51 + 50 * 5


def test_a_selection_is_found_again_in_a_view_that_nobody_has_looked_into() -> None:
    tree = profile("main;work;json 3\nmain;idle 1")
    node = inverted(tree).nearest((("app.py", "json"), ("app.py", "work"), ("app.py", "main")))
    assert node == 4


def test_allocations_are_seen_upside_down_too() -> None:
    tree = tree_of([((Frame("main", "f.py"), Frame("work", "f.py")), 0.0, 3)], Unit.BYTES)
    view = CountTree(inverted(tree))
    (child,) = view.children(ROOT)
    assert (view.weight, view.total_weight[child]) == (3, 3)


def test_what_was_freed_is_gone_from_a_view() -> None:
    tree = profile("main;work 4\nmain;idle 1")
    view = inverted(tree)
    view.expand(9, most=100)
    tree.add(tree.nearest((("app.py", "main"), ("app.py", "work"))), -4.0, -4)
    tree.flush()
    view.update()
    assert whole(view) == {(("app.py", "idle"), ("app.py", "main")): 1}


def test_instances_are_all_places_of_a_function_the_heaviest_first() -> None:
    tree = profile("main;json 1\nmain;work;json 5\nmain;json;json 2\nidle 1")
    found = instances(tree, tree.function_ids["app.py", "json"])
    assert [tree.total_weight[node] for node in found] == [5.0, 3.0, 2.0]


@pytest.mark.parametrize("make", [callers, callees])
def test_a_function_that_weighs_nothing_has_an_empty_view(make: Callable[[CallTree, int], MergedTree]) -> None:
    tree = profile("main 1")
    view = make(tree, tree.function_id(Frame("never", "app.py")))
    assert (len(view), view.weight) == (1, 0.0)
