"""A command beside the recording: it has a limit of time, and only so much of what it prints is kept."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perftui.sources import keeper as keeper_script
from perftui.sources import webhook_post
from perftui.sources.recorder_process import Tool, ToolStarter

END_GRACE_S = 1.0
"""Between asking a command to end and making it end."""
_READ_BYTES = 1 << 16
_READS_A_STEP = 16


@dataclass(frozen=True, slots=True)
class CommandEnd:
    """How a command ended."""

    code: int
    """Exit status; minus the signal's number where a signal ended it."""
    out: str
    err: str
    late: bool = False
    """It was ended because it took too long."""
    cut: bool = False
    """It printed more than was kept."""


class BoundedCommand:
    """A command that was started; it is stepped, and never waited for."""

    def __init__(self, tool: Tool, *, now_s: float, limit_s: float, most_bytes: int) -> None:
        self._tool = tool
        self._due_s = now_s + limit_s
        self._most_bytes = most_bytes
        self._kept = {tool.stdout_fd: bytearray(), tool.stderr_fd: bytearray()}
        self._asked = self._cut = False

    def step(self, now_s: float) -> CommandEnd | None:
        """Read what it prints, and return how it ended once it has; one that takes too long is ended."""
        self._read()
        if self._asked:
            # Not reaped before: until then its group is its own, and all that is left of it hears of the end.
            return self._finished(late=True, kill=True) if now_s >= self._due_s + END_GRACE_S else None
        if now_s >= self._due_s:
            self._asked = True
            keeper_script.send_group(self._tool.pid, signal.SIGTERM)
            return None
        return None if self._tool.poll() is None else self._finished()

    def close(self) -> None:
        """End it at once; it must not have been seen to end."""
        self._finished(kill=True)

    def _finished(self, *, late: bool = False, kill: bool = False) -> CommandEnd:
        if kill:
            keeper_script.send_group(self._tool.pid, signal.SIGKILL)
        self._read()
        out, err = (bytes(kept).decode("utf-8", "replace") for kept in self._kept.values())
        return CommandEnd(self._tool.close().code, out, err, late, self._cut)

    def _read(self) -> None:
        """Take in what is there; beyond the limit it is read and forgotten, or the command would wait for us."""
        for descriptor, kept in self._kept.items():
            for _ in range(_READS_A_STEP):
                try:
                    data = os.read(descriptor, _READ_BYTES)
                except BlockingIOError:
                    break
                if not data:
                    break
                room = self._most_bytes - len(kept)
                self._cut = self._cut or len(data) > room
                kept += data[:room]


def start_bounded(
    keeper: ToolStarter,
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    now_s: float,
    limit_s: float,
    most_bytes: int,
) -> BoundedCommand:
    """Start a command that ends with perftui at the latest; raises `OSError` or `ValueError`."""
    tool = keeper.start_recorder(argv, env=env)
    return BoundedCommand(tool, now_s=now_s, limit_s=limit_s, most_bytes=most_bytes)


def webhook_argv() -> list[str]:
    """Return the command that tells an address; which, and what, it finds in its environment."""
    # -I and -S: nothing of the user's Python settings may slow it down or break it.
    return [sys.executable, "-I", "-S", webhook_post.__file__]


def webhook_environment(url: str, body: str) -> dict[str, str]:
    """Return what `webhook_argv` reads."""
    return {webhook_post.URL: url, webhook_post.BODY: body}
