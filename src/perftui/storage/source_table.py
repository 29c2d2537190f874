"""The table of source files: packing, storing, and reading rows that nobody vouches for."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import zlib
from collections.abc import Iterable
from dataclasses import replace
from types import NoneType

from perftui.model.source_file import MOST_BYTES, MOST_FILES, MOST_KEPT_BYTES, SourceFile
from perftui.storage.chunks import LEVEL, ChunkError, inflate
from perftui.storage.rows import Kind, dense_rows
from perftui.storage.stored_text import storable

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MAYBE_BLOB: Kind = (bytes, NoneType)
_SLACK = 1_024
"""Bytes by which what cannot be compressed may grow."""


def pack_source(data: bytes) -> bytes:
    """Return the bytes of a source file as they are stored."""
    return zlib.compress(data, LEVEL)


def unpack_source(source: SourceFile) -> bytes:
    """Return the bytes that a session keeps of a source file.

    Raises:
        ChunkError: They are not those that ran.
    """
    try:
        data = inflate(source.packed or b"", min(source.size_bytes, MOST_BYTES))
    except ChunkError:
        data = None
    if data is None or len(data) != source.size_bytes or hashlib.sha256(data).hexdigest() != source.sha256:
        raise ChunkError(f"the source that is kept of {source.file} is not what ran")
    return data


class SourceShelf:
    """Source files that wait for the next commit; nothing here touches the disk but `store`."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._waiting: dict[int, SourceFile] = {}

    @property
    def has_news(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting)

    def add(self, source: SourceFile) -> None:
        """Take what is known of a file, in place of what was known before."""
        source = replace(source, file=storable(source.file))
        if source.file in self._ids or len(self._ids) < MOST_FILES:
            self._waiting[self._ids.setdefault(source.file, len(self._ids))] = source

    def store(self, connection: sqlite3.Connection) -> None:
        """Store what waits, inside the caller's transaction; it waits on until `forget_stored`."""
        connection.executemany(
            "INSERT OR REPLACE INTO source VALUES(?, ?, ?, ?, ?, ?)",
            [
                (number, source.file, source.sha256, source.size_bytes, int(source.steady), source.packed)
                for number, source in self._waiting.items()
            ],
        )

    def forget_stored(self) -> None:
        """Let go of what is safely stored."""
        self._waiting.clear()


def read_sources(connection: sqlite3.Connection) -> tuple[SourceFile, ...]:
    """Read the source files of a session, their texts still packed."""
    kinds = (str, str, int, int, _MAYBE_BLOB)
    rows = dense_rows(connection, "source", "file, sha256, size_bytes, steady, data", kinds, MOST_FILES)
    sources = tuple(SourceFile(file, sha256, size, bool(steady), data) for file, sha256, size, steady, data in rows)
    _check(sources)
    return sources


def source_troubles(sources: Iterable[SourceFile]) -> list[str]:
    """Return which texts are not those that ran, one sentence each."""
    troubles = []
    for source in sources:
        if source.packed is not None:
            try:
                unpack_source(source)
            except ChunkError as error:
                troubles.append(str(error))
    return troubles


def _check(sources: Iterable[SourceFile]) -> None:
    kept_bytes = 0
    for source in sources:
        if not _DIGEST.fullmatch(source.sha256) or not 0 <= source.size_bytes <= MOST_BYTES:
            raise ValueError("a source file has an impossible size or digest")
        if source.packed is not None:
            kept_bytes += source.size_bytes
            if len(source.packed) > source.size_bytes + _SLACK:
                raise ValueError("the text of a source file is larger than it says")
    if kept_bytes > MOST_KEPT_BYTES:
        raise ValueError("it keeps more source than any recording does")
