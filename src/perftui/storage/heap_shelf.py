"""What of memory waits to be stored: new frames, snapshots, timelines and what is known of the captures."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from perftui.model.frame import Frame
from perftui.model.heap import Capture, HeapSnapshot, HeapTimeline, HeapView
from perftui.storage.capture_names import CAPTURE_FILES
from perftui.storage.heap_check import MOST_FRAMES, check_snapshot, check_timeline
from perftui.storage.heap_chunks import pack_heap, pack_timeline
from perftui.storage.heap_tables import (
    CAPTURE_COLUMNS,
    MEMRAY,
    MOST_CAPTURES,
    MOST_RAW_BYTES,
    MOST_SNAPSHOTS,
    check_capture,
)
from perftui.storage.meta_table import write_fact
from perftui.storage.stored_text import storable

_PACKED = -1
"""Where the blob stands in a row."""
_INSERT_SNAPSHOT = "INSERT INTO heap_snapshot VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_CAPTURE = (
    f"INSERT INTO attachment(id, kind, {', '.join(CAPTURE_COLUMNS)}) "
    f"VALUES(?, ?, {', '.join('?' * len(CAPTURE_COLUMNS))})"
)

_Row = tuple[Any, ...]


class HeapShelf:
    """Rows of the heap's tables that wait for the next commit; nothing here touches the disk but `store`."""

    def __init__(self, next_seq: Callable[[], int], *, frames: Iterable[Frame] = ()) -> None:
        self.dropped = 0
        """Snapshots that were lost: refused for too long, or not sound."""
        self._next_seq = next_seq
        self._frames = {frame: number for number, frame in enumerate(frames)}
        self._new_frames: list[_Row] = []
        self._rows: deque[_Row] = deque()
        self._timelines: dict[int, _Row] = {}
        self._captures: tuple[Capture, ...] | None = None
        self._waiting_bytes = 0
        self._stored = self._stored_bytes = 0

    @property
    def has_news(self) -> bool:
        """Whether anything waits."""
        return bool(self._rows or self._new_frames or self._timelines or self._captures is not None)

    def add(self, snapshot: HeapSnapshot) -> None:
        """Take a snapshot, or count it as dropped where it is not sound or there are too many."""
        row = self._row(snapshot)
        if row is None:
            self.dropped += 1
            return
        if snapshot.view is not HeapView.HELD:
            self._take_back(lambda other: other[1:3] == row[1:3])
        self._rows.append(row)
        self._waiting_bytes += len(row[_PACKED])

    def add_timeline(self, timeline: HeapTimeline) -> None:
        """Take a timeline; one that is not sound is left out, for it could not be read back."""
        try:
            check_timeline(timeline)
            self._timelines[timeline.pid] = (timeline.pid, len(timeline.at_s), pack_timeline(timeline))
        except (ValueError, TypeError):
            self.dropped += 1

    def set_captures(self, captures: Sequence[Capture]) -> None:
        """Take what is known of the captures."""
        self._captures = tuple(map(_storable_capture, captures[:MOST_CAPTURES]))

    def store(self, connection: sqlite3.Connection) -> None:
        """Store what waits, inside the caller's transaction; it waits on until `forget_stored`."""
        connection.executemany("INSERT INTO heap_frame VALUES(?, ?, ?, ?)", self._new_frames)
        for row in self._rows:
            if row[1] != HeapView.HELD.value:
                connection.execute("DELETE FROM heap_snapshot WHERE view=? AND pid=?", row[1:3])
            connection.execute(_INSERT_SNAPSHOT, row)
        for pid, points, data in self._timelines.values():
            connection.execute("DELETE FROM heap_timeline WHERE pid=?", (pid,))
            connection.execute("INSERT INTO heap_timeline(pid, points, data) VALUES(?, ?, ?)", (pid, points, data))
        if self._captures is not None:
            store_captures(connection, self._captures)

    def forget_stored(self) -> None:
        """Let go of what is safely stored."""
        self._stored += len(self._rows)
        self._stored_bytes += sum(row[-2] for row in self._rows)
        self._new_frames.clear()
        self._rows.clear()
        self._timelines.clear()
        self._captures = None
        self._waiting_bytes = 0

    def drop_surplus(self, most_bytes: int) -> None:
        """Let the oldest snapshots go until the rest is small enough; those of what is held first."""
        while self._waiting_bytes > most_bytes and self._rows:
            oldest = next((row for row in self._rows if row[1] == HeapView.HELD.value), self._rows[0])
            self._take_back(lambda other, seq=oldest[0]: other[0] == seq)  # type: ignore[misc]
            self.dropped += 1

    def _take_back(self, which: Callable[[_Row], bool]) -> None:
        for row in [row for row in self._rows if which(row)]:
            self._rows.remove(row)
            self._waiting_bytes -= len(row[_PACKED])

    def _row(self, snapshot: HeapSnapshot) -> _Row | None:
        if self._stored + len(self._rows) >= MOST_SNAPSHOTS or len(self._frames) + len(snapshot.frames) > MOST_FRAMES:
            return None
        threads = tuple(replace(thread, name=storable(thread.name)) for thread in snapshot.threads)
        try:
            check_snapshot(snapshot)
            data, raw_bytes = pack_heap(replace(snapshot, threads=threads), self._ids(snapshot.frames))
        except (ValueError, TypeError):
            return None
        if self._stored_bytes + sum(row[-2] for row in self._rows) + raw_bytes > MOST_RAW_BYTES:
            return None
        return (
            self._next_seq(), snapshot.view.value, snapshot.pid, snapshot.at_s, snapshot.total_bytes,
            snapshot.allocations, snapshot.stacks, int(snapshot.exact), snapshot.reader_rss_bytes,
            snapshot.refresh_s, len(self._frames), raw_bytes, data,
        )  # fmt: skip

    def _ids(self, frames: Iterable[Frame]) -> list[int]:
        ids = []
        for frame in frames:
            found = self._frames.get(frame)
            if found is None:
                found = self._frames[frame] = len(self._frames)
                self._new_frames.append((found, storable(frame.function), storable(frame.file), frame.line))
            ids.append(found)
        return ids


def store_captures(connection: sqlite3.Connection, captures: Sequence[Capture]) -> None:
    """Replace what is stored of the captures, inside the caller's transaction; the meta data changes with it."""
    write_fact(connection, CAPTURE_FILES, sorted({capture.file for capture in captures if capture.file}))
    connection.execute("DELETE FROM attachment")
    connection.executemany(
        _INSERT_CAPTURE,
        [
            (number, MEMRAY, *(getattr(capture, column) for column in CAPTURE_COLUMNS))
            for number, capture in enumerate(captures)
        ],
    )


def _storable_capture(capture: Capture) -> Capture:
    """Return a capture whose facts can be stored and read back; what it should never say is left out."""
    cleaned = replace(
        capture,
        file=storable(capture.file),
        python_allocator=storable(capture.python_allocator),
        trouble=storable(capture.trouble),
    )
    try:
        check_capture(cleaned)
    except ValueError as error:
        return Capture(cleaned.pid, trouble=cleaned.trouble or str(error))
    return cleaned
