"""A live table that keeps still, what stands beside it, and differences of a range."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scenes import demo_replay, live, saved

from perftui.analysis.call_tree import function_key
from perftui.analysis.hotspots import SortBy, hotspots
from perftui.recording.replay import Replay
from perftui.settings.spec import ViewOptions
from perftui.ui.app import PerftuiApp
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.hotspot_table import HotspotTable
from tests.ui.heap_stage import both_live
from tests.ui.stage import shown, text_of


def names(screen: DashboardScreen) -> list[str]:
    """The functions of the table from top to bottom."""
    return [row.frame.function for row in screen.query_one(HotspotTable)._hotspots]


def true_names(screen: DashboardScreen) -> list[str]:
    """The same as the weights alone would rank them."""
    return [row.frame.function for row in hotspots(screen._shown.scoped.tree(), sort=screen._view.sort)]


def go_on(screen: DashboardScreen, replay: Replay, seconds: float, *, step_s: float = 0.5) -> None:
    """Let the recording go on and be drawn."""
    for _ in range(round(seconds / step_s)):
        replay.advance(screen._model.elapsed_s + step_s)
        screen.tick()


async def test_while_it_records_rows_change_places_only_for_good_and_are_marked() -> None:
    replay = demo_replay(6.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        assert names(screen) == true_names(screen)
        swaps, true_swaps = 0, 0
        before, true_before = names(screen)[:12], true_names(screen)[:12]
        for _ in range(24):
            go_on(screen, replay, 0.5)
            swaps += names(screen)[:12] != before
            true_swaps += true_names(screen)[:12] != true_before
            before, true_before = names(screen)[:12], true_names(screen)[:12]
        assert 0 < swaps < 0.6 * true_swaps
        assert sorted(names(screen)) == sorted(true_names(screen))
        await pilot.pause()
        assert "▲" in text_of(pilot)
        replay.finish()
        screen.tick()
        assert names(screen) == true_names(screen), "what is saved is ordered exactly"


async def test_the_row_with_the_keys_stays_on_its_line_whatever_happens_around_it() -> None:
    replay = demo_replay(8.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        table = screen.query_one(HotspotTable)
        await pilot.press("l", "l")
        table.focus()
        await pilot.press("down", "down", "down", "down")
        line, chosen = table.cursor, screen._view.function
        others: set[tuple[str, ...]] = set()
        for _ in range(20):
            go_on(screen, replay, 0.5)
            assert (table.cursor, screen._view.function) == (line, chosen)
            assert table.first_line == 0
            others.add(tuple(names(screen)[:8]))
        assert len(others) > 1
        screen._flames.focus()
        go_on(screen, replay, 0.5)
        assert chosen in {function_key(row.frame) for row in screen._ranked()}


async def test_r_then_d_says_what_was_different_in_the_busiest_seconds() -> None:
    screen = saved()
    async with shown(screen, size=(160, 50)) as pilot:
        await pilot.press("d")
        await pilot.pause()
        assert "choose a range first" in text_of(pilot)
        await pilot.press("r")
        await pilot.pause()
        assert "run %" in text_of(pilot)
        await pilot.press("d")
        await pilot.pause()
        text = text_of(pilot)
        assert "range %    rest %" in text
        assert " clear  " in text
        assert " more " in text
        notes = screen.query_one(HotspotTable)._notes
        assert notes.changes is not None
        ranked = [notes.changes[row.function_id] for row in screen._ranked()]
        assert [not change.clear for change in ranked] == sorted(not change.clear for change in ranked)
        clear = [abs(change.difference) for change in ranked if change.clear]
        assert clear == sorted(clear, reverse=True)
        assert sum(change.difference for change in ranked) == pytest.approx(0.0, abs=1e-6)
        whole = screen._model.aggregate.tree
        for row, change in zip(screen._ranked(), ranked, strict=True):
            assert row.self_weight == whole.function_self_weight[row.function_id]
            assert 0 <= change.outside <= 1
        await pilot.press("s")
        assert screen._view.sort is SortBy.TOTAL
        await pilot.pause()
        assert "Δ total ▼" in text_of(pilot)
        await pilot.press("u")
        await pilot.pause()
        assert "Δ total" not in text_of(pilot), "without a range there is nothing to hold against"
        await pilot.press("r", "d")
        assert not screen._view.difference


async def test_a_live_table_has_now_beside_the_whole_run_and_their_difference() -> None:
    replay = demo_replay(4.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        await pilot.press("d")
        await pilot.pause()
        assert "the range is all there is" in text_of(pilot)
        go_on(screen, replay, 14.0, step_s=2.0)
        await pilot.pause()
        assert "now %" in text_of(pilot)
        end_s, table = screen._times.end_s, screen.query_one(HotspotTable)
        now = sum(weight for weight, _ in screen._times.weights_between(end_s - 10, end_s).values())
        assert screen._recent is not None
        assert screen._recent.weight == pytest.approx(now)
        assert screen._other_time is None, "a column needs no tree"
        assert sum(table._notes.shares.values()) == pytest.approx(1.0, abs=0.02)
        await pilot.press("d")
        await pilot.pause()
        assert "now %  before %" in text_of(pilot)
        await pilot.press("l")
        await pilot.pause()
        assert "now %  before %" in text_of(pilot)
        await pilot.press("l", "d")
        await pilot.pause()
        assert "what fades away has no beginning" in text_of(pilot)
        assert "run %" in text_of(pilot)
        await pilot.press("2")
        go_on(screen, replay, 1.0)
        assert screen._other_time is screen._recent is None, "what nobody sees is not kept up to date"
        await pilot.press("1")
        await pilot.pause()
        assert "run %" in text_of(pilot)


async def test_p_folds_small_functions_into_one_line_and_settings_say_what_is_great() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        everything = len(screen._ranked())
        rows = {percent: list(screen._ranked()) for percent in (0.0,)}
        for percent in (0.1, 1.0, 5.0):
            await pilot.press("p")
            rows[percent] = screen._ranked()
            assert all(row.self_share >= percent / 100 for row in rows[percent])
            rest = screen.query_one(HotspotTable)._notes.rest
            assert rest is not None
            assert len(rows[percent]) + rest.functions == everything
            assert sum(row.self_share for row in rows[percent]) + rest.self_share == pytest.approx(1.0)
        await pilot.pause()
        text = text_of(pilot)
        assert "function ≥ 5 %" in text
        assert f"+{everything - len(rows[5.0])} functions below 5 %" in text
        small = rows[0.1][-1]
        screen._select_function(function_key(small.frame))
        screen._rank_anew()
        assert small.frame.function in [row.frame.function for row in screen._ranked()], "what is selected is listed"
        await pilot.press("p")
        assert len(screen._ranked()) == everything
        app = pilot.app
        assert isinstance(app, PerftuiApp)
        app.hold(replace(app.settings, view=ViewOptions(warn_percent=3.0, critical_percent=8.0)))
        await pilot.pause()
        assert "!!" in text_of(pilot)
        screen._look(least_percent=None)
        app.hold(replace(app.settings, view=ViewOptions(threshold_percent=5.0)))
        least = {row.self_share >= 0.05 for row in screen._ranked() if row.frame != small.frame}
        assert least == {True}
        await pilot.press("2", "p")
        await pilot.pause()
        assert screen.query_one(HotspotTable).display, "what is asked of the table is seen"


async def test_memory_has_thresholds_and_keeps_still_but_no_difference() -> None:
    screen = both_live()
    async with shown(screen) as pilot:
        await pilot.press("m", "d")
        await pilot.pause()
        assert "what is held has no samples by time" in text_of(pilot)
        whole = screen._model.heap[screen._view.lens].total_bytes  # type: ignore[index]
        held = sum(row.self_weight for row in screen._ranked())
        for _ in range(3):
            await pilot.press("p")
            rest = screen.query_one(HotspotTable)._notes.rest
            assert rest is not None
            assert sum(row.self_weight for row in screen._ranked()) + rest.self_share * whole == pytest.approx(held)
        assert all(row.self_share >= 0.05 for row in screen._ranked())
