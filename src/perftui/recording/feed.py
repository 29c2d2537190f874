"""The hand-over from the recording to a viewer: what is not taken yet is merged, so a stalled viewer costs little."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from perftui.analysis.aggregate import merged
from perftui.analysis.backlog import fewer_looks, fewer_readings
from perftui.analysis.heap_fold import merged_heap
from perftui.analysis.time_order import ORDER_S, OrderedWindow
from perftui.model.alert import AlertChange
from perftui.model.heap import HeapDelta, HeapTimeline, HeapView
from perftui.model.reading import ResourceReading
from perftui.model.sample import ProfileDelta, ThreadLooks
from perftui.model.session import Event, OutputChunk
from perftui.model.source_file import SourceFile
from perftui.recording.heap_news import MAX_PENDING_PICTURES
from perftui.recording.held_pictures import HeldPicture
from perftui.recording.process_queue import ProcessQueue
from perftui.recording.series_queue import SeriesQueue
from perftui.recording.update import Update
from perftui.units import format_bytes

MAX_PENDING_READINGS = 7_200
SHOWN_OUTPUT_BYTES = 256 << 10
"""More than the lines that a screen keeps: what comes faster could not be read anyway."""
RELAYED_OUTPUT_BYTES = 64 << 20
MAX_PENDING_EVENTS = 2_000


class Feed:
    """Holds what a viewer has not taken yet; both sides may be different threads."""

    def __init__(self, *, output_bytes: int = RELAYED_OUTPUT_BYTES) -> None:
        self.beside: Callable[[Update], None] | None = None
        """Who else is told each update, by the thread that publishes."""
        self._lock = threading.Lock()
        self._latest: Update | None = None
        self._delta: ProfileDelta | None = None
        self._heap: dict[HeapView, HeapDelta] = {}
        self._timelines: tuple[HeapTimeline, ...] = ()
        self._pictures: deque[HeldPicture] = deque(maxlen=MAX_PENDING_PICTURES)
        self._orders: deque[OrderedWindow] = deque()
        self._looks: list[ThreadLooks] = []
        self._readings: list[ResourceReading] = []
        self._processes = ProcessQueue()
        self._series = SeriesQueue()
        self._commands: dict[int, tuple[str, ...]] = {}
        self._sources: dict[str, SourceFile] = {}
        self._events: deque[Event] = deque(maxlen=MAX_PENDING_EVENTS)
        self._alerts: deque[AlertChange] = deque(maxlen=MAX_PENDING_EVENTS)
        self._output: deque[OutputChunk] = deque()
        self._most_output_bytes = output_bytes
        self._output_bytes = 0
        self._output_skipped_bytes = 0

    def publish(self, update: Update) -> None:
        """Add an update to what is waiting."""
        if self.beside is not None:
            self.beside(update)
        with self._lock:
            if update.verdicts is None and self._latest is not None:
                update = replace(update, verdicts=self._latest.verdicts)
            if self._latest is not None:
                update = replace(update, statuses={**self._latest.statuses, **update.statuses})
            if update.captures is None and self._latest is not None:
                update = replace(update, captures=self._latest.captures)
            if update.operations is None and self._latest is not None:
                update = replace(update, operations=self._latest.operations)
            self._latest = update
            for view, delta in update.heap.items():
                self._heap[view] = merged_heap(self._heap[view], delta) if view in self._heap else delta
            self._timelines += update.timelines
            self._pictures.extend(update.pictures)
            if update.delta is not None:
                self._delta = update.delta if self._delta is None else merged(self._delta, update.delta)
            self._orders.extend(update.orders)
            while self._orders and self._orders[-1].end_s - self._orders[0].end_s > ORDER_S:
                self._orders.popleft()
            self._looks.extend(update.looks)
            self._readings.extend(update.readings)
            if update.looks:
                self._looks = fewer_looks(self._looks, MAX_PENDING_READINGS)
            if len(self._readings) > MAX_PENDING_READINGS:
                self._readings = fewer_readings(self._readings, MAX_PENDING_READINGS)
            self._processes.extend(update.processes)
            self._series.extend(update.series)
            self._commands |= update.commands
            self._sources.update((source.file, source) for source in update.sources)
            self._events.extend(update.events)
            self._alerts.extend(update.alerts)
            self._add_output(update.output)

    def take(self) -> Update | None:
        """Return everything that is waiting as one update, or None."""
        with self._lock:
            latest, self._latest = self._latest, None
            if latest is None:
                return None
            update = replace(
                latest,
                delta=self._delta,
                heap=self._heap,
                timelines=self._timelines,
                pictures=tuple(self._pictures),
                orders=tuple(self._orders),
                looks=tuple(self._looks),
                readings=tuple(self._readings),
                processes=self._processes.take(),
                commands=self._commands,
                series=self._series.take(),
                events=tuple(self._events),
                alerts=tuple(self._alerts),
                sources=tuple(self._sources.values()),
                output=self._take_output(),
            )
            self._delta = None
            self._heap, self._timelines = {}, ()
            self._pictures.clear()
            self._commands, self._sources = {}, {}
            self._orders.clear()
            for waiting in (self._looks, self._readings, self._events, self._alerts):
                waiting.clear()
        return update

    def _add_output(self, chunks: Iterable[OutputChunk]) -> None:
        for chunk in chunks:
            self._output.append(chunk)
            self._output_bytes += len(chunk.data)
        while self._output_bytes > self._most_output_bytes and len(self._output) > 1:
            size = len(self._output.popleft().data)
            self._output_bytes -= size
            self._output_skipped_bytes += size

    def _take_output(self) -> tuple[OutputChunk, ...]:
        chunks = tuple(self._output)
        if self._output_skipped_bytes:
            note = f"\n… {format_bytes(self._output_skipped_bytes)} came too fast to be shown …\n"
            chunks = (OutputChunk(chunks[0].at_s, note.encode()), *chunks)
        self._output.clear()
        self._output_bytes = self._output_skipped_bytes = 0
        return chunks
