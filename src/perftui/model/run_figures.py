"""What the runs of one side have measured, reduced to what a budget and a committed baseline need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from perftui.model.operation import Operation
from perftui.units import Unit


@dataclass(frozen=True, slots=True)
class FunctionRuns:
    """One function over the runs of a side; every tuple has one entry for each run, zero where it was not seen."""

    function: str
    """Its qualified name."""
    file: str
    """Where it is defined, from its package or its project on: the same on every machine."""
    samples: tuple[int, ...]
    """Samples that hold it anywhere, once for each stack."""
    total_s: tuple[float, ...]
    self_s: tuple[float, ...]
    dispersion: float = 1.0
    """How much more its samples vary between blocks of a second than independent ones would, at least 1."""


@dataclass(frozen=True, slots=True)
class FigureRuns:
    """One figure of a whole run over the runs of a side: `wall_s`, `rss_bytes.max`, `heap_peak_bytes`."""

    unit: Unit
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RunFigures:
    """The runs of one side: a baseline, or what is held against it."""

    ref: str
    """How a person named it, or what it stands for: `baseline:main`, `benchmarks/baselines/v1.1.5.json`."""
    name: str = ""
    created: str = ""
    """ISO 8601, of the newest run; empty where unknown."""
    runs: int = 0
    """How many sessions stand behind it."""
    samples: tuple[int, ...] = ()
    """Of all functions, one entry for each run; empty where nothing was sampled."""
    seconds: tuple[float, ...] = ()
    """Sampled seconds of all threads, one entry for each run."""
    operations: Mapping[str, Operation] = field(default_factory=dict)
    """By their keys; each run of a session adds its inner tuples to `Operation.runs`."""
    measured: Mapping[str, int] = field(default_factory=dict)
    """How many raw values operations had of which a file keeps fewer, by their keys."""
    figures: Mapping[str, FigureRuns] = field(default_factory=dict)
    functions: tuple[FunctionRuns, ...] = ()
    """Those that cost most, and those that a budget names."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Facts of a fair comparison, as a session keeps them; where runs differ in one, it is left out."""
