"""Threads below their processes, or threads of one name as one: the rows of a table, with sums that agree."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from math import inf
from typing import Any

from perftui.analysis.aggregate import RECENT_LOOKS, ThreadShare
from perftui.analysis.processes import ProcessRecord
from perftui.analysis.scope import folded_name
from perftui.analysis.split import Branch, Split, branch_of, thread_name

_MOST_UNSEEN = 200
"""Processes that were never sampled and have ended, as a build starts them by the thousand: the latest stay."""


MOST_LISTED = 500
"""Threads of a process that are listed; a server that starts one a request has had thousands."""


class ThreadSort(Enum):
    """What rows are ranked by."""

    SHARE = "share"
    NAME = "name"
    PID = "pid"


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """One process, one thread, or all threads of one name."""

    branch: Branch
    name: str
    shares: tuple[ThreadShare, ...]
    """The threads that it stands for."""
    depth: int = 0
    """1 where it stands below its process."""
    is_open: bool | None = None
    """Whether the threads of a process are listed below it; None where there is nothing to open."""
    record: ProcessRecord | None = field(default=None, compare=False)
    """Of a process: what the meters know of it."""
    unlisted: int = 0
    """Threads of a process that are counted in it, but too many to be listed."""
    is_left_out: bool = False
    is_gone: bool = False
    """Its process ended before the run did."""
    exit_code: int | None = None
    """Of a process that has ended, where it is known."""

    @property
    def has_ended(self) -> bool:
        """Whether the process is known to have ended."""
        return self.exit_code is not None or (self.record is not None and self.record.process.ended_s is not None)

    @property
    def weight(self) -> float:
        """Weight of its threads, as far as they are looked at."""
        return sum(share.weight for share in self.shares)

    @property
    def count(self) -> int:
        """Samples (or allocations) of its threads."""
        return sum(share.count for share in self.shares)

    def ratios(self, *, recent: bool) -> tuple[float, float] | None:
        """Return how many of its threads ran and how many held the GIL, on average of the looks; None without a look.

        One thread gives ratios from 0 to 1. They are estimates. `recent` counts the last looks only.
        """
        shares = self.shares
        if recent:
            looks = _all_bits(share.recent_looks for share in shares).bit_count()
            active = sum(share.recent_active.bit_count() for share in shares)
            gil = sum(share.recent_gil.bit_count() for share in shares)
        else:
            # Threads come and go: the one that was there longest tells best how often was looked.
            looks = self.looks
            active, gil = sum(share.active_looks for share in shares), sum(share.gil_looks for share in shares)
        return (active / looks, gil / looks) if looks else None

    @property
    def looks(self) -> int:
        """Looks at the thread that was looked at most."""
        return max((share.looks for share in self.shares), default=0)

    def activity(self, parts: int) -> list[float | None]:
        """Return in each of `parts` equal parts of the last looks the share of looks that found any thread running."""
        step = RECENT_LOOKS // parts
        there = _all_bits(share.recent_looks for share in self.shares)
        active = _all_bits(share.recent_active for share in self.shares)
        part = (1 << step) - 1
        pairs = [(there >> at * step & part, active >> at * step & part) for at in reversed(range(parts))]
        return [ran.bit_count() / seen.bit_count() if seen else None for seen, ran in pairs]


def thread_rows(
    shares: Sequence[ThreadShare],
    *,
    split: Split = Split.THREAD,
    sort: ThreadSort = ThreadSort.SHARE,
    left_out: Collection[tuple[int, int]] = (),
    records: Mapping[int, ProcessRecord] | None = None,
    commands: Mapping[int, str] | None = None,
    opened: Mapping[int, bool] | None = None,
    exits: Mapping[int, int] | None = None,
    until_s: float = inf,
) -> list[ThreadRow]:
    """Return the rows of the table of threads.

    Args:
        shares: Each thread once under each name that it had.
        split: `NAME` gives a row a name; any other a row a process, and below it one a thread.
        sort: What they are ranked by.
        left_out: (process id, thread id) of threads that are not looked at.
        records: What the meters know of processes, by process id.
        commands: What processes run, in a few words, by process id.
        opened: Processes whose threads a person has opened or closed; of the others, those with several are open.
        exits: Exit codes that are known otherwise than by the meters, by process id.
        until_s: What ended after this moment ended with the run.
    """
    if split is Split.NAME:
        return _ranked((_named(name, group, left_out) for name, group in _by_name(shares).items()), sort)
    records = records or {}
    by_pid: defaultdict[int, list[ThreadShare]] = defaultdict(list)
    for share in one_each(shares):
        by_pid[share.thread.pid].append(share)
    unseen = [pid for pid in records if pid not in by_pid]
    gone = [pid for pid in unseen if records[pid].process.ended_s is not None]
    for pid in set(unseen) - set(gone[:-_MOST_UNSEEN]):
        by_pid[pid] = []
    names = {pid: (commands or {}).get(pid) or "process" for pid in by_pid}
    times = Counter(names.values())
    processes = [_process(pid, group, left_out, records.get(pid), until_s) for pid, group in by_pid.items()]
    named = (
        replace(
            row,
            # Workers are told apart by their numbers, as in the flames.
            name=_told_apart(names[row.branch.pid], row.branch.pid, times),
            is_open=(opened or {}).get(row.branch.pid, len(row.shares) > 1) if row.shares else None,
            exit_code=row.exit_code if row.exit_code is not None else (exits or {}).get(row.branch.pid),
        )
        for row in processes
    )
    found: list[ThreadRow] = []
    for process in _ranked(named, sort):
        if not process.is_open:
            found.append(process)
            continue
        listed = heapq.nsmallest(MOST_LISTED, process.shares, key=_SHARE_KEYS[sort])
        found.append(replace(process, unlisted=len(process.shares) - len(listed)))
        found.extend(_thread(share, process, left_out) for share in listed)
    return found


def _told_apart(name: str, pid: int, times: Mapping[str, int]) -> str:
    return name if times[name] == 1 else f"{name} [{pid}]"


def one_each(shares: Iterable[ThreadShare]) -> list[ThreadShare]:
    """Return each thread once, as what it was called last: one that was renamed is still one thread."""
    found: dict[tuple[int, int], list[ThreadShare]] = {}
    for share in shares:
        found.setdefault((share.thread.pid, share.thread.tid), []).append(share)
    return [group[0] if len(group) == 1 else _joined(group) for group in found.values()]


def _joined(group: Sequence[ThreadShare]) -> ThreadShare:
    joined = ThreadShare(group[-1].thread)
    for share in group:
        joined.weight += share.weight
        joined.count += share.count
        joined.looks += share.looks
        joined.active_looks += share.active_looks
        joined.gil_looks += share.gil_looks
    joined.recent_looks = _all_bits(share.recent_looks for share in group)
    joined.recent_active = _all_bits(share.recent_active for share in group)
    joined.recent_gil = _all_bits(share.recent_gil for share in group)
    return joined


def _by_name(shares: Iterable[ThreadShare]) -> dict[str, list[ThreadShare]]:
    groups: defaultdict[str, list[ThreadShare]] = defaultdict(list)
    for share in shares:
        groups[folded_name(thread_name(share.thread))].append(share)
    return groups


def _named(name: str, shares: Sequence[ThreadShare], left_out: Collection[tuple[int, int]]) -> ThreadRow:
    return ThreadRow(Branch(Split.NAME, name=name), name, tuple(shares), is_left_out=_all_left_out(shares, left_out))


def _process(
    pid: int,
    shares: Sequence[ThreadShare],
    left_out: Collection[tuple[int, int]],
    record: ProcessRecord | None,
    until_s: float,
) -> ThreadRow:
    process = None if record is None else record.process
    ended_s, exit_code = (None, None) if process is None else (process.ended_s, process.exit_code)
    return ThreadRow(
        Branch(Split.PROCESS, pid=pid),
        "",
        tuple(shares),
        record=record,
        is_left_out=_all_left_out(shares, left_out),
        is_gone=ended_s is not None and ended_s < until_s,
        exit_code=exit_code,
    )


def _thread(share: ThreadShare, process: ThreadRow, left_out: Collection[tuple[int, int]]) -> ThreadRow:
    return ThreadRow(
        branch_of(share.thread, Split.THREAD),
        thread_name(share.thread),
        (share,),
        depth=1,
        is_left_out=_all_left_out((share,), left_out),
        is_gone=process.is_gone,
    )


def _all_left_out(shares: Sequence[ThreadShare], left_out: Collection[tuple[int, int]]) -> bool:
    return bool(shares) and all((share.thread.pid, share.thread.tid) in left_out for share in shares)


def _ranked(rows: Iterable[ThreadRow], sort: ThreadSort) -> list[ThreadRow]:
    return sorted(rows, key=_ROW_KEYS[sort])


_ROW_KEYS: dict[ThreadSort, Callable[[ThreadRow], tuple[Any, ...]]] = {
    ThreadSort.SHARE: lambda row: (-row.weight, row.branch.pid, row.name),
    ThreadSort.NAME: lambda row: (row.name.casefold(), row.name, row.branch.pid),
    ThreadSort.PID: lambda row: (row.branch.pid, row.name),
}
_SHARE_KEYS: dict[ThreadSort, Callable[[ThreadShare], tuple[Any, ...]]] = {
    ThreadSort.SHARE: lambda share: (-share.weight, share.thread.tid, share.thread.name),
    ThreadSort.NAME: lambda share: (thread_name(share.thread).casefold(), share.thread.tid),
    ThreadSort.PID: lambda share: (share.thread.tid, share.thread.name),
}


def _all_bits(bits: Iterable[int]) -> int:
    found = 0
    for each in bits:
        found |= each
    return found
