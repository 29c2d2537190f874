"""Single figures of memory: from captures where they were read, from pictures otherwise, never more than is known."""

from __future__ import annotations

from array import array

import pytest

from perftui.analysis.growth import Growth
from perftui.analysis.heap_figures import (
    HeapFigure,
    allocated_bytes,
    allocations,
    growth_slope,
    heap_growth,
    high_watermark,
    leaked_bytes,
    per_second,
)
from perftui.analysis.heap_fold import HeapFold
from perftui.analysis.heap_profile import HeapProfile
from perftui.analysis.measures import Measures
from perftui.model.heap import Capture, HeapTimeline, HeapView
from perftui.model.reading import ResourceReading
from tests.heaps import heap_profile, held, snapshot


def measures_of(*captures: Capture, views: dict[HeapView, HeapProfile] | None = None) -> Measures:
    measures = Measures()
    measures.captures, measures.heap = captures, views or {}
    return measures


def timeline(pid: int, per_s: float) -> HeapTimeline:
    at_s = array("d", [at / 10 for at in range(300)])
    return HeapTimeline(pid, at_s, array("d", [per_s * at for at in at_s]), array("d", [0.0] * 300))


def test_nothing_is_known_of_what_was_not_traced() -> None:
    measures = Measures()
    measures.reading(ResourceReading(1.0, rss_bytes=5e7))
    found = [figure(measures) for figure in (high_watermark, allocated_bytes, allocations, leaked_bytes)]
    assert found == [None] * 4
    assert per_second(None, 5.0) is None


def test_captures_are_added_up_and_the_greatest_peak_gives_the_moment() -> None:
    first = Capture(1, high_watermark_bytes=10, high_watermark_at_s=1.0, leaked_bytes=3, allocations=7)
    second = Capture(2, high_watermark_bytes=30, high_watermark_at_s=2.0, leaked_bytes=4, allocations=9)
    measures = measures_of(first, second)
    assert high_watermark(measures) == HeapFigure(40, at_s=2.0, processes=2)
    assert leaked_bytes(measures) == HeapFigure(7, processes=2)
    assert allocations(measures) == HeapFigure(16, processes=2)
    assert allocated_bytes(measures) is None


def test_what_one_of_two_captures_does_not_tell_is_missing_in_the_sum() -> None:
    found = leaked_bytes(measures_of(Capture(1, leaked_bytes=3), Capture(2)))
    assert found == HeapFigure(3, whole=False)


@pytest.mark.parametrize(("pids", "exact"), [((100,), True), ((100, 101), False)])
def test_an_exact_picture_of_every_process_is_exact(pids: tuple[int, ...], exact: bool) -> None:
    views = {HeapView.HIGH_WATERMARK: heap_profile("main 500 2")}
    found = high_watermark(measures_of(*map(Capture, pids), views=views))
    assert found is not None
    assert (found.value, found.exact) == (500, exact)


def test_a_picture_without_one_of_the_processes_is_no_whole_figure() -> None:
    fold, profile = HeapFold(HeapView.ALLOCATED), HeapProfile()
    profile.apply(fold.fold(snapshot(held("main 500 2"), pid=1, view=HeapView.ALLOCATED)))
    found = allocated_bytes(measures_of(Capture(1), Capture(2), views={HeapView.ALLOCATED: profile}))
    assert found == HeapFigure(500, whole=False)


def test_a_figure_a_second_keeps_what_is_to_be_known_of_it() -> None:
    assert per_second(HeapFigure(10, whole=False, processes=2), 4.0) == HeapFigure(2.5, whole=False, processes=2)
    assert per_second(HeapFigure(10), 0.0) is None


def test_growth_comes_from_the_capture_of_the_only_process() -> None:
    measures = measures_of(Capture(1))
    assert heap_growth(measures) is measures.growths["heap_bytes"]
    measures.timelines = (timeline(1, 5.0),)
    slope = growth_slope(heap_growth(measures), final=True)
    assert slope is not None
    assert slope.per_s == pytest.approx(300.0), "a minute"
    measures.timelines = (timeline(1, 5.0), timeline(2, 5.0))
    assert heap_growth(measures) is measures.growths["heap_bytes"]
    assert growth_slope(Growth(), final=True) is None
