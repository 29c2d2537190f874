"""What a workload told, line by line, made into values of series and marks; whoever wrote the lines is not trusted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from perftui.model.series import Series, SeriesKind, SeriesValues, is_value
from perftui.model.session import Event, EventKind
from perftui.text import printable
from perftui.units import UNIT_FACTORS, Unit

MOST_NAMES = 500
MOST_MARKS = 2_000
"""In a day: a watch goes on for many."""
_DAY_S = 86_400.0
MARKS_A_SECOND = 50
_MOST_TELLERS = 4_096
"""Processes that count to the same sum; of more the oldest are added up for good."""
_LONGEST_NAME = 200
_PLAIN = re.compile(r"\s+")
_UNITS = (Unit.SECONDS, Unit.BYTES, Unit.PERCENT, Unit.BYTES_PER_SECOND)
"""Units that are told by their name; of other words the number is taken as it is."""
_PER_SECOND = "/s"


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was told."""

    kind: str
    """`mark`, `gauge`, `count`, `done` or `total`; `dropped` for how much was lost before it came here."""
    name: str
    value: float = 0.0
    """Of a counter its sum so far in this process."""
    unit: str = ""
    at_s: float = 0.0
    """Seconds since the recording began."""
    teller: str = ""
    """The process."""


@dataclass(slots=True)
class _Sum:
    """A counter over processes."""

    tellers: dict[str, float] = field(default_factory=dict)
    before: float = 0.0
    """What processes counted that are no longer told apart."""

    def told(self, teller: str, total: float) -> float:
        # Two threads may tell in another order than they have counted.
        self.tellers[teller] = max(total, self.tellers.pop(teller, 0.0))
        if len(self.tellers) > _MOST_TELLERS:
            self.before += self.tellers.pop(next(iter(self.tellers)))
        return self.before + sum(self.tellers.values())


class Tally:
    """Collects what was told between two moments: the last value of each series, and every mark within bounds."""

    def __init__(self) -> None:
        self.dropped = 0
        """What came too fast, under too many names, or with no number, and was left out."""
        self._names: dict[tuple[str, str], Series] = {}
        self._sums: dict[str, _Sum] = {}
        self._values: dict[Series, float] = {}
        self._marks: list[Event] = []
        self._mark_count = 0
        self._second, self._in_second = -1, 0
        self._last_s = 0.0

    def take(self, told: Told) -> None:
        """Take in one thing that was told."""
        name = _named(told.name)
        match told.kind:
            case "mark" if name:
                self._mark(name, told.at_s)
            case "gauge" | "done" | "total" if name:
                unit, factor = unit_of(told.unit)
                self._value(SeriesKind.GAUGE, name, told.value * factor, told.at_s, unit)
            case "count" if name and is_value(told.value) and self._series(SeriesKind.COUNTER, name, Unit.COUNT):
                total = self._sums.setdefault(name, _Sum()).told(told.teller, told.value)
                self._value(SeriesKind.COUNTER, name, total, told.at_s, Unit.COUNT)
            case "dropped" if 0 <= told.value <= 1e15:
                self.dropped += int(told.value)
            case _:
                self.dropped += 1

    def drain(self) -> list[SeriesValues | Event]:
        """Return what has come since the last call, and begin anew."""
        found: list[SeriesValues | Event] = [*self._marks]
        if self._values:
            found.append(SeriesValues(self._last_s, tuple(self._values.items())))
        self._values, self._marks = {}, []
        return found

    def _value(self, kind: SeriesKind, name: str, value: float, at_s: float, unit: Unit) -> None:
        series = self._series(kind, name, unit)
        if series is None or not is_value(value):
            self.dropped += 1
            return
        self._values[series] = value
        self._last_s = max(self._last_s, at_s)

    def _series(self, kind: SeriesKind, name: str, unit: Unit) -> Series | None:
        series = self._names.get((kind.value, name))
        if series is None and len(self._names) < MOST_NAMES:
            series = self._names[kind.value, name] = Series(name, kind=kind, unit=unit)
        return series

    def _mark(self, name: str, at_s: float) -> None:
        second = int(at_s)
        self._in_second = self._in_second + 1 if second == self._second else 1
        self._second = second
        if self._in_second > MARKS_A_SECOND or self._mark_count >= MOST_MARKS * (1 + at_s // _DAY_S):
            self.dropped += 1
            return
        self._mark_count += 1
        self._marks.append(Event(at_s, EventKind.MARK, name))


def unit_of(text: str) -> tuple[Unit, float]:
    """Return what a word for a unit means, and how many of it one is: `ms` is 0.001 seconds."""
    word = text.strip().lower().replace("μ", "µ")
    if word.endswith(_PER_SECOND) and word in UNIT_FACTORS[Unit.PER_SECOND]:
        return Unit.PER_SECOND, UNIT_FACTORS[Unit.PER_SECOND][word]
    return next(((unit, UNIT_FACTORS[unit][word]) for unit in _UNITS if word in UNIT_FACTORS[unit]), (Unit.COUNT, 1.0))


def _named(name: str) -> str:
    return printable(_PLAIN.sub(" ", name.strip())[:_LONGEST_NAME])
