"""The menu of the scope, by keys and by mouse."""

from __future__ import annotations

from pathlib import Path

from scenes import saved

from perftui.analysis.scope import EVERYTHING, GilHolders, OnlyThread, OwnOnly, WithoutOrigin
from perftui.recording.playback import open_playback
from perftui.storage.migrations import bring_up_to_date
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.scope_menu import ScopeMenu
from perftui.ui.widgets.scope_list import ScopeList
from tests.ui.heap_stage import memory_saved
from tests.ui.stage import shown, text_of
from tests.ui.test_explorer import check_sums
from tests.ui.test_kept_scopes import copied


def row_of(text: str, words: str) -> int:
    """The line of the screen on which words stand."""
    return next(number for number, line in enumerate(text.splitlines()) if words in line)


async def test_what_is_chosen_is_looked_at_at_once_and_the_menu_follows() -> None:
    screen = saved()
    async with shown(screen, (80, 24)) as pilot:
        await pilot.press("S")
        text = text_of(pilot)
        assert "│ code" in text
        assert "○ y   my code only" in text
        assert "96.7 % is in your code" in text
        await pilot.press("space", "down", "space")
        assert screen._view.scope.parts[0] == OwnOnly()
        assert isinstance(screen._view.scope.parts[1], WithoutOrigin)
        assert "● y   my code only" in text_of(pilot)
        await pilot.press(*"holders", "enter")
        assert GilHolders() in screen._view.scope.parts
        check_sums(screen)
        await pilot.press("S", *"UNDO", "space", "escape", "S")
        assert GilHolders() not in screen._view.scope.parts
        assert not isinstance(pilot.app.screen, ScopeMenu), "S closes what S has opened"


async def test_typing_narrows_down_and_what_cannot_be_chosen_says_why() -> None:
    screen = saved()
    async with shown(screen, (80, 24)) as pilot:
        await pilot.press("S", *"zzz")
        assert "nothing is called that" in text_of(pilot)
        await pilot.press("enter", "backspace", "backspace", "backspace", *"idle", "enter")
        assert "idle threads gave no samples" in text_of(pilot)
        assert screen._view.scope == EVERYTHING
        assert isinstance(pilot.app.screen, ScopeMenu)
        await pilot.press("escape", "pagedown", "pagedown", "pagedown", "up", "home", "end", "right")
        [part] = screen._view.scope.parts
        assert isinstance(part, OnlyThread)
        await pilot.press("right", "escape")
        assert screen._view.scope == EVERYTHING
        assert not isinstance(pilot.app.screen, ScopeMenu)


async def test_the_mouse_chooses_and_scrolls() -> None:
    screen = saved()
    async with shown(screen, (80, 24)) as pilot:
        await pilot.press("S")
        y = row_of(text_of(pilot), "without standard library")
        await pilot.hover(offset=(20, y))
        assert "3.3 % is in it, and goes to its callers" in text_of(pilot)
        await pilot.click(offset=(20, y))
        assert len(screen._view.scope.parts) == 1
        await pilot.click(offset=(20, row_of(text_of(pilot), "│ code")))
        assert len(screen._view.scope.parts) == 1
        scope_list = pilot.app.screen.query_one(ScopeList)
        scope_list.scroll_lines(100)
        await pilot.pause()
        assert "pre-renderer" in text_of(pilot)


async def test_a_scope_gets_a_name_which_is_kept_with_the_session(tmp_path: Path) -> None:
    path = copied(tmp_path)
    bring_up_to_date(path)
    playback = open_playback(path)
    screen = DashboardScreen.saved(playback, keep=playback.keep_view)
    async with shown(screen) as pilot:
        await pilot.press("S", *"save", "enter")
        assert isinstance(pilot.app.screen, ScopeMenu), "everything needs no name"
        await pilot.press("escape", "escape", "y", "S", *"save", "enter", *"mine", "enter")
        await pilot.press("escape")
        assert "named scopes" in text_of(pilot)
        assert open_playback(path).scopes.named == {"mine": EVERYTHING.added(OwnOnly())}
        await pilot.press("escape", "U", "S", *"mine", "enter")
        assert screen._view.scope.parts == (OwnOnly(),)
        await pilot.press("S", *"mine", "delete", "escape", "escape")
    assert open_playback(path).scopes.named == {}


async def test_of_memory_there_are_no_states_of_threads() -> None:
    screen = memory_saved()
    async with shown(screen) as pilot:
        await pilot.press("S")
        assert "what threads were doing" not in text_of(pilot)
        await pilot.press("space", "escape")
        assert screen._view.scope.parts == (OwnOnly(),)
