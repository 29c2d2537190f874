"""Whether files of a checkout differ from what git noted of them, read from git's own index: no program is started."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct(">4sII")
# Times of change of the inode and the content, device, inode, mode, owner, group, size; the blob's SHA-1; flags.
_ENTRY = struct.Struct(">10I20sH")
_EXTENDED, _ASSUME_VALID, _SKIP_WORKTREE = 0x4000, 0x8000, 0x4000
# Extensions that say that other files, or whole directories, stand for what is left out here.
_PARTIAL = (b"link", b"sdir")
_MOST_ENTRIES = 10_000
_MOST_HASHED_BYTES = 4 << 20
_MOST_INDEX_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class _Noted:
    """What git noted of one file when it last looked."""

    path: bytes
    mode: int
    size: int
    modified: tuple[int, int]
    """Seconds and nanoseconds."""
    blob: bytes


def has_changes(top: Path, git: Path) -> bool | None:
    """Say whether a tracked file of a checkout differs from the index; None where that cannot be told, or not cheaply.

    What is staged and not committed is not seen.

    Args:
        top: The checkout.
        git: Where git keeps what it knows of it.
    """
    try:
        index = git / "index"
        if index.stat().st_size > _MOST_INDEX_BYTES:
            return None
        noted = list(_entries(index.read_bytes()))
        written_ns = index.stat().st_mtime_ns
    except (OSError, ValueError, struct.error):
        return None
    left_bytes = _MOST_HASHED_BYTES
    for entry in noted:
        differs, hashed = _differs(top, entry, written_ns, left_bytes)
        if differs is not False:
            return differs
        left_bytes -= hashed
    return False


def _differs(top: Path, noted: _Noted, written_ns: int, left_bytes: int) -> tuple[bool | None, int]:
    """Say whether one file differs, and how much was read for that."""
    path = os.path.join(os.fsencode(top), noted.path)  # noqa: PTH118 (thousands of them, and paths are bytes here)
    try:
        now = os.lstat(path)
    except OSError:
        return True, 0
    if stat.S_IFMT(now.st_mode) != stat.S_IFMT(noted.mode) or now.st_size & 0xFFFFFFFF != noted.size:
        return True, 0
    seconds, nanoseconds = divmod(now.st_mtime_ns, 1_000_000_000)
    # A file of the same age as the index may have been changed after git looked.
    if (seconds, nanoseconds) == noted.modified and now.st_mtime_ns < written_ns:
        return False, 0
    if now.st_size > left_bytes:
        return None, 0
    try:
        content = os.fsencode(os.readlink(path)) if stat.S_ISLNK(now.st_mode) else Path(os.fsdecode(path)).read_bytes()  # noqa: PTH115
    except OSError:
        return None, 0
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).digest()
    return blob != noted.blob, len(content)


def _entries(data: bytes) -> Iterator[_Noted]:
    """Yield the files of an index that git looks at; raises `ValueError` for one that is written another way."""
    magic, version, count = _HEADER.unpack_from(data)
    if magic != b"DIRC" or version not in (2, 3, 4) or count > _MOST_ENTRIES:
        raise ValueError("not an index that can be read")
    at, path = _HEADER.size, b""
    for _ in range(count):
        begin = at
        fields = _ENTRY.unpack_from(data, at)
        flags = fields[11]
        at += _ENTRY.size
        skipped = bool(flags & _ASSUME_VALID)
        if flags & _EXTENDED:
            skipped = skipped or bool(struct.unpack_from(">H", data, at)[0] & _SKIP_WORKTREE)
            at += 2
        if version == 4:
            dropped, at = _varint(data, at)
            end = data.index(b"\0", at)
            path = path[: len(path) - dropped] + data[at:end]
            at = end + 1
        else:
            end = data.index(b"\0", at)
            path = data[at:end]
            # Entries are filled up to a multiple of eight bytes, with one zero at least.
            at = begin + (end - begin + 8) // 8 * 8
        mode = fields[6]
        if not skipped and mode >> 12 in (stat.S_IFREG >> 12, stat.S_IFLNK >> 12):
            yield _Noted(path, mode, fields[9], (fields[2], fields[3]), fields[10])
    while at + 8 <= len(data) - 20:
        name, size = struct.unpack_from(">4sI", data, at)
        if name in _PARTIAL:
            raise ValueError("an index that is not the whole of it")
        at += 8 + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number in git's own variable length, and where the next byte is."""
    byte = data[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, at + 1
