"""What lies in a directory of sessions: each file's meta data, or what is wrong with it."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from perftui.errors import NoDataError, SessionError
from perftui.model.session import SessionMeta, SessionState
from perftui.storage.connection import connect_reading, reading
from perftui.storage.lock import is_recorded
from perftui.storage.meta_table import meta_of, read_facts
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


def read_meta(path: Path) -> SessionMeta:
    """Read only what is known of a session: cheap, for lists.

    Raises:
        SessionError: it is not a session, or damaged, or newer than this program.
        NoDataError: there is no such file.
    """
    connection = connect_reading(path)
    try:
        with reading(path):
            meta = meta_of(read_facts(connection))
    finally:
        connection.close()
    if meta.state is SessionState.RECORDING and not is_recorded(path):
        return replace(meta, state=SessionState.INTERRUPTED)
    return meta


def scan(directory: Path) -> list[SessionEntry]:
    """Return all sessions of a directory in no order; a file that cannot be read is an entry with its trouble."""
    try:
        with os.scandir(directory) as found:
            files = [item for item in found if item.name.endswith((SUFFIX, PART_SUFFIX))]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SessionError(
            f"cannot read the directory {directory}: {error.strerror}", hint="`--sessions-dir` chooses another one"
        ) from None
    return [entry for item in files if (entry := entry_of(Path(item.path))) is not None]


def entry_of(path: Path) -> SessionEntry | None:
    """Return the entry of one file, or None where it is gone."""
    try:
        status = path.stat()
        meta, trouble = read_meta(path), ""
    except (FileNotFoundError, NoDataError):
        # Finished or deleted while the directory was read; a finished one is listed by its final name.
        return _finished_entry(path)
    except (SessionError, OSError) as error:
        meta, trouble = None, str(error)
        status = os.stat_result((0,) * 10) if not path.exists() else path.stat()
    return SessionEntry(path, meta, trouble, status.st_size, status.st_mtime)


def taken_names(directory: Path) -> set[str]:
    """Return the names (and ids) that sessions of a directory go by."""
    entries = scan(directory)
    return {entry.name for entry in entries} | {entry.id for entry in entries}


def _finished_entry(path: Path) -> SessionEntry | None:
    if not path.name.endswith(PART_SUFFIX):
        return None
    final = path.with_name(path.name.removesuffix(PART_SUFFIX) + SUFFIX)
    return entry_of(final) if final.exists() else None


def _created(meta: SessionMeta) -> datetime:
    created = datetime.fromisoformat(meta.created)
    return created if created.tzinfo else created.replace(tzinfo=UTC)
