from __future__ import annotations

import random
import signal
from collections.abc import Callable
from dataclasses import astuple, replace

import pytest
from scenes import comparison, demo_replay, live, saved
from textual import events
from textual._callback import invoke

from perftui.recording.replay import Replay
from perftui.ui.commands import DASHBOARD, commands_of
from perftui.ui.screens.base import BaseScreen
from perftui.ui.screens.dialogs import AskYes
from perftui.ui.screens.help import HelpScreen
from perftui.ui.themes import LIGHT
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.output_log import OutputLog
from perftui.ui.widgets.search_bar import SearchBar
from perftui.ui.widgets.status_line import StatusLine
from tests.ui.settling import until
from tests.ui.stage import shown, text_of


async def test_selection_zoom_and_search_survive_every_refresh() -> None:
    replay = demo_replay(4.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        await pilot.press("down", "down", "enter", "down", "slash", *"shop", "enter")
        await pilot.pause()
        before = screen._view
        assert before.selected
        assert before.zoom
        flames = screen.query_one("#flames", FlameGraph)
        path, zoom = screen._named_tree.path(flames.selected), screen._named_tree.path(flames.zoom)
        samples = screen._model.aggregate.samples
        for at_s in (5.0, 6.0, 7.0, 8.0):
            replay.advance(at_s)
            screen.tick()
            await pilot.pause()
        assert screen._model.aggregate.samples > samples
        assert screen._view == before
        assert screen._named_tree.path(flames.selected) == path
        assert screen._named_tree.path(flames.zoom) == zoom
        assert screen._search is not None
        assert len(screen._search._covered) == len(screen._named_tree), "the search looked at what is new"


async def test_a_frozen_view_stands_still_and_loses_nothing() -> None:
    replay = demo_replay(4.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        await pilot.press("f")
        samples = screen._model.aggregate.samples
        replay.advance(8.0)
        screen.tick()
        await pilot.pause()
        assert screen._model.aggregate.samples == samples
        assert "FROZEN" in text_of(pilot)
        await pilot.press("f")
        assert screen._model.aggregate.samples == demo_samples(8.0)
        assert "FROZEN" not in text_of(pilot)


async def test_the_live_end_shows_what_the_saved_session_shows() -> None:
    replay = demo_replay(3.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        replay.finish()
        screen.tick()
        await pilot.pause()
        one = screen._model
        other = saved()._model
        assert list(one.aggregate.tree.total_count) == list(other.aggregate.tree.total_count)
        assert astuple(one.quality) == pytest.approx(astuple(other.quality)), "sums differ by rounding only"
        assert one.meta == other.meta


@pytest.mark.parametrize(("size", "side"), [((80, 24), False), ((160, 50), True)])
async def test_the_side_panel_is_there_where_it_has_room(size: tuple[int, int], side: bool) -> None:
    screen = live()
    async with shown(screen, size) as pilot:
        await pilot.pause()
        assert screen.query_one("#side").display is side


async def test_every_pane_comes_to_the_front_by_key_and_by_click() -> None:
    screen = live()
    async with shown(screen) as pilot:
        for key, pane in (("2", "output"), ("3", "threads"), ("4", "meters"), ("5", "budget"), ("1", "hotspots")):
            await pilot.press(key)
            assert screen.query_one("#panes").current == pane  # type: ignore[attr-defined]
        await pilot.click("PaneStrip", offset=(16, 0))
        await pilot.pause()
        assert screen.query_one("#panes").current == "output"  # type: ignore[attr-defined]
        assert "parse..." in text_of(pilot)
        assert screen.query_one(OutputLog).line_count() > 0


async def test_table_and_flames_follow_one_another() -> None:
    screen = live()
    async with shown(screen) as pilot:
        screen.query_one(HotspotTable).focus()
        await pilot.press("home", "down")
        await pilot.pause()
        function = screen._view.function
        assert function is not None
        flames = screen.query_one("#flames", FlameGraph)
        assert screen._named_tree.path(flames.selected)[-1] == function
        await pilot.press("enter", "up")
        await pilot.pause()
        assert screen._view.selected == screen._named_tree.path(flames.selected)


async def test_a_click_selects_and_a_second_one_zooms() -> None:
    screen = live()
    async with shown(screen) as pilot:
        await pilot.click("#flames", offset=(5, 1))
        await pilot.pause()
        assert len(screen._view.selected) == 1
        await pilot.click("#flames", offset=(5, 1))
        await pilot.pause()
        assert screen._view.zoom == screen._view.selected
        await pilot.click("#flames", offset=(5, 1), button=3)
        await pilot.pause()
        assert not screen._view.zoom


async def test_threads_split_and_merge_with_a_search_open() -> None:
    screen = live()
    async with shown(screen) as pilot:
        await pilot.press("slash", *"shop", "enter", "t")
        await pilot.pause()
        assert "importer [" in text_of(pilot)
        assert screen._search is not None
        await pilot.press("n", "t", "t", "t", "n")
        await pilot.pause()
        assert "importer [" not in text_of(pilot)


async def test_a_broken_search_is_told_and_keeps_the_keys() -> None:
    screen = live()
    async with shown(screen) as pilot:
        await pilot.press("slash", *"a(b")
        await pilot.pause()
        assert "not a regular expression" in text_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert not screen.query_one(SearchBar).display
        assert screen.query_one("#flames").has_focus


async def test_quitting_asks_before_it_ends_a_workload() -> None:
    replay = demo_replay()
    screen = live(replay)
    async with shown(screen) as pilot:
        await pilot.press("q")
        assert isinstance(pilot.app.screen, AskYes)
        await pilot.press("escape")
        assert not replay.stopped
        await pilot.press("q", "q")
        await pilot.pause()
        assert replay.stopped


async def test_another_pane_comes_to_the_front_of_a_full_screen() -> None:
    async with shown(live()) as pilot:
        for key, sign in (("2", "parse..."), ("z", "parse..."), ("4", "peak"), ("5", "what happened"), ("1", "self %")):
            await pilot.press(key)
            await pilot.pause()
            assert sign in text_of(pilot), f"after {key}"
            assert "╱" not in text_of(pilot), "nothing but a filling"
        await pilot.press("slash", *"roll_up")
        await pilot.pause()
        assert " functions" in text_of(pilot), "the search bar is there too"
        await pilot.press("enter", "z")
        await pilot.pause()
        assert "RUNNING" in text_of(pilot)


async def test_a_pane_without_room_gets_the_screen_when_it_is_asked_for() -> None:
    async with shown(live(), (40, 10)) as pilot:
        await pilot.press("2")
        await pilot.pause()
        assert "parse..." in text_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "RUNNING" in text_of(pilot)


@pytest.mark.parametrize("opens", ["question_mark", "slash", "q", "ctrl+p"])
async def test_control_c_ends_whatever_is_open(opens: str) -> None:
    async with shown(live()) as pilot:
        await pilot.press(opens)
        await pilot.pause()
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert pilot.app.signalled == signal.SIGINT  # type: ignore[attr-defined]


async def test_the_palette_holds_every_command_and_runs_it() -> None:
    screen = live()
    async with shown(screen) as pilot:
        names = {entry.title for entry in pilot.app.get_system_commands(screen)}
        for command in commands_of(DASHBOARD):
            if command.id not in ("mouse", "flame.move", "flame.scroll", "time.axis", "operations.keys", "advice.keys"):
                assert f"{command.label}  {command.shown}" in names
        assert {"previous  N", "whole  Home"} <= names
        await pilot.press("down", "down")
        entries = {entry.title: entry.callback for entry in pilot.app.get_system_commands(screen)}
        await invoke(entries["zoom  Enter"])
        await pilot.pause()
        assert screen._view.zoom == screen._view.selected != ()


@pytest.mark.parametrize("stand", [live, saved, comparison])
async def test_the_palette_opens_finds_and_closes(stand: Callable[[], BaseScreen]) -> None:
    async with shown(stand(), (120, 120)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert "Find any command by name" in text_of(pilot)
        await pilot.press(*"theme", "enter", "enter")
        await pilot.pause()
        assert pilot.app.failure is None  # type: ignore[attr-defined]
        assert pilot.app.theme == LIGHT


async def test_a_saved_session_closes_without_a_question() -> None:
    async with shown(saved()) as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert not pilot.app.is_running or pilot.app._exit


async def test_help_holds_every_key_of_the_screen() -> None:
    async with shown(live(), (160, 60)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        for words in ("Freeze the view", "Search functions", "Split the flames", "Click selects"):
            assert words in text_of(pilot)


async def test_no_size_of_the_terminal_breaks_it() -> None:
    chance = random.Random(7)
    screen = live()
    async with shown(screen, (160, 50)) as pilot:
        for _ in range(40):
            width, height = chance.randint(1, 260), chance.randint(1, 90)
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            strips = pilot.app.screen._compositor.render_strips()
            assert all(strip.cell_length == width for strip in strips)


@pytest.mark.soak
async def test_every_key_may_be_pressed_at_any_time() -> None:
    chance = random.Random(11)
    keys = [
        "down",
        "up",
        "left",
        "right",
        "enter",
        "escape",
        "home",
        "pagedown",
        "pageup",
        "n",
        "N",
        "f",
        "s",
        "t",
        "o",
    ]
    keys += ["1", "2", "3", "4", "5", "z", "T", "tab", "number_sign", "backspace", "end"]
    replay = demo_replay(2.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        for i in range(150):
            await pilot.press(chance.choice(keys))
            if i % 10 == 0:
                replay.advance(2.0 + i / 25)
                screen.tick()
        assert pilot.app.failure is None  # type: ignore[attr-defined]


def demo_samples(to_s: float) -> int:
    replay: Replay = demo_replay(to_s)
    return replay._model.aggregate.samples


async def test_what_is_typed_ahead_goes_into_the_search_line() -> None:
    async with shown(live()) as pilot:
        await pilot.pause()
        # As a terminal sends what was typed fast: all at once, before any of it was answered.
        for key, character in (("slash", "/"), ("t", "t"), ("slash", "/"), ("x", "x")):
            pilot.app.post_message(events.Key(key, character))
        await pilot.pause()
        assert pilot.app.screen.query_one(SearchBar).pattern == "t/x"


async def test_a_large_profile_is_searched_after_what_was_typed_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perftui.ui.screens.flame_screen._SEARCHED_AT_ONCE", 0)
    monkeypatch.setattr("perftui.ui.screens.flame_screen._SEARCH_AFTER_S", 0.6)
    async with shown(saved()) as pilot:
        await pilot.press("slash", *"serve")
        assert pilot.app.screen.query_one(SearchBar).pattern == "serve"
        assert " functions" not in text_of(pilot)
        await until(pilot, lambda: " functions" in text_of(pilot))
        assert " functions" in text_of(pilot)
        await pilot.press(*"s_nothing", "enter")
        await pilot.pause()
        assert "serves_nothing" in text_of(pilot), "what is entered is searched for at once"
        assert pilot.app.screen.query_one(SearchBar).display


async def test_what_is_selected_is_said_before_the_tables_follow_and_no_key_is_lost() -> None:
    screen = saved()
    async with shown(screen, size=(160, 50)) as pilot:
        await pilot.press("down")
        flames, table, status = screen._flames, screen.query_one(HotspotTable), screen.query_one(StatusLine)
        before, said = table.cursor, status.render_line(0).text
        # From here on no message is handled until it is waited for.
        flames.action_descend()
        screen.on_flame_graph_selected(FlameGraph.Selected(flames, flames.selected_path))
        assert status.render_line(0).text != said
        assert table.cursor == before
        flames.action_descend()
        typed_ahead = flames.selected_path
        screen._draw_rest_of_selection()
        assert flames.selected_path == typed_ahead
        await pilot.pause()
        assert screen._view.selected == typed_ahead
        assert table.cursor != before


async def test_what_is_selected_while_a_view_is_drawn_in_steps_is_drawn_once_more() -> None:
    screen = saved()
    async with shown(screen, size=(160, 50)) as pilot:
        await pilot.press("down")
        table, before = screen.query_one(HotspotTable), screen.query_one(HotspotTable).cursor
        steps = screen._draw_view_in_steps()
        next(steps)
        next(steps)
        screen._look(selected=screen._flames.selected_path[:-1])
        for _ in steps:
            pass
        assert table.cursor == before
        await pilot.pause()
        assert table.cursor != before


async def test_flames_that_come_back_select_what_the_screen_does() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("down", "down")
        flames, before = screen._flames, screen._view.selected
        assert flames.selected_path == before != ()
        flames.show_empty("nothing is left")
        flames.show(screen._weighed_tree, view=screen._view)
        assert flames.selected_path == before
        flames.show_empty("nothing is left")
        screen._view = replace(screen._view, selected=())
        flames.show(screen._weighed_tree, view=screen._view)
        assert flames.selected_path == ()
