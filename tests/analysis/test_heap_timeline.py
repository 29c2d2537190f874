"""Heap over time of several processes together."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.heap_timeline import summed
from perftui.analysis.meter_history import MeterHistory
from perftui.model.heap import HeapTimeline

points = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1e9)), max_size=30).map(sorted)


def timeline(*rows: tuple[float, float], pid: int = 1) -> HeapTimeline:
    """Rows of (moment, heap bytes); resident memory is twice that."""
    return HeapTimeline(
        pid,
        array("d", [at_s for at_s, _ in rows]),
        array("d", [heap for _, heap in rows]),
        array("d", [2 * heap for _, heap in rows]),
    )


def test_one_process_is_what_its_capture_says() -> None:
    assert list(summed([timeline((0.0, 5.0), (1.0, 7.0))])) == [(0.0, 5.0, 10.0), (1.0, 7.0, 14.0)]


def test_a_process_counts_from_its_first_moment_to_its_last() -> None:
    parent = timeline((0.0, 100.0), (5.0, 120.0))
    child = timeline((1.0, 10.0), (2.0, 30.0), pid=2)
    assert [(at_s, heap) for at_s, heap, _ in summed([parent, child])] == [
        (0.0, 100.0),
        (1.0, 110.0),
        (2.0, 130.0),
        (5.0, 120.0),
    ]


@given(st.lists(points, max_size=4))
def test_the_sum_is_never_less_than_any_process_nor_more_than_all_peaks(lines: list[list[tuple[float, float]]]) -> None:
    timelines = [timeline(*rows, pid=pid) for pid, rows in enumerate(lines)]
    found = list(summed(timelines))
    assert len(found) == sum(map(len, lines))
    assert [at_s for at_s, _, _ in found] == sorted(at_s for at_s, _, _ in found)
    most = max((heap for _, heap, _ in found), default=0.0)
    assert most >= max((heap for rows in lines for _, heap in rows), default=0.0) * (1 - 1e-9)
    assert most <= sum(max((heap for _, heap in rows), default=0.0) for rows in lines) * (1 + 1e-9)


def test_a_history_that_holds_has_no_gaps_however_unevenly_it_was_thinned() -> None:
    holding, usual = MeterHistory(holds=True), MeterHistory()
    for history in (holding, usual):
        for at_s, value in ((0.0, 1.0), (0.01, 2.0), (0.02, 3.0), (8.0, 4.0)):
            history.append(at_s, value)
    assert holding.columns(10, start_s=0.0, end_s=10.0) == [3.0] * 8 + [4.0] * 2
    assert None in usual.columns(10, start_s=0.0, end_s=10.0)
    assert holding.at(60.0) == 4.0
    assert usual.at(60.0) is None
