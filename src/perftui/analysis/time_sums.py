"""Sums of windows of time: running totals that are kept every so often, and what lies between two of them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import compress
from operator import sub

from perftui.analysis.window_cells import Part, Row, WindowCells, narrow

FEWEST_KEPT = 4
Held = tuple[float, int]
"""(weight, count)."""
_NOTHING: Held = (0.0, 0)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the first so many windows."""

    upto: int
    counts: array[int] = field(default_factory=lambda: array("Q"))
    """By slot."""
    weights: array[float] | None = None
    """By slot; None while all samples weigh the same."""
    threads: dict[int, Held] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """Memory of the columns."""
        columns = (self.counts,) if self.weights is None else (self.counts, self.weights)
        return sum(column.itemsize * len(column) for column in columns)


class RunningTotals:
    """Sums by slot over all windows up to one, and copies of them as they were on the way."""

    def __init__(self, *, spacing: int, most_bytes: int) -> None:
        """Keep a copy every `spacing` entries of windows, and fewer where these take more than `most_bytes`."""
        self.upto = 0
        """Number of windows that are summed up."""
        self._spacing, self._most_bytes = spacing, most_bytes
        self._unkept = 0
        """Entries that were summed up since a copy was kept."""
        self._counts = array("Q")
        self._weights: array[float] | None = None
        self._each: float | None = None
        """What every sample weighs, as long as that is the same for all; None before the first."""
        self._threads: dict[int, Held] = {}
        self._kept = [Totals(0)]

    @property
    def size_bytes(self) -> int:
        """Memory of the copies."""
        return sum(kept.size_bytes for kept in self._kept)

    @property
    def kept(self) -> int:
        """Number of copies."""
        return len(self._kept)

    def add(self, cells: WindowCells) -> None:
        """Add the next window."""
        self._keep_if_due()
        self.upto += 1
        self.amend(cells)

    def amend(self, cells: WindowCells) -> None:
        """Add to the window that was added last."""
        self._unkept += len(cells)
        self._weigh_apart_if_needed(cells)
        for thread, slot, weight, count in cells.rows():
            if slot >= len(self._counts):
                self._extend(slot + 1)
            self._counts[slot] += count
            if self._weights is not None:
                self._weights[slot] += weight
            known = self._threads.get(thread, (0.0, 0))
            self._threads[thread] = (known[0] + weight, known[1] + count)

    def nearest(self, number: int) -> Totals:
        """Return the copy that lies nearest to so many windows."""
        now = Totals(self.upto, self._counts, self._weights, self._threads)
        return min((*self._kept, now), key=lambda kept: abs(kept.upto - number))

    def between(self, low: Totals, high: Totals) -> Tally:
        """Return what lies between two copies."""
        tally = Tally()
        counts = list(map(sub, high.counts, low.counts))
        counts.extend(high.counts[len(low.counts) :])
        tally.dense_counts = counts
        if high.weights is None:
            tally.dense_each = self._each or 0.0
        else:
            assert low.weights is not None
            tally.dense_weights = [*map(sub, high.weights, low.weights), *high.weights[len(low.weights) :]]
        return tally

    def forget_joined(self, number: int) -> None:
        """Follow two windows that became one, the second of which had this number."""
        self.upto -= 1
        kept = [totals for totals in self._kept if totals.upto != number]
        self._kept = [_shifted(totals, totals.upto - (totals.upto > number)) for totals in kept]

    def _keep_if_due(self) -> None:
        if self._unkept < self._spacing:
            return
        self._unkept = 0
        weights = None if self._weights is None else self._weights[:]
        self._kept.append(Totals(self.upto, narrow(self._counts), weights, dict(self._threads)))
        while self.size_bytes > self._most_bytes and len(self._kept) > FEWEST_KEPT:
            self._spacing *= 2
            self._kept = self._kept[::2]

    def _weigh_apart_if_needed(self, cells: WindowCells) -> None:
        """Sum up weights beside counts from the first window on whose samples weigh something else."""
        if self._weights is not None or not len(cells):
            return
        if self._each is None and cells.weights is None:
            self._each = cells.each
        elif self._each != cells.each or cells.weights is not None:
            each = self._each or 0.0
            self._weights = _times(self._counts, each)
            self._kept = [
                Totals(kept.upto, kept.counts, _times(kept.counts, each), kept.threads) for kept in self._kept
            ]

    def _extend(self, slots: int) -> None:
        # By a half at once: most sessions meet their stacks one by one.
        missing = max(slots, len(self._counts) * 3 // 2) - len(self._counts)
        self._counts.frombytes(bytes(8 * missing))
        if self._weights is not None:
            self._weights.frombytes(bytes(8 * missing))


class Tally:
    """A sum by slot that is still being counted: windows come in and go out, and all of it is put together once."""

    def __init__(self) -> None:
        self.dense_counts: list[int] = []
        self.dense_weights: list[float] | None = None
        self.dense_each = 0.0
        self._counted: dict[tuple[float, int], Counter[int]] = {}
        """(weight of a sample, sign) to slots."""
        self._loose: dict[int, Held] = {}

    def add(self, cells: WindowCells, sign: int = 1, *, parts: Iterable[Part] | None = None) -> None:
        """Add a window, or take it away (`sign` -1); all of it or some of its parts."""
        if cells.counts is not None or cells.weights is not None:
            self.add_rows(cells.rows(parts=parts), sign)
            return
        counter = self._counted.setdefault((cells.each, sign), Counter())
        if parts is None:
            counter.update(cells.slots)
        else:
            for _, first, last in parts:
                counter.update(cells.slots[first:last])

    def add_rows(self, rows: Iterable[Row], sign: int = 1) -> None:
        """Add rows, or take them away."""
        loose, get = self._loose, self._loose.get
        for _, slot, weight, count in rows:
            known = get(slot)
            if known is None:
                loose[slot] = (sign * weight, sign * count)
            else:
                loose[slot] = (known[0] + sign * weight, known[1] + sign * count)

    def held(self, leaves: list[int]) -> dict[int, Held]:
        """Return (weight, count) by stack table node; none that holds nothing."""
        if not self.dense_counts and not self._loose and len(self._counted) <= 1:
            return {
                leaves[slot]: (sign * each * count, sign * count)
                for (each, sign), counter in self._counted.items()
                for slot, count in counter.items()
            }
        if not self.dense_counts:
            return self._over_loose(leaves)
        return self._over_dense(leaves)

    def _over_loose(self, leaves: list[int]) -> dict[int, Held]:
        loose, get = dict(self._loose), self._loose.get
        for (each, sign), counter in self._counted.items():
            for slot, count in counter.items():
                weight, number = get(slot, _NOTHING)
                loose[slot] = weight + sign * each * count, number + sign * count
            get = loose.get
        return {leaves[slot]: held for slot, held in loose.items() if held[0] or held[1]}

    def _over_dense(self, leaves: list[int]) -> dict[int, Held]:
        # Without a step of Python for each: most sessions have a hundred times the stacks that a screen shows.
        counts, weights = self.row(len(leaves))
        sums = list(zip(weights, counts, strict=False))
        return dict(compress(zip(leaves, sums, strict=False), map(any, sums)))

    def row(self, slots: int) -> tuple[list[int], list[float]]:
        """Return count and weight of each of so many slots."""
        counts = self.dense_counts + [0] * (slots - len(self.dense_counts))
        loose, counted = self._loose, self._counted.items()
        weights = self.dense_weights
        if weights is not None:
            weights = weights + [0.0] * (slots - len(weights))
        elif not all(each == self.dense_each for (each, _), _ in counted):
            weights = list(map(self.dense_each.__mul__, counts))
        if weights is None:
            for (_, sign), counter in counted:
                for slot, count in counter.items():
                    counts[slot] += sign * count
            weights = list(map(self.dense_each.__mul__, counts))
        else:
            for (each, sign), counter in counted:
                for slot, count in counter.items():
                    weights[slot] += sign * each * count
                    counts[slot] += sign * count
        for slot, (weight, count) in loose.items():
            weights[slot] += weight
            counts[slot] += count
        return counts, weights


def corrections(low: Totals, high: Totals, inside: int, outside: int) -> Iterator[tuple[int, int]]:
    """Yield (window, sign) of what lies between kept totals and the windows that are wanted."""
    for kept, wanted, sign in ((low.upto, inside, -1), (high.upto, outside, 1)):
        for number in range(min(kept, wanted), max(kept, wanted)):
            yield number, sign if wanted > kept else -sign


def put(sums: dict[int, Held], rows: Iterable[tuple[int, float, int]], sign: int) -> None:
    """Add (key, weight, count) to sums, or take them away (`sign` -1)."""
    for key, weight, count in rows:
        known = sums.get(key, (0.0, 0))
        sums[key] = (known[0] + sign * weight, known[1] + sign * count)


def _times(counts: array[int], each: float) -> array[float]:
    return array("d", map(each.__mul__, counts))


def _shifted(totals: Totals, upto: int) -> Totals:
    return Totals(upto, totals.counts, totals.weights, totals.threads)
