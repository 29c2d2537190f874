"""What a recording hands to its viewers: frozen, mergeable, and the same live and from a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from perftui.analysis.delta_parts import parts_of
from perftui.analysis.time_order import OrderedWindow
from perftui.model.alert import AlertChange
from perftui.model.heap import Capture, HeapDelta, HeapTimeline, HeapView
from perftui.model.operation import Operation
from perftui.model.process import ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import ProfileDelta, ThreadLooks
from perftui.model.series import SeriesValues
from perftui.model.session import Event, OutputChunk, SessionMeta
from perftui.model.source_file import SourceFile
from perftui.model.verdict import RuleVerdict
from perftui.recording.held_pictures import HeldPicture
from perftui.sources.base import Progress, SourceStatus


class Phase(Enum):
    """Where a recording stands."""

    STARTING = "starting"
    RUNNING = "running"
    ENDING = "ending"
    """The workload ended or is being ended; the last samples are on their way."""
    DONE = "done"
    """The session is saved."""


@dataclass(frozen=True, slots=True)
class Update:
    """What is new since the update before."""

    meta: SessionMeta
    phase: Phase
    elapsed_s: float
    delta: ProfileDelta | None = None
    orders: tuple[OrderedWindow, ...] = ()
    """Samples of the delta in the order of time: of its last minutes, and only while it is recorded."""
    looks: tuple[ThreadLooks, ...] = ()
    readings: tuple[ResourceReading, ...] = ()
    processes: tuple[ProcessReadings, ...] = ()
    commands: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Command lines by process id, of processes that were sampled before a look found them."""
    series: Collection[SeriesValues] = ()
    """Application metrics."""
    events: tuple[Event, ...] = ()
    alerts: tuple[AlertChange, ...] = ()
    """Alerts that changed, for whoever is to be told; each stands among the events too."""
    output: tuple[OutputChunk, ...] = ()
    verdicts: tuple[RuleVerdict, ...] | None = None
    """All verdicts, where any changed."""
    sources: tuple[SourceFile, ...] = ()
    """Source files of which something new is known."""
    statuses: Mapping[str, SourceStatus] = field(default_factory=dict)
    """The latest status of every source that has a new one."""
    heap: Mapping[HeapView, HeapDelta] = field(default_factory=dict)
    pictures: tuple[HeldPicture, ...] = ()
    """Pictures of what was held, for looking at the moments of a range."""
    captures: tuple[Capture, ...] | None = None
    """All captures, where any changed."""
    timelines: tuple[HeapTimeline, ...] = ()
    """Heap over time from the captures, once they were read."""
    operations: tuple[Operation, ...] | None = None
    """All operations that benchmark tools have measured, where any are new."""
    progress: Progress | None = None
    """What is being waited for, and how far it is."""
    own_cpu_percent: float | None = None
    """CPU of perftui itself over the last seconds, 100 is one core."""

    def parts(self) -> Iterator[Update]:
        """Yield updates that together bring what this one brings, none of them many samples."""
        if self.delta is None:
            yield self
            return
        first, *others = parts_of(self.delta)
        yield replace(self, delta=first)
        for part in others:
            yield Update(self.meta, self.phase, self.elapsed_s, delta=part, progress=self.progress)
