"""memray's records of one view turned into the message that says what they show; threads and frames keep their ids."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from perftui.model.heap import SMALLER
from perftui.sources.heap.stacks import COUNT_BITS, Pruning, RawFrame, StackTree, weight, without_ours

HELD = "held"
"""The view that is made twice a second: nothing goes into it that is not needed."""
# A look at the clock costs a tenth of a stack.
_LOOK_EVERY = 64
_SMALLER: RawFrame = (SMALLER, "", 0)


class Record(Protocol):
    """What memray tells of the allocations of one stack on one thread."""

    tid: int
    stack_id: int
    size: int
    n_allocations: int
    thread_name: str

    def stack_trace(self) -> list[RawFrame]:
        """Return the stack, leaf first."""


class NativeRecord(Record, Protocol):
    """What memray tells where native frames were recorded too."""

    native_stack_id: int
    native_segment_generation: int

    def hybrid_stack_trace(self) -> list[RawFrame]:
        """Return Python's and native frames, leaf first."""


_MAIN = "MainThread"
"""As Python itself calls it."""


class Records:
    """Turns records into messages; the tree, its frames and its threads go from one message to the next."""

    def __init__(self, pid: int, cwd: str, *, main_thread: int = 0) -> None:
        """Begin a tree; `main_thread` is memray's number of the thread that the system gives no name, 0 for unknown."""
        self._pid = pid
        self._main_thread = main_thread
        self._tree = StackTree(cwd)
        self._threads: list[tuple[int, str]] = []
        self._thread_ids: dict[int, int] = {}
        self._slots: dict[int, dict[int, int]] = {}
        """By thread, the slot of each stack that was met in one reader."""
        self._told: dict[int, int] = {}
        """The number that each frame was told under."""
        self._stackless: set[int] = set()
        """Slots of stacks without a Python frame."""
        self.stackless_bytes = 0
        """Of the newest message, what was allocated without a Python frame; not of what is held now."""

    def forget_stacks(self) -> None:
        """Begin with another reader: what it calls a stack is another one."""
        self._slots = {tid: {} for tid in self._slots}

    def message(
        self, view: str, records: Iterable[Record], pruning: Pruning, *, budget_s: float = math.inf
    ) -> dict[str, Any]:
        """Return what records of the same reader as before show.

        Stacks are learnt for so much CPU time; what is left of them counts as smaller this time, and `learnt` is false.
        """
        slots: list[int] = []
        weights: list[int] = []
        seen: dict[int, dict[int, int]] = {}
        until_s = time.thread_time() + budget_s
        new, hurried = 0, False
        for record in records:
            tid = record.tid
            known = seen.get(tid)
            if known is None:
                known = seen[tid] = self._meet(tid, thread_name(record))
            slot = known.get(record.stack_id)
            if slot is None and hurried:
                slot = self._later(tid)
            elif slot is None:
                slot = known[record.stack_id] = self._slot(tid, python_stack(record))
                new += 1
                hurried = not new % _LOOK_EVERY and time.thread_time() > until_s
            slots.append(slot)
            weights.append(weight(record.size, record.n_allocations))
        return {**self._shown(view, slots, weights, pruning), "learnt": not hurried}

    def native_message(self, view: str, records: Iterable[NativeRecord], pruning: Pruning) -> dict[str, Any]:
        """Return what records show whose stacks hold native frames."""
        slots: list[int] = []
        weights: list[int] = []
        known: dict[tuple[int, int, int, int], int] = {}
        for record in records:
            tid = record.tid
            key = (tid, record.stack_id, record.native_stack_id, record.native_segment_generation)
            slot = known.get(key)
            if slot is None:
                self._meet(tid, thread_name(record))
                slot = known[key] = self._hybrid_slot(record)
            slots.append(slot)
            weights.append(weight(record.size, record.n_allocations))
        return self._shown(view, slots, weights, pruning)

    def slot(self, stack: list[RawFrame]) -> int:
        """Return the slot of a stack, given leaf first, of which no thread is known."""
        self._meet(0, "")
        return self._slot(0, stack)

    def slots_message(self, view: str, sums: Iterable[tuple[int, int, int]], pruning: Pruning) -> dict[str, Any]:
        """Return what sums show: slots, each with its bytes and its count."""
        rows = list(sums)
        return self._shown(view, [row[0] for row in rows], [weight(row[1], row[2]) for row in rows], pruning)

    def _slot(self, tid: int, stack: list[RawFrame]) -> int:
        slot = self._tree.slot(self._thread_ids[tid], stack)
        if not without_ours(stack):
            self._stackless.add(slot)
        return slot

    def _later(self, tid: int) -> int:
        return self._tree.slot(self._thread_ids[tid], (_SMALLER,))

    def _hybrid_slot(self, record: NativeRecord) -> int:
        slot = self._tree.slot(self._thread_ids[record.tid], hybrid_stack(record))
        if not without_ours(python_stack(record)):
            self._stackless.add(slot)
        return slot

    def _shown(self, view: str, slots: list[int], weights: list[int], pruning: Pruning) -> dict[str, Any]:
        if view != HELD:
            lost = (each for slot, each in zip(slots, weights, strict=True) if slot in self._stackless)
            self.stackless_bytes = sum(lost) >> COUNT_BITS
        picture = self._tree.picture(slots, weights, pruning)
        frames = self._introduced([*picture.nodes[1::2], *picture.functions[::5]])
        place = self._told.__getitem__
        picture.nodes[1::2] = map(place, picture.nodes[1::2])
        picture.functions[::5] = map(place, picture.functions[::5])
        return {
            "kind": "snapshot",
            "view": view,
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

    def _introduced(self, used: list[int]) -> list[RawFrame]:
        """Return the frames that are used for the first time, and give them the number that they have from now on."""
        new = [frame for frame in dict.fromkeys(used) if frame not in self._told]
        self._told.update(zip(new, range(len(self._told), len(self._told) + len(new)), strict=True))
        return [self._tree.frames[frame] for frame in new]

    def _meet(self, tid: int, name: str) -> dict[int, int]:
        name = name or (_MAIN if tid == self._main_thread else "")
        index = self._thread_ids.get(tid)
        if index is None:
            index = self._thread_ids[tid] = len(self._threads)
            self._threads.append((tid, name))
            self._slots[tid] = {}
        elif name and self._threads[index][1] != name:
            # Threads are named after they have begun; not every view of a capture names them.
            self._threads[index] = (tid, name)
        return self._slots[tid]


def python_stack(record: Record) -> list[RawFrame]:
    """Return a record's stack, leaf first; none where its names cannot be read."""
    return _readable(record.stack_trace)


def thread_name(record: Record) -> str:
    """Return the name of a record's thread; none where it cannot be read."""
    try:
        return record.thread_name
    except UnicodeDecodeError:
        return ""


def hybrid_stack(record: NativeRecord) -> list[RawFrame]:
    """Return a record's stack with native frames, leaf first, from the program's first frame on."""
    stack = _readable(record.hybrid_stack_trace)
    own = python_stack(record)
    kept = without_ours(own)
    if not kept or len(kept) == len(own):
        return stack
    # Between our boot and the program stand the interpreter's own frames.
    first = next((place for place in range(len(stack) - 1, -1, -1) if stack[place] == kept[-1]), len(stack) - 1)
    return stack[: first + 1]


def _readable(trace: Callable[[], list[RawFrame]]) -> list[RawFrame]:
    try:
        return trace()
    except UnicodeDecodeError:
        return []
