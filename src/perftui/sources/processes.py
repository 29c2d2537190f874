"""What /proc tells of a process and of the machine; where there is no /proc, the answer is "not known"."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection
from pathlib import Path

from perftui.sources.keeper import children_by_scan, children_of, start_time, stat_fields
from perftui.sources.side_process import process_exists

HAS_PROC = Path("/proc/self/stat").exists()
# Looking through the lists of so many threads is no longer free.
_MOST_THREADS = 256
_HAS_LISTS = Path("/proc/thread-self/children").exists()
_PYTHON_NAME = re.compile(r"(?:python|pypy)[\d.]*[a-z]?(?: \(deleted\))?\Z")
_VERSIONED_NAME = re.compile(rb"/(?:lib)?python(\d)\.(\d{1,2})")
_PYTHON_LIBRARY = re.compile(rb"/(?:libpython\d|libpypy|Python\.framework)")
_MAPS_BYTES = 1 << 20
_CORES = os.cpu_count() or 1


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    if not HAS_PROC:
        return process_exists(pid)
    fields = stat_fields(pid)
    return bool(fields) and fields[0] not in (b"Z", b"X", b"x")


def identity(pid: int) -> int | None:
    """Return what tells a process from a later one of the same number."""
    return start_time(pid) if HAS_PROC else None


def parent(pid: int) -> int:
    """Return the parent process, 0 where it is not known."""
    fields = stat_fields(pid) if HAS_PROC else []
    return int(fields[1]) if len(fields) > 1 else 0


def image(pid: int) -> tuple[bytes, ...]:
    """Return what changes when a process replaces its program, and only then; empty where it is not known."""
    fields = stat_fields(pid) if HAS_PROC else []
    # Where the code and the stack begin: the kernel picks both anew with each execve, and in its midst there is none.
    return tuple(fields[23:26]) if len(fields) > 25 and fields[23] != b"0" else ()


def status_number(pid: int, name: str) -> int:
    """Return a number of /proc/PID/status, 0 where it is not known."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/status").read_bytes().splitlines():
            if line.startswith(name.encode() + b":"):
                return int(line.split()[1])
    return 0


def thread_count(pid: int) -> int:
    """Return the number of threads, 0 where it is not known."""
    return status_number(pid, "Threads")


def tracer_of(pid: int) -> int:
    """Return the process that traces `pid`, or 0."""
    return status_number(pid, "TracerPid")


def foreign_tracer(pid: int, ours: Collection[int]) -> int:
    """Return the process that traces `pid` and is none of `ours`, or 0."""
    tracer = tracer_of(pid)
    # The kernel names the thread that traces; one that is gone by now held on for one look only.
    group = status_number(tracer, "Tgid") if tracer else 0
    return 0 if group in ours else group


def python_version(pid: int) -> tuple[int, int] | None:
    """Return the version of an interpreter as far as the names of its files tell it."""
    with contextlib.suppress(OSError):
        match = _VERSIONED_NAME.search(os.fsencode(os.readlink(f"/proc/{pid}/exe")))  # noqa: PTH115
        if match is None:
            with Path(f"/proc/{pid}/maps").open("rb") as file:
                match = _VERSIONED_NAME.search(file.read(_MAPS_BYTES))
        if match is not None:
            return int(match[1]), int(match[2])
    return None


def children(pid: int) -> list[int]:
    """Return the child processes."""
    if not HAS_PROC:
        return []
    if not _HAS_LISTS:
        return children_by_scan(pid)
    return children_of(pid) if thread_count(pid) <= _MOST_THREADS else []


def descendants(pid: int) -> list[int]:
    """Return the children and theirs."""
    found: list[int] = []
    todo = [pid]
    while todo:
        below = children(todo.pop())
        found += below
        todo += below
    return found


def is_python(pid: int) -> bool:
    """Tell whether a process looks like a Python interpreter: by its name, or by the library that it loaded."""
    with contextlib.suppress(OSError):
        if _PYTHON_NAME.match(Path(os.readlink(f"/proc/{pid}/exe")).name):  # noqa: PTH115 - it may be no real path
            return True
        with Path(f"/proc/{pid}/maps").open("rb") as file:
            return _PYTHON_LIBRARY.search(file.read(_MAPS_BYTES)) is not None
    return False


def ignores_gate(pid: int) -> bool:
    """Tell whether an interpreter was told to ignore PYTHONPATH or `site`, by which it would come to the gate."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:]
    except OSError:
        return False
    for argument in arguments:
        if not argument.startswith(b"-") or argument.startswith((b"-c", b"-m", b"--")) or argument == b"-":
            return False
        if not argument.startswith((b"-W", b"-X")) and any(letter in argument for letter in (b"I", b"E", b"S")):
            return True
    return False


def saturated() -> bool:
    """Tell whether more threads want to run than the machine has cores, by a factor."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        running = int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].partition("/")[0])
        return running > 2 * _CORES
    return False


def cpu_so_far_s(pid: int) -> float | None:
    """Return the CPU time of all threads of a process to the nanosecond, where the kernel counts it."""
    total_ns = 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total_ns += int((task / "schedstat").read_bytes().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return total_ns / 1e9
