"""Writing a session while it is recorded: everything waits in memory until a commit, one transaction a second."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Self

from perftui.errors import SessionWriteError
from perftui.model.heap import Capture, HeapSnapshot, HeapTimeline
from perftui.model.operation import Operation
from perftui.model.process import ProcessReadings
from perftui.model.reading import ResourceReading
from perftui.model.sample import Thread, ThreadLook, ThreadLooks, WindowRecord
from perftui.model.series import SeriesValues
from perftui.model.session import Event, OutputChunk, SessionMeta
from perftui.model.source_file import SourceFile
from perftui.model.verdict import RuleVerdict
from perftui.storage.chunks import METRICS, pack_looks, pack_readings, pack_samples
from perftui.storage.connection import connect_recording, writing
from perftui.storage.finish import discard, discard_abandoned_imports, final_path, finish, transaction
from perftui.storage.heap_shelf import HeapShelf
from perftui.storage.kept_view import put_view
from perftui.storage.listing import taken_names
from perftui.storage.lock import SessionLock
from perftui.storage.meta_table import OPERATIONS, write_fact, write_meta
from perftui.storage.names import free_name, is_id
from perftui.storage.operation_table import store_operations
from perftui.storage.process_shelf import ProcessShelf
from perftui.storage.schema import PART_SUFFIX, create_schema
from perftui.storage.series_table import SeriesShelf
from perftui.storage.source_table import SourceShelf
from perftui.storage.stored_text import LONGEST_EVENT, storable
from perftui.storage.tables import StoredWindow
from perftui.storage.verdict_rows import store_verdicts
from perftui.storage.wait_table import WaitShelf

CHECKPOINT_EVERY_S = 10.0
"""A power cut loses at most what came after the last checkpoint."""
MAX_OUTPUT_BYTES = 8 << 20
"""The head of what the workload prints is kept up to here, of the rest only how much it was."""
MAX_WAITING_BYTES = 64 << 20
"""While the disk refuses, samples wait in memory up to here; then the oldest go, and the session says how many."""
MAX_WAITING_HEAP_BYTES = 32 << 20
"""The same for heap snapshots, which the next one replaces anyway."""
MAX_WAITING_READINGS = 20_000
MAX_WAITING_ROWS = 100_000
READINGS_A_BLOCK = 128
"""The last block is written again with every commit until it is full: small files, and nothing waits for it."""
OUTPUT_MERGED_S = 0.05
"""Pieces of output closer together than this become one row."""
OUTPUT_ROW_BYTES = 65_536
OUTPUT_DROPPED = "output_dropped_bytes"
WINDOWS_DROPPED = "windows_dropped"
HEAP_DROPPED = "heap_dropped"

_INSERTS = {
    "thread": "INSERT INTO thread VALUES(?, ?, ?, ?)",
    "frame": "INSERT INTO frame VALUES(?, ?, ?, ?)",
    "node": "INSERT INTO node VALUES(?, ?, ?)",
    "cpu_chunk": "INSERT INTO cpu_chunk VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "look_thread": "INSERT INTO look_thread VALUES(?, ?, ?, ?)",
    "look": "INSERT INTO look VALUES(?, ?, ?)",
    "event": "INSERT INTO event VALUES(?, ?, ?, ?, ?)",
    "output": "INSERT INTO output VALUES(?, ?, ?)",
}
# Tables whose rows nothing else points to: these may be dropped when the disk refuses for too long.
_DROPPABLE = ("cpu_chunk", "look", "event", "output")

_Row = tuple[Any, ...]


class SessionWriter:
    """The one writer of a session; it may be handed from thread to thread, but only one may use it at a time.

    `add_*` never touch the disk. `commit` does: when it raises `SessionWriteError`, what was added stays in memory
    (within bounds) and the next commit tries again. A writer that is never finalised leaves a `.part` file behind that
    opens as an interrupted session.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        part: Path,
        meta: SessionMeta,
        lock: SessionLock,
        clock: Callable[[], float],
    ) -> None:
        self.path = part
        """The file as it is now: `.part` until it is finalised."""
        self.meta = meta
        """As it is stored, or will be with the next commit."""
        self.output_dropped_bytes = 0
        self.windows_dropped = 0
        """Windows that were lost because the disk refused them for too long."""
        self._connection = connection
        self._lock = lock
        self._clock = clock
        self._checkpointed_s = clock()
        self._waiting: dict[str, deque[_Row]] = {table: deque() for table in _INSERTS}
        self._waiting_bytes = 0
        self._seq = 0
        self._heap = HeapShelf(self._next_seq)
        self._processes = ProcessShelf(self._next_seq)
        self._sources = SourceShelf()
        self._waits = WaitShelf()
        self._series = SeriesShelf(self._next_seq)
        self._shelves = (self._heap, self._processes, self._sources, self._waits, self._series)
        self._sizes = (0, 0, 0)
        self._look_threads: dict[Thread, int] = {}
        self._readings: deque[tuple[int, ResourceReading]] = deque()
        self._block: list[tuple[int, ResourceReading]] = []
        self._block_id = 0
        self._output_bytes = 0
        self._output_row: tuple[int, float, bytearray] | None = None
        self._meta_changed = False
        self._view: str | None = None
        self._verdicts: tuple[RuleVerdict, ...] | None = None
        self._operations: tuple[Operation, ...] | None = None
        self._finished = False

    @classmethod
    def create(cls, directory: Path, meta: SessionMeta, *, clock: Callable[[], float], durable: bool = False) -> Self:
        """Begin a session in a directory, which is made if it is missing.

        The session is called `meta.name`, or `name-2` and so on where that is taken; see the writer's `meta`.

        Args:
            directory: Where sessions live.
            meta: What is known of the session now.
            clock: Any monotonic seconds; tells when to checkpoint.
            durable: Sync every commit, so that a power cut loses nothing of it.

        Raises:
            SessionWriteError: It cannot be written there, or a session of that id exists or is being recorded.
        """
        if not is_id(meta.id):
            raise SessionWriteError(f"{meta.id!r} cannot be the id of a session")
        part = directory / f"{meta.id}{PART_SUFFIX}"
        with writing(part):
            directory.mkdir(parents=True, exist_ok=True)
            discard_abandoned_imports(directory)
            meta = replace(meta, name=free_name(meta.name, taken_names(directory, beside=meta)))
            lock = SessionLock.take(part)
            if lock is None:
                raise SessionWriteError(f"{part} is being recorded by another perftui")
            try:
                if part.exists() or final_path(part).exists():
                    raise SessionWriteError(f"there is a session {meta.id} already", hint=f"it is in {directory}")
                _lay_out(part, meta)
                return cls(connect_recording(part, durable=durable), part, meta, lock, clock)
            except BaseException:
                lock.release()
                raise

    def add_window(self, record: WindowRecord) -> StoredWindow:
        """Add a window of samples and what is new in the tables with it; return it as it will lie in the file."""
        threads, frames, nodes = self._sizes
        self._add_rows("thread", [(threads + i, t.pid, t.tid, storable(t.name)) for i, t in enumerate(record.threads)])
        self._add_rows(
            "frame", [(frames + i, storable(f.function), storable(f.file), f.line) for i, f in enumerate(record.frames)]
        )
        self._add_rows("node", [(nodes + i, *node) for i, node in enumerate(record.nodes, start=1)])
        threads, frames, nodes = threads + len(record.threads), frames + len(record.frames), nodes + len(record.nodes)
        self._sizes = (threads, frames, nodes)
        window = StoredWindow(
            self._next_seq(), record.start_s, record.end_s, record.interval_s, record.sample_count, record.failed,
            record.late_s, record.sampler_cpu_s, record.approximate, threads, frames, nodes,
            pack_samples(record.samples),
        )  # fmt: skip
        self._waiting["cpu_chunk"].append(tuple(getattr(window, field.name) for field in fields(window)))
        self._waiting_bytes += len(window.packed)
        return window

    def add_looks(self, looks: ThreadLooks) -> None:
        """Add one non-blocking look at all threads."""
        rows = [(self._look_thread(look), look) for look in looks.threads]
        data = pack_looks(rows)
        seq = self._next_seq()
        self._waiting["look"].append((seq, looks.at_s, data))
        self._waits.add(seq, looks)
        self._waiting_bytes += len(data)

    def add_heap(self, snapshot: HeapSnapshot) -> None:
        """Add one view of the heap of one process.

        Of the view of what is held, all stay; of any other, only the newest of each process. One that does not add up
        is left out and counted in `heap_dropped`: it could not be read back.
        """
        self._heap.add(snapshot)

    def add_timeline(self, timeline: HeapTimeline) -> None:
        """Add the heap over time of a process; the newest of a process stays."""
        self._heap.add_timeline(timeline)

    def set_captures(self, captures: Sequence[Capture]) -> None:
        """Replace what is known of the captures."""
        self._heap.set_captures(captures)

    @property
    def heap_dropped(self) -> int:
        """Heap snapshots that were lost: the disk refused them for too long, or they did not add up."""
        return self._heap.dropped

    def add_reading(self, reading: ResourceReading) -> None:
        """Add one look at the meters."""
        self._readings.append((self._next_seq(), reading))
        if len(self._readings) > MAX_WAITING_READINGS:
            self._readings.popleft()

    def add_processes(self, readings: ProcessReadings) -> None:
        """Add one look at the meters of single processes."""
        self._processes.add(readings)

    @property
    def series_left_out(self) -> int:
        """Application metrics that the session does not hold."""
        return self._series.left_out

    def add_series(self, values: SeriesValues) -> None:
        """Add what some application metrics were at one moment."""
        self._series.add(values)

    def add_source(self, source: SourceFile) -> None:
        """Add what is known of a source file, in place of what was known of it before."""
        self._sources.add(source)

    def add_event(self, event: Event) -> None:
        """Add something that happened."""
        text = storable(event.text, longest=LONGEST_EVENT)
        row = (self._next_seq(), event.at_s, event.kind.value, text, storable(event.subject))
        self._waiting["event"].append(row)

    def add_output(self, chunk: OutputChunk) -> None:
        """Add what the workload printed; beyond `MAX_OUTPUT_BYTES` only the amount is kept."""
        kept = chunk.data[: max(0, MAX_OUTPUT_BYTES - self._output_bytes)]
        self.output_dropped_bytes += len(chunk.data) - len(kept)
        self._output_bytes += len(kept)
        if not kept:
            return
        row = self._output_row
        if row is not None and chunk.at_s - row[1] < OUTPUT_MERGED_S and len(row[2]) < OUTPUT_ROW_BYTES:
            row[2].extend(kept)
        else:
            self._flush_output()
            self._output_row = (self._next_seq(), chunk.at_s, bytearray(kept))
        self._waiting_bytes += len(kept)

    def set_view(self, text: str) -> None:
        """Replace what a person chose to see, a text of the viewers."""
        self._view = text

    def set_meta(self, meta: SessionMeta) -> None:
        """Replace what is known of the session."""
        self._meta_changed = self._meta_changed or meta != self.meta
        self.meta = meta

    def set_verdicts(self, verdicts: Sequence[RuleVerdict]) -> None:
        """Replace the verdicts of the budget."""
        self._verdicts = tuple(verdicts)

    def set_operations(self, operations: Sequence[Operation]) -> None:
        """Replace what benchmark tools measured."""
        self._operations = tuple(operations)

    def commit(self) -> None:
        """Store everything that was added since the last commit, in one transaction.

        Raises:
            SessionWriteError: The disk refuses; nothing is lost yet, and the next commit tries again.
        """
        self._flush_output()
        try:
            with writing(self.path):
                if self._has_news():
                    self._store()
                if self._clock() - self._checkpointed_s >= CHECKPOINT_EVERY_S:
                    self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                    self._checkpointed_s = self._clock()
        except SessionWriteError:
            self._drop_surplus()
            raise

    def finalise(self, meta: SessionMeta) -> Path:
        """Store the rest, finish the file and return its final path; may be tried again where it raises."""
        if self._finished:
            return self.path
        self.set_meta(meta)
        self.commit()
        self.path = finish(self._connection, self.path, meta)
        self._finished = True
        self._lock.release()
        return self.path

    def close(self) -> None:
        """Let go of the file without finishing it, as a kill would; safe to call at any time."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self._lock.abandon()

    def discard(self) -> None:
        """Take back a session that was never wanted (an import that failed): nothing of it is left."""
        if self._finished:
            return
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        discard(self.path)
        self._lock.release()

    def _add_rows(self, table: str, rows: list[_Row]) -> None:
        self._waiting[table].extend(rows)

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def _look_thread(self, look: ThreadLook) -> int:
        thread = look.thread
        found = self._look_threads.get(thread)
        if found is None:
            found = self._look_threads[thread] = len(self._look_threads)
            self._waiting["look_thread"].append((found, thread.pid, thread.tid, storable(thread.name)))
        return found

    def _flush_output(self) -> None:
        if self._output_row is not None:
            seq, at_s, data = self._output_row
            self._waiting["output"].append((seq, at_s, bytes(data)))
            self._output_row = None

    def _has_news(self) -> bool:
        return bool(
            self._meta_changed
            or self._view is not None
            or self._readings
            or self._verdicts is not None
            or self._operations is not None
            or any(shelf.has_news for shelf in self._shelves)
            or any(self._waiting.values())
        )

    def _store(self) -> None:
        connection = self._connection
        with transaction(connection):
            for table, rows in self._waiting.items():
                connection.executemany(_INSERTS[table], rows)
            block, block_id = self._store_readings()
            for shelf in self._shelves:
                shelf.store(connection)
            if self._verdicts is not None:
                store_verdicts(connection, self._verdicts)
            if self._operations is not None:
                store_operations(connection, self._operations)
                write_fact(connection, OPERATIONS, len(self._operations))
            if self._meta_changed:
                write_meta(connection, self.meta)
            if self._view is not None:
                put_view(connection, self._view)
            write_fact(connection, OUTPUT_DROPPED, self.output_dropped_bytes)
            write_fact(connection, WINDOWS_DROPPED, self.windows_dropped)
            write_fact(connection, HEAP_DROPPED, self.heap_dropped)
        # Only what is safely stored is forgotten here.
        self._block, self._block_id = block, block_id
        self._readings.clear()
        for shelf in self._shelves:
            shelf.forget_stored()
        self._verdicts = self._operations = None
        self._meta_changed = False
        self._view = None
        self._waiting_bytes = 0
        for rows in self._waiting.values():
            rows.clear()

    def _store_readings(self) -> tuple[list[tuple[int, ResourceReading]], int]:
        block, block_id = self._block, self._block_id
        readings = list(self._readings)
        while readings:
            if len(block) >= READINGS_A_BLOCK:
                block, block_id = [], block_id + 1
            room = READINGS_A_BLOCK - len(block)
            block, readings = block + readings[:room], readings[room:]
            self._connection.execute(
                "INSERT OR REPLACE INTO metric_chunk(id, readings, data) VALUES(?, ?, ?)",
                (block_id, len(block), pack_readings(block)),
            )
        return block, block_id

    def _drop_surplus(self) -> None:
        """Keep memory bounded while the disk refuses: of the heap and of the samples the oldest go, and are counted."""
        self._heap.drop_surplus(MAX_WAITING_HEAP_BYTES)
        windows = self._waiting["cpu_chunk"]
        while self._waiting_bytes > MAX_WAITING_BYTES and windows:
            self._waiting_bytes -= len(windows.popleft()[-1])
            self.windows_dropped += 1
        for table in _DROPPABLE:
            rows = self._waiting[table]
            while len(rows) > MAX_WAITING_ROWS:
                rows.popleft()


def _lay_out(part: Path, meta: SessionMeta) -> None:
    """Make a `.part` file that holds its tables and its meta data from the moment that it has its name."""
    unborn = part.with_name(f".{part.name}.new")
    unborn.unlink(missing_ok=True)
    # What a workload prints and how it was called is nobody else's business.
    unborn.touch(mode=0o600, exist_ok=False)
    connection = sqlite3.connect(unborn, isolation_level=None)
    try:
        with transaction(connection):
            create_schema(connection)
            connection.executemany("INSERT INTO series(id, metric) VALUES(?, ?)", list(enumerate(METRICS)))
            write_meta(connection, meta)
        connection.close()
        unborn.rename(part)
    except BaseException:
        connection.close()
        unborn.unlink(missing_ok=True)
        raise
