"""A process that reads a capture, as perftui sees it: apart from the user's Python settings, read line by line."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Sequence
from pathlib import Path

from perftui.sources.heap.wire import LINE_LIMIT_BYTES
from perftui.sources.recorder_process import RecorderExit, Tool

# -I, so that nothing of the user's Python settings is loaded; our own package is found wherever it was imported from.
_SCRIPT = "import sys; sys.path.append(sys.argv[1]); import {module}; {module}.main(sys.argv[2])"
_ROOT = str(Path(__file__).resolve().parents[3])
_READ_BYTES = 1 << 18
_STDERR_LIMIT_BYTES = 1 << 14


def script(module: str, orders: str) -> list[str]:
    """Return the command that runs a module's `main` with its orders."""
    return [sys.executable, "-I", "-c", _SCRIPT.format(module=module), _ROOT, orders]


class ReaderProcess:
    """A reader that runs, or has ended."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool
        self._data = bytearray()
        self._stderr = bytearray()
        self._open = {tool.stdout_fd, tool.stderr_fd}
        self._closed = False
        self.pid = tool.pid

    @property
    def descriptors(self) -> set[int]:
        """What to wait for."""
        return self._open

    @property
    def over(self) -> bool:
        """Whether no line can come any more."""
        return self._closed or self._tool.stdout_fd not in self._open

    @property
    def last_words(self) -> str:
        """The last line that it wrote about its troubles."""
        lines = bytes(self._stderr).decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def lines(self) -> list[bytes]:
        """Return the lines that have come; never waits."""
        for descriptor in list(self._open):
            self._read(descriptor)
        if b"\n" not in self._data:
            return []
        *lines, rest = bytes(self._data).split(b"\n")
        self._data = bytearray(rest)
        return lines

    def interrupt(self) -> None:
        """Ask it to tell what there is, and to end."""
        self._tool.interrupt()

    def close(self) -> RecorderExit:
        """End it, if it still runs."""
        self._closed = True
        self._open.clear()
        return self._tool.close()

    def _read(self, descriptor: int) -> None:
        while True:
            try:
                data = os.read(descriptor, _READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                self._open.discard(descriptor)
                return
            if descriptor == self._tool.stdout_fd:
                self._data += data
                if len(self._data) > LINE_LIMIT_BYTES:
                    # It says nothing that could be understood, and must not fill our memory.
                    self._open.discard(descriptor)
                    return
            else:
                self._stderr = (self._stderr + data)[-_STDERR_LIMIT_BYTES:]


def wait_for(readers: Sequence[ReaderProcess], timeout_s: float) -> None:
    """Wait until one of the readers has something to say, at most so long."""
    poll = select.poll()
    for reader in readers:
        for descriptor in reader.descriptors:
            poll.register(descriptor, select.POLLIN)
    poll.poll(max(0.0, timeout_s) * 1000)
