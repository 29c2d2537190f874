"""The target of a recording: a workload that is launched below a keeper of its own, or a process that was there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.errors import WorkloadError
from perftui.recording.plan import RecordingPlan
from perftui.recording.telling_place import TellingPlace
from perftui.sources import processes
from perftui.sources.gate import Gate
from perftui.sources.launch import Exit, Keeper, Launched

if TYPE_CHECKING:
    from perftui.sources.heap.tracing import Tracing


class Target:
    """One process that is observed, and how it ended; `hasten` may be called from any thread, the rest from one."""

    def __init__(self, plan: RecordingPlan) -> None:
        self.keeper = Keeper(keep_target=plan.keep_target)
        self.pid = plan.attach_pid or 0
        self.exit: Exit | None = None
        self.lost: WorkloadError | None = None
        """Why nothing is known of the workload's end."""
        self.ended_s: float | None = None
        """When a launched workload was first seen to have ended, in seconds since it began."""
        self.ended_by_us = False
        self.launched: Launched | None = None
        self.telling: TellingPlace | None = None
        """Where a launched workload tells its metrics."""
        self.began = 0.0
        """When it was started or attached to, in seconds of the system's monotonic clock."""
        self._plan = plan
        self._ending = False

    @property
    def gate(self) -> Gate | None:
        """Where the first interpreter of a launched workload waits."""
        return self.launched.gate if self.launched is not None else None

    def start(self, *, tracing: Tracing | None = None, again: bool = False) -> None:
        """Launch the workload, `again` where it has run before; raises `WorkloadError` where that fails."""
        plan = self._plan
        if plan.workload is None:
            if plan.attach_pid is None:
                msg = "a recording needs a workload or a pid"
                raise ValueError(msg)
        else:
            # What is told twice would be counted twice.
            self.telling = None if again else TellingPlace()
            told = self.telling.environment if self.telling is not None else {}
            workload = replace(plan.workload, env={**plan.workload.env, **told})
            # What the first run has read of a pipe is gone.
            stdin = None if again and not isinstance(plan.stdin, Path) else plan.stdin
            with _opened(stdin) as descriptor:
                self.launched = self.keeper.launch(workload, terminal=plan.terminal, stdin=descriptor, tracing=tracing)
            self.pid = self.launched.pid
        # Its time begins when it has been started, and not while that was prepared.
        self.began = time.monotonic()

    def clock(self) -> float:
        """Return the seconds since it began."""
        return time.monotonic() - self.began

    def look(self) -> bool:
        """Look whether it has ended, and say so."""
        if self.launched is None:
            return not self.lives
        try:
            self.exit = self.launched.poll()
        except WorkloadError as error:
            self.lost = error
        self._note_end()
        return self.has_ended

    def _note_end(self) -> None:
        if self.exit is not None and self.ended_s is None:
            self.ended_s = self.clock()

    @property
    def has_ended(self) -> bool:
        """Whether it was seen to have ended, or was lost sight of."""
        if self.launched is None:
            return not self.lives
        return self.exit is not None or self.lost is not None

    @property
    def lives(self) -> bool:
        """Whether the process that was attached to is there."""
        return self._plan.attach_pid is not None and processes.alive(self._plan.attach_pid)

    def end(self, grace_s: float) -> None:
        """End a launched workload unless it is to be kept."""
        if self.launched is None or self.has_ended or self._plan.keep_target:
            return
        # In this order: a request to hasten finds it under way, or has set the grace.
        self._ending = True
        try:
            self.exit = self.launched.end(grace_s=grace_s)
        except WorkloadError as error:
            self.lost = error
        else:
            self._note_end()
            self.ended_by_us = True

    def hasten(self) -> None:
        """Cut the grace of an end that is under way."""
        if self.launched is not None and self._ending:
            self.launched.hasten()

    def close(self) -> None:
        """End everything that was started for it, unless the workload is to be kept."""
        self.keeper.close()
        if self.telling is not None:
            self.telling.close()


@contextmanager
def _opened(stdin: int | Path | None) -> Iterator[int | None]:
    if not isinstance(stdin, Path):
        yield stdin
        return
    try:
        file = stdin.open("rb")
    except OSError as error:
        raise WorkloadError(f"cannot read the workload's input {stdin}: {error.strerror}") from None
    with file:
        yield file.fileno()
