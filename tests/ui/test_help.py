"""The help holds every key of a screen by topic, and what is typed filters it."""

from __future__ import annotations

import pytest
from scenes import live

from perftui.ui.commands import COMPARE, DASHBOARD, HOME, SETTINGS, TREND, commands_by_topic, commands_of
from perftui.ui.screens.help import HelpScreen
from tests.ui.stage import shown, text_of


@pytest.mark.parametrize("screen", [DASHBOARD, COMPARE, HOME, SETTINGS, TREND])
def test_every_command_stands_below_one_heading(screen: str) -> None:
    grouped = [command for _, commands in commands_by_topic(screen) for command in commands]
    assert sorted(each.id for each in grouped) == sorted(each.id for each in commands_of(screen))


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_all_keys_can_be_scrolled_to_filtered_and_left(size: tuple[int, int]) -> None:
    async with shown(live(), size) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        seen = set()
        for _ in range(8):
            seen |= {command.id for command in commands_of(DASHBOARD) if command.help[:24] in text_of(pilot)}
            await pilot.press("pagedown")
            await pilot.pause()
        assert seen == {command.id for command in commands_of(DASHBOARD)}
        await pilot.press(*"end at once")
        await pilot.pause()
        assert "without a question" in text_of(pilot)
        assert "Freeze the view" not in text_of(pilot)
        await pilot.press("ctrl+u", *"freeze the")
        await pilot.pause()
        assert "Freeze the view" in text_of(pilot)
        assert "Search functions" not in text_of(pilot)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.press("q")
        assert not isinstance(pilot.app.screen, HelpScreen)
