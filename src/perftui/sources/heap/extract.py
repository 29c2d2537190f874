"""The extraction: a process that reads one capture in several passes and prints each figure as soon as it is known.

It runs apart from perftui: a damaged capture can bring memray's reader down, and with it only what was not yet said.
"""

from __future__ import annotations

import gc
import json
import os
import signal
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perftui.sources.heap.header import read_header
from perftui.sources.heap.keeping import keep
from perftui.sources.heap.live import NICE, SILENT, resident_bytes, say
from perftui.sources.heap.records import Records, thread_name
from perftui.sources.heap.stacks import Pruning, RawFrame

PASSES = ("open", "high_watermark", "leaked", "totals", "allocated", "temporary", "keep")
"""In the order in which they are made; each but the last reads the capture once."""
# A picture that is kept and opened again shows more than one that passes by, but no more than can be zoomed into.
PRUNING = Pruning(share=0.00002, nodes=20_000, functions=5_000)
# Each record becomes an object: beyond this the threads of allocated stacks are not told apart.
FULL_RECORDS = 2_000_000
# memray keeps about 60 bytes for each temporary allocation: 600 million bytes.
TEMPORARY_RECORDS = 20_000_000
TIMELINE_POINTS = 10_000
# As memray's own option; "temporary" there is freed before more than one other allocation.
_TEMPORARY_THRESHOLD = 1
# Names of memray's allocators that take memory back.
_FREES = ("PYMALLOC_FREE", "FREE", "MUNMAP")
_EVERYTHING = 1 << 30
_UNKNOWN = ("<unknown>", "<unknown>", 0)
# What memray, and the interpreter, make of a damaged capture.
_TROUBLES = (OSError, ValueError, RuntimeError, ArithmeticError, LookupError, AssertionError, MemoryError, TypeError)
# `FileFormat.ALL_ALLOCATIONS` as it is at run time; memray's own type stubs say otherwise.
_ALL_ALLOCATIONS = 0


@dataclass(frozen=True, slots=True)
class Orders:
    """What the extraction is told on its command line, as JSON."""

    capture: str
    cwd: str = ""
    keep_in: str = ""
    """Directory to keep the capture in, compressed; empty where it is not kept."""
    skip: tuple[str, ...] = ()
    """Passes that were made already, or that brought a reader down."""


class Extraction:
    """One capture, read."""

    def __init__(self, orders: Orders) -> None:
        self._capture = Path(orders.capture)
        self._orders = orders
        self._facts: dict[str, Any] = {"kind": "capture"}
        self._reader: Any = None
        self._records = Records(0, orders.cwd)
        self._aggregated = False
        self._at = 0.0
        """`time.time()` of the end of the capture."""
        self._peak_at = 0.0

    def run(self) -> None:
        """Make the passes; raises `OSError` where this is no capture."""
        steps: dict[str, Callable[[], None]] = {
            "open": self._open,
            "high_watermark": self._high_watermark,
            "leaked": self._leaked,
            "totals": self._totals,
            "allocated": self._allocated,
            "temporary": self._temporary,
            "keep": self._keep,
        }
        todo = [name for name in PASSES if name not in self._orders.skip]
        if "open" not in todo and todo != ["keep"]:
            # The others need the reader that it opens.
            todo.insert(0, "open")
        for name in todo:
            say({"kind": "pass", "name": name})
            steps[name]()

    def _open(self) -> None:
        # Not by whoever only wants the names above.
        from memray import FileReader  # noqa: PLC0415

        self._reader = FileReader(str(self._capture), max_memory_records=_EVERYTHING)
        data = self._reader.metadata
        self._aggregated = data.file_format != _ALL_ALLOCATIONS
        self._records = Records(data.pid, self._orders.cwd, main_thread=data.main_thread_id)
        snapshots = [(each.time, each.heap, each.rss) for each in self._reader.get_memory_snapshots()]
        last_ms = snapshots[-1][0] if snapshots else 0
        # The end is only written when the tracking ends in order.
        self._at = max(data.end_time.timestamp(), last_ms / 1000)
        peak = max(snapshots, key=lambda each: each[1], default=None)
        self._peak_at = peak[0] / 1000 if peak else self._at
        self._tell(
            pid=data.pid,
            native=data.has_native_traces,
            pymalloc=data.trace_python_allocators,
            python_allocator=data.python_allocator,
            high_watermark_bytes=data.peak_memory,
            high_watermark_at=self._peak_at,
        )
        self._tell_damage(data.total_allocations)
        if "open" in self._orders.skip:
            # It was told before.
            return
        ms, heap, rss = thinned(snapshots, TIMELINE_POINTS)
        say({"kind": "timeline", "pid": data.pid, "ms": ms, "heap": heap, "rss": rss})

    def _high_watermark(self) -> None:
        records = self._reader.get_high_watermark_allocation_records(merge_threads=False)
        message = self._read("high_watermark", records)
        self._say_picture(message, self._peak_at)
        self._tell(stackless_bytes=self._records.stackless_bytes)

    def _leaked(self) -> None:
        message = self._read("leaked", self._reader.get_leaked_allocation_records(merge_threads=False))
        self._say_picture(message, self._at)
        self._tell(leaked_bytes=message["bytes"], leaked_allocations=message["count"])

    def _totals(self) -> None:
        if self._aggregated:
            return
        totals = statistics(self._capture, resolve=None)
        self._tell(total_allocated_bytes=totals.total_memory_allocated, allocations=totals.total_num_allocations)

    def _allocated(self) -> None:
        if self._aggregated:
            return
        if self._reader.metadata.total_allocations <= FULL_RECORDS:
            self._records.forget_stacks()
            sums = summed(self._reader.get_allocation_records(), frees=_frees())
            message = self._records.message("allocated", sums, PRUNING)
        else:
            totals = statistics(self._capture, resolve=self._records.slot)
            message = self._records.slots_message("allocated", self._sums(totals), PRUNING)
        self._say_picture(message, self._at)

    def _sums(self, totals: Any) -> Iterator[tuple[int, int, int]]:
        """Yield the slot of each stack with its bytes and count, or of each place where memray tells no stacks."""
        rows = totals.top_modules_by_allocation_size
        if all(type(slot) is int for slot, _, _ in rows):
            yield from ((slot, size, count) for slot, count, size in rows)
            return
        counts = dict(totals.top_locations_by_count)
        for place, size in totals.top_locations_by_size:
            yield self._records.slot([] if place == _UNKNOWN else [place]), size, counts.get(place, 0)

    def _temporary(self) -> None:
        if self._aggregated or self._reader.metadata.total_allocations > TEMPORARY_RECORDS:
            return
        self._records.forget_stacks()
        records = self._reader.get_temporary_allocation_records(merge_threads=False, threshold=_TEMPORARY_THRESHOLD)
        self._say_picture(self._records.message("temporary", records, PRUNING), self._at)

    def _keep(self) -> None:
        if not self._orders.keep_in:
            return
        try:
            kept = keep(self._capture, Path(self._orders.keep_in))
        except OSError as error:
            trouble = f"The capture could not be kept: {error.strerror or error}."
            self._tell(trouble=" ".join((self._facts.get("trouble", ""), trouble)).strip())
            return
        self._tell(file=kept.file, sha256=kept.sha256, size_bytes=kept.size_bytes)

    def _read(self, view: str, records: Any) -> dict[str, Any]:
        self._records.forget_stacks()
        if self._reader.metadata.has_native_traces:
            return self._records.native_message(view, records, PRUNING)
        return self._records.message(view, records, PRUNING)

    def _say_picture(self, message: dict[str, Any], at: float) -> None:
        say({**message, "at": at, "exact": True, "rss": resident_bytes()})

    def _tell(self, **facts: Any) -> None:
        self._facts |= facts
        say(self._facts)

    def _tell_damage(self, records: int) -> None:
        """Say what is wrong with a capture that memray reads without a word."""
        if self._aggregated:
            self._tell(
                trouble="The capture was written with --aggregate: what was allocated in all, and when, is not in it."
            )
            return
        header = read_header(self._capture)
        if header is not None and records < header.records:
            self._tell(
                trouble=f"The capture is damaged: of {header.records} records {records} could be read.", damaged=True
            )
        elif header is not None and header.cut_off:
            self._tell(trouble=f"The capture is cut off: {records} records could be read.", damaged=True)


class Sum:
    """The allocations of one stack on one thread, added up from single records."""

    def __init__(self, first: Any) -> None:
        self._first = first
        self.tid: int = first.tid
        self.stack_id: int = first.stack_id
        self.thread_name = thread_name(first)
        self.size = 0
        self.n_allocations = 0

    def stack_trace(self) -> list[RawFrame]:
        """Return the stack, leaf first."""
        stack: list[RawFrame] = self._first.stack_trace()
        return stack


def summed(records: Iterable[Any], *, frees: Container[int]) -> Collection[Sum]:
    """Return single records added up by thread and stack; those that take memory back are left out."""
    sums: dict[tuple[int, int], Sum] = {}
    for record in records:
        if record.allocator in frees:
            continue
        key = (record.tid, record.stack_id)
        found = sums.get(key)
        if found is None:
            found = sums[key] = Sum(record)
        found.size += record.size
        found.n_allocations += 1
    return sums.values()


def thinned(points: Sequence[tuple[int, int, int]], most: int) -> tuple[list[int], list[int], list[int]]:
    """Return columns of at most so many points, rising in time; of each group the point where most was held."""
    step = -(-len(points) // most) or 1
    groups = (points[start : start + step] for start in range(0, len(points), step))
    kept = [max(group, key=lambda point: point[1]) for group in groups]
    rising = [point for place, point in enumerate(kept) if place == 0 or point[0] > kept[place - 1][0]]
    return [point[0] for point in rising], [point[1] for point in rising], [point[2] for point in rising]


def statistics(capture: Path, *, resolve: Callable[[list[RawFrame]], int] | None) -> Any:
    """Return memray's statistics of a capture; with `resolve`, what was allocated by each stack stands in its modules.

    memray adds up by stack without making an object of each record, and then asks a resolver for the module that a
    stack belongs to. One that answers with a number for each stack gets the sums of single stacks instead.
    """
    # memray exports it to its own commands only.
    from memray._memray import compute_statistics  # noqa: PLC0415
    from memray.reporters import module_tools  # noqa: PLC0415

    class Resolver:
        def __init__(self, *_: object) -> None:
            pass

        def get_module_for_stack(self, stack: list[RawFrame]) -> int | str:
            return resolve(stack) if resolve is not None else ""

    # Where memray is built differently some day, its modules keep their names, and the caller sees that.
    setattr(module_tools, "ModuleResolver", Resolver)  # noqa: B010 - no type would allow it
    return compute_statistics(str(capture), num_largest=_EVERYTHING)


def _frees() -> frozenset[int]:
    from memray import AllocatorType  # noqa: PLC0415

    return frozenset(AllocatorType[name] for name in _FREES)


def main(argument: str) -> None:
    """Run with these orders, as JSON."""
    os.nice(NICE)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    from memray._memray import set_log_level  # noqa: PLC0415

    set_log_level(SILENT)
    # Nothing here is ever circular, and each collection would walk a tree of millions of entries.
    gc.disable()
    given = json.loads(argument)
    orders = Orders(**{**given, "skip": tuple(given.get("skip", ()))})
    try:
        Extraction(orders).run()
        say({"kind": "end", "reason": "complete"})
    except _TROUBLES as error:
        say({"kind": "end", "reason": "unreadable", "message": str(error) or type(error).__name__})
    os._exit(0)
