"""The hand-over from the recording to a viewer: what is not taken yet is merged, so a stalled viewer costs little."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from perftui.analysis.aggregate import merged
from perftui.model.reading import ResourceReading
from perftui.model.sample import ProfileDelta, ThreadLooks
from perftui.model.session import Event, OutputChunk
from perftui.recording.update import Update

MAX_PENDING_READINGS = 7_200
MAX_PENDING_OUTPUT = 2_000
MAX_PENDING_EVENTS = 2_000


class Feed:
    """Holds what a viewer has not taken yet; both sides may be different threads."""

    def __init__(self, on_news: Callable[[], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._on_news = on_news
        self._latest: Update | None = None
        self._delta: ProfileDelta | None = None
        self._looks: deque[ThreadLooks] = deque(maxlen=MAX_PENDING_READINGS)
        self._readings: deque[ResourceReading] = deque(maxlen=MAX_PENDING_READINGS)
        self._events: deque[Event] = deque(maxlen=MAX_PENDING_EVENTS)
        self._output: deque[OutputChunk] = deque(maxlen=MAX_PENDING_OUTPUT)

    def publish(self, update: Update) -> None:
        """Add an update to what is waiting."""
        with self._lock:
            if update.verdicts is None and self._latest is not None:
                update = replace(update, verdicts=self._latest.verdicts)
            if self._latest is not None:
                update = replace(update, statuses={**self._latest.statuses, **update.statuses})
            self._latest = update
            if update.delta is not None:
                self._delta = update.delta if self._delta is None else merged(self._delta, update.delta)
            self._looks.extend(update.looks)
            self._readings.extend(update.readings)
            self._events.extend(update.events)
            self._output.extend(update.output)
        if self._on_news is not None:
            self._on_news()

    def take(self) -> Update | None:
        """Return everything that is waiting as one update, or None."""
        with self._lock:
            latest, self._latest = self._latest, None
            if latest is None:
                return None
            update = replace(
                latest,
                delta=self._delta,
                looks=tuple(self._looks),
                readings=tuple(self._readings),
                events=tuple(self._events),
                output=tuple(self._output),
            )
            self._delta = None
            for waiting in (self._looks, self._readings, self._events, self._output):
                waiting.clear()
        return update
