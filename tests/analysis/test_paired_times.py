from __future__ import annotations

import pytest

from perftui.analysis.paired_times import PairedTimes, RunTimes, SideName, SideTimes, shared_top
from perftui.analysis.pyramid import Columns
from perftui.analysis.time_index import TimeIndex
from perftui.analysis.timeline import Timeline
from perftui.model.reading import ResourceReading


def run(*busy: float, rss: float | None = None) -> RunTimes:
    """A run with so many busy seconds in each of its seconds."""
    index, timeline = TimeIndex(), Timeline()
    for second, seconds in enumerate(busy):
        index.add(float(second), second + 1.0, {(0, 1): (seconds, round(100 * seconds))})
        timeline.reading(ResourceReading(second + 0.5, rss_bytes=rss))
    return RunTimes(timeline, index, float(len(busy)))


SHORT, LONG = SideTimes([run(1.0, 0.5)]), SideTimes([run(0.5, 0.5, 1.0, 1.0, rss=2.0**20)])
PAIR = PairedTimes(SHORT, LONG)


def test_both_begin_together_and_a_cell_is_as_long_on_both() -> None:
    assert PAIR.span_s == 4.0
    running = PAIR.lanes()[0]
    columns = PAIR.columns(running, 4)
    assert columns[SideName.BASELINE].high[:2] == pytest.approx((1.0, 0.5))
    assert columns[SideName.BASELINE].high[2:] == (None, None), "the shorter one ends where it ended"
    assert columns[SideName.CURRENT].high == pytest.approx((0.5, 0.5, 1.0, 1.0))


def test_what_only_one_side_measured_is_a_lane_all_the_same() -> None:
    rss = next(lane for lane in PAIR.lanes() if lane.key == "rss_bytes")
    columns = PAIR.columns(rss, 4)
    assert columns[SideName.BASELINE].high == ()
    assert columns[SideName.CURRENT].high == (2.0**20,) * 4
    assert SHORT.mean(rss) is None


def test_means_are_of_all_of_a_run_or_of_a_range_of_it() -> None:
    running = PAIR.lanes()[0]
    assert SHORT.mean(running) == pytest.approx(0.75)
    assert LONG.mean(running) == pytest.approx(0.75)
    assert LONG.mean(running, (2.0, 4.0)) == pytest.approx(1.0)


def test_several_runs_are_drawn_as_their_mean_and_a_longer_one_alone_from_where_the_others_ended() -> None:
    side = SideTimes([run(1.0, 1.0), run(0.5, 0.5, 0.5)])
    running = side.lanes()[0]
    assert side.run_s == 3.0
    assert side.columns(running, 3, end_s=3.0).high == pytest.approx((0.75, 0.75, 0.5))
    assert side.mean(running) == pytest.approx(0.75)


def test_one_scale_holds_both_sides() -> None:
    running = PAIR.lanes()[0]
    assert shared_top(running, [Columns((0.5,), (0.5,)), Columns((2.6, None), (1.0, None))]) == 3.0
    assert SideTimes([]).worst(1.0) is None
    assert SideName.BASELINE.other is SideName.CURRENT
