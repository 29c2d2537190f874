"""Operations: named pieces of work that a benchmark tool has measured, with every raw value that it told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from perftui.units import Unit

TOLD = ("mean", "median", "stddev", "min", "max", "p50", "p90", "p95", "p99", "spread")
"""Figures that a tool may tell itself; a spread is what stands behind its `+/-`."""
MOST_OPERATIONS = 20_000
"""Of a session: no project has as many benchmarks."""
MOST_RUNS = 100_000
"""Of an operation."""
MOST_VALUES = 10_000_000
"""Of all operations of a session together: as objects they are a third of a gigabyte."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One named piece of work as one tool has measured it in one session."""

    group: str
    """What a budget writes as `[operations.<group>]`; empty where the tool knows no groups."""
    name: str
    """Without its parameter."""
    parameter: str = ""
    """What it was done with or how often: `100`, `json-1000`; empty where it has none."""
    unit: Unit = Unit.SECONDS
    """What the values count, always in base units."""
    runs: tuple[tuple[float, ...], ...] = ()
    """Every raw value, for one execution each, in the order of measuring: an inner tuple for each process."""
    weights: tuple[tuple[int, ...], ...] = ()
    """How many executions each value is the mean of, shaped like `runs`; empty where each is one execution."""
    told: Mapping[str, float] = field(default_factory=dict)
    """The tool's own figures in base units, called as in `TOLD`."""
    ok: int | None = None
    """How many executions succeeded; None where nobody counted."""
    failed: int | None = None
    errors: Mapping[str, int] = field(default_factory=dict)
    """How many executions failed, by what they said."""
    work: float | None = None
    """What one execution gets done, in `work_unit`s: bytes, items."""
    work_unit: Unit = Unit.COUNT
    lower_is_better: bool = True
    tool: str = ""
    """Name of the format that it was read from: `criterion`, `pytest-benchmark`."""
    tool_version: str = ""

    @property
    def key(self) -> str:
        """`group.name[parameter]`: what tells it from the other operations of a session."""
        base = f"{self.group}.{self.name}" if self.group else self.name
        return f"{base}[{self.parameter}]" if self.parameter else base

    @property
    def values(self) -> tuple[float, ...]:
        """All raw values of all runs."""
        return tuple(chain.from_iterable(self.runs))
