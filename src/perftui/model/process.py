"""The processes of the target's tree, and what each of them uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

ProcessKey = tuple[int, float]
"""Process id and start in seconds of the recording: together they name one process, whatever becomes of the id."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the tree, as it is known now."""

    pid: int
    created_s: float
    """When it was started, in seconds of the recording; below 0 where it ran before."""
    parent: int | None = None
    """Process id of its parent; None where that lies outside the tree."""
    name: str = ""
    command: tuple[str, ...] = ()
    """Its command line, without secrets."""
    ended_s: float | None = None
    """The first look that did not find it any more; None while it runs, or where nobody saw it end."""
    exit_code: int | None = None
    """As of a session: minus the signal's number where a signal ended it; None where the system did not tell."""

    @property
    def key(self) -> ProcessKey:
        """What tells it from all others."""
        return self.pid, self.created_s


class ProcessReading(NamedTuple):
    """What one process uses; what could not be measured is None. A tuple, for a session holds a million of them."""

    process: ProcessKey
    cpu_percent: float | None = None
    """Without its children, 100 is one core."""
    cpu_s: float | None = None
    """CPU seconds since it was started, without its children."""
    rss_bytes: float | None = None
    threads: float | None = None


PROCESS_METRICS = ProcessReading._fields[1:]


@dataclass(frozen=True, slots=True)
class ProcessReadings:
    """One look at the meters of single processes."""

    at_s: float
    news: tuple[Process, ...] = ()
    """Processes that are new, or of which more is known than at the look before."""
    readings: tuple[ProcessReading, ...] = ()
    left_out: int = 0
    """Processes without a reading at this look: there were too many, and they were the smallest."""
