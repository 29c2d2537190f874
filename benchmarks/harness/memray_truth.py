"""What memray's own reader says of a capture, as JSON on standard output: memray_truth.py CAPTURE [MOMENT...].

It runs in a process of its own, because a damaged capture can end its reader. Moments are seconds since 1970; for each
one more view tells what was held then.
"""

from __future__ import annotations

import bisect
import functools
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# memray writes its troubles to standard error by itself; above every level of its own there is silence.
SILENT = 51
FREES = ("FREE", "MUNMAP", "PYMALLOC_FREE")
Sums = dict[str, list[int]]
"""By `file:function`, the file without its directory: self bytes, total bytes, self allocations, total allocations."""


@dataclass(frozen=True, slots=True)
class View:
    """One view of a capture."""

    total_bytes: int
    allocations: int
    functions: Sums

    def self_bytes(self, function: str) -> int:
        """Return what a function allocated itself."""
        return self.functions.get(function, [0, 0, 0, 0])[0]

    def total_bytes_of(self, function: str) -> int:
        """Return what a function allocated with everything that it called."""
        return self.functions.get(function, [0, 0, 0, 0])[1]


def truth(capture: Path, moments: Sequence[float] = ()) -> dict[str, View]:
    """Return the views of a capture by name: high_watermark, leaked, allocated, and held@0, held@1, ... of moments."""
    command = [sys.executable, __file__, str(capture), *map(str, moments)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=600)
    return {name: View(**view) for name, view in json.loads(done.stdout).items()}


def summed(records: Iterable[tuple[int, int, Any]]) -> dict[str, Any]:
    """Return a view of (bytes, allocations, memray's record)."""
    stacks: dict[int, tuple[int, int, Any]] = {}
    for size, count, record in records:
        before = stacks.get(record.stack_id, (0, 0, record))
        stacks[record.stack_id] = (before[0] + size, before[1] + count, before[2])
    functions: Sums = {}
    for size, count, record in stacks.values():
        # The leaf comes first.
        names = [named(function, file) for function, file, _ in record.stack_trace()]
        for name in set(names):
            add(functions, name, 1, size, count)
        if names:
            add(functions, names[0], 0, size, count)
    total_bytes, allocations = (sum(each[column] for each in stacks.values()) for column in (0, 1))
    return {"total_bytes": total_bytes, "allocations": allocations, "functions": functions}


@functools.cache
def named(function: str, file: str) -> str:
    """Return how a function is called here."""
    return f"{Path(file).name}:{function}"


def add(functions: Sums, name: str, column: int, size: int, count: int) -> None:
    """Count bytes and allocations in a column of a function, 0 its own ones and 1 all of them."""
    sums = functions.setdefault(name, [0, 0, 0, 0])
    sums[column] += size
    sums[column + 2] += count


def views(capture: str, moments: Sequence[float]) -> dict[str, Any]:
    """Read a capture."""
    import memray  # noqa: PLC0415 - whoever only asks for the truth does without it

    memray.set_log_level(SILENT)  # type: ignore[attr-defined]  # it is there, but not in memray's stubs
    frees = {memray.AllocatorType[name] for name in FREES}
    with memray.FileReader(capture) as reader:
        peak = reader.get_high_watermark_allocation_records(merge_threads=True)
        found = {"high_watermark": summed((each.size, each.n_allocations, each) for each in peak)}
        leaked = reader.get_leaked_allocation_records(merge_threads=True)
        found["leaked"] = summed((each.size, each.n_allocations, each) for each in leaked)
        records = reader.get_allocation_records()
        made = (each for each in records if each.allocator not in frees)
        found["allocated"] = summed((each.size, 1, each) for each in made)
        if moments:
            ticks = [tick.time / 1000 for tick in reader.get_memory_snapshots()]
            temporal = list(reader.get_temporal_allocation_records(merge_threads=True))
            for number, moment in enumerate(moments):
                found[f"held@{number}"] = summed(held_at(bisect.bisect_right(ticks, moment), temporal))
    return found


def held_at(tick: int, temporal: Iterable[Any]) -> Iterable[tuple[int, int, Any]]:
    """Yield what was held when so many of memray's ticks had passed."""
    for record in temporal:
        spans = [
            span
            for span in record.intervals
            if span.allocated_before_snapshot < tick
            and (span.deallocated_before_snapshot is None or span.deallocated_before_snapshot >= tick)
        ]
        if spans:
            size, count = sum(span.n_bytes for span in spans), sum(span.n_allocations for span in spans)
            yield size, count, record


if __name__ == "__main__":
    json.dump(views(sys.argv[1], [float(moment) for moment in sys.argv[2:]]), sys.stdout)
