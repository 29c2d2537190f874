"""Directories for the time of one command: private, gone with it, and swept by the next one where it was killed."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import platformdirs

from perftui.errors import UsageError
from perftui.storage.locations import HOME_VARIABLE
from perftui.storage.lock import SessionLock, is_recorded

_TRIES = 10
_LOCK = ".lock"


class Scratch:
    """One directory that only this process uses; the system lets go of its lock however the process ends."""

    def __init__(self, path: Path, lock: SessionLock) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def make(cls, root: Path, kind: str) -> Self:
        """Make a directory below `root` for something of a kind, such as `ab`; raises `UsageError`."""
        # What is told to other programs must not depend on where they run.
        root = root.absolute()
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for _ in range(_TRIES):
                path = root / f"{kind}-{secrets.token_hex(4)}"
                lock = SessionLock.take(path)
                if lock is not None:
                    path.mkdir(mode=0o700)
                    return cls(path, lock)
        except OSError as error:
            raise UsageError(
                f"cannot make a directory in {root}: {error.strerror}", hint=f"{HOME_VARIABLE} chooses another place"
            ) from None
        raise UsageError(f"cannot make a directory in {root}", hint=f"{HOME_VARIABLE} chooses another place")

    def close(self) -> None:
        """Take the directory away with all that is in it; safe to call twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()


def scratch_root(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where they lie: on the disk that the user's own files are on, not in memory as /tmp may be."""
    home = environ.get(HOME_VARIABLE)
    base = Path(home).expanduser() if home else platformdirs.user_cache_path("perftui", appauthor=False)
    return base / "scratch"


def abandoned(root: Path, kind: str = "") -> list[Scratch]:
    """Return the directories, of a kind or all, whose command was killed; whoever asks takes them away."""
    found: list[Scratch] = []
    with contextlib.suppress(OSError):
        directories = [
            path
            for path in sorted(root.iterdir())
            if path.name.startswith(kind) and path.is_dir() and not is_recorded(path)
        ]
        locked = ((path, SessionLock.take(path)) for path in directories)
        found += [Scratch(path, lock) for path, lock in locked if lock is not None]
    if kind:
        return found
    with contextlib.suppress(OSError):
        # A command that was killed before its directory was made has left its lock alone.
        for path in root.glob(f"*{_LOCK}"):
            if not path.with_suffix("").exists() and not is_recorded(path.with_suffix("")):
                path.unlink(missing_ok=True)
    return found
