"""What happened, as far as it follows from what is known."""

from __future__ import annotations

from dataclasses import replace

from perftui.analysis import landmarks as module
from perftui.analysis.landmarks import landmarks, process_landmarks
from perftui.model.heap import Capture
from perftui.model.process import Process
from perftui.model.session import EventKind, SessionKind, SessionMeta, SessionState


def test_begin_end_and_high_watermark_are_told_without_having_been_recorded() -> None:
    meta = SessionMeta(
        "20260101-000000-aaaa", "run", SessionKind.LAUNCHED, SessionState.COMPLETE, "2026-01-01T00:00:00+00:00"
    )
    meta = replace(meta, began_s=0.25, duration_s=9.0, exit_code=-9, ended_by_us=True)
    captures = [Capture(1, high_watermark_bytes=2 << 20, high_watermark_at_s=3.0), Capture(2)]
    told = [(event.at_s, event.kind, event.text) for event in landmarks(meta, captures, done=True)]
    assert told == [
        (0.25, EventKind.PROCESS, "the workload's first line runs"),
        (3.0, EventKind.MARK, "high watermark of the heap, 2.00 MiB"),
        (9.0, EventKind.PROCESS, "the workload ended with signal 9, by perftui"),
    ]
    assert len(list(landmarks(meta, done=False))) == 1


def test_children_are_told_of_and_what_ran_before_or_is_the_workload_itself_is_not() -> None:
    processes = [
        Process(10, 0.1, ended_s=9.0, exit_code=0),
        Process(11, 1.0, parent=10, name="python3", ended_s=2.0, exit_code=-15),
        Process(12, -5.0, parent=10, name="sh"),
        Process(13, 3.0, parent=10),
    ]
    told = [(event.at_s, event.text) for event in process_landmarks(processes, {11: "worker.py 1"})]
    assert told == [
        (1.0, "process 11 (worker.py 1) started"),
        (2.0, "process 11 (worker.py 1) ended with signal 15"),
        (3.0, "process 13 started"),
    ]
    many = [Process(100 + i, i + 1.0, parent=10) for i in range(module.MOST_PROCESSES + 7)]
    events = list(process_landmarks(many))
    assert len(events) == module.MOST_PROCESSES
    assert events[-1].at_s == module.MOST_PROCESSES + 7.0
