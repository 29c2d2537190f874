"""The process list, read from /proc: who descends from whom, who carries our mark, what each has used."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """One line of the process list."""

    pid: int
    parent: int
    state: str
    cpu_s: float
    """User and system time of its own threads, children not counted."""
    command: str


def processes() -> Iterator[Process]:
    """Yield every process that can be read."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            found = process(int(entry.name))
            if found is not None:
                yield found


def process(pid: int) -> Process | None:
    """Return one process, or None where it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return Process(pid, int(fields[1]), fields[0], (int(fields[11]) + int(fields[12])) / TICKS_PER_S, command)


def running(pid: int) -> Process | None:
    """Return one process, or None where it is gone or only waits to be reaped."""
    found = process(pid)
    return None if found is None or found.state in "ZX" else found


def cpu_s(pid: int) -> float:
    """Return the processor seconds of a living process, 0 where it is gone."""
    found = process(pid)
    return found.cpu_s if found else 0.0


def rss_bytes(pid: int) -> int:
    """Return the resident memory of a process now, 0 where it is gone."""
    return _memory_bytes(pid, "VmRSS:")


def peak_bytes(pid: int) -> int:
    """Return the most that the resident memory of a process ever was, 0 where it is gone."""
    return _memory_bytes(pid, "VmHWM:")


def _memory_bytes(pid: int, field: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith(field)), 0)


def descendants(pid: int) -> list[Process]:
    """Return everything below a process, parents before children."""
    by_parent: dict[int, list[Process]] = {}
    for one in processes():
        by_parent.setdefault(one.parent, []).append(one)
    found: list[Process] = []
    waiting = [pid]
    while waiting:
        below = by_parent.get(waiting.pop(), [])
        found += below
        waiting += [one.pid for one in below]
    return found


def carrying(mark: str) -> list[Process]:
    """Return the living processes with this mark in their environment or their command line."""
    wanted = mark.encode()
    found = []
    for one in processes():
        if one.state in "ZX" or one.pid == os.getpid():
            continue
        try:
            environment = Path(f"/proc/{one.pid}/environ").read_bytes()
        except OSError:
            environment = b""
        if wanted in environment or mark in one.command:
            found.append(one)
    return found


def wait_until(true: Callable[[], bool], *, seconds: float, pause_s: float = 0.02) -> bool:
    """Ask again and again until it is true, and say whether that came to pass."""
    end_s = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end_s:
            return False
        time.sleep(pause_s)
    return True
