"""Work that a copy of this process does on another processor meanwhile; its answer comes through a pipe."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable

PATIENCE_S = 10
"""A copy that takes longer ends itself: what it was asked for has been found out otherwise by then."""
_READ_BYTES = 1 << 20


class Forked:
    """A copy of this process that does one thing and ends, whatever becomes of it and of us.

    It is for a process that has no other thread: a copy has none of them, and whatever they hold stays held in it.
    """

    def __init__(self, work: Callable[[], bytes]) -> None:
        """Begin the work. Raises `OSError` where there is no room for another process."""
        answer, told = os.pipe()
        try:
            self._pid = os.fork()
        except OSError:
            os.close(answer)
            os.close(told)
            raise
        if not self._pid:
            _do(work, told)
        os.close(told)
        self._answer = answer

    def result(self) -> bytes | None:
        """Wait for the answer, once; None where the work went wrong or was ended."""
        parts = []
        while part := os.read(self._answer, _READ_BYTES):
            parts.append(part)
        os.close(self._answer)
        try:
            _, status = os.waitpid(self._pid, 0)
        except ChildProcessError:
            return None
        return None if status else b"".join(parts)


def _do(work: Callable[[], bytes], told: int) -> None:
    """Do the work and end, without a word and without what this process would do at its end."""
    code = 1
    try:
        # Ctrl-C is for the other one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(PATIENCE_S)
        with contextlib.suppress(Exception):
            left = memoryview(work())
            while left:
                left = left[os.write(told, left) :]
            code = 0
    finally:
        os._exit(code)
