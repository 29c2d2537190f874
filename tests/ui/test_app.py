from __future__ import annotations

import asyncio
import signal

import pytest
from scenes import live, saved
from textual import events

from perftui.errors import UsageError
from perftui.ui.app import PerftuiApp
from tests.ui.settling import failures_looked_for, until
from tests.ui.stage import shown


async def test_a_signal_that_comes_before_the_first_frame_is_obeyed() -> None:
    app = PerftuiApp(live())
    app.signalled = int(signal.SIGHUP)
    await asyncio.wait_for(app.run_async(headless=True, size=(80, 24)), 20)
    assert app.failure is None


async def test_a_failure_of_a_screen_is_kept_and_ends_the_app() -> None:
    screen = live()
    async with shown(screen) as pilot:
        error = RuntimeError("broken")
        pilot.app._handle_exception(error)
        with failures_looked_for():
            await pilot.pause()
        assert pilot.app.failure is error  # type: ignore[attr-defined]


def test_an_unknown_theme_is_told_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        PerftuiApp(live(), theme="nothing")
    assert "perftui-dark" in caught.value.hint


async def test_a_double_click_beside_the_palette_closes_nothing_else() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        for _ in range(2):
            await pilot.press("ctrl+p")
            palette = pilot.app.screen
            assert palette is not screen
            for _ in range(2):
                palette.post_message(events.Click(palette, 1, 1, 0, 0, 1, False, False, False, 1, 1))
            await until(pilot, lambda: pilot.app.screen is screen)
        assert pilot.app.screen_stack[-1] is screen
