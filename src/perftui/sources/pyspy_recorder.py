"""One py-spy process and its window: from its start over the moment that it samples to its parsed output."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum

from perftui.model.sample import SampleWindow
from perftui.sources.gate import GATE_FILE
from perftui.sources.heap import BOOT_FILE, PROGRAM_FUNCTION
from perftui.sources.pyspy_output import (
    ENDED_LINE,
    OUTPUT_LIMIT_BYTES,
    SAMPLING_LINE,
    Ours,
    OutputError,
    parse_record,
    without_torn,
)
from perftui.sources.recorder_process import RecorderExit, Tool

_OURS = Ours(GATE_FILE, BOOT_FILE, PROGRAM_FUNCTION)
_READ_BYTES = 1 << 18
_STDERR_LIMIT_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Goal:
    """What a recorder looks at, and how."""

    pid: int
    subprocesses: bool
    nonblocking: bool
    rate_hz: int
    gil_only: bool = False
    """Only the thread that holds the GIL."""


class Phase(Enum):
    """Where a recorder stands."""

    STARTING = "starting"
    SAMPLING = "sampling"
    STOPPING = "stopping"
    ENDED = "ended"


class Pipes:
    """The two outputs of a process, read as they come."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.open = {tool.stdout_fd, tool.stderr_fd}
        self.overflowed = False

    def read(self, descriptor: int) -> bool:
        """Take in what is there; tells whether more can come."""
        try:
            data = os.read(descriptor, _READ_BYTES)
        except BlockingIOError:
            return True
        kept, limit = self.stdout, OUTPUT_LIMIT_BYTES
        if descriptor == self.tool.stderr_fd:
            kept, limit = self.stderr, _STDERR_LIMIT_BYTES
        # Reading goes on beyond the limit, or the process would wait for us for ever.
        if len(kept) + len(data) <= limit:
            kept += data
        elif descriptor == self.tool.stdout_fd:
            self.overflowed = True
        if not data:
            self.open.discard(descriptor)
        return bool(data)

    def ended(self) -> RecorderExit | None:
        """Return how the process ended, once all that it wrote is read."""
        return None if self.open else self.tool.poll()


class Recorder:
    """A py-spy that records one window."""

    def __init__(self, tool: Tool, goal: Goal, *, started_s: float) -> None:
        self.pipes = Pipes(tool)
        self.tool = tool
        self.goal = goal
        self.started_s = started_s
        self.phase = Phase.STARTING
        self.start_s: float | None = None
        """When it began to sample."""
        self.end_s: float | None = None
        self.start_cpu_s: float | None = None
        """CPU time that it had used by then, where that can be told."""
        self.asked_s: float | None = None
        """When it was asked to end."""
        self.target_ended = False
        self.exit: RecorderExit | None = None

    def read(self, descriptor: int, now_s: float) -> bool:
        """Take in output and note what it says about the phase; tells whether more can come."""
        more = self.pipes.read(descriptor)
        if self.phase is Phase.STARTING and SAMPLING_LINE.search(self.pipes.stdout):
            self.phase = Phase.SAMPLING
            self.start_s = now_s
        # The line comes before the document, so names of the target are never taken for it.
        if self.phase is Phase.SAMPLING and self._says_ended():
            self.target_ended = True
            self._close_window(now_s)
        if not self.pipes.open:
            self._close_window(now_s)
        return more

    def ask_to_end(self, now_s: float) -> None:
        """Close the window at this moment: what is sampled after the signal is not recorded."""
        if self.phase in (Phase.STARTING, Phase.SAMPLING):
            self.asked_s = now_s
            self._close_window(now_s)
            self.tool.interrupt()

    def check_ended(self) -> bool:
        """Tell whether it has ended and all its output is here."""
        if self.exit is None:
            self.exit = self.pipes.ended()
            if self.exit is not None:
                self.phase = Phase.ENDED
        return self.exit is not None

    def abandon(self) -> None:
        """End it at once."""
        self.exit = self.tool.close()
        self.phase = Phase.ENDED

    @property
    def complaint(self) -> str:
        """What it wrote on stderr."""
        return self.pipes.stderr.decode("utf-8", "replace")

    def window(self) -> SampleWindow:
        """Return what it saw; raises `OutputError`."""
        if self.pipes.overflowed:
            raise OutputError(f"more than {OUTPUT_LIMIT_BYTES >> 20} MiB in one window")
        output = parse_record(bytes(self.pipes.stdout), pid=self.goal.pid, ours=_OURS)
        empty = self.empty_window()
        window = SampleWindow(
            start_s=empty.start_s,
            end_s=empty.end_s,
            interval_s=empty.interval_s,
            frames=output.frames,
            threads=output.threads,
            failed=output.failed,
            late_s=output.late_s,
            sampler_cpu_s=empty.sampler_cpu_s,
        )
        return without_torn(window) if self.goal.nonblocking else window

    def empty_window(self) -> SampleWindow:
        """Return the window as it is when nothing of it could be read: every look failed."""
        assert self.start_s is not None
        end_s = max(self.start_s, self.end_s if self.end_s is not None else self.start_s)
        return SampleWindow(
            start_s=self.start_s,
            end_s=end_s,
            interval_s=1 / self.goal.rate_hz,
            frames=(),
            threads=(),
            failed=round((end_s - self.start_s) * self.goal.rate_hz),
            sampler_cpu_s=self.exit.cpu_s if self.exit else 0.0,
            approximate=self.goal.nonblocking,
        )

    def _says_ended(self) -> bool:
        document = self.pipes.stdout.find(b'{"$schema"')
        return ENDED_LINE.search(self.pipes.stdout, 0, document if document >= 0 else 1 << 20) is not None

    def _close_window(self, now_s: float) -> None:
        if self.end_s is None:
            self.end_s = now_s
        if self.phase is not Phase.ENDED:
            self.phase = Phase.STOPPING
