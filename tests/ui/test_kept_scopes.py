"""Scopes that are kept with a session, and found again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from scenes import DEMO, demo_replay, live

from perftui.analysis.saved_scopes import SavedScopes, from_text, to_text
from perftui.analysis.scope import EVERYTHING, Between, Hidden, OwnOnly, Scope
from perftui.errors import SessionWriteError
from perftui.model.heap import HeapView
from perftui.recording.playback import open_playback
from perftui.storage.kept_view import write_view
from perftui.storage.migrations import bring_up_to_date
from perftui.storage.session_file import verify
from perftui.ui.screens.dashboard import DashboardScreen
from tests.ui.stage import shown, text_of


def copied(folder: Path) -> Path:
    path = Path(shutil.copy(DEMO, folder))
    bring_up_to_date(path)
    return path


def opened(path: Path) -> DashboardScreen:
    playback = open_playback(path)
    return DashboardScreen.saved(playback, keep=playback.keep_view)


async def test_a_saved_session_opens_with_the_scope_of_last_time(tmp_path: Path) -> None:
    path = copied(tmp_path)
    content, moment = path.read_bytes(), path.stat().st_mtime_ns
    async with shown(opened(path)) as pilot:
        await pilot.press("y", "down", "H", "u", "U", "down", "t", "q")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, moment), "looking changes nothing"
    async with shown(opened(path)) as pilot:
        await pilot.press("y", "r", "q")
    assert verify(path) == []
    screen = opened(path)
    async with shown(screen) as pilot:
        text = text_of(pilot)
        assert "my code only ✕" in text
        assert "the scope of last time: U shows everything" in text
        own, between = screen._view.scope.parts
        assert own == OwnOnly()
        assert isinstance(between, Between)
        moment = path.stat().st_mtime_ns
        await pilot.press("U", "ctrl+c")
    assert path.stat().st_mtime_ns > moment
    assert open_playback(path).scopes == SavedScopes()


async def test_a_scope_that_cannot_be_read_is_refused_in_a_sentence_and_left_where_it_is(tmp_path: Path) -> None:
    path = copied(tmp_path)
    write_view(path, '{"version": 1, "lenses": {"cpu": 5}, "named": {}}')
    content = path.read_bytes()
    screen = opened(path)
    async with shown(screen) as pilot:
        assert screen._view.scope == EVERYTHING
        assert "the scope kept with this session cannot be read" in " ".join(text_of(pilot).split())
        await pilot.press("q")
    assert path.read_bytes() == content


async def test_a_session_that_cannot_be_written_says_so_and_nothing_else_happens() -> None:
    def refuse(_view: str) -> None:
        raise SessionWriteError("cannot write there")

    screen = DashboardScreen.saved(open_playback(DEMO), keep=refuse)
    async with shown(screen) as pilot:
        await pilot.press("y")
        screen.keep_scopes()
        await pilot.pause()
        assert "the scope is not kept: cannot write there" in text_of(pilot)


async def test_while_it_is_recorded_the_scope_is_handed_to_the_recording_at_once() -> None:
    replay = demo_replay()
    screen = live(replay)
    async with shown(screen) as pilot:
        await pilot.press("y")
        assert from_text(replay.view).by_lens == {None: EVERYTHING.added(OwnOnly())}
        await pilot.press("U", "L")
        assert replay.view == "", "a window that slides means nothing once the recording is over"


@pytest.mark.parametrize("lens", [HeapView.HELD, HeapView.LEAKED])
async def test_a_scope_of_a_lens_that_is_not_there_does_no_harm(tmp_path: Path, lens: HeapView) -> None:
    path = copied(tmp_path)
    write_view(path, to_text(SavedScopes({lens: Scope((Hidden("a.py", "f"),))})))
    screen = opened(path)
    async with shown(screen) as pilot:
        await pilot.press("m", "M", "y")
        assert "my code only ✕" in text_of(pilot)
    assert set(open_playback(path).scopes.by_lens) == {lens, None}
