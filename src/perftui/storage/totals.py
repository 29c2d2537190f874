"""The sums of a session's samples, worked out once when it is finished."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator

from perftui.storage.tables import StoredWindow, Total

_LEAF_BITS = 32


def totals_of(windows: Iterable[StoredWindow]) -> Iterator[Total]:
    """Yield (thread id, leaf node, weight, count), by thread and node.

    Weights are added window by window in their order, as a live profile adds them, so both give the same digits.
    """
    # In columns: a dictionary of tuples takes three times as much, just when a recording holds most.
    places: dict[int, int] = {}
    weights, counts = array("d"), array("q")
    for window in windows:
        for thread, leaves in window.samples():
            for leaf, count in Counter(leaves).items():
                place = places.setdefault(thread << _LEAF_BITS | leaf, len(counts))
                if place == len(counts):
                    weights.append(0.0)
                    counts.append(0)
                weights[place] += count * window.interval_s
                counts[place] += count
    for key in sorted(places):
        place = places[key]
        yield key >> _LEAF_BITS, key & (1 << _LEAF_BITS) - 1, weights[place], counts[place]
