"""The saved thing: what is known of a session beside its samples and readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from perftui.model.workload import RecordMode

_TRACED = frozenset(mode.value for mode in RecordMode if mode.memory)


WATCH = "watch"
"""Fact of a session: it is a part of a watch, whose parts are one group."""
BENCHMARK_TOOL = "benchmark_tool"
"""Fact of a session: which tools have measured its operations."""


class SessionState(Enum):
    """Where a session stands."""

    RECORDING = "recording"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    """The recording was cut off; everything committed is there."""


class SessionKind(Enum):
    """How a session was made; it decides whether absolute time or share compares honestly."""

    LAUNCHED = "launched"
    ATTACHED = "attached"
    IMPORTED = "imported"


class RunSide(Enum):
    """Which side of a comparison a run was recorded for, where both were recorded together."""

    NONE = ""
    BASE = "base"
    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class SessionMeta:
    """Everything about a session that fits in a line of a list or a header."""

    id: str
    """`YYYYMMDD-HHMMSS-xxxx`, unique."""
    name: str
    kind: SessionKind
    state: SessionState
    created: str
    """ISO 8601 with the offset of the time zone."""
    command: tuple[str, ...] = ()
    cwd: str = ""
    pid: int | None = None
    exit_code: int | None = None
    """Exit status; minus the signal's number where a signal ended it; None while it runs or where unknown."""
    ended_by_us: bool = False
    """The workload was ended with the recording, so its exit code says nothing about it."""
    duration_s: float = 0.0
    began_s: float = 0.0
    """When the first interpreter of a launched workload was let through the gate: nothing could be sampled before."""
    cpu_s: float | None = None
    """CPU time of the workload with the children it waited for, as the kernel counted it; None where unknown."""
    tags: tuple[str, ...] = ()
    note: str = ""
    pinned: bool = False
    """It is never thrown away unless that is said in so many words."""
    baseline: str = ""
    """What it is the baseline of its workload as, such as "main"; of each name there is one. Empty for none."""
    workload: str = ""
    """Name of the workload profile, if one was used."""
    requested_hz: float = 0.0
    sampling_mode: str = ""
    mode: str = "cpu"
    """The value of a `workload.RecordMode`; with "both", CPU seconds hold what tracing allocations costs."""
    two_pass: bool = False
    """CPU and memory come from two runs of the workload, one after the other."""
    keeps_captures: bool = True
    """Whether captures of memory stay beside the session when they have been read."""
    keeps_sources: bool = False
    """Whether the text of the project's own source files is kept in it."""
    budget: str = ""
    """Name of the budget file, if one was used."""
    unit: str = "s"
    """What the weights of its profile count: the value of a `units.Unit`."""
    trouble: str = ""
    """Why something could not be observed, in one sentence; empty when all went well."""
    group: str = ""
    """Id of the group of runs that it was recorded in; empty where it was recorded alone."""
    repeat_index: int = 0
    """Which run of its group it was, from 1, in the order in which they ran; both sides count together."""
    side: RunSide = RunSide.NONE
    environment: Mapping[str, str] = field(default_factory=dict)
    """Facts that a fair comparison needs: versions, host, cores, git commit."""

    @property
    def unit_of_runs(self) -> tuple[str, str]:
        """What the runs of one side of a group share: the group's id, and the side."""
        return self.group, self.side.value

    @property
    def workload_key(self) -> tuple[str, ...]:
        """What tells its workload from others: its profile, or its command as written; and the project it lies in."""
        # Which interpreter it was says little: a comparison of two of them is one of the same workload.
        # What was read from a benchmark tool had no command here: then the tool tells it from others.
        program, *arguments = self.command or (self.environment.get(BENCHMARK_TOOL, ""),)
        what = (self.workload,) if self.workload else (program.rpartition("/")[2], *arguments)
        return self.environment.get("git_project") or self.cwd, *what

    @property
    def ingested_from(self) -> str:
        """The benchmark tool whose result is all that it holds; empty for what was recorded."""
        return self.environment.get(BENCHMARK_TOOL, "") if self.kind is SessionKind.IMPORTED else ""

    @property
    def part(self) -> int:
        """Which part of a watch it is, from 1; 0 for what is none."""
        return self.repeat_index if WATCH in self.environment else 0

    @property
    def title(self) -> str:
        """Its name; of a watch with the part that it is, from the second on."""
        return f"{self.name}, part {self.part}" if self.part > 1 else self.name

    @property
    def only_metered(self) -> bool:
        """Whether nobody asked for stacks: a watch reads the meters alone."""
        return self.part > 0 and not self.requested_hz

    @property
    def knows_times(self) -> bool:
        """Whether anything is known of when it happened: most files of other tools hold sums alone."""
        return self.kind is not SessionKind.IMPORTED or self.duration_s > 0

    @property
    def perturbed(self) -> bool:
        """Whether its CPU seconds hold what tracing allocations costs: both happened in one run."""
        # An import of a capture has no CPU seconds at all.
        return self.mode in _TRACED and not self.two_pass and self.kind is not SessionKind.IMPORTED


class EventKind(Enum):
    """What an event on the time axis is about."""

    BREACH = "breach"
    PROCESS = "process"
    SAMPLER = "sampler"
    MARK = "mark"
    ALERT = "alert"
    """A series that came to a level somebody wanted to be told of, left it, or what was done about it."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a moment of the recording."""

    at_s: float
    kind: EventKind
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class OutputChunk:
    """A piece of what the workload printed, as bytes: nothing about it is trusted."""

    at_s: float
    data: bytes
