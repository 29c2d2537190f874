"""The app with a screen on it, and what then stands there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.screen import Screen

from perftui.ui.app import PerftuiApp
from perftui.ui.themes import DARK


@asynccontextmanager
async def shown(
    screen: Screen[None], size: tuple[int, int] = (120, 40), theme: str = DARK
) -> AsyncIterator[Pilot[int]]:
    """The app with a screen on it."""
    app = PerftuiApp(screen, theme=theme)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield pilot


def text_of(pilot: Pilot[int]) -> str:
    """Everything on the screen, line by line."""
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
