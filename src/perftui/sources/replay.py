"""Plays recorded events again, in real or in fake time: for the demo, for pictures, for tests."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow, ThreadLooks
from perftui.model.series import SeriesValues
from perftui.model.session import Event
from perftui.sources.base import SourceEvent, SourceState, SourceStatus

_OVER = (SourceState.ENDED, SourceState.FAILED)


class ReplaySource:
    """A source whose events are known beforehand.

    Each event comes when the clock has reached its own time, divided by `speed`; the times inside the events stay
    those of the recording. A status has no time of its own: it comes together with the event before it.

    Args:
        events: what to play; put into the order of time, with events of one moment left in their order.
        clock: seconds since the recording began, monotonic.
        speed: how many recorded seconds pass in one second; infinity plays everything at once.
        sleep: how to wait.
    """

    name = "replay"

    def __init__(
        self,
        events: Sequence[SourceEvent],
        *,
        clock: Callable[[], float],
        speed: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be above 0, not {speed}")
        self._timed = _in_order_of_time(events)
        self._clock = clock
        self._speed = speed
        self._sleep = sleep
        self._next = 0
        self._origin_s: float | None = None
        self._over = False

    def start(self) -> None:
        """Let time run from here."""
        self._origin_s = self._clock()

    def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
        """Return the events that are due, after waiting at most `timeout_s` for the first of them."""
        if self._over or self._origin_s is None:
            self._sleep(max(0.0, timeout_s))
            return ()
        wait_s = self._due_s() - self._clock()
        if wait_s > 0:
            self._sleep(min(wait_s, max(0.0, timeout_s)))
        events = self._take_due()
        if self._next == len(self._timed):
            self._over = True
            if not (self._timed and _ends(self._timed[-1][1])):
                events.append(SourceStatus(self.name, SourceState.ENDED, "The recording is over."))
        return events

    def stop(self) -> Sequence[SourceEvent]:
        """End the replay; what is not due yet never comes."""
        if self._over:
            return ()
        self._over = True
        return (SourceStatus(self.name, SourceState.ENDED, "The replay was stopped."),)

    def _due_s(self) -> float:
        """Return the clock's time at which the next event comes."""
        origin_s = self._origin_s or 0.0
        return origin_s + self._timed[self._next][0] / self._speed if self._next < len(self._timed) else origin_s

    def _take_due(self) -> list[SourceEvent]:
        now_s = self._clock()
        events: list[SourceEvent] = []
        # The due time is worked out the same way as for waiting, so that a wait never ends a rounding error too early.
        while self._next < len(self._timed) and self._due_s() <= now_s:
            events.append(self._timed[self._next][1])
            self._next += 1
        return events


def _in_order_of_time(events: Sequence[SourceEvent]) -> list[tuple[float, SourceEvent]]:
    timed: list[tuple[float, SourceEvent]] = []
    at_s = 0.0
    for event in events:
        at_s = _time_of(event, otherwise=at_s)
        timed.append((at_s, event))
    return sorted(timed, key=lambda pair: pair[0])


def _time_of(event: SourceEvent, *, otherwise: float) -> float:
    match event:
        case SampleWindow():
            at_s = event.end_s
        case ThreadLooks() | ResourceReading() | SeriesValues() | Event():
            at_s = event.at_s
        case SourceStatus():
            return otherwise
    return at_s if math.isfinite(at_s) else otherwise


def _ends(event: SourceEvent) -> bool:
    return isinstance(event, SourceStatus) and event.state in _OVER
