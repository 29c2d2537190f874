"""Naming and running again from a saved session; with real workloads in tests/integration/test_runs.py."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from scenes import DEMO, demo_replay, live
from textual.widgets import Input, OptionList

from perftui.recording.playback import open_playback
from perftui.recording.starter import Starter
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import read_meta
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.pin_dialog import PinDialog
from tests.ui.stage import shown, text_of


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return Path(shutil.copy(DEMO, tmp_path / DEMO.name))


def saved(path: Path) -> DashboardScreen:
    return DashboardScreen.saved(open_playback(path), starter=Starter())


async def test_a_session_is_named_and_pinned_by_keys(session: Path) -> None:
    async with shown(saved(session)) as pilot:
        await pilot.press("P")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PinDialog)
        assert "[✓] pin as the baseline" in text_of(pilot)
        await pilot.press(*"[b]x", "enter")
        await pilot.pause()
        assert "★ [b]x" in text_of(pilot).splitlines()[0]
    meta = read_meta(session)
    assert (meta.name, meta.pinned, bool(meta.baseline)) == ("[b]x", True, True)


async def test_the_mouse_alone_names_and_pins(session: Path) -> None:
    async with shown(saved(session)) as pilot:
        await pilot.click("HeaderBar", offset=(2, 0))
        await pilot.pause()
        await pilot.click(OptionList, offset=(4, 0))
        await pilot.pause()
        name = pilot.app.screen.query_one(Input).value
        await pilot.click("Tick", offset=(1, 0))
        await pilot.click("Tick", offset=(1, 0))
        await pilot.click("#pin-save")
        await pilot.pause()
    assert (read_meta(session).name, read_meta(session).pinned) == (name, True)
    assert Catalogue(session.parent).resolve("@baseline") == session


async def test_a_name_that_cannot_be_is_said_in_the_dialog_and_escape_changes_nothing(session: Path) -> None:
    before = read_meta(session)
    async with shown(saved(session), (80, 24)) as pilot:
        await pilot.press("P")
        await pilot.pause()
        await pilot.press(*"a/b", "enter")
        await pilot.pause()
        assert "cannot be a name" in text_of(pilot)
        assert "Save" in text_of(pilot), "the dialog fits a small terminal"
        for size in ((1, 1), (9, 30), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await pilot.press("escape")
    assert read_meta(session) == before


async def test_a_saved_session_asks_before_its_command_is_run_and_says_what_is_missing(session: Path) -> None:
    async with shown(saved(session)) as pilot:
        await pilot.press("A")
        await pilot.pause()
        assert "is gone" in text_of(pilot), "the directory of the demo is another machine's"
    screen = live(demo_replay())
    async with shown(screen) as pilot:
        await pilot.press("R", "P")
        await pilot.pause()
        told = [each.message for each in pilot.app._notifications]
        assert told == [
            "there is nothing here that could be run again",
            "this cannot be named from here: it is no saved session, or only looked at",
        ]
