"""What has come since the last update of a recording was published."""

from __future__ import annotations

from dataclasses import dataclass, field

from perftui.analysis.aggregate import merged
from perftui.analysis.time_order import OrderedWindow
from perftui.model.alert import AlertChange
from perftui.model.operation import Operation
from perftui.model.process import ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import ProfileDelta, ThreadLooks
from perftui.model.series import SeriesValues
from perftui.model.session import Event, OutputChunk, SessionMeta
from perftui.model.source_file import SourceFile
from perftui.model.verdict import RuleVerdict
from perftui.recording.heap_news import HeapNews
from perftui.recording.update import Phase, Update
from perftui.sources.base import Progress, SourceStatus


@dataclass(slots=True)
class News:
    """What no viewer was told yet; it belongs to the recording's control thread."""

    delta: ProfileDelta | None = None
    orders: list[OrderedWindow] = field(default_factory=list)
    looks: list[ThreadLooks] = field(default_factory=list)
    readings: list[ResourceReading] = field(default_factory=list)
    processes: list[ProcessReadings] = field(default_factory=list)
    commands: dict[int, tuple[str, ...]] = field(default_factory=dict)
    series: list[SeriesValues] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    alerts: list[AlertChange] = field(default_factory=list)
    output: list[OutputChunk] = field(default_factory=list)
    sources: list[SourceFile] = field(default_factory=list)
    verdicts: tuple[RuleVerdict, ...] | None = None
    operations: tuple[Operation, ...] | None = None
    statuses: dict[str, SourceStatus] = field(default_factory=dict)

    def sampled(self, delta: ProfileDelta) -> None:
        """Add samples to those that came."""
        self.delta = delta if self.delta is None else merged(self.delta, delta)

    def update(
        self,
        meta: SessionMeta,
        phase: Phase,
        *,
        elapsed_s: float,
        heap: HeapNews,
        progress: Progress | None,
        own_cpu_percent: float | None,
    ) -> Update:
        """Return all of it, with what came of the heap, as an update."""
        deltas, captures, timelines = heap.take()
        return Update(
            meta=meta,
            phase=phase,
            elapsed_s=elapsed_s,
            pictures=heap.take_pictures(),
            delta=self.delta,
            orders=tuple(self.orders),
            looks=tuple(self.looks),
            readings=tuple(self.readings),
            processes=tuple(self.processes),
            commands=self.commands,
            series=tuple(self.series),
            events=tuple(self.events),
            alerts=tuple(self.alerts),
            output=tuple(self.output),
            verdicts=self.verdicts,
            sources=tuple(self.sources),
            statuses=self.statuses,
            heap=deltas,
            captures=captures,
            timelines=timelines,
            operations=self.operations,
            progress=progress,
            own_cpu_percent=own_cpu_percent,
        )
