"""The table of operations: packing raw values, storing, and reading rows that nobody vouches for."""

from __future__ import annotations

import json
import math
import sqlite3
import struct
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any

from perftui.model.operation import MOST_OPERATIONS, MOST_RUNS, MOST_VALUES, TOLD, Operation
from perftui.storage.chunks import LEVEL, ChunkError, inflate
from perftui.storage.rows import MAYBE_WHOLE, Kind, Row, dense_rows
from perftui.storage.stored_text import storable
from perftui.units import Unit

_MOST_ERRORS = 1_000
_LONGEST = 1 << 20
_HEAD = struct.Struct("<B7x")
_LAYOUT = 1
_COLUMNS = (
    "part_of, name, parameter, unit, run_count, value_count, weighted, told, ok, failed, errors, work, work_unit, "
    "lower_is_better, tool, tool_version, data"
)
_KINDS: tuple[Kind, ...] = (
    str, str, str, str, int, int, int, str, MAYBE_WHOLE, MAYBE_WHOLE, str, (float, NoneType), str, int, str, str, bytes,
)  # fmt: skip


def store_operations(connection: sqlite3.Connection, operations: Sequence[Operation]) -> None:
    """Replace the operations that are stored, inside the caller's transaction."""
    connection.execute("DELETE FROM operation")
    marks = ", ".join("?" * (len(_KINDS) + 1))
    connection.executemany(f"INSERT INTO operation VALUES({marks})", map(_row_of, range(len(operations)), operations))


def read_operations(connection: sqlite3.Connection) -> tuple[Operation, ...]:
    """Read the operations of a session with all their raw values."""
    operations: list[Operation] = []
    values = 0
    for row in dense_rows(connection, "operation", _COLUMNS, _KINDS, MOST_OPERATIONS):
        values += row[5]
        if not (0 <= row[4] <= min(MOST_RUNS, row[5]) and row[5] >= 0 and values <= MOST_VALUES):
            raise ValueError("its operations have an impossible number of values")
        operations.append(_operation(row))
    return tuple(operations)


def pack_values(runs: Sequence[Sequence[float]], weights: Sequence[Sequence[int]]) -> bytes:
    """Pack the length of each run, then all values, then all weights: little-endian columns of eight bytes."""
    lengths = array("Q", map(len, runs))
    values = array("d", [value for run in runs for value in run])
    counts = array("Q", [weight for run in weights for weight in run])
    return zlib.compress(
        _HEAD.pack(_LAYOUT) + _little_endian(lengths) + _little_endian(values) + _little_endian(counts), LEVEL
    )


def unpack_values(
    data: bytes, *, runs: int, values: int, weighted: bool
) -> tuple[tuple[tuple[float, ...], ...], tuple[tuple[int, ...], ...]]:
    """Unpack (runs, weights) of so many runs and values.

    Raises:
        ChunkError: They are not what was packed.
    """
    size = _HEAD.size + 8 * (runs + values * (2 if weighted else 1))
    raw = inflate(data, size)
    if len(raw) != size or raw[0] != _LAYOUT:
        raise ChunkError("an operation does not hold the values that it says")
    lengths = _column("Q", raw, _HEAD.size, runs)
    numbers = _column("d", raw, _HEAD.size + 8 * runs, values)
    counts = _column("Q", raw, _HEAD.size + 8 * (runs + values), values) if weighted else []
    if sum(lengths) != values or 0 in lengths or not all(map(math.isfinite, numbers)):
        raise ChunkError("an operation holds a value that is none")
    if any(not 0 < count < 1 << 62 for count in counts):
        raise ChunkError("an operation holds a value of no execution")
    return _cut(numbers, lengths), _cut(counts, lengths) if weighted else ()


def _row_of(number: int, operation: Operation) -> Row:
    runs = [run for run in operation.runs if run]
    weights = [run for run in operation.weights if run]
    told = {name: value for name, value in operation.told.items() if name in TOLD and math.isfinite(value)}
    return (
        number, storable(operation.group), storable(operation.name), storable(operation.parameter),
        operation.unit.value, len(runs), sum(map(len, runs)), int(bool(weights)), json.dumps(told),
        operation.ok, operation.failed, json.dumps({storable(text): count for text, count in operation.errors.items()}),
        None if operation.work is None else float(operation.work), operation.work_unit.value,
        int(operation.lower_is_better), storable(operation.tool), storable(operation.tool_version),
        pack_values(runs, weights),
    )  # fmt: skip


def _operation(row: Row) -> Operation:
    (
        group, name, parameter, unit, run_count, value_count, weighted, told, ok, failed, errors, work, work_unit,
        lower_is_better, tool, tool_version, data,
    ) = row  # fmt: skip
    if (ok or 0) < 0 or (failed or 0) < 0:
        raise ValueError("an operation has counted less than nothing")
    runs, weights = unpack_values(data, runs=run_count, values=value_count, weighted=bool(weighted))
    return Operation(
        group=group,
        name=name,
        parameter=parameter,
        unit=Unit(unit),
        runs=runs,
        weights=weights,
        told=_told(told),
        ok=ok,
        failed=failed,
        errors=_errors(errors),
        work=work,
        work_unit=Unit(work_unit),
        lower_is_better=bool(lower_is_better),
        tool=tool,
        tool_version=tool_version,
    )


def _told(text: str) -> Mapping[str, float]:
    told = _object(text)
    for name, value in told.items():
        if name not in TOLD or type(value) not in (int, float) or not math.isfinite(value):
            raise ValueError("a figure that a tool told is none")
    return {name: float(value) for name, value in told.items()}


def _errors(text: str) -> Mapping[str, int]:
    errors = _object(text)
    if len(errors) > _MOST_ERRORS or any(type(count) is not int or count < 0 for count in errors.values()):
        raise ValueError("an operation has counted errors that are none")
    return errors


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text) if len(text) <= _LONGEST else None
    if not isinstance(found, dict):
        raise ValueError("an operation is not readable")
    return found


def _column(kind: str, raw: bytes, at: int, count: int) -> list[Any]:
    column = array(kind)
    column.frombytes(raw[at : at + 8 * count])
    if sys.byteorder == "big":
        column.byteswap()
    return column.tolist()


def _little_endian(column: array[Any]) -> bytes:
    if sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    return column.tobytes()


def _cut(values: Sequence[Any], lengths: Sequence[int]) -> tuple[tuple[Any, ...], ...]:
    runs, at = [], 0
    for length in lengths:
        runs.append(tuple(values[at : at + length]))
        at += length
    return tuple(runs)
