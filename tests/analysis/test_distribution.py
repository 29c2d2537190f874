from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.distribution import (
    Box,
    bins_for,
    box_of,
    counts,
    density,
    extent,
    in_order,
    shares_below,
    sorted_in_parts,
    within,
)
from perftui.analysis.value_axis import ValueAxis, axis_of

VALUES = st.lists(st.floats(1e-9, 1e6), min_size=1, max_size=60)
CELLS = st.integers(1, 80)


def axis_for(values: list[float]) -> ValueAxis:
    axis = axis_of([(min(values), max(values))])
    assert axis is not None
    return axis


@given(VALUES, CELLS)
def test_counts_and_density_add_up_to_the_number_of_values(values: list[float], cells: int) -> None:
    ordered, axis = sorted(values), axis_for(values)
    found = counts(ordered, axis, cells)
    assert len(found) == cells
    assert min(found) >= 0
    assert sum(found) == len(values)
    smooth = density(ordered, axis, cells)
    assert len(smooth) == cells
    assert min(smooth) >= 0
    assert sum(smooth) == pytest.approx(len(values))


@given(VALUES, CELLS, st.floats(1e-6, 10))
def test_values_beyond_an_axis_are_counted_at_its_end(values: list[float], cells: int, high: float) -> None:
    axis = ValueAxis(high / 2, high)
    assert sum(counts(sorted(values), axis, cells)) == len(values)
    assert sum(density(sorted(values), axis, cells)) == pytest.approx(len(values))


@given(VALUES, CELLS)
def test_shares_below_never_fall_and_end_at_one(values: list[float], cells: int) -> None:
    shares = shares_below(sorted(values), axis_for(values), cells)
    assert len(shares) == cells
    assert all(before <= after for before, after in pairwise([0.0, *shares]))
    assert shares[-1] == 1.0


@given(VALUES)
def test_an_extent_leaves_out_only_what_lies_far_off(values: list[float]) -> None:
    low, high = extent(values)
    assert min(values) <= low <= high <= max(values)
    box = box_of(sorted(values))
    assert low <= box.q1
    assert high >= box.q3
    axis = axis_of([(low, high)])
    assert axis is not None
    assert sum(axis.holds(value) for value in values) == len(within(sorted(values), axis))


def test_one_value_that_took_a_thousand_times_as_long_leaves_the_others_their_room() -> None:
    values = [1.0 + i / 100 for i in range(40)] + [1_500.0]
    assert extent(values)[1] < 4
    assert extent(values[-10:]) == (1.31, 1_500.0)
    assert extent([2.0] * 30 + [9.0]) == (2.0, 2.2)


@given(VALUES)
def test_a_box_is_in_order_and_within_the_values(values: list[float]) -> None:
    box = box_of(sorted(values))
    assert min(values) == box.low <= box.q1 <= box.median <= box.q3 <= box.high == max(values)


def test_a_box_has_the_quartiles_that_numpy_has() -> None:
    assert box_of([1.0, 2.0, 3.0, 4.0, 10.0]) == Box(1.0, 2.0, 3.0, 4.0, 10.0)
    assert box_of([7.0]) == Box(7.0, 7.0, 7.0, 7.0, 7.0)


@given(VALUES, st.integers(1, 30))
def test_in_the_order_of_measuring_every_value_is_in_one_column(values: list[float], columns: int) -> None:
    found = in_order(values, columns)
    assert len(found) == min(columns, len(values))
    assert min(low for low, _ in found) == min(values)
    assert max(high for _, high in found) == max(values)
    if columns >= len(values):
        assert found == [(value, value) for value in values]


@given(st.lists(st.floats(-1e6, 1e6), max_size=50))
def test_sorting_in_parts_is_sorting(values: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("perftui.analysis.distribution._CHUNK", 7)
        *pauses, ordered = sorted_in_parts(values)
    assert ordered == sorted(values)
    assert all(pause is None for pause in pauses)


def test_equal_values_are_one_heap_and_two_crowds_are_two() -> None:
    axis = ValueAxis(0.0, 10.0)
    assert counts([5.0] * 9, axis, 4) == [0, 0, 9, 0]
    smooth = density(sorted([1.0 + i / 50 for i in range(40)] + [9.0 + i / 50 for i in range(40)]), axis, 20)
    assert smooth[2] > 5
    assert smooth[10] < 1
    assert smooth[18] > 5


@given(VALUES, CELLS)
def test_bars_are_at_least_one_and_not_more_than_there_is_room_for(values: list[float], most: int) -> None:
    assert 1 <= bins_for(sorted(values), axis_for(values), most) <= most


def test_few_values_have_few_bars() -> None:
    ordered = [1.0 + i / 40 for i in range(40)]
    assert bins_for(ordered, axis_for(ordered), 60) < 8
