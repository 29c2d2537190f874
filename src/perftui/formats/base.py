"""What every format reads into and writes from: stacks with weights, thread by thread."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from perftui.errors import ImportFormatError
from perftui.model.frame import Frame, Stack
from perftui.model.sample import Thread, WindowRecord
from perftui.units import Unit

MOST_BYTES = 512 << 20
"""Larger files are refused before they fill the memory."""
MOST_STACK_FRAMES = 40_000_000
"""Frames in all distinct stacks of a profile together; deep recursion in a small file could mean billions."""
MOST_SAMPLES = 50_000_000
HEAVIEST_SAMPLE = 1e18
"""A thousand petabytes, or the age of the universe: what is heavier is not a measurement, and sums of it overflow."""
LONGEST_LINE_NUMBER = 2**31 - 1


class StackRow(NamedTuple):
    """One stack of one thread with what it weighs."""

    thread: Thread
    stack: Stack
    """Root first."""
    weight: float
    """Of all its samples together, in the profile's unit."""
    samples: int
    """How many samples it stands for, at least 1; each weighs the same."""


@dataclass(frozen=True, slots=True)
class StackProfile:
    """A profile as files of other tools carry it."""

    name: str
    unit: Unit
    rows: Sequence[StackRow]
    ordered: bool = False
    """Whether each thread's rows are in the order of time."""
    notes: tuple[str, ...] = ()
    """What could not be taken over, one sentence each."""

    @property
    def weight(self) -> float:
        """Weight of all rows together."""
        return math.fsum(row.weight for row in self.rows)

    @property
    def samples(self) -> int:
        """Number of samples of all rows together."""
        return sum(row.samples for row in self.rows)


def profile_of_records(name: str, unit: Unit, records: Iterable[WindowRecord]) -> StackProfile:
    """Return a session's records as a profile to write; runs of one stack become one row, the order of time stays."""
    rows = tuple(_with_last_names(list(_rows_of(records))))
    return StackProfile(name=name, unit=unit, rows=rows, ordered=True)


def decoded(data: bytes) -> str:
    """Return a file's text; raises `ImportFormatError` where it is too large or not UTF-8."""
    if len(data) > MOST_BYTES:
        raise ImportFormatError(
            f"the file is larger than {MOST_BYTES >> 20} MiB", hint="export less of it, or merge equal stacks first"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportFormatError(
            f"the file is not UTF-8 text (byte {error.start})", hint="is it compressed, or of another format?"
        ) from None


def _rows_of(records: Iterable[WindowRecord]) -> Iterator[StackRow]:
    frames: list[Frame] = []
    threads: list[Thread] = []
    parents: list[tuple[int, int]] = [(0, 0)]
    known: dict[int, Stack] = {0: ()}
    for record in records:
        frames += record.frames
        threads += record.threads
        parents += record.nodes
        for thread, leaves in record.samples:
            at = 0
            while at < len(leaves):
                leaf, end = leaves[at], at + 1
                while end < len(leaves) and leaves[end] == leaf:
                    end += 1
                if leaf not in known:
                    known[leaf] = _stack_of(leaf, parents, frames)
                count = end - at
                yield StackRow(threads[thread], known[leaf], count * record.interval_s, count)
                at = end


def _with_last_names(rows: Sequence[StackRow]) -> Iterator[StackRow]:
    """Give each thread the last name that it had: a thread that is named after its first samples is still one."""
    last = {(row.thread.pid, row.thread.tid): row.thread for row in rows if row.thread.name}
    for row in rows:
        thread = last.get((row.thread.pid, row.thread.tid), row.thread)
        yield row if thread is row.thread else row._replace(thread=thread)


def _stack_of(leaf: int, parents: Sequence[tuple[int, int]], frames: Sequence[Frame]) -> Stack:
    stack: list[Frame] = []
    node = leaf
    while node:
        parent, frame = parents[node]
        stack.append(frames[frame])
        node = parent
    # A node knows its parent only, so the walk goes from the leaf up: turned here.
    stack.reverse()
    return tuple(stack)
