"""Changing a finished session in place: one transaction, its digests with it, sealed again."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from perftui.errors import UsageError
from perftui.model.session import SessionMeta
from perftui.storage.connection import connect_editing, reading, writing
from perftui.storage.finish import recover, transaction
from perftui.storage.integrity import renew_digests, seal
from perftui.storage.lock import is_recorded
from perftui.storage.meta_table import meta_of, read_facts, write_meta
from perftui.storage.migrations import bring_up_to_date
from perftui.storage.schema import PART_SUFFIX


@contextlib.contextmanager
def editing(path: Path, *tables: str, newer: bool = True) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """Change some tables of a session in one transaction; yields its file and a connection.

    The file is brought up to date first, unless it need not be `newer` for a change of what all versions have.

    Raises:
        UsageError: It is still being recorded: its recorder would overwrite the change.
        SessionError: It cannot be read.
        SessionWriteError: It cannot be written.
    """
    if path.name.endswith(PART_SUFFIX):
        refuse_recorded(path)
        path = recover(path) or path
    if newer and not path.name.endswith(PART_SUFFIX):
        bring_up_to_date(path)
    connection = connect_editing(path)
    try:
        with writing(path), transaction(connection):
            yield path, connection
            renew_digests(connection, *tables)
        with writing(path):
            seal(connection)
    finally:
        connection.close()


def edit_meta(path: Path, change: Callable[[SessionMeta], SessionMeta]) -> Path:
    """Change the meta data of a session, and return its file; raises what `editing` raises."""
    with editing(path, "meta") as (final, connection):
        with reading(final):
            meta = meta_of(read_facts(connection))
        write_meta(connection, change(meta))
    return final


def refuse_recorded(part: Path) -> None:
    """Raise `UsageError` for a `.part` file that a living process records."""
    if part.name.endswith(PART_SUFFIX) and is_recorded(part):
        raise UsageError(f"{part.name} is still being recorded", hint="end the recording first")
