"""A tool that observes the target, as a process: signalled, reaped with what it used, and given back."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from perftui.sources import keeper as keeper_script

RECORDER_TOKEN = "PERFTUI_RECORDER"
"""Variable that marks what a keeper kills when perftui dies."""


@dataclass(frozen=True, slots=True)
class RecorderExit:
    """How a recorder ended."""

    code: int
    cpu_s: float
    """User and system time."""


class Tool(Protocol):
    """A started process, as `RecorderProcess` is one."""

    pid: int
    stdout_fd: int
    stderr_fd: int

    def interrupt(self) -> None:
        """Ask it to write what it has and to end."""

    def kill(self) -> None:
        """End it at once."""

    def poll(self) -> RecorderExit | None:
        """Return how it ended, or None while it runs."""

    def close(self) -> RecorderExit:
        """End it if it still runs, and give everything back."""


class ToolStarter(Protocol):
    """What starts processes that end with perftui, as `perftui.sources.launch.Keeper` does."""

    def start_recorder(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> Tool:
        """Start a tool; raises `OSError`."""


class RecorderProcess:
    """A tool that observes the target: a child of ours in its own session, with a pipe for each output."""

    def __init__(self, process: subprocess.Popen[bytes], forget: Callable[[RecorderProcess], None]) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._forget = forget
        self._exit: RecorderExit | None = None
        self.pid = process.pid
        self.stdout_fd = process.stdout.fileno()
        self.stderr_fd = process.stderr.fileno()
        for descriptor in (self.stdout_fd, self.stderr_fd):
            os.set_blocking(descriptor, False)

    def interrupt(self) -> None:
        """Ask it to write what it has and to end."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def poll(self) -> RecorderExit | None:
        """Return how it ended, or None while it runs; never waits."""
        return self._reap(os.WNOHANG)

    def close(self) -> RecorderExit:
        """End it if it still runs, and give everything back."""
        self.kill()
        ended = self._reap(0)
        assert ended is not None
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        return ended

    def _signal(self, number: int) -> None:
        # Until it is reaped the pid is ours.
        if self._exit is None:
            keeper_script.send_signal(self.pid, number)

    def _reap(self, options: int) -> RecorderExit | None:
        if self._exit is None:
            try:
                pid, status, usage = os.wait4(self.pid, options)
            except ChildProcessError:
                # Somebody else in this process collects every child; all that is known is that it has ended.
                self._exit = RecorderExit(-signal.SIGKILL, 0.0)
                return self._exit
            if pid == self.pid:
                code = os.waitstatus_to_exitcode(status)
                # So that the object does not wait for a process that is gone.
                self._process.returncode = code
                self._exit = RecorderExit(code, usage.ru_utime + usage.ru_stime)
                self._forget(self)
        return self._exit
