"""The figures of saved sessions for a look over many of them: worked out once a file, then read from the cache."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from perftui.errors import SessionError
from perftui.storage.catalogue_cache import Stamp, figure_texts, is_settled, keep_figure_texts, stamp_of
from perftui.storage.listing import SessionEntry
from perftui.storage.schema import SUFFIX

KEPT_FUNCTIONS = 300
"""Functions of a session that are kept by their total, and as many by their self time."""
Progress = Callable[[int, int], None]
"""Is told how many sessions were read, of how many that have to be."""
_AT_ONCE = 100
"""So many sessions are worked out before they are written, so that an interrupt loses little."""
_Texts = tuple[str, str, str]


class Column(IntEnum):
    """The parts of a session's figures, each read by itself."""

    FIGURES = 0
    OPERATIONS = 1
    FUNCTIONS = 2


@dataclass(frozen=True, slots=True)
class ReadFigures:
    """One part of the figures of sessions, by their files."""

    columns: Mapping[Path, Mapping[str, Any]]
    unreadable: int = 0
    """How many files could not be read."""


def read_column(entries: Sequence[SessionEntry], column: Column, progress: Progress | None = None) -> ReadFigures:
    """Return one part of the figures of sessions that lie in one directory; what no cache knows is worked out."""
    if not entries:
        return ReadFigures({})
    directory = entries[0].path.parent
    known = figure_texts(directory, column)
    stamps = {entry.path: stamp for entry in entries if (stamp := _stamp(entry.path)) is not None}
    found: dict[Path, Mapping[str, Any]] = {}
    missing: list[Path] = []
    for path, stamp in stamps.items():
        cached = known.get(path.name)
        parsed = _parsed(cached[1]) if cached is not None and cached[0] == stamp else None
        if parsed is None:
            missing.append(path)
        else:
            found[path] = parsed
    unreadable = len(entries) - len(stamps)
    for path, texts in _worked_out(directory, missing, stamps, progress):
        parsed = None if texts is None else _parsed(texts[column])
        if parsed is None:
            unreadable += 1
        else:
            found[path] = parsed
    return ReadFigures(found, unreadable)


def unknown_sessions(directory: Path) -> list[Path]:
    """Return the saved sessions of a directory whose figures no cache knows, the newest first."""
    known = figure_texts(directory, Column.FIGURES)
    stamps = {path: stamp for path in directory.glob(f"*{SUFFIX}") if (stamp := _stamp(path)) is not None}
    unknown = [path for path, stamp in stamps.items() if path.name not in known or known[path.name][0] != stamp]
    return sorted(unknown, key=lambda path: stamps[path][2], reverse=True)


def work_out_and_keep(path: Path) -> None:
    """Work out the figures of a session and keep them, unless it was written a moment ago or cannot be read."""
    stamp = _stamp(path)
    if stamp is not None and is_settled(stamp):
        for _ in _worked_out(path.parent, [path], {path: stamp}, None):
            pass


def _worked_out(
    directory: Path, paths: Sequence[Path], stamps: Mapping[Path, Stamp], progress: Progress | None
) -> Iterator[tuple[Path, _Texts | None]]:
    fresh: dict[str, tuple[Stamp, _Texts]] = {}
    for number, path in enumerate(paths, start=1):
        texts = _texts_of(path)
        # It must be the file that was looked at, and not one that took its place meanwhile.
        if texts is not None and is_settled(stamps[path]) and _stamp(path) == stamps[path]:
            fresh[path.name] = stamps[path], texts
        if fresh and (number == len(paths) or len(fresh) >= _AT_ONCE):
            keep_figure_texts(directory, fresh)
            fresh = {}
        if progress is not None:
            progress(number, len(paths))
        yield path, texts


def _texts_of(path: Path) -> _Texts | None:
    """Return the figures of one session as three JSON texts; None where it cannot be read."""
    # What is known already needs nothing of this.
    from perftui.recording.figure_texts import figures_as_texts  # noqa: PLC0415

    try:
        return figures_as_texts(path)
    except SessionError:
        return None


def _stamp(path: Path) -> Stamp | None:
    try:
        return stamp_of(path.stat())
    except OSError:
        return None


def _parsed(text: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
