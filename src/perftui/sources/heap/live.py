"""The live reader: a process that follows a growing capture and prints one line of JSON for each picture of the heap.

It runs apart from perftui and from the workload: neither notices when a capture, or memray, brings it down.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from perftui.sources.heap.pump import Pump, start_pump
from perftui.sources.heap.stacks import Pruning, RawFrame, StackTree, weight

# Below the workload's own priority: measured, the workload then does not notice the reader even at full duty.
NICE = 10
# memray writes its troubles to our standard error by itself; above every level of its own there is silence.
SILENT = 51
# A refresh may use this share of a core ...
_DUTY = 0.25
# ... but comes once a second as long as that is not much more.
_SLOWEST_S = 1.0
_STEP_S = 0.02


class Record(Protocol):
    """What memray tells of the live allocations of one stack on one thread."""

    tid: int
    stack_id: int
    size: int
    n_allocations: int
    thread_name: str

    def stack_trace(self) -> list[RawFrame]:
        """Return the stack, leaf first."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the reader is told on its command line, as JSON."""

    capture: str
    cwd: str = ""
    refresh_s: float = 0.5
    limit_bytes: int = 0
    """Resident memory at which it gives up; 0 for none."""
    exact: bool = True
    """False for a capture that is finished: its pictures are of moments that are long gone."""


class Heap:
    """The live heap of one process, refreshed from memray's records into messages."""

    def __init__(self, pid: int, cwd: str) -> None:
        self._pid = pid
        self._tree = StackTree(cwd)
        self._threads: list[tuple[int, str]] = []
        self._thread_ids: dict[int, int] = {}
        self._slots: dict[int, dict[int, int]] = {}
        """By thread, the slot of each stack that was met."""
        self._told_frames = 0

    def refresh(self, records: Iterable[Record], pruning: Pruning) -> dict[str, Any]:
        """Return the message that says what is held; frames are told once, all else anew."""
        slots: list[int] = []
        weights: list[int] = []
        seen: dict[int, dict[int, int]] = {}
        for record in records:
            tid = record.tid
            known = seen.get(tid)
            if known is None:
                known = seen[tid] = self._meet(tid, record.thread_name)
            slot = known.get(record.stack_id)
            if slot is None:
                slot = known[record.stack_id] = self._tree.slot(self._thread_ids[tid], stack_of(record))
            slots.append(slot)
            weights.append(weight(record.size, record.n_allocations))
        picture = self._tree.picture(slots, weights, pruning)
        frames = self._tree.frames[self._told_frames :]
        self._told_frames += len(frames)
        return {
            "kind": "snapshot",
            "view": "held",
            "pid": self._pid,
            "bytes": picture.total_bytes,
            "count": picture.allocations,
            "stacks": picture.stacks,
            "frames": frames,
            "threads": self._threads,
            "nodes": picture.nodes,
            "cells": picture.cells,
            "functions": picture.functions,
        }

    def _meet(self, tid: int, name: str) -> dict[int, int]:
        index = self._thread_ids.get(tid)
        if index is None:
            index = self._thread_ids[tid] = len(self._threads)
            self._threads.append((tid, name))
            self._slots[tid] = {}
        elif self._threads[index][1] != name:
            # Threads are named after they have begun.
            self._threads[index] = (tid, name)
        return self._slots[tid]


def stack_of(record: Record) -> list[RawFrame]:
    """Return a record's stack, leaf first; none where its names cannot be read."""
    try:
        return record.stack_trace()
    except UnicodeDecodeError:
        return []


def pause_s(refresh_s: float, cost_s: float) -> float:
    """Return the time from one refresh to the next: as asked, and longer where refreshes are dear."""
    longest_s = max(_SLOWEST_S, cost_s / _DUTY - _SLOWEST_S)
    return max(refresh_s, min(cost_s / _DUTY, longest_s))


def resident_bytes() -> int:
    """Return the resident memory of this process; 0 where the system does not tell it."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def say(message: dict[str, Any]) -> None:
    """Print one line, at once and whole."""
    data = json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"
    while data:
        data = data[os.write(1, data) :]


def follow(orders: Orders) -> None:
    """Follow a capture to its end; raises `OSError` where it is none, or is of another memray."""
    pump = start_pump(Path(orders.capture))

    signal.signal(signal.SIGINT, lambda *_: pump.finish())
    # The pump must be forked before.
    from memray import SocketReader  # noqa: PLC0415
    from memray._memray import set_log_level  # noqa: PLC0415

    set_log_level(SILENT)
    # Nothing here is ever circular, and each collection would walk a tree of millions of entries.
    gc.disable()
    with SocketReader(port=pump.port) as reader:
        pump.watch(reader.pid or 0)
        _tell(reader, Heap(reader.pid or 0, orders.cwd), pump, orders)


def _tell(reader: Any, heap: Heap, pump: Pump, orders: Orders) -> None:
    pruning = Pruning()
    while True:
        # Read before the snapshot, so that the last snapshot is complete.
        active = reader.is_active
        began_s = time.thread_time()
        message = heap.refresh(reader.get_current_snapshot(merge_threads=False), pruning)
        cost_s = time.thread_time() - began_s
        rss_bytes = resident_bytes()
        message |= {
            "at": time.time(),
            "exact": orders.exact,
            "last": not active,
            "rss": rss_bytes,
            "cpu_s": cost_s,
            "sent": pump.sent,
            "size": pump.size,
        }
        say(message)
        if not active:
            say({"kind": "end", "reason": "stream"})
            return
        if orders.limit_bytes and rss_bytes > orders.limit_bytes:
            say({"kind": "end", "reason": "memory"})
            return
        _rest(reader, pause_s(orders.refresh_s, cost_s))


def _rest(reader: Any, seconds: float) -> None:
    """Wait for the next refresh, or for the end of the stream."""
    until = time.monotonic() + seconds
    while reader.is_active and time.monotonic() < until:
        time.sleep(_STEP_S)


def main(argument: str) -> None:
    """Run with these orders, as JSON."""
    os.nice(NICE)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    orders = Orders(**json.loads(argument))
    try:
        follow(orders)
    except OSError as error:
        say({"kind": "end", "reason": "unreadable", "message": str(error)})
    # Tearing millions of entries down one by one would take longer than the last picture did.
    os._exit(0)
