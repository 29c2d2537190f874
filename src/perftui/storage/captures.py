"""The capture files beside the sessions: where they lie, whose they are, and what becomes of them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.storage.capture_names import is_file_name
from perftui.storage.connection import writing

if TYPE_CHECKING:
    from perftui.model.heap import Capture

CAPTURES = "captures"
_ENDING = ".bin"
_BY_CONTENT = re.compile(r"[0-9a-f]{64}\.bin", re.ASCII)


def captures_directory(sessions_dir: Path) -> Path:
    """Return the directory of captures beside the sessions of a directory; it is made, for its owner's eyes only.

    Raises:
        SessionWriteError: It cannot be made.
    """
    directory = sessions_dir / CAPTURES
    with writing(directory):
        sessions_dir.mkdir(parents=True, exist_ok=True)
        # A capture holds names, paths and command lines: nobody else's business.
        directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def capture_path(sessions_dir: Path, capture: Capture) -> Path | None:
    """Return where a capture of a session of that directory lies; None where it was dropped or is elsewhere."""
    if not is_file_name(capture.file):
        return None
    path = sessions_dir / CAPTURES / capture.file
    return path if _size(path) is not None else None


def raw_captures(sessions_dir: Path, session_id: str) -> tuple[Path, ...]:
    """Return what the tracers of a recording wrote and nobody has taken away yet: `<id>.bin` and `<id>.bin.<pid>`."""
    found = (path for path in leftovers(sessions_dir, session_id) if is_raw(path.name, session_id))
    return tuple(sorted(found, key=lambda path: (len(path.name), path.name)))


def leftovers(sessions_dir: Path, session_id: str) -> tuple[Path, ...]:
    """Return every file that a recording has left in the directory of captures under its own id."""
    return tuple(path for path in capture_files(sessions_dir) if is_of(path.name, session_id))


def capture_files(sessions_dir: Path) -> dict[Path, os.stat_result]:
    """Return all files in the directory of captures, with their status; none where there is no such directory."""
    files: dict[Path, os.stat_result] = {}
    with contextlib.suppress(OSError), os.scandir(sessions_dir / CAPTURES) as found:
        for item in found:
            with contextlib.suppress(OSError):
                if item.is_file(follow_symlinks=False):
                    files[Path(item.path)] = item.stat(follow_symlinks=False)
    return files


class CaptureSizes:
    """How large the captures of a directory's sessions are, from one look at what lies there."""

    def __init__(self, sessions_dir: Path) -> None:
        self._by_name = {path.name: status.st_size for path, status in capture_files(sessions_dir).items()}
        self._by_recording: dict[str, set[str]] = {}
        for name in self._by_name:
            session_id, ending, _ = name.partition(_ENDING)
            if ending:
                self._by_recording.setdefault(session_id, set()).add(name)

    def of(self, session_id: str, names: Iterable[str]) -> int:
        """Return the bytes of a session's captures: those it speaks of, and those its recording has left."""
        files = self._by_recording.get(session_id, set()) | set(names)
        return sum(self._by_name.get(name, 0) for name in files)


def is_of(name: str, session_id: str) -> bool:
    """Say whether a file of that name was left by the recording of a session."""
    return name == f"{session_id}{_ENDING}" or name.startswith(f"{session_id}{_ENDING}.")


def is_raw(name: str, session_id: str) -> bool:
    """Say whether a file of that name is a capture as the tracer of a recording wrote it."""
    pid = name.removeprefix(f"{session_id}{_ENDING}")
    return is_of(name, session_id) and (not pid or (pid.startswith(".") and pid[1:].isdecimal() and pid.isascii()))


def is_shared_name(name: str) -> bool:
    """Say whether a capture is called by its content, so that any session may speak of it."""
    return _BY_CONTENT.fullmatch(name) is not None


def capture_troubles(sessions_dir: Path, captures: Iterable[Capture]) -> Iterator[str]:
    """Yield what is wrong with the files of captures that are there, one sentence each."""
    for capture in captures:
        path = capture_path(sessions_dir, capture)
        if path is None or not capture.sha256:
            continue
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            yield f"its capture {capture.file} cannot be read: {error.strerror or error}"
        else:
            if digest != capture.sha256:
                yield f"its capture {capture.file} is not as it was written"


def missing_captures(sessions_dir: Path, captures: Iterable[Capture]) -> list[str]:
    """Return the names of captures that a session speaks of and that do not lie beside it."""
    return [capture.file for capture in captures if capture.file and capture_path(sessions_dir, capture) is None]


def _size(path: Path) -> int | None:
    try:
        status = path.lstat()
    except (OSError, ValueError):
        return None
    # A link would lead to a file of another's choice.
    return status.st_size if stat.S_ISREG(status.st_mode) else None
