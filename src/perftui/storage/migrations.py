"""Forward-only migrations: an older session is brought up to date in a copy, which then takes its place."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from perftui.errors import SessionWriteError
from perftui.storage.connection import connect_reading, distrust, reading, writing
from perftui.storage.integrity import seal, table_digest, write_digests
from perftui.storage.lock import SessionLock
from perftui.storage.schema import (
    HEAP_DDL,
    SCHEMA_VERSION,
    VERSION_3_DDL,
    VERSION_4_DDL,
    VERSION_5_DDL,
    VERSION_6_DDL,
    tables_of,
    version_of,
)

_LOCK_TRIES = 250
"""Five seconds: a session of a hundred megabytes is brought up to date in one."""

Migration = Callable[[sqlite3.Connection], None]


def _add_heap(connection: sqlite3.Connection) -> None:
    """Version 2 holds what memray observed; a session of before holds nothing of it."""
    for statement in HEAP_DDL:
        connection.execute(statement)


def _add_version_3(connection: sqlite3.Connection) -> None:
    """Version 3 tells single processes apart and knows source files; a session of before knows neither."""
    for statement in VERSION_3_DDL:
        connection.execute(statement)


def _add_version_4(connection: sqlite3.Connection) -> None:
    """Version 4 holds operations, and what verdicts were held against; a session of before holds neither."""
    for statement in VERSION_4_DDL:
        connection.execute(statement)


def _add_version_5(connection: sqlite3.Connection) -> None:
    """Version 5 knows where threads wait; a session of before does not."""
    for statement in VERSION_5_DDL:
        connection.execute(statement)


def _add_version_6(connection: sqlite3.Connection) -> None:
    """Version 6 holds application metrics; a session of before holds none."""
    for statement in VERSION_6_DDL:
        connection.execute(statement)


MIGRATIONS: Mapping[int, Migration] = {
    1: _add_heap,
    2: _add_version_3,
    3: _add_version_4,
    4: _add_version_5,
    5: _add_version_6,
}
"""Version to what makes the next one of it; a step that was once released is never changed."""


def bring_up_to_date(
    path: Path, *, migrations: Mapping[int, Migration] = MIGRATIONS, version: int = SCHEMA_VERSION
) -> bool:
    """Bring a finished session file to a version; say whether there was anything to do.

    The file is replaced at once when its copy is whole, so a kill or a full disk leaves the old one as it was.

    Raises:
        SessionError: It cannot be read.
        SessionWriteError: The copy cannot be written.
    """
    with contextlib.closing(connect_reading(path)) as source:
        if version_of(source) >= version:
            return False
    with writing(path):
        lock = SessionLock.take(path, tries=_LOCK_TRIES)
    if lock is None:
        raise SessionWriteError(f"{path} is being brought up to date by another perftui", hint="try again")
    try:
        return _replace_by_newer(path, migrations, version)
    finally:
        lock.release()


def _replace_by_newer(path: Path, migrations: Mapping[int, Migration], version: int) -> bool:
    source = connect_reading(path)
    copy = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        # Another may have done it, and changed the session since, while this one waited.
        if version_of(source) >= version:
            return False
        # What cannot be read to its end is left as it is.
        with reading(path):
            for table in tables_of(source):
                table_digest(source, table)
        with writing(path), contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as target:
            copy.chmod(0o600)
            source.backup(target)
            target.execute("BEGIN IMMEDIATE")
            migrate(target, migrations=migrations, version=version)
            write_digests(target)
            target.execute("COMMIT")
            seal(target)
        with writing(path):
            copy.replace(path)
        return True
    finally:
        source.close()
        with contextlib.suppress(OSError):
            copy.unlink()


def migrate(
    connection: sqlite3.Connection, *, migrations: Mapping[int, Migration] = MIGRATIONS, version: int = SCHEMA_VERSION
) -> None:
    """Bring the tables of a session to a version, inside the caller's transaction; digests are the caller's."""
    for step in range(version_of(connection), version):
        migrations[step](connection)
        connection.execute(f"PRAGMA user_version={step + 1}")


def up_to_date_copy(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy in memory of an older session, brought up to date: looking at a file does not change it."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.backup(copy)
        distrust(copy)
        migrate(copy)
    except BaseException:
        copy.close()
        raise
    return copy
