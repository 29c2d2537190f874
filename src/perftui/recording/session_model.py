"""A session as its viewers hold it: updates folded in order, whether they come live or from a file."""

from __future__ import annotations

from collections import deque

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.heap_profile import HeapProfile
from perftui.analysis.measures import Measures
from perftui.analysis.processes import ProcessRecords
from perftui.analysis.series_histories import SeriesHistories
from perftui.analysis.time_order import ORDER_S, TimeOrder
from perftui.analysis.timeline import Timeline
from perftui.analysis.waiting_samples import WaitingSamples
from perftui.analysis.waits import Waits
from perftui.model.alert import AlertChange
from perftui.model.heap import Capture, HeapTimeline, HeapView
from perftui.model.operation import Operation
from perftui.model.reading import ResourceReading
from perftui.model.sample import SamplingQuality
from perftui.model.session import Event, SessionMeta, SessionState
from perftui.model.source_file import SourceFile
from perftui.model.verdict import RuleVerdict
from perftui.recording.held_pictures import HeldPictures
from perftui.recording.update import Phase, Update
from perftui.sources.base import Progress, SourceStatus
from perftui.units import Unit

MAX_READINGS = 7_200
"""Readings kept in memory, two hours at one a second; figures over the whole run are kept apart from them."""
MAX_EVENTS = 2_000
MAX_ALERTS = 200
ON_THE_WAY_S = 3.0
"""A window of samples may be so late without being missing."""


class SessionModel:
    """What is known of one session now."""

    def __init__(self, meta: SessionMeta, *, late: bool = False, curves: bool = True) -> None:
        """Make a model of nothing.

        Args:
            meta: What is known of the session.
            late: Samples are only kept, until `catch_up`.
            curves: Keep what is drawn over time, and every process; without it there are sums alone.
        """
        self.meta = meta
        self._curves = curves
        self.phase = Phase.STARTING
        self.elapsed_s = 0.0
        self.aggregate = Aggregate(Unit(meta.unit))
        self._waiting = WaitingSamples(self.aggregate) if late else None
        self.order = TimeOrder(most_s=ORDER_S)
        """The latest samples in the order of time; of a saved session its times have all of them."""
        self.measures = Measures(self.aggregate.tree)
        self.processes = ProcessRecords()
        self.aggregate.commands = self.processes.commands
        self.heap: dict[HeapView, HeapProfile] = {}
        """The views of the heap that there are."""
        self.captures: tuple[Capture, ...] = ()
        self.timelines: list[HeapTimeline] = []
        self.series = SeriesHistories()
        """Application metrics."""
        self.timeline = Timeline(self.series)
        self.waits = Waits()
        self.pictures = HeldPictures()
        """What was held when."""
        self.measures.heap, self.measures.timelines = self.heap, self.timelines
        self.measures.memory_apart = meta.two_pass
        self.readings: deque[ResourceReading] = deque(maxlen=MAX_READINGS)
        self.events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self.alerts: deque[AlertChange] = deque(maxlen=MAX_ALERTS)
        """The latest alerts that changed while it is recorded; what is saved of them stands among the events."""
        self.verdicts: tuple[RuleVerdict, ...] = ()
        self.operations: tuple[Operation, ...] = ()
        """What benchmark tools have measured."""
        self.sources: dict[str, SourceFile] = {}
        """What was seen of source files, by their names in frames."""
        self.statuses: dict[str, SourceStatus] = {}
        self.progress: Progress | None = None
        self.own_cpu_percent: float | None = None

    def apply(self, update: Update) -> None:
        """Fold one update in."""
        self.meta = update.meta
        self.phase = update.phase
        self.elapsed_s = update.elapsed_s
        self.processes.name(update.commands)
        if self._curves:
            self._draw(update)
        if update.delta is not None:
            (self.aggregate.apply if self._waiting is None else self._waiting.add)(update.delta)
        for view, delta in update.heap.items():
            profile = self.heap.setdefault(view, HeapProfile())
            profile.aggregate.commands = self.processes.commands
            profile.apply(delta)
        self.progress = update.progress
        if update.captures is not None:
            self.captures = self.measures.captures = update.captures
        self.timelines.extend(update.timelines)
        for looks in update.looks:
            self.aggregate.look(looks)
        for reading in update.readings:
            self.measures.reading(reading)
        for values in update.series:
            self.measures.metrics.take(values)
        if self.timelines and (update.timelines or update.captures is not None):
            self.timeline.captured(self.timelines, self.captures)
        self.measures.wall_s = update.elapsed_s
        self.events.extend(update.events)
        self.alerts.extend(update.alerts)
        if update.verdicts is not None:
            self.verdicts = update.verdicts
        if update.operations is not None:
            self.operations = update.operations
        self.sources.update((source.file, source) for source in update.sources)
        self.statuses.update(update.statuses)
        if update.own_cpu_percent is not None:
            self.own_cpu_percent = update.own_cpu_percent

    def _draw(self, update: Update) -> None:
        """Fold in what is drawn over time."""
        for look in update.processes:
            self.processes.apply(look)
        self.order.follow(update.orders)
        self.pictures.add(update.pictures)
        for looks in update.looks:
            self.waits.look(looks)
            self.timeline.look(looks)
        for reading in update.readings:
            self.readings.append(reading)
            self.timeline.reading(reading)
        for values in update.series:
            self.series.add(values)
            self.timeline.told(values)

    def catch_up(self) -> None:
        """Add up what a late model has kept, and from now on all that comes."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.hand_over()

    @property
    def quality(self) -> SamplingQuality:
        """How good the sampling was up to now; while it runs, up to the end of the last window that came."""
        wall_s = self.elapsed_s
        # What is opened while another perftui records it ends where that has come to.
        grows = self.phase is not Phase.DONE or self.meta.state is SessionState.RECORDING
        if grows and 0 <= wall_s - self.aggregate.end_s < ON_THE_WAY_S:
            wall_s = self.aggregate.end_s
        wall_s = max(0.0, wall_s - self.meta.began_s)
        return self.aggregate.quality(requested_hz=self.meta.requested_hz, wall_s=wall_s)
