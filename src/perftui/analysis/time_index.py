"""What was sampled when: the weights of any range of time, without looking at every window between its ends.

Between running totals that are kept every so many windows, a range is one subtraction of columns; only the windows
around its two ends are looked at one by one. Where a range cuts a window, the part inside counts: when in a window a
sample was taken is not kept here.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import sub

from perftui.analysis.time_sums import Held, RunningTotals, Tally, Totals, corrections, put
from perftui.analysis.window_cells import (
    PackedWindow,
    Part,
    Row,
    Slots,
    WindowCells,
    cells_of,
    cells_of_samples,
    joined,
    whole,
)
from perftui.model.sample import ProfileDelta

Cell = tuple[int, int]
"""(thread id, leaf node of the stack table)."""
Weights = dict[Cell, Held]
"""Cell to (weight, count); none that holds nothing."""

# Of all windows together, at 4 to 16 bytes each: more than an hour of 8 busy threads at 100 Hz has.
MOST_CELLS = 4_000_000
MOST_CELLS_LIVE = 1_000_000
"""While it is recorded, beside all else that grows: an hour of 8 threads that do a dozen things a second each. The
session file has every sample, so what is opened again is as fine as it was sampled."""
MOST_WINDOWS = 14_400
"""Two hours at two windows a second stay as they came."""
# While there are more of either, older windows are joined two by two; two minutes at two windows a second stay as they
# came, unless these alone are more than half of what may be kept.
_KEPT_FINE = 240
# With each new window so many cells are joined, so that nobody waits: some ten milliseconds.
_JOINED_AT_ONCE = 40_000
_REMEMBERED_REWRITES = 256
MOST_TOTALS_BYTES = 4 << 20
"""Of the running totals that are kept."""
# Cells between two running totals, which are what one range adds up one by one: some milliseconds.
_FIRST_SPACING = 32_768
# Windows that are added up directly: a short range asks for no totals.
_FEW_WINDOWS = 64
# Summing up windows that come before a range pays when the next ranges are asked for, so it may cost so much more.
_DEARER = 4
_SHORTEST_S = 1e-6
# Thirty years: what a damaged file dates later than that happened then.
_LATEST_S = 1e9
MOST_SECONDS = 100_000
"""Of a curve by second: more than a day."""


def overlaps(start_s: float, end_s: float, others: Iterable[tuple[float, float]]) -> bool:
    """Say whether a range has more than a moment in common with any of others."""
    return any(start_s < high - _SHORTEST_S and low + _SHORTEST_S < end_s for low, high in others)


class TimeIndex:
    """What each window added, by time; a live one grows, one of a saved session unpacks what it is asked for.

    Windows do not overlap: one begins where the one before it ended, at the earliest. One that lies inside the one
    before it, as imports have them, is counted as a part of that.
    """

    def __init__(self, *, most_cells: int = MOST_CELLS, most_totals_bytes: int = MOST_TOTALS_BYTES) -> None:
        self.rewrites = 0
        """How often windows were changed that had been added before."""
        self._rewritten: deque[tuple[float, float, bool]] = deque(maxlen=_REMEMBERED_REWRITES)
        """(start, end, whether windows were joined) of the latest of these."""
        self._join_at = 0
        self._most_cells = most_cells
        self._slots = Slots()
        self._starts = array("d")
        self._ends = array("d")
        self._reached = array("d", [0.0])
        """Weight of all windows before each, and of all at last."""
        self._cells: list[WindowCells | None] = []
        self._packed: dict[int, list[PackedWindow]] = {}
        """Windows that can be unpacked again."""
        self._cell_count = 0
        self._totals = RunningTotals(spacing=_FIRST_SPACING, most_bytes=most_totals_bytes)

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self._starts)

    @property
    def start_s(self) -> float:
        """Beginning of the first window."""
        return self._starts[0] if self._starts else 0.0

    @property
    def end_s(self) -> float:
        """End of the last window."""
        return self._ends[-1] if self._ends else 0.0

    @property
    def cell_count(self) -> int:
        """Number of entries of windows that are held: samples, or (thread, stack) with their number."""
        return self._cell_count

    @property
    def totals_bytes(self) -> int:
        """Memory of the running totals that are kept."""
        return self._totals.size_bytes

    @property
    def unsummed(self) -> int:
        """Number of windows that `advance` has not reached."""
        return len(self) - self._totals.upto

    def add(self, start_s: float, end_s: float, weights: Mapping[Cell, Held]) -> None:
        """Add what was seen from `start_s` to `end_s`."""
        slots = self._slots
        cells = cells_of((thread, slots[leaf], *held) for (thread, leaf), held in weights.items())
        weight = sum(row[2] for row in cells.rows())
        if not self._open(start_s, end_s, weight):
            last = len(self) - 1
            before = self._cells_of(last)
            self._cell_count -= len(before)
            self._cells[last] = joined((before, cells))
            self._rewrite(last, joined=False)
            if not self.unsummed:
                self._totals.amend(cells)
        else:
            self._cells.append(cells)
            if self.unsummed == 1:
                self._totals.add(cells)
        self._cell_count += len(self._cells[-1] or ())
        if self._is_too_much:
            self._join_old()

    def follow(self, delta: ProfileDelta) -> None:
        """Add what a delta added to a profile, each part of it when it was seen."""
        for span in delta.spans:
            self.add(max(0.0, span.start_s), span.end_s, span.weights)

    @classmethod
    def of_windows(cls, windows: Iterable[PackedWindow]) -> TimeIndex:
        """Return an index of a saved session; nothing is unpacked until it is needed."""
        index = cls()
        for window in sorted(windows, key=lambda window: (window.start_s, window.end_s)):
            if not window.sample_count:
                continue
            if index._open(window.start_s, window.end_s, window.sample_count * window.interval_s):
                index._cells.append(None)
            index._packed.setdefault(len(index) - 1, []).append(window)
        return index

    def advance(self, windows: int) -> bool:
        """Sum up the next windows, so that long ranges are answered at once; say whether more are left."""
        until = min(len(self), self._totals.upto + windows)
        while self._totals.upto < until:
            self._totals.add(self._cells_of(self._totals.upto))
        return self.unsummed > 0

    def weights_between(self, start_s: float, end_s: float) -> Weights:
        """Return what was seen from `start_s` to `end_s`, thread by thread; of windows that are cut, the part inside.

        What two ranges that touch give adds up to exactly what both together give.
        """
        first, inside, outside, last = self._spans(start_s, end_s)
        tallies: dict[int, Tally] = defaultdict(Tally)
        for number in range(inside, outside):
            cells = self._cells_of(number)
            for part in cells.parts:
                tallies[part[0]].add(cells, parts=(part,))
        for number in (*range(first, inside), *range(outside, last)):
            for row in self._cut(number, start_s, end_s, None):
                tallies[row[0]].add_rows((row,))
        leaves = self._slots.leaves
        return {(thread, leaf): held for thread, one in tallies.items() for leaf, held in one.held(leaves).items()}

    def stacks_between(
        self, start_s: float, end_s: float, *, threads: Collection[int] | None = None
    ) -> dict[int, Held]:
        """Return what was seen from `start_s` to `end_s` by stack table node, of some threads or of all together.

        All together is what running totals are kept of: that takes milliseconds, however long the range is.
        """
        return self._tally(start_s, end_s, threads).held(self._slots.leaves)

    def row_between(self, start_s: float, end_s: float) -> tuple[list[int], list[float]] | None:
        """Return count and weight by place in `leaves` of a range so long that most have some; None of a short one."""
        _, inside, outside, _ = self._spans(start_s, end_s)
        return None if self._is_short(inside, outside) else self._tally(start_s, end_s, None).row(len(self.leaves))

    @property
    def leaves(self) -> Sequence[int]:
        """Stack table nodes that ever ended a sample, in the order of appearance; those after them come later."""
        return self._slots.leaves

    def threads_between(self, start_s: float, end_s: float) -> dict[int, Held]:
        """Return (weight, count) of each thread that was seen from `start_s` to `end_s`."""
        first, inside, outside, last = self._spans(start_s, end_s)
        if self._is_short(inside, outside):
            sums: dict[int, Held] = {}
            put(sums, (row for number in range(inside, outside) for row in self._cells_of(number).by_thread()), 1)
        else:
            sums = self._threads_by_totals(inside, outside)
        for number in (*range(first, inside), *range(outside, last)):
            cut = self._cut(number, start_s, end_s, None)
            put(sums, ((thread, weight, count) for thread, _, weight, count in cut), 1)
        return {thread: held for thread, held in sums.items() if held[0] or held[1]}

    def is_rewritten(self, since: int, start_s: float, end_s: float) -> bool:
        """Say whether a range may weigh something else than it did when `rewrites` was `since`."""
        fresh = self.rewrites - since
        if fresh > len(self._rewritten):
            return True
        for number in range(-fresh, 0):
            low, high, joined = self._rewritten[number]
            # Joining moves weights inside a window only: that is seen where the window is cut.
            if (low < start_s < high or low < end_s < high) if joined else (low < end_s and start_s < high):
                return True
        return False

    def is_cut(self, start_s: float, end_s: float) -> bool:
        """Say whether a range begins or ends inside a window: then its weights are in part an estimate."""
        first, last = self._touched(start_s, end_s)
        return first < last and (self._starts[first] < start_s or self._ends[last - 1] > end_s)

    def windows(self, start_s: float, end_s: float) -> Iterator[tuple[float, Weights]]:
        """Yield (end, weights) of each window between two moments, cut ones by their part inside."""
        leaves = self._slots.leaves
        for number in range(*self._touched(start_s, end_s)):
            rows = self._cut(number, start_s, end_s, None)
            held = {(thread, leaves[slot]): (weight, count) for thread, slot, weight, count in rows}
            yield min(self._ends[number], end_s), held

    def weight_until(self, at_s: float) -> float:
        """Return the weight of everything up to a moment."""
        number = bisect_left(self._starts, at_s) - 1
        if number < 0:
            return 0.0
        before, whole = self._reached[number], self._reached[number + 1] - self._reached[number]
        return before + whole * self._share(number, at_s)

    def busy(self, start_s: float, end_s: float, parts: int) -> list[float]:
        """Return the weight of each of `parts` equal parts of a range: what a scrubber draws, a cell a part."""
        step = (end_s - start_s) / parts if parts > 0 else 0.0
        reached = [self.weight_until(start_s + part * step) for part in range(parts + 1)]
        return list(map(sub, reached[1:], reached))

    def per_second(self) -> list[float]:
        """Return the busy seconds of each second from 0 on, of all threads together."""
        seconds = min(MOST_SECONDS, -int(-self.end_s // 1))
        return self.busy(0.0, float(seconds), seconds)

    def worst(self, seconds: float, *, beside: Sequence[tuple[float, float]] = ()) -> tuple[float, float] | None:
        """Return the range of so many seconds with most weight, the earliest of equals, that overlaps none of others.

        None where nothing, or nothing else, weighs anything.
        """
        latest = max(self.start_s, self.end_s - seconds)
        # Weight grows evenly inside a window, so the greatest range begins or ends where a window, or another, does.
        starts, ends = (low for low, _ in beside), (high for _, high in beside)
        begins = {*self._starts, *(end - seconds for end in self._ends), *ends, *(start - seconds for start in starts)}
        best, found = 0.0, None
        for begin in sorted({min(max(begin, self.start_s), latest) for begin in begins}):
            weight = self.weight_until(begin + seconds) - self.weight_until(begin)
            if weight > best + _SHORTEST_S and not overlaps(begin, begin + seconds, beside):
                best, found = weight, begin
        return None if found is None else (found, min(found + seconds, self.end_s))

    def _open(self, start_s: float, end_s: float, weight: float) -> bool:
        """Begin a window, or say that it is a part of the last one."""
        start_s, end_s = min(start_s, _LATEST_S), min(end_s, _LATEST_S)
        if self._ends and end_s <= self._ends[-1]:
            self._reached[-1] += weight
            return False
        start_s = max(start_s, self._ends[-1]) if self._ends else start_s
        self._starts.append(start_s)
        self._ends.append(max(end_s, start_s + _SHORTEST_S))
        self._reached.append(self._reached[-1] + weight)
        return True

    def _touched(self, start_s: float, end_s: float) -> tuple[int, int]:
        """Return the first of the windows that a range touches and the one after the last."""
        first = bisect_right(self._ends, start_s)
        return first, max(first, bisect_left(self._starts, end_s))

    def _share(self, number: int, at_s: float) -> float:
        """Return how much of a window lies before a moment, 0 to 1."""
        start_s, end_s = self._starts[number], self._ends[number]
        if at_s >= end_s:
            return 1.0
        return (at_s - start_s) / (end_s - start_s) if at_s > start_s else 0.0

    def _spans(self, start_s: float, end_s: float) -> tuple[int, int, int, int]:
        """Return the first window that a range touches, the whole ones in it (two ends), and the one after the last."""
        first, last = self._touched(start_s, end_s)
        inside, outside = bisect_left(self._starts, start_s, first, last), bisect_right(self._ends, end_s, first, last)
        return (first, inside, outside, last) if inside < outside else (first, first, first, last)

    def _cut(self, number: int, start_s: float, end_s: float, threads: Collection[int] | None) -> Iterator[Row]:
        """Yield the part of a window that lies inside a range."""
        low, high = self._share(number, start_s), self._share(number, end_s)
        cells = self._cells_of(number)
        rows = cells.rows(parts=_of(cells, threads))
        if (low, high) == (0.0, 1.0):
            yield from rows
            return
        # Differences of what lies before each end: then parts of one window add up to it.
        for thread, slot, weight, count in rows:
            part, number_of = whole(weight * high) - whole(weight * low), int(count * high) - int(count * low)
            if part or number_of:
                yield thread, slot, part, number_of

    def _tally(self, start_s: float, end_s: float, threads: Collection[int] | None) -> Tally:
        first, inside, outside, last = self._spans(start_s, end_s)
        tally = self._whole(inside, outside, threads)
        for number in (*range(first, inside), *range(outside, last)):
            tally.add_rows(self._cut(number, start_s, end_s, threads))
        return tally

    def _is_short(self, inside: int, outside: int) -> bool:
        """Say whether so many windows are added up sooner one by one."""
        return outside - inside <= max(_FEW_WINDOWS, (outside - self._totals.upto) // _DEARER)

    def _whole(self, inside: int, outside: int, threads: Collection[int] | None) -> Tally:
        """Return the sum of many whole windows."""
        if threads is not None or self._is_short(inside, outside):
            tally = Tally()
            for number in range(inside, outside):
                cells = self._cells_of(number)
                tally.add(cells, parts=_of(cells, threads))
            return tally
        low, high = self._kept_around(inside, outside)
        tally = self._totals.between(low, high)
        for number, sign in corrections(low, high, inside, outside):
            tally.add(self._cells_of(number), sign)
        return tally

    def _threads_by_totals(self, inside: int, outside: int) -> dict[int, Held]:
        low, high = self._kept_around(inside, outside)
        sums = dict(high.threads)
        put(sums, ((thread, *held) for thread, held in low.threads.items()), -1)
        for number, sign in corrections(low, high, inside, outside):
            put(sums, self._cells_of(number).by_thread(), sign)
        return sums

    def _kept_around(self, inside: int, outside: int) -> tuple[Totals, Totals]:
        """Return the totals that lie nearest to either end of a row of windows."""
        self.advance(outside - self._totals.upto)
        return self._totals.nearest(inside), self._totals.nearest(outside)

    def _cells_of(self, number: int) -> WindowCells:
        cells = self._cells[number]
        if cells is None:
            cells = joined([self._unpacked(window) for window in self._packed[number]])
            if self._cell_count + len(cells) <= self._most_cells:
                self._cells[number] = cells
                self._cell_count += len(cells)
        return cells

    def _unpacked(self, window: PackedWindow) -> WindowCells:
        return cells_of_samples(window.samples(), window.interval_s, self._slots)

    @property
    def _is_too_much(self) -> bool:
        return self._cell_count > self._most_cells or len(self) > MOST_WINDOWS

    def _join_old(self) -> None:
        """Make room: join older windows two by two, so that what is long ago is kept coarser."""
        newest = len(self._cells[-1] or ())
        fine = min(_KEPT_FINE, int(self._most_cells / 2 / max(1, newest)))
        room = _JOINED_AT_ONCE
        while self._is_too_much and room > 0:
            old = len(self) - fine
            if old < 2 or self._packed:
                return
            if self._join_at + 1 >= old:
                self._join_at = 0
            room -= self._join(self._join_at)
            self._join_at += 1

    def _join(self, number: int) -> int:
        """Make one window of a window and the next; return how many cells they had."""
        parts = (self._cells_of(number), self._cells_of(number + 1))
        both = joined(parts)
        self._cell_count += len(both) - sum(map(len, parts))
        self._cells[number : number + 2] = [both]
        del self._starts[number + 1], self._ends[number], self._reached[number + 1]
        self._totals.forget_joined(number + 1)
        self._rewrite(number, joined=True)
        return sum(map(len, parts))

    def _rewrite(self, number: int, *, joined: bool) -> None:
        self.rewrites += 1
        self._rewritten.append((self._starts[number], self._ends[number], joined))


def _of(cells: WindowCells, threads: Collection[int] | None) -> list[Part] | None:
    """Return the parts of some threads; None for all."""
    return None if threads is None else [part for part in cells.parts if part[0] in threads]
