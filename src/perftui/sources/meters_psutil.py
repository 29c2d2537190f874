"""The meters: CPU, memory, files, I/O of the target's process tree and of the machine, read with psutil.

The facts about this machine live here as well; `processes_psutil.py` is the other room that knows psutil.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import psutil

from perftui.sources.containment import container_kind, cpu_limit_cores, memory_limit_bytes
from perftui.sources.heap.command_line import as_written
from perftui.sources.looks import MachineLook, ProcessLook
from perftui.sources.meters import Meters
from perftui.sources.probe import Probe, SystemProbe
from perftui.sources.tree_ledger import Count, ProcessKey

T = TypeVar("T")

# The list of strangers is forgotten every so often: the id of one that ended unseen may belong to the tree by now.
_FORGET_STRANGERS_EVERY = 30
# psutil adds the boot time, known to the second, to the start time of a process.
_START_TIME_FUZZ_S = 2.0
# Counting the context switches of a thread takes about 10 µs, so this many take 5 ms of each look.
_MOST_THREADS_COUNTED = 512
_USS_EVERY = 5
_USS_SELDOM = 80
# Reading the unique set size holds a lock that the target's page faults wait for.
_USS_DEAR_S = 0.020
_USS_LARGEST_RSS_BYTES = 1 << 30
# After a fork a process has the command of its parent until it runs its own; three looks are two seconds.
_TITLE_LOOKS = 3
# An older one seldom becomes another program, as a shell does that waited for something.
_TITLE_EVERY = 10
# x86 says "model name", some ARM and POWER boards "hardware" or "cpu".
_CPU_MODEL_LABELS = ("model name", "hardware", "cpu")
_LOOPBACK = ("lo", "lo0")


class Pacer:
    """Says when it is time for a dear look again: seldom, and more seldom the dearer it turns out."""

    def __init__(self, *, every: int, seldom: int, dear_s: float) -> None:
        self._every = every
        self._seldom = seldom
        self._dear_s = dear_s
        self._gap = every
        self._wait = 0

    def due(self, *, outdated: bool = False) -> bool:
        """Tell whether to look this time; to be asked once each time.

        Where the last look is known to be `outdated`, the gap is the shortest, however dear looks are.
        """
        self._wait -= 1
        if self._wait > 0 and not (outdated and self._gap - self._wait >= self._every):
            return False
        self._wait = self._gap
        return True

    def took(self, cost_s: float) -> None:
        """Take note of what a look cost."""
        self._gap = min(self._seldom, self._gap * 2) if cost_s > self._dear_s else max(self._every, self._gap // 2)
        self._wait = self._gap


class TreeWatch:
    """Watches a process and its descendants, also those that lose their parent on the way.

    Args:
        pid: the root of the tree.
        adopter: a process that inherits the tree's orphans, if there is one; it is not of the tree itself.
    """

    def __init__(self, pid: int, *, adopter: int | None = None) -> None:
        self._pid = pid
        self._adopter = adopter
        self._began_s = time.time()
        self._members: dict[int, psutil.Process] = {}
        self._strangers: set[int] = set()
        self._looks = 0
        self._asked: dict[int, int] = {}
        """How often each process was asked for its command."""
        self._threads = 0.0
        self._rss_bytes = 0.0
        self._weighed_bytes = 0.0
        """The unique set size as it was read last."""
        self._uss_pacer = Pacer(every=_USS_EVERY, seldom=_USS_SELDOM, dear_s=_USS_DEAR_S)
        # A target that is gone already is an empty tree, which is said at the first look.
        with contextlib.suppress(psutil.Error):
            self._members[pid] = psutil.Process(pid)

    def look(self) -> Sequence[ProcessLook]:
        """Return what each process shows now; nothing when the tree's root has ended."""
        self._members = {pid: process for pid, process in self._members.items() if process.is_running()}
        self._asked = {pid: asked for pid, asked in self._asked.items() if pid in self._members}
        root = self._members.get(self._pid)
        if root is None or is_zombie(root):
            return ()
        self._adopt()
        keys = {pid: _key(process) for pid, process in self._members.items()}
        looks = [look for process in self._members.values() if (look := self._look_at(process, keys)) is not None]
        self._threads = sum(look.threads or 0.0 for look in looks)
        self._rss_bytes = sum(look.rss_bytes or 0.0 for look in looks)
        return self._with_uss(looks) if any(look.key[0] == self._pid for look in looks) else ()

    def _adopt(self) -> None:
        """Find new descendants; only processes that were never seen before are asked for their parent."""
        if self._looks % _FORGET_STRANGERS_EVERY == 0:
            self._strangers.clear()
        self._looks += 1
        present = set(psutil.pids())
        self._strangers &= present
        # What observes the tree is not part of it, even when it was started from within.
        unknown = _with_parents(present - self._strangers - self._members.keys() - {os.getpid()})
        found = True
        while found:
            found = False
            for pid, (process, parent) in list(unknown.items()):
                if parent in self._members or (parent is not None and parent == self._adopter):
                    self._members[pid] = process
                    del unknown[pid]
                    found = True
        self._strangers |= unknown.keys()

    def _look_at(self, process: psutil.Process, keys: dict[int, ProcessKey]) -> ProcessLook | None:
        key = keys[process.pid]
        # What the first look finds was there before, whatever the two clocks say.
        old = self._looks == 1 or key[1] < self._began_s - _START_TIME_FUZZ_S
        try:
            with process.oneshot():
                look = _look_at(process, keys, old=old, count_switches=self._threads <= _MOST_THREADS_COUNTED)
                return look if look.ended else self._titled(look, process)
        except psutil.ZombieProcess:
            return ProcessLook(key, ended=True, old=old, exit_code=_exit_code(process.pid))
        except psutil.NoSuchProcess:
            return None

    def _titled(self, look: ProcessLook, process: psutil.Process) -> ProcessLook:
        """Add what a process runs; a young one may still become another program."""
        asked = self._asked.get(process.pid, 0)
        if asked >= _TITLE_LOOKS and self._looks % _TITLE_EVERY:
            return look
        self._asked[process.pid] = asked + 1
        return replace(look, name=ask(process.name) or "", command=as_written(ask(process.cmdline) or ()))

    def _with_uss(self, looks: list[ProcessLook]) -> list[ProcessLook]:
        # What is its own alone is part of what is resident: more than that it was at another time.
        outdated = self._weighed_bytes > self._rss_bytes
        if self._rss_bytes >= _USS_LARGEST_RSS_BYTES or not self._uss_pacer.due(outdated=outdated):
            return looks
        began_s = time.perf_counter()
        weighed = [look if look.ended else replace(look, uss_bytes=self._uss_bytes(look.key[0])) for look in looks]
        self._uss_pacer.took(time.perf_counter() - began_s)
        self._weighed_bytes = sum(look.uss_bytes or 0.0 for look in weighed)
        return weighed

    def _uss_bytes(self, pid: int) -> float | None:
        try:
            full = ask(self._members[pid].memory_full_info)
        except psutil.NoSuchProcess:
            return 0.0
        return None if full is None else full.uss


class PsutilMeters(Meters):
    """The meters of a process tree and of the machine, as psutil tells them.

    Args:
        pid: the target.
        clock: seconds since the recording began, monotonic.
        interval_s: time from one reading to the next, or what tells it.
        adopter: a process that inherits the target's orphans, if there is one.
    """

    def __init__(
        self,
        pid: int,
        *,
        clock: Callable[[], float],
        interval_s: float | Callable[[], float] = 1.0,
        adopter: int | None = None,
    ) -> None:
        super().__init__(
            pid,
            clock=clock,
            watch=TreeWatch(pid, adopter=adopter),
            machine=look_at_machine,
            cores=psutil.cpu_count() or 1,
            interval_s=interval_s,
        )

    def start(self) -> None:
        """Make the first reading due at once."""
        # psutil warns on standard error, in the middle of the dashboard, of fields that a container hides.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="psutil")
        super().start()


def look_at_machine() -> MachineLook:
    """Look at the meters of the machine; what it does not have or does not tell is None."""
    times = ask(psutil.cpu_times)
    memory = ask(psutil.virtual_memory)
    swap = ask(psutil.swap_memory)
    load = ask(psutil.getloadavg)
    # Without psutil's own correction of wrapped counters, which keeps state for the whole program.
    disk = ask(lambda: psutil.disk_io_counters(nowrap=False))
    cards = ask(lambda: psutil.net_io_counters(pernic=True, nowrap=False))
    outside = None if cards is None else [card for name, card in cards.items() if name not in _LOOPBACK]
    busy_s, total_s = (None, None) if times is None else _busy_and_total_s(times._asdict())
    return MachineLook(
        cpu_busy_s=busy_s,
        cpu_total_s=total_s,
        load_1=None if load is None else load[0],
        memory_used_bytes=None if memory is None else memory.used,
        memory_percent=None if memory is None else memory.percent,
        swap_used_bytes=None if swap is None else swap.used,
        disk_read_bytes=None if disk is None else disk.read_bytes,
        disk_written_bytes=None if disk is None else disk.write_bytes,
        net_received_bytes=None if outside is None else sum(card.bytes_recv for card in outside),
        net_sent_bytes=None if outside is None else sum(card.bytes_sent for card in outside),
    )


def _busy_and_total_s(times: dict[str, float]) -> tuple[float, float]:
    # The kernel counts the time of guests in user and nice already.
    total_s = sum(times.values()) - times.get("guest", 0.0) - times.get("guest_nice", 0.0)
    return total_s - times.get("idle", 0.0) - times.get("iowait", 0.0), total_s


def _look_at(process: psutil.Process, keys: dict[int, ProcessKey], *, old: bool, count_switches: bool) -> ProcessLook:
    key = keys[process.pid]
    refusals: list[str] = []
    parent_pid = ask(process.ppid)
    parent = None if parent_pid is None else keys.get(parent_pid)
    ended = is_zombie(process)
    times = ask(process.cpu_times, refusals)
    io = ask(process.io_counters, refusals) if hasattr(process, "io_counters") else None
    cpu_s = None if times is None else Count(times.user + times.system, times.children_user + times.children_system)
    # The kernel adds what an ended child read and wrote to the figures of its parent itself.
    read_bytes = None if io is None else Count(0.0, io.read_bytes)
    written_bytes = None if io is None else Count(0.0, io.write_bytes)
    if ended:
        return ProcessLook(
            key,
            parent,
            ended=True,
            old=old,
            cpu_s=cpu_s,
            read_bytes=read_bytes,
            written_bytes=written_bytes,
            exit_code=_exit_code(process.pid),
        )
    memory = ask(process.memory_info, refusals)
    return ProcessLook(
        key,
        parent,
        old=old,
        cpu_s=cpu_s,
        rss_bytes=None if memory is None else memory.rss,
        threads=ask(process.num_threads, refusals),
        open_files=ask(process.num_fds, refusals) if hasattr(process, "num_fds") else None,
        read_bytes=read_bytes,
        written_bytes=written_bytes,
        switches=_switches(process) if count_switches else None,
        denied=bool(refusals),
    )


def _exit_code(pid: int) -> int | None:
    """Return how a process ended that its parent has not waited for yet; None where the system does not tell."""
    if not psutil.LINUX:
        return None
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 (read every second)
            # The name, in brackets, may hold anything; what follows it are numbers, the exit status the last of them.
            fields = file.read().rpartition(b")")[2].split()
        return os.waitstatus_to_exitcode(int(fields[-1])) if fields[:1] == [b"Z"] else None
    except (OSError, ValueError, IndexError):
        return None


def _switches(process: psutil.Process) -> dict[int, float] | None:
    """Return how often each thread was put on a core.

    psutil knows only the process's first thread on Linux, so that a busy pool of threads would show nothing.
    """
    if not psutil.LINUX:
        both = ask(process.num_ctx_switches)
        return None if both is None else {process.pid: both.voluntary + both.involuntary}
    tasks = f"/proc/{process.pid}/task"
    switches: dict[int, float] = {}
    try:
        with os.scandir(tasks) as threads:
            for thread in threads:
                switches[int(thread.name)] = _times_scheduled(f"{thread.path}/schedstat")
    except (OSError, ValueError, IndexError):
        return switches or None
    return switches


def _times_scheduled(path: str) -> float:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return float(os.read(file, 128).split()[2])
    finally:
        os.close(file)


def _with_parents(pids: set[int]) -> dict[int, tuple[psutil.Process, int | None]]:
    parents: dict[int, tuple[psutil.Process, int | None]] = {}
    for pid in pids:
        try:
            process = psutil.Process(pid)
            parents[pid] = process, process.ppid()
        except psutil.Error:
            continue
    return parents


def _key(process: psutil.Process) -> ProcessKey:
    # psutil keeps the start time, once read, for as long as the object lives: the key does not move with the clock.
    return process.pid, ask(process.create_time) or 0.0


def is_zombie(process: psutil.Process) -> bool:
    """Tell whether a process has ended and nobody took note of it."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.ZombieProcess:
        return True
    except psutil.NoSuchProcess:
        return True
    except (psutil.AccessDenied, OSError):
        return False


def ask(question: Callable[[], T], refusals: list[str] | None = None) -> T | None:
    """Return the answer, or None where the system has none; that the process is gone is passed on."""
    try:
        return question()
    except psutil.NoSuchProcess:
        raise
    except psutil.AccessDenied as refusal:
        if refusals is not None:
            refusals.append(str(refusal))
        return None
    except (psutil.Error, OSError, RuntimeError, ValueError):
        return None


def own_cost() -> tuple[float, float]:
    """Return the CPU seconds that perftui itself has used so far, and its resident bytes."""
    process = psutil.Process()
    with process.oneshot():
        times = process.cpu_times()
        return times.user + times.system, float(process.memory_info().rss)


def machine_facts(probe: Probe | None = None) -> dict[str, str]:
    """Return what a fair comparison needs to know of this machine; unknown facts are left out."""
    probe = probe or SystemProbe()
    memory = ask(psutil.virtual_memory)
    load = ask(psutil.getloadavg)
    cpu_limit, memory_limit = cpu_limit_cores(probe), memory_limit_bytes(probe)
    governor = probe.text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    facts = {
        "host": _host_id(probe),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpu": _cpu_model(probe),
        "cores": str(psutil.cpu_count() or ""),
        "physical_cores": str(ask(lambda: psutil.cpu_count(logical=False)) or ""),
        "memory_bytes": "" if memory is None else str(memory.total),
        "load_1": "" if load is None else f"{load[0]:.2f}",
        "governor": (governor or "").strip(),
        "turbo": _turbo(probe),
        "container": container_kind(probe),
        "cpu_limit_cores": "" if cpu_limit is None else f"{cpu_limit:g}",
        "memory_limit_bytes": "" if memory_limit is None else str(memory_limit),
    }
    return {name: fact for name, fact in facts.items() if fact}


def _turbo(probe: Probe) -> str:
    """Return whether the processor may raise its clock: "on", "off", or nothing where that is not told."""
    forbidden = (probe.text("/sys/devices/system/cpu/intel_pstate/no_turbo") or "").strip()
    allowed = (probe.text("/sys/devices/system/cpu/cpufreq/boost") or "").strip()
    return {"0": "on", "1": "off"}.get(forbidden) or {"1": "on", "0": "off"}.get(allowed, "")


def _host_id(probe: Probe) -> str:
    """Return an id that tells this machine from others, and tells nothing else of it."""
    known = (probe.text("/etc/machine-id") or "").strip() or platform.node()
    return hashlib.blake2s(known.encode("utf-8", "replace"), digest_size=8, person=b"perftui").hexdigest()


def _cpu_model(probe: Probe) -> str:
    for line in (probe.text("/proc/cpuinfo") or "").splitlines():
        label, _, value = line.partition(":")
        if label.strip().lower() in _CPU_MODEL_LABELS and value.strip():
            return value.strip()
    return platform.processor() or platform.machine()
