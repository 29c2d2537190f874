"""The integrity table: a digest of every table, and one of the file itself, so that no flipped bit goes unnoticed."""

from __future__ import annotations

import hashlib
import os
import sqlite3

from perftui.storage.schema import tables_of

_BATCH = 1_000
"""Rows that are hashed at once; part of the file format, for the digest depends on it."""
_BATCH_OF_LARGE_ROWS = 16
_LARGE_ROWS = {"heap_snapshot", "heap_timeline", "operation", "source"}
_AT_ONCE = 8
"""Rows that are held at once, a part of both batches: a thousand windows of samples would be tens of megabytes."""
_FILE = "file"
_UNSEALED = b"unsealed"
_DIGEST_BYTES = 32
# Where the header of an SQLite file counts its changes, and where it says which count its size is valid for.
_CHANGE_COUNTERS = ((24, 28), (92, 96))


def write_digests(connection: sqlite3.Connection) -> None:
    """Write the digest of every table and an open place for the file's, inside the caller's transaction."""
    connection.execute("DELETE FROM integrity")
    rows = [(table, table_digest(connection, table)) for table in _parts(connection)]
    # The random bytes make the place findable in the file.
    place = _UNSEALED + os.urandom(_DIGEST_BYTES - len(_UNSEALED))
    connection.executemany("INSERT INTO integrity(part, digest) VALUES(?, ?)", [*rows, (_FILE, place)])


def renew_digests(connection: sqlite3.Connection, *tables: str) -> None:
    """Bring the digests of some tables up to date and open the file's, inside the caller's transaction."""
    for table in tables:
        connection.execute("UPDATE integrity SET digest=? WHERE part=?", (table_digest(connection, table), table))
    place = _UNSEALED + os.urandom(_DIGEST_BYTES - len(_UNSEALED))
    connection.execute("UPDATE integrity SET digest=? WHERE part=?", (place, _FILE))


def table_digest(connection: sqlite3.Connection, table: str) -> bytes:
    """Return the SHA-256 of all rows of a table in the order of its key."""
    digest = hashlib.sha256()
    rows = connection.execute(f"SELECT * FROM {table} ORDER BY 1")
    batch, done = _BATCH_OF_LARGE_ROWS if table in _LARGE_ROWS else _BATCH, 0
    # `ascii` of a row is the same on every Python; `repr` is not, for it follows the Unicode tables.
    while some := rows.fetchmany(_AT_ONCE):
        # A batch reads as the list of its rows.
        begins = "[" if done % batch == 0 else ", "
        digest.update((begins + ascii(some)[1:-1]).encode("ascii"))
        done += len(some)
        if done % batch == 0:
            digest.update(b"]")
    if done % batch:
        digest.update(b"]")
    return digest.digest()


def seal(connection: sqlite3.Connection) -> None:
    """Write the digest of the whole file into the file, where it counts as zeros.

    Needs a file without a write-ahead log. Nobody else can write while the digest is worked out; the write itself
    counts up the file's change counters, so the digest is that of the file as it will be.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = connection.execute("SELECT id, digest FROM integrity WHERE part=?", (_FILE,)).fetchone()
        if found is not None and len(found[1]) == _DIGEST_BYTES:
            row, place = found
            digest = _digest_of_file(connection, place, changes=1)
            with connection.blobopen("integrity", "digest", row) as blob:
                blob.write(digest)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def damages(connection: sqlite3.Connection, size_bytes: int) -> list[str]:
    """Return what in a finished file of a size is not as it was written, one sentence each."""
    stored = {str(part): digest for part, digest in connection.execute("SELECT part, digest FROM integrity LIMIT 100")}
    if not stored:
        return ["the session was never finished, so nothing vouches for its tables"]
    troubles = [
        f"table {table} is not as it was written"
        for table in _parts(connection)
        if stored.get(table) != table_digest(connection, table)
    ]
    seal_digest = stored.get(_FILE)
    if not isinstance(seal_digest, bytes) or len(seal_digest) != _DIGEST_BYTES:
        troubles.append("the file's own digest is missing")
    elif not _is_sealed(connection, seal_digest, size_bytes):
        troubles.append("the file is not byte for byte as it was written")
    return troubles


def _parts(connection: sqlite3.Connection) -> tuple[str, ...]:
    return tuple(table for table in tables_of(connection) if table != "integrity")


def _is_sealed(connection: sqlite3.Connection, digest: bytes, size_bytes: int) -> bool:
    if digest.startswith(_UNSEALED):
        # Killed between the last transaction and the seal: the tables' own digests vouch for it.
        return True
    pages, page_bytes = connection.execute("SELECT * FROM pragma_page_count, pragma_page_size").fetchone()
    return bool(pages * page_bytes == size_bytes) and _digest_of_file(connection, digest, changes=0) == digest


def _digest_of_file(connection: sqlite3.Connection, place: bytes, *, changes: int) -> bytes:
    """Return the SHA-256 of a file with the place of the digest as zeros and the change counters ahead by `changes`."""
    # Read through SQLite: closing a descriptor of our own would drop the locks that SQLite holds on the file.
    content = connection.serialize()
    patches = {start: _ahead(content[start:end], changes) for start, end in _CHANGE_COUNTERS}
    at = content.find(place)
    if at >= 0:
        patches[at] = bytes(_DIGEST_BYTES)
    digest = hashlib.sha256()
    view, done = memoryview(content), 0
    for start, patch in sorted(patches.items()):
        digest.update(view[done:start])
        digest.update(patch)
        done = start + len(patch)
    digest.update(view[done:])
    return digest.digest()


def _ahead(counter: bytes, changes: int) -> bytes:
    return ((int.from_bytes(counter, "big") + changes) & 0xFFFFFFFF).to_bytes(4, "big")
