"""Files and directories of results: what is missing, unreadable or no file at all is a sentence, and never a wait."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from perftui.errors import NoDataError, OperationFormatError
from perftui.formats.operations.base import MOST_BYTES, shown


def is_directory(path: Path) -> bool:
    """Say whether a path is a directory; one that cannot be looked at is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_there(path: Path) -> bool:
    """Say whether there is anything by that name."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def modified_s(path: Path) -> float | None:
    """Return when a regular file was written, in seconds since 1970; None for anything else."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime if stat.S_ISREG(status.st_mode) else None


def content(path: Path, *, most: int = MOST_BYTES) -> bytes:
    """Return up to one byte more than `most` of a file, or of a pipe that somebody named.

    Raises:
        NoDataError: There is no such file.
        OperationFormatError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except FileNotFoundError:
        raise NoDataError(f"there is no file {shown(str(path))}", hint="where did the benchmarks write it?") from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def regular_content(path: Path, *, most: int = MOST_BYTES) -> bytes:
    """Return up to one byte more than `most` of a file that was found; raises `OperationFormatError` where it is none.

    A pipe that lies where a file should be is never waited for.
    """
    try:
        # Without waiting: between a look at a name and its opening it may become another.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:  # noqa: PTH123 (it is open already)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OperationFormatError(f"{shown(str(path))} is no file")
            return file.read(most + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def newest_first(directory: Path, *, most: int) -> Iterator[Path]:
    """Yield JSON files up to two directories deep, the one that was written last first; of at most so many."""
    found: list[tuple[float, Path]] = []
    for pattern in ("*.json", "*/*.json", "*/*/*.json"):
        for path in directory.glob(pattern):
            written_s = modified_s(path)
            if written_s is not None:
                found.append((written_s, path))
            if len(found) >= most:
                break
    yield from (path for _, path in sorted(found, reverse=True))


def _unreadable(path: Path, error: Exception) -> OperationFormatError:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OperationFormatError(f"cannot read {shown(str(path))}: {why}")
