"""Readings and looks that wait for a viewer: fewer and fewer of the old ones, so that none of the time is forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.model.reading import METERS, ResourceReading
from perftui.model.sample import ThreadLooks

MOST_THREADS = 50_000
"""Of all looks together, at some hundred bytes each: six minutes of 128 threads, looked at once a second."""


def fewer_readings(readings: Sequence[ResourceReading], most: int) -> list[ResourceReading]:
    """Return at most so many readings; of the older half two become one, which holds the greater values."""
    kept = list(readings)
    while len(kept) > max(1, most):
        old = max(2, len(kept) // 4 * 2)
        kept[:old] = [_joined(*kept[i : i + 2]) for i in range(0, old, 2)]
    return kept


def fewer_looks(looks: Sequence[ThreadLooks], most: int, *, most_threads: int = MOST_THREADS) -> list[ThreadLooks]:
    """Return at most so many looks, which found at most so many threads together, or but one.

    Of the older half every other one stays: ratios of looks are estimates anyway.
    """
    kept = list(looks)
    while len(kept) > 1 and (len(kept) > most or sum(len(look.threads) for look in kept) > most_threads):
        old = max(2, len(kept) // 4 * 2)
        kept[:old] = kept[1:old:2]
    return kept


def _joined(first: ResourceReading, second: ResourceReading) -> ResourceReading:
    """Return one reading at the moment of the second."""
    values = {meter.metric: _greater(getattr(first, meter.metric), getattr(second, meter.metric)) for meter in METERS}
    return ResourceReading(second.at_s, **values)


def _greater(first: float | None, second: float | None) -> float | None:
    return max((value for value in (first, second) if value is not None), default=None)
