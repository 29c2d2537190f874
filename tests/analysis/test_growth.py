"""The slope of a series: what the definition says, and an interval that holds the truth as often as it claims."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.growth import FEWEST_POINTS, MOST_POINTS, Growth, Slope, growth_of, theil_sen

Series = list[tuple[float, float]]
values = st.lists(st.integers(0, 1_000_000).map(float), min_size=FEWEST_POINTS, max_size=40)
noise = st.integers(0, 2**32).map(random.Random)


def slope_of(ys: list[float]) -> Slope:
    found = theil_sen([float(i) for i in range(len(ys))], ys)
    assert found is not None
    return found


@given(values)
def test_the_slope_is_the_median_of_all_slopes_between_two_points(ys: list[float]) -> None:
    found = slope_of(ys)
    assert found.per_s == median((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(enumerate(ys), 2))
    assert found.low <= found.per_s <= found.high
    assert (found.points, found.span_s) == (len(ys), len(ys) - 1)


@given(values, st.integers(-1000, 1000), st.integers(-(10**6), 10**6))
def test_what_is_added_to_every_second_is_added_to_the_slope(ys: list[float], per_s: int, start: int) -> None:
    found, tilted = slope_of(ys), slope_of([y + start + per_s * at for at, y in enumerate(ys)])
    assert tilted.per_s == pytest.approx(found.per_s + per_s, abs=1e-6)
    assert tilted.low == pytest.approx(found.low + per_s, abs=1e-3 * (1 + found.high - found.low))


@given(values, st.integers(1, 1000))
def test_another_unit_gives_the_same_slope_in_that_unit(ys: list[float], factor: int) -> None:
    found, scaled = slope_of(ys), slope_of([y * factor for y in ys])
    assert scaled.per_s == pytest.approx(found.per_s * factor)


def test_a_line_is_known_exactly_and_a_constant_does_not_grow() -> None:
    line, flat = slope_of([5.0 + 3 * at for at in range(20)]), slope_of([7.0] * 20)
    assert (line.low, line.per_s, line.high) == pytest.approx((3, 3, 3))
    assert (flat.low, flat.per_s, flat.high) == (0, 0, 0)


def test_a_spike_and_a_dip_hardly_move_the_slope() -> None:
    ys = [2.0 * at for at in range(40)]
    ys[11], ys[30] = 1e9, 0.0
    assert slope_of(ys).per_s == pytest.approx(2.0)


def test_a_sawtooth_does_not_grow_and_a_leak_below_one_does() -> None:
    teeth = [float(at % 20) * 5 for at in range(200)]
    flat, leaking = slope_of(teeth), slope_of([tooth + 0.5 * at for at, tooth in enumerate(teeth)])
    assert flat.low < 0 < flat.high
    assert 0 < leaking.low < 0.5 < leaking.high


def test_a_cache_that_fills_up_is_not_told_to_grow_for_ever() -> None:
    filling = slope_of([100 * (1 - 0.97**at) for at in range(200)])
    assert filling.high > 5 * filling.per_s
    assert filling.low < filling.per_s / 10


def correlated(rho: float) -> Callable[[random.Random], list[float]]:
    def series(source: random.Random) -> list[float]:
        level, found = 0.0, []
        for at in range(60):
            level = rho * level + source.gauss(0, 10)
            found.append(3 * at + level)
        return found

    return series


@pytest.mark.parametrize(("rho", "at_least"), [(0.0, 0.92), (0.5, 0.85), (0.8, 0.83), (0.95, 0.8)])
def test_the_interval_holds_the_truth_nearly_as_often_as_it_says(rho: float, at_least: float) -> None:
    source, series = random.Random(7), correlated(rho)
    held = [found.low <= 3 <= found.high for found in (slope_of(series(source)) for _ in range(150))]
    assert sum(held) / len(held) >= at_least


# Live.


def test_what_comes_first_is_start_and_not_growth() -> None:
    started = [(at / 2, 1000.0 * at) for at in range(10)] + [(5 + at / 2, 10_000.0 + 2 * at) for at in range(1, 60)]
    found = growth_of([at for at, _ in started], [value for _, value in started]).slope()
    assert found is not None
    assert found.per_s == pytest.approx(4.0)


def test_the_warm_up_of_a_long_run_is_its_first_tenth() -> None:
    growth = Growth()
    for at in range(1000):
        growth.add(at, min(at, 90) * 1000.0)
    found = growth.slope()
    assert found is not None
    assert (found.low, found.per_s, found.high) == (0, 0, 0)


@pytest.mark.parametrize("seconds", [0, 4, 9])
def test_a_short_run_tells_nothing(seconds: int) -> None:
    growth = Growth()
    for at in range(seconds * 20):
        growth.add(at / 20, float(at))
    assert growth.slope(fresh=True) is None
    assert growth.is_measured is (seconds > 0)


def test_few_readings_tell_nothing_however_long_they_took() -> None:
    growth = growth_of([10.0 * at for at in range(FEWEST_POINTS)], [float(at) for at in range(FEWEST_POINTS)])
    assert growth.slope() is None
    growth.add(10.0 * FEWEST_POINTS, 10.0)
    growth.add(10.0 * FEWEST_POINTS + 10, 11.0)
    assert growth.slope() is not None


def test_a_reading_without_a_value_is_passed_over() -> None:
    growth = Growth()
    for at in range(60):
        growth.add(at, None if at % 3 else 5.0 * at)
        growth.add(at + 0.5, float("nan"))
    found = growth.slope()
    assert found is not None
    assert found.per_s == pytest.approx(5.0)


@given(st.integers(0, 5 * MOST_POINTS), noise)
def test_a_series_of_any_length_keeps_its_slope_in_bounded_memory(readings: int, source: random.Random) -> None:
    growth = Growth()
    for at in range(readings):
        growth.add(at, 7.0 * at + source.uniform(-1, 1))
    assert len(growth._values) <= MOST_POINTS
    found = growth.slope() if readings < 400 or readings % 7 == 0 else None
    if found is not None:
        assert found.per_s == pytest.approx(7.0, rel=0.1)
        assert found.low <= 7.0 + 0.1
        assert found.high >= 7.0 - 0.1


def test_a_live_slope_is_renewed_when_a_twentieth_is_new_and_a_fresh_one_at_once() -> None:
    growth = growth_of([float(at) for at in range(200)], [float(at) for at in range(200)])
    before = growth.slope()
    growth.add(200.0, 1e6)
    assert growth.slope() is before
    assert growth.slope(fresh=True) is not before
    for at in range(201, 212):
        growth.add(at, float(at))
    after = growth.slope()
    assert after is not None
    assert before is not None
    assert after.points > before.points
