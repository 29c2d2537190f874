"""The guard of the terminal: a forked process that puts the terminal back when perftui is killed.

A full-screen program that is killed leaves its screen, the mouse and the line flags behind. The guard is there before
the terminal is touched, and imports nothing that a first paint would have to wait for.
"""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from types import TracebackType
from typing import Any, Self

TERMINAL_RESET = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # the mouse
    b"\x1b[?2004l\x1b[?1004l\x1b[?2048l\x1b[?2026l\x1b[<u"  # pastes, focus, sizes, batches, keys
    b"\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"  # line wrap, the screen before, the cursor, plain text
)
"""What undoes everything that a full-screen program may have switched on."""
_RELEASED = b"."
# A stalled terminal may never take anything: nobody waits for it for long.
_PATIENCE_S = 5
_DESCRIPTORS = 256


class TerminalGuard:
    """Guards a terminal from `__enter__` to `__exit__`; to be entered before there are threads.

    Where the descriptor is no terminal there is nothing to guard, and no process.
    """

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._lifeline = -1
        self.pid = 0
        """The guard's process; 0 where there is none."""

    def __enter__(self) -> Self:
        try:
            settings = termios.tcgetattr(self._descriptor)
        except termios.error:
            return self
        watched, self._lifeline = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            # Without a guard the terminal is as safe as that of any other program.
            os.close(self._lifeline)
            os.close(watched)
            self._lifeline = -1
            return self
        if self.pid == 0:
            _watch(watched, self._descriptor, settings)
        os.close(watched)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._lifeline < 0:
            return
        with contextlib.suppress(OSError):
            os.write(self._lifeline, _RELEASED)
        os.close(self._lifeline)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _watch(watched: int, descriptor: int, settings: list[Any]) -> None:
    """Wait, in the forked process, for the end of perftui; never returns."""
    try:
        # What ends perftui by a signal to its whole session must not end its guard.
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTTOU):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        terminal = os.dup(descriptor)
        # What it would hold open, nobody else could close for good; the numbers are low this early.
        for other in set(range(_DESCRIPTORS)) - {watched, terminal}:
            with contextlib.suppress(OSError):
                os.close(other)
        if os.read(watched, 1) != _RELEASED:
            signal.alarm(_PATIENCE_S)
            os.write(terminal, TERMINAL_RESET)
            termios.tcsetattr(terminal, termios.TCSANOW, settings)
    except (OSError, termios.error):
        # The terminal is gone too.
        pass
    finally:
        os._exit(0)
