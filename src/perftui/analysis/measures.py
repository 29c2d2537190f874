"""The running figures that budgets and summaries are made from, fed the same way live and from a saved session."""

from __future__ import annotations

import difflib
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import floor, inf, isfinite, log
from typing import TYPE_CHECKING

from perftui.analysis.call_tree import CallTree
from perftui.analysis.growth import Growth
from perftui.analysis.metric_values import MetricValues
from perftui.model.frame import Frame
from perftui.model.heap import Capture, HeapTimeline, HeapView, is_pseudo
from perftui.model.reading import METERS, ResourceReading
from perftui.model.run_figures import RunFigures

if TYPE_CHECKING:
    from perftui.analysis.heap_profile import HeapProfile

# A percentile is found among buckets that are 1 % wide, so it is at most 1 % too high; some 6 000 of them reach from
# a billionth to 10^18, so memory is bounded however long a run lasts.
_BUCKETS_PER_E = 100
_LOWEST_BUCKET = -2_100
_HIGHEST_BUCKET = 4_200
KEPT_READINGS = 600
"""Whoever judges readings one by one may come so many of them late: ten minutes at one a second."""
# Comparing names letter by letter takes a tenth of a millisecond each.
_MOST_COMPARED = 5_000


class MeterFigures:
    """Running figures of one metric; a reading stands for the time since the reading before it.

    The first reading of a run stands for no time, and counts for mean and percentiles only while it is alone.
    """

    __slots__ = ("_buckets", "_lowest", "_seconds", "_weighted", "first", "last", "peak")

    def __init__(self) -> None:
        self.first: float | None = None
        """The value that was read first."""
        self.last: float | None = None
        """The newest value; None where the newest reading has none, or there was no reading."""
        self.peak: float | None = None
        """The highest value of all readings."""
        self._lowest = inf
        self._seconds = 0.0
        self._weighted = 0.0
        self._buckets: dict[int, tuple[float, float]] = {}

    def add(self, value: float | None, for_s: float) -> None:
        """Take in a value that stood for so many seconds; None says that it could not be measured."""
        if value is None or not isfinite(value):
            self.last = None
            return
        self.last = value
        self.first = value if self.first is None else self.first
        self.peak = value if self.peak is None else max(self.peak, value)
        self._lowest = min(self._lowest, value)
        self._seconds += for_s
        self._weighted += for_s * value
        bucket = _bucket(value)
        known_s, highest = self._buckets.get(bucket, (0.0, -inf))
        self._buckets[bucket] = (known_s + for_s, max(highest, value))

    @property
    def least(self) -> float | None:
        """The lowest value of all readings."""
        return None if self.peak is None else self._lowest

    def copy(self) -> MeterFigures:
        """Return figures that go their own way from here."""
        twin = MeterFigures()
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
        twin._buckets = dict(self._buckets)
        return twin

    @property
    def mean(self) -> float | None:
        """The mean over time."""
        if self.peak is None or not self._seconds:
            return self.peak
        # Rounding must not carry the mean of equal values past them: a limit that is just met is met.
        return min(self.peak, max(self._lowest, self._weighted / self._seconds))

    @property
    def p95(self) -> float | None:
        """The value that was not exceeded for 95 % of the time: one that was read, at most 1 % too high."""
        return self.percentile(0.95)

    def percentile(self, share: float) -> float | None:
        """Return the value that was not exceeded for a share (0 to 1) of the time."""
        wanted_s, passed_s, value = share * self._seconds, 0.0, self.peak
        if not wanted_s:
            return value
        for bucket in sorted(self._buckets):
            seconds, value = self._buckets[bucket]
            passed_s += seconds
            if passed_s >= wanted_s:
                break
        return value


def _bucket(value: float) -> int:
    if value <= 0:
        return _LOWEST_BUCKET
    return min(_HIGHEST_BUCKET, max(_LOWEST_BUCKET + 1, floor(log(value) * _BUCKETS_PER_E)))


class SustainedLevel:
    """The highest level that a series of readings did not leave for a given time.

    "Over 80 for 10 s" is then a plain comparison: the sustained level is over 80. A reading without a value, or without
    its metric, begins the time anew.
    """

    __slots__ = ("_falling", "_number", "_times", "for_s", "held", "level")

    def __init__(self, for_s: float) -> None:
        self.for_s = for_s
        self.level: float | None = None
        """None until readings have spanned the time once."""
        self.held: tuple[float, float] | None = None
        """(seconds, lowest value) of the readings at hand; None without any."""
        self._number = 0
        self._times: deque[tuple[int, float]] = deque()
        self._falling: deque[tuple[int, float]] = deque()

    def add(self, at_s: float, value: float | None) -> None:
        """Take in the next reading."""
        if value is None or not isfinite(value):
            self._times.clear()
            self._falling.clear()
            self.held = None
            return
        self._number += 1
        self._times.append((self._number, at_s))
        while self._falling and self._falling[-1][1] >= value:
            self._falling.pop()
        self._falling.append((self._number, value))
        # The window begins at the newest reading that is old enough.
        while len(self._times) > 1 and self._times[1][1] <= at_s - self.for_s:
            self._times.popleft()
        while self._falling[0][0] < self._times[0][0]:
            self._falling.popleft()
        spanned_s, lowest = at_s - self._times[0][1], self._falling[0][1]
        self.held = (spanned_s, lowest)
        if spanned_s >= self.for_s:
            self.level = lowest if self.level is None else max(self.level, lowest)


@dataclass(frozen=True, slots=True)
class FunctionSubject:
    """Which functions are meant: a qualified name, and the end of the file's path where it matters."""

    function: str
    file: str = ""
    """Whole parts of a path, read from its end: `search.py` and `app/search.py` both mean `/srv/app/search.py`."""

    @classmethod
    def parse(cls, text: str) -> FunctionSubject:
        """Read `app/search.py:Index.query` or `Index.query`."""
        file, _, function = text.rpartition(":")
        return cls(function, file.replace("\\", "/").removeprefix("./"))

    def matches(self, frame: Frame) -> bool:
        """Say whether a frame's function is meant."""
        if frame.function != self.function:
            return False
        file = frame.file.replace("\\", "/")
        return not self.file or file == self.file or file.endswith(f"/{self.file}")

    def __str__(self) -> str:
        return f"{self.function} ({self.file.rpartition('/')[2]})" if self.file else self.function


@dataclass(frozen=True, slots=True)
class FunctionFigures:
    """What the functions of one subject cost; a sample that holds several of them counts once."""

    self_weight: float
    total_weight: float
    self_count: int
    total_count: int


class _FunctionSearch:
    """The functions of one subject in a tree that grows; each function and each node is looked at once."""

    def __init__(self, subject: FunctionSubject, tree: CallTree) -> None:
        self.tree = tree
        self._subject = subject
        self._functions: set[int] = set()
        self._functions_seen = 0
        self._covered = bytearray(1)
        self._topmost = array("i")

    def figures(self) -> FunctionFigures | None:
        tree = self.tree
        for function in range(self._functions_seen, len(tree.functions)):
            if self._subject.matches(tree.functions[function]):
                self._functions.add(function)
                # Nodes were told apart by the functions known then.
                self._covered, self._topmost = bytearray(1), array("i")
        self._functions_seen = len(tree.functions)
        if not self._functions:
            return None
        weight, count = self._totals()
        return FunctionFigures(
            self_weight=sum(tree.function_self_weight[function] for function in self._functions),
            total_weight=weight,
            self_count=sum(tree.function_self_count[function] for function in self._functions),
            total_count=count,
        )

    def _totals(self) -> tuple[float, int]:
        tree = self.tree
        if len(self._functions) == 1:
            (function,) = self._functions
            return tree.function_total_weight[function], tree.function_total_count[function]
        for node in range(len(self._covered), len(tree)):
            above, own = self._covered[tree.parent[node]], tree.function[node] in self._functions
            self._covered.append(above | own)
            if own and not above:
                self._topmost.append(node)
        weight = sum(tree.total_weight[node] for node in self._topmost)
        return weight, sum(tree.total_count[node] for node in self._topmost)


class Measures:
    """Everything that a rule can be held against; whoever has news puts it in.

    `profile` is the flushed call tree of the CPU samples, and may grow in place, as `heap` may. What captures say is
    known once they were read.
    """

    def __init__(self, profile: CallTree | None = None) -> None:
        self.profile = profile
        self.wall_s = 0.0
        """How long the run has lasted."""
        self.heap: Mapping[HeapView, HeapProfile] = {}
        """The views of the heap that there are."""
        self.captures: Sequence[Capture] = ()
        self.timelines: Sequence[HeapTimeline] = ()
        """Heap over time from the captures."""
        self.current: RunFigures | None = None
        """The runs that are judged, reduced to figures: their operations, functions and surroundings."""
        self.memory_apart = False
        """Memory was traced in a run of its own: its moments are those of that run."""
        self.growths: Mapping[str, Growth] = {"rss_bytes": Growth(), "heap_bytes": Growth()}
        """By metric of a reading."""
        self.metrics = MetricValues()
        """Application metrics that are derived."""
        self.reading_count = 0
        self._figures = {meter.metric: MeterFigures() for meter in METERS}
        self._before_s = 0.0
        self._newest: deque[ResourceReading] = deque(maxlen=KEPT_READINGS)
        self._searches: dict[tuple[FunctionSubject, int], _FunctionSearch] = {}

    def reading(self, reading: ResourceReading) -> None:
        """Take in the next reading."""
        for_s = max(0.0, reading.at_s - self._before_s)
        for metric, figures in self._figures.items():
            figures.add(getattr(reading, metric), for_s)
        for metric, growth in self.growths.items():
            growth.add(reading.at_s, getattr(reading, metric))
        self._before_s = max(self._before_s, reading.at_s)
        self.wall_s = max(self.wall_s, reading.at_s)
        self.reading_count += 1
        self._newest.append(reading)

    def figures(self, metric: str) -> MeterFigures:
        """Return the figures of a metric of `ResourceReading`."""
        return self._figures[metric]

    @property
    def is_traced(self) -> bool:
        """Whether anything is known of allocations."""
        return bool(self.heap or self.captures or self.timelines) or self._figures["heap_bytes"].peak is not None

    @property
    def memory_until_s(self) -> float:
        """How long memory was looked at, where that was in a run of its own; as long as everything otherwise."""
        ends = (line.at_s[-1] for line in self.timelines if line.at_s)
        return max(ends, default=self.wall_s) if self.memory_apart else self.wall_s

    @property
    def oldest_kept(self) -> int:
        """The number of readings that came before the oldest one that is still kept."""
        return self.reading_count - len(self._newest)

    def readings_after(self, count: int) -> Sequence[ResourceReading]:
        """Return the kept readings that came after the first `count`."""
        fresh = min(self.reading_count - count, len(self._newest))
        return [self._newest[place] for place in range(-fresh, 0)]

    def function(self, subject: FunctionSubject) -> FunctionFigures | None:
        """Return what the functions of a subject cost, or None where no sample holds one."""
        return None if self.profile is None else self.function_in(subject, self.profile)

    def function_in(self, subject: FunctionSubject, tree: CallTree) -> FunctionFigures | None:
        """Return what the functions of a subject weigh in a flushed tree, or None where it holds none of them."""
        # A tree that is looked at stays alive here, so no other one takes its identity.
        search = self._searches.get((subject, id(tree)))
        if search is None:
            search = self._searches[subject, id(tree)] = _FunctionSearch(subject, tree)
        return search.figures()

    def has_seen(self, subject: FunctionSubject) -> bool:
        """Say whether a function of a subject was seen running, or allocating."""
        return any(map(subject.matches, self._frames()))

    def similar(self, subject: FunctionSubject) -> str:
        """Return the name of a function that was seen and may have been meant, or nothing."""
        named = sorted(frame.file for frame in self._frames() if frame.function == subject.function)
        if named:
            # The name is right, so the file is not.
            return f"{named[0]}:{subject.function}"
        names = {frame.function for frame in self._frames()}
        last = subject.function.rpartition(".")[2]
        close = sorted(name for name in names if name.rpartition(".")[2] == last)
        if not close and len(names) <= _MOST_COMPARED:
            close = difflib.get_close_matches(subject.function, names, n=1, cutoff=0.8)
        return close[0] if close else ""

    def _frames(self) -> Iterator[Frame]:
        sampled: Iterable[Frame] = () if self.profile is None else self.profile.functions
        allocating = chain.from_iterable(profile.functions() for profile in self.heap.values())
        return chain(sampled, (frame for frame in allocating if not is_pseudo(frame)))
