"""Rows of a session's tables as they are read: each value of its type, keys that rise, ids without a gap."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from operator import itemgetter, lt
from types import NoneType
from typing import Any

Row = tuple[Any, ...]
Kind = type | tuple[type, ...]
"""The type of a column's values, or those that they may have."""
MAYBE_NUMBER: Kind = (float, NoneType)
MAYBE_WHOLE: Kind = (int, NoneType)
_FEW, _MANY = 8, 2_048
"""Rows that are read at once; few of those that may be as large as they like."""
_without_id = itemgetter(slice(1, None))


def dense_rows(
    connection: sqlite3.Connection,
    table: str,
    columns: str,
    kinds: Sequence[Kind],
    most: int,
    *,
    first: int | None = 0,
) -> Iterator[Row]:
    """Yield the rows of a table whose ids run from `first` (or from anywhere) without a gap, without the ids."""
    seen = 0
    for batch in _batches(connection, table, f"id, {columns}", (int, *kinds), most):
        if first is not None:
            expected = range(first + seen, first + seen + len(batch))
            if (ids := [row[0] for row in batch]) != list(expected):
                lacking = next(number for number, found in zip(expected, ids, strict=True) if number != found)
                raise ValueError(f"table {table} lacks the row {lacking}")
        seen += len(batch)
        yield from map(_without_id, batch)


def ordered_rows(
    connection: sqlite3.Connection, table: str, columns: str, kinds: Sequence[Kind], most: int
) -> Iterator[Row]:
    """Yield rows by rising key, each value of its type.

    Rows are never counted beforehand: a damaged file can make SQLite count without an end, but its keys rise no longer.
    """
    for batch in _batches(connection, table, columns, kinds, most):
        yield from batch


def _batches(
    connection: sqlite3.Connection, table: str, columns: str, kinds: Sequence[Kind], most: int
) -> Iterator[list[Row]]:
    """Yield rows many at once: whole columns are checked in a fraction of the time that each value takes."""
    cursor = connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1")
    seen, last = 0, None
    size = _FEW if any(kind is bytes or (isinstance(kind, tuple) and bytes in kind) for kind in kinds) else _MANY
    while batch := cursor.fetchmany(size):
        seen += len(batch)
        if seen > most:
            raise ValueError(f"table {table} has more than {most} rows")
        by_column = list(zip(*batch, strict=True))
        _check_types(table, by_column, kinds)
        keys = by_column[0]
        if (last is not None and keys[0] <= last) or not all(map(lt, keys, keys[1:])):
            raise ValueError(f"table {table} is out of order")
        last = keys[-1]
        yield batch


def _check_types(table: str, by_column: Sequence[tuple[Any, ...]], kinds: Sequence[Kind]) -> None:
    for values, kind in zip(by_column, kinds, strict=True):
        found = set(map(type, values))
        if not found <= (set(kind) if isinstance(kind, tuple) else {kind}):
            raise ValueError(f"table {table} holds a value of the wrong type")
        numbers = values if found == {float} else [value for value in values if isinstance(value, float)]
        if float in found and not all(map(math.isfinite, numbers)):
            raise ValueError(f"table {table} holds a number that is none")
