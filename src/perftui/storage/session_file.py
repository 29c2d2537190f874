"""The session file as the rest of the program knows it: one writer, one reader, one check."""

from __future__ import annotations

from perftui.storage.heap_completion import complete_heap, renew_verdicts
from perftui.storage.heap_tables import StoredHeap
from perftui.storage.listing import read_meta
from perftui.storage.reader import Observation, SavedSession, open_session, verify
from perftui.storage.tables import StackTables, StoredWindow
from perftui.storage.writer import SessionWriter

__all__ = [
    "Observation",
    "SavedSession",
    "SessionWriter",
    "StackTables",
    "StoredHeap",
    "StoredWindow",
    "complete_heap",
    "open_session",
    "read_meta",
    "renew_verdicts",
    "verify",
]
