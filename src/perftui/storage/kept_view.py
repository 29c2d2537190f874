"""What a person last chose to see of a session: one text in its meta table, which only the viewers understand."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from perftui.errors import UsageError
from perftui.storage.connection import connect_reading, reading
from perftui.storage.editing import editing
from perftui.storage.schema import FIRST_VERSION_READ_AS_IT_IS, PART_SUFFIX, version_of

VIEW_KEY = "view.scopes"
_LONGEST = 1 << 16


def read_view(connection: sqlite3.Connection) -> str:
    """Return the text, empty where there is none; of one that is too long so much that it is seen to be."""
    # As bytes: what is no text must not keep the session from opening.
    query = "SELECT CAST(substr(value, 1, ?) AS BLOB) FROM meta WHERE key=?"
    row = connection.execute(query, (_LONGEST + 1, VIEW_KEY)).fetchone()
    return bytes(row[0]).decode("utf-8", "replace") if row else ""


def put_view(connection: sqlite3.Connection, text: str) -> None:
    """Keep a text, or none where it is empty, inside the caller's transaction."""
    if text:
        connection.execute("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", (VIEW_KEY, text))
    else:
        connection.execute("DELETE FROM meta WHERE key=?", (VIEW_KEY,))


def write_view(path: Path, text: str) -> None:
    """Keep a text with a finished session; one that says the same already is not touched.

    Raises:
        UsageError: It is being recorded, or of an older format, which looking at it does not change.
        SessionError: It cannot be read.
        SessionWriteError: It cannot be written.
    """
    if path.name.endswith(PART_SUFFIX):
        raise UsageError(f"{path.name} is not finished, so it keeps no scope")
    with contextlib.closing(connect_reading(path)) as connection, reading(path):
        if version_of(connection) < FIRST_VERSION_READ_AS_IT_IS:
            raise UsageError("the session is of an older format, so it keeps no scope", hint="renaming it brings it up")
        if read_view(connection) == text:
            return
    with editing(path, "meta", newer=False) as (_, connection):
        put_view(connection, text)
