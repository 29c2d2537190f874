"""What is said of a session's memory at its end: the figures that text and JSON share, and the part of the document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perftui.analysis.heap_profile import HeapProfile, HeapSort
from perftui.errors import NoDataError
from perftui.model.heap import Capture, HeapView
from perftui.model.hotspot import Hotspot
from perftui.model.workload import RecordMode
from perftui.recording.session_model import SessionModel
from perftui.storage.captures import capture_path
from perftui.storage.session_file import open_session

USUAL_TOP = 20
"""Functions that are listed where nobody says how many."""

LEADING_VIEWS = (HeapView.HIGH_WATERMARK, HeapView.HELD, HeapView.LEAKED, HeapView.ALLOCATED, HeapView.TEMPORARY)
"""The view that speaks for a session is the first of these that it holds."""


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """What a session says of memory in numbers; processes are added up, None is not known."""

    high_watermark_bytes: int | None
    """Of several processes, each at its own moment."""
    total_allocated_bytes: int | None
    allocations: int | None
    leaked_bytes: int | None
    leaked_allocations: int | None
    exact: bool
    """Whether every capture was read to its end; otherwise the high watermark was sampled, or lacks a process."""
    sampled: bool
    """Whether the high watermark is only the greatest of some pictures; otherwise it was read from captures."""
    processes: int
    native: bool
    pymalloc: bool
    """Whether small objects were traced one by one, not as the arenas that hold them."""


def was_traced(model: SessionModel) -> bool:
    """Say whether allocations were looked at, with or without success."""
    # A session of another version may name a mode that is not known here.
    asked = model.meta.mode in {mode.value for mode in RecordMode if mode.memory}
    return asked or bool(model.heap or model.captures)


def leading_view(model: SessionModel, wanted: HeapView | None = None) -> HeapView | None:
    """Return the view that speaks for a session: the one wanted, the high watermark, or what is held without one.

    Raises:
        NoDataError: The session does not hold the one wanted.
    """
    if wanted is not None and wanted not in model.heap:
        held = ", ".join(view.value for view in HeapView if view in model.heap)
        hint = f"it holds {held}" if held else "record with --mode memory"
        raise NoDataError(f"the session holds no memory: {wanted.value}", hint=hint)
    if wanted is not None:
        return wanted
    return next((view for view in LEADING_VIEWS if view in model.heap), None)


def memory_figures(model: SessionModel) -> MemoryFigures:
    """Return the figures of a session, from its captures where these were read, and from its views otherwise."""
    read = tuple(capture for capture in model.captures if capture.complete)
    peak = model.heap.get(HeapView.HIGH_WATERMARK)
    watermark = _sum(capture.high_watermark_bytes for capture in read)
    if peak is not None and (watermark is None or len(read) < len(model.captures)):
        watermark = peak.total_bytes
    leaked, allocated = model.heap.get(HeapView.LEAKED), model.heap.get(HeapView.ALLOCATED)
    return MemoryFigures(
        high_watermark_bytes=watermark,
        total_allocated_bytes=_known(_sum(each.total_allocated_bytes for each in read), _bytes(allocated)),
        allocations=_known(_sum(each.allocations for each in read), _allocations(allocated)),
        leaked_bytes=_known(_sum(each.leaked_bytes for each in read), _bytes(leaked)),
        leaked_allocations=_known(_sum(each.leaked_allocations for each in read), _allocations(leaked)),
        exact=bool(read) and len(read) == len(model.captures) and (peak is None or peak.exact),
        sampled=peak is not None and not peak.exact,
        processes=len(
            {capture.pid for capture in model.captures}.union(*[view.totals for view in model.heap.values()])
        ),
        native=any(capture.native for capture in model.captures),
        pymalloc=any(capture.pymalloc for capture in model.captures),
    )


def kept_capture(model: SessionModel, path: Path | None) -> Path | None:
    """Return where the capture of a session lies: its own process's before a child's; None where none was kept."""
    if path is None:
        return None
    ranked = sorted(model.captures, key=lambda capture: capture.pid != model.meta.pid)
    return next((found for capture in ranked if (found := capture_path(path.parent, capture)) is not None), None)


def capture_to_report(path: Path) -> Path:
    """Return the kept capture of a session file; raises `NoDataError` where there is none."""
    saved = open_session(path)
    ranked = sorted(saved.captures, key=lambda capture: capture.pid != saved.meta.pid)
    found = next((kept for capture in ranked if (kept := capture_path(saved.path.parent, capture)) is not None), None)
    if found is not None:
        return found
    if not saved.captures:
        raise NoDataError("the session holds no memory", hint="record with --mode memory")
    if any(capture.file for capture in saved.captures):
        raise NoDataError(
            "the capture of the session is not beside it any more",
            hint="the session's own figures remain: --format collapsed or speedscope writes them",
        )
    raise NoDataError(
        "the capture of the session was dropped",
        hint="--format collapsed or speedscope writes the session's own figures; --capture keep keeps the next one",
    )


def memory_document(
    model: SessionModel, path: Path | None, *, top: int | None = None, view: HeapView | None = None
) -> dict[str, Any] | None:
    """Return what the document of a session says of memory; None where none was traced.

    Raises:
        NoDataError: The session does not hold the view that is asked for.
    """
    view = leading_view(model, view)
    if not was_traced(model):
        return None
    figures = memory_figures(model)
    rows = USUAL_TOP if top is None else top
    capture = kept_capture(model, path)
    return {
        "high_watermark_bytes": figures.high_watermark_bytes,
        "total_allocated_bytes": figures.total_allocated_bytes,
        "allocations": figures.allocations,
        "leaked_bytes": figures.leaked_bytes,
        "leaked_allocations": figures.leaked_allocations,
        "exact": figures.exact,
        "processes": figures.processes,
        "native": figures.native,
        "pymalloc_traced": figures.pymalloc,
        "capture": None if capture is None else str(capture),
        "view": None if view is None else view.value,
        "top": [] if view is None else _top(model.heap[view], rows),
        "views": {each.value: _view(model.heap[each], rows) for each in HeapView if each in model.heap},
        "captures": [_capture(each, path) for each in model.captures],
    }


def _view(profile: HeapProfile, rows: int) -> dict[str, Any]:
    return {
        "bytes": profile.total_bytes,
        "allocations": profile.allocations,
        "stacks": profile.stacks,
        "exact": profile.exact,
        "at_s": round(profile.at_s, 6),
        "top": _top(profile, rows),
    }


def _top(profile: HeapProfile, rows: int) -> list[dict[str, Any]]:
    return [_row(row) for row in profile.rows(sort=HeapSort.SELF, top=rows)]


def _row(row: Hotspot) -> dict[str, Any]:
    return {
        "function": row.frame.function,
        "file": row.frame.file,
        "line": row.frame.line,
        "self_bytes": int(row.self_weight),
        "total_bytes": int(row.total_weight),
        "self_share": round(row.self_share, 6),
        "total_share": round(row.total_share, 6),
        "count": row.self_count,
        "total_count": row.total_count,
    }


def _capture(capture: Capture, path: Path | None) -> dict[str, Any]:
    kept = None if path is None else capture_path(path.parent, capture)
    return {
        "pid": capture.pid,
        "path": None if kept is None else str(kept),
        "file": capture.file or None,
        "sha256": capture.sha256 or None,
        "size_bytes": capture.size_bytes,
        "complete": capture.complete,
        "high_watermark_bytes": capture.high_watermark_bytes,
        "high_watermark_at_s": capture.high_watermark_at_s,
        "total_allocated_bytes": capture.total_allocated_bytes,
        "allocations": capture.allocations,
        "leaked_bytes": capture.leaked_bytes,
        "leaked_allocations": capture.leaked_allocations,
        "stackless_bytes": capture.stackless_bytes,
        "python_allocator": capture.python_allocator or None,
        "native": capture.native,
        "pymalloc_traced": capture.pymalloc,
        "trouble": capture.trouble,
    }


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _known(first: int | None, second: int | None) -> int | None:
    return second if first is None else first


def _bytes(profile: HeapProfile | None) -> int | None:
    return None if profile is None else profile.total_bytes


def _allocations(profile: HeapProfile | None) -> int | None:
    return None if profile is None else profile.allocations
