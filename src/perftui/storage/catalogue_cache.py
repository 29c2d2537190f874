"""What was read from the sessions of a directory, kept beside them so that a thousand are listed at once.

It may be thrown away at any time: each row holds only for the very file that it was read from, by inode, size and the
times of change, and a cache that is damaged, foreign or of another version is made anew.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

CACHE = ".catalogue"
"""Its name in the directory; it ends as no session does."""
Stamp = tuple[int, int, int, int]
"""Inode, size, and the times of change of content and of the file: while they are the same, so is the file."""
_VERSION = 1
_APPLICATION_ID = 0x50465443
_TABLES = {"head": 1, "figures": 3}
"""Tables, and how many texts each keeps of a file."""
_BUSY_S = 0.2
_LONGEST_TEXT = 16 << 20
_DIGITS = 8
"""Before each text stands its checksum: SQLite itself would not see a flipped bit in one."""
_MOST_ROWS = 100_000
_SETTLED_NS = 2_000_000_000
"""A file that was written so shortly ago may be written again within one tick of its file system's clock."""


def stamp_of(status: os.stat_result) -> Stamp:
    """Return what tells a file from what it was before."""
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def is_settled(stamp: Stamp) -> bool:
    """Say whether a file was left alone for long enough, so that another write would change its stamp."""
    return max(stamp[2:]) + _SETTLED_NS < time.time_ns()


def heads(directory: Path) -> dict[str, tuple[Stamp, str]]:
    """Return the stamp and the facts (JSON) of each file that the cache of a directory knows, by the file's name."""
    return {name: (stamp, texts[0]) for name, stamp, texts in _rows(directory, "head", "text0")}


def keep_heads(directory: Path, rows: Mapping[str, tuple[Stamp, Mapping[str, Any]]], gone: Iterable[str]) -> None:
    """Keep the facts of files, and forget those that are gone; a directory that cannot be written has no cache."""
    _keep(directory, "head", {name: (stamp, (json.dumps(facts),)) for name, (stamp, facts) in rows.items()}, gone)


def figure_texts(directory: Path, column: int) -> dict[str, tuple[Stamp, str]]:
    """Return the stamp and one of three texts of figures of each file, by the file's name."""
    return {name: (stamp, texts[0]) for name, stamp, texts in _rows(directory, "figures", f"text{column}")}


def keep_figure_texts(directory: Path, rows: Mapping[str, tuple[Stamp, Sequence[str]]]) -> None:
    """Keep three texts of figures of each file."""
    _keep(directory, "figures", rows, ())


def _rows(directory: Path, table: str, column: str) -> Iterator[tuple[str, Stamp, tuple[str]]]:
    try:
        with contextlib.closing(_connected(directory, "ro")) as connection:
            query = f"SELECT name, inode, size, mtime, ctime, {column} FROM {table} LIMIT {_MOST_ROWS}"
            rows = connection.execute(query).fetchall()
    except (sqlite3.Error, OSError, ValueError):
        return
    for name, inode, size, mtime, ctime, text in rows:
        if type(name) is str and type(text) is str and text[:_DIGITS] == _digest(text[_DIGITS:]):
            yield name, (inode, size, mtime, ctime), (text[_DIGITS:],)


def _digest(text: str) -> str:
    return f"{zlib.crc32(text.encode(errors='surrogatepass')):0{_DIGITS}x}"


def _keep(directory: Path, table: str, rows: Mapping[str, tuple[Stamp, Sequence[str]]], gone: Iterable[str]) -> None:
    try:
        with contextlib.closing(_writable(directory)) as connection, connection:
            marks = ", ".join("?" * (5 + _TABLES[table]))
            connection.executemany(f"DELETE FROM {table} WHERE name = ?", [(name,) for name in gone])
            connection.executemany(
                f"INSERT OR REPLACE INTO {table} VALUES({marks})",
                [(name, *stamp, *(_digest(text) + text for text in texts)) for name, (stamp, texts) in rows.items()],
            )
    except (sqlite3.Error, OSError, ValueError):
        # Locked by another program for long, a full disk, a directory of another: then it is read again.
        return


def _writable(directory: Path) -> sqlite3.Connection:
    """Return a connection to the cache of a directory; what is none of ours, or damaged, is replaced."""
    path = directory / CACHE
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise ValueError("it is no file")
    try:
        return _connected(directory, "rw")
    except sqlite3.OperationalError as error:
        if (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
    except (sqlite3.DatabaseError, ValueError):
        pass
    # Made apart and moved to its place: two that do so at once each put a whole one there.
    fresh = path.with_name(f"{CACHE}-{os.getpid()}-{time.monotonic_ns()}")
    try:
        _make(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return _connected(directory, "rw")


def _make(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={_VERSION}")
        for table, texts in _TABLES.items():
            columns = ", ".join(f"text{number} TEXT NOT NULL" for number in range(texts))
            stamps = "inode INTEGER, size INTEGER, mtime INTEGER, ctime INTEGER"
            connection.execute(f"CREATE TABLE {table}(name TEXT PRIMARY KEY, {stamps}, {columns})")


def _connected(directory: Path, mode: str) -> sqlite3.Connection:
    """Return a connection to a cache that is one of ours; raises `ValueError` for another, or a damaged one."""
    path = directory / CACHE
    if path.is_symlink():
        raise ValueError("it is a link")
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_S)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_TEXT)
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        connection.execute("PRAGMA synchronous=OFF")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 9")}
        if (application, version) != (_APPLICATION_ID, _VERSION) or tables != set(_TABLES):
            raise ValueError("it is another file")
        if mode == "rw" and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise ValueError("it is damaged")
    except BaseException:
        connection.close()
        raise
    return connection
