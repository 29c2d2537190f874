"""Values over time in bounded memory: the latest as they came, older ones in blocks that keep their extremes."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite

MOST_VALUES = 7_200
"""Two hours at one value a second stay as they came; older ones stand in blocks."""
MOST_BLOCKS = 4_096
"""Of one size; older ones stand in blocks of so many of these."""
PER_BLOCK = 8
_AT_ONCE = 100 * PER_BLOCK
_HOLD = 2.5
"""A value stands for this many times the usual distance of two; after that nothing was measured."""
_LATEST = 9
"""Values whose distances say how often they come."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Values in equal spans of time; None where nothing was measured."""

    high: tuple[float | None, ...] = ()
    """The greatest value of each span: a spike is never lost."""
    mean: tuple[float | None, ...] = ()


class _Spans:
    """What was found for each of so many spans of time."""

    def __init__(self, count: int) -> None:
        self.highs = [-inf] * count
        self.totals = [0.0] * count
        self.counts = [0] * count
        self.ends: dict[int, tuple[_Level, int]] = {}
        """Where the last value of each lies."""


class _Level:
    """Blocks of equally many values, in order of time."""

    def __init__(self, values_per_block: int) -> None:
        self.values_per_block = values_per_block
        self.first_s = array("d")
        self.high = array("d")
        # Of single values all of these are the same.
        single = values_per_block == 1
        self.last_s = self.first_s if single else array("d")
        self.total = self.high if single else array("d")

    def __len__(self) -> int:
        return len(self.high)

    def add_blocks_of(self, finer: _Level, count: int) -> None:
        """Move the first `count` blocks of a finer level here."""
        for i in range(0, count, PER_BLOCK):
            part = slice(i, i + PER_BLOCK)
            self.first_s.append(finer.first_s[i])
            self.last_s.append(finer.last_s[i + PER_BLOCK - 1])
            self.high.append(max(finer.high[part]))
            self.total.append(sum(finer.total[part]))
        columns = (finer.first_s, finer.last_s, finer.high, finer.total)
        for column in {id(column): column for column in columns}.values():
            del column[:count]

    def fill(self, spans: _Spans, *, start_s: float, step_s: float) -> None:
        """Add to each span what its values here say."""
        first_s, last_s, high, total = self.first_s, self.last_s, self.high, self.total
        count = len(spans.counts)
        if not first_s or last_s[-1] < start_s or first_s[0] >= start_s + count * step_s:
            return
        edges = [start_s + column * step_s for column in range(count + 1)]
        # Of single values, one span ends where the next begins; a block may belong to several.
        ends = [bisect_left(first_s, edge) for edge in edges]
        begins = ends if first_s is last_s else [bisect_left(last_s, edge) for edge in edges]
        highs, totals, counts = spans.highs, spans.totals, spans.counts
        for at, (low, up) in enumerate(zip(begins, ends[1:], strict=False)):
            if low < up:
                greatest = high[low] if low + 1 == up else max(high[low:up])
                if greatest > highs[at]:
                    highs[at] = greatest
                totals[at] += sum(total[low:up])
                counts[at] += (up - low) * self.values_per_block
                spans.ends[at] = self, up - 1


class Pyramid:
    """One series of values over the time of the recording; times never go back."""

    def __init__(self, *, holds: bool = False) -> None:
        """Begin without a value; where it `holds`, one stands until the next, however long that takes."""
        self._holds = holds
        self._levels = [_Level(1)]
        """The finest, which is the newest, first."""
        self.version = 0
        """Another one after each value."""
        self.peak: float | None = None
        """The greatest value of all."""
        self.peak_at_s = 0.0
        """When the greatest value came, the first of equals."""

    def __len__(self) -> int:
        """Return how many values and blocks are held."""
        return sum(map(len, self._levels))

    @property
    def is_measured(self) -> bool:
        """Whether there was ever a value."""
        return self.peak is not None

    def append(self, at_s: float, value: float | None) -> None:
        """Add a value; None, where nothing was measured, lets the one before hold."""
        if value is None or not isfinite(value):
            return
        if self.peak is None or value > self.peak:
            self.peak, self.peak_at_s = value, at_s
        newest = self._levels[0]
        newest.first_s.append(max(at_s, newest.first_s[-1]) if newest.first_s else at_s)
        newest.high.append(value)
        self.version += 1
        if len(newest) >= MOST_VALUES + _AT_ONCE:
            self._make_room()

    def columns(self, count: int, *, start_s: float, end_s: float) -> Columns:
        """Return `count` equal spans of a range; a value holds until the next is due.

        A block belongs to every span that it touches.
        """
        step_s = (end_s - start_s) / count if count > 0 else 0.0
        if step_s <= 0:
            return Columns(*((None,) * max(0, count),) * 2)
        found = _Spans(count)
        for level in reversed(self._levels):
            level.fill(found, start_s=start_s, step_s=step_s)
        held, until_s = self._before(start_s)
        hold_s = self._hold_s()
        until_s += hold_s
        last: int | None = None
        """The latest span with a value, where what it holds was not looked up yet."""
        high: list[float | None] = []
        mean: list[float | None] = []
        for column, number in enumerate(found.counts):
            if number:
                greatest = found.highs[column]
                average = found.totals[column] / number
                high.append(greatest)
                # Rounding must not carry the mean of equal values past them.
                mean.append(average if average < greatest else greatest)
                last = column
            else:
                if last is not None:
                    level, index = found.ends[last]
                    held, until_s, last = level.high[index], level.last_s[index] + hold_s, None
                value = held if start_s + column * step_s < until_s else None
                high.append(value)
                mean.append(value)
        return Columns(tuple(high), tuple(mean))

    def peak_beside(self, ranges: Sequence[tuple[float, float]]) -> float | None:
        """Return when the greatest value came that lies in none of some ranges, both ends included."""
        best, found = -inf, None
        for level in reversed(self._levels):
            for at_s, value in zip(level.last_s, level.high, strict=True):
                if value > best and not any(low <= at_s <= high for low, high in ranges):
                    best, found = value, at_s
        return found

    def at(self, moment_s: float) -> float | None:
        """Return the value that stood at a moment; of a block the greatest; None where nothing was measured."""
        for level in self._levels:
            index = bisect_left(level.first_s, moment_s + 1e-9) - 1
            if index >= 0:
                return level.high[index] if moment_s - level.last_s[index] < self._hold_s() else None
        return None

    def _before(self, moment_s: float) -> tuple[float | None, float]:
        """Return the last value before a moment, and when it was measured."""
        for level in self._levels:
            index = bisect_left(level.first_s, moment_s) - 1
            if index >= 0:
                return level.high[index], level.last_s[index]
        return None, -inf

    def _hold_s(self) -> float:
        if self._holds:
            return inf
        # The least of some: a pause between two values is not their usual distance.
        latest = self._levels[0].first_s[-_LATEST:]
        return _HOLD * (min((later - before for before, later in pairwise(latest)), default=1.0) or 1.0)

    def _make_room(self) -> None:
        for number, level in enumerate(self._levels):
            if len(level) < (MOST_VALUES if number == 0 else MOST_BLOCKS) + _AT_ONCE:
                return
            if number + 1 == len(self._levels):
                self._levels.append(_Level(level.values_per_block * PER_BLOCK))
            self._levels[number + 1].add_blocks_of(level, _AT_ONCE)
