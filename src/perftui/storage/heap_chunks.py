"""Heap snapshots and timelines as blobs: columns of numbers, byte by byte, zlib around them.

Of a column first all lowest bytes are written, then all second ones, and so on: high bytes are mostly zeros, and
together they cost next to nothing.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import sub
from typing import Literal

from perftui.model.heap import FunctionHeap, HeapSnapshot, HeapTimeline
from perftui.model.sample import Thread
from perftui.storage.chunks import ChunkError, inflate

LAYOUT = 1
LEVEL = 6
LARGEST_RAW = 64 << 20
"""Bytes of a snapshot before it is compressed; one of a million nodes would fit."""
_HEAD = struct.Struct("<BxxxIIIIII")
_POINT_BYTES = 24
_Code = Literal["I", "q", "Q", "d"]


@dataclass(frozen=True, slots=True)
class HeapParts:
    """What a blob holds of a snapshot: the long columns, with the session's ids of its frames."""

    frames: tuple[int, ...]
    nodes: tuple[tuple[int, int], ...]
    threads: tuple[Thread, ...]
    cells: tuple[tuple[int, int, int, int], ...]
    functions: tuple[FunctionHeap, ...]


def pack_heap(snapshot: HeapSnapshot, frames: Sequence[int]) -> tuple[bytes, int]:
    """Pack a snapshot whose frames have these ids in the session; return the blob and its size before compression.

    Raises:
        ValueError: A number does not fit its column, or the whole is too large.
    """
    names = [thread.name.encode("utf-8", "replace") for thread in snapshot.threads]
    counts = [len(snapshot.frames), len(snapshot.nodes), len(snapshot.threads), len(snapshot.cells)]
    cells, rows = snapshot.cells, snapshot.functions
    try:
        columns = [
            _planes("I", frames),
            # Most nodes stand soon after their parent: the way back is a small number.
            _planes("I", (node - parent for node, (parent, _) in enumerate(snapshot.nodes, start=1))),
            _planes("I", (frame for _, frame in snapshot.nodes)),
            _planes("q", (thread.pid for thread in snapshot.threads)),
            _planes("q", (thread.tid for thread in snapshot.threads)),
            _planes("I", map(len, names)),
            *(_planes("I" if column < 2 else "Q", (cell[column] for cell in cells)) for column in range(4)),
            _planes("I", (row.frame for row in rows)),
            *(_planes("Q", (getattr(row, field) for row in rows)) for field in _FUNCTION_FIGURES),
        ]
        head = _HEAD.pack(LAYOUT, *counts, len(rows), sum(map(len, names)))
    except (OverflowError, TypeError, struct.error) as error:
        raise ValueError(f"a heap snapshot holds an impossible number: {error}") from None
    raw = b"".join((head, *columns, *names))
    if len(raw) > LARGEST_RAW:
        raise ValueError("a heap snapshot is larger than any is stored")
    return zlib.compress(raw, LEVEL), len(raw)


def unpack_heap(data: bytes, *, raw_bytes: int) -> HeapParts:
    """Unpack the columns of a snapshot that has `raw_bytes` without its compression; ids are not checked."""
    if not _HEAD.size <= raw_bytes <= LARGEST_RAW:
        raise ChunkError("a heap snapshot has an impossible size")
    reader = _Columns(inflate(data, raw_bytes), _HEAD.size)
    if len(reader.raw) != raw_bytes:
        raise ChunkError("a heap snapshot is shorter than it says")
    layout, frames, nodes, threads, cells, functions, name_bytes = _HEAD.unpack_from(reader.raw)
    if layout != LAYOUT:
        raise ChunkError(f"a heap snapshot has the unknown layout {layout}")
    ids = reader.take("I", frames)
    back, node_frames = reader.take("I", nodes), reader.take("I", nodes)
    pids, tids, lengths = reader.take("q", threads), reader.take("q", threads), reader.take("I", threads)
    cell_columns = [reader.take("I" if column < 2 else "Q", cells) for column in range(4)]
    rows = zip(reader.take("I", functions), *(reader.take("Q", functions) for _ in _FUNCTION_FIGURES), strict=True)
    names = _split(reader.rest(name_bytes), lengths)
    return HeapParts(
        frames=tuple(ids),
        nodes=tuple(zip(map(sub, range(1, nodes + 1), back), node_frames, strict=True)),
        threads=tuple(map(Thread, pids, tids, names)),
        cells=tuple(zip(*cell_columns, strict=True)),
        functions=tuple(FunctionHeap(*row) for row in rows),
    )


def pack_timeline(timeline: HeapTimeline) -> bytes:
    """Pack a timeline: its three columns, one after the other."""
    columns = (timeline.at_s, timeline.heap_bytes, timeline.rss_bytes)
    return zlib.compress(b"".join(_planes("d", column) for column in columns), LEVEL)


def unpack_timeline(data: bytes, *, pid: int, points: int) -> HeapTimeline:
    """Unpack a timeline of a number of points, which the caller has found to be possible."""
    reader = _Columns(inflate(data, _POINT_BYTES * points), 0)
    at_s, heap, rss = (reader.take_floats(points) for _ in range(3))
    reader.rest(0)
    return HeapTimeline(pid, at_s, heap, rss)


_FUNCTION_FIGURES = ("self_bytes", "total_bytes", "self_count", "total_count")


class _Columns:
    """Columns one after the other; what is not there is a `ChunkError`."""

    def __init__(self, raw: bytes, at: int) -> None:
        self.raw = raw
        self._at = at

    def take(self, code: Literal["I", "q", "Q"], count: int) -> array[int]:
        column = array(code)
        column.frombytes(self._merged(column.itemsize, count))
        return column

    def take_floats(self, count: int) -> array[float]:
        column = array("d")
        column.frombytes(self._merged(column.itemsize, count))
        return column

    def rest(self, size: int) -> bytes:
        """Return what follows the columns, which has to be exactly so long."""
        if len(self.raw) - self._at != size:
            raise ChunkError("a block of the heap does not hold what it says")
        return self.raw[self._at :]

    def _merged(self, width: int, count: int) -> bytes:
        end = self._at + width * count
        if end > len(self.raw):
            raise ChunkError("a block of the heap does not hold what it says")
        merged = bytearray(width * count)
        for plane in range(width):
            place = plane if sys.byteorder == "little" else width - 1 - plane
            merged[place::width] = self.raw[self._at + plane * count : self._at + (plane + 1) * count]
        self._at = end
        return bytes(merged)


def _planes(code: _Code, numbers: Iterable[float]) -> bytes:
    """Return a column with all lowest bytes first, then all second ones, and so on."""
    column = array(code, numbers)
    raw, width = column.tobytes(), column.itemsize
    places = range(width) if sys.byteorder == "little" else reversed(range(width))
    return b"".join(raw[place::width] for place in places)


def _split(joined: bytes, lengths: Sequence[int]) -> list[str]:
    ends = list(accumulate(lengths))
    if (ends[-1] if ends else 0) != len(joined):
        raise ChunkError("a heap snapshot's threads have no names")
    return [joined[end - length : end].decode() for end, length in zip(ends, lengths, strict=True)]
