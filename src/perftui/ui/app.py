"""The application: theme, first screen, and an orderly end whatever asks for it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
import termios
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from time import time
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar

from textual._context import active_message_pump
from textual.app import App, SuspendNotSupported, SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.markup import escape
from textual.notifications import SeverityLevel
from textual.screen import Screen

from perftui.errors import UsageError
from perftui.settings.spec import Motion, Settings
from perftui.sources.shell_job import can_be_suspended, stand_in_is_gone, stop_job
from perftui.sources.terminal_guard import TERMINAL_RESET, TerminalGuard
from perftui.ui.allocator import keep_large_blocks_apart
from perftui.ui.commands import runnable_on
from perftui.ui.desktop_notice import desktop_notice
from perftui.ui.monochrome import WithoutColours
from perftui.ui.screens.base import BaseScreen
from perftui.ui.themes import COUNTERPARTS, DARK, MONO, NAMES, THEMES

if TYPE_CHECKING:
    from perftui.ui.screens.alerting import AlertingScreen
    from perftui.ui.screens.settings_screen import SettingsScreen

_WITHOUT_COLOURS = WithoutColours()
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_PATIENCE_S = 4.0
"""A signal that has not ended the application in order by then ends it without."""
_LOOK_AT_TERMINAL_S = 1.0
_COLLECT_AFTER = (20_000, 20, 20)
"""Objects until the collector looks for garbage: weighing a range makes tens of thousands that are no garbage."""
_GIVE_WAY_S = 0.001
"""The recording's thread gives way to a key after so long; Python's own 5 ms come several times before it is drawn."""
_NO_SHELL = "no shell with job control started perftui, so nothing could bring it back"
_TOGETHER_S = 0.3
"""Notices that come within so short a time are told together."""
_BREAKPOINTS = [(0, "-narrow"), (110, "-wide"), (150, "-large"), (200, "-huge")]
"""Columns from which the side panel has room beside the flames, and from which it gets more."""


class PerftuiApp(App[int]):
    """Shows one screen first; others may be pushed on top of it."""

    TITLE = "perftui"
    CSS_PATH = "styles/perftui.tcss"
    HORIZONTAL_BREAKPOINTS = _BREAKPOINTS
    ENABLE_COMMAND_PALETTE = True
    # Before any widget or dialog: a line of text would copy, and a question would swallow it.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "interrupt", show=False, priority=True)]

    def __init__(self, first: Screen[None], *, theme: str = "", settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        theme = theme or self.settings.theme
        self._first = first
        for known in THEMES:
            self.register_theme(known)
        if theme and theme not in self.available_themes:
            names = ", ".join(sorted(self.available_themes))
            hint = f"`perftui settings reset theme` takes it out of your settings; known are {names}"
            raise UsageError(f"there is no theme called {theme!r}", hint=hint)
        self.theme = theme
        self._usual_animation = self.animation_level
        self._move_as_set()
        self.signalled: int | None = None
        self.failure: Exception | None = None
        self._running_loop: asyncio.AbstractEventLoop | None = None
        self._last_resort: Callable[[], object] = lambda: None
        self._terminal_settings: list[Any] | None = None

    def run_to_signal(self, last_resort: Callable[[], object] = lambda: None) -> int | None:
        """Run until the person leaves; return the number of the signal that ended it, or None.

        `last_resort` is called where a signal could not end it in order, because its terminal no longer takes anything:
        then the process ends right after.
        """
        self._last_resort = last_resort
        gc.set_threshold(*_COLLECT_AFTER)
        keep_large_blocks_apart()
        switched_s = sys.getswitchinterval()
        sys.setswitchinterval(_GIVE_WAY_S)
        with contextlib.suppress(termios.error):
            self._terminal_settings = termios.tcgetattr(0)
        before = {number: signal.signal(number, self._on_signal) for number in _ENDING}
        before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
        try:
            with TerminalGuard():
                self.run()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            sys.setswitchinterval(switched_s)
            for number, handler in before.items():
                signal.signal(number, handler)
        if self.failure is not None:
            raise self.failure
        return self.signalled

    def on_mount(self) -> None:
        """Show the first screen."""
        self._running_loop = asyncio.get_running_loop()
        if self._terminal_settings is not None:
            self.set_interval(_LOOK_AT_TERMINAL_S, self._look_at_terminal)
        if can_be_suspended():
            # The terminal's driver would stop this process, and the recording with it.
            signal.signal(signal.SIGTSTP, self._on_stop)
        if self.signalled is not None:
            # It came while the first frame was being prepared.
            self.exit()
        else:
            self.push_screen(self._first)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Put the table of commands into the palette."""
        if isinstance(screen, BaseScreen):
            for command in runnable_on(screen.SCREEN):
                # The palette reads markup, and some keys are brackets.
                title = escape(f"{command.label}  {command.shown}")
                yield SystemCommand(title, escape(command.help), screen.runner(command))
        for name, what in NAMES.items():
            yield SystemCommand(f"use {name}", f"Palette: {what}", partial(self.use_palette, name))

    def on_settings_screen_changed(self, message: SettingsScreen.Changed) -> None:
        """Let what was set hold at once."""
        self.hold(message.settings)

    def on_alerting_screen_told(self, message: AlertingScreen.Told) -> None:
        """Let the terminal tell it too, where that is wanted."""
        wanted = self.settings.alerts
        if wanted.bell or message.rings:
            self.bell()
        if wanted.desktop and self._driver is not None:
            self._driver.write(desktop_notice(message.text, terminal=os.environ.get("TERM", "")))

    def hold(self, settings: Settings) -> None:
        """Let other settings hold from now on, on every screen."""
        if settings.theme != self.settings.theme and settings.theme in self.available_themes:
            self.theme = settings.theme
        self.settings = settings
        self._move_as_set()
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen):
                screen.settings_changed()

    def _move_as_set(self) -> None:
        # What the environment says of animations (TEXTUAL_ANIMATIONS) stays as it is where more may move.
        self.animation_level = "none" if self.settings.motion is Motion.REDUCED else self._usual_animation

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notice; what only answered an earlier key gives way to it."""
        for earlier in list(self._notifications):
            if earlier.severity == "information" and time() - earlier.raised_at > _TOGETHER_S:
                self._unnotify(earlier)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen in front; one that asks when it is gone already, as at a double click, closes no other."""
        asking = active_message_pump.get(None)
        if isinstance(asking, Screen) and asking not in self.screen_stack:
            return AwaitComplete()
        return super().pop_screen()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Draw without colours where there are to be none, whatever else stands before the terminal."""
        return [_WITHOUT_COLOURS] if self.theme == MONO else super().get_line_filters()

    def use_palette(self, name: str) -> None:
        """Draw with a palette until the app ends."""
        origins = {**self.settings.origins, "theme": "chosen now"}
        self.hold(replace(self.settings, theme=name, origins=origins))

    def action_toggle_theme(self) -> None:
        """Switch between dark and light within the family of palettes."""
        if self.theme == MONO:
            self.notify("without colours there is neither dark nor light: the terminal's own show", markup=False)
        else:
            self.use_palette(COUNTERPARTS.get(self.theme, DARK))

    def action_interrupt(self) -> None:
        """End at once, as Ctrl-C asks."""
        self.signalled = int(signal.SIGINT)
        self.exit()

    def action_suspend(self) -> None:
        """Give the terminal back to the shell until it is given back; recordings go on in their threads."""
        # After what was typed before it has been answered.
        self.call_later(self._suspend)

    def _suspend(self) -> None:
        if not can_be_suspended():
            self.notify(_NO_SHELL, markup=False)
            return
        try:
            with self.suspend():
                stop_job(until=lambda: self.signalled is not None)
                if self.signalled is not None:
                    # The terminal is the shell's: there is nothing to come back to.
                    self._end_now()
        except SuspendNotSupported:
            self.notify(_NO_SHELL, markup=False)

    @property
    def escape_to_minimize(self) -> bool:
        """Whether Escape makes room for the other panes at once: not where something is to be left before."""
        screen = self.screen
        return super().escape_to_minimize and not (isinstance(screen, BaseScreen) and screen.holds_escape)

    def _handle_exception(self, error: Exception) -> None:
        """Leave in order, with one sentence: nobody but the authors wants to read a traceback."""
        # What goes wrong in a screen that is taken down in the midst of being built is no failure.
        if self.failure is None and self.signalled is None:
            self.failure = error
        self.exit()

    def _look_at_terminal(self) -> None:
        """End as by a hang-up where the terminal is gone: only the first program of a session is told of that."""
        if self.signalled is None and (_terminal_is_gone() or stand_in_is_gone()):
            # In the background leaving the terminal in order would stop us.
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            signal.raise_signal(signal.SIGHUP)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.signalled = number
        if number == signal.SIGHUP and self._terminal_settings is not None and _terminal_is_gone():
            _let_go_of_terminal()
        # Where the loop is stuck on a terminal that takes nothing any more, only a signal gets through.
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)
        if self._running_loop is not None:
            self._running_loop.call_soon_threadsafe(self.exit)

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        if self._running_loop is not None:
            self._running_loop.call_soon_threadsafe(self._suspend)

    def _on_alarm(self, _number: int, _frame: FrameType | None) -> None:
        if self._terminal_settings is not None and not _terminal_is_gone():
            _restore_terminal(self._terminal_settings)
        self._end_now()

    def _end_now(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _let_go_of_terminal()
        self._last_resort()
        os._exit(128 + (self.signalled or 0))


def _terminal_is_gone() -> bool:
    # A signal of that name may come from anybody; only after a real hang-up does the terminal refuse to be asked.
    try:
        termios.tcgetattr(0)
    except termios.error:
        return True
    return False


def _restore_terminal(settings: list[Any]) -> None:
    """Undo what the application switched on, without waiting for a terminal that takes nothing."""
    with contextlib.suppress(termios.error, OSError):
        os.set_blocking(1, False)
        os.write(1, TERMINAL_RESET)
        termios.tcsetattr(0, termios.TCSANOW, settings)


def _let_go_of_terminal() -> None:
    """Turn all that is still written to the terminal into nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
