"""Sessions from other tools' profiles, and profiles for other tools from sessions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from perftui.formats.base import profile_of_records
from perftui.formats.bridge import to_window_records
from perftui.formats.registry import format_named, read_profile
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.storage.locations import new_id
from perftui.storage.session_file import SessionWriter, open_session
from perftui.units import Unit


def import_profile(path: Path, sessions: Path, *, name: str = "") -> tuple[Path, SessionMeta, tuple[str, ...]]:
    """Make a session of a profile file; return where it is, what it is called, and what could not be taken over.

    Raises:
        ImportFormatError: The file is of no known format, or broken.
        NoDataError: There is no such file.
        SessionWriteError: The session cannot be written.
    """
    profile = read_profile(path)
    meta = SessionMeta(
        id=new_id(),
        name=name or profile.name or path.stem,
        kind=SessionKind.IMPORTED,
        state=SessionState.RECORDING,
        created=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        cwd=str(Path.cwd()),
        unit=profile.unit.value,
        note=f"imported from {path.name}",
    )
    writer = SessionWriter.create(sessions, meta, clock=time.monotonic)
    try:
        end_s = 0.0
        for record in to_window_records(profile):
            writer.add_window(record)
            end_s = max(end_s, record.end_s)
        duration_s = end_s if profile.unit is Unit.SECONDS else 0.0
        meta = replace(writer.meta, state=SessionState.COMPLETE, duration_s=duration_s)
        return writer.finalise(meta), meta, profile.notes
    except BaseException:
        writer.discard()
        raise


def export_profile(path: Path, format_name: str) -> Iterator[str]:
    """Yield a session as text of a format; raises `UsageError` where there is no such format."""
    target = format_named(format_name)
    saved = open_session(path)
    profile = profile_of_records(saved.meta.name, Unit(saved.meta.unit), saved.records())
    return target.write(profile)
