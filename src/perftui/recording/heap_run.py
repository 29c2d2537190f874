"""What a recording of memory needs beside one of CPU: loaded only where memory is recorded."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

from perftui.model.heap import Capture
from perftui.model.workload import Retention
from perftui.recording.plan import RecordingPlan
from perftui.recording.target import Target
from perftui.sources.base import Source
from perftui.sources.heap.attached import AttachedHeap
from perftui.sources.heap.capture_reader import CaptureReader, captures_of
from perftui.sources.heap.header import writer_of
from perftui.sources.heap.source import HeapSource
from perftui.sources.heap.tracing import REPORT_SUFFIX, Tracing
from perftui.storage.captures import captures_directory

# Other signals may leave a process dumping its memory for long.
_PROMPT_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)


class HeapRun:
    """The run of one target whose allocations are traced."""

    def __init__(self, plan: RecordingPlan, session_id: str) -> None:
        self.capture = captures_directory(plan.sessions) / f"{session_id}.bin"
        """Where the tracer writes; captures of forked children stand beside it."""
        self._plan = plan
        self._writer = 0
        """The process that writes the capture; 0 until it does."""

    @property
    def tracing(self) -> Tracing | None:
        """What the workload is launched with; None for a target that is attached to."""
        return Tracing(self.capture, self._plan.memory) if self._plan.workload is not None else None

    def announced(self, target: Target) -> Capture:
        """Return what is known of the capture before it is read: of the process that writes it, once one does."""
        options = self._plan.memory
        self._writer = self._writer or writer_of(self.capture)
        pid = self._writer or target.pid
        return Capture(pid, self.capture.name, native=options.native, pymalloc=options.pymalloc)

    def source(self, target: Target, *, epoch_s: float, cwd: Path) -> Source:
        """Return what follows the capture; `epoch_s` is the time of day at which the target's clock began."""
        kind = HeapSource if self._plan.workload is not None else AttachedHeap
        return kind(
            self.capture,
            pid=target.pid,
            clock=target.clock,
            epoch_s=epoch_s,
            keeper=target.keeper,
            cwd=cwd,
            options=self._plan.memory,
        )

    def is_written(self, target: Target) -> bool:
        """Say whether the target was left running, and goes on writing its capture."""
        return self._plan.keep_target and target.launched is not None and not target.has_ended

    def forget_report(self) -> None:
        """Remove what the boot said of itself: it has been read."""
        with contextlib.suppress(OSError):
            self.capture.with_name(self.capture.name + REPORT_SUFFIX).unlink()

    def reader(self, target: Target, *, epoch_s: float, cwd: Path) -> Source | None:
        """Return what reads the captures to their end; None where there are none."""
        captures = captures_of(self.capture)
        if not captures:
            return None
        keep = self._plan.memory.retention is Retention.KEEP
        return CaptureReader(
            captures,
            clock_zero_epoch_s=epoch_s,
            keeper=target.keeper,
            cwd=cwd,
            keep_in=self.capture.parent if keep else None,
            # What is read and not to be kept goes.
            own=True,
            must_reach=_must_reach(target),
        )


def _must_reach(target: Target) -> tuple[int, float] | None:
    """Return the process of a workload and when it ended; None where that may have taken its time, as dumps do."""
    prompt = target.exit is not None and (target.exit.code >= 0 or -target.exit.code in _PROMPT_ENDS)
    return (target.pid, target.ended_s) if prompt and target.ended_s is not None else None
