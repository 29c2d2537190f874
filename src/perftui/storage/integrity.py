"""The integrity table: a digest of every table, and one of the file itself, so that no flipped bit goes unnoticed."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

from perftui.storage.schema import TABLES

_BATCH = 1_000
"""Rows that are hashed at once; part of the file format, for the digest depends on it."""
_BLOCK = 1 << 20
_FILE = "file"
_UNSEALED = b"unsealed"
_DIGEST_BYTES = 32
# Where the header of an SQLite file counts its changes, and where it says which count its size is valid for.
_CHANGE_COUNTERS = ((24, 28), (92, 96))
_PARTS = tuple(table for table in TABLES if table != "integrity")


def write_digests(connection: sqlite3.Connection) -> None:
    """Write the digest of every table and an open place for the file's, inside the caller's transaction."""
    connection.execute("DELETE FROM integrity")
    rows = [(table, table_digest(connection, table)) for table in _PARTS]
    # The random bytes make the place findable in the file.
    place = _UNSEALED + os.urandom(_DIGEST_BYTES - len(_UNSEALED))
    connection.executemany("INSERT INTO integrity(part, digest) VALUES(?, ?)", [*rows, (_FILE, place)])


def renew_digest(connection: sqlite3.Connection, table: str) -> None:
    """Bring the digest of one table up to date and open the file's, inside the caller's transaction."""
    connection.execute("UPDATE integrity SET digest=? WHERE part=?", (table_digest(connection, table), table))
    place = _UNSEALED + os.urandom(_DIGEST_BYTES - len(_UNSEALED))
    connection.execute("UPDATE integrity SET digest=? WHERE part=?", (place, _FILE))


def table_digest(connection: sqlite3.Connection, table: str) -> bytes:
    """Return the SHA-256 of all rows of a table in the order of its key."""
    digest = hashlib.sha256()
    rows = connection.execute(f"SELECT * FROM {table} ORDER BY 1")
    # `ascii` of a row is the same on every Python; `repr` is not, for it follows the Unicode tables.
    while batch := rows.fetchmany(_BATCH):
        digest.update(ascii(batch).encode("ascii"))
    return digest.digest()


def seal(connection: sqlite3.Connection, path: Path) -> None:
    """Write the digest of the whole file into the file, where it counts as zeros.

    Needs a file without a write-ahead log and nobody else who writes it. The write itself counts up the file's change
    counters, so the digest is taken of the file as it will be.
    """
    found = connection.execute("SELECT id, digest FROM integrity WHERE part=?", (_FILE,)).fetchone()
    if found is None or len(found[1]) != _DIGEST_BYTES:
        return
    row, place = found
    data = _digest_of_file(path, place, changes=1)
    with connection.blobopen("integrity", "digest", row) as blob:
        blob.write(data)


def damages(connection: sqlite3.Connection, path: Path) -> list[str]:
    """Return what in a finished file is not as it was written, one sentence each."""
    stored = {str(part): digest for part, digest in connection.execute("SELECT part, digest FROM integrity LIMIT 100")}
    if not stored:
        return ["the session was never finished, so nothing vouches for its tables"]
    troubles = [
        f"table {table} is not as it was written"
        for table in _PARTS
        if stored.get(table) != table_digest(connection, table)
    ]
    seal_digest = stored.get(_FILE)
    if not isinstance(seal_digest, bytes) or len(seal_digest) != _DIGEST_BYTES:
        troubles.append("the file's own digest is missing")
    elif not seal_digest.startswith(_UNSEALED) and _digest_of_file(path, seal_digest, changes=0) != seal_digest:
        troubles.append("the file is not byte for byte as it was written")
    return troubles


def _digest_of_file(path: Path, place: bytes, *, changes: int) -> bytes:
    """Return the SHA-256 of a file with the place of the digest as zeros and the change counters ahead by `changes`."""
    content = bytearray(path.read_bytes())
    for start, end in _CHANGE_COUNTERS:
        ahead = (int.from_bytes(content[start:end], "big") + changes) & 0xFFFFFFFF
        content[start:end] = ahead.to_bytes(4, "big")
    at = content.find(place)
    if at >= 0:
        content[at : at + _DIGEST_BYTES] = bytes(_DIGEST_BYTES)
    return hashlib.sha256(content).digest()
