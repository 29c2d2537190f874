"""Where threads wait: the stacks of idle threads at each look, interned, packed, and read as nobody's word."""

from __future__ import annotations

import sqlite3
import struct
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence

from perftui.model.frame import Frame, Stack
from perftui.model.sample import ThreadLooks
from perftui.storage.chunks import LAYOUT, LEVEL, MAX_THREADS, ChunkError, inflate
from perftui.storage.rows import dense_rows, ordered_rows
from perftui.storage.stored_text import storable

MOST_FRAMES = 200_000
MOST_STACKS = 100_000
DEEPEST = 64
"""Frames of a stack that are kept, from the leaf on: where a thread waits is told by its end."""
_MOST_LOOKS = 4_000_000
_MOST_WAITING = 100_000
"""Looks that wait while the disk refuses; then the oldest go."""
_HEAD = struct.Struct("<BxxxI")
_ENTRY = struct.Struct("<II")

Waits = Mapping[int, Mapping[int, Stack]]
"""Sequence number of a look to where threads waited: place in the look to the stack, root first."""


class WaitShelf:
    """Stacks of idle threads that wait for the next commit; nothing here touches the disk but `store`."""

    def __init__(self) -> None:
        self._frames: dict[Frame, int] = {}
        self._stacks: dict[Stack, int] = {}
        self._new_frames: list[tuple[int, str, str, int]] = []
        self._new_stacks: list[tuple[int, bytes]] = []
        self._looks: list[tuple[int, bytes]] = []

    @property
    def has_news(self) -> bool:
        """Whether anything waits."""
        return bool(self._looks)

    def add(self, seq: int, looks: ThreadLooks) -> None:
        """Take the stacks of a look that is stored under a number; what is beyond the bounds is left out."""
        entries = []
        for place, look in enumerate(looks.threads):
            number = self._stack(look.waits[-DEEPEST:]) if look.waits else None
            if number is not None:
                entries.append(_ENTRY.pack(place, number))
        if entries:
            packed = zlib.compress(_HEAD.pack(LAYOUT, len(entries)) + b"".join(entries), LEVEL)
            self._looks.append((seq, packed))
            del self._looks[:-_MOST_WAITING]

    def store(self, connection: sqlite3.Connection) -> None:
        """Store what waits, inside the caller's transaction; it waits on until `forget_stored`."""
        connection.executemany("INSERT INTO wait_frame VALUES(?, ?, ?, ?)", self._new_frames)
        connection.executemany("INSERT INTO wait_stack VALUES(?, ?)", self._new_stacks)
        connection.executemany("INSERT INTO wait VALUES(?, ?)", self._looks)

    def forget_stored(self) -> None:
        """Let go of what is safely stored."""
        for waiting in (self._new_frames, self._new_stacks, self._looks):
            waiting.clear()

    def _stack(self, stack: Stack) -> int | None:
        known = self._stacks.get(stack)
        if known is not None:
            return known
        if len(self._stacks) >= MOST_STACKS or len(self._frames) + len(stack) > MOST_FRAMES:
            return None
        ids = array("I", map(self._frame, stack))
        if sys.byteorder == "big":
            ids.byteswap()
        number = self._stacks[stack] = len(self._stacks)
        self._new_stacks.append((number, ids.tobytes()))
        return number

    def _frame(self, frame: Frame) -> int:
        number = self._frames.get(frame)
        if number is None:
            number = self._frames[frame] = len(self._frames)
            self._new_frames.append((number, storable(frame.function), storable(frame.file), frame.line))
        return number


def read_waits(connection: sqlite3.Connection) -> Waits:
    """Read where threads waited; raises `ValueError` for what no writer stores."""
    rows = dense_rows(connection, "wait_frame", "function, file, line", (str, str, int), MOST_FRAMES)
    frames = [Frame(*row) for row in rows]
    stacks = [
        _unpacked(data, frames) for (data,) in dense_rows(connection, "wait_stack", "data", (bytes,), MOST_STACKS)
    ]
    looks = ordered_rows(connection, "wait", "seq, data", (int, bytes), _MOST_LOOKS)
    return {seq: _entries(data, stacks) for seq, data in looks}


def _unpacked(data: bytes, frames: Sequence[Frame]) -> Stack:
    if not data or len(data) % 4 or len(data) > 4 * DEEPEST:
        raise ChunkError("a stack of a thread that waited has an impossible length")
    ids = array("I", data)
    if sys.byteorder == "big":
        ids.byteswap()
    if max(ids) >= len(frames):
        raise ChunkError("a thread waited in a frame that the session does not hold")
    return tuple(frames[i] for i in ids)


def _entries(data: bytes, stacks: Sequence[Stack]) -> dict[int, Stack]:
    raw = inflate(data, _HEAD.size + MAX_THREADS * _ENTRY.size)
    if len(raw) < _HEAD.size:
        raise ChunkError("a look at waiting threads is too short")
    layout, count = _HEAD.unpack_from(raw)
    if layout != LAYOUT or len(raw) != _HEAD.size + count * _ENTRY.size:
        raise ChunkError("a look at waiting threads does not hold what it says")
    rows = dict(_ENTRY.iter_unpack(raw[_HEAD.size :]))
    if any(number >= len(stacks) for number in rows.values()):
        raise ChunkError("a thread waited in a stack that the session does not hold")
    return {place: stacks[number] for place, number in rows.items()}
