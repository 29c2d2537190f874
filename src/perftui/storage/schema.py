"""The tables of a session file: one SQLite database a session, with a fixed list of objects and a version."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from functools import cache

APPLICATION_ID = 0x50465455
"""`PFTU`, in the header of every session file."""
SCHEMA_VERSION = 6
FIRST_HEAP_VERSION = 2
"""Files of before hold nothing of memory."""
FIRST_VERSION_READ_AS_IT_IS = 3
"""Of older files a copy is brought up to date for reading; of these, what came later is simply not there."""
FIRST_OPERATIONS_VERSION = 4
FIRST_WAITS_VERSION = 5
"""Files of before hold no operations, nor what verdicts were held against."""
FIRST_APPLICATION_METRICS_VERSION = 6
SUFFIX = ".perftui"
PART_SUFFIX = ".perftui.part"
"""While it is recorded, and until a killed recording is recovered."""

SchemaObjects = frozenset[tuple[str, str, str]]
"""(type, name, SQL) of everything in a database."""

_TABLES: dict[str, str] = {
    "meta": "key TEXT PRIMARY KEY, value TEXT NOT NULL",
    "thread": "id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, tid INTEGER NOT NULL, name TEXT NOT NULL",
    "frame": "id INTEGER PRIMARY KEY, function TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL",
    # A trie: a stack is known by its leaf node. Node 0 is the root and is not stored.
    "node": "id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, frame INTEGER NOT NULL",
    # One row a window. `*_end` is how long the tables were once it was in, so that it can be read back as it was.
    "cpu_chunk": (
        "seq INTEGER PRIMARY KEY, start_s REAL NOT NULL, end_s REAL NOT NULL, interval_s REAL NOT NULL, "
        "samples INTEGER NOT NULL, failed INTEGER NOT NULL, late_s REAL NOT NULL, sampler_cpu_s REAL NOT NULL, "
        "approximate INTEGER NOT NULL, thread_end INTEGER NOT NULL, frame_end INTEGER NOT NULL, "
        "node_end INTEGER NOT NULL, data BLOB NOT NULL"
    ),
    "cpu_total": (
        "id INTEGER PRIMARY KEY, thread INTEGER NOT NULL, node INTEGER NOT NULL, weight REAL NOT NULL, "
        "count INTEGER NOT NULL"
    ),
    "series": "id INTEGER PRIMARY KEY, metric TEXT NOT NULL",
    "metric_chunk": "id INTEGER PRIMARY KEY, readings INTEGER NOT NULL, data BLOB NOT NULL",
    "look_thread": "id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, tid INTEGER NOT NULL, name TEXT NOT NULL",
    "look": "seq INTEGER PRIMARY KEY, at_s REAL NOT NULL, data BLOB NOT NULL",
    "event": (
        "seq INTEGER PRIMARY KEY, at_s REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, subject TEXT NOT NULL"
    ),
    "output": "seq INTEGER PRIMARY KEY, at_s REAL NOT NULL, data BLOB NOT NULL",
    "verdict": (
        "id INTEGER PRIMARY KEY, rule TEXT NOT NULL, subject TEXT NOT NULL, metric TEXT NOT NULL, unit TEXT NOT NULL, "
        "current REAL, warn REAL, fail REAL, verdict TEXT NOT NULL, reason TEXT NOT NULL, "
        "lower_is_better INTEGER NOT NULL, breached_at_s REAL"
    ),
    "integrity": "id INTEGER PRIMARY KEY, part TEXT NOT NULL, digest BLOB NOT NULL",
}
# What memray observed came with version 2.
_HEAP_TABLES: dict[str, str] = {
    "heap_frame": "id INTEGER PRIMARY KEY, function TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL",
    # `frame_end` is how many frames the session knew once the snapshot was in, `raw_bytes` the size of `data` inflated.
    "heap_snapshot": (
        "seq INTEGER PRIMARY KEY, view TEXT NOT NULL, pid INTEGER NOT NULL, at_s REAL NOT NULL, "
        "total_bytes INTEGER NOT NULL, allocations INTEGER NOT NULL, stacks INTEGER NOT NULL, exact INTEGER NOT NULL, "
        "reader_rss_bytes INTEGER NOT NULL, refresh_s REAL NOT NULL, frame_end INTEGER NOT NULL, "
        "raw_bytes INTEGER NOT NULL, data BLOB NOT NULL"
    ),
    "heap_timeline": "id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, points INTEGER NOT NULL, data BLOB NOT NULL",
    # A capture beside the session; figures that are not known are NULL.
    "attachment": (
        "id INTEGER PRIMARY KEY, kind TEXT NOT NULL, pid INTEGER NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, "
        "size_bytes INTEGER NOT NULL, complete INTEGER NOT NULL, high_watermark_bytes INTEGER, "
        "high_watermark_at_s REAL, total_allocated_bytes INTEGER, allocations INTEGER, leaked_bytes INTEGER, "
        "leaked_allocations INTEGER, stackless_bytes INTEGER, python_allocator TEXT NOT NULL, "
        "native INTEGER NOT NULL, pymalloc INTEGER NOT NULL, trouble TEXT NOT NULL"
    ),
}
# Single processes of the tree, and what was seen of source files, came with version 3.
_VERSION_3_TABLES: dict[str, str] = {
    # `told_seq` and `gone_seq` are the numbers of the looks that told of it first and found it gone.
    "process": (
        "id INTEGER PRIMARY KEY, told_seq INTEGER NOT NULL, gone_seq INTEGER, pid INTEGER NOT NULL, parent INTEGER, "
        "created_s REAL NOT NULL, ended_s REAL, exit_code INTEGER, name TEXT NOT NULL, command TEXT NOT NULL"
    ),
    "process_reading": "id INTEGER PRIMARY KEY, looks INTEGER NOT NULL, data BLOB NOT NULL",
    # `data` is the file itself, where it is kept.
    "source": (
        "id INTEGER PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, "
        "steady INTEGER NOT NULL, data BLOB"
    ),
}
# What benchmark tools measured, and what verdicts were held against, came with version 4.
_VERSION_4_TABLES: dict[str, str] = {
    # `data` holds all raw values, `value_count` of them in `run_count` runs; counts that nobody made are NULL.
    "operation": (
        "id INTEGER PRIMARY KEY, part_of TEXT NOT NULL, name TEXT NOT NULL, parameter TEXT NOT NULL, "
        "unit TEXT NOT NULL, run_count INTEGER NOT NULL, value_count INTEGER NOT NULL, weighted INTEGER NOT NULL, "
        "told TEXT NOT NULL, ok INTEGER, failed INTEGER, errors TEXT NOT NULL, work REAL, work_unit TEXT NOT NULL, "
        "lower_is_better INTEGER NOT NULL, tool TEXT NOT NULL, tool_version TEXT NOT NULL, data BLOB NOT NULL"
    ),
    # `id` is that of the verdict.
    "held_against": (
        "id INTEGER PRIMARY KEY, value REAL, unit TEXT NOT NULL, current REAL, ref TEXT NOT NULL, change_pct REAL, "
        "low_pct REAL, high_pct REAL, p REAL, baseline_runs INTEGER NOT NULL, current_runs INTEGER NOT NULL"
    ),
}
# Where threads wait came with version 5.
_VERSION_5_TABLES: dict[str, str] = {
    "wait_frame": "id INTEGER PRIMARY KEY, function TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL",
    # `data` holds the ids of frames, root first.
    "wait_stack": "id INTEGER PRIMARY KEY, data BLOB NOT NULL",
    # `seq` is that of the look.
    "wait": "seq INTEGER PRIMARY KEY, data BLOB NOT NULL",
}
# Application metrics came with version 6.
_VERSION_6_TABLES: dict[str, str] = {
    # `labels` are pairs, as JSON.
    "application_series": (
        "id INTEGER PRIMARY KEY, name TEXT NOT NULL, origin TEXT NOT NULL, kind TEXT NOT NULL, labels TEXT NOT NULL, "
        "unit TEXT NOT NULL"
    ),
    "application_chunk": "id INTEGER PRIMARY KEY, looks INTEGER NOT NULL, data BLOB NOT NULL",
}
# The only table that is looked up by a text key; everything else is read from its first row to its last.
_WITHOUT_ROWID = {"meta"}


def _statements(tables: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        f"CREATE TABLE {name}({columns}) STRICT{', WITHOUT ROWID' if name in _WITHOUT_ROWID else ''}"
        for name, columns in tables.items()
    )


HEAP_DDL = _statements(_HEAP_TABLES)
VERSION_3_DDL = _statements(_VERSION_3_TABLES)
VERSION_4_DDL = _statements(_VERSION_4_TABLES)
VERSION_5_DDL = _statements(_VERSION_5_TABLES)
VERSION_6_DDL = _statements(_VERSION_6_TABLES)
_SCHEMAS: dict[int, tuple[str, ...]] = {
    1: _statements(_TABLES),
    2: _statements(_TABLES) + HEAP_DDL,
    3: _statements(_TABLES) + HEAP_DDL + VERSION_3_DDL,
    4: _statements(_TABLES) + HEAP_DDL + VERSION_3_DDL + VERSION_4_DDL,
    5: _statements(_TABLES) + HEAP_DDL + VERSION_3_DDL + VERSION_4_DDL + VERSION_5_DDL,
    6: _statements(_TABLES) + HEAP_DDL + VERSION_3_DDL + VERSION_4_DDL + VERSION_5_DDL + VERSION_6_DDL,
}
"""Statements by version; a version that was once released stays here for as long as it can be read."""


def tables_of(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of the tables of a session file, whose objects were checked when it was opened."""
    return tuple(name for kind, name, _ in sorted(schema_objects(connection)) if kind == "table")


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version that a session file says it has."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def create_schema(connection: sqlite3.Connection, version: int = SCHEMA_VERSION) -> None:
    """Make the tables of a version in an empty database."""
    for statement in _SCHEMAS[version]:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={version}")


def schema_objects(connection: sqlite3.Connection, *, limit: int = 100) -> SchemaObjects:
    """Return what a database is made of; at most `limit` objects, which is more than any session file has."""
    query = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema LIMIT ?"
    return frozenset(connection.execute(query, (limit,)).fetchall())


@cache
def known_objects(version: int) -> SchemaObjects:
    """Return what a session file of a version is made of, and nothing else may be."""
    connection = sqlite3.connect(":memory:")
    try:
        create_schema(connection, version)
        return schema_objects(connection)
    finally:
        connection.close()
