"""What a session is advised, on the dashboard."""

from __future__ import annotations

import threading

from scenes import DEMO, MEMORY, demo_replay, live, saved, with_source

from perftui.model.frame import Frame
from perftui.model.heap import HeapView
from perftui.model.sample import Thread, ThreadLook, ThreadLooks
from perftui.recording.advising import advice_of
from perftui.recording.playback import open_playback
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.advice_pane import AdvicePane
from perftui.ui.widgets.body import Panes
from perftui.ui.widgets.source_pane import SourcePane
from tests.ui.settling import until
from tests.ui.stage import shown, text_of


def the_screen(pilot: object) -> DashboardScreen:
    screen = pilot.app.screen  # type: ignore[attr-defined]
    assert isinstance(screen, DashboardScreen)
    return screen


async def test_a_bottleneck_leads_to_its_line_in_the_source_and_to_its_function_in_the_flames() -> None:
    first, second, *_ = advice_of(open_playback(DEMO).model).bottlenecks
    async with shown(with_source(saved()), (160, 50)) as pilot:
        await pilot.press("B")
        assert "No finding: in 2674 samples no rule saw more than chance would give." in text_of(pilot)
        assert first.frame.function in text_of(pilot)
        await pilot.press("down", "enter")
        screen = the_screen(pilot)
        assert screen.query_one(Panes).current == "source"
        assert screen._view.function == (second.frame.file, second.frame.function)
        await until(pilot, lambda: screen.query_one(SourcePane).line_count() > 0)
        assert screen.query_one(SourcePane).cursor == second.frame.line
        # The mouse does the same.
        strip = next(line for line in text_of(pilot).split("\n") if "B Advice" in line)
        await pilot.click("PaneStrip", offset=(strip.index("B Advice") + 3, 0))
        row = next(
            y for y, line in enumerate(text_of(pilot).split("\n")) if first.frame.function in line and " → " in line
        )
        await pilot.click(offset=(60, row))
        await pilot.click(offset=(60, row))
        assert screen._view.function == (first.frame.file, first.frame.function)


async def test_a_bottleneck_is_made_so_many_times_faster_as_a_person_asks_for() -> None:
    async with shown(saved(), (160, 50)) as pilot:
        await pilot.press("B")
        row = advice_of(open_playback(DEMO).model).bottlenecks[0]
        seen = []
        for key in ("minus", "plus", "x", "x", "plus", "x", "minus"):
            await pilot.press(key)
            heading = next(line for line in text_of(pilot).split("\n") if "× faster" in line)
            seen.append(heading.split("×")[0].split()[-1])
        assert seen == ["3", "5", "10", "100", "100", "1.5", "1.5"]
        third = f"{100 * row.total_share * (1 - 1 / 1.5):.1f} %"
        assert next(line for line in text_of(pilot).split("\n") if row.frame.function in line and third in line)


async def test_growth_of_the_heap_leads_to_what_holds_it_through_a_lens_of_memory() -> None:
    async with shown(saved(MEMORY), (120, 35)) as pilot:
        await pilot.press("B")
        assert "△ MEDIUM  the heap grows by" in text_of(pilot)
        await pilot.press("enter")
        screen = the_screen(pilot)
        assert screen._view.lens is HeapView.LEAKED
        assert screen._view.function is not None
        assert screen._view.function[1] == "Searcher.page"
        # What has cost time is looked at as time.
        await pilot.press("B", "down", "enter")
        assert screen._view.lens is None


async def test_while_it_records_advice_follows_and_what_a_scope_leaves_out_is_said() -> None:
    replay = demo_replay(0.3)
    async with shown(live(replay), (160, 50)) as pilot:
        await pilot.press("B")
        assert "rules about time need 50." in text_of(pilot)
        screen = the_screen(pilot)
        pane = screen.query_one(AdvicePane)
        before = pane._advice
        replay.advance(2.0)
        screen.tick()
        await pilot.pause()
        assert pane._advice is before
        replay.advance(12.0)
        screen.tick()
        await pilot.pause()
        assert pane._advice is not None
        assert pane._advice.samples == screen._model.aggregate.samples > 500
        assert "× faster" in text_of(pilot)


async def test_where_threads_only_wait_leads_to_the_source_though_no_flame_shows_it() -> None:
    playback = open_playback(DEMO)
    wait = Frame("Condition.wait", threading.__file__, 327)
    playback.model.waits.look(ThreadLooks(1.0, (ThreadLook(Thread(1, 7), False, False, (wait,)),)))
    async with shown(DashboardScreen.saved(playback), (160, 50)) as pilot:
        screen = the_screen(pilot)
        selected = screen._view.selected
        await pilot.press("B", "end", "enter")
        source = screen.query_one(SourcePane)
        await until(pilot, lambda: source.line_count() > 0)
        assert (source._facts.function, source.cursor) == ("Condition.wait", 327)
        assert screen._view.selected == selected
        await pilot.press("g", "down", "down", "7")
        assert source._facts.function != "Condition.wait"
