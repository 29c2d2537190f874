"""Blobs of a session file: samples, readings and looks packed in columns, little-endian, zlib around them.

Every blob begins with its layout's version. Whoever unpacks one says how big it may be: a blob is never trusted.
"""

from __future__ import annotations

import math
import struct
import sys
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import fields
from typing import Literal, TypeAlias

from perftui.model.reading import ResourceReading
from perftui.model.sample import ThreadLook

LAYOUT = 1
LEVEL = 6
"""Of zlib: 9 costs three times as much and saves one percent."""
MAX_THREADS = 65_536
MAX_READINGS = 4_096
MAX_SERIES = 256
METRICS = tuple(field.name for field in fields(ResourceReading) if field.name != "at_s")

_CPU_HEAD = struct.Struct("<BxxxI")
_CPU_THREAD = struct.Struct("<II")
_METRIC_HEAD = struct.Struct("<BxHI")
_LOOK_HEAD = struct.Struct("<BxxxI")
_LOOK_THREAD = struct.Struct("<IB")
_ACTIVE, _HOLDS_GIL = 1, 2

Samples: TypeAlias = "tuple[tuple[int, array[int]], ...]"


class ChunkError(ValueError):
    """A blob is not what its layout asks for."""


def pack_samples(samples: Samples) -> bytes:
    """Pack (thread id, leaf nodes in the order of time): a head, one entry a thread, then all leaves."""
    parts = [_CPU_HEAD.pack(LAYOUT, len(samples))]
    parts += [_CPU_THREAD.pack(thread, len(leaves)) for thread, leaves in samples]
    parts += [_little_endian(leaves) for _, leaves in samples]
    return zlib.compress(b"".join(parts), LEVEL)


def unpack_samples(data: bytes, *, samples: int, threads: int, nodes: int) -> Samples:
    """Unpack the samples of a window; `samples` is how many, `threads` and `nodes` how many ids there are."""
    raw = inflate(data, _CPU_HEAD.size + MAX_THREADS * _CPU_THREAD.size + 4 * samples)
    at, count = _head(_CPU_HEAD, raw)
    leaves_at = at + count * _CPU_THREAD.size
    if count > MAX_THREADS or len(raw) != leaves_at + 4 * samples:
        raise ChunkError("a window does not hold the samples that it says")
    unpacked: list[tuple[int, array[int]]] = []
    for thread, number in _CPU_THREAD.iter_unpack(raw[at:leaves_at]):
        leaves = array("I")
        leaves.frombytes(raw[leaves_at : leaves_at + 4 * number])
        _swap_big_endian(leaves)
        leaves_at += 4 * number
        if thread >= threads or len(leaves) != number or max(leaves, default=0) >= nodes:
            raise ChunkError("a window speaks of threads or stacks that the session does not hold")
        unpacked.append((thread, leaves))
    if leaves_at != len(raw):
        raise ChunkError("a window holds samples of no thread")
    return tuple(unpacked)


def pack_readings(readings: Sequence[tuple[int, ResourceReading]]) -> bytes:
    """Pack (sequence number, reading): numbers, times, then one column a metric, NaN where it was not measured."""
    numbers = array("q", [seq for seq, _ in readings])
    columns = [array("d", [reading.at_s for _, reading in readings])]
    used = [metric for metric in METRICS if any(getattr(reading, metric) is not None for _, reading in readings)]
    for metric in used:
        values = [getattr(reading, metric) for _, reading in readings]
        columns.append(array("d", [math.nan if value is None else value for value in values]))
    series = array("H", [METRICS.index(metric) for metric in used])
    parts = [_METRIC_HEAD.pack(LAYOUT, len(series), len(readings))]
    parts += [_little_endian(series), _little_endian(numbers), *map(_little_endian, columns)]
    return zlib.compress(b"".join(parts), LEVEL)


def unpack_readings(data: bytes, *, readings: int, series: Sequence[str]) -> list[tuple[int, ResourceReading]]:
    """Unpack readings; `series` are the metrics by id, of which those that this program does not know are left out."""
    if not 0 <= readings <= MAX_READINGS:
        raise ChunkError("a block of readings is too long")
    raw = inflate(data, _METRIC_HEAD.size + MAX_SERIES * (2 + 8 * readings) + 16 * readings)
    if len(raw) < _METRIC_HEAD.size:
        raise ChunkError("a block of readings is too short")
    layout, columns, count = _METRIC_HEAD.unpack_from(raw)
    if layout != LAYOUT or count != readings or columns > MAX_SERIES:
        raise ChunkError("a block of readings has an unknown layout")
    if len(raw) != _METRIC_HEAD.size + 2 * columns + 8 * count * (2 + columns):
        raise ChunkError("a block of readings does not hold what it says")
    at = _METRIC_HEAD.size
    ids = _whole_column("H", raw, at, columns)
    numbers = _whole_column("q", raw, at := at + 2 * columns, count)
    times = _column(raw, at := at + 8 * count, count)
    if not all(map(math.isfinite, times)):
        raise ChunkError("a reading has no time")
    measured: list[dict[str, float]] = [{} for _ in range(count)]
    for series_id in ids:
        at += 8 * count
        metric = series[series_id] if series_id < len(series) else ""
        if metric not in METRICS:
            continue
        for row, value in zip(measured, _column(raw, at, count), strict=True):
            if math.isfinite(value):
                row[metric] = value
    return [(seq, ResourceReading(at_s=at_s, **row)) for seq, at_s, row in zip(numbers, times, measured, strict=True)]


def pack_looks(looks: Sequence[tuple[int, ThreadLook]]) -> bytes:
    """Pack (thread id, look): the id and two flags."""
    rows = [_LOOK_THREAD.pack(i, _ACTIVE * look.active | _HOLDS_GIL * look.holds_gil) for i, look in looks]
    return zlib.compress(_LOOK_HEAD.pack(LAYOUT, len(rows)) + b"".join(rows), LEVEL)


def unpack_looks(data: bytes, *, threads: int) -> list[tuple[int, bool, bool]]:
    """Unpack (thread id, active, holds the GIL); `threads` is how many ids there are."""
    raw = inflate(data, _LOOK_HEAD.size + MAX_THREADS * _LOOK_THREAD.size)
    at, count = _head(_LOOK_HEAD, raw)
    if len(raw) != at + count * _LOOK_THREAD.size:
        raise ChunkError("a look does not hold the threads that it says")
    rows = [(i, bool(flags & _ACTIVE), bool(flags & _HOLDS_GIL)) for i, flags in _LOOK_THREAD.iter_unpack(raw[at:])]
    if any(i >= threads for i, _, _ in rows):
        raise ChunkError("a look speaks of threads that the session does not hold")
    return rows


def inflate(data: bytes, limit: int) -> bytes:
    """Decompress a whole zlib stream of at most `limit` bytes."""
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise ChunkError(f"compressed data is damaged ({error})") from None
    if len(raw) > limit or not stream.eof or stream.unused_data:
        raise ChunkError("compressed data is longer or shorter than it says")
    return raw


def _head(layout: struct.Struct, raw: bytes) -> tuple[int, int]:
    if len(raw) < layout.size:
        raise ChunkError("a block is too short")
    version, count = layout.unpack_from(raw)
    if version != LAYOUT:
        raise ChunkError(f"a block has the unknown layout {version}")
    return layout.size, int(count)


def _column(raw: bytes, at: int, count: int) -> array[float]:
    column = array("d")
    column.frombytes(raw[at : at + 8 * count])
    _swap_big_endian(column)
    return column


def _whole_column(code: Literal["H", "q"], raw: bytes, at: int, count: int) -> array[int]:
    column = array(code)
    column.frombytes(raw[at : at + column.itemsize * count])
    _swap_big_endian(column)
    return column


def _little_endian(column: array[int] | array[float]) -> bytes:
    if sys.byteorder == "little":
        return column.tobytes()
    turned = array(column.typecode, column)
    turned.byteswap()
    return turned.tobytes()


def _swap_big_endian(column: array[int] | array[float]) -> None:
    if sys.byteorder == "big":
        column.byteswap()
