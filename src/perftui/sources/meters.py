"""The beat of the meters: when to look, what to hand over, when the series ends; what looks is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from perftui.model.reading import METER_BY_METRIC, ResourceReading
from perftui.sources.base import SourceEvent, SourceState, SourceStatus
from perftui.sources.looks import MachineLook, ProcessLook, Readings
from perftui.sources.process_readings import ProcessRates

# The rates of a shorter stretch would be made of clock ticks of 10 ms more than of the target.
_SHORTEST_STRETCH_S = 0.1
# What the target's owner may read and others may not; a metric missing for another reason is not worth a word.
_DENIABLE = (
    "cpu_percent",
    "rss_bytes",
    "open_files",
    "read_bytes_per_s",
    "write_bytes_per_s",
    "context_switches_per_s",
)


class Watch(Protocol):
    """Looks at all processes of one tree."""

    def look(self) -> Sequence[ProcessLook]:
        """Return what each process shows now; nothing when the tree's root has ended."""


class Meters:
    """Reads the meters of a process tree and of the machine, once every interval.

    The series ends with the target; what it leaves behind is not read on.

    Args:
        pid: the target.
        clock: seconds since the recording began, monotonic.
        watch: looks at the target's processes.
        machine: looks at the machine.
        cores: how many processors the machine has.
        interval_s: time from one reading to the next, or what tells it; it may be another one at any time.
        sleep: how to wait.
        now: seconds since the epoch, which the start times of processes are told in.
    """

    name = "meters"

    def __init__(
        self,
        pid: int,
        *,
        clock: Callable[[], float],
        watch: Watch,
        machine: Callable[[], MachineLook],
        cores: int,
        interval_s: float | Callable[[], float] = 1.0,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        every = interval_s if callable(interval_s) else lambda: interval_s
        if not every() > 0:
            raise ValueError(f"interval_s must be above 0, not {every()}")
        self._pid = pid
        self._clock = clock
        self._every = every
        self._interval_s = every()
        self._sleep = sleep
        self._watch = watch
        self._machine = machine
        self._readings = Readings(cores=cores)
        self._rates = ProcessRates(began_epoch_s=now() - clock())
        self._read_s: float | None = None
        self._due_s = 0.0
        self._missing: tuple[str, ...] | None = None
        self._over = False

    def start(self) -> None:
        """Make the first reading due at once."""
        self._due_s = self._clock()

    def poll(self, timeout_s: float) -> Sequence[SourceEvent]:
        """Wait at most `timeout_s` for the next reading and return it, with a status where something changed."""
        timeout_s = max(0.0, timeout_s)
        self._keep_pace()
        wait_s = timeout_s if self._over else self._due_s - self._clock()
        if wait_s > 0:
            self._sleep(min(wait_s, timeout_s))
        if self._over or wait_s > timeout_s:
            return ()
        return self._read()

    def stop(self) -> Sequence[SourceEvent]:
        """Return one last reading where there is something new to tell, and end."""
        if self._over:
            return ()
        events: list[SourceEvent] = []
        if self._read_s is not None and self._clock() - self._read_s >= _SHORTEST_STRETCH_S:
            events += self._read()
        return events if self._over else [*events, self._end("The meters were stopped.")]

    def _keep_pace(self) -> None:
        """Move the next reading where the interval has become another one."""
        interval_s = self._every()
        if interval_s != self._interval_s and self._read_s is not None:
            self._due_s = self._read_s + interval_s
        self._interval_s = interval_s

    def _read(self) -> list[SourceEvent]:
        tree = self._watch.look()
        if not tree:
            ended = self._end(f"Process {self._pid} has ended.")
            return [ended] if self._read_s is None else [self._rates.read(self._clock(), ()), ended]
        at_s = self._clock()
        reading = self._readings.read(at_s, tree, self._machine())
        first, self._read_s = self._read_s is None, at_s
        self._due_s = _next_beat(self._due_s, at_s, self._interval_s)
        # Rates need two looks; before, their absence says nothing.
        missing = () if first else _refused(reading, tree)
        return [*self._status_of(missing), reading, self._rates.read(at_s, tree)]

    def _status_of(self, missing: tuple[str, ...]) -> list[SourceStatus]:
        if missing == self._missing:
            return []
        self._missing = missing
        if not missing:
            return [SourceStatus(self.name, SourceState.RUNNING)]
        labels = ", ".join(METER_BY_METRIC[metric].label for metric in missing)
        return [
            SourceStatus(
                self.name,
                SourceState.DEGRADED,
                f"These meters of the target may not be read: {labels}.",
                "Run perftui as the user that the processes belong to, or with sudo.",
            )
        ]

    def _end(self, message: str) -> SourceStatus:
        self._over = True
        return SourceStatus(self.name, SourceState.ENDED, message)


def _next_beat(due_s: float, now_s: float, interval_s: float) -> float:
    """Return when the next reading is due: on the beat, but never so soon that its rates are noise."""
    missed = max(0, int((now_s - due_s) / interval_s))
    next_s = due_s + (missed + 1) * interval_s
    return next_s if next_s - now_s >= interval_s / 2 else next_s + interval_s


def _refused(reading: ResourceReading, tree: Sequence[ProcessLook]) -> tuple[str, ...]:
    if not any(look.denied for look in tree):
        return ()
    return tuple(metric for metric in _DENIABLE if getattr(reading, metric) is None)
