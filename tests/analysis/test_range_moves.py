from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.range_moves import moved, same_length, step_of, widened

STEPS = st.sampled_from((-1, 1))


@st.composite
def ranges(draw: st.DrawFn) -> tuple[float, float, float]:
    run_s = draw(st.floats(1.0, 4000.0))
    start_s = draw(st.floats(0.0, run_s - 0.5))
    return start_s, draw(st.floats(start_s + 0.3, run_s)), run_s


@given(ranges(), STEPS)
def test_a_range_that_is_moved_keeps_its_length_and_stays_in_the_run(
    known: tuple[float, float, float], step: int
) -> None:
    start_s, end_s, run_s = known
    low, high = moved((start_s, end_s), step, run_s)
    assert high - low == pytest.approx(end_s - start_s)
    assert low >= -1e-9
    assert high <= run_s + 1e-9


@given(ranges(), STEPS)
def test_a_range_that_is_widened_stays_in_the_run_and_never_vanishes(
    known: tuple[float, float, float], step: int
) -> None:
    start_s, end_s, run_s = known
    low, high = widened((start_s, end_s), step, run_s)
    assert 0.0 <= low < high <= run_s + 1e-9
    assert (high - low >= end_s - start_s - 1e-9) if step > 0 else (high - low <= end_s - start_s + 1e-9)


@pytest.mark.parametrize(("length_s", "step_s"), [(5.0, 1.0), (10.0, 2.0), (0.1, 0.1), (3600.0, 500.0)])
def test_steps_are_round(length_s: float, step_s: float) -> None:
    assert step_of(length_s) == pytest.approx(step_s)


def test_ranges_are_of_one_length_where_a_tenth_is_all_that_they_differ_by() -> None:
    assert same_length((0.0, 10.0), (5.0, 14.5))
    assert not same_length((0.0, 10.0), (0.0, 5.0))
    assert same_length(None, None)
    assert not same_length(None, (0.0, 10.0))
