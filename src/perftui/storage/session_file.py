"""The session file as the rest of the program knows it: one writer, one reader, one check."""

from __future__ import annotations

from perftui.storage.listing import read_meta
from perftui.storage.reader import Observation, SavedSession, open_session, verify
from perftui.storage.tables import StackTables, StoredWindow
from perftui.storage.writer import SessionWriter

__all__ = [
    "Observation",
    "SavedSession",
    "SessionWriter",
    "StackTables",
    "StoredWindow",
    "open_session",
    "read_meta",
    "verify",
]
