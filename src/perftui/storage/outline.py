"""The outline of a finished session: its stacks with what each weighs in all, not when and in which thread it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from perftui.model.session import SessionMeta, SessionState
from perftui.storage.connection import connect_reading, reading
from perftui.storage.meta_table import meta_of, read_facts
from perftui.storage.schema import SCHEMA_VERSION, version_of
from perftui.storage.tables import MOST_NODES, StackTables, read_stack_tables


@dataclass(frozen=True, slots=True)
class Outline:
    """What a first picture is drawn from."""

    meta: SessionMeta
    tables: StackTables
    weights: tuple[tuple[int, float, int], ...]
    """(node, weight, count) of all threads together."""


def read_outline(path: Path) -> Outline | None:
    """Return the outline of a session, in a fraction of the time that opening it takes; None where it has none.

    A recording that was cut off has none, and one of an older file format; opening tells whatever is wrong with a file.

    Raises:
        SessionError: It is not a session, or damaged.
        NoDataError: There is no such file.
    """
    connection = connect_reading(path)
    try:
        with reading(path):
            if version_of(connection) != SCHEMA_VERSION:
                return None
            meta = meta_of(read_facts(connection))
            if meta.state is not SessionState.COMPLETE:
                return None
            tables = read_stack_tables(connection)
            # A damaged file can make SQLite count without an end, so it is told where to end.
            rows = connection.execute(
                "SELECT node, SUM(weight), SUM(count) FROM"
                f" (SELECT node, weight, count FROM cpu_total LIMIT {MOST_NODES}) GROUP BY node"
            ).fetchmany(len(tables.nodes) + 2)
    finally:
        connection.close()
    for node, weight, count in rows:
        if not (
            type(node) is int and 0 <= node <= len(tables.nodes) and type(weight) is float and type(count) is int
        ) or not (0 <= weight < float("inf") and count >= 0):
            return None
    return Outline(meta, tables, tuple(rows)) if rows else None
