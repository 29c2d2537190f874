from __future__ import annotations

from dataclasses import replace

import pytest
from scenes import DEMO, MEMORY, demo_replay, live, live_memory, saved

from perftui.analysis.range_moves import step_of
from perftui.analysis.scope import Between, Fading, Last, OwnOnly
from perftui.model.heap import HeapView
from perftui.recording.playback import SavedTimes, open_playback
from perftui.settings.spec import ViewOptions
from perftui.storage.session_file import open_session
from perftui.ui.app import PerftuiApp
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.lens_strip import LensStrip
from perftui.ui.widgets.time_strip import TimeStrip
from perftui.units import format_bytes, format_seconds
from tests.ui.stage import shown, text_of
from tests.ui.test_explorer import check_sums


def chosen(screen: DashboardScreen) -> tuple[float, float]:
    """The range that is looked at."""
    part = screen._view.scope.time
    assert isinstance(part, Between)
    return part.start_s, part.end_s


async def test_r_looks_at_the_busiest_five_seconds_in_every_view_and_u_takes_that_back() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        whole = screen._shown.scoped.profile.weight
        rows = screen._ranked()
        await pilot.press("r")
        await pilot.pause()
        assert chosen(screen) == screen._times.worst(5.0)
        busy = sum(weight for weight, _ in screen._times.weights_between(*chosen(screen)).values())
        scoped = screen._shown.scoped
        assert scoped.profile.weight == pytest.approx(busy)
        assert 5.0 < busy < whole
        check_sums(screen)
        text = text_of(pilot)
        assert "13.7 s to 18.7 s ✕" in text
        assert "24.2 % of 31.4 s" in text
        assert "the range cuts windows of samples" in text
        assert screen._ranked() != rows
        assert screen.query_one(HotspotTable).display
        assert sum(share.weight for share in scoped.thread_shares()) == pytest.approx(busy)
        await pilot.press("u")
        assert screen._view.scope.is_everything
        assert screen._ranked() == rows


async def test_output_meters_and_events_show_the_range_and_all_again_without_it() -> None:
    screen = saved()
    async with shown(screen, size=(160, 50)) as pilot:
        whole = text_of(pilot)
        await pilot.press("r", "2")
        await pilot.pause()
        text = text_of(pilot)
        assert "printed from 13.7 s to 18.7 s: 0 lines; 5 before and 5 after are hidden" in text
        assert "13.7 s to 18.7 s: mean, least … greatest" in text
        assert "91.5 % … 94.4 %" in text
        readings = [each.cpu_percent for each in screen._model.readings if 13.7 <= each.at_s < 18.7]
        known = [value for value in readings if value is not None]
        assert (min(known), max(known)) == pytest.approx((91.5, 94.4), abs=0.06)
        await pilot.press("5")
        await pilot.pause()
        assert "what happened from 13.7 s to 18.7 s  ·  4 outside are hidden" in text_of(pilot)
        await pilot.press("1", "u")
        screen._flames.focus()
        await pilot.pause()
        assert text_of(pilot) == whole


async def test_keys_move_narrow_and_widen_the_range_and_esc_takes_it_away() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("r")
        start_s, end_s = chosen(screen)
        await pilot.press("right", "right", "left")
        assert chosen(screen) == pytest.approx((start_s + 1, end_s + 1))
        await pilot.press("plus")
        assert chosen(screen) == pytest.approx((start_s + 1, end_s + 2))
        await pilot.press("minus", "shift+left")
        assert chosen(screen)[1] < end_s + 1
        await pilot.press(*["shift+left"] * 25)
        assert chosen(screen)[1] - chosen(screen)[0] == pytest.approx(0.2)
        screen._look_between(0.5, 1.0)
        await pilot.press(*["left"] * 6)
        assert chosen(screen) == pytest.approx((0.0, 0.5))
        await pilot.press("escape")
        assert screen._view.scope.is_everything
        assert screen.query_one(TimeStrip).has_focus
        await pilot.press("escape")
        assert screen._flames.has_focus


async def test_a_range_stays_inside_the_run_and_grows_to_all_of_it() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("r", *["right"] * 40)
        assert chosen(screen)[1] == pytest.approx(screen._run_s)
        assert chosen(screen)[1] - chosen(screen)[0] == pytest.approx(5.0)
        await pilot.press(*["shift+right"] * 40)
        assert chosen(screen) == pytest.approx((0.0, screen._run_s))
        assert screen._shown.scoped.profile.weight == pytest.approx(screen._model.aggregate.tree.weight)


async def test_dragging_over_the_strip_filters_and_a_click_shows_everything_again() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("y")
        profile = screen._shown.scoped.profile
        tree = profile.tree
        await pilot.mouse_down(TimeStrip, offset=(20, 0))
        for x in (25, 33, 40):
            await pilot.hover(TimeStrip, offset=(x, 0))
            await pilot.pause()
            assert chosen(screen) == pytest.approx((20 / 120 * screen._run_s, (x + 1) / 120 * screen._run_s))
            check_sums(screen)
        await pilot.mouse_up(TimeStrip, offset=(40, 0))
        assert screen._shown.scoped.profile is profile
        assert profile.tree is tree, "a step of the mouse makes no new trees"
        await pilot.click(TimeStrip, offset=(60, 0))
        await pilot.pause()
        assert screen._view.scope.parts == (OwnOnly(),)


async def test_while_it_records_a_range_stays_and_the_last_seconds_slide() -> None:
    replay = demo_replay(6.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        for to_s in (8.0, 10.0, 12.0, 14.0):
            replay.advance(to_s)
            screen.tick()
        await pilot.press("r")
        before, at = screen._shown.scoped.profile.weight, chosen(screen)
        replay.advance(18.0)
        screen.tick()
        assert chosen(screen) == at
        assert screen._shown.scoped.profile.weight == pytest.approx(before, abs=0.2)
        await pilot.press("L")
        assert screen._view.scope.parts == (Last(10.0),)
        for to_s in (20.0, 22.0):
            replay.advance(to_s)
            screen.tick()
            end_s = screen._times.end_s
            seen = sum(weight for weight, _ in screen._times.weights_between(end_s - 10, end_s).values())
            assert screen._shown.scoped.profile.weight == pytest.approx(seen)
            check_sums(screen)
        assert "last 10.0 s ✕" in text_of(pilot)
        await pilot.press("L")
        assert screen._view.scope.is_everything


async def test_l_goes_through_the_live_modes_and_a_frozen_view_catches_up_in_each() -> None:
    replay, now = demo_replay(12.0), [100.0]
    screen = DashboardScreen.live(replay, clock=lambda: now[0])
    async with shown(screen) as pilot:
        assert "total  ● RUNNING" in text_of(pilot)
        for part, word in ((Last(10.0), "last 10 s"), (Fading(5.0), "fading"), (None, "total")):
            await pilot.press("l")
            assert screen._view.scope.time == part
            await pilot.pause()
            assert f"{word}  ● RUNNING" in text_of(pilot), "the header follows the key at once"
            await pilot.press("f")
            weight = screen._shown.scoped.profile.weight
            replay.advance(screen._model.elapsed_s + 2.0)
            now[0] += 2.6
            screen.tick()
            await pilot.pause()
            assert f"FROZEN 2 s, recording goes on  {word}  ● RUNNING" in text_of(pilot)
            assert screen._shown.scoped.profile.weight == weight
            await pilot.press("f")
            await pilot.pause()
            assert screen._times.end_s > screen._model.elapsed_s - 1.0
            assert "FROZEN" not in text_of(pilot)
            check_sums(screen)
            if isinstance(part, Fading):
                faded = format_seconds(screen._shown.scoped.profile.weight)
                assert f"100 % of {faded} · shares are of these {faded}; what is older counts less" in text_of(pilot)


async def test_a_live_mode_follows_the_length_that_is_set_and_a_saved_session_has_none() -> None:
    screen = live(demo_replay(12.0))
    async with shown(screen) as pilot:
        app = pilot.app
        assert isinstance(app, PerftuiApp)
        await pilot.press("l")
        app.hold(replace(app.settings, view=ViewOptions(window_s=4.0, half_life_s=2.0)))
        assert Last(4.0) in screen._view.scope.parts
        await pilot.press("l")
        assert Fading(2.0) in screen._view.scope.parts
    done = saved()
    async with shown(done) as pilot:
        await pilot.press("l")
        await pilot.pause()
        assert "live modes are for what is being recorded" in text_of(pilot)
        assert done._view.scope.is_everything


async def test_a_low_terminal_has_the_strip_once_it_is_asked_for() -> None:
    screen = saved()
    async with shown(screen, size=(80, 24)) as pilot:
        strip = screen.query_one(TimeStrip)
        assert not strip.display
        await pilot.press("r")
        await pilot.pause()
        assert strip.display
        assert strip.has_focus
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert strip.display


async def test_a_range_belongs_to_cpu_and_memory_and_says_what_was_held_and_what_grew() -> None:
    screen = saved(MEMORY)
    async with shown(screen, size=(160, 50)) as pilot:
        await pilot.press("r")
        assert screen._view.lens is None
        between = chosen(screen)
        await pilot.press("m")
        while screen._view.lens is not HeapView.HELD:
            await pilot.press("M")
        await pilot.pause()
        assert chosen(screen) == between, "switching keeps the range"
        held, text = screen._shown.scoped.aggregate.tree, text_of(pilot)
        pictures = screen._model.pictures.at(between[1])
        assert held.weight == sum(each.stored.total_bytes for each in pictures)
        assert f"held at {format_seconds(pictures[0].at_s)} · {format_bytes(held.weight)}" in text
        assert "held at the end of the range; M: what grew in it" in text
        screen._look_between(17.0, 20.54)
        await pilot.press("M")
        await pilot.pause()
        grown, text = screen._shown.scoped.aggregate.tree, text_of(pilot)
        assert "▸grown" in text
        assert f"+{format_bytes(grown.weight)} grown" in text
        assert all(weight >= 0 for weight in grown.self_weight)
        check_sums(screen)
        changes = [row.self_weight for row in screen._ranked()]
        assert min(changes) < 0 < max(changes)
        assert changes == sorted(changes, key=abs, reverse=True)
        await pilot.press("M")
        await pilot.pause()
        assert screen._view.lens is HeapView.HIGH_WATERMARK
        assert not screen._view.grown
        assert "of the whole run" in text_of(pilot)
        assert screen._shown.scoped.aggregate is screen._model.heap[HeapView.HIGH_WATERMARK].aggregate
        await pilot.press("u")
        await pilot.press("m")
        assert screen._view.scope.is_everything, "and taking it away concerns both"
        await pilot.press("m", "r")
        assert chosen(screen)[1] == pytest.approx(screen._heap_history.peak_at_s)


async def test_memory_that_is_being_recorded_has_ranges_of_the_pictures_up_to_now() -> None:
    screen = live_memory(12.0)
    async with shown(screen, size=(160, 50)) as pilot:
        if screen._view.lens is None:
            await pilot.press("m")
        screen._look_between(3.0, 9.0)
        await pilot.pause()
        assert "held at 8.63 s" in text_of(pilot)
        await pilot.click(LensStrip, offset=(13, 0))
        await pilot.pause()
        assert screen._view.grown
        assert "from 2.52 s to 8.63 s" in text_of(pilot)
        await pilot.press("L")
        await pilot.pause()
        assert screen._view.scope.parts == (Last(10.0),)
        await pilot.press("u")
        await pilot.pause()
        assert "held now" in text_of(pilot)


async def test_a_damaged_window_is_left_out_of_ranges_and_that_is_said() -> None:
    playback = open_playback(DEMO)
    windows = list(open_session(DEMO).windows)
    windows[3] = replace(windows[3], packed=b"what is no window")
    screen = DashboardScreen.saved(replace(playback, times=SavedTimes(windows)))
    async with shown(screen) as pilot:
        while screen._times.unsummed:
            screen._advance()
        screen._look_between(0.0, 40.0)
        await pilot.pause()
        assert "cannot be read by time" in text_of(pilot)
        assert 0 < screen._shown.scoped.profile.weight < screen._model.aggregate.tree.weight
        check_sums(screen)


def test_steps_are_round_and_go_into_a_range_several_times() -> None:
    assert [step_of(length_s) for length_s in (0.2, 1.0, 5.0, 6.0, 13.0, 60.0, 3600.0)] == pytest.approx(
        [0.1, 0.2, 1.0, 1.0, 2.0, 10.0, 500.0]
    )


def test_windows_are_unpacked_only_once_they_are_needed() -> None:
    broken = [replace(window, packed=b"") for window in open_session(DEMO).windows]
    times = SavedTimes(broken)
    assert times.damaged == 0
    assert sum(times.index.per_second()) == pytest.approx(31.4, abs=0.1)
    times.index.weights_between(0.0, 0.4)
    assert 0 < times.damaged < 4
