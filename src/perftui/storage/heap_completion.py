"""What was read from a capture after its session was finished: added to the file in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from perftui.model.heap import Capture, HeapSnapshot, HeapTimeline
from perftui.model.verdict import RuleVerdict
from perftui.storage.connection import reading
from perftui.storage.editing import editing
from perftui.storage.heap_shelf import HeapShelf
from perftui.storage.heap_tables import read_captures, read_heap_frames
from perftui.storage.verdict_rows import store_verdicts

_NUMBERED = ("cpu_chunk", "look", "event", "output", "heap_snapshot")
_HEAP_TABLES = ("heap_frame", "heap_snapshot", "heap_timeline", "attachment", "meta")


def complete_heap(
    path: Path,
    *,
    snapshots: Sequence[HeapSnapshot] = (),
    timelines: Sequence[HeapTimeline] = (),
    captures: Sequence[Capture] = (),
) -> Path:
    """Add to a session what its captures say, for one whose recording was cut off before; return its file.

    Snapshots and timelines replace those of the same view and process as they do while it is recorded; captures
    replace those of the same process.

    Raises:
        UsageError: It is still being recorded.
        SessionError: It cannot be read.
        SessionWriteError: It cannot be written; it is then as it was.
    """
    with editing(path, *_HEAP_TABLES) as (final, connection):
        with reading(final):
            shelf = HeapShelf(_numbers_from(connection), frames=read_heap_frames(connection))
            known = read_captures(connection)
        for snapshot in snapshots:
            shelf.add(snapshot)
        for timeline in timelines:
            shelf.add_timeline(timeline)
        read = {capture.pid for capture in captures}
        shelf.set_captures([*(capture for capture in known if capture.pid not in read), *captures])
        shelf.store(connection)
    return final


def renew_verdicts(path: Path, verdicts: Sequence[RuleVerdict]) -> Path:
    """Replace what a budget said of a session, now that more is known; return its file, raise as `complete_heap`."""
    with editing(path, "verdict", "held_against") as (final, connection):
        store_verdicts(connection, verdicts)
    return final


def _numbers_from(connection: sqlite3.Connection) -> Callable[[], int]:
    """Return what gives the sequence numbers that follow those of a session."""
    used = [connection.execute(f"SELECT max(seq) FROM {table}").fetchone()[0] or 0 for table in _NUMBERED]
    numbers = count(max(used) + 1)
    return lambda: next(numbers)
