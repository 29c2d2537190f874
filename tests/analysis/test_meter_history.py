"""Histories of meters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.meter_history import MeterHistories, MeterHistory, scale_top
from perftui.model.reading import ResourceReading
from perftui.units import Unit


def history(*values: float | None, every_s: float = 1.0) -> MeterHistory:
    made = MeterHistory()
    for i, value in enumerate(values):
        made.append(i * every_s, value)
    return made


def test_a_column_shows_the_greatest_value_of_its_span() -> None:
    assert history(1, 5, 2, 4).columns(2, start_s=0, end_s=4) == [5, 4]


def test_a_value_holds_until_the_next_is_due() -> None:
    assert history(1, 5, every_s=2.0).columns(4, start_s=0, end_s=4) == [1, 1, 5, 5]


def test_a_value_is_not_held_for_ever() -> None:
    made = history(1, 1)
    assert made.columns(6, start_s=0, end_s=6) == [1, 1, 1, 1, None, None]


def test_what_was_not_measured_is_a_gap() -> None:
    made = history(1, 1, 1, *[None] * 5, 3)
    assert made.columns(9, start_s=0, end_s=9)[-3:] == [None, None, 3]
    assert made.at(8.5) == 3
    assert made.at(80) is None
    assert history(None).is_measured is False


def test_a_meter_that_is_read_seldom_holds_longer() -> None:
    made = history(4, None, None, None, None, 6, None, None, None, None, 5)
    assert made.columns(11, start_s=0, end_s=11) == [4] * 5 + [6] * 5 + [5]
    assert made.at(14.0) == 5


def test_what_is_its_own_alone_is_never_shown_as_more_than_what_is_resident() -> None:
    histories = MeterHistories()
    uss = histories.by_metric["uss_bytes"]
    for at_s, rss, own in ((0, 200, 150), (1, 200, None), (2, 100, None), (3, 100, None)):
        histories.add(ResourceReading(float(at_s), rss_bytes=float(rss), uss_bytes=own and float(own)))
    assert uss.columns(4, start_s=0, end_s=4) == [150, 150, None, None]
    assert uss.at(3.0) is None
    assert uss.peak == 150
    histories.add(ResourceReading(4.0, rss_bytes=100.0, uss_bytes=90.0))
    assert uss.at(4.0) == 90


@given(st.lists(st.tuples(st.integers(1, 9), st.none() | st.floats(0, 1)), min_size=1, max_size=60))
def test_no_moment_shows_more_of_its_own_than_is_resident(readings: list[tuple[int, float | None]]) -> None:
    histories = MeterHistories()
    for at_s, (rss, own) in enumerate(readings):
        histories.add(ResourceReading(float(at_s), rss_bytes=rss, uss_bytes=None if own is None else own * rss))
        shown = histories.by_metric["uss_bytes"].at(float(at_s))
        assert shown is None or shown <= rss


def test_numbers_that_are_none_count_as_not_measured() -> None:
    made = history(float("nan"), float("inf"))
    assert made.is_measured is False
    assert made.at(0.0) is None


def test_the_peak_and_its_moment_are_kept() -> None:
    made = history(1, 9, 3)
    assert (made.peak, made.peak_at_s) == (9, 1.0)


def test_a_long_recording_stays_small_and_loses_no_peak() -> None:
    made = MeterHistory()
    for second in range(50_000):
        made.append(float(second), 99.0 if second == 31_417 else 1.0)
    assert len(made) < 4096
    columns = made.columns(100, start_s=0, end_s=50_000)
    assert columns[62] == 99.0
    assert set(columns) == {1.0, 99.0}


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60),
    st.tuples(st.floats(0.0, 60.0), st.floats(0.0, 60.0)).map(sorted),
)
def test_a_range_has_the_least_the_mean_and_the_greatest_of_its_readings(
    values: list[float], moments: list[float]
) -> None:
    start_s, end_s = moments
    found = history(*values).between(start_s, end_s)
    inside = [value for second, value in enumerate(values) if start_s <= second < end_s]
    if inside:
        assert found is not None
        assert (found.low, found.high) == (min(inside), max(inside))
        assert found.mean == pytest.approx(sum(inside) / len(inside), abs=1e-6)


def test_a_range_between_two_readings_has_the_value_that_held() -> None:
    assert history(1, 5, every_s=2.0).between(2.5, 2.6) == (5, 5, 5)
    assert history(1, 5).between(50.0, 51.0) is None


def test_a_range_of_a_long_recording_is_right_where_readings_were_merged() -> None:
    made = MeterHistory()
    for second in range(16_000):
        made.append(float(second), float(second % 10))
    found = made.between(800.0, 8_800.0)
    assert found is not None
    assert (found.low, found.high) == (0.0, 9.0)
    assert found.mean == pytest.approx(4.5, abs=0.01)


def test_every_meter_of_a_reading_has_a_history() -> None:
    histories = MeterHistories()
    histories.add(ResourceReading(at_s=2.0, cpu_percent=50.0))
    assert histories.by_metric["cpu_percent"].at(2.0) == 50.0
    assert histories.by_metric["rss_bytes"].is_measured is False
    assert histories.last_s == 2.0


@pytest.mark.parametrize(
    ("highest", "unit", "top"),
    [
        (3.0, Unit.PERCENT, 100.0),
        (130.0, Unit.PERCENT, 150.0),
        (800.0, Unit.PERCENT, 800.0),
        (300 * 2**20, Unit.BYTES, 384 * 2**20),
        (0.0, Unit.BYTES, 1024.0),
        (0.4, Unit.COUNT, 0.4),
        (11, Unit.COUNT, 15),
        (0.0, Unit.COUNT, 1.0),
    ],
)
def test_a_scale_ends_with_a_round_number(highest: float, unit: Unit, top: float) -> None:
    assert scale_top(highest, unit) == pytest.approx(top)


@given(st.floats(0, 1e15), st.sampled_from(Unit))
def test_a_scale_holds_what_it_is_made_for(highest: float, unit: Unit) -> None:
    top = scale_top(highest, unit)
    assert top >= highest * (1 - 1e-12)
    assert top > 0
    if unit is not Unit.PERCENT and highest > 1:
        assert top <= highest * 2.1 + 1024
