"""What a capture says at its very beginning: recognised and read without memray, which a damaged one can bring down."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

HEAD_BYTES = 64
"""This much of a file tells a capture."""
_MAGIC = b"memray\0"
_LZ4_MAGIC = b"\x04\x22\x4d\x18"
# Magic, version of the format, version of Python, native frames, kind, allocations, frames, start and end in ms.
_FIXED = struct.Struct("<7siiBBQQqq")
# Process, main thread, frames of memray's own, allocator, whether small objects were traced.
_AFTER_COMMAND = struct.Struct("<iQQBB")
# Linux takes command lines of two million bytes; what matters of one stands long before.
_COMMAND_BYTES = 1 << 17
# A block of LZ4 is four million bytes at most, and nothing comes out before the first is whole.
_BLOCK_BYTES = (4 << 20) + 64
_ALLOCATORS = {1: "pymalloc", 2: "pymalloc debug", 3: "malloc"}
_LATEST_MS = 1 << 45
# What ends an archive: a block of no bytes, and the checksum of the content where there is one.
_LZ4_END = bytes(4)
_CHECKSUM_BYTES = 4


@dataclass(frozen=True, slots=True)
class CaptureHeader:
    """The facts at the beginning of a capture."""

    pid: int
    command_line: str
    """As memray joined it: with blanks, and without quotes."""
    started_epoch_s: float
    ended_epoch_s: float
    """The start again where the process was killed."""
    native: bool
    pymalloc: bool
    """Small objects were traced one by one."""
    python_allocator: str
    compressed: bool
    format_version: int
    """Each memray reads the captures of one."""
    records: int
    """How many there should be; 0 where the tracking did not end in order, so that nobody knows."""
    cut_off: bool
    """It is compressed, and its end is missing: memray reads what is there without a word."""


def is_capture(head: bytes) -> bool:
    """Say whether a file that begins with `head` is a memray capture, raw or compressed by LZ4."""
    if head.startswith(_LZ4_MAGIC):
        return _MAGIC in head[len(_LZ4_MAGIC) : HEAD_BYTES]
    return head.startswith(_MAGIC)


def looks_like_capture(path: Path) -> bool:
    """Say whether a path is a file that begins as a capture does."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return is_capture(file.read(HEAD_BYTES))
    except (OSError, ValueError):
        return False


def read_header(path: Path) -> CaptureHeader | None:
    """Return what a capture says of itself, or None where it is cut off or damaged; raises `OSError`."""
    with path.open("rb") as file:
        data = file.read(_BLOCK_BYTES)
        compressed = data.startswith(_LZ4_MAGIC)
        cut_off = compressed and not _has_end(file.fileno())
    head = _unpacked(data) if compressed else data[: _FIXED.size + _COMMAND_BYTES]
    try:
        magic, version, _, native, _, records, _, start_ms, end_ms = _FIXED.unpack_from(head)
        at = head.index(b"\0", _FIXED.size)
        pid, _, _, allocator, pymalloc = _AFTER_COMMAND.unpack_from(head, at + 1)
    except (struct.error, ValueError):
        return None
    if magic != _MAGIC or pid <= 0 or not 0 < start_ms < _LATEST_MS or not 0 <= end_ms < _LATEST_MS:
        return None
    return CaptureHeader(
        pid=pid,
        command_line=head[_FIXED.size : at].decode("utf-8", "replace"),
        started_epoch_s=start_ms / 1000,
        ended_epoch_s=max(start_ms, end_ms) / 1000,
        native=bool(native),
        pymalloc=bool(pymalloc),
        python_allocator=_ALLOCATORS.get(allocator, ""),
        compressed=compressed,
        format_version=version,
        records=records if end_ms > start_ms else 0,
        cut_off=cut_off,
    )


def writer_of(path: Path) -> int:
    """Return the process that writes, or wrote, a capture; 0 where that is not known yet."""
    try:
        header = read_header(path)
    except OSError:
        return 0
    return header.pid if header is not None else 0


def _has_end(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, len(_LZ4_END) + _CHECKSUM_BYTES, max(0, size - len(_LZ4_END) - _CHECKSUM_BYTES))
    return tail.endswith(_LZ4_END) or tail.startswith(_LZ4_END)


def _unpacked(data: bytes) -> bytes:
    # To recognise a capture, or to read a raw one, it is not needed.
    import lz4.frame  # noqa: PLC0415

    try:
        # Bounded, because a block may unpack to two hundred times its size.
        return bytes(lz4.frame.LZ4FrameDecompressor().decompress(data, max_length=_FIXED.size + _COMMAND_BYTES))
    except (RuntimeError, EOFError, ValueError, MemoryError):
        return b""
