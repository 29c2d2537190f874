"""Looks at single processes that wait for a viewer: bounded, and no process is forgotten."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from perftui.model.process import Process, ProcessKey, ProcessReadings

MAX_PENDING_ROWS = 50_000
"""Readings that wait: of sixty-four processes those of the last thirteen minutes."""
MAX_PENDING_LOOKS = 7_200


class ProcessQueue:
    """What is not taken yet; of old looks only their news stay."""

    def __init__(self) -> None:
        self._looks: deque[ProcessReadings] = deque()
        self._rows = 0
        self._news: dict[ProcessKey, Process] = {}
        """What looks told that were dropped, the latest of each process."""

    def extend(self, looks: Iterable[ProcessReadings]) -> None:
        """Add looks, and let go of the oldest where there are too many."""
        for look in looks:
            self._looks.append(look)
            self._rows += len(look.readings)
        while (self._rows > MAX_PENDING_ROWS or len(self._looks) > MAX_PENDING_LOOKS) and len(self._looks) > 1:
            oldest = self._looks.popleft()
            self._rows -= len(oldest.readings)
            self._news |= {process.key: process for process in oldest.news}

    def take(self) -> tuple[ProcessReadings, ...]:
        """Return everything that waits, in order of time."""
        looks = tuple(self._looks)
        if self._news:
            looks = (ProcessReadings(looks[0].at_s, news=tuple(self._news.values())), *looks)
        self._looks.clear()
        self._rows, self._news = 0, {}
        return looks
