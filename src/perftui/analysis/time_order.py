"""Samples in the order of time: what was seen of a thread between any two moments.

Samples are kept in their order, window by window; when in a window one was taken is not known, so they are taken to
lie evenly in it. A window is unpacked when a cell that it reaches into is asked for, and then kept for a while.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil
from typing import Protocol

MOST_UNPACKED = 1_500_000
"""Samples of windows that are kept unpacked, 4 bytes each."""
ORDER_S = 120.0
"""While a session is recorded the order of its samples is kept for so long."""


class OrderedWindow(Protocol):
    """A window whose samples are in the order of time."""

    @property
    def start_s(self) -> float:
        """Beginning, in seconds of the recording."""

    @property
    def end_s(self) -> float:
        """End, in seconds of the recording."""

    @property
    def interval_s(self) -> float:
        """Mean time between two looks at each thread: one sample weighs this much."""

    def samples(self) -> Iterable[tuple[int, Sequence[int]]]:
        """Return (thread id, leaf node of each sample in the order of time)."""


class TimeOrder:
    """The windows of a session in the order of time; a live one keeps the latest of them."""

    def __init__(self, windows: Iterable[OrderedWindow] = (), *, most_s: float | None = None) -> None:
        self._windows: list[OrderedWindow] = []
        self._most_s = most_s
        self._starts: list[float] = []
        self._ends: list[float] = []
        self._unpacked: OrderedDict[int, dict[int, Sequence[int]]] = OrderedDict()
        self._unpacked_samples = 0
        self._dropped = 0
        self.follow(sorted(windows, key=lambda window: (window.start_s, window.end_s)))

    @property
    def start_s(self) -> float:
        """From when on there is an order; 0 where there is none."""
        return self._starts[0] if self._starts else 0.0

    @property
    def end_s(self) -> float:
        """Until when there is an order."""
        return max(self._ends[-1:], default=0.0)

    @property
    def windows(self) -> Sequence[OrderedWindow]:
        """Those that are kept, in the order of their beginnings."""
        return self._windows

    @property
    def is_cut(self) -> bool:
        """Whether what came first is not kept any more."""
        return self._dropped > 0

    def follow(self, windows: Iterable[OrderedWindow]) -> None:
        """Take in later windows, and drop those that are too old to be kept."""
        for window in windows:
            at = bisect_right(self._starts, window.start_s)
            self._windows.insert(at, window)
            self._starts.insert(at, window.start_s)
            # Ends grow as starts do, so that both can be searched.
            self._ends.insert(at, max(window.end_s, self._ends[at - 1] if at else 0.0))
            if at < len(self._starts) - 1:
                self._forget_unpacked()
        if self._most_s is not None and self._ends:
            old = bisect_left(self._ends, self._ends[-1] - self._most_s)
            if old:
                self._drop(old)

    def unpack(self, start_s: float, end_s: float, *, most: int) -> int:
        """Unpack at most so many of the windows between two moments; return how many of these are left; -1: too few."""
        for number in self._touched(start_s, end_s):
            if number + self._dropped not in self._unpacked:
                if not most:
                    return -1
                self._samples_of(number)
                most -= 1
        return most

    def seen(self, threads: Collection[int], start_s: float, end_s: float) -> tuple[dict[int, int], float]:
        """Return (leaf to samples, seconds that these weigh) of a thread, by its ids, between two moments."""
        found: Counter[int] = Counter()
        busy_s = 0.0
        for number in self._touched(start_s, end_s):
            window = self._windows[number]
            for thread, leaves in self._samples_of(number).items():
                if thread in threads:
                    part = _part(leaves, window, start_s, end_s)
                    found.update(part)
                    busy_s += len(part) * window.interval_s
        return found, busy_s

    def _touched(self, start_s: float, end_s: float) -> range:
        first = bisect_right(self._ends, start_s)
        return range(first, bisect_left(self._starts, end_s, first))

    def _samples_of(self, number: int) -> Mapping[int, Sequence[int]]:
        key = number + self._dropped
        known = self._unpacked.get(key)
        if known is None:
            known = self._unpacked[key] = dict(self._windows[number].samples())
            self._unpacked_samples += sum(map(len, known.values()))
            while self._unpacked_samples > MOST_UNPACKED and len(self._unpacked) > 1:
                _, oldest = self._unpacked.popitem(last=False)
                self._unpacked_samples -= sum(map(len, oldest.values()))
        else:
            self._unpacked.move_to_end(key)
        return known

    def _drop(self, count: int) -> None:
        for key in range(self._dropped, self._dropped + count):
            gone = self._unpacked.pop(key, None)
            if gone is not None:
                self._unpacked_samples -= sum(map(len, gone.values()))
        del self._windows[:count], self._starts[:count], self._ends[:count]
        self._dropped += count

    def _forget_unpacked(self) -> None:
        self._unpacked.clear()
        self._unpacked_samples = 0


def _part(leaves: Sequence[int], window: OrderedWindow, start_s: float, end_s: float) -> Sequence[int]:
    """Return the samples of a window between two moments, as if all lay evenly in it."""
    length_s = window.end_s - window.start_s
    if (start_s <= window.start_s and window.end_s <= end_s) or length_s <= 0:
        return leaves
    # The i-th of n lies at (i + 1/2) / n of the window.
    number = len(leaves)
    low = ceil((start_s - window.start_s) / length_s * number - 0.5)
    high = ceil((end_s - window.start_s) / length_s * number - 0.5)
    return leaves[max(0, low) : max(0, high)]
