"""What to start, what to observe, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Self

from perftui.text import printable


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


OUTPUT_TOOLS = ("bencher", "cargo-criterion", "go")
"""Benchmark tools that print their result."""
PLACED_TOOLS = {"criterion": "target/criterion", "pytest-benchmark": ".benchmarks", "asv": "results"}
"""Benchmark tools that leave it in a place of their own, below the directory that they run in."""
FILE_TOOLS = ("hyperfine", "pyperf")
"""Benchmark tools that write it where they are told to."""
BENCHMARK_TOOLS = (*PLACED_TOOLS, *OUTPUT_TOOLS, *FILE_TOOLS)


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """Which benchmark tool a workload runs, and where it leaves what it has measured."""

    tool: str
    """One of `BENCHMARK_TOOLS`."""
    path: str = ""
    """From the directory that the workload runs in; empty for the usual place, or for the workload's own output."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what `TOOL` or `TOOL:PATH` says; raises `ValueError` with a sentence and a hint."""
        tool, _, path = text.partition(":")
        tool = tool.strip().lower()
        if tool not in BENCHMARK_TOOLS:
            shown = printable(tool)[:40]
            close = get_close_matches(tool, BENCHMARK_TOOLS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(BENCHMARK_TOOLS)}"
            raise ValueError(f"there is no benchmark tool called {shown!r}", hint)
        if "\0" in path:
            raise ValueError("a path with a zero byte", "name a file")
        if not path and tool in FILE_TOOLS:
            raise ValueError(f"{tool} writes its result where it is told to", f"say where: {tool}:result.json")
        return cls(tool, path)

    def __str__(self) -> str:
        return f"{self.tool}:{self.path}" if self.path else self.tool

    @property
    def is_printed(self) -> bool:
        """Whether the result stands in the workload's output."""
        return not self.path and self.tool in OUTPUT_TOOLS
