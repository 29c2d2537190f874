"""Two sessions, or groups of runs, put side by side, looked at through one lens: CPU, or a view of the heap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.changes import function_changes
from perftui.analysis.compare import Side, tolerance_of
from perftui.analysis.delta_tree import DeltaTree, Width
from perftui.analysis.judging_total import judge_cpu_time, judge_exact_total, judge_total
from perftui.analysis.matching import Matching
from perftui.analysis.noise import Noise
from perftui.analysis.path_test import PathTest, path_test
from perftui.analysis.range_moves import same_length
from perftui.analysis.rename_hints import rename_hints
from perftui.analysis.run_counts import RunCounts, waiting
from perftui.analysis.share_verdicts import in_shares
from perftui.analysis.timeline import Range
from perftui.errors import NoDataError
from perftui.model.change import Condition, FunctionChange, TotalChange
from perftui.model.heap import HeapView
from perftui.model.session import SessionKind
from perftui.model.workload import RecordMode
from perftui.recording.budgeted_functions import budgeted_functions
from perftui.recording.comparison_remarks import remarks_of
from perftui.recording.conditions import busy_machine, conditions
from perftui.recording.function_matching import ambiguity, matched
from perftui.recording.memory_summary import LEADING_VIEWS
from perftui.recording.session_model import SessionModel
from perftui.recording.side_runs import SideRuns, open_side, side_of_model
from perftui.settings.preferences import read_settings
from perftui.units import Unit, format_seconds

Lens = HeapView | None
"""What two sessions are compared by; None is CPU."""
_MUCH_WAITING = log(1.5)
_DECIDING_RUNS = 2
"""Of a single run nobody knows how much of it was the host."""

_MOST_HINTS = 2
"""Guesses at renamed functions that are told; with the first ones said, others may come."""
_OF_TIME = (Unit.SECONDS, Unit.SAMPLES)
_OPERATIONS_ALONE = "`perftui compare` shows them on its screen, and `perftui check` judges them by a budget"
_COUNTED = {Unit.SECONDS: "seconds", Unit.SAMPLES: "samples without times", Unit.BYTES: "bytes"}
_EXPORT_BOTH = "collapsed stacks hold counts alone: `perftui export REF -f collapsed` makes them of a session, too"
# What adds up over a run says as little of an attached process as its seconds do: both depend on how long one looked.
_CUMULATIVE = (None, HeapView.ALLOCATED, HeapView.TEMPORARY)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, each one run or several, and what differs between them through one lens."""

    sides: tuple[SideRuns, SideRuns]
    """Baseline and current."""
    changes: tuple[FunctionChange, ...]
    """Every function of either side, the greatest change of self weight first."""
    total: TotalChange
    unit: Unit
    by_share: bool
    """Whether shares compare more honestly than absolute weights: a side was attached to, so its time is arbitrary."""
    view: Lens = None
    by_count: bool = False
    """Memory is compared by the number of allocations, otherwise by bytes."""
    lenses: tuple[Lens, ...] = (None,)
    """Everything that both sessions hold, CPU first."""
    remarks: tuple[str, ...] = ()
    """What keeps the two from being compared in full, or on equal terms; one sentence each."""
    conditions: tuple[Condition, ...] = ()
    """Facts of the surroundings of both sides."""
    cpu_time: TotalChange | None = None
    """CPU time of whole runs as the kernel counted it; None where it is not known, or not what is looked at."""
    noise: Noise | None = None
    """How noisy the samples of functions are; None where nothing was sampled."""
    matching: Matching | None = None
    """Which function of one side is which of the other."""

    @property
    def baseline(self) -> SessionModel:
        """The first run of the baseline."""
        return self.sides[0].model

    @property
    def current(self) -> SessionModel:
        """The first run of the current side, likewise."""
        return self.sides[1].model

    @property
    def baseline_weight(self) -> float:
        """Weight of the whole baseline, a run."""
        return self.sides[0].side(self.view, by_count=self.by_count).tree.weight

    @property
    def current_weight(self) -> float:
        """Weight of the whole current side, a run."""
        return self.sides[1].side(self.view, by_count=self.by_count).tree.weight

    @property
    def advisory(self) -> bool:
        """Whether it rests on a single run of a side, so that nothing in it may fail a gate."""
        return self.noise is not None and min(self.total.runs) < _DECIDING_RUNS

    @property
    def shared(self) -> float | None:
        """The factor that the median function changed by, which all intervals lie beyond; None of what is exact."""
        return None if self.noise is None else self.noise.shared

    @property
    def exact(self) -> bool:
        """Whether nothing was sampled on either side."""
        view = self.view
        return view is not None and all(model.heap[view].exact for side in self.sides for model in side.holders(view))

    def of(self, view: Lens, *, by_count: bool = False) -> Comparison:
        """Return the same two sessions through another lens, memory by bytes or by number of allocations.

        Raises:
            NoDataError: Not both sessions hold it.
        """
        if view is self.view and by_count is self.by_count:
            return self
        if view not in self.lenses:
            name = "CPU samples" if view is None else f"memory: {view.value}"
            raise NoDataError(f"not both sessions hold {name}", hint=f"both hold {_listed(self.lenses)}")
        return _through(view, self.sides, self.lenses, self.matching, by_count=by_count and view is not None)

    def between(self, baseline: Range | None, current: Range | None) -> Comparison:
        """Return the comparison of a range of the time of each side, of all of it for None; only of CPU.

        The next one takes its trees over: of one comparison, one pair of ranges is looked at at a time.
        """
        before, after = (
            side if chosen is None else side.between(*chosen)
            for side, chosen in zip(self.sides, (baseline, current), strict=True)
        )
        named = _named((before, after), before.side(None), after.side(None))
        changes, noise = function_changes(before.side(None), after.side(None), named=named, matching=self.matching)
        arbitrary = self.by_share or not same_length(baseline, current)
        total = _total(before.side(None), after.side(None), arbitrary=arbitrary)
        changed = in_shares(changes) if self.by_share else tuple(changes)
        return replace(self, sides=(before, after), changes=changed, total=total, cpu_time=None, noise=noise)

    def tree(self, *, share: bool, width: Width = Width.LARGER, like: DeltaTree | None = None) -> DeltaTree:
        """Return the union of both call trees, in absolute weights or in shares of each side.

        One of the same lens may be known already, also of another range or mode: then its paths are taken over.
        """
        before, after = (side.side(self.view, by_count=self.by_count) for side in self.sides)
        test, union = self._path_test(share=share), None
        if like is not None and all(side.keeps_nodes for side in self.sides):
            union = like.union
        return DeltaTree(before, after, share=share, width=width, union=union, test=test, whole=self.total.verdict)

    def _path_test(self, *, share: bool) -> PathTest | None:
        """Return what paths are held against: beyond what all functions share, or, of shares, as they are."""
        if self.noise is None:
            return None
        weights = [(1.0 if share else side.tree.weight) / (side.tree.count or 1) for side in self.sides]
        beyond = 1.0 if share else self.noise.shared
        return path_test(self.changes, self.noise, per_sample=(weights[0], weights[1] / beyond))


def compare_paths(
    baseline: Path | Sequence[Path], current: Path | Sequence[Path], *, renames: Mapping[str, str] | None = None
) -> Comparison:
    """Return the comparison of two session files, or of two groups of runs of which each has at least one.

    `renames` are functions and files that a person says to be one; those of the settings by default.

    Raises:
        NoDataError: They have nothing in common, or are empty.
        SessionError: A file is no session, or damaged.
        ConfigError: The settings are not right.
    """
    said = read_settings().renames if renames is None else renames
    return compare_sides(open_side(baseline), open_side(current), renames=said)


def compare_models(baseline: SessionModel, current: SessionModel) -> Comparison:
    """Return the comparison of two sessions of which nothing is known but their models."""
    return compare_sides(side_of_model(baseline), side_of_model(current))


def compare_sides(baseline: SideRuns, current: SideRuns, *, renames: Mapping[str, str] | None = None) -> Comparison:
    """Return the comparison of two sides; raises `NoDataError` where they have nothing in common, or are empty."""
    lenses = _lenses(baseline, current)
    if not lenses:
        raise _nothing_in_common(baseline.model, current.model)
    matching = matched(baseline.recorded, current.recorded, renames)
    sides = replace(baseline, names=matching.baseline), replace(current, names=matching.current)
    return _through(lenses[0], sides, lenses, matching)


def memory_lens(comparison: Comparison) -> HeapView | None:
    """Return the view of the heap that two sessions are best compared by, or None where not both hold memory."""
    return next((view for view in comparison.lenses if view is not None), None)


def _through(
    view: Lens,
    sides: tuple[SideRuns, SideRuns],
    lenses: tuple[Lens, ...],
    matching: Matching | None,
    *,
    by_count: bool = False,
) -> Comparison:
    before, after = (side.side(view, by_count=by_count) for side in sides)
    by_share = any(side.attached for side in sides) and view in _CUMULATIVE
    changes, noise = function_changes(before, after, named=_named(sides, before, after), matching=matching)
    cpu_time = judge_cpu_time(before.runs, after.runs) if view is None and not by_share else None
    return Comparison(
        sides=sides,
        changes=in_shares(changes) if by_share else tuple(changes),
        total=_total(before, after, arbitrary=by_share),
        unit=before.tree.unit,
        by_share=by_share,
        view=view,
        by_count=by_count,
        lenses=lenses,
        remarks=(
            *remarks_of(sides, lenses),
            *_of_names(before, after, matching),
            *filter(None, [busy_machine(sides[0].metas, sides[1].metas), _waited(before.runs, after.runs, cpu_time)]),
        ),
        conditions=conditions(sides[0].metas, sides[1].metas),
        cpu_time=cpu_time,
        noise=noise,
        matching=matching,
    )


def _named(sides: tuple[SideRuns, SideRuns], before: Side, after: Side) -> frozenset[FunctionKey]:
    """Return the functions that the budget of either side names."""
    verdicts = [verdict for side in sides for run in side.runs for verdict in run.model.verdicts]
    return budgeted_functions(verdicts, (before, after))


def _waited(before: Sequence[RunCounts], after: Sequence[RunCounts], cpu_time: TotalChange | None) -> str:
    """Say what the CPU time tells where a run was seen running much longer than it had a processor; else nothing."""
    if cpu_time is None or waiting((*before, *after)) < _MUCH_WAITING:
        return ""
    figures = f"{format_seconds(cpu_time.baseline)} and {format_seconds(cpu_time.current)} ({cpu_time.verdict.value})"
    return f"the CPU time itself is {figures}: threads waited for a processor, and are seen running then"


def _of_names(before: Side, after: Side, matching: Matching | None) -> Iterator[str]:
    """Yield what is to be known about how functions were matched."""
    if matching is None:
        return
    if said := ambiguity(matching):
        yield said
    for hint in rename_hints(before, after, matching.left_over)[:_MOST_HINTS]:
        yield hint.sentence


def _total(before: Side, after: Side, *, arbitrary: bool) -> TotalChange:
    tolerance = tolerance_of(before, after)
    if tolerance is not None:
        held = [[run.weight for run in side.holdings] or [side.tree.weight] for side in (before, after)]
        return judge_exact_total(held[0], held[1], tolerance)
    weights = [[run.weight for run in side.runs] for side in (before, after)]
    return judge_total(weights[0], weights[1], arbitrary=arbitrary)


def _lenses(baseline: SideRuns, current: SideRuns) -> tuple[Lens, ...]:
    shared = tuple(view for view in LEADING_VIEWS if baseline.holders(view) and current.holders(view))
    before, after = baseline.model.aggregate.tree, current.model.aggregate.tree
    sampled = before.unit is after.unit and bool(before.count or after.count)
    return (None, *shared) if sampled and _has_cpu(baseline.model) and _has_cpu(current.model) else shared


def _has_cpu(model: SessionModel) -> bool:
    """Say whether CPU was looked at; what was looked at and never seen running is something to compare, too."""
    return model.meta.mode != RecordMode.MEMORY.value or bool(model.aggregate.samples)


def _nothing_in_common(baseline: SessionModel, current: SessionModel) -> NoDataError:
    before, after = baseline.aggregate.tree, current.aggregate.tree
    empty = not (before.count or after.count or baseline.heap or current.heap)
    if empty and baseline.operations and current.operations:
        return NoDataError("both sessions hold operations alone, and no samples", hint=_OPERATIONS_ALONE)
    if empty:
        return NoDataError("neither session holds a sample", hint="record both again, for longer")
    imported = SessionKind.IMPORTED in (baseline.meta.kind, current.meta.kind)
    if before.unit is not after.unit and ((before.count and after.count) or bool(baseline.heap) is bool(current.heap)):
        counted = _COUNTED.get(before.unit, before.unit.value), _COUNTED.get(after.unit, after.unit.value)
        return NoDataError(
            f"the two count different things: {counted[0]} and {counted[1]}",
            hint=_EXPORT_BOTH if imported else "compare two sessions of the same kind",
        )
    return NoDataError(
        f"the baseline holds {_holdings(baseline)}, the current session {_holdings(current)}",
        hint="memory is compared with memory, and CPU with CPU" if imported else "record both in the same mode",
    )


def _holdings(model: SessionModel) -> str:
    sampled = "CPU samples" if model.aggregate.tree.unit in _OF_TIME else "stacks of bytes"
    held = [sampled] if model.aggregate.samples else []
    held += ["memory"] if model.heap else []
    return " and ".join(held) or "nothing"


def _listed(lenses: tuple[Lens, ...]) -> str:
    return ", ".join("CPU" if view is None else view.value for view in lenses)
