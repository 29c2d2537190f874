"""The rows of a comparison: what is said of each function, in the same words for time and for memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import tree_of
from perftui.analysis.call_tree import CallTree
from perftui.analysis.changes import function_changes
from perftui.analysis.compare import Evidence, Side
from perftui.model.change import ChangeVerdict, FunctionChange, MatchKind
from perftui.model.frame import Frame
from perftui.units import Unit
from tests.builders import profile
from tests.heaps import heap_profile

SLOWER, FASTER, SAME = ChangeVerdict.SLOWER, ChangeVerdict.FASTER, ChangeVerdict.WITHIN_NOISE
rows = st.lists(st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=5), st.integers(1, 50)), max_size=20)


def built(data: list[tuple[list[str], int]]) -> CallTree:
    return tree_of([(tuple(Frame(n, "f.py") for n in path), float(w), w) for path, w in data], Unit.SECONDS)


def changes(before: Side, after: Side) -> list[FunctionChange]:
    return function_changes(before, after)[0]


def verdicts(before: Side, after: Side) -> dict[str, ChangeVerdict]:
    return {row.frame.function: row.verdict for row in changes(before, after)}


def test_appeared_vanished_slower_and_the_rest_are_told_apart() -> None:
    alike = "\n".join(f"main;same{number} 10000" for number in range(5))
    found = changes(
        Side(profile(f"main;old 900\n{alike}\nmain;slow 1000")), Side(profile(f"main;new 900\n{alike}\nmain;slow 3000"))
    )
    said = {row.frame.function: row.verdict for row in found}
    assert said["old"] is ChangeVerdict.VANISHED
    assert said["new"] is ChangeVerdict.APPEARED
    assert said["slow"] is SLOWER
    assert said["main"] is ChangeVerdict.INCONCLUSIVE, "it has no sample of its own"
    assert {said[f"same{number}"] for number in range(5)} == {SAME}
    assert (found[0].frame.function, found[0].delta) == ("slow", 2000)
    assert {row.match for row in found if row.frame.function in ("old", "new")} == {MatchKind.ONE_SIDE}
    assert all(bool(row.reason) is (row.verdict is ChangeVerdict.INCONCLUSIVE) for row in found)


def test_a_function_that_lost_only_its_self_time_is_faster_and_did_not_vanish() -> None:
    found = verdicts(Side(profile("main;f 500")), Side(profile("main;f;g 500")))
    assert (found["f"], found["g"]) == (FASTER, ChangeVerdict.APPEARED)


@given(rows, rows)
def test_changes_add_up_to_the_change_of_the_whole(
    before: list[tuple[list[str], int]], after: list[tuple[list[str], int]]
) -> None:
    a, b = built(before), built(after)
    assert sum(row.delta for row in changes(Side(a), Side(b))) == b.weight - a.weight


@given(rows)
def test_nothing_differs_from_itself(data: list[tuple[list[str], int]]) -> None:
    side = Side(built(data))
    assert all(not row.verdict.clear and row.delta == 0 for row in changes(side, side))


# Figures that nothing was sampled for.


def test_one_large_array_is_a_clear_change_where_three_samples_would_be_noise() -> None:
    before, after = (
        "main;load 200000000 1\nmain;same 1000 3",
        "main;load 260000000 1\nmain;same 1000 3\nmain;new 9999 1",
    )
    heap = verdicts(heap_profile(before).side(), heap_profile(after).side())
    assert heap == {"load": SLOWER, "same": SAME, "new": ChangeVerdict.APPEARED, "main": SAME}


def test_a_peak_that_was_only_looked_for_needs_a_greater_change() -> None:
    before, after = "main;load 1000000 1", "main;load 1040000 1"
    sampled = heap_profile(before, exact=False).side()
    assert verdicts(heap_profile(before).side(), heap_profile(after).side())["load"] is SLOWER
    assert verdicts(sampled, heap_profile(after).side())["load"] is SAME
    assert verdicts(sampled, heap_profile("main;load 1060000 1").side())["load"] is SLOWER


def test_ten_objects_more_are_no_news_and_eleven_are() -> None:
    before = heap_profile("main;parse 5000 100").side(by_count=True)
    assert verdicts(before, heap_profile("main;parse 9000 110").side(by_count=True))["parse"] is SAME
    (row, *_) = changes(before, heap_profile("main;parse 5000 111").side(by_count=True))
    assert row.verdict is SLOWER
    assert (row.baseline, row.current, row.delta, row.current_share) == (100, 111, 11, 1.0)


def test_functions_too_small_to_be_drawn_are_compared_all_the_same() -> None:
    before = heap_profile("main;load 1000000 1\nmain;small 3000 5", listed_from=10_000)
    after = heap_profile("main;load 1000000 1\nmain;small 9000 5", listed_from=10_000)
    assert verdicts(before.side(), after.side())["small"] is SLOWER
    drawn = Side(before.tree, evidence=Evidence.EVERYTHING)
    assert verdicts(drawn, after.side())["small"] is ChangeVerdict.APPEARED


@given(rows)
def test_no_heap_differs_from_itself(data: list[tuple[list[str], int]]) -> None:
    side = heap_profile("\n".join(f"{';'.join(path)} {size * 1000} 2" for path, size in data), listed_from=9000).side()
    assert all(not row.verdict.clear for row in changes(side, side))
