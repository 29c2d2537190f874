"""The settings screen: what holds is shown with its origin, changed in place, saved, and felt at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenes import live
from textual.pilot import Pilot

from perftui.settings.preferences import read_settings
from perftui.settings.spec import Motion, Settings
from perftui.ui.app import PerftuiApp
from perftui.ui.commands import SETTINGS, commands_of
from perftui.ui.screens.settings_screen import SettingsScreen
from perftui.ui.themes import LIGHT, MONO
from perftui.ui.widgets.settings_table import SettingsTable
from tests.ui.settling import until
from tests.ui.stage import shown, text_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PERFTUI_THEME", "PERFTUI_REFRESH_HZ", "SSH_TTY", "SSH_CONNECTION", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def app_of(pilot: Pilot[int]) -> PerftuiApp:
    assert isinstance(pilot.app, PerftuiApp)
    return pilot.app


async def go_to(pilot: Pilot[int], key: str) -> None:
    """Move the cursor down to a setting."""
    table = pilot.app.screen.query_one(SettingsTable)
    await pilot.press("home")
    for _ in range(table.line_count()):
        if table.key == key:
            return
        await pilot.press("down")
    raise AssertionError(key)


def row_of(pilot: Pilot[int], key: str) -> str:
    return next(line for line in text_of(pilot).splitlines() if f" {key} " in line)


async def test_settings_are_changed_in_place_saved_and_felt_at_once(home: Path) -> None:
    async with shown(live(), (120, 35)) as pilot:
        await pilot.press("comma")
        await pilot.pause()
        file = home / "settings.toml"
        await pilot.press("right")
        assert pilot.app.theme == LIGHT
        await pilot.press("left", "left")
        assert pilot.app.theme == MONO
        assert file.read_text() == 'theme = "mono"\n'
        await go_to(pilot, "motion")
        await pilot.press("enter")
        assert pilot.app.animation_level == "none"
        assert "settings.toml" in row_of(pilot, "motion")
        assert "4 Hz, here 1 Hz" in row_of(pilot, "refresh_hz")
        await pilot.press("up")
        assert "Here: once a second with reduced motion." in text_of(pilot)
        await go_to(pilot, "view.window_s")
        await pilot.press("enter", *["backspace"] * 2, *"90m", "enter")
        await pilot.pause()
        assert 'view.window_s cannot be "90m": it is from 0.5 to 3600 s' in text_of(pilot)
        await pilot.press(*["backspace"] * 3, *"1m30s", "enter")
        await pilot.pause()
        assert app_of(pilot).settings.view.window_s == 90
        assert "90.0 s" in row_of(pilot, "view.window_s")
        await pilot.press("backspace")
        assert "10.0 s" in row_of(pilot, "view.window_s")
        held = read_settings(environ={"PERFTUI_HOME": str(home)})
        assert (held.motion, held.theme, held.view.window_s) == (Motion.REDUCED, MONO, 10.0)
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, SettingsScreen)


async def test_what_is_stronger_or_wrong_is_said_and_the_mouse_chooses(home: Path, tmp_path: Path) -> None:
    (tmp_path / "perftui.toml").write_text("confirm = true\n")
    async with shown(live(), (80, 24)) as pilot:
        await pilot.press("comma")
        await pilot.pause()
        await pilot.click(SettingsTable, offset=(5, 6))
        await pilot.click(SettingsTable, offset=(5, 6))
        await pilot.pause()
        assert "Saved, but stronger here is " in text_of(pilot)
        assert app_of(pilot).settings.confirm
        (home / "settings.toml").write_text("theme = [")
        await pilot.press("up", "enter", "x", "enter")
        await pilot.pause()
        assert "not valid TOML" in text_of(pilot)
        assert (home / "settings.toml").read_text() == "theme = ["
        await pilot.press("escape", "escape")
        assert not isinstance(pilot.app.screen, SettingsScreen)


async def test_renames_are_shown_with_their_place_and_changed_in_the_file_alone(home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text('[compare.renames]\n"old.py:f" = "new.py:g"\n')
    async with shown(live(), (120, 40)) as pilot:
        app_of(pilot).settings = read_settings(environ={"PERFTUI_HOME": str(home)})
        await pilot.press("comma", "end")
        await until(pilot, lambda: "[compare.renames]" in text_of(pilot))
        assert "1 told" in row_of(pilot, "compare.renames")
        assert "old.py:f = new.py:g" in text_of(pilot)
        for key in ("enter", "right", "backspace"):
            await pilot.press("up", "down")
            await until(pilot, lambda: "not changed here" not in text_of(pilot))
            await pilot.press(key)
            await until(pilot, lambda: "not changed here" in text_of(pilot))


async def test_a_palette_from_the_command_palette_holds_until_the_end() -> None:
    app = PerftuiApp(live(), settings=Settings(theme="perftui-safe-dark"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("T")
        assert app.theme == app.settings.theme == "perftui-safe-light"
        app.use_palette(MONO)
        await pilot.press("T")
        assert app.theme == MONO


async def test_a_command_that_was_chosen_as_its_screen_was_left_does_nothing() -> None:
    async with shown(live()) as pilot:
        await pilot.press("comma")
        screen = pilot.app.screen
        assert isinstance(screen, SettingsScreen)
        (close,) = [command for command in commands_of(SETTINGS) if command.action == "close"]
        run = screen.runner(close)
        await run()
        await pilot.pause()
        assert screen not in pilot.app.screen_stack
        await run()
