"""Looks at processes and at the machine, and how two of them in a row become a reading: pure, without psutil."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from perftui.model.reading import ResourceReading
from perftui.sources.tree_ledger import Count, ProcessKey, TreeLedger

# CPU times come in ticks of 10 ms, rounded down on both sides.
_CPU_TOLERANCE_S = 0.021


@dataclass(frozen=True, slots=True)
class ProcessLook:
    """What one process of the tree shows at one moment; counters run since it started, None is not measurable."""

    key: ProcessKey
    parent: ProcessKey | None = None
    """None where the parent lies outside the tree."""
    ended: bool = False
    """A zombie: it counts nothing more, and waits for its parent to take note."""
    old: bool = False
    """It ran before the watch began."""
    denied: bool = False
    """The system refused to tell something."""
    cpu_s: Count | None = None
    rss_bytes: float | None = None
    uss_bytes: float | None = None
    threads: float | None = None
    open_files: float | None = None
    read_bytes: Count | None = None
    written_bytes: Count | None = None
    switches: Mapping[int, float] | None = None
    """Context switches of each thread."""
    name: str = ""
    command: tuple[str, ...] = ()
    """Empty where it was not asked for at this look, or is not told."""
    exit_code: int | None = None
    """Of one that ended, where the system tells it."""


@dataclass(frozen=True, slots=True)
class MachineLook:
    """What the machine shows at one moment; counters run since it started."""

    cpu_busy_s: float | None = None
    cpu_total_s: float | None = None
    load_1: float | None = None
    memory_used_bytes: float | None = None
    memory_percent: float | None = None
    swap_used_bytes: float | None = None
    disk_read_bytes: float | None = None
    disk_written_bytes: float | None = None
    net_received_bytes: float | None = None
    net_sent_bytes: float | None = None


@dataclass(slots=True)
class Readings:
    """Turns each pair of looks into a reading; rates are None until the second."""

    cores: int
    """Upper bound of what a tree can use, so that the rounding of ticks never shows more."""
    _at_s: float | None = None
    _machine: MachineLook = field(default_factory=MachineLook)
    _cpu: TreeLedger = field(default_factory=lambda: TreeLedger(tolerance=_CPU_TOLERANCE_S))
    _read: TreeLedger = field(default_factory=TreeLedger)
    _written: TreeLedger = field(default_factory=TreeLedger)
    _switches: TreeLedger = field(default_factory=TreeLedger)

    def read(self, at_s: float, tree: Sequence[ProcessLook], machine: MachineLook) -> ResourceReading:
        """Return the reading of the moment `at_s`."""
        passed_s = None if self._at_s is None else at_s - self._at_s
        before, self._machine, self._at_s = self._machine, machine, at_s
        living = [look for look in tree if not look.ended]
        cpu_share = _rate(_grow(self._cpu, tree, lambda look: look.cpu_s), passed_s)
        return ResourceReading(
            at_s=at_s,
            cpu_percent=None if cpu_share is None else min(100 * cpu_share, 100.0 * self.cores),
            rss_bytes=_sum(look.rss_bytes for look in living),
            uss_bytes=_sum(look.uss_bytes for look in living),
            threads=_sum(look.threads for look in living),
            open_files=_sum(look.open_files for look in living),
            read_bytes_per_s=_rate(_grow(self._read, tree, lambda look: look.read_bytes), passed_s),
            write_bytes_per_s=_rate(_grow(self._written, tree, lambda look: look.written_bytes), passed_s),
            context_switches_per_s=_rate(self._switched(living), passed_s),
            processes=len(living),
            system_cpu_percent=_busy_percent(before, machine),
            load_1=machine.load_1,
            memory_used_bytes=machine.memory_used_bytes,
            memory_percent=machine.memory_percent,
            swap_used_bytes=machine.swap_used_bytes,
            disk_read_bytes_per_s=_difference_rate(before.disk_read_bytes, machine.disk_read_bytes, passed_s),
            disk_write_bytes_per_s=_difference_rate(before.disk_written_bytes, machine.disk_written_bytes, passed_s),
            net_received_bytes_per_s=_difference_rate(before.net_received_bytes, machine.net_received_bytes, passed_s),
            net_sent_bytes_per_s=_difference_rate(before.net_sent_bytes, machine.net_sent_bytes, passed_s),
        )

    def _switched(self, living: Sequence[ProcessLook]) -> float | None:
        counts: dict[ProcessKey, Count] = {}
        old: set[ProcessKey] = set()
        complete = True
        for look in living:
            if look.switches is None:
                complete = False
                continue
            # A process's first thread has its id, so that its key is the key of the process.
            keys = {(tid, look.key[1]): Count(total) for tid, total in look.switches.items()}
            counts |= keys
            if look.old and look.key not in self._switches:
                old |= keys.keys()
        grown = self._switches.grow(counts, dict.fromkeys(counts), old=old)
        return grown if complete else None


def _grow(
    ledger: TreeLedger, tree: Sequence[ProcessLook], counter: Callable[[ProcessLook], Count | None]
) -> float | None:
    """Return the growth of a counter over the tree, or None where a process would not tell its part."""
    counts = {look.key: count for look in tree if (count := counter(look)) is not None}
    grown = ledger.grow(counts, {look.key: look.parent for look in tree}, old={look.key for look in tree if look.old})
    return None if any(look.key not in counts for look in tree if not look.ended) else grown


def _sum(values: Iterable[float | None]) -> float | None:
    """Return the sum, or None where a part is missing: a sum without it would look like the whole."""
    total: float | None = None
    for value in values:
        if value is None:
            return None
        total = (total or 0.0) + value
    return total


def _rate(grown: float | None, passed_s: float | None) -> float | None:
    return None if grown is None or passed_s is None or passed_s <= 0 else grown / passed_s


def _difference_rate(before: float | None, now: float | None, passed_s: float | None) -> float | None:
    """Return growth per second; None where a counter fell, because a device was taken away or the counter ran over."""
    if before is None or now is None or now < before:
        return None
    return _rate(now - before, passed_s)


def _busy_percent(before: MachineLook, now: MachineLook) -> float | None:
    if before.cpu_busy_s is None or now.cpu_busy_s is None or before.cpu_total_s is None or now.cpu_total_s is None:
        return None
    total_s = now.cpu_total_s - before.cpu_total_s
    return min(100.0, max(0.0, 100 * (now.cpu_busy_s - before.cpu_busy_s) / total_s)) if total_s > 0 else None
