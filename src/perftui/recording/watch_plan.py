"""What a watch is asked for beside a recording, and what a part of it takes over from the part before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from perftui.budgets.spec import Intervals
from perftui.model.process import Process, ProcessKey, ProcessReading, ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import SampleWindow, ThreadLooks
from perftui.model.series import SeriesValues
from perftui.model.session import Event, OutputChunk
from perftui.recording.intake import Observed

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Keep:
    """How much stays of a watch, or of all sessions; None for no limit."""

    parts: int | None = None
    """So many parts, the one that is being recorded among them; so many sessions of each workload."""
    size_bytes: int | None = None
    age_s: float | None = None

    @property
    def limited(self) -> bool:
        """Whether anything ever goes."""
        return (self.parts, self.size_bytes, self.age_s) != (None, None, None)


@dataclass(frozen=True, slots=True)
class WatchPlan:
    """How a watch that may last for days is kept in parts."""

    rotate_s: float | None = DAY_S
    """Begin another part after this time; None never does."""
    rotate_bytes: int | None = None
    """Or as soon as a part's file is so large."""
    keep: Keep = field(default_factory=Keep)
    intervals: Intervals = field(default_factory=Intervals)
    """How often to look, where the budget says nothing of it."""


def moved(observed: Observed, by_s: float) -> Observed:
    """Return something observed on a clock that is so many seconds behind; what is a little too early is at 0."""
    match observed:
        case ResourceReading() | SeriesValues() | ThreadLooks() | OutputChunk() | Event():
            return replace(observed, at_s=max(0.0, observed.at_s - by_s))
        case SampleWindow():
            start_s = max(0.0, observed.start_s - by_s)
            return replace(observed, start_s=start_s, end_s=max(start_s, observed.end_s - by_s))
        case ProcessReadings():
            return ProcessReadings(
                max(0.0, observed.at_s - by_s),
                tuple(_process(process, by_s) for process in observed.news),
                tuple(ProcessReading(_key(each.process, by_s), *each[1:]) for each in observed.readings),
                observed.left_out,
            )
        case _:
            return observed


class LiveProcesses:
    """The processes that the next part has to be told of: those that were not seen to end."""

    def __init__(self) -> None:
        self._known: dict[ProcessKey, Process] = {}
        self._untold = False

    def cut(self) -> None:
        """Note that a new part knows none of them."""
        self._untold = True

    def seen(self, look: ProcessReadings) -> ProcessReadings:
        """Take in a look, and return it with everything that its part does not know yet."""
        if self._untold:
            self._untold = False
            news = {process.key: process for process in look.news}
            look = replace(look, news=tuple((self._known | news).values()))
        for process in look.news:
            if process.ended_s is None:
                self._known[process.key] = process
            else:
                self._known.pop(process.key, None)
        return look


def _process(process: Process, by_s: float) -> Process:
    ended_s = None if process.ended_s is None else max(0.0, process.ended_s - by_s)
    return replace(process, created_s=process.created_s - by_s, ended_s=ended_s)


def _key(key: ProcessKey, by_s: float) -> ProcessKey:
    return key[0], key[1] - by_s
