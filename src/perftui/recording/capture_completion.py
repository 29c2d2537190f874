"""Captures that were not read when their recording ended: read now, and their figures added to the session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from perftui.model.heap import Capture, HeapSnapshot, HeapTimeline
from perftui.model.session import SessionMeta, SessionState
from perftui.recording.later_verdicts import judge_again
from perftui.sources import processes
from perftui.sources.base import Progress, Source, SourceState, SourceStatus
from perftui.sources.heap.capture_reader import CaptureReader, captures_of
from perftui.sources.heap.header import read_header, writer_of
from perftui.sources.launch import Keeper
from perftui.storage.captures import captures_directory
from perftui.storage.session_file import SavedSession, complete_heap, open_session

WRITTEN_S = 2.0
"""A capture that is being written grows every few milliseconds."""
_POLL_S = 0.1
OnProgress = Callable[[Progress], None]


@dataclass(slots=True)
class CaptureContent:
    """What captures hold."""

    snapshots: list[HeapSnapshot] = field(default_factory=list)
    timelines: list[HeapTimeline] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)


def read_captures(source: Source, on_progress: OnProgress) -> CaptureContent:
    """Read captures to their end in this thread; raises `ObserveError` where their reader cannot be started."""
    content = CaptureContent()
    try:
        source.start()
        while not _take(source.poll(_POLL_S), content, on_progress):
            pass
    finally:
        _take(source.stop(), content, on_progress)
    return content


def complete_captures(path: Path, *, on_progress: OnProgress) -> bool:
    """Read what a session left unread; say whether there was anything.

    Raises:
        SessionError: The session cannot be read.
        SessionWriteError: The figures cannot be added to it.
    """
    saved = open_session(path)
    # A recording that is killed at the very beginning of a run leaves a capture that it has not spoken of yet.
    was_read = bool(saved.captures) and all(each.complete for each in saved.captures)
    if saved.meta.state is SessionState.RECORDING or was_read:
        return False
    raw = captures_directory(saved.path.parent) / f"{saved.meta.id}.bin"
    captures = captures_of(raw)
    if not captures or _is_written(saved, captures):
        return False
    with closing(Keeper()) as keeper:
        reader = CaptureReader(
            captures,
            clock_zero_epoch_s=clock_zero_of(saved.meta, captures[0]),
            keeper=keeper,
            cwd=Path(saved.meta.cwd or "/"),
            keep_in=raw.parent if saved.meta.keeps_captures else None,
            own=True,
        )
        content = read_captures(reader, on_progress)
    known = {capture.pid: capture for capture in saved.captures}
    final = complete_heap(
        saved.path,
        snapshots=content.snapshots,
        timelines=content.timelines,
        captures=_with_options(content.captures, known),
    )
    judge_again(final)
    return True


def _take(events: Iterable[object], content: CaptureContent, on_progress: OnProgress) -> bool:
    """Sort events; say whether the last one has come."""
    over = False
    for event in events:
        match event:
            case HeapSnapshot():
                content.snapshots.append(event)
            case HeapTimeline():
                content.timelines.append(event)
            case Capture():
                content.captures.append(event)
            case Progress():
                on_progress(event)
            case SourceStatus():
                over = over or event.state in (SourceState.ENDED, SourceState.FAILED)
    return over


def _with_options(found: Sequence[Capture], known: dict[int, Capture]) -> list[Capture]:
    """Return what was found; what a capture does not tell of itself is as it was known."""
    rest = {pid: capture for pid, capture in known.items() if pid not in {each.pid for each in found}}
    return [*found, *(replace(each, trouble=each.trouble or "its capture is gone") for each in rest.values())]


def _is_written(saved: SavedSession, captures: Sequence[Path]) -> bool:
    """Whether a workload that was left running still writes its captures: they grow even while it sleeps."""
    writers = {saved.meta.pid, *(capture.pid for capture in saved.captures), *map(writer_of, captures)}
    if saved.meta.exit_code is not None or not any(pid and processes.alive(pid) for pid in writers):
        return False
    newest = max(capture.stat().st_mtime for capture in captures)
    return time.time() - newest < WRITTEN_S


def clock_zero_of(meta: SessionMeta, capture: Path) -> float:
    """Return the time of day at which the clock of a capture was at 0: of two runs, that of the second.

    A session says to the second when it began; its capture says exactly when it did, which is a moment later.
    """
    header = read_header(capture)
    try:
        created_s = datetime.strptime(meta.created, "%Y-%m-%dT%H:%M:%S%z").timestamp()
    except ValueError:
        created_s = time.time()
    if header is None:
        return created_s
    return header.started_epoch_s if meta.two_pass else min(header.started_epoch_s, created_s + 1.0)
