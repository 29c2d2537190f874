"""Rows of a session's tables as they are read: each value of its type, keys that rise, ids without a gap."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Any

Row = tuple[Any, ...]
Kind = type | tuple[type, ...]
"""The type of a column's values, or those that they may have."""
MAYBE_NUMBER: Kind = (float, NoneType)
MAYBE_WHOLE: Kind = (int, NoneType)


def dense_rows(
    connection: sqlite3.Connection,
    table: str,
    columns: str,
    kinds: Sequence[Kind],
    most: int,
    *,
    first: int | None = 0,
) -> list[Row]:
    """Return the rows of a table whose ids run from `first` (or from anywhere) without a gap, without the ids."""
    rows: list[Row] = []
    for expected, row in enumerate(
        ordered_rows(connection, table, f"id, {columns}", (int, *kinds), most), start=first or 0
    ):
        if first is not None and row[0] != expected:
            raise ValueError(f"table {table} lacks the row {expected}")
        rows.append(row[1:])
    return rows


def ordered_rows(
    connection: sqlite3.Connection, table: str, columns: str, kinds: Sequence[Kind], most: int
) -> Iterator[Row]:
    """Yield rows by rising key, each value of its type.

    Rows are never counted beforehand: a damaged file can make SQLite count without an end, but its keys rise no longer.
    """
    last: int | None = None
    rows = connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1")
    for number, row in enumerate(rows):
        if number >= most:
            raise ValueError(f"table {table} has more than {most} rows")
        for value, kind in zip(row, kinds, strict=True):
            if type(value) is not kind and not (isinstance(kind, tuple) and type(value) in kind):
                raise ValueError(f"table {table} holds a value of the wrong type")
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"table {table} holds a number that is none")
        if last is not None and row[0] <= last:
            raise ValueError(f"table {table} is out of order")
        last = row[0]
        yield row
