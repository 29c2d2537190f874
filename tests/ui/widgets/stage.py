"""A stage for one widget: a small app around it, its picture as text, and the messages that it posts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from perftui.ui.themes import DARK, THEMES

W = TypeVar("W", bound=Widget)


class Stage(App[None], Generic[W]):
    """Shows one widget and remembers what it posts."""

    CSS = "Screen { background: $background; }"

    def __init__(self, widget: W, theme: str = DARK) -> None:
        super().__init__()
        self.widget = widget
        self.posted: list[Message] = []
        self._wanted_theme = theme

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_mount(self) -> None:
        for known in THEMES:
            self.register_theme(known)
        self.theme = self._wanted_theme
        # Some tell the screen at once instead of what is around them.
        for pump in (self.widget, self.screen):
            pump.post_message = self._remembering(pump.post_message)  # type: ignore[method-assign,assignment]

    def _remembering(self, post: Callable[[Message], bool]) -> Callable[[Message], bool]:
        def remember(message: Message) -> bool:
            mine = type(message).__qualname__.startswith(f"{type(self.widget).__name__}.")
            if mine and not any(message is known for known in self.posted):
                self.posted.append(message)
            return post(message)

        return remember

    @property
    def text(self) -> str:
        """What the screen shows, without the blanks at the ends of lines."""
        strips = self.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips).rstrip("\n")

    def of(self, kind: type[Message]) -> list[Any]:
        """Return the posted messages of exactly one kind."""
        return [message for message in self.posted if type(message) is kind]


@asynccontextmanager
async def staged(
    widget: W, *, size: tuple[int, int] = (60, 12), theme: str = DARK
) -> AsyncIterator[tuple[Stage[W], Pilot[None]]]:
    """Put a widget on the stage, laid out and ready to be shown something."""
    stage = Stage(widget, theme)
    async with stage.run_test(size=size) as pilot:
        await pilot.pause()
        yield stage, pilot


class Repaints:
    """Rows of a widget that are asked to be painted while this is watched."""

    def __init__(self, widget: Widget) -> None:
        self.rows: list[int] = []
        self.whole = 0
        refresh = widget.refresh

        def watched(*regions: Region, **options: bool) -> Widget:
            self.rows.extend(region.y for region in regions)
            self.whole += not regions
            return refresh(*regions, **options)

        widget.refresh = watched  # type: ignore[method-assign]
