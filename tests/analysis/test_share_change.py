from __future__ import annotations

from math import comb
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.call_tree import CallTree
from perftui.analysis.scope import Between, Scope
from perftui.analysis.share_change import ShareChanges, clear_z, z_of_draw
from tests.analysis.test_scoped_profile import Run, recorded, scopes, windows
from tests.builders import profile


@given(windows, scopes, st.tuples(st.floats(0.0, 9.0), st.floats(0.0, 9.0)))
def test_shares_of_a_range_and_of_the_rest_add_up_to_the_whole_run(
    run: Run, scope: Scope, between: tuple[float, float]
) -> None:
    record = recorded(run)
    parts = scope.timeless().parts
    whole = record.profile(*parts).tree
    part = record.profile(*parts, Between(min(between), max(between))).tree
    assert part.functions[: len(whole.functions)] == whole.functions[: len(part.functions)], "ids are the same"
    for total in (False, True):
        changes = ShareChanges(part, whole, total=total)
        weights = whole.function_total_weight if total else whole.function_self_weight
        rest = max(0.0, whole.weight - part.weight)
        for function, change in changes.ranked():
            assert change.inside * part.weight + change.outside * rest == pytest.approx(weights[function], abs=1e-6)
            assert change == changes.of(function)


def test_what_is_clear_comes_first_and_the_greatest_difference_before_others() -> None:
    whole = profile("main;busy 300\nmain;same 200\nmain;gone 200\nmain;rare 2")
    part = profile("main;busy 250\nmain;same 58\nmain;gone 0\nmain;rare 1")
    changes = ShareChanges(part, whole)
    names = [(whole.functions[function].function, change.clear) for function, change in changes.ranked()]
    assert names == [("busy", True), ("gone", True), ("same", True), ("rare", False), ("main", False)]
    busy = changes.of(1)
    assert busy.inside == pytest.approx(250 / 309)
    assert busy.outside == pytest.approx(50 / 393)
    assert busy.difference == pytest.approx(busy.inside - busy.outside)
    assert changes.comparable
    assert changes.clear() == 3
    assert [function for function, _ in changes.ranked(2, least=0.5)] == [1, 3]
    assert not ShareChanges(whole, whole).comparable
    assert not ShareChanges(profile("main 0"), whole).comparable


def test_what_every_stack_holds_is_no_news() -> None:
    changes = ShareChanges(profile("main;a 100\nmain;b 1"), profile("main;a 150\nmain;b 90"), total=True)
    assert changes.of(0).z == 0.0
    assert changes.of(0).difference == 0.0
    assert changes.of(1).clear


def test_ranges_that_are_drawn_by_lot_hardly_ever_look_clear() -> None:
    lot = Random(7)
    samples = [f"main;f{i % 40}" for i in range(3000)]
    whole = profile("\n".join(f"{each} 1" for each in sorted(samples)))
    found = 0
    for _ in range(60):
        part = profile("\n".join(f"{each} 1" for each in sorted(lot.sample(samples, 500))))
        ids = {frame.function: i for i, frame in enumerate(part.functions)}
        assert set(ids) <= {frame.function for frame in whole.functions}
        # The same ids as the whole has, as a part of one recording has them.
        drawn = profile("\n".join(f"{each} {_count(part, ids, each)}" for each in sorted(set(samples))))
        found += any(change.clear for _, change in ShareChanges(drawn, whole).ranked())
    assert found <= 6


def _count(part: CallTree, ids: dict[str, int], stack: str) -> int:
    function = ids.get(stack.rpartition(";")[2])
    return 0 if function is None else part.function_self_count[function]


@given(st.integers(2, 60), st.data())
def test_few_samples_are_as_far_from_chance_as_counting_all_ways_says(everything: int, data: st.DataObject) -> None:
    marked, draws = data.draw(st.integers(1, everything - 1)), data.draw(st.integers(1, everything - 1))
    drawn = data.draw(st.integers(max(0, draws + marked - everything), min(marked, draws)))
    z = z_of_draw(drawn, draws, marked, everything)
    if abs(z) > 2:
        more = range(drawn, min(marked, draws) + 1) if z > 0 else range(max(0, draws + marked - everything), drawn + 1)
        ways = sum(comb(marked, x) * comb(everything - marked, draws - x) for x in more)
        assert NormalDist().cdf(-abs(z)) == pytest.approx(ways / comb(everything, draws), rel=1e-6)


def test_single_samples_are_no_news_however_short_the_range() -> None:
    assert z_of_draw(1, 10, 1, 1000) == pytest.approx(2.33, abs=0.01), "a chance of one in a hundred"
    assert abs(z_of_draw(3, 500, 3, 2500)) < clear_z(10)
    assert z_of_draw(0, 500, 0, 2500) == 0.0
    assert z_of_draw(5, 0, 10, 100) == 0.0
    assert z_of_draw(10, 100, 10, 100) == 0.0
    assert z_of_draw(60, 100, 60, 1000) > clear_z(1000)
    assert z_of_draw(0, 500, 100, 1000) < -clear_z(1000)


def test_among_more_functions_more_is_asked_of_each() -> None:
    assert clear_z(1) == pytest.approx(1.96, abs=0.01)
    assert clear_z(0) == clear_z(1) < clear_z(10) < clear_z(1000) < 5
