"""Single processes as psutil tells of them: what one is, and which of all that run are Python."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import psutil

from perftui.sources.interpreter import Likeness, by_memory_map, by_program_name
from perftui.sources.meters_psutil import ask, is_zombie
from perftui.sources.probe import SystemProbe
from perftui.sources.shell_job import stand_in

# Every running perftui has one of these; nobody wants to profile them.
_KEEPER = "perftui/sources/keeper.py"
# psutil adds the boot time, known to the second, to the start time of a process.
_START_TIME_FUZZ_S = 2.0
# A process that has only just begun may not have become yet what it is going to be.
_YOUNG_S = 5.0
# Reading the memory map of a process takes up to a millisecond.
_MAPS_A_LOOK = 50
_MOST_ANCESTORS = 30


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """What there is to know of one process; what the system does not tell is empty."""

    pid: int
    name: str
    command: tuple[str, ...]
    cwd: str
    username: str
    create_time_s: float
    """Seconds since the epoch; together with the pid it names the process for good."""
    python: bool
    """Whether it looks like a Python interpreter; a guess, and no guess of a version that can be observed."""
    is_ours: bool
    """It is perftui itself or was started by it, or it serves another perftui."""


@dataclass(frozen=True, slots=True)
class ProcessGlance:
    """One Python process as it is at one moment."""

    facts: ProcessFacts
    ancestors: tuple[int, ...]
    """Its parent, the parent of that, and so on."""
    cpu_percent: float | None
    """Since the look before; None at the first."""
    rss_bytes: float | None


class PythonWatch:
    """Finds Python among all processes, again and again.

    A process is asked what it is when it is new, and once more when it has come of age; of those that are not Python a
    look costs no more than their numbers.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[int, _Known] = {}
        self._strangers: set[int] = set()
        self._young: dict[int, float] = {}
        """Strangers that are asked again, and when."""
        self._unmapped: deque[int] = deque()
        """Strangers whose memory map was not looked at yet."""
        self._parents: dict[int, int] = {}
        self.asked = 0
        """How many processes were asked what they are, in all."""

    @property
    def complete(self) -> bool:
        """Whether every process was looked at as closely as it ever is."""
        return not self._unmapped

    def look(self) -> list[ProcessGlance]:
        """Return the Python processes that run now, in the order of their numbers."""
        now_s = self._clock()
        self._parents.clear()
        present = set(psutil.pids())
        self._forget(present)
        for pid in sorted(present - self._strangers - self._known.keys()):
            self._meet(pid, now_s)
        for pid in [pid for pid, due_s in self._young.items() if due_s <= now_s]:
            del self._young[pid]
            self._meet(pid, now_s, again=True)
        self._look_at_maps()
        glances = (self._glance(pid, known, now_s) for pid, known in sorted(self._known.items()))
        return [glance for glance in glances if glance is not None]

    def _forget(self, present: set[int]) -> None:
        self._strangers &= present
        self._young = {pid: due_s for pid, due_s in self._young.items() if pid in present}
        self._known = {pid: known for pid, known in self._known.items() if known.process.is_running()}

    def _meet(self, pid: int, now_s: float, *, again: bool = False) -> None:
        self.asked += 1
        with contextlib.suppress(psutil.Error, ValueError):
            process = psutil.Process(pid)
            if _is_called_python(process):
                self._strangers.discard(pid)
                self._known[pid] = _Known(process, _facts(process, set()))
                return
            if not again:
                self._young[pid] = now_s + _YOUNG_S
                self._unmapped.append(pid)
        self._strangers.add(pid)

    def _look_at_maps(self) -> None:
        """Find interpreters under other names, a few at each look."""
        for _ in range(min(_MAPS_A_LOOK, len(self._unmapped))):
            pid = self._unmapped.popleft()
            if pid in self._strangers:
                with contextlib.suppress(psutil.Error, ValueError):
                    process = psutil.Process(pid)
                    if _has_python_library(process):
                        self._strangers.discard(pid)
                        self._known[pid] = _Known(process, _facts(process, set()))

    def _glance(self, pid: int, known: _Known, now_s: float) -> ProcessGlance | None:
        process = known.process
        try:
            with process.oneshot():
                if is_zombie(process):
                    return None
                ancestors = self._ancestors(pid)
                times, memory = ask(process.cpu_times), ask(process.memory_info)
        except psutil.Error:
            return None
        cpu_s = None if times is None else times.user + times.system
        percent = known.percent_since(cpu_s, now_s)
        ours = known.facts.is_ours or os.getpid() in (pid, *ancestors) or pid == stand_in()
        facts = replace(known.facts, is_ours=ours)
        return ProcessGlance(facts, ancestors, percent, None if memory is None else memory.rss)

    def _ancestors(self, pid: int) -> tuple[int, ...]:
        found: list[int] = []
        while len(found) < _MOST_ANCESTORS:
            parent = self._parents.get(pid)
            if parent is None:
                parent = self._parents[pid] = _parent_of(pid)
            if parent <= 0 or parent in found:
                break
            found.append(parent)
            pid = parent
        return tuple(found)


@dataclass(slots=True)
class _Known:
    """A Python process, and what it had used at the look before."""

    process: psutil.Process
    facts: ProcessFacts
    cpu_s: float | None = None
    at_s: float = 0.0

    def percent_since(self, cpu_s: float | None, now_s: float) -> float | None:
        before_s, then_s = self.cpu_s, self.at_s
        self.cpu_s, self.at_s = cpu_s, now_s
        if cpu_s is None or before_s is None or now_s <= then_s:
            return None
        return max(0.0, 100 * (cpu_s - before_s) / (now_s - then_s))


def _parent_of(pid: int) -> int:
    try:
        return psutil.Process(pid).ppid()
    except (psutil.Error, ValueError):
        return 0


def process_facts(pid: int) -> ProcessFacts | None:
    """Return the facts about a process, or None where there is none of that id."""
    try:
        return _facts(psutil.Process(pid), _own_tree())
    except (psutil.Error, ValueError):
        return None


def python_processes() -> list[ProcessFacts]:
    """Return the processes that look like Python and are not ours, the youngest first."""
    ours = _own_tree()
    found: list[ProcessFacts] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            facts = _facts(process, ours)
            if facts.python and not facts.is_ours:
                found.append(facts)
    return sorted(found, key=lambda facts: facts.create_time_s, reverse=True)


def alive(pid: int, create_time_s: float) -> bool:
    """Tell whether the process that was started at that time still runs; another one of its id does not count."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - create_time_s) <= _START_TIME_FUZZ_S and not is_zombie(process)
    except (psutil.Error, ValueError):
        return False


def _facts(process: psutil.Process, ours: set[int]) -> ProcessFacts:
    with process.oneshot():
        name = ask(process.name) or ""
        command = tuple(ask(process.cmdline) or ())
        return ProcessFacts(
            pid=process.pid,
            name=name,
            command=command,
            cwd=ask(process.cwd) or "",
            username=ask(process.username) or "",
            create_time_s=ask(process.create_time) or 0.0,
            python=_looks_like_python(process, name, command),
            is_ours=process.pid in ours or any(argument.endswith(_KEEPER) for argument in command),
        )


def _looks_like_python(process: psutil.Process, name: str, command: tuple[str, ...]) -> bool:
    return _is_named_python(ask(process.exe) or "", name, *command[:1]) or _has_python_library(process)


def _is_called_python(process: psutil.Process) -> bool:
    with process.oneshot():
        return _is_named_python(ask(process.exe) or "", ask(process.name) or "", *(ask(process.cmdline) or ())[:1])


def _is_named_python(*names: str) -> bool:
    return any(by_program_name(name).likeness is Likeness.YES for name in names if name)


def _has_python_library(process: psutil.Process) -> bool:
    """Tell whether a program holds an interpreter under any name; the map of another user's is not for us to read."""
    program = ask(process.exe) or ""
    maps = SystemProbe().text(f"/proc/{process.pid}/maps") if psutil.LINUX and program else None
    return by_memory_map(maps or "").likeness is Likeness.YES


def _own_tree() -> set[int]:
    own = psutil.Process()
    return {own.pid, *(child.pid for child in own.children(recursive=True))}
