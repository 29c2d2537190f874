"""Lanes over one axis: CPU by state, meters, and what captures say."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.time_index import TimeIndex, overlaps
from perftui.analysis.timeline import GIL, IDLE, RUNNING, Lane, Timeline, scale_of, value_of
from perftui.model.heap import Capture, HeapTimeline
from perftui.model.reading import ResourceReading
from perftui.model.sample import Thread, ThreadLook, ThreadLooks
from perftui.units import Unit

NO_TIMES = TimeIndex()


def times(*windows: tuple[float, float]) -> TimeIndex:
    """Windows of one second, each with (busy seconds of one thread, of another)."""
    index = TimeIndex()
    for i, (one, other) in enumerate(windows):
        index.add(float(i), i + 1.0, {(0, 1): (one, round(one * 100)), (1, 1): (other, round(other * 100))})
    return index


def looks(at_s: float, *states: str) -> ThreadLooks:
    """A look at threads that are `gil`, `busy` or `idle`."""
    threads = (ThreadLook(Thread(1, i), state != "idle", state == "gil") for i, state in enumerate(states))
    return ThreadLooks(at_s, tuple(threads))


def lane_of(timeline: Timeline, key: str) -> Lane:
    return next(lane for lane in timeline.lanes() if lane.key == key)


@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.floats(0.0, 1.0)), min_size=1, max_size=20), st.integers(1, 40))
def test_what_ran_adds_up_to_the_weight_of_the_profile(windows: list[tuple[float, float]], count: int) -> None:
    index, timeline = times(*windows), Timeline()
    end_s = float(len(windows))
    columns = timeline.columns(lane_of(timeline, RUNNING), count, start_s=0.0, end_s=end_s, times=index)
    seconds = sum(rate for rate in columns.high if rate is not None) * end_s / count
    assert seconds == pytest.approx(index.weight_until(end_s), rel=1e-6)


def test_a_span_that_samples_have_not_filled_yet_is_not_taken_for_a_calm_one() -> None:
    index, timeline = times((0.5, 0.0), (0.5, 0.0)), Timeline()
    running = lane_of(timeline, RUNNING)
    rates = timeline.columns(running, 4, start_s=0.0, end_s=6.0, times=index).high
    assert rates[:2] == pytest.approx((0.5, 0.5))
    assert rates[2:] == (None, None)
    assert timeline.latest(running, times=index, now_s=3.0) == pytest.approx(0.5)
    assert timeline.latest(running, times=NO_TIMES, now_s=3.0) is None


def test_states_are_estimated_from_looks_in_thread_seconds_a_second() -> None:
    timeline = Timeline()
    assert [lane.key for lane in timeline.lanes()] == [RUNNING]
    for at_s in range(10):
        timeline.look(looks(float(at_s), "gil" if at_s < 5 else "busy", "idle", "idle"))
    gil, idle = lane_of(timeline, GIL), lane_of(timeline, IDLE)
    assert gil.estimate
    assert timeline.columns(gil, 2, start_s=0.0, end_s=10.0, times=NO_TIMES).high == (1.0, 0.0)
    assert timeline.columns(gil, 1, start_s=0.0, end_s=10.0, times=NO_TIMES).high == (0.5,)
    assert timeline.columns(idle, 1, start_s=0.0, end_s=10.0, times=NO_TIMES).high == (2.0,)
    assert timeline.worst(gil, 1.0, times=NO_TIMES) == ((0.0, 1.0), 0.0)


def test_meters_without_a_value_have_no_lane_and_a_spike_is_seen_at_any_width() -> None:
    timeline = Timeline()
    for at_s in range(600):
        timeline.reading(ResourceReading(float(at_s), cpu_percent=400.0 if at_s == 333 else 20.0, rss_bytes=1e6))
    assert [lane.key for lane in timeline.lanes()] == [RUNNING, "cpu_percent", "rss_bytes"]
    cpu = lane_of(timeline, "cpu_percent")
    for count in (1, 7, 80, 600):
        columns = timeline.columns(cpu, count, start_s=0.0, end_s=600.0, times=NO_TIMES)
        assert columns.high[int(333.5 / 600 * count)] == 400.0
        assert value_of(cpu, columns, slice(0, count)) == 400.0
    assert timeline.worst(cpu, 1.0, times=NO_TIMES) == ((332.0, 333.0), 333.0)
    assert timeline.latest(cpu, times=NO_TIMES, now_s=600.0) == 20.0
    assert timeline.columns(cpu, 1, start_s=0.0, end_s=600.0, times=NO_TIMES).mean[0] == pytest.approx(20.633, abs=1e-3)


@given(st.lists(st.floats(0.01, 9.0), min_size=1, max_size=20))
def test_worst_seconds_come_one_after_the_other_from_the_greatest_on(levels: list[float]) -> None:
    index, timeline = times(*((level / 9, 0.0) for level in levels)), Timeline()
    for at_s, level in enumerate(levels):
        timeline.reading(ResourceReading(at_s + 1.0, cpu_percent=level))
    for lane in timeline.lanes():
        shown: list[tuple[float, float]] = []
        while (worst := timeline.worst(lane, 1.0, times=index, beside=shown)) is not None:
            assert not overlaps(*worst[0], shown)
            shown.append(worst[0])
            assert len(shown) <= len(levels)
        if lane.key == RUNNING:
            weights = [index.weight_until(high) - index.weight_until(low) for low, high in shown]
            assert weights == pytest.approx(sorted(weights, reverse=True), abs=1e-5)
        else:
            # A meter that is read at the end of a second has two of them at its border.
            assert levels[round(shown[0][1]) - 1] == max(levels)


def test_a_cell_of_seconds_a_second_is_read_as_a_mean_in_which_rest_counts() -> None:
    timeline = Timeline()
    running = lane_of(timeline, RUNNING)
    columns = timeline.columns(running, 2, start_s=0.0, end_s=2.0, times=times((1.0, 0.0), (0.0, 0.0)))
    assert value_of(running, columns, slice(0, 2)) == pytest.approx(0.5)
    assert value_of(running, columns, slice(1, 2)) is None


def test_what_captures_say_of_memory_takes_the_place_of_readings() -> None:
    timeline = Timeline()
    for at_s in range(4):
        timeline.reading(ResourceReading(float(at_s), rss_bytes=5e6, heap_bytes=1e6, processes=1.0))
    line = HeapTimeline(1, array("d", [0.0, 1.0, 3.0]), array("d", [1e6, 3e6, 2e6]), array("d", [6e6, 7e6, 8e6]))
    capture = Capture(1, complete=True, high_watermark_bytes=4_000_000, high_watermark_at_s=1.5)
    timeline.captured([line], [capture])
    heap, rss = lane_of(timeline, "heap_bytes"), lane_of(timeline, "rss_bytes")
    assert timeline.columns(heap, 4, start_s=0.0, end_s=4.0, times=NO_TIMES).high == (1e6, 3e6, 3e6, 2e6)
    assert timeline.peak(heap) == 4e6
    assert timeline.worst(heap, 1.0, times=NO_TIMES) == ((0.5, 1.5), 1.5)
    assert timeline.peak(rss) == 8e6
    timeline.reading(ResourceReading(5.0, rss_bytes=9e6, processes=2.0))
    timeline.captured([line], [capture])
    assert timeline.peak(rss) == 9e6, "of a process without a capture only the readings know"


def test_scales_end_with_round_numbers() -> None:
    seconds, size = Lane("a", "a", Unit.SECONDS_PER_SECOND), Lane("b", "b", Unit.BYTES)
    assert [scale_of(seconds, highest) for highest in (0.0, 0.4, 1.3, 7.0)] == [1.0, 1.0, 2.0, 8.0]
    assert scale_of(size, 3_000_000) == 3 << 20
