"""Who records a session: a lock of the operating system on a file beside it, so that no dead recorder holds it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

_RETRY_S = 0.02
"""A check by another process holds the lock for microseconds; this outlasts it."""


class SessionLock:
    """The right to write one `.part` file; it ends with the process, however that ends.

    The session file itself cannot carry the lock: closing any descriptor of it would drop the locks that SQLite holds
    on it in the same process.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, part: Path, *, tries: int = 1, sleep: Callable[[float], None] = time.sleep) -> Self | None:
        """Take the lock of a `.part` file, or return None where another holds it; raises `OSError` for the rest."""
        path = lock_path(part)
        for attempt in range(tries):
            if attempt:
                sleep(_RETRY_S)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if _locked(descriptor, path, fcntl.LOCK_EX):
                return cls(path, descriptor)
            os.close(descriptor)
        return None

    def release(self) -> None:
        """Give the lock back and take its file away; safe to call twice."""
        if self._descriptor < 0:
            return
        # Taken away while it is held: whoever opened it in between sees that the path is no longer this file.
        with contextlib.suppress(OSError):
            self._path.unlink()
        self.abandon()

    def abandon(self) -> None:
        """Give the lock back as the end of the process would, and leave its file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def is_recorded(part: Path) -> bool:
    """Say whether a living process records this `.part` file."""
    path = lock_path(part)
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _locked(descriptor, path, fcntl.LOCK_SH) and path.exists()
    finally:
        os.close(descriptor)


def lock_path(part: Path) -> Path:
    """Return the file that carries the lock of a `.part` file."""
    return part.with_name(f"{part.name}.lock")


def _locked(descriptor: int, path: Path, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    try:
        at_path = path.stat()
    except FileNotFoundError:
        # A check of a file that was just taken away: nobody holds what is gone.
        return how == fcntl.LOCK_SH
    return os.path.samestat(os.fstat(descriptor), at_path)
