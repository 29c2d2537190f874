"""Opening session files: for recording, for editing, and read-only with every file taken for hostile."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from perftui.errors import NoDataError, SessionError, SessionWriteError
from perftui.storage.schema import APPLICATION_ID, SCHEMA_VERSION, known_objects, schema_objects, version_of

LONGEST_VALUE = 64 << 20
"""No text and no blob of a session is longer; a window of a million samples has 4 MiB before it is compressed."""
BUSY_S = 5.0
"""How long to wait for another program that is just writing the same session."""
_JOURNAL_BYTES = 100 << 20
# A recording only ever adds at the end.
_CACHE_KIB = 2_048
_READ_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 50,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
}
_UNTRUSTED = ("trusted_schema=OFF", "cell_size_check=ON")
_HINT_DAMAGED = "keep the file: what can be read of it may be told by `sqlite3 FILE .recover`"


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a broken file provokes into one `SessionError` about `path`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _trouble(path, error) from None
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise SessionError(f"{path} is damaged: {error or type(error).__name__}", hint=_HINT_DAMAGED) from None
    except OSError as error:
        raise SessionError(f"cannot read {path}: {error.strerror or error}") from None


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn whatever a full or failing disk provokes into one `SessionWriteError` about `path`."""
    try:
        yield
    except sqlite3.Error as error:
        if error_code(error) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise _trouble(path, error) from None
        raise SessionWriteError(f"cannot write {path}: {error}", hint=_write_hint(error)) from None
    except OSError as error:
        raise SessionWriteError(f"cannot write {path}: {error.strerror or error}", hint=_write_hint(error)) from None


def connect_reading(path: Path) -> sqlite3.Connection:
    """Open a session file read-only and refuse it unless it is exactly what this program makes.

    Raises:
        SessionError: it is foreign, newer, damaged, or holds more than tables of ours.
        NoDataError: it is not there.
    """
    _check_is_file(path)
    with reading(path):
        try:
            return _checked(_connect(path, "ro"), path, "query_only=ON")
        except sqlite3.OperationalError as error:
            if error_code(error) != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
        # An edit was cut off by a kill: whoever may write undoes it first.
        _checked(_connect(path, "rw"), path).close()
        return _checked(_connect(path, "ro"), path, "query_only=ON")


def connect_editing(path: Path) -> sqlite3.Connection:
    """Open a session file for writing with the same distrust; a transaction that was cut off is rolled back."""
    _check_is_file(path)
    with reading(path):
        return _checked(_connect(path, "rw"), path)


def connect_recording(path: Path, *, durable: bool) -> sqlite3.Connection:
    """Open a file of our own for a recording: a write-ahead log that is moved into the file on a timer.

    It may be handed from thread to thread, but only one may use it at a time.
    """
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        _use_write_ahead_log(connection)
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute(f"PRAGMA journal_size_limit={_JOURNAL_BYTES}")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    except BaseException:
        connection.close()
        raise
    return connection


def distrust(connection: sqlite3.Connection) -> None:
    """Take what a database holds for hostile."""
    for limit, value in _READ_LIMITS.items():
        connection.setlimit(limit, value)
    for pragma in _UNTRUSTED:
        connection.execute(f"PRAGMA {pragma}")


def error_code(error: Exception) -> int:
    """Return SQLite's extended code of an error; 0 for errors that Python itself raised, of a text that is no text."""
    return int(getattr(error, "sqlite_errorcode", 0))


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    mode = ""
    with contextlib.suppress(sqlite3.OperationalError):
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        # A file system without shared memory (some network and FUSE ones): still crash-safe, but readers have to wait.
        connection.execute("PRAGMA journal_mode=TRUNCATE")


def _checked(connection: sqlite3.Connection, path: Path, *pragmas: str) -> sqlite3.Connection:
    try:
        distrust(connection)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        _check_identity(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_identity(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    version = version_of(connection)
    if application != APPLICATION_ID:
        raise _foreign(path)
    if version > SCHEMA_VERSION:
        raise SessionError(
            f"{path} was written by a newer perftui (file format {version}; this one reads {SCHEMA_VERSION})",
            hint="upgrade perftui to open it",
        )
    if version < 1:
        raise SessionError(f"{path} is damaged: it has the file format {version}", hint=_HINT_DAMAGED)
    if schema_objects(connection) != known_objects(version):
        raise SessionError(
            f"{path} is not a session that perftui made: its tables are not those of file format {version}",
            hint="do not trust where it comes from; a session holds tables only",
        )


def _check_is_file(path: Path) -> None:
    with reading(path):
        is_file, is_there = path.is_file(), path.exists()
    if is_file:
        return
    if is_there:
        raise SessionError(f"{path} is not a file", hint="a session is a file that ends in .perftui")
    raise NoDataError(f"there is no session file {path}", hint="`perftui sessions list` shows what there is")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()), errors='surrogateescape')}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)


def _foreign(path: Path) -> SessionError:
    return SessionError(
        f"{path} is not a perftui session",
        hint="`perftui import` reads collapsed stacks, speedscope files and memray captures, `perftui ingest` "
        "results of benchmark tools",
    )


def _trouble(path: Path, error: sqlite3.Error) -> SessionError:
    code = error_code(error) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        return _foreign(path)
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY):
        return SessionError(f"cannot open {path}: {error}", hint="is it yours to read, and its directory to write?")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return SessionError(f"{path} is in use by another program", hint="try again when it is done")
    return SessionError(f"{path} is damaged: {error}", hint=_HINT_DAMAGED)


def _write_hint(error: Exception) -> str:
    code = error_code(error) & 0xFF
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return "free some space on that disk, or choose another one with `--sessions-dir`"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "another program has the file open; close it"
    return "is the directory writable? `--sessions-dir` chooses another one"
