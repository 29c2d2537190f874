"""The driver behind `perftui serve`: the app draws into a pipe that a web server reads, and ends with that server."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from textual.app import App
from textual.drivers.web_driver import WebDriver

# What the server sets for this process. A workload is nobody's picture, and its own screen is not ours.
_MEANT_FOR_US = (
    "TEXTUAL_DRIVER",
    "TEXTUAL_FPS",
    "TEXTUAL_COLOR_SYSTEM",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "COLUMNS",
    "ROWS",
)
# The thread that reads looks up ten times a second.
_JOIN_S = 2.0


class BrowserDriver(WebDriver):
    """Textual's driver for the web, with the manners of a terminal: whoever goes away hangs up."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        for name in _MEANT_FOR_US:
            os.environ.pop(name, None)
        # Only what is drawn goes to the server as packets; all that is said, now and at the end, is said on stderr.
        self._packets = os.dup(self.fileno)
        os.dup2(2, self.fileno)
        self._write = self._send  # type: ignore[assignment]

    def _send(self, data: bytes) -> None:
        """Write a packet to its end; where nobody reads any more, the end of the input says so."""
        rest = memoryview(data)
        try:
            while rest:
                # A signal may cut a long write into pieces.
                rest = rest[os.write(self._packets, rest) :]
        except OSError:
            return

    def start_application_mode(self) -> None:
        """Start to draw, and leave the signals to the app, which also knows how to end when its loop is stuck."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        super().start_application_mode()
        loop = asyncio.get_running_loop()
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)

    def stop_application_mode(self) -> None:
        """Stop to draw; afterwards nothing hangs up any more."""
        super().stop_application_mode()
        if self._key_thread.is_alive():
            self._key_thread.join(_JOIN_S)

    def run_input_thread(self) -> None:
        """Pass on what the browser sends, until it ends."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            # As when the window of a terminal is closed.
            os.kill(os.getpid(), signal.SIGHUP)
