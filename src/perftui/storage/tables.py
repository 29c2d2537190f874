"""Reading a session's tables, row by row validated: ids run without a gap, and nothing points where nothing is."""

from __future__ import annotations

import math
import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from perftui.model.frame import Frame
from perftui.model.reading import ResourceReading
from perftui.model.sample import Thread, ThreadLook, ThreadLooks, WindowRecord
from perftui.model.session import Event, EventKind, OutputChunk
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.storage.chunks import Samples, unpack_looks, unpack_readings, unpack_samples
from perftui.storage.rows import MAYBE_NUMBER, Row, dense_rows, ordered_rows
from perftui.storage.wait_table import Waits
from perftui.units import Unit

# Far above a day of heavy recording, far below what would fill a small machine's memory.
MOST_FRAMES = 2_000_000
MOST_NODES = 10_000_000
MOST_THREADS = 1_000_000
MOST_WINDOWS = 2_000_000
MOST_SAMPLES_OF_WINDOW = 16_000_000
MOST_ROWS = 2_000_000
MOST_READINGS = 4_000_000
MOST_OUTPUT_BYTES = 64 << 20
MOST_SAMPLES = 400_000_000
HEAVIEST_SAMPLE = 1e18
# Each node is compared with its ancestors when it joins a tree, so what is bounded is the sum of all depths.
MOST_ANCESTORS = 500_000_000

Sizes = tuple[int, int, int]
"""Number of threads, of frames and of nodes."""
Total = tuple[int, int, float, int]
"""(thread id, leaf node, weight, count) over the whole session."""


@dataclass(frozen=True, slots=True)
class StoredWindow:
    """A window as it lies in the file: its figures, and its samples still packed."""

    seq: int
    """Its place in the order in which things were stored."""
    start_s: float
    end_s: float
    interval_s: float
    sample_count: int
    failed: int
    late_s: float
    sampler_cpu_s: float
    approximate: bool
    thread_end: int
    """Number of threads that the session knew once this window was in; `frame_end` and `node_end` likewise."""
    frame_end: int
    node_end: int
    packed: bytes

    def samples(self) -> Samples:
        """Unpack the samples: (thread id, leaf node of each sample in the order of time)."""
        return unpack_samples(self.packed, samples=self.sample_count, threads=self.thread_end, nodes=self.node_end + 1)


@dataclass(frozen=True, slots=True)
class StackTables:
    """The append-only tables that samples point into."""

    threads: tuple[Thread, ...]
    frames: tuple[Frame, ...]
    nodes: tuple[tuple[int, int], ...]
    """(parent node, frame id) of node 1 and on; node 0 is the root."""

    @property
    def sizes(self) -> Sizes:
        """Number of rows of each table."""
        return len(self.threads), len(self.frames), len(self.nodes)

    def record(self, window: StoredWindow, before: StoredWindow | None) -> WindowRecord:
        """Return a window as it was given to the writer, with what was new in the tables since the one before."""
        thread, frame, node = (before.thread_end, before.frame_end, before.node_end) if before else (0, 0, 0)
        return WindowRecord(
            start_s=window.start_s,
            end_s=window.end_s,
            interval_s=window.interval_s,
            frames=self.frames[frame : window.frame_end],
            nodes=self.nodes[node : window.node_end],
            threads=self.threads[thread : window.thread_end],
            samples=window.samples(),
            failed=window.failed,
            late_s=window.late_s,
            sampler_cpu_s=window.sampler_cpu_s,
            approximate=window.approximate,
        )


def read_stack_tables(connection: sqlite3.Connection) -> StackTables:
    """Read threads, frames and nodes."""
    frames = read_frames(connection)
    nodes = tuple(_node_rows(connection))
    _check_nodes(nodes, len(frames))
    return StackTables(_threads(connection, "thread"), frames, nodes)


def read_frames(connection: sqlite3.Connection) -> tuple[Frame, ...]:
    """Read the frames by their ids."""
    return tuple(Frame(*row) for row in _frame_rows(connection))


def read_stack_sizes(connection: sqlite3.Connection) -> Sizes:
    """Read through threads, frames and nodes, check them as if they were kept, and return how many there are."""
    frames = sum(1 for _ in _frame_rows(connection))
    return len(_threads(connection, "thread")), frames, _check_nodes(_node_rows(connection), frames)


def _frame_rows(connection: sqlite3.Connection) -> Iterator[Row]:
    return dense_rows(connection, "frame", "function, file, line", (str, str, int), MOST_FRAMES)


def _node_rows(connection: sqlite3.Connection) -> Iterator[Row]:
    return dense_rows(connection, "node", "parent, frame", (int, int), MOST_NODES, first=1)


def read_windows(connection: sqlite3.Connection, sizes: Sizes) -> Iterator[StoredWindow]:
    """Read the windows in the order in which they were stored."""
    columns = (
        "seq, start_s, end_s, interval_s, samples, failed, late_s, sampler_cpu_s, approximate, "
        "thread_end, frame_end, node_end, data"
    )
    kinds = (int, float, float, float, int, int, float, float, int, int, int, int, bytes)
    known = (0, 0, 0)
    samples = 0
    for row in ordered_rows(connection, "cpu_chunk", columns, kinds, MOST_WINDOWS):
        window = _window(*row)
        ends = (window.thread_end, window.frame_end, window.node_end)
        if not all(start <= end <= most for start, end, most in zip(known, ends, sizes, strict=True)):
            raise ValueError("a window speaks of threads or stacks that the session does not hold")
        if not (0 < window.interval_s <= HEAVIEST_SAMPLE and 0 <= window.start_s <= window.end_s):
            raise ValueError("a window has an impossible time")
        samples += window.sample_count
        if not (0 <= window.sample_count <= MOST_SAMPLES_OF_WINDOW and window.failed >= 0 and samples <= MOST_SAMPLES):
            raise ValueError("a window has an impossible number of samples")
        known = ends
        yield window


def read_totals(connection: sqlite3.Connection, tables: StackTables) -> tuple[Total, ...]:
    """Read the weights that were summed up when the session was finished; empty where it was not."""
    rows = tuple(
        dense_rows(
            connection, "cpu_total", "thread, node, weight, count", (int, int, float, int), MOST_NODES, first=None
        )
    )
    for thread, node, weight, count in rows:
        if not (0 <= thread < len(tables.threads) and 0 <= node <= len(tables.nodes) and weight >= 0 and count >= 0):
            raise ValueError("a total speaks of threads or stacks that the session does not hold")
    if sum(row[3] for row in rows) >= 1 << 62 or not math.isfinite(sum(row[2] for row in rows)):
        raise ValueError("its totals are larger than any recording gives")
    return rows


def read_readings(connection: sqlite3.Connection) -> list[tuple[int, ResourceReading]]:
    """Read (sequence number, reading) in the order in which they were stored."""
    series = [str(metric) for (metric,) in dense_rows(connection, "series", "metric", (str,), 1_000)]
    readings: list[tuple[int, ResourceReading]] = []
    for _, count, data in ordered_rows(connection, "metric_chunk", "id, readings, data", (int, int, bytes), MOST_ROWS):
        readings += unpack_readings(data, readings=count, series=series)
        if len(readings) > MOST_READINGS:
            raise ValueError("it holds more readings than any recording gives")
    return readings


def read_looks(connection: sqlite3.Connection, waits: Waits) -> list[tuple[int, ThreadLooks]]:
    """Read (sequence number, looks) in the order in which they were stored, with where threads waited."""
    threads = _threads(connection, "look_thread")
    rows = ordered_rows(connection, "look", "seq, at_s, data", (int, float, bytes), MOST_ROWS)
    looks = []
    for seq, at_s, data in rows:
        waited = waits.get(seq, {})
        seen = enumerate(unpack_looks(data, threads=len(threads)))
        found = (ThreadLook(threads[i], a, g, waited.get(place, ())) for place, (i, a, g) in seen)
        looks.append((seq, ThreadLooks(at_s, tuple(found))))
    return looks


def read_events(connection: sqlite3.Connection) -> list[tuple[int, Event]]:
    """Read (sequence number, event) in the order in which they were stored."""
    rows = ordered_rows(connection, "event", "seq, at_s, kind, text, subject", (int, float, str, str, str), MOST_ROWS)
    return [(seq, Event(at_s, EventKind(kind), text, subject)) for seq, at_s, kind, text, subject in rows]


def read_output(connection: sqlite3.Connection) -> list[tuple[int, OutputChunk]]:
    """Read (sequence number, chunk) of what the workload printed."""
    chunks: list[tuple[int, OutputChunk]] = []
    size = 0
    for seq, at_s, data in ordered_rows(connection, "output", "seq, at_s, data", (int, float, bytes), MOST_ROWS):
        size += len(data)
        if size > MOST_OUTPUT_BYTES:
            raise ValueError("it holds more output than is ever stored")
        chunks.append((seq, OutputChunk(at_s, data)))
    return chunks


def read_verdicts(connection: sqlite3.Connection) -> tuple[RuleVerdict, ...]:
    """Read the verdicts of the budget."""
    columns = "id, rule, subject, metric, unit, current, warn, fail, verdict, reason, lower_is_better, breached_at_s"
    kinds = (int, str, str, str, str, MAYBE_NUMBER, MAYBE_NUMBER, MAYBE_NUMBER, str, str, int, MAYBE_NUMBER)
    return tuple(_verdict(*row[1:]) for row in ordered_rows(connection, "verdict", columns, kinds, MOST_ROWS))


def _verdict(
    rule: str,
    subject: str,
    metric: str,
    unit: str,
    current: float | None,
    warn: float | None,
    fail: float | None,
    verdict: str,
    reason: str,
    lower_is_better: int,
    breached_at_s: float | None,
) -> RuleVerdict:
    return RuleVerdict(
        rule=rule,
        subject=subject,
        metric=metric,
        unit=Unit(unit),
        current=current,
        warn=warn,
        fail=fail,
        verdict=Verdict(verdict),
        reason=reason,
        lower_is_better=bool(lower_is_better),
        breached_at_s=breached_at_s,
    )


def _window(*row: Any) -> StoredWindow:
    values = list(row)
    values[8] = bool(values[8])
    return StoredWindow(*values)


def _threads(connection: sqlite3.Connection, table: str) -> tuple[Thread, ...]:
    return tuple(Thread(*row) for row in dense_rows(connection, table, "pid, tid, name", (int, int, str), MOST_THREADS))


def _check_nodes(nodes: Iterable[Row], frames: int) -> int:
    """Check (parent, frame) of nodes 1 and on; return how many they are."""
    depths = array("I", [0])
    for node, (parent, frame) in enumerate(nodes, start=1):
        if not (0 <= parent < node and 0 <= frame < frames):
            raise ValueError(f"node {node} of its call tree points nowhere")
        depths.append(depths[parent] + 1)
    if sum(depths) > MOST_ANCESTORS:
        raise ValueError("its call tree is deeper than any program's")
    return len(depths) - 1
