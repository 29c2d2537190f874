"""Reading a file whose name comes from outside: it may be a pipe, a terminal, or longer than it says."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

Stamp = tuple[int, int, int, int]
"""Device, number, size and time of writing: changes whenever the file does."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a file holds at one moment."""

    data: bytes
    """All of it, or one byte more than was asked for at most."""
    stamp: Stamp
    written_epoch_s: float


class NotAFileError(ValueError):
    """What lies there is a directory, a pipe or a device."""


def read_regular(path: str, *, most_bytes: int, unless: Stamp | None = None) -> FileContent | None:
    """Read a file, and a byte more than `most_bytes` of it at most; None where its stamp is `unless`.

    Raises:
        OSError: It cannot be read.
        NotAFileError: It is none.
        ValueError: There can be no file of that name.
    """
    # Neither a pipe without a writer nor a terminal may hold us up.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        facts = os.fstat(descriptor)
        stamp = _stamp_of(facts)
        if stamp == unless:
            return None
        if not stat.S_ISREG(facts.st_mode):
            raise NotAFileError
        return FileContent(_read(descriptor, most_bytes), stamp, facts.st_mtime)
    finally:
        os.close(descriptor)


def file_stamp(path: str) -> Stamp | None:
    """Return the stamp of a file; None where there is none."""
    try:
        return _stamp_of(os.stat(path))  # noqa: PTH116 (a hostile name is not normalised away)
    except (OSError, ValueError):
        return None


def _stamp_of(facts: os.stat_result) -> Stamp:
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _read(descriptor: int, most_bytes: int) -> bytes:
    """Return what a file holds, or enough of it to know that it is too long: its size may say anything."""
    parts: list[bytes] = []
    left = most_bytes + 1
    while left > 0 and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
