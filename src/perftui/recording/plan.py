"""What a recording is asked to do, decided before anything starts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from perftui.model.scrape import Scrape, each_once
from perftui.model.session import RunSide, SessionMeta
from perftui.model.workload import BenchmarkResult, MemoryOptions, RecordMode, SamplingOptions, Workload

if TYPE_CHECKING:
    from perftui.budgets.spec import Budget
    from perftui.model.alert import AlertRule
    from perftui.model.run_figures import RunFigures
    from perftui.settings.spec import WorkloadProfile


STARTED_AS = "started_as"
"""Fact of a run in a group: what it takes to start another one like it, as JSON."""
INGESTS = "ingests"
"""Fact of a run: which benchmark tool's result was to be read when it had ended, and from where."""


@dataclass(frozen=True, slots=True)
class ServeAt:
    """Where a recording tells its own metrics."""

    port: int
    """0 takes one that is free."""
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """A launch (`workload`) or an attachment (`attach_pid`), and how to observe and keep it."""

    sessions: Path
    """Directory that the session is saved in."""
    workload: Workload | None = None
    attach_pid: int | None = None
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    mode: RecordMode = RecordMode.CPU
    memory: MemoryOptions = field(default_factory=MemoryOptions)
    two_pass: bool = False
    """Run the workload twice, once for CPU and once for memory, and join both in one session."""
    meter_interval_s: float = 1.0
    samples: bool = True
    """Take stacks as far as the mode asks for them; False reads the meters alone."""
    curves: bool = True
    """Keep in memory what a screen draws over time; False for what nobody looks at while it goes on for days."""
    usual_alerts: tuple[AlertRule, ...] = ()
    """Alerts of series that the budget has none of."""
    name: str = ""
    tags: tuple[str, ...] = ()
    pinned: bool = False
    baseline: str = ""
    """What the session is the baseline of its workload as, from its beginning: as the others of its group are."""
    save_baseline: str = ""
    """What it becomes the baseline of its workload as, when it is over; empty for nothing."""
    profile: str = ""
    """Name of the workload profile that this came from."""
    budget: Budget | None = None
    budget_path: Path | None = None
    held_against: RunFigures | None = None
    """What the budget's rules about changes are held against."""
    duration_s: float | None = None
    """Stop after this time; a launched workload is ended then."""
    keep_target: bool = False
    """Leave a launched workload running when the recording stops."""
    keep_sources: bool = False
    """Keep the text of the project's own source files that were seen running."""
    ingest: BenchmarkResult | None = None
    """What a benchmark tool in the workload leaves, to be read when the run has ended."""
    scrapes: tuple[Scrape, ...] = ()
    """Endpoints of metrics that are read meanwhile."""
    lines: bool = False
    """Take what the workload prints in lines that begin with `perftui:` for metrics and marks."""
    terminal: bool = False
    """Give the workload a terminal of its own, so that it prints line by line."""
    stdin: int | Path | None = None
    """What the workload reads: a file descriptor, a file, or (None) nothing."""
    durable: bool = False
    serve_metrics: ServeAt | None = None
    """Where other tools may read figures of the recording; None for nowhere."""
    repeat: int = 1
    """Record so many runs, one after the other, as one group."""
    warmup: int = 0
    """Before them, so many runs of each side whose recordings are thrown away."""
    group: str = ""
    """Id of the group that this run belongs to."""
    repeat_index: int = 0
    """Which run of its group it is, from 1."""
    side: RunSide = RunSide.NONE
    already: int = 0
    """So many runs of its side the group has already."""
    started_as: str = ""
    """What a run of a group notes, so that others like it can be started."""

    @property
    def all_scrapes(self) -> tuple[Scrape, ...]:
        """Endpoints that were asked for and those of the budget, each address and each name once."""
        return each_once((*self.scrapes, *(self.budget.scrapes if self.budget else ())))


def plan_of_profile(profile: WorkloadProfile, sessions: Path, *, terminal: bool = False) -> RecordingPlan:
    """Return the plan that a workload profile asks for; raises `ConfigError` where its budget is wrong."""
    plan = RecordingPlan(
        sessions=sessions,
        workload=profile.workload,
        sampling=profile.sampling,
        mode=profile.mode,
        memory=profile.memory,
        two_pass=profile.two_pass,
        tags=profile.tags,
        profile=profile.name,
        duration_s=profile.duration_s,
        keep_target=profile.keep_target,
        keep_sources=profile.keep_sources,
        ingest=profile.ingest,
        scrapes=profile.scrapes,
        lines=profile.lines,
        terminal=terminal or profile.terminal,
        stdin=profile.stdin,
        repeat=profile.repeat,
        warmup=profile.warmup,
    )
    return with_budget(plan, profile.budget)


def ingest_of(meta: SessionMeta) -> BenchmarkResult | None:
    """Return what was to be read when a saved session's run had ended."""
    try:
        return BenchmarkResult.parse(meta.environment[INGESTS]) if INGESTS in meta.environment else None
    except ValueError:
        return None


def with_budget(plan: RecordingPlan, path: Path | None) -> RecordingPlan:
    """Return the plan with this budget, or as it is without one; raises `ConfigError` where it is wrong."""
    if path is None:
        return plan
    # Only a run with a budget pays for reading one.
    from perftui.budgets.load import load_budget  # noqa: PLC0415

    return replace(plan, budget=load_budget(path), budget_path=path)
