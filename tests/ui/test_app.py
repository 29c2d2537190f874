from __future__ import annotations

import asyncio
import signal

import pytest
from scenes import live

from perftui.errors import UsageError
from perftui.ui.app import PerftuiApp
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
        await pilot.pause()
        assert pilot.app.failure is error  # type: ignore[attr-defined]


def test_an_unknown_theme_is_told_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        PerftuiApp(live(), theme="nothing")
    assert "perftui-dark" in caught.value.hint
