"""Captures as they are kept: compressed as memray reads them, under the hash of their content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PART_SUFFIX = ".part"
_LZ4_MAGIC = b"\x04\x22\x4d\x18"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture that was kept."""

    file: str
    """Its name in the directory."""
    sha256: str
    size_bytes: int


def keep(capture: Path, directory: Path) -> Kept:
    """Copy a capture into a directory, compressed, and name it by its hash; raises `OSError`.

    The name appears when all of the content is on the disk. A capture that is compressed already is copied as it is.
    """
    part = directory / (capture.name + PART_SUFFIX)
    digest = hashlib.sha256()
    size = 0
    try:
        with capture.open("rb") as source, part.open("wb") as target:
            for data in _compressed(source):
                digest.update(data)
                size += len(data)
                target.write(data)
            # A list of stacks tells of the workload: it is for nobody else, as the session is.
            os.fchmod(target.fileno(), 0o600)
            target.flush()
            os.fsync(target.fileno())
        name = f"{digest.hexdigest()}.bin"
        part.replace(directory / name)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync_directory(directory)
    return Kept(name, digest.hexdigest(), size)


def written_bytes(file: BinaryIO) -> int:
    """Return how far a raw capture is written: one that was mapped may end in zeros, which memray ignores as well."""
    end = os.fstat(file.fileno()).st_size
    while end:
        begin = max(0, end - _CHUNK_BYTES)
        data = os.pread(file.fileno(), end - begin, begin)
        if len(data) < end - begin:
            # It was cut short meanwhile.
            return begin + len(data)
        content = data.rstrip(b"\0")
        if content:
            return begin + len(content)
        end = begin
    return 0


def _compressed(source: BinaryIO) -> Iterator[bytes]:
    if source.read(len(_LZ4_MAGIC)) == _LZ4_MAGIC:
        source.seek(0)
        while data := source.read(_CHUNK_BYTES):
            yield data
        return
    # Only the processes that read captures need it.
    import lz4.frame  # noqa: PLC0415

    left = written_bytes(source)
    source.seek(0)
    packer = lz4.frame.LZ4FrameCompressor()
    yield packer.begin()
    while left and (data := source.read(min(left, _CHUNK_BYTES))):
        left -= len(data)
        yield packer.compress(data)
    yield packer.flush()


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
