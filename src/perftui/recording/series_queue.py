"""Application metrics that a viewer has not taken yet, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.model.series import SeriesValues

MOST_PENDING = 100_000
"""Values; a viewer that has stalled for so long gets fewer of them, over all of the time that it missed."""


class SeriesQueue:
    """What some series were, in the order of time; used under the lock of the feed."""

    def __init__(self) -> None:
        self._looks: list[SeriesValues] = []
        self._count = 0

    def extend(self, looks: Iterable[SeriesValues]) -> None:
        """Add what came; where it is too much every second moment goes, but never the newest."""
        for look in looks:
            self._looks.append(look)
            self._count += len(look.values)
        while self._count > MOST_PENDING and len(self._looks) > 1:
            self._looks = self._looks[::-2][::-1]
            self._count = sum(len(look.values) for look in self._looks)

    def take(self) -> tuple[SeriesValues, ...]:
        """Return what waits, and let go of it."""
        looks, self._looks, self._count = tuple(self._looks), [], 0
        return looks
