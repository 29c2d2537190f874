"""What happened by what is known of a session beside its events: begin and end, processes, the most of the heap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from perftui.model.heap import Capture
from perftui.model.process import Process
from perftui.model.session import Event, EventKind, SessionMeta
from perftui.units import format_bytes

WORKLOAD = "workload"
"""Subject of the event of its end."""
MOST_PROCESSES = 500
"""Of more, the latest: the lane of their number tells of the others."""


def landmarks(meta: SessionMeta, captures: Iterable[Capture] = (), *, done: bool) -> Iterator[Event]:
    """Yield the begin of a workload, the high watermark of its heap and, once it is `done`, its end."""
    if meta.began_s > 0:
        yield Event(meta.began_s, EventKind.PROCESS, "the workload's first line runs")
    for capture in captures:
        if capture.high_watermark_at_s is not None and capture.high_watermark_bytes is not None:
            peak = format_bytes(capture.high_watermark_bytes)
            yield Event(capture.high_watermark_at_s, EventKind.MARK, f"high watermark of the heap, {peak}")
    if done and meta.exit_code is not None:
        by_us = ", by perftui" if meta.ended_by_us else ""
        yield Event(meta.duration_s, EventKind.PROCESS, f"the workload ended{_with(meta.exit_code)}{by_us}", WORKLOAD)


def process_landmarks(processes: Iterable[Process], names: Mapping[int, str] | None = None) -> Iterator[Event]:
    """Yield when children of the workload were started and when they ended; `names` are by process id."""
    for process in list(processes)[-MOST_PROCESSES:]:
        if process.parent is None:
            continue
        name = (names or {}).get(process.pid, process.name)
        who = f"process {process.pid}{f' ({name})' if name else ''}"
        if process.created_s > 0:
            yield Event(process.created_s, EventKind.PROCESS, f"{who} started")
        if process.ended_s is not None:
            yield Event(process.ended_s, EventKind.PROCESS, f"{who} ended{_with(process.exit_code)}")


def _with(code: int | None) -> str:
    if code is None:
        return ""
    return f" with exit code {code}" if code >= 0 else f" with signal {-code}"
