from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.value_axis import ValueAxis, axis_of

VALUES = st.floats(-1e9, 1e9) | st.floats(1e-12, 1e12)
POSITIVE = st.floats(1e-9, 1e9)


@given(st.lists(st.tuples(VALUES, VALUES).map(sorted), min_size=1), st.integers(1, 40))
def test_every_value_lies_on_the_axis_and_ticks_are_round_values_on_it(extents: list[list[float]], most: int) -> None:
    axis = axis_of((low, high) for low, high in extents)
    assert axis is not None
    assert axis.low < axis.high
    for low, high in extents:
        assert axis.holds(low)
        assert axis.holds(high)
        assert 0 <= axis.place(low) <= axis.place(high) <= 1
    ticks = axis.ticks(most)
    assert len(ticks) <= most
    assert all(before < after for before, after in pairwise(ticks))
    assert all(axis.holds(tick) for tick in ticks)


@given(POSITIVE, st.floats(1.001, 1e6), st.integers(1, 200), st.floats(0, 1))
def test_a_place_and_its_value_are_each_others_inverse(low: float, ratio: float, cells: int, place: float) -> None:
    for axis in (ValueAxis(low, low * ratio), ValueAxis(low, low * ratio, log=True)):
        assert axis.place(axis.value(place)) == pytest.approx(place, abs=1e-6)
        assert 0 <= axis.cell(axis.value(place), cells) < cells
        edges = axis.edges(cells)
        assert len(edges) == cells - 1
        assert all(before <= after for before, after in pairwise(edges))


def test_an_axis_is_logarithmic_where_values_are_far_apart_and_above_zero() -> None:
    near, far, with_zero = axis_of([(1.0, 20.0)]), axis_of([(1.0, 2.0), (40.0, 50.0)]), axis_of([(0.0, 900.0)])
    assert near is not None
    assert far is not None
    assert with_zero is not None
    assert (near.log, far.log, with_zero.log) == (False, True, False)
    assert far.ticks(5) == [1.0, 3.0, 10.0, 30.0]
    assert near.ticks(4) == [5.0, 10.0, 15.0, 20.0]
    assert axis_of([]) is None
    assert axis_of([(float("inf"), float("inf"))]) is None


def test_a_limit_is_on_the_axis_unless_the_values_would_be_pressed_together() -> None:
    near, far = axis_of([(10.0, 20.0)], limits=(25.0,)), axis_of([(10.0, 20.0)], limits=(25.0, 500.0))
    assert near is not None
    assert near.high == 25.0
    assert near == far


def test_a_single_value_stands_in_the_middle() -> None:
    for value in (0.0, 0.002, -3.0):
        axis = axis_of([(value, value)])
        assert axis is not None
        assert axis.place(value) == pytest.approx(0.5)
