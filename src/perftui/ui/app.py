"""The application: theme, first screen, and an orderly end whatever asks for it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.screen import Screen

from perftui.ui.commands import COMMANDS
from perftui.ui.screens.base import BaseScreen
from perftui.ui.themes import DARK, LIGHT, THEMES

_BREAKPOINTS = [(0, "-narrow"), (110, "-wide"), (150, "-large"), (200, "-huge")]
"""Columns from which the side panel has room beside the flames, and from which it gets more."""


class PerftuiApp(App[int]):
    """Shows one screen first; others may be pushed on top of it."""

    TITLE = "perftui"
    CSS_PATH = "styles/perftui.tcss"
    HORIZONTAL_BREAKPOINTS = _BREAKPOINTS
    ENABLE_COMMAND_PALETTE = True
    # Ctrl-C belongs to the screens' own command.
    BINDINGS: ClassVar = []

    def __init__(self, first: Screen[None], *, theme: str = "") -> None:
        super().__init__()
        self._first = first
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme or os.environ.get("PERFTUI_THEME") or DARK
        self.signalled: int | None = None
        self.failure: Exception | None = None

    def run_to_signal(self) -> int | None:
        """Run until the person leaves; return the number of the signal that ended it, or None."""
        self.run()
        if self.failure is not None:
            raise self.failure
        return self.signalled

    def on_mount(self) -> None:
        """Show the first screen, and end in order when a signal asks for it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal, number)
        self.push_screen(self._first)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Put the table of commands into the palette."""
        if isinstance(screen, BaseScreen):
            for command in COMMANDS:
                if command.action and screen.SCREEN in command.where:
                    yield SystemCommand(f"{command.label} [{command.shown}]", command.help, screen.runner(command))

    def action_toggle_theme(self) -> None:
        """Switch between the dark and the light theme."""
        self.theme = LIGHT if self.theme == DARK else DARK

    def action_interrupt(self) -> None:
        """End at once, as Ctrl-C asks."""
        self._on_signal(signal.SIGINT)

    def _handle_exception(self, error: Exception) -> None:
        """Leave in order, with one sentence: nobody but the authors wants to read a traceback."""
        if self.failure is None:
            self.failure = error
        self.exit()

    def _on_signal(self, number: int) -> None:
        self.signalled = int(number)
        self.exit()
