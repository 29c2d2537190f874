"""Running processes as a tree of rows: sorted among siblings, filtered with their ancestors kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from perftui.model.running import RunningProcess


class SortProcesses(Enum):
    """What siblings are ranked by."""

    CPU = "CPU"
    RSS = "RSS"
    AGE = "age"
    """The youngest first."""
    COMMAND = "command"
    PID = "pid"


_KEYS: dict[SortProcesses, Callable[[RunningProcess], tuple[float | str, int]]] = {
    SortProcesses.CPU: lambda process: (-(process.cpu_percent or 0.0), process.pid),
    SortProcesses.RSS: lambda process: (-(process.rss_bytes or 0.0), process.pid),
    SortProcesses.AGE: lambda process: (process.age_s, process.pid),
    SortProcesses.COMMAND: lambda process: (process.what.lower(), process.pid),
    SortProcesses.PID: lambda process: (0.0, process.pid),
}


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One line of the tree."""

    process: RunningProcess
    depth: int
    """Number of ancestors above it that are listed."""
    matches: bool = True
    """Whether it is meant by the filter; otherwise it stands there for what is below it."""


def process_rows(
    processes: Iterable[RunningProcess],
    *,
    sort: SortProcesses = SortProcesses.CPU,
    wanted: str = "",
    order: Mapping[int, int] | None = None,
) -> list[ProcessRow]:
    """Return processes as a tree, parents before their children.

    A subtree is ranked by the greatest of it, so that a busy worker is not hidden below an idle parent.

    Args:
        processes: Each once; a parent that is not among them counts as none.
        sort: What siblings are ranked by.
        wanted: Words of which each has to be found in a process's number, user, command, directory or environment.
        order: Rank of each process, where they are to stay as they were; a new one comes after its siblings.
    """
    listed = {process.pid: process for process in processes}
    below: dict[int, list[int]] = {}
    for process in listed.values():
        parent = process.parent if process.parent in listed and process.parent != process.pid else 0
        below.setdefault(parent, []).append(process.pid)
    words = wanted.lower().split()
    ranks: dict[int, tuple[float | str, int]] = {}
    kept: set[int] = set()
    for pid in reversed(_top_down(below)):
        children = below.get(pid, ())
        own = _KEYS[sort](listed[pid])
        ranks[pid] = min((own, *(ranks[child] for child in children))) if sort in _BY_SUBTREE else own
        if order is not None:
            ranks[pid] = order.get(pid, len(order)), pid
        if _is_meant(listed[pid], words) or any(child in kept for child in children):
            kept.add(pid)
    rows: list[ProcessRow] = []
    todo = [(pid, 0) for pid in sorted(below.get(0, ()), key=ranks.__getitem__, reverse=True)]
    while todo:
        pid, depth = todo.pop()
        if pid in kept:
            rows.append(ProcessRow(listed[pid], depth, _is_meant(listed[pid], words)))
            todo += [(child, depth + 1) for child in sorted(below.get(pid, ()), key=ranks.__getitem__, reverse=True)]
    return rows


_BY_SUBTREE = (SortProcesses.CPU, SortProcesses.RSS)


def _top_down(below: dict[int, list[int]]) -> list[int]:
    """Return all that hangs below the root, each after its parent; what goes round in a ring hangs nowhere."""
    order: list[int] = []
    todo = list(below.get(0, ()))
    while todo:
        pid = todo.pop()
        order.append(pid)
        todo += below.get(pid, ())
    return order


def _is_meant(process: RunningProcess, words: Sequence[str]) -> bool:
    text = f"{process.pid} {process.user} {' '.join(process.command)} {process.cwd} {process.venv} {process.version}"
    return all(word in text.lower() for word in words)
