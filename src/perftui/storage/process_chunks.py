"""Blobs of readings of single processes: looks, and below them one row a process, in columns with zlib around them."""

from __future__ import annotations

import math
import struct
import sys
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from perftui.storage.chunks import LAYOUT, LEVEL, ChunkError, inflate

MAX_LOOKS = 4_096
MAX_ROWS = 65_536
METRIC_COUNT = 4
"""CPU in percent, CPU seconds, resident bytes, threads: in this order, NaN where it was not measured."""

_HEAD = struct.Struct("<BxxxII")
_LOOK = struct.Struct("<qdII")

Row = tuple[int, tuple[float | None, ...]]
"""(process id of the table, one value a metric)."""


@dataclass(frozen=True, slots=True)
class PackedLook:
    """One look: what it saw of each process."""

    seq: int
    at_s: float
    left_out: int
    rows: tuple[Row, ...]


def pack_looks(looks: Sequence[PackedLook]) -> bytes:
    """Pack looks: a head, one entry a look, then process ids and one column a metric over all rows."""
    rows = [row for look in looks for row in look.rows]
    parts = [_HEAD.pack(LAYOUT, len(looks), len(rows))]
    parts += [_LOOK.pack(look.seq, look.at_s, look.left_out, len(look.rows)) for look in looks]
    parts.append(_bytes_of(array("I", [process for process, _ in rows])))
    for metric in range(METRIC_COUNT):
        values = (values[metric] for _, values in rows)
        parts.append(_bytes_of(array("d", [math.nan if value is None else value for value in values])))
    return zlib.compress(b"".join(parts), LEVEL)


def unpack_looks(data: bytes, *, processes: int) -> list[PackedLook]:
    """Unpack looks; `processes` is how many ids there are.

    Raises:
        ChunkError: It is not what the layout asks for.
    """
    raw = inflate(data, _HEAD.size + MAX_LOOKS * _LOOK.size + MAX_ROWS * (4 + 8 * METRIC_COUNT))
    if len(raw) < _HEAD.size:
        raise ChunkError("a block of processes is too short")
    layout, looks, rows = _HEAD.unpack_from(raw)
    at = _HEAD.size + looks * _LOOK.size
    if layout != LAYOUT or looks > MAX_LOOKS or rows > MAX_ROWS or len(raw) != at + rows * (4 + 8 * METRIC_COUNT):
        raise ChunkError("a block of processes does not hold what it says")
    ids = array("I", raw[at : at + 4 * rows])
    at += 4 * rows
    columns = [array("d", raw[at + 8 * rows * i : at + 8 * rows * (i + 1)]) for i in range(METRIC_COUNT)]
    if sys.byteorder == "big":
        ids.byteswap()
        for column in columns:
            column.byteswap()
    if max(ids, default=-1) >= processes:
        raise ChunkError("a reading speaks of a process that the session does not hold")
    measured = zip(*([value if math.isfinite(value) else None for value in column] for column in columns), strict=True)
    lines = zip(ids, measured, strict=True)
    found: list[PackedLook] = []
    for seq, at_s, left_out, count in _LOOK.iter_unpack(raw[_HEAD.size : _HEAD.size + looks * _LOOK.size]):
        mine = tuple(islice(lines, count))
        if len(mine) != count or not math.isfinite(at_s):
            raise ChunkError("a look at processes does not hold what it says")
        found.append(PackedLook(seq, at_s, left_out, mine))
    if sum(len(look.rows) for look in found) != rows:
        raise ChunkError("a block of processes holds readings of no look")
    return found


def _bytes_of(column: array[int] | array[float]) -> bytes:
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()
