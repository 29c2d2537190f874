"""A budget as its file states it: frozen rules in base units (seconds, bytes, percent), without a measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from perftui.analysis.measures import FunctionSubject
from perftui.model.alert import AlertRule
from perftui.model.derivation import Derivation, DerivationKind, Selector
from perftui.model.reading import METER_BY_METRIC
from perftui.model.scrape import Scrape
from perftui.units import Unit

RSS = "rss_bytes"
HEAP = "heap_bytes"
RSS_NOTE = "RSS is the system's figure, not repeatable"
HEAP_NOTE = "as of the readings; [memory] judges the exact peak"
"""Both are said wherever the meter is judged."""
WALL = "wall_s"
"""The one resource that is not a meter: how long the run lasts."""

RESOURCES: Mapping[str, str] = {
    **{metric: metric for metric in METER_BY_METRIC},
    WALL: WALL,
    "wall": WALL,
    "duration": WALL,
    "cpu": "cpu_percent",
    "rss": "rss_bytes",
    "peak_rss": "rss_bytes",
    "uss": "uss_bytes",
    "heap": "heap_bytes",
    "file_descriptors": "open_files",
    "read": "read_bytes_per_s",
    "write": "write_bytes_per_s",
    "context_switches": "context_switches_per_s",
    "child_processes": "processes",
    "system_cpu": "system_cpu_percent",
    "load": "load_1",
    "memory_used": "memory_used_bytes",
    "swap_used": "swap_used_bytes",
    "disk_read": "disk_read_bytes_per_s",
    "disk_write": "disk_write_bytes_per_s",
    "net_received": "net_received_bytes_per_s",
    "net_sent": "net_sent_bytes_per_s",
}
"""What `[resources.<name>]` may be called, and which metric it means; `rss`, `cpu`, `wall`, ... are short names."""


class Aggregation(Enum):
    """Which figure of a whole run a limit is about."""

    MAX = "max"
    MEAN = "mean"
    P95 = "p95"


class Gate(Enum):
    """What an inconclusive verdict means where somebody has to decide."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit, which gives one verdict."""

    name: str
    """As the file names it: `resources.cpu_percent`, `functions."app.py:work".max_share_pct`."""
    metric: str
    unit: Unit
    warn: float | None
    """Above it is a warning; exactly there is not."""
    fail: float | None
    """Above it is a failure; exactly there is not."""
    reason: str = field(default="", kw_only=True)
    """Why the limit is what it is, in the words of the file."""
    gate: bool = field(default=True, kw_only=True)
    """Whether it is judged; otherwise it is only shown."""

    @property
    def subject(self) -> str:
        """What is judged, for a person."""
        return self.name


@dataclass(frozen=True, slots=True)
class ResourceRule(Rule):
    """A limit of a meter, or of the wall time."""

    label: str = ""
    aggregation: Aggregation = Aggregation.MAX
    for_s: float = 0.0
    """How long a limit has to be exceeded without a break."""
    note: str = ""
    """What a reader of the verdict has to know of the measurement."""

    @property
    def subject(self) -> str:
        """What is judged, for a person."""
        return self.label


@dataclass(frozen=True, slots=True)
class HeapPeakRule(ResourceRule):
    """A limit of the most bytes that were held: the exact high watermark where there is one."""


class FunctionFigure(Enum):
    """Which figure of a function a limit is about."""

    SHARE = "share"
    """Of the profile: the function with everything it calls."""
    SELF_SHARE = "self_share"
    SELF_S = "self_s"
    TOTAL_S = "total_s"
    INCREASE = "increase"
    """Of its share, over the baseline."""
    HEAP = "heap"
    """Bytes that it and what it calls hold when most is held."""
    HEAP_COUNT = "heap_count"
    """Allocations that it and what it calls hold when most is held."""
    ALLOCATED = "allocated"
    """Bytes that it and what it calls allocate in the whole run."""


@dataclass(frozen=True, slots=True)
class FunctionRule(Rule):
    """A limit of what a function costs."""

    function: FunctionSubject = field(default_factory=lambda: FunctionSubject(""))
    figure: FunctionFigure = FunctionFigure.SHARE

    @property
    def subject(self) -> str:
        """What is judged, for a person."""
        return f"{self.function} {_FIGURE_WORDS[self.figure]}"


_FIGURE_WORDS = {
    FunctionFigure.SHARE: "share",
    FunctionFigure.SELF_SHARE: "self share",
    FunctionFigure.SELF_S: "self",
    FunctionFigure.TOTAL_S: "total",
    FunctionFigure.INCREASE: "increase",
    FunctionFigure.HEAP: "heap",
    FunctionFigure.HEAP_COUNT: "heap count",
    FunctionFigure.ALLOCATED: "allocated",
}


class OperationFigureName(Enum):
    """Which figure of an operation a limit is about; the value is its name among the figures of an operation."""

    INCREASE = "increase"
    """Of its time, over the baseline."""
    OVERHEAD = "overhead"
    """Of its time, over that of a sibling in the same run."""
    MEAN = "mean"
    MEDIAN = "median"
    P50 = "p50"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    MAX = "max"
    SUCCESS = "success_pct"


@dataclass(frozen=True, slots=True)
class OperationRule(Rule):
    """A limit of an operation that a benchmark measures."""

    operation: str = ""
    """`group.name`."""
    figure: OperationFigureName = OperationFigureName.INCREASE
    baseline: float | None = None
    """The value that an increase is measured from, where the file states one."""
    overhead_of: str = ""
    """The sibling whose time an overhead is measured from."""
    lower_is_better: bool = True
    asked: bool = True
    """Whether the file asks for it; False for the usual limit of an increase beside limits of the value itself."""

    @property
    def subject(self) -> str:
        """What is judged, for a person."""
        return f"{self.operation} {self.figure.value.removesuffix('_pct')}"


@dataclass(frozen=True, slots=True)
class ThroughputRule(Rule):
    """A lower limit: below `warn` is a warning, below `fail` a failure."""

    series: str = ""

    @property
    def subject(self) -> str:
        """What is judged, for a person."""
        return f"{self.series} {'success' if self.unit is Unit.PERCENT else 'throughput'}"


class MetricFigure(Enum):
    """Which figure of all values of a series a limit is about."""

    MAX = "max"
    MEAN = "mean"
    P95 = "p95"
    MIN = "min"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class MetricRule(Rule):
    """A limit of an application metric."""

    label: str = ""
    derivation: Derivation = field(default_factory=lambda: Derivation("", DerivationKind.SERIES, (Selector(""),)))
    """How the series is made."""
    figure: MetricFigure = MetricFigure.MAX
    for_s: float = 0.0
    """How long a limit has to be broken without a break."""
    lower_is_better: bool = True
    """Otherwise below `warn` is a warning, below `fail` a failure."""

    @property
    def subject(self) -> str:
        """What is judged, for a person."""
        return self.label


class MemorySource(Enum):
    """What memory is measured by."""

    RSS = "rss"
    """The system's figure."""
    HEAP = "heap"
    """What the workload has allocated."""


@dataclass(frozen=True, slots=True)
class MemoryPerTaskRule(Rule):
    """A limit of the memory that each task may add; needs the number of tasks."""

    tasks: int | None = None
    source: MemorySource = MemorySource.RSS

    @property
    def subject(self) -> str:
        """What is judged, for a person."""
        return "memory per task"


class MemoryFigure(Enum):
    """Which figure of a run's allocations a limit is about; the value is the name of the metric."""

    ALLOCATED = "allocated_bytes"
    ALLOCATIONS = "allocations"
    ALLOCATED_RATE = "allocated_bytes_per_s"
    ALLOCATION_RATE = "allocations_per_s"
    LEAKED = "leaked_bytes"


@dataclass(frozen=True, slots=True)
class MemoryRule(Rule):
    """A limit of what a run allocates in all, which is known when its capture has been read."""

    figure: MemoryFigure = MemoryFigure.ALLOCATED

    @property
    def subject(self) -> str:
        """What is judged, for a person."""
        return _MEMORY_WORDS[self.figure]


_MEMORY_WORDS = {
    MemoryFigure.ALLOCATED: "allocated",
    MemoryFigure.ALLOCATIONS: "allocations",
    MemoryFigure.ALLOCATED_RATE: "allocated a second",
    MemoryFigure.ALLOCATION_RATE: "allocations a second",
    MemoryFigure.LEAKED: "leaked",
}


@dataclass(frozen=True, slots=True)
class GrowthRule(Rule):
    """A limit of how fast memory grows after the warm-up."""

    source: MemorySource | None = None
    """None: the heap where it is traced, RSS otherwise."""

    @property
    def subject(self) -> str:
        """What is judged, for a person."""
        return "memory growth"


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often to look, by how bad it stands."""

    critical_s: float = 1.0
    warning_s: float = 5.0
    normal_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Goal:
    """A value to get to one day, of an operation or a resource of its name; its verdict never fails."""

    name: str
    target: float
    unit: Unit
    phase: str = ""
    by: str = ""
    """A date, as the file writes it."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """Everything that one file states."""

    name: str
    path: Path | None = None
    description: str = ""
    rules: tuple[Rule, ...] = ()
    """In the order of the file."""
    allowed_regression: float = 5.0
    """Percent that an operation may lose where it has no limit of its own."""
    min_runs: int = 1
    """Runs of each side before a percentage may fail."""
    on_inconclusive: Gate = Gate.WARN
    alerts: tuple[AlertRule, ...] = ()
    intervals: Intervals = field(default_factory=Intervals)
    goals: tuple[Goal, ...] = ()
    scrapes: tuple[Scrape, ...] = ()
    """Endpoints of metrics that a run with this budget reads."""
    derivations: tuple[Derivation, ...] = ()
    """Series that are made from others."""
    remarks: tuple[str, ...] = ()
    """What is valid, but worth a second look: one sentence each."""
