from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.steady_order import MARK_S, SETTLE_S, STILL_S, Standing, SteadyOrder, sampled_lead

Counts = dict[str, int]
counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 400))
refreshes = st.lists(st.tuples(counts, st.integers(0, 12).map(lambda quarters: quarters / 4)), min_size=1, max_size=8)


def ranked(seen: Counts) -> list[Standing[str]]:
    rows = sorted(seen.items(), key=lambda row: (-row[1], row[0]))
    return [Standing(key, 0.01 * count, sampled_lead(0.01 * count, count)) for key, count in rows]


def names(rows: Sequence[Standing[str]]) -> list[str]:
    return [row.key for row in rows]


def after(*refreshes: tuple[Counts, float]) -> SteadyOrder[str]:
    order = SteadyOrder[str]()
    for seen, now_s in refreshes:
        order.update(ranked(seen), now_s)
    return order


@given(refreshes)
def test_rows_stand_still_and_when_they_move_none_is_left_below_one_it_is_clearly_ahead_of(
    run: list[tuple[Counts, float]],
) -> None:
    order, now_s, changed_s, before = SteadyOrder[str](), 0.0, -STILL_S, list[str]()
    for seen, passed_s in run:
        now_s += passed_s
        rows = {row.key: row for row in ranked(seen)}
        shown = order.update(list(rows.values()), now_s)
        assert sorted(shown) == sorted(rows)
        known = [key for key in before if key in rows]
        if now_s - changed_s < STILL_S:
            assert [key for key in shown if key in known] == known
        else:
            for place, key in enumerate(shown):
                assert not [low for low in shown[place:] if rows[low].weight - rows[low].lead > rows[key].weight]
        changed_s = changed_s if [key for key in shown if key in known] == known else now_s
        before = shown


@given(refreshes, counts)
def test_rows_that_no_longer_change_come_into_their_true_order(run: list[tuple[Counts, float]], last: Counts) -> None:
    order, now_s = SteadyOrder[str](), 0.0
    for seen, passed_s in run:
        now_s += passed_s
        order.update(ranked(seen), now_s)
    order.update(ranked(last), now_s)
    order.update(ranked(last), now_s + SETTLE_S)
    assert order.update(ranked(last), now_s + SETTLE_S + STILL_S) == names(ranked(last))
    assert order.update(ranked(last), now_s + SETTLE_S + STILL_S + MARK_S) == names(ranked(last))
    assert not any(order.moved(key) for key in last)


@given(refreshes, st.integers(0, 7))
def test_a_pinned_row_keeps_its_line_and_the_others_their_order(run: list[tuple[Counts, float]], chosen: int) -> None:
    free, order, now_s = SteadyOrder[str](), SteadyOrder[str](), 0.0
    pinned, before = "abcdefgh"[chosen], list[str]()
    for seen, passed_s in run:
        now_s += passed_s
        loose, shown = free.update(ranked(seen), now_s), order.update(ranked(seen), now_s, pinned=pinned)
        assert [key for key in shown if key != pinned] == [key for key in loose if key != pinned]
        if pinned in before and pinned in shown:
            assert shown.index(pinned) == min(before.index(pinned), len(shown) - 1)
            assert order.moved(pinned) == shown.index(pinned) - loose.index(pinned)
        before = shown


def test_what_comes_first_stands_in_its_true_order_and_is_not_marked() -> None:
    order = after(({"a": 3, "b": 5, "c": 4}, 0.0))
    assert order.update(ranked({"a": 3, "b": 5, "c": 4}), 1.0) == ["b", "c", "a"]
    assert [order.moved(key) for key in "abc"] == [0, 0, 0]


def test_a_lead_within_noise_moves_nothing_until_it_has_lasted() -> None:
    order = after(({"a": 100, "b": 95}, 0.0))
    assert order.update(ranked({"a": 101, "b": 110}), 1.0) == ["a", "b"]
    assert order.update(ranked({"a": 112, "b": 111}), 3.0) == ["a", "b"]
    assert order.update(ranked({"a": 112, "b": 114}), 4.0) == ["a", "b"]
    assert order.update(ranked({"a": 120, "b": 125}), 8.0) == ["a", "b"], "it fell back meanwhile"
    assert order.update(ranked({"a": 121, "b": 126}), 9.0) == ["b", "a"]
    assert (order.moved("a"), order.moved("b")) == (-1, 1)


def test_a_clear_lead_counts_at_once_and_is_marked_for_some_seconds() -> None:
    order = after(({"a": 100, "b": 90, "c": 10}, 0.0))
    assert order.update(ranked({"a": 100, "b": 90, "c": 200}), 0.5) == ["c", "a", "b"]
    assert [order.moved(key) for key in "abc"] == [-1, -1, 2]
    assert order.update(ranked({"a": 100, "b": 300, "c": 200}), 3.0) == ["c", "a", "b"], "they stand still for a while"
    assert order.update(ranked({"a": 100, "b": 300, "c": 200}), 3.5) == ["b", "c", "a"]
    assert [order.moved(key) for key in "abc"] == [-2, 1, 1], "moves that follow each other add up"
    order.update(ranked({"a": 100, "b": 300, "c": 200}), 3.5 + MARK_S)
    assert [order.moved(key) for key in "abc"] == [0, 0, 0]


def test_what_comes_and_goes_marks_no_row_as_moved() -> None:
    order = after(({"a": 50, "b": 40, "c": 30}, 0.0))
    assert order.update(ranked({"a": 50, "c": 30, "d": 45}), 0.5) == ["a", "d", "c"]
    assert not any(order.moved(key) for key in "acd")
    order.clear()
    assert order.update(ranked({"c": 31, "a": 30}), 1.0) == ["c", "a"]
    assert not order.moved("c")


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_a_lead_is_two_standard_deviations_of_the_difference(count: int) -> None:
    other = count - sampled_lead(count, count)
    assert count - other == pytest.approx(2 * sqrt(count + other))
    assert sampled_lead(0.01 * count, count) == pytest.approx(0.01 * (count - other))
    assert sampled_lead(0.0, 0) == 0.0
