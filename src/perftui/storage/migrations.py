"""Forward-only migrations: an older session is brought up to date in a copy, which then takes its place."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from perftui.storage.connection import connect_reading, writing
from perftui.storage.integrity import seal, write_digests
from perftui.storage.schema import SCHEMA_VERSION

Migration = Callable[[sqlite3.Connection], None]

MIGRATIONS: Mapping[int, Migration] = {}
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
    source = connect_reading(path)
    copy = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        found = int(source.execute("PRAGMA user_version").fetchone()[0])
        if found >= version:
            return False
        with writing(copy), contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as target:
            copy.chmod(0o600)
            source.backup(target)
            _migrate(target, found, version, migrations)
            seal(target)
        with writing(path):
            copy.replace(path)
        return True
    finally:
        source.close()
        copy.unlink(missing_ok=True)


def _migrate(connection: sqlite3.Connection, found: int, version: int, migrations: Mapping[int, Migration]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for step in range(found, version):
        migrations[step](connection)
    connection.execute(f"PRAGMA user_version={version}")
    write_digests(connection)
    connection.execute("COMMIT")
