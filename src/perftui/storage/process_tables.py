"""Reading the tables of processes: every row validated, and looks put together as they were given to the writer."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from perftui.model.process import Process, ProcessReading, ProcessReadings
from perftui.storage.process_chunks import MAX_LOOKS, PackedLook, unpack_looks
from perftui.storage.process_shelf import MOST_PROCESSES, MOST_READINGS
from perftui.storage.rows import MAYBE_NUMBER, MAYBE_WHOLE, dense_rows, ordered_rows

_MOST_BLOCKS = 1_000_000
_LARGEST = 1 << 62


@dataclass(frozen=True, slots=True)
class StoredProcess:
    """A process as it lies in the file."""

    told_seq: int
    """Number of the look that told of it first."""
    gone_seq: int | None
    """Number of the look that found it gone."""
    process: Process
    """As it was known last."""


def read_processes(connection: sqlite3.Connection) -> tuple[StoredProcess, ...]:
    """Read the processes by id."""
    columns = "told_seq, gone_seq, pid, parent, created_s, ended_s, exit_code, name, command"
    kinds = (int, MAYBE_WHOLE, int, MAYBE_WHOLE, float, MAYBE_NUMBER, MAYBE_WHOLE, str, str)
    return tuple(_stored(*row) for row in dense_rows(connection, "process", columns, kinds, MOST_PROCESSES))


def read_process_readings(
    connection: sqlite3.Connection, processes: Sequence[StoredProcess]
) -> list[tuple[int, ProcessReadings]]:
    """Read the looks at processes with their sequence numbers, in the order in which they were stored."""
    looks = _packed_looks(connection, len(processes))
    news = _news(processes, [look.seq for look in looks])
    keys = [stored.process.key for stored in processes]
    return [(look.seq, _look(look, news.get(look.seq, ()), keys)) for look in looks]


def _packed_looks(connection: sqlite3.Connection, processes: int) -> list[PackedLook]:
    found: list[PackedLook] = []
    left = MOST_READINGS
    blocks = ordered_rows(connection, "process_reading", "id, looks, data", (int, int, bytes), _MOST_BLOCKS)
    for _, looks, data in blocks:
        packed = unpack_looks(data, processes=processes)
        if not 0 < looks <= MAX_LOOKS or len(packed) != looks:
            raise ValueError("a block of processes does not hold the looks that it says")
        left -= sum(len(look.rows) for look in packed)
        found += packed
        if left < 0:
            raise ValueError("it has more readings of processes than any recording gives")
    if any(before.seq >= after.seq for before, after in pairwise(found)):
        raise ValueError("its readings of processes are out of order")
    return found


def _stored(told_seq: int, gone_seq: int | None, *row: Any) -> StoredProcess:
    pid, parent, created_s, ended_s, exit_code, name, command = row
    if not (0 <= pid < _LARGEST and 0 <= (parent or 0) < _LARGEST and abs(exit_code or 0) < _LARGEST):
        raise ValueError("a process has an impossible id or exit code")
    words = json.loads(command)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("the command of a process is none")
    process = Process(pid, created_s, parent, name, tuple(words), ended_s, exit_code)
    return StoredProcess(told_seq, gone_seq, process)


def _news(processes: Sequence[StoredProcess], looks: Sequence[int]) -> dict[int, list[Process]]:
    """Return what each look told, by its number; names and commands are those that were known last.

    Of a look that the disk refused for too long the next one tells.
    """
    news: defaultdict[int, list[Process]] = defaultdict(list)
    if not looks:
        return news

    def nearest(seq: int) -> int:
        return looks[min(bisect_left(looks, seq), len(looks) - 1)]

    for stored in processes:
        if stored.gone_seq != stored.told_seq:
            news[nearest(stored.told_seq)].append(replace(stored.process, ended_s=None, exit_code=None))
        if stored.gone_seq is not None:
            news[nearest(stored.gone_seq)].append(stored.process)
    return news


def _look(look: PackedLook, news: Sequence[Process], keys: Sequence[tuple[int, float]]) -> ProcessReadings:
    readings = tuple(ProcessReading(keys[process], *values) for process, values in look.rows)
    return ProcessReadings(look.at_s, tuple(news), readings, look.left_out)
