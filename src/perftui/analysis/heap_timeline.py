"""Heap and resident memory of several processes over one time axis, from what their captures say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perftui.model.heap import HeapTimeline


def summed(timelines: Sequence[HeapTimeline]) -> Iterator[tuple[float, float, float]]:
    """Yield (moment in seconds, heap bytes, resident bytes) of all processes together, in order of time.

    A process counts with its last known value from its first moment to its last: what it held is gone with it.
    """
    moments = sorted((at_s, which, i) for which, line in enumerate(timelines) for i, at_s in enumerate(line.at_s))
    heap, rss = [0.0] * len(timelines), [0.0] * len(timelines)
    for at_s, which, i in moments:
        line = timelines[which]
        heap[which], rss[which] = line.heap_bytes[i], line.rss_bytes[i]
        yield at_s, sum(heap), sum(rss)
        if i == len(line.at_s) - 1:
            heap[which] = rss[which] = 0.0
