from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import tree_of
from perftui.analysis.call_tree import CallTree
from perftui.analysis.neighbours import Neighbour, SteadyNeighbours, neighbours
from perftui.model.frame import Frame
from perftui.units import Unit
from tests.builders import profile

SHOP = """main;serve;loads;scan 4
main;load;loads;scan 1
main;load;loads 2
loads 3
main;idle 5"""


def named(rows: tuple[Neighbour, ...]) -> dict[str | None, float]:
    return {row.frame.function if row.frame else None: row.weight for row in rows}


def id_of(tree: CallTree, name: str) -> int:
    return next(i for i, frame in enumerate(tree.functions) if frame.function == name)


def test_each_caller_says_how_much_of_the_function_it_costs_the_dearest_first() -> None:
    tree = profile(SHOP)
    between = neighbours(tree, id_of(tree, "loads"))
    assert (between.own, between.total, between.whole) == (5, 10, 15)
    assert list(named(between.callers).items()) == [("serve", 4), ("load", 3), (None, 3)]
    assert [row.share for row in between.callers] == pytest.approx([0.4, 0.3, 0.3])
    assert named(between.callees) == {"scan": 5, None: 5}


def test_a_caller_has_its_own_figures_beside_what_goes_through_it() -> None:
    tree = profile("main;serve;loads 4\nmain;serve 6")
    [serve] = neighbours(tree, id_of(tree, "loads")).callers
    assert (serve.weight, serve.own, serve.total) == (4, 6, 10)


def test_by_count_everything_is_in_counts() -> None:
    tree = tree_of([((Frame("main"), Frame("load")), 1000.0, 3)], Unit.BYTES)
    between = neighbours(tree, id_of(tree, "load"), by_count=True)
    assert (between.total, between.whole, named(between.callers)) == (3, 3, {"main": 3})


def test_a_function_that_weighs_nothing_has_nobody_beside_it() -> None:
    tree = profile("main;work 1")
    gone = tree.function_id(Frame("gone", "app.py"))
    assert neighbours(tree, gone).callers == neighbours(tree, gone).callees == ()


@given(st.lists(st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), st.integers(1, 9)), min_size=1))
def test_either_side_adds_up_to_the_total_of_the_function(rows: list[tuple[list[str], int]]) -> None:
    tree = tree_of([(tuple(map(Frame, path)), float(n), n) for path, n in rows], Unit.SECONDS)
    for function in range(len(tree.functions)):
        between = neighbours(tree, function)
        for side in (between.callers, between.callees):
            assert sum(row.weight for row in side) == between.total
            assert sum(row.share for row in side) == pytest.approx(1)


def test_live_callers_keep_their_rows_until_one_is_clearly_passed() -> None:
    def between(serve: int, load: int) -> tuple[str | None, ...]:
        tree = profile(f"main;serve;loads {serve}\nmain;load;loads {load}")
        found = steady.update(neighbours(tree, id_of(tree, "loads")), now_s, of="loads")
        assert named(found.callers) == {"serve": serve, "load": load}, "the figures are those of now"
        return tuple(named(found.callers))

    steady, now_s = SteadyNeighbours(), 0.0
    assert between(50, 40) == ("serve", "load")
    now_s = 4.0
    assert between(60, 62) == ("serve", "load"), "two samples ahead may be chance"
    now_s = 8.0
    assert between(60, 600) == ("load", "serve")


def test_neighbours_of_another_function_stand_in_their_true_order() -> None:
    steady = SteadyNeighbours()
    for of, weights in (("one", (9, 1)), ("other", (1, 9))):
        tree = profile(f"main;serve;loads {weights[0]}\nmain;load;loads {weights[1]}")
        found = steady.update(neighbours(tree, id_of(tree, "loads")), 0.0, of=of)
        assert [row.weight for row in found.callers] == [9, 1]
