"""Allocations of a process that was running already: memray is attached to it, followed, and detached again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from perftui.model.workload import MemoryOptions
from perftui.sources.base import Clock, SourceEvent, SourceState, SourceStatus
from perftui.sources.heap.attach import AttachState, HeapAttachment, State
from perftui.sources.heap.source import HeapSource
from perftui.sources.launch import Keeper

DETACH_LIMIT_S = 3.0
"""A target that does not allocate cannot be detached from; what was attached waits for it behind our back."""
_ROUND_S = 0.05
_WAITING = "Waiting for the process to allocate: only then memray can be attached."


class AttachedHeap:
    """A source that attaches first; used by one thread."""

    name = "heap"

    def __init__(
        self,
        capture: Path,
        *,
        pid: int,
        clock: Clock,
        epoch_s: float,
        keeper: Keeper,
        cwd: Path,
        options: MemoryOptions,
    ) -> None:
        self._attachment = HeapAttachment(pid, capture, options=options)
        self._source = HeapSource(
            capture, pid=pid, clock=clock, epoch_s=epoch_s, keeper=keeper, cwd=cwd, options=options, boot=False
        )
        self._follows = False
        self._said: AttachState | None = None
        self._stopped = False

    def start(self) -> None:
        """Begin to attach; raises `ObserveError` where that is impossible from the outset."""
        self._attachment.start()

    def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
        """Return what has come; waits at most so long."""
        events: list[SourceEvent] = []
        state = self._attachment.poll()
        if state.state is State.TRACING and not self._follows:
            self._follows = True
            self._source.start()
        if state != self._said:
            self._said = state
            events.append(_status(state))
        if self._follows and state.state is State.TRACING:
            events += self._source.poll(0.0 if events else timeout_s)
        elif not events:
            time.sleep(min(timeout_s, _ROUND_S))
        return events

    def stop(self) -> Sequence[SourceEvent]:
        """Detach, take what is still on the way, and leave nothing behind; safe to call twice."""
        if self._stopped:
            return ()
        self._stopped = True
        events: list[SourceEvent] = []
        self._attachment.detach()
        deadline = time.monotonic() + DETACH_LIMIT_S
        while self._attachment.poll().state in (State.PENDING, State.TRACING) and time.monotonic() < deadline:
            if self._follows:
                events += self._source.poll(_ROUND_S)
            else:
                time.sleep(_ROUND_S)
        if self._follows:
            events += self._source.stop()
        # It has had its time: what is not done yet is done without us.
        state = self._attachment.close(timeout_s=0)
        if state != self._said and state.message:
            events.append(_status(state))
        return events


def _status(state: AttachState) -> SourceStatus:
    match state.state:
        case State.PENDING:
            return SourceStatus("heap", SourceState.STARTING, state.message or _WAITING, state.hint)
        case State.REFUSED:
            return SourceStatus("heap", SourceState.FAILED, state.message, state.hint)
        case State.DETACHED:
            return SourceStatus("heap", SourceState.ENDED, state.message, state.hint)
        case State.TRACING:
            return SourceStatus("heap", SourceState.RUNNING, state.message, state.hint)
