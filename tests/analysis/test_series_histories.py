"""Application metrics over time: in the order of first sight, by name, within bounds."""

from __future__ import annotations

import pytest

from perftui.analysis import series_histories
from perftui.analysis.series_histories import SeriesHistories
from perftui.model.derivation import DERIVED, MOST_DERIVED
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.units import Unit

OK, BAD = Series("requests_total", labels=(("code", "200"),)), Series("requests_total", labels=(("code", "500"),))
QUEUE = Series("queue", unit=Unit.BYTES)


def test_series_are_told_apart_by_labels_and_found_by_name() -> None:
    histories = SeriesHistories()
    histories.add(SeriesValues(1.0, ((QUEUE, 5.0), (OK, 1.0))))
    histories.add(SeriesValues(2.0, ((BAD, 2.0), (OK, 3.0), (Series("queue"), 7.0))))
    assert list(histories.all) == [QUEUE, OK, BAD]
    assert list(histories.named("requests_total")) == [OK, BAD]
    assert histories.named("nothing") == {}
    (unit,) = (series.unit for series in histories.named("queue"))
    queue = histories.all[QUEUE]
    assert (unit, queue.count, queue.last, queue.peak) == (Unit.BYTES, 2, 7.0, 7.0)
    assert histories.last_s == 2.0


def test_beyond_the_bound_series_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_histories, "MOST_SERIES", 2 + MOST_DERIVED)
    histories, derived = SeriesHistories(), Series("p95", DERIVED)
    for _ in range(2):
        histories.add(SeriesValues(1.0, ((QUEUE, 1.0), (OK, 1.0), (BAD, 1.0), (derived, 1.0))))
    assert (list(histories.all), histories.left_out) == ([QUEUE, OK, derived], 1)
    assert histories.all[OK].count == 2


def test_a_level_that_the_workload_told_stands_until_it_tells_another() -> None:
    histories, scraped, counter = SeriesHistories(), Series("queue", "web"), Series("orders", kind=SeriesKind.COUNTER)
    for at_s in (1.0, 1.1):
        histories.add(SeriesValues(at_s, ((QUEUE, 12.0), (counter, at_s), (scraped, 3.0))))
    assert [histories.all[series].at(60.0) for series in (QUEUE, counter, scraped)] == [12.0, None, None]
    assert histories.all[QUEUE].columns(3, start_s=0.0, end_s=60.0) == [12.0] * 3


def test_of_many_series_each_is_kept_in_fewer_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_histories, "_FINE_SERIES", 1)
    histories = SeriesHistories()
    for at in range(2_000):
        histories.add(SeriesValues(float(at), ((QUEUE, 1.0), (OK, float(at)))))
    assert len(histories.all[QUEUE]) == 2_000
    coarse = histories.all[OK]
    assert len(coarse) < 512
    assert (coarse.count, coarse.last, coarse.peak) == (2_000, 1_999.0, 1_999.0)


def test_what_comes_a_little_late_is_as_of_the_newest_value_of_its_series() -> None:
    histories = SeriesHistories()
    histories.add(SeriesValues(2.0, ((QUEUE, 1.0),)))
    histories.add(SeriesValues(1.0, ((QUEUE, 5.0), (OK, 3.0))))
    assert (histories.last_s, histories.all[QUEUE].last_s, histories.all[OK].last_s) == (2.0, 2.0, 1.0)
    assert histories.all[QUEUE].last == 5.0
