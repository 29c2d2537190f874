"""Values over time against the same worked out the slow way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis import pyramid
from perftui.analysis.pyramid import PER_BLOCK, Pyramid

values = st.lists(st.tuples(st.floats(0.0, 3.0), st.floats(0.0, 1e6)), min_size=1, max_size=80)


def filled(points: list[tuple[float, float]], **kind: bool) -> tuple[Pyramid, list[tuple[float, float]]]:
    """A pyramid of (seconds since the one before, value), and its (moment, value)."""
    made, at_s, known = Pyramid(**kind), 0.0, []
    for wait_s, value in points:
        at_s += wait_s
        made.append(at_s, value)
        known.append((at_s, value))
    return made, known


@given(values, st.integers(1, 30), st.floats(0.0, 100.0), st.floats(0.1, 200.0))
def test_columns_are_those_of_all_values(
    points: list[tuple[float, float]], count: int, start_s: float, length_s: float
) -> None:
    made, known = filled(points, holds=True)
    columns = made.columns(count, start_s=start_s, end_s=start_s + length_s)
    step_s = length_s / count
    held = None
    for at_s, value in known:
        held = value if at_s < start_s else held
    for column in range(count):
        begin_s, end_s = start_s + column * step_s, start_s + (column + 1) * step_s
        inside = [value for at_s, value in known if begin_s <= at_s < end_s]
        assert columns.high[column] == (max(inside) if inside else held)
        assert columns.mean[column] == pytest.approx(sum(inside) / len(inside) if inside else held)
        held = inside[-1] if inside else held


@given(values, st.integers(1, 30))
def test_however_old_values_are_no_spike_is_lost_and_none_is_made_up(
    points: list[tuple[float, float]], count: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyramid, "MOST_VALUES", PER_BLOCK)
        patch.setattr(pyramid, "MOST_BLOCKS", PER_BLOCK)
        patch.setattr(pyramid, "_AT_ONCE", PER_BLOCK)
        made, known = filled(points, holds=True)
    end_s = known[-1][0] + 1.0
    columns = made.columns(count, start_s=0.0, end_s=end_s)
    highs = [value for value in columns.high if value is not None]
    assert max(highs) == made.peak == max(value for _, value in known)
    assert set(highs) <= {value for _, value in known}
    assert len(made) < 4 * PER_BLOCK
    step_s = end_s / count
    for at_s, value in known:
        # Of values that share a block, the greatest is seen at least where each of them was.
        seen = columns.high[min(count - 1, int(at_s / step_s + 1e-9))]
        assert seen is not None
        assert seen >= value or at_s / step_s == pytest.approx(round(at_s / step_s))


def test_two_hours_stand_as_they_came_and_a_day_is_bounded() -> None:
    made = Pyramid()
    for second in range(86_400):
        made.append(float(second), 99.0 if second in (3_600, 86_000) else 1.0)
    assert len(made) < 15_000
    assert made.columns(3, start_s=85_999.0, end_s=86_002.0).high == (1.0, 99.0, 1.0)
    whole = made.columns(24, start_s=0.0, end_s=86_400.0).high
    # What is long ago is known by blocks of some values, which may reach over a border.
    assert whole[23] == 99.0
    assert 99.0 in whole[:2]
    assert set(whole[2:23]) == {1.0}


def test_what_was_not_measured_is_a_gap_once_a_value_is_too_old() -> None:
    made = Pyramid()
    for at_s in (0.0, 1.0, 2.0, 8.0, 9.0):
        made.append(at_s, at_s)
    made.append(9.5, None)
    made.append(9.6, float("nan"))
    assert made.columns(10, start_s=0.0, end_s=10.0).high == (0.0, 1.0, 2.0, 2.0, 2.0, None, None, None, 8.0, 9.0)
    assert (made.at(2.9), made.at(6.0), made.at(11.4), made.at(12.0), made.at(-1.0)) == (2.0, None, 9.0, None, None)
    assert (made.peak, made.peak_at_s) == (9.0, 9.0)


def test_without_values_or_time_there_is_nothing() -> None:
    made = Pyramid()
    assert made.columns(3, start_s=0.0, end_s=3.0).high == (None, None, None)
    made.append(0.0, 1.0)
    assert made.columns(2, start_s=1.0, end_s=1.0).high == (None, None)
    assert made.columns(0, start_s=0.0, end_s=1.0).high == ()
    assert not Pyramid().is_measured
