"""Pictures of the heap on their way to the screen and to the file."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.heap_profile import HeapProfile
from perftui.model.heap import Capture, HeapDelta, HeapSnapshot, HeapView
from perftui.recording.heap_news import HeapNews
from tests.heaps import held, snapshot


def picture(at_s: float, size: int, *, pid: int = 100, view: HeapView = HeapView.HELD) -> HeapSnapshot:
    return snapshot(held(f"main;load {size} 1"), at_s=at_s, pid=pid, view=view)


def told(news: HeapNews, profiles: dict[HeapView, HeapProfile]) -> None:
    heap, _, _ = news.take()
    for view, delta in heap.items():
        profiles.setdefault(view, HeapProfile()).apply(delta)


def test_what_is_held_is_the_sum_of_the_newest_pictures_of_all_processes() -> None:
    news = HeapNews(lambda _: None)
    assert news.held_bytes is None
    news.snapshot(picture(0, 10))
    news.snapshot(picture(1, 30))
    news.snapshot(picture(1, 5, pid=200))
    assert news.held_bytes == 35


def test_pictures_are_kept_farther_and_farther_apart_and_the_last_one_always() -> None:
    kept: list[HeapSnapshot] = []
    news = HeapNews(kept.append)
    for second in range(3_600):
        news.snapshot(picture(float(second), 100))
    news.end()
    moments = [each.at_s for each in kept if each.view is HeapView.HELD]
    assert moments[:4] == [0, 2, 4, 6]
    assert moments[-1] == 3_599
    assert len(moments) < 300


def test_the_last_of_several_pictures_of_one_moment_is_kept() -> None:
    kept: list[HeapSnapshot] = []
    news = HeapNews(kept.append)
    news.snapshot(picture(0.1, 1))
    news.snapshot(picture(0.1, 70))
    news.end()
    assert [each.total_bytes for each in kept if each.view is HeapView.HELD] == [1, 70]


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=30))
def test_without_a_capture_the_peak_is_the_greatest_picture_and_called_sampled(sizes: list[int]) -> None:
    kept: list[HeapSnapshot] = []
    news = HeapNews(kept.append)
    profiles: dict[HeapView, HeapProfile] = {}
    for second, size in enumerate(sizes):
        news.snapshot(picture(float(second), size))
        told(news, profiles)
    news.end()
    told(news, profiles)
    (peak,) = [each for each in kept if each.view is HeapView.HIGH_WATERMARK]
    assert peak.total_bytes == max(sizes)
    assert not peak.exact
    shown = profiles[HeapView.HIGH_WATERMARK]
    assert shown.total_bytes == shown.tree.weight == max(sizes)
    assert not shown.exact


def test_the_exact_peak_takes_the_place_of_the_sampled_one() -> None:
    kept: list[HeapSnapshot] = []
    news = HeapNews(kept.append)
    profiles: dict[HeapView, HeapProfile] = {}
    news.snapshot(picture(0, 10))
    news.snapshot(picture(0.5, 40, view=HeapView.HIGH_WATERMARK))
    news.end()
    told(news, profiles)
    assert [each.total_bytes for each in kept if each.view is HeapView.HIGH_WATERMARK] == [40]
    assert profiles[HeapView.HIGH_WATERMARK].exact
    assert profiles[HeapView.HIGH_WATERMARK].tree.weight == 40


def test_captures_are_told_when_one_changes_and_only_then() -> None:
    news = HeapNews(lambda _: None)
    news.capture(Capture(pid=1, file="a.bin"))
    news.capture(Capture(pid=1, file="a.bin", complete=True))
    assert news.take()[1] == (Capture(pid=1, file="a.bin", complete=True),)
    assert news.take()[1] is None


def test_what_nobody_took_yet_is_one_change() -> None:
    news = HeapNews(lambda _: None)
    for second, size in enumerate((10, 20, 5)):
        news.snapshot(picture(float(second), size))
    heap, _, _ = news.take()
    delta: HeapDelta = heap[HeapView.HELD]
    assert list(delta.profile.weights.values()) == [(5.0, 1)]
    assert delta.totals[100].total_bytes == 5


def test_a_capture_is_announced_by_one_process_until_it_is_read() -> None:
    news = HeapNews(lambda _: None)
    shell, python = Capture(7, "it.bin"), Capture(8, "it.bin")
    assert [news.announce(each) for each in (shell, shell, python, python)] == [True, False, True, False]
    assert news.captures == (python,)
    read = replace(python, file="hash.bin", complete=True)
    news.capture(read)
    assert news.announce(shell)
    assert read in news.captures
