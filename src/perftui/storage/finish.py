"""The end of a recording: totals and digests are written, the log is folded in, and the file gets its final name."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from perftui.errors import SessionWriteError
from perftui.model.session import SessionMeta, SessionState
from perftui.storage.connection import connect_editing, error_code, reading, writing
from perftui.storage.integrity import seal, write_digests
from perftui.storage.listing import abandoned_imports
from perftui.storage.lock import SessionLock
from perftui.storage.meta_table import meta_of, read_facts, write_meta
from perftui.storage.migrations import migrate
from perftui.storage.schema import PART_SUFFIX, SUFFIX

_READERS_WAIT_S = 5.0
"""How long to wait for those who read the session at this moment."""
_RETRY_S = 0.05
_LOCK_TRIES = 10
_MOMENTS = (
    ("cpu_chunk", "end_s"),
    ("event", "at_s"),
    ("output", "at_s"),
    ("look", "at_s"),
    ("heap_snapshot", "at_s"),
)


def final_path(part: Path) -> Path:
    """Return the name of a `.part` file once it is finished."""
    return part.with_name(part.name.removesuffix(PART_SUFFIX) + SUFFIX)


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run statements as one transaction: all of them or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk makes SQLite roll back by itself, and the file is then as it was before too.
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def finish(connection: sqlite3.Connection, part: Path, meta: SessionMeta) -> Path:
    """Complete a recording and close its connection; return the file's final name.

    Each step can be cut off and done again: until the last one there is a whole `.part` file, from then on a whole
    `.perftui` file. Raises `SessionWriteError`, with the connection still open, where a step has to be tried again.
    """
    final = final_path(part)
    with writing(part):
        with transaction(connection):
            write_totals(connection)
            write_meta(connection, meta)
            write_digests(connection)
        _fold_log(connection, part)
        seal(connection)
        if final.exists():
            raise SessionWriteError(f"{final} exists already", hint=f"move it away; the new session is {part}")
        connection.close()
        part.rename(final)
        _sync_directory(final.parent)
    return final


def recover(part: Path) -> Path | None:
    """Finish what a killed recorder left, as interrupted; None where the recorder (or another rescuer) is alive.

    Nothing is deleted: what was committed becomes a session.
    """
    try:
        lock = SessionLock.take(part, tries=_LOCK_TRIES)
    except OSError:
        # A directory that cannot be written: the file can still be read as it is.
        return None
    if lock is None:
        return None
    try:
        return _finish_interrupted(part) if part.exists() else final_path(part)
    finally:
        lock.release()


def recorded_bytes(part: Path) -> int:
    """Return how much a `.part` file takes with its log."""
    size = 0
    for ending in ("-wal", ""):
        with contextlib.suppress(OSError):
            size += part.with_name(part.name + ending).stat().st_size
    return size


def discard(part: Path) -> None:
    """Take a `.part` file away with what belongs to it; whoever does holds its lock."""
    for ending in ("-wal", "-shm", ""):
        part.with_name(part.name + ending).unlink(missing_ok=True)


def discard_abandoned_imports(directory: Path) -> None:
    """Take away what imports that were killed have left: nothing is lost, and what is left is of no use."""
    for part in abandoned_imports(directory):
        lock = SessionLock.take(part)
        if lock is not None:
            discard(part)
            lock.release()


def write_totals(connection: sqlite3.Connection) -> None:
    """Sum up the samples, inside the caller's transaction."""
    # Lists and references go through this module too, and read no sample.
    from perftui.storage.tables import read_stack_sizes, read_windows  # noqa: PLC0415
    from perftui.storage.totals import totals_of  # noqa: PLC0415

    totals = totals_of(read_windows(connection, read_stack_sizes(connection)))
    connection.execute("DELETE FROM cpu_total")
    connection.executemany("INSERT INTO cpu_total(thread, node, weight, count) VALUES(?, ?, ?, ?)", totals)


def _finish_interrupted(part: Path) -> Path:
    connection = connect_editing(part)
    try:
        with reading(part):
            with transaction(connection):
                migrate(connection)
            meta = meta_of(read_facts(connection))
            # A recorder that was killed after its last transaction has already said how the recording ended.
            if meta.state is SessionState.RECORDING:
                meta = replace(meta, state=SessionState.INTERRUPTED, duration_s=_last_moment(connection, meta))
            return finish(connection, part, meta)
    finally:
        connection.close()


def _last_moment(connection: sqlite3.Connection, meta: SessionMeta) -> float:
    ends = [meta.duration_s]
    for table, column in _MOMENTS:
        ends += [row[0] for row in connection.execute(f"SELECT max({column}) FROM {table}") if row[0] is not None]
    return max(ends)


def _fold_log(connection: sqlite3.Connection, part: Path) -> None:
    """Move the write-ahead log into the file, so that one file is the whole session."""
    give_up = time.monotonic() + _READERS_WAIT_S
    while True:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if not busy and _leave_log(connection):
            return
        if time.monotonic() > give_up:
            raise SessionWriteError(
                f"cannot finish {part}: another program is reading it",
                hint="close it; the session is whole, and opening it later finishes it",
            )
        time.sleep(_RETRY_S)


def _leave_log(connection: sqlite3.Connection) -> bool:
    try:
        return bool(connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0] == "delete")
    except sqlite3.OperationalError as error:
        if error_code(error) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return False
        raise


def _sync_directory(directory: Path) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
