"""Application metrics in a session file: a table of series, and blocks of what they were, read as nobody's word."""

from __future__ import annotations

import json
import math
import sqlite3
import struct
import sys
import zlib
from array import array
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from perftui.model.derivation import DERIVED, MOST_DERIVED
from perftui.model.series import Series, SeriesKind, SeriesValues, is_value
from perftui.storage.chunks import LAYOUT, LEVEL, ChunkError, inflate
from perftui.storage.rows import dense_rows
from perftui.storage.stored_text import storable
from perftui.units import Unit

MOST_SERIES = 2_000
MOST_VALUES = 20_000_000
"""Of a session: a hundred series, read every five seconds for more than a week."""
LOOKS_A_BLOCK = 128
VALUES_A_BLOCK = 2_048
"""The last block is written again with every commit until it is full; so it is kept small."""
MOST_WAITING = 200_000
"""Values that wait while the disk refuses; then the oldest go."""
_MOST_LOOKS = 4_096
_MOST_VALUES = 65_536
"""Of one block."""
_MOST_LABELS = 64
_MOST_LEFT_OUT = 10_000
_LONGEST_LABELS = 16_384
_HEAD = struct.Struct("<BxxxII")
_LOOK = struct.Struct("<qdI")

Row = tuple[int, float]
"""(id of the series, value)."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What some series were at one moment, by their ids."""

    seq: int
    at_s: float
    rows: tuple[Row, ...]


class SeriesShelf:
    """Application metrics that wait for the next commit; nothing here touches the disk but `store`."""

    def __init__(self, next_seq: Callable[[], int]) -> None:
        self._next_seq = next_seq
        self._ids: dict[Series, int] = {}
        self._left_out: set[Series] = set()
        self._new: list[tuple[int, Series]] = []
        self._looks: deque[_Look] = deque()
        self._waiting = self._taken = 0
        self._block: list[_Look] = []
        self._block_id = 0
        self._next: tuple[list[_Look], int] = ([], 0)

    @property
    def left_out(self) -> int:
        """Series that a session does not hold: too many came before, or they cannot be read back."""
        return len(self._left_out)

    @property
    def has_news(self) -> bool:
        """Whether anything waits."""
        return bool(self._looks)

    def add(self, values: SeriesValues) -> None:
        """Take what some series were; what is beyond the bounds of a session is left out."""
        rows = [
            (number, float(value))
            for series, value in values.values[:_MOST_VALUES]
            if is_value(value) and (number := self._id(series)) is not None
        ]
        if not rows or not math.isfinite(values.at_s) or self._taken + len(rows) > MOST_VALUES:
            return
        self._looks.append(_Look(self._next_seq(), values.at_s, tuple(rows)))
        self._taken += len(rows)
        self._waiting += len(rows)
        while self._waiting > MOST_WAITING and len(self._looks) > 1:
            self._waiting -= len(self._looks.popleft().rows)

    def store(self, connection: sqlite3.Connection) -> None:
        """Store what waits, inside the caller's transaction; it waits on until `forget_stored`."""
        connection.executemany(
            "INSERT INTO application_series VALUES(?, ?, ?, ?, ?, ?)", [_row(*named) for named in self._new]
        )
        block, block_id, unsaved = self._block, self._block_id, False
        for look in self._looks:
            if _is_full(block, look):
                if unsaved:
                    _store_block(connection, block_id, block)
                block, block_id = [], block_id + 1
            block, unsaved = [*block, look], True
        if unsaved:
            _store_block(connection, block_id, block)
        self._next = block, block_id

    def forget_stored(self) -> None:
        """Let go of what is safely stored."""
        if self._looks:
            self._block, self._block_id = self._next
        self._new.clear()
        self._looks.clear()
        self._waiting = 0

    def _id(self, series: Series) -> int | None:
        number = self._ids.get(series)
        if number is not None:
            return number
        most = MOST_SERIES if series.origin == DERIVED else MOST_SERIES - MOST_DERIVED
        if len(self._ids) < most and _is_storable(series):
            number = self._ids[series] = len(self._ids)
            self._new.append((number, series))
        elif len(self._left_out) < _MOST_LEFT_OUT:
            self._left_out.add(series)
        return number


class StoredSeries(Collection[SeriesValues]):
    """The application metrics of a saved session, still packed: each iteration unpacks them, block after block."""

    def __init__(self, series: Sequence[Series], blocks: Sequence[tuple[int, bytes]]) -> None:
        """Take blocks as (number of looks, data) that were checked before."""
        self.named = tuple(series)
        """The series, in the order of first sight."""
        self._blocks = tuple(blocks)

    def __len__(self) -> int:
        return sum(looks for looks, _ in self._blocks)

    def __iter__(self) -> Iterator[SeriesValues]:
        return (values for _, values in self.numbered())

    def __contains__(self, values: object) -> bool:
        return any(each == values for each in self)

    def numbered(self) -> Iterator[tuple[int, SeriesValues]]:
        """Yield them with the number under which each was stored."""
        for _, data in self._blocks:
            for look in _unpacked(data, series=len(self.named)):
                yield look.seq, SeriesValues(look.at_s, tuple((self.named[i], value) for i, value in look.rows))


NO_SERIES = StoredSeries((), ())


def read_series(connection: sqlite3.Connection) -> StoredSeries:
    """Read the application metrics; raises `ValueError` for what no writer stores."""
    rows = dense_rows(
        connection, "application_series", "name, origin, kind, labels, unit", (str, str, str, str, str), MOST_SERIES
    )
    named = [_series_of(*row) for row in rows]
    if len(set(named)) != len(named):
        raise ValueError("a series stands in it twice")
    blocks = list(dense_rows(connection, "application_chunk", "looks, data", (int, bytes), MOST_VALUES))
    last, values = -1, 0
    for looks, data in blocks:
        unpacked = _unpacked(data, series=len(named))
        numbers = [last, *(look.seq for look in unpacked)]
        values += sum(len(look.rows) for look in unpacked)
        if len(unpacked) != looks or values > MOST_VALUES or not all(a < b for a, b in pairwise(numbers)):
            raise ChunkError("a block of application metrics does not hold what it says")
        last = numbers[-1]
    return StoredSeries(named, blocks)


def _is_full(block: Sequence[_Look], coming: _Look) -> bool:
    values = sum(len(look.rows) for look in block)
    return bool(block) and (len(block) >= LOOKS_A_BLOCK or values + len(coming.rows) > VALUES_A_BLOCK)


def _store_block(connection: sqlite3.Connection, block_id: int, block: Sequence[_Look]) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO application_chunk(id, looks, data) VALUES(?, ?, ?)",
        (block_id, len(block), _packed(block)),
    )


def _packed(looks: Sequence[_Look]) -> bytes:
    """Pack looks: a head, one entry a look, then the ids and the values of all of them."""
    rows = [row for look in looks for row in look.rows]
    ids, values = array("I", [i for i, _ in rows]), array("d", [value for _, value in rows])
    if sys.byteorder == "big":
        ids.byteswap()
        values.byteswap()
    parts = [_HEAD.pack(LAYOUT, len(looks), len(rows))]
    parts += [_LOOK.pack(look.seq, look.at_s, len(look.rows)) for look in looks]
    return zlib.compress(b"".join((*parts, ids.tobytes(), values.tobytes())), LEVEL)


def _unpacked(data: bytes, *, series: int) -> list[_Look]:
    raw = inflate(data, _HEAD.size + _MOST_LOOKS * _LOOK.size + _MOST_VALUES * 12)
    if len(raw) < _HEAD.size:
        raise ChunkError("a block of application metrics is too short")
    layout, looks, rows = _HEAD.unpack_from(raw)
    ids_at = _HEAD.size + looks * _LOOK.size
    if layout != LAYOUT or looks > _MOST_LOOKS or rows > _MOST_VALUES or len(raw) != ids_at + 12 * rows:
        raise ChunkError("a block of application metrics does not hold what it says")
    ids, values = array("I", raw[ids_at : ids_at + 4 * rows]), array("d", raw[ids_at + 4 * rows :])
    if sys.byteorder == "big":
        ids.byteswap()
        values.byteswap()
    if max(ids, default=-1) >= series or not all(map(is_value, values)):
        raise ChunkError("a block of application metrics holds what the session does not know")
    pairs, at = list(zip(ids, values, strict=True)), 0
    found = []
    for seq, at_s, count in _LOOK.iter_unpack(raw[_HEAD.size : ids_at]):
        if not math.isfinite(at_s) or at + count > rows:
            raise ChunkError("a look at application metrics does not hold what it says")
        found.append(_Look(seq, at_s, tuple(pairs[at : at + count])))
        at += count
    if at != rows:
        raise ChunkError("a block of application metrics holds values of no moment")
    return found


def _is_storable(series: Series) -> bool:
    """Whether a series can be read back as itself: texts without halves of characters, and of a bounded length."""
    texts = (series.name, series.origin, *(text for label in series.labels for text in label))
    return (
        all(storable(text) == text for text in texts)
        and len(series.labels) <= _MOST_LABELS
        and sum(map(len, texts)) <= _LONGEST_LABELS
    )


def _row(number: int, series: Series) -> tuple[object, ...]:
    labels = json.dumps(series.labels, ensure_ascii=False, separators=(",", ":"))
    return number, series.name, series.origin, series.kind.value, labels, series.unit.value


def _series_of(name: str, origin: str, kind: str, labels: str, unit: str) -> Series:
    try:
        pairs = json.loads(labels)
    except RecursionError:
        raise ValueError("labels of a series are none") from None
    if not isinstance(pairs, list) or len(pairs) > _MOST_LABELS or not all(map(_is_label, pairs)):
        raise ValueError("labels of a series are none")
    return Series(name, origin, SeriesKind(kind), tuple((key, value) for key, value in pairs), Unit(unit))


def _is_label(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
