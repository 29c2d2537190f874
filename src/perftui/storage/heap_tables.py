"""Reading the heap's tables: snapshots stay packed until somebody looks at them, timelines and captures do not."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from perftui.model.frame import Frame
from perftui.model.heap import Capture, HeapSnapshot, HeapTimeline, HeapView
from perftui.storage.capture_names import is_file_name
from perftui.storage.heap_check import LARGEST, MOST_FRAMES, MOST_POINTS, check_snapshot, check_timeline
from perftui.storage.heap_chunks import LARGEST_RAW, unpack_heap, unpack_timeline
from perftui.storage.rows import MAYBE_NUMBER, MAYBE_WHOLE, Kind, dense_rows, ordered_rows

MOST_SNAPSHOTS = 100_000
MOST_RAW_BYTES = 4 << 30
"""Of all snapshots of a session, before they are compressed: what unpacking all of them may ask for."""
MOST_TIMELINES = 10_000
MOST_ALL_POINTS = 10_000_000
MOST_CAPTURES = 10_000
MEMRAY = "memray"
"""The kind of attachment that a memray capture is."""
CAPTURE_COLUMNS = tuple(Capture.__dataclass_fields__)
_CAPTURE_KINDS: dict[str, Kind] = {
    "str": str,
    "int": int,
    "bool": int,
    "int | None": MAYBE_WHOLE,
    "float | None": MAYBE_NUMBER,
}
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StoredHeap:
    """A heap snapshot as it lies in the file: its figures, and its tree still packed."""

    seq: int
    """Its place in the order in which things were stored."""
    view: HeapView
    pid: int
    at_s: float
    total_bytes: int
    allocations: int
    stacks: int
    exact: bool
    reader_rss_bytes: int
    refresh_s: float
    frame_end: int
    """Number of frames that the session knew once this snapshot was in."""
    raw_bytes: int
    packed: bytes

    def snapshot(self, frames: Sequence[Frame]) -> HeapSnapshot:
        """Unpack it; `frames` are the session's, by id.

        Raises:
            ValueError: It is damaged.
        """
        parts = unpack_heap(self.packed, raw_bytes=self.raw_bytes)
        if max(parts.frames, default=-1) >= self.frame_end:
            raise ValueError("a heap snapshot speaks of frames that the session does not hold")
        unpacked = HeapSnapshot(
            view=self.view,
            at_s=self.at_s,
            pid=self.pid,
            total_bytes=self.total_bytes,
            allocations=self.allocations,
            stacks=self.stacks,
            frames=tuple(frames[number] for number in parts.frames),
            nodes=parts.nodes,
            threads=parts.threads,
            cells=parts.cells,
            functions=parts.functions,
            exact=self.exact,
            reader_rss_bytes=self.reader_rss_bytes,
            refresh_s=self.refresh_s,
        )
        check_snapshot(unpacked)
        return unpacked


def read_heap_frames(connection: sqlite3.Connection) -> tuple[Frame, ...]:
    """Read the frames that heap snapshots point into."""
    rows = dense_rows(connection, "heap_frame", "function, file, line", (str, str, int), MOST_FRAMES)
    return tuple(Frame(*row) for row in rows)


def read_heap(connection: sqlite3.Connection, frames: int) -> tuple[StoredHeap, ...]:
    """Read the snapshots in the order in which they were stored; `frames` is how many there are."""
    columns = (
        "seq, view, pid, at_s, total_bytes, allocations, stacks, exact, reader_rss_bytes, refresh_s, frame_end, "
        "raw_bytes, data"
    )
    kinds = (int, str, int, float, int, int, int, int, int, float, int, int, bytes)
    stored: list[StoredHeap] = []
    known = size = 0
    for row in ordered_rows(connection, "heap_snapshot", columns, kinds, MOST_SNAPSHOTS):
        heap = _stored(*row)
        if not known <= heap.frame_end <= frames:
            raise ValueError("a heap snapshot speaks of frames that the session does not hold")
        if not 0 < heap.raw_bytes <= LARGEST_RAW or (size := size + heap.raw_bytes) > MOST_RAW_BYTES:
            raise ValueError("its heap snapshots are larger than any recording gives")
        known = heap.frame_end
        stored.append(heap)
    return tuple(stored)


def _stored(*row: Any) -> StoredHeap:
    values = list(row)
    values[1], values[7] = HeapView(values[1]), bool(values[7])
    return StoredHeap(*values)


def read_timelines(connection: sqlite3.Connection) -> tuple[HeapTimeline, ...]:
    """Read the heap over time, by process."""
    timelines: list[HeapTimeline] = []
    most = MOST_ALL_POINTS
    for _, pid, points, data in ordered_rows(
        connection, "heap_timeline", "id, pid, points, data", (int, int, int, bytes), MOST_TIMELINES
    ):
        if not 0 <= points <= min(MOST_POINTS, most):
            raise ValueError("a timeline has more points than any is given")
        most -= points
        timeline = unpack_timeline(data, pid=pid, points=points)
        check_timeline(timeline)
        timelines.append(timeline)
    return tuple(timelines)


def read_captures(connection: sqlite3.Connection) -> tuple[Capture, ...]:
    """Read what is known of the captures."""
    kinds = [_CAPTURE_KINDS[str(field.type)] for field in Capture.__dataclass_fields__.values()]
    columns = ", ".join(("kind", *CAPTURE_COLUMNS))
    captures: list[Capture] = []
    for kind, *values in dense_rows(connection, "attachment", columns, (str, *kinds), MOST_CAPTURES):
        if kind != MEMRAY:
            raise ValueError("it speaks of an attachment of an unknown kind")
        facts = dict(zip(CAPTURE_COLUMNS, values, strict=True))
        flags = {name: bool(facts[name]) for name in ("complete", "native", "pymalloc")}
        capture = Capture(**(facts | flags))
        check_capture(capture)
        captures.append(capture)
    return tuple(captures)


def check_capture(capture: Capture) -> None:
    """Raise `ValueError` with a sentence unless what is said of a capture is possible."""
    if capture.file and not is_file_name(capture.file):
        raise ValueError("the name of a capture is none")
    if capture.sha256 and not _SHA256.fullmatch(capture.sha256):
        raise ValueError("the digest of a capture is none")
    figures = (
        abs(capture.pid), capture.size_bytes, capture.high_watermark_bytes, capture.total_allocated_bytes,
        capture.allocations, capture.leaked_bytes, capture.leaked_allocations, capture.stackless_bytes,
    )  # fmt: skip
    if not all(figure is None or 0 <= figure < LARGEST for figure in figures):
        raise ValueError("a capture has an impossible figure")
    if capture.high_watermark_at_s is not None and not math.isfinite(capture.high_watermark_at_s):
        raise ValueError("a capture has an impossible time")
