"""The sums of a session's samples, worked out once when it is finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from perftui.storage.tables import StoredWindow, Total


def totals_of(windows: Iterable[StoredWindow]) -> tuple[Total, ...]:
    """Return (thread id, leaf node, weight, count), by thread and node.

    Weights are added window by window in their order, as a live profile adds them, so both give the same digits.
    """
    sums: dict[tuple[int, int], tuple[float, int]] = {}
    for window in windows:
        for thread, leaves in window.samples():
            for leaf, count in Counter(leaves).items():
                weight, known = sums.get((thread, leaf), (0.0, 0))
                sums[thread, leaf] = (weight + count * window.interval_s, known + count)
    return tuple((thread, leaf, weight, count) for (thread, leaf), (weight, count) in sorted(sums.items()))
