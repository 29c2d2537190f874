"""Reading a session back: everything that was given to the writer, in the same order."""

from __future__ import annotations

import contextlib
import heapq
import math
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from perftui.errors import SessionError, SessionWriteError
from perftui.model.frame import Frame
from perftui.model.heap import Capture, HeapSnapshot, HeapTimeline, HeapView
from perftui.model.operation import Operation
from perftui.model.process import Process, ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import Thread, ThreadLooks, WindowRecord
from perftui.model.series import SeriesValues
from perftui.model.session import Event, OutputChunk, SessionMeta, SessionState
from perftui.model.source_file import SourceFile
from perftui.model.verdict import RuleVerdict
from perftui.storage.captures import capture_troubles
from perftui.storage.connection import connect_reading, reading
from perftui.storage.finish import final_path, recover
from perftui.storage.heap_tables import StoredHeap, read_captures, read_heap, read_heap_frames, read_timelines
from perftui.storage.integrity import damages
from perftui.storage.kept_view import read_view
from perftui.storage.lock import is_recorded
from perftui.storage.meta_table import count_of, meta_of, read_facts
from perftui.storage.migrations import up_to_date_copy
from perftui.storage.operation_table import read_operations
from perftui.storage.process_tables import read_process_readings, read_processes
from perftui.storage.schema import (
    FIRST_APPLICATION_METRICS_VERSION,
    FIRST_HEAP_VERSION,
    FIRST_OPERATIONS_VERSION,
    FIRST_VERSION_READ_AS_IT_IS,
    FIRST_WAITS_VERSION,
    PART_SUFFIX,
    version_of,
)
from perftui.storage.series_table import NO_SERIES, StoredSeries, read_series
from perftui.storage.source_table import read_sources, source_troubles
from perftui.storage.tables import (
    StackTables,
    StoredWindow,
    Total,
    read_events,
    read_looks,
    read_output,
    read_readings,
    read_stack_tables,
    read_totals,
    read_verdicts,
    read_windows,
)
from perftui.storage.totals import totals_of
from perftui.storage.verdict_rows import with_held_against
from perftui.storage.wait_table import read_waits
from perftui.storage.writer import HEAP_DROPPED, OUTPUT_DROPPED, WINDOWS_DROPPED

Observation = (
    WindowRecord | ThreadLooks | ResourceReading | ProcessReadings | SeriesValues | Event | OutputChunk | HeapSnapshot
)


@dataclass(frozen=True)
class SavedSession:
    """A session in memory, with its samples still packed; nothing in it needs the file any more."""

    path: Path
    meta: SessionMeta
    tables: StackTables
    windows: tuple[StoredWindow, ...]
    looks: tuple[ThreadLooks, ...]
    readings: tuple[ResourceReading, ...]
    events: tuple[Event, ...]
    verdicts: tuple[RuleVerdict, ...]
    output: tuple[OutputChunk, ...]
    output_dropped_bytes: int = 0
    """What the workload printed beyond what is kept."""
    windows_dropped: int = 0
    """Windows of samples that the disk refused for too long."""
    heap_frames: tuple[Frame, ...] = ()
    """Frames of the heap snapshots by id."""
    stored_heap: tuple[StoredHeap, ...] = ()
    """Heap snapshots in the order in which they were stored, still packed."""
    timelines: tuple[HeapTimeline, ...] = ()
    """The heap over time, one a process."""
    captures: tuple[Capture, ...] = ()
    heap_dropped: int = 0
    """Heap snapshots that were lost: refused by the disk for too long, or not adding up."""
    processes: tuple[Process, ...] = ()
    """The processes of the tree, as they were known last."""
    process_readings: tuple[ProcessReadings, ...] = ()
    sources: tuple[SourceFile, ...] = ()
    """Source files that ran, their texts still packed."""
    operations: tuple[Operation, ...] = ()
    """What benchmark tools measured, in the order in which they told it."""
    series: StoredSeries = NO_SERIES
    """Application metrics, unpacked at every look."""
    view: str = ""
    """What a person last chose to see of it, in a text of the viewers."""
    _totals: tuple[Total, ...] = ()
    _numbers: tuple[tuple[int, ...], ...] = ()
    """Sequence numbers of looks, readings, events, output and readings of processes."""

    @property
    def threads(self) -> tuple[Thread, ...]:
        """Threads by id."""
        return self.tables.threads

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Frames by id."""
        return self.tables.frames

    @property
    def nodes(self) -> tuple[tuple[int, int], ...]:
        """(parent node, frame id) of node 1 and on."""
        return self.tables.nodes

    @property
    def sample_count(self) -> int:
        """Number of samples of all windows."""
        return sum(window.sample_count for window in self.windows)

    def records(self) -> Iterator[WindowRecord]:
        """Yield the windows as they were given to the writer; raises `SessionError` where one is damaged."""
        with reading(self.path):
            before: StoredWindow | None = None
            for window in self.windows:
                yield self.tables.record(window, before)
                before = window

    @property
    def heap(self) -> tuple[HeapSnapshot, ...]:
        """All heap snapshots, unpacked at every look; raises `SessionError` where one is damaged."""
        return tuple(self._unpacked(self.stored_heap))

    def latest_heap(self, until_s: float = math.inf) -> tuple[HeapSnapshot, ...]:
        """Return the newest snapshot of each view and process up to a moment; only these are unpacked.

        Raises:
            SessionError: One is damaged.
        """
        newest: dict[tuple[HeapView, int], StoredHeap] = {}
        for stored in self.stored_heap:
            if stored.at_s <= until_s:
                newest[stored.view, stored.pid] = stored
        return tuple(self._unpacked(newest.values()))

    def _unpacked(self, stored: Iterable[StoredHeap]) -> Iterator[HeapSnapshot]:
        with reading(self.path):
            for heap in stored:
                yield heap.snapshot(self.heap_frames)

    def totals(self) -> tuple[Total, ...]:
        """Return (thread id, leaf node, weight, count) over all windows, without unpacking those of a finished file."""
        if self._totals or not self.windows:
            return self._totals
        with reading(self.path):
            return tuple(totals_of(self.windows))

    def history(self) -> Iterator[Observation]:
        """Yield everything that was observed in the order in which it was stored."""
        windows = zip((window.seq for window in self.windows), self.records(), strict=True)
        heap = zip((stored.seq for stored in self.stored_heap), self._unpacked(self.stored_heap), strict=True)
        streams: list[Iterator[tuple[int, Any]]] = [windows, heap, self.series.numbered(), *self._numbered()]
        return _in_order(streams)

    def metered(self) -> Iterator[ResourceReading | SeriesValues | Event]:
        """Yield readings, application metrics and events in the order in which they were stored."""
        _, readings, events, _, _ = self._numbered()
        return _in_order([readings, events, self.series.numbered()])

    def _numbered(self) -> list[Iterator[tuple[int, Any]]]:
        """Return looks, readings, events, output and readings of processes with their sequence numbers."""
        every = (self.looks, self.readings, self.events, self.output, self.process_readings)
        return [zip(*pair, strict=True) for pair in zip(self._numbers, every, strict=True)]


def _in_order(streams: Iterable[Iterator[tuple[int, Any]]]) -> Iterator[Any]:
    return (seen for _, seen in heapq.merge(*streams, key=lambda pair: pair[0]))


def open_session(path: Path) -> SavedSession:
    """Open a session; what a killed recorder left is finished first, and then called interrupted.

    A session that is still being recorded opens as it is at this moment.

    Raises:
        SessionError: It is foreign, newer than this program, or damaged.
        NoDataError: There is no such file.
    """
    path = _present(path)
    if path.name.endswith(PART_SUFFIX):
        # On a full or read-only disk it cannot be finished now, but it can be read.
        with contextlib.suppress(SessionWriteError):
            path = recover(path) or path
        path = _present(path)
    connection = connect_reading(path)
    try:
        with reading(path):
            # One transaction, so that a session that grows meanwhile is seen at one moment.
            connection.execute("BEGIN")
            return _load_any(connection, path)
    finally:
        connection.close()


def open_captures(path: Path) -> tuple[Capture, ...]:
    """Read only what a session says of its captures; raises what `open_session` raises."""
    path = _present(path)
    connection = connect_reading(path)
    try:
        with reading(path):
            return read_captures(connection) if version_of(connection) >= FIRST_HEAP_VERSION else ()
    finally:
        connection.close()


def verify(path: Path) -> list[str]:
    """Return what is wrong with a session file, one sentence each; empty when it is exactly as it was written.

    Captures beside it are compared with their digests; one that is not there is no damage.
    """
    path = _present(path)
    try:
        connection = connect_reading(path)
    except SessionError as error:
        return [str(error)]
    try:
        with reading(path):
            troubles = [
                f"the database says: {row[0]}"
                for row in connection.execute("PRAGMA integrity_check(10)")
                if row[0] != "ok"
            ]
            session = _load_any(connection, path)
            for _ in session.history():
                pass
            troubles += source_troubles(session.sources)
            troubles += capture_troubles(path.parent, session.captures)
            if not path.name.endswith(PART_SUFFIX):
                troubles += damages(connection, path.stat().st_size)
    except SessionError as error:
        return [str(error)]
    finally:
        connection.close()
    return troubles


def _present(path: Path) -> Path:
    """Return the path, or that of the same session before or after it was finished."""
    if path.exists():
        return path
    is_part = path.name.endswith(PART_SUFFIX)
    other = final_path(path) if is_part else path.with_name(f"{path.name}.part")
    return other if other.exists() else path


def _load_any(connection: sqlite3.Connection, path: Path) -> SavedSession:
    if version_of(connection) >= FIRST_VERSION_READ_AS_IT_IS:
        return _load(connection, path)
    with contextlib.closing(up_to_date_copy(connection)) as copy:
        return _load(copy, path)


def _load(connection: sqlite3.Connection, path: Path) -> SavedSession:
    facts = read_facts(connection)
    meta = meta_of(facts)
    if meta.state is SessionState.RECORDING and not is_recorded(path):
        meta = replace(meta, state=SessionState.INTERRUPTED)
    tables = read_stack_tables(connection)
    waits = read_waits(connection) if version_of(connection) >= FIRST_WAITS_VERSION else {}
    looks, readings = read_looks(connection, waits), read_readings(connection)
    events, output = read_events(connection), read_output(connection)
    heap_frames = read_heap_frames(connection)
    processes = read_processes(connection)
    process_readings = read_process_readings(connection, processes)
    verdicts = read_verdicts(connection)
    knows_operations = version_of(connection) >= FIRST_OPERATIONS_VERSION
    knows_series = version_of(connection) >= FIRST_APPLICATION_METRICS_VERSION
    return SavedSession(
        path=path,
        meta=meta,
        tables=tables,
        windows=tuple(read_windows(connection, tables.sizes)),
        looks=tuple(look for _, look in looks),
        readings=tuple(reading for _, reading in readings),
        events=tuple(event for _, event in events),
        verdicts=with_held_against(connection, verdicts) if knows_operations else verdicts,
        operations=read_operations(connection) if knows_operations else (),
        output=tuple(chunk for _, chunk in output),
        output_dropped_bytes=count_of(facts, OUTPUT_DROPPED),
        windows_dropped=count_of(facts, WINDOWS_DROPPED),
        heap_frames=heap_frames,
        view=read_view(connection),
        stored_heap=read_heap(connection, len(heap_frames)),
        timelines=read_timelines(connection),
        captures=read_captures(connection),
        heap_dropped=count_of(facts, HEAP_DROPPED),
        processes=tuple(stored.process for stored in processes),
        process_readings=tuple(look for _, look in process_readings),
        sources=read_sources(connection),
        series=read_series(connection) if knows_series else NO_SERIES,
        _totals=read_totals(connection, tables),
        _numbers=tuple(tuple(seq for seq, _ in rows) for rows in (looks, readings, events, output, process_readings)),
    )
