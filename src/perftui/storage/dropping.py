"""Captures dropped to free their space: the sessions keep all figures that were read from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perftui.model.heap import Capture
from perftui.model.session import SessionState
from perftui.storage.captures import CaptureSizes, capture_files, is_of, is_raw, is_shared_name
from perftui.storage.connection import reading, writing
from perftui.storage.editing import editing
from perftui.storage.heap_shelf import store_captures
from perftui.storage.heap_tables import read_captures
from perftui.storage.listing import SessionEntry, entry_of, scan
from perftui.storage.reader import open_captures
from perftui.storage.trash import TRASH, own_captures

SETTLED_S = 3600.0
"""A file that belongs to no session may just be on its way into one; after so long it is not."""


@dataclass(frozen=True, slots=True)
class Drop:
    """What there is to drop of one session, or why there is nothing."""

    entry: SessionEntry
    files: tuple[Path, ...] = ()
    size_bytes: int = 0
    kept: str = ""
    """Why something of it stays, in a few words."""


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A file among the captures that no session speaks of."""

    path: Path
    size_bytes: int


def plan_drop(path: Path, *, unread: bool = False) -> Drop:
    """Return what there is to drop of one session; nothing is touched.

    Args:
        path: Its file.
        unread: Also captures that were not read yet; what they hold is then lost.
    """
    others = [other for other in scan(path.parent) if other.path.absolute() != path.absolute()]
    return _plan(entry_of(path), others, unread=unread)


def plan_drops_of_old(sessions_dir: Path, before_s: float, *, unread: bool = False) -> list[Drop]:
    """Return what there is to drop of the sessions from before a moment (seconds since 1970) that are not pinned.

    Those that were thrown away are among them: their captures take space too.
    """
    plans: list[Drop] = []
    for directory in (sessions_dir, sessions_dir / TRASH):
        sizes = CaptureSizes(directory)
        entries = [entry for entry in scan(directory) if sizes.of(entry.id, entry.captures)]
        plans += [
            _plan(entry, [other for other in entries if other is not entry], unread=unread)
            for entry in sorted(entries, key=lambda entry: entry.age_key)
            if entry.age_key[0] < before_s and not (entry.meta and entry.meta.pinned)
        ]
    return plans


def _plan(entry: SessionEntry, others: Sequence[SessionEntry], *, unread: bool) -> Drop:
    if entry.meta is None:
        return Drop(entry, kept="the session cannot be read")
    if entry.meta.state is SessionState.RECORDING:
        return Drop(entry, kept="it is still being recorded")
    there = capture_files(entry.path.parent)
    own = own_captures(entry, others)
    kept = ""
    if any(name in other.captures for other in others for name in entry.captures):
        kept = "another session speaks of its capture too"
    # What was thrown away is not read any more.
    if not unread and entry.path.parent.name != TRASH and (waiting := _unread(entry, own)):
        kept = f"its capture was not read yet; `perftui open {entry.id}` reads it"
        own = [file for file in own if file not in waiting and file.name in entry.captures]
    return Drop(entry, tuple(own), sum(there[file].st_size for file in own), kept)


def drop(plan: Drop) -> None:
    """Drop what was planned: the session says so first, then the files go.

    Raises:
        SessionError: The session cannot be read or changed.
        SessionWriteError: A file cannot be taken away.
    """
    gone = {file.name for file in plan.files}
    if gone & set(plan.entry.captures):
        forget_files(plan.entry.path, gone)
    for file in plan.files:
        remove(file)


def forget_files(path: Path, names: Iterable[str]) -> Path:
    """Let a session no longer speak of these capture files, and keep all figures; return its file."""
    gone = set(names)
    with editing(path, "attachment", "meta") as (final, connection):
        with reading(final):
            known = read_captures(connection)
        store_captures(
            connection, [replace(capture, file="") if capture.file in gone else capture for capture in known]
        )
    return final


def unclaimed(sessions_dir: Path, *, now_s: float) -> list[Unclaimed]:
    """Return the files among the captures, also of the trash, that belong to no session.

    Nothing that is younger than `SETTLED_S`, and, while a session cannot be read, no capture that it may speak of.
    """
    found: list[Unclaimed] = []
    for directory in (sessions_dir, sessions_dir / TRASH):
        files = {
            path: status for path, status in capture_files(directory).items() if now_s - status.st_mtime >= SETTLED_S
        }
        if not files:
            continue
        entries = scan(directory)
        found += [
            Unclaimed(path, status.st_size)
            for path, status in sorted(files.items())
            if not any(_may_speak_of(entry, path.name) for entry in entries)
        ]
    return found


def remove(file: Path) -> None:
    """Take a capture away; raises `SessionWriteError` where that cannot be done."""
    with writing(file):
        file.unlink(missing_ok=True)


def _may_speak_of(entry: SessionEntry, name: str) -> bool:
    return name in entry.captures or is_of(name, entry.id) or (entry.meta is None and is_shared_name(name))


def _unread(entry: SessionEntry, files: Iterable[Path]) -> list[Path]:
    """Return the captures of a recording that was cut off before they were read."""
    raw = [file for file in files if is_raw(file.name, entry.id)]
    known = open_captures(entry.path) if raw else ()
    return [file for file in raw if not _was_read(file.name, entry.id, known)]


def _was_read(name: str, session_id: str, known: Sequence[Capture]) -> bool:
    """Say whether a raw capture was read, or found to be unreadable; a child's has its process in its name."""
    own = [capture for capture in known if capture.file == name]
    if not own:
        # Read and kept under another name, but not taken away.
        pid = name.removeprefix(f"{session_id}.bin").removeprefix(".")
        own = [capture for capture in known if not pid or str(capture.pid) == pid]
    return any(capture.complete or capture.trouble for capture in own)
