"""Sessions from other tools' profiles, and profiles for other tools from sessions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from perftui.errors import NoDataError, UsageError
from perftui.formats.base import StackProfile, profile_of_records
from perftui.formats.bridge import to_window_records
from perftui.formats.heap_bridge import profile_of_heap
from perftui.formats.registry import format_named, read_profile
from perftui.model.heap import HeapView
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.recording.memory_summary import LEADING_VIEWS, capture_to_report
from perftui.recording.redaction import Redaction
from perftui.sources.heap.report import REPORTS, check_view, memray_report
from perftui.sources.launch import Keeper
from perftui.storage.locations import new_id
from perftui.storage.session_file import SavedSession, SessionWriter, open_session
from perftui.units import Unit


@dataclass(frozen=True, slots=True)
class Export:
    """A session as text of a format."""

    pieces: Iterator[str]
    view: HeapView | None = None
    """The view of the heap that was written; None is CPU."""


def import_profile(
    path: Path, sessions: Path, *, name: str = "", unit: Unit | None = None
) -> tuple[Path, SessionMeta, tuple[str, ...]]:
    """Make a session of a profile file; return where it is, what it is called, and what could not be taken over.

    `unit` is what a format counts that does not say so itself.

    Raises:
        ImportFormatError: The file is of no known format, or broken.
        NoDataError: There is no such file.
        UsageError: The file says itself that it counts something else.
        SessionWriteError: The session cannot be written.
    """
    profile = _counting(read_profile(path), unit)
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


def export_session(
    path: Path,
    format_name: str,
    *,
    view: HeapView | None = None,
    redacted: bool = False,
    on_wait: Callable[[], object] = lambda: None,
) -> Export:
    """Return a session as text of a format: CPU, or a view of the heap where one is asked for or nothing else is there.

    Where it is `redacted`, only what may be told to strangers is in it. `on_wait` is called several times a second
    while another program works.

    Raises:
        UsageError: There is no such format, or it has no such view, or nobody can keep places out of it.
        NoDataError: The session does not hold what is asked for.
    """
    if format_name in REPORTS:
        if redacted:
            raise UsageError(
                "memray's own reports name files and show source lines",
                hint="--format collapsed or speedscope can be redacted",
            )
        shown = view or HeapView.HIGH_WATERMARK
        check_view(shown)
        with closing(Keeper()) as keeper:
            capture = capture_to_report(path)
            report = memray_report(capture, REPORTS[format_name], view=shown, keeper=keeper, on_wait=on_wait)
        return Export(iter((report,)), shown)
    target = format_named(format_name, also=tuple(REPORTS))
    saved = open_session(path)
    shown_view = view or (None if saved.windows else _leading(saved))
    if shown_view is None:
        profile = profile_of_records(saved.meta.name, Unit(saved.meta.unit), saved.records())
    else:
        profile = _heap_of(saved, shown_view)
    return Export(target.write(_redacted(profile, saved.meta) if redacted else profile), shown_view)


def _redacted(profile: StackProfile, meta: SessionMeta) -> StackProfile:
    """Return a profile as it may be told to strangers."""
    stacks = {row.stack for row in profile.rows}
    redaction = Redaction([(meta, (frame for stack in stacks for frame in stack))])
    told = {stack: tuple(redaction.frame(frame, meta) for frame in stack) for stack in stacks}
    rows = tuple(
        row._replace(thread=replace(row.thread, name=redaction.text(row.thread.name)), stack=told[row.stack])
        for row in profile.rows
    )
    return replace(profile, name=redaction.meta(meta).name, rows=rows)


def export_profile(path: Path, format_name: str) -> Iterator[str]:
    """Yield a session as text of a format, as `export_session` does."""
    return export_session(path, format_name).pieces


def _counting(profile: StackProfile, unit: Unit | None) -> StackProfile:
    if unit in (None, profile.unit):
        return profile
    if profile.unit is not Unit.SAMPLES:
        raise UsageError(
            f"the file says itself that it counts {profile.unit.value}", hint="leave out --unit for such a file"
        )
    assert unit is not None
    # A line of so many bytes is one thing of that size, not so many things.
    return replace(profile, unit=unit, rows=tuple(row._replace(samples=1) for row in profile.rows))


def _leading(saved: SavedSession) -> HeapView | None:
    held = {stored.view for stored in saved.stored_heap}
    return next((view for view in LEADING_VIEWS if view in held), None)


def _heap_of(saved: SavedSession, view: HeapView) -> StackProfile:
    snapshots = [snapshot for snapshot in saved.latest_heap() if snapshot.view is view]
    if not snapshots:
        known = sorted({stored.view.value for stored in saved.stored_heap})
        hint = f"it holds {', '.join(known)}" if known else "record with --mode memory"
        raise NoDataError(f"the session holds no memory: {view.value}", hint=hint)
    return profile_of_heap(saved.meta.name, snapshots)
