"""Sessions thrown away and brought back, each with the captures that only it speaks of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from perftui.errors import UsageError
from perftui.storage.captures import CAPTURES, capture_files, captures_directory, is_shared_name, leftovers
from perftui.storage.connection import writing
from perftui.storage.editing import edit_meta
from perftui.storage.listing import SessionEntry, entry_of, scan, taken_names
from perftui.storage.lock import lock_path
from perftui.storage.names import free_name, is_id
from perftui.storage.schema import PART_SUFFIX, SUFFIX

TRASH = "trash"


def throw_away(path: Path) -> Path:
    """Move a session into the trash folder beside it, its captures with it; return where it is now.

    A capture that another session speaks of stays.

    Raises:
        SessionWriteError: It cannot be moved.
    """
    trash = path.parent / TRASH
    captures = own_captures(entry_of(path), _others(path))
    with writing(path):
        trash.mkdir(exist_ok=True)
        target = _move(path, trash)
    # The session first: captures that a kill leaves behind are found where they were when it is brought back.
    if captures:
        _move_captures(captures, trash)
    return target


def bring_back(path: Path, directory: Path) -> Path:
    """Move a session out of the trash folder of a directory, its captures with it; return where it is now.

    Where its name was given to another meanwhile, it gets a number.

    Raises:
        UsageError: There is a session of its id again.
        SessionWriteError: It cannot be moved.
    """
    entry, others = entry_of(path), _others(path)
    captures = own_captures(entry, ())
    shared = {file.name for file in captures} - {file.name for file in own_captures(entry, others)}
    taken = taken_names(directory)
    if entry.id in taken:
        raise UsageError(f"there is a session {entry.id} again", hint="delete or rename that one first")
    with writing(path):
        target = _move(path, directory, entry.id if is_id(entry.id) else "")
    for file in captures:
        _bring_capture(file, captures_directory(directory), keep=file.name in shared)
    if entry.name in taken:
        edit_meta(target, lambda meta: replace(meta, name=free_name(meta.name, taken)))
    return target


def own_captures(entry: SessionEntry, others: Iterable[SessionEntry]) -> list[Path]:
    """Return the capture files that are there and belong to a session and to none of the others.

    A session may say what it likes: files of another recording are never its own.
    """
    directory = entry.path.parent
    claimed = {name for other in others for name in other.captures}
    files = [directory / CAPTURES / name for name in entry.captures if is_shared_name(name)]
    if all(other.id != entry.id for other in others):
        files += leftovers(directory, entry.id)
    there = capture_files(directory)
    return [file for file in dict.fromkeys(files) if file in there and file.name not in claimed]


def _others(path: Path) -> list[SessionEntry]:
    """Return the other sessions of a directory; only where there are captures at all is it worth a look."""
    if not capture_files(path.parent):
        return []
    return [entry for entry in scan(path.parent) if entry.path != path]


def _move_captures(files: Iterable[Path], target: Path) -> None:
    directory = captures_directory(target)
    for file in files:
        _bring_capture(file, directory, keep=False)


def _bring_capture(file: Path, directory: Path, *, keep: bool) -> None:
    """Move a capture into a directory, or put it there too; what is already there is the same or stays."""
    target = directory / file.name
    with writing(target):
        if target.exists():
            if is_shared_name(file.name) and not keep:
                file.unlink()
        elif keep:
            _put_too(file, target)
        else:
            file.rename(target)


def _put_too(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except OSError:
        # A file system without links.
        shutil.copy2(file, target)


def _move(path: Path, directory: Path, stem: str = "") -> Path:
    """Move a session (a `.part` with its log) into a directory under a name that is free there."""
    own_stem, suffix = _split(path.name)
    stem = stem or own_stem
    number, target = 1, directory / f"{stem}{suffix}"
    while True:
        try:
            # Whoever makes the empty file owns the name: nothing is ever overwritten.
            target.touch(exist_ok=False)
            break
        except FileExistsError:
            number += 1
            target = directory / f"{stem}-{number}{suffix}"
    try:
        for ending in ("-wal", "-shm", "-journal"):
            beside = path.with_name(path.name + ending)
            if beside.exists():
                beside.rename(target.with_name(target.name + ending))
        path.rename(target)
    except OSError:
        # Another perftui may have moved it at the same moment; the name that was taken for it is of no use.
        target.unlink()
        raise
    lock_path(path).unlink(missing_ok=True)
    return target


def _split(name: str) -> tuple[str, str]:
    for suffix in (PART_SUFFIX, SUFFIX):
        if name.endswith(suffix):
            return name.removesuffix(suffix), suffix
    return name, ""
