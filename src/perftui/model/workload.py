"""What to start, what to observe, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workload:
    """A command to start."""

    argv: tuple[str, ...]
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables to add to the environment, or to replace in it."""


class SamplingMode(Enum):
    """How the CPU sampler reads stacks."""

    BLOCKING = "blocking"
    """The target is stopped for each look: stacks are exact."""
    NONBLOCKING = "nonblocking"
    """The target runs on: stacks may be torn, so everything drawn from them is called approximate."""
    AUTO = "auto"
    """Blocking, and non-blocking where that cannot be had."""


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """How to sample CPU."""

    rate_hz: int = 100
    window_s: float = 0.5
    mode: SamplingMode = SamplingMode.AUTO
    follow_children: bool | None = None
    """Sample child processes: always, never, or (None) from the moment that there are any."""
    overhead_percent: float = 5.0
    """The governor lowers the rate where stopping the target would cost more than this."""
    native: bool = False


class RecordMode(Enum):
    """What a recording looks at, beside the meters."""

    CPU = "cpu"
    MEMORY = "memory"
    BOTH = "both"
    """Both in one run; CPU seconds then hold what tracing allocations costs."""

    @property
    def cpu(self) -> bool:
        """Whether stacks are sampled."""
        return self is not RecordMode.MEMORY

    @property
    def memory(self) -> bool:
        """Whether allocations are traced."""
        return self is not RecordMode.CPU


class Retention(Enum):
    """What becomes of the capture file when its figures are in the session."""

    KEEP = "keep"
    """It is compressed and kept beside the session."""
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class MemoryOptions:
    """How to trace allocations with memray."""

    native: bool = False
    """Native frames too: up to 2.5 times the cost, and slow to read."""
    pymalloc: bool = False
    """Every small object too, not only the arenas that hold them: 1.1 to 3.2 times the cost, and large files."""
    children: bool = False
    """Follow forked children, one capture each; children that are started anew are never followed."""
    retention: Retention = Retention.KEEP
