"""What a report of a comparison says: values that every writer takes its figures from."""

from __future__ import annotations

from dataclasses import dataclass

from perftui.analysis.change_groups import ChangeGroups, grouped
from perftui.analysis.deciding import deciding_commands, runs_to_decide
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.paired_figures import BudgetPair, FigurePair, MeterPair
from perftui.model.change import Condition, FunctionChange, TotalChange
from perftui.model.session import SessionMeta
from perftui.units import Unit

REDACTED = "redacted: arguments, host, user, environment, source and paths outside the project are left out"


@dataclass(frozen=True, slots=True)
class ReportSide:
    """One side: its runs in the order they were made."""

    word: str
    """`baseline` or `current`."""
    runs: tuple[SessionMeta, ...]

    @property
    def name(self) -> str:
        """What the side is called: as its first run."""
        return self.runs[0].name


@dataclass(frozen=True, slots=True)
class ReportLens:
    """Both sides compared by one thing that both hold: CPU, or a view of the heap."""

    name: str
    unit: Unit
    by_share: bool
    why: str
    """Why shares are compared, or absolute figures: half a sentence."""
    total: TotalChange
    changes: tuple[FunctionChange, ...]
    cpu_time: TotalChange | None = None
    """CPU time of whole runs as the kernel counted it, which waiting for a processor is no part of."""
    advisory: bool = False
    """Whether it rests on a single run of a side, so that nothing in it fails a gate."""
    shared: float | None = None
    """The factor that all functions share: intervals of functions lie around what each did beyond it."""
    tree: DeltaTree | None = None
    """The union of both call trees; only what draws flames needs it."""

    @property
    def mode(self) -> str:
        """How figures are held against each other."""
        return "share" if self.by_share else "absolute"

    @property
    def counted(self) -> str:
        """What the counts beside the weights are of."""
        return "samples" if self.unit in (Unit.SECONDS, Unit.SAMPLES) else "allocations"

    @property
    def groups(self) -> ChangeGroups:
        """The functions by what is said of them."""
        return grouped(self.changes, by_share=self.by_share)


@dataclass(frozen=True, slots=True)
class ReportCurve:
    """One thing over the time of both sides, which begin together."""

    label: str
    unit: Unit
    step_s: float
    """Length of one value."""
    baseline: tuple[float | None, ...]
    current: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """Everything that is said of two sides."""

    baseline: ReportSide
    current: ReportSide
    lenses: tuple[ReportLens, ...]
    """At least one; CPU is the first where both hold it."""
    conditions: tuple[Condition, ...] = ()
    remarks: tuple[str, ...] = ()
    figures: tuple[FigurePair, ...] = ()
    """Of whole runs, the median of several: how long they took, and what they held."""
    meters: tuple[MeterPair, ...] = ()
    """Of several runs the median."""
    budgets: tuple[BudgetPair, ...] = ()
    """Rules that runs of either side were judged by."""
    curves: tuple[ReportCurve, ...] = ()
    redacted: bool = False
    """Whether names of the machine, of people and of places outside the project were left out."""

    @property
    def lens(self) -> ReportLens:
        """What leads: CPU where both sides hold it."""
        return self.lenses[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known before any figure is read, one sentence each."""
        runs = self.lens.total.runs
        few = "one run against one run" if max(runs) == 1 else "a single run of a side"
        advisory = (f"{few}: what is said here is a hint, and fails no gate",) if self.lens.advisory else ()
        redacted = (REDACTED,) if self.redacted else ()
        return (*self.remarks, *advisory, *redacted)

    @property
    def deciding(self) -> tuple[str, ...]:
        """What a person types to have more runs, where those would decide what is open."""
        lens = self.lens
        # CPU time is no part of what anybody else waits for: it decides first.
        totals = [total for total in (lens.cpu_time, lens.total) if total is not None]
        runs = runs_to_decide(totals[:1], lens.groups.doubtful)
        return deciding_commands(self.baseline.runs[-1], self.current.runs[-1], runs)

    @property
    def different(self) -> tuple[Condition, ...]:
        """Conditions that are not the same, or matter although they are; those that matter first."""
        telling = (one for one in self.conditions if not one.same or one.sentence)
        return tuple(sorted(telling, key=lambda one: not (one.matters and one.sentence)))
