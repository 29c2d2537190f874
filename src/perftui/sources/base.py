"""What every source promises: observe a target, hand over frozen values, say plainly what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from perftui.model.heap import Capture, HeapSnapshot, HeapTimeline
from perftui.model.process import ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow, ThreadLooks
from perftui.model.series import SeriesValues
from perftui.model.session import Event

Clock = Callable[[], float]
"""Seconds since the recording began, monotonic."""


class SourceState(Enum):
    """Where a source stands."""

    STARTING = "starting"
    RUNNING = "running"
    DEGRADED = "degraded"
    """It works, but not as asked: a fallback, a lower rate, a retry."""
    ENDED = "ended"
    """The target ended, or the source was closed."""
    FAILED = "failed"
    """It gave up; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How a source does; trouble is data."""

    source: str
    state: SourceState
    message: str = ""
    """One sentence for a person."""
    hint: str = ""
    """The remedy, in one sentence."""

    @property
    def told(self) -> str:
        """Both as sentences that stand apart, however the message ends."""
        message = self.message if not self.hint or self.message.endswith((".", "!", "?", ":")) else f"{self.message}:"
        return f"{message} {self.hint}".strip()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a source is with something that takes its time."""

    source: str
    text: str
    """What it does, in a few words; empty when it is done with it."""
    share: float | None = None
    """0 to 1; None where that cannot be told."""


SourceEvent = (
    SampleWindow
    | ThreadLooks
    | ResourceReading
    | ProcessReadings
    | HeapSnapshot
    | HeapTimeline
    | Capture
    | SeriesValues
    | Event
    | Progress
    | SourceStatus
)
"""What a source hands over."""


class Source(Protocol):
    """An adapter that observes a target; used by one thread only.

    Times in the events are seconds of the recording's monotonic clock, which begins at 0 with the recording.
    """

    name: str

    def start(self) -> None:
        """Begin to observe; raises `ObserveError` where that is impossible from the outset."""

    def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
        """Wait at most `timeout_s` and return what has come, in order of time; empty when there is nothing."""

    def stop(self) -> Sequence[SourceEvent]:
        """End observing, return what was still on the way, and leave no process behind. Safe to call twice."""
