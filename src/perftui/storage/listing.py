"""What lies in a directory of sessions: each file's meta data, or what is wrong with it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from perftui.errors import NoDataError, SessionError
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.storage.capture_names import capture_files_of
from perftui.storage.catalogue_cache import Stamp, heads, is_settled, keep_heads, stamp_of
from perftui.storage.connection import connect_reading, reading
from perftui.storage.lock import is_recorded
from perftui.storage.meta_table import OPERATIONS, count_of, meta_of, read_facts
from perftui.storage.schema import PART_SUFFIX, SUFFIX


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """One file of a directory of sessions."""

    path: Path
    meta: SessionMeta | None
    """None where it cannot be read."""
    trouble: str = ""
    """Why it cannot be read, in one sentence."""
    size_bytes: int = 0
    modified_s: float = 0.0
    """When the file was last written, in seconds since 1970."""
    captures: tuple[str, ...] = ()
    """Names of the capture files that it speaks of, whether they are there or not."""
    operations: int = 0
    """How many operations benchmark tools measured in it."""

    @property
    def id(self) -> str:
        """The session's id; the file's name stands in for one that cannot be read."""
        return self.meta.id if self.meta else self.path.name.removesuffix(".part").removesuffix(SUFFIX)

    @property
    def name(self) -> str:
        """The session's name, empty where it cannot be read."""
        return self.meta.name if self.meta else ""

    @property
    def search_text(self) -> str:
        """Everything that a search looks at, in lower case."""
        if self.meta is None:
            return f"{self.id} {self.trouble}".lower()
        meta = self.meta
        words = (meta.id, meta.name, *meta.tags, *meta.command, meta.workload, meta.note, meta.state.value)
        return " ".join(words).lower()

    @property
    def age_key(self) -> tuple[float, str]:
        """What sorts entries from old to new: when it was created, or when the file was written."""
        created_s = self.modified_s
        if self.meta is not None:
            with contextlib.suppress(ValueError, OverflowError):
                created_s = _created(self.meta).timestamp()
        return created_s, self.id


FEW = 32
"""So many sessions are read as fast as a cache of them is; only where more were read is it brought up to date."""
Seen = dict[Path, tuple[Stamp, SessionEntry]]


def read_meta(path: Path) -> SessionMeta:
    """Read only what is known of a session: cheap, for lists.

    Raises:
        SessionError: it is not a session, or damaged, or newer than this program.
        NoDataError: there is no such file.
    """
    return _read_head(path)[1][0]


_Head = tuple[SessionMeta, tuple[str, ...], int]
"""A session's meta data, the names of its capture files, and how many operations it has."""


def _read_head(path: Path) -> tuple[Mapping[str, Any], _Head]:
    """Read the facts of a session, and what they say."""
    connection = connect_reading(path)
    try:
        with reading(path):
            facts = read_facts(connection)
            return facts, _head_of(path, facts)
    finally:
        connection.close()


def _head_of(path: Path, facts: Mapping[str, Any]) -> _Head:
    """Return what facts say of the session in a file; raises `ValueError` where they are none."""
    meta, files, operations = meta_of(facts), capture_files_of(facts), count_of(facts, OPERATIONS)
    if meta.state is SessionState.RECORDING and not is_recorded(path):
        meta = replace(meta, state=SessionState.INTERRUPTED)
    return meta, files, operations


def scan(directory: Path, seen: Seen | None = None) -> list[SessionEntry]:
    """Return all sessions of a directory in no order; a file that cannot be read is an entry with its trouble.

    An import that was cut off is none: what it was made of is where it was.

    Args:
        directory: Where to look; a missing one holds none.
        seen: What a look before found, brought up to date.
    """
    try:
        with os.scandir(directory) as found:
            files = [Path(item.path) for item in found if item.name.endswith((SUFFIX, PART_SUFFIX))]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SessionError(
            f"cannot read the directory {directory}: {error.strerror}", hint="`--sessions-dir` chooses another one"
        ) from None
    known = seen if seen is not None else {}
    cached = heads(directory) if len(files) - len(known) > FEW else {}
    fresh: _Fresh = {}
    now = {
        path: known_or_new
        for path in files
        if (known_or_new := _look_at(path, known.get(path), cached.get(path.name), fresh)) is not None
    }
    if len(fresh) > FEW:
        keep_heads(directory, fresh, set(cached) - {path.name for path in files})
    if seen is not None:
        seen.clear()
        seen.update(now)
    entries = {entry.path: entry for _, entry in now.values()}
    return [entry for entry in entries.values() if not _is_abandoned_import(entry)]


def abandoned_imports(directory: Path) -> list[Path]:
    """Return what imports that were killed have left in a directory."""
    found = (_look_at(path, None) for path in directory.glob(f"*{PART_SUFFIX}"))
    return [entry.path for _, entry in filter(None, found) if _is_abandoned_import(entry)]


def _is_abandoned_import(entry: SessionEntry) -> bool:
    meta = entry.meta
    is_cut_off = entry.path.name.endswith(PART_SUFFIX) and meta is not None and meta.state is SessionState.INTERRUPTED
    return is_cut_off and meta is not None and meta.kind is SessionKind.IMPORTED


def entry_of(path: Path) -> SessionEntry:
    """Return what a list says of one session file."""
    found = _look_at(path, None)
    return found[1] if found else SessionEntry(path, None, f"there is no session file {path}")


_Fresh = dict[str, tuple[Stamp, Mapping[str, Any]]]
"""Facts that were read from files, by the names of these: what a cache does not know yet."""


def _look_at(
    path: Path,
    known: tuple[Stamp, SessionEntry] | None,
    cached: tuple[Stamp, str] | None = None,
    fresh: _Fresh | None = None,
) -> tuple[Stamp, SessionEntry] | None:
    """Return what is known of a file: from the look before, from what a cache keeps of the very file, or by reading."""
    try:
        status = path.stat()
    except OSError:
        status = None
    stamp = stamp_of(status) if status else (0, 0, 0, 0)
    # A session that is being recorded changes in its log, and its recorder may die without touching a file.
    is_part = path.name.endswith(PART_SUFFIX)
    if known is not None and known[0] == stamp and not is_part:
        return known
    size, modified_s = (status.st_size, status.st_mtime) if status else (0, 0.0)
    if cached is not None and cached[0] == stamp and not is_part:
        with contextlib.suppress(ValueError, TypeError, AttributeError, RecursionError):
            meta, captures, operations = _head_of(path, json.loads(cached[1]))
            return stamp, SessionEntry(path, meta, "", size, modified_s, captures, operations)
    try:
        facts, (found, captures, operations) = _read_head(path)
    except NoDataError:
        # Deleted while the directory was read, or finished: then it is listed by its final name.
        final = path.with_name(path.name.removesuffix(PART_SUFFIX) + SUFFIX)
        return _look_at(final, None) if final != path and final.exists() else None
    except (SessionError, OSError) as error:
        return stamp, SessionEntry(path, None, str(error), size, modified_s)
    if fresh is not None and not is_part and is_settled(stamp):
        fresh[path.name] = stamp, facts
    return stamp, SessionEntry(path, found, "", size, modified_s, captures, operations)


def taken_names(directory: Path, *, beside: SessionMeta | None = None) -> set[str]:
    """Return the names (and ids) that sessions of a directory go by, but for those that share one with `beside`."""
    entries = scan(directory)
    others = [entry for entry in entries if beside is None or not is_fellow(entry, beside)]
    return {entry.name for entry in others} | {entry.id for entry in entries}


def is_fellow(entry: SessionEntry, meta: SessionMeta) -> bool:
    """Say whether an entry is another run of the same side of the same group: such runs share a name."""
    return bool(meta.group) and entry.meta is not None and entry.meta.unit_of_runs == meta.unit_of_runs


def _created(meta: SessionMeta) -> datetime:
    created = datetime.fromisoformat(meta.created)
    return created if created.tzinfo else created.replace(tzinfo=UTC)
