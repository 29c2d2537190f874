"""Holds a budget against measures: the same code live, at the end of a run, and over a saved session."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.measures import Measures
from perftui.budgets.coverage import unbudgeted
from perftui.budgets.goals import goal_verdicts
from perftui.budgets.judges import FunctionJudge, Judge, MeterJudge, SustainedJudge, WallJudge
from perftui.budgets.memory_judges import (
    AllocationsJudge,
    FunctionHeapJudge,
    GrowthJudge,
    HeapPeakJudge,
    PerTaskJudge,
)
from perftui.budgets.metric_judge import MetricJudge
from perftui.budgets.sides import BothSides
from perftui.budgets.spec import (
    WALL,
    Budget,
    FunctionFigure,
    FunctionRule,
    Gate,
    GrowthRule,
    HeapPeakRule,
    MemoryPerTaskRule,
    MemoryRule,
    MetricRule,
    OperationFigureName,
    OperationRule,
    ResourceRule,
    Rule,
    ThroughputRule,
)
from perftui.model.heap import Capture, HeapTimeline, HeapView
from perftui.model.reading import METER_BY_METRIC, ResourceReading
from perftui.model.run_figures import RunFigures
from perftui.model.sample import ProfileDelta
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import Unit

if TYPE_CHECKING:
    from perftui.analysis.heap_profile import HeapProfile

_ALLOCATING = (FunctionFigure.HEAP, FunctionFigure.HEAP_COUNT, FunctionFigure.ALLOCATED)


def _judge_of(rule: Rule, sides: BothSides) -> Judge:
    match rule:
        case HeapPeakRule():
            return HeapPeakJudge(rule)
        case ResourceRule(metric=metric) if metric == WALL:
            return WallJudge(rule)
        case ResourceRule(metric=metric) if metric in METER_BY_METRIC:
            return SustainedJudge(rule) if rule.for_s else MeterJudge(rule)
        case MemoryPerTaskRule():
            return PerTaskJudge(rule)
        case MemoryRule():
            return AllocationsJudge(rule)
        case GrowthRule():
            return GrowthJudge(rule)
        case MetricRule():
            return MetricJudge(rule)
        case FunctionRule() if rule.figure in _ALLOCATING:
            return FunctionHeapJudge(rule)
        case FunctionRule():
            return _increase_judge(rule, sides) if rule.figure is FunctionFigure.INCREASE else FunctionJudge(rule)
        case ThroughputRule() | OperationRule():
            return _operation_judge(rule, sides)
        case _:
            raise TypeError(f"nothing judges {rule.name}")


def _increase_judge(rule: FunctionRule, sides: BothSides) -> Judge:
    # Its statistics take a while to load, and few budgets ask for them.
    from perftui.budgets.function_increase_judge import FunctionIncreaseJudge  # noqa: PLC0415

    return FunctionIncreaseJudge(rule, sides)


def _operation_judge(rule: OperationRule | ThroughputRule, sides: BothSides) -> Judge:
    # Nor are there operations in most.
    from perftui.budgets.increase_judge import IncreaseJudge  # noqa: PLC0415
    from perftui.budgets.operation_judges import (  # noqa: PLC0415
        OperationFigureJudge,
        OverheadJudge,
        ThroughputJudge,
    )

    if isinstance(rule, ThroughputRule):
        return ThroughputJudge(rule, sides)
    match rule.figure:
        case OperationFigureName.INCREASE:
            return IncreaseJudge(rule, sides)
        case OperationFigureName.OVERHEAD:
            return OverheadJudge(rule, sides)
        case _:
            return OperationFigureJudge(rule, sides)


def about_allocations(budget: Budget) -> Budget:
    """Return a budget with only those of its rules that captures decide."""
    return replace(budget, rules=tuple(rule for rule in budget.rules if _is_about_allocations(rule)), goals=())


def about_sides(budget: Budget) -> Budget:
    """Return a budget with only those of its rules that figures of runs decide: operations, throughput, increases."""
    return replace(budget, rules=tuple(rule for rule in budget.rules if _is_about_sides(rule)))


def _is_about_sides(rule: Rule) -> bool:
    if isinstance(rule, FunctionRule):
        return rule.figure is FunctionFigure.INCREASE
    return isinstance(rule, OperationRule | ThroughputRule)


def _is_about_allocations(rule: Rule) -> bool:
    if isinstance(rule, FunctionRule):
        return rule.figure in _ALLOCATING
    return isinstance(rule, HeapPeakRule | MemoryPerTaskRule | MemoryRule | GrowthRule)


class Evaluator:
    """A budget over the time of a run: it remembers when limits were first broken.

    How often `update` is called changes no verdict, and the moment of a breach only for functions, whose samples are
    judged as they stand then.
    """

    def __init__(self, budget: Budget, *, baseline: RunFigures | None = None) -> None:
        """Begin with nothing seen; `baseline` is what rules about changes are held against."""
        self._sides = BothSides(budget, baseline)
        self._judges = {rule: _judge_of(rule, self._sides) for rule in budget.rules}

    @property
    def budget(self) -> Budget:
        """The budget that is judged by."""
        return self._sides.budget

    @property
    def baseline(self) -> RunFigures | None:
        """What rules about changes are held against; it may be set while a run lasts."""
        return self._sides.baseline

    @baseline.setter
    def baseline(self, baseline: RunFigures | None) -> None:
        self._sides.baseline = baseline

    def update(self, measures: Measures, at_s: float, *, final: bool = False) -> list[RuleVerdict]:
        """Return a verdict for each rule, in the order of the budget, then for each goal and what no rule is about.

        `at_s` is how long the run has lasted.
        """
        self._sides.current = measures.current
        judged = [judge.look(measures, at_s, final=final) for judge in self._judges.values()]
        return [*judged, *goal_verdicts(self._sides, measures), *unbudgeted(self._sides)]

    def reload(self, budget: Budget) -> None:
        """Go on with another budget; rules that it keeps keep what they remember."""
        self._sides.budget = budget
        self._judges = {rule: self._judges.get(rule) or _judge_of(rule, self._sides) for rule in budget.rules}


def evaluate(
    budget: Budget,
    *,
    readings: Iterable[ResourceReading] = (),
    deltas: Iterable[ProfileDelta] = (),
    heap: Mapping[HeapView, HeapProfile] | None = None,
    captures: Sequence[Capture] = (),
    timelines: Sequence[HeapTimeline] = (),
    wall_s: float,
    unit: Unit = Unit.SECONDS,
    current: RunFigures | None = None,
    baseline: RunFigures | None = None,
) -> list[RuleVerdict]:
    """Return the final verdicts of a saved session, by going through it in the order of time.

    What captures say, and the views of the heap as they are at the end, is known at the end only.
    """
    aggregate = Aggregate(unit)
    measures = Measures(aggregate.tree)
    evaluator = Evaluator(budget, baseline=baseline)
    moments: Iterable[ResourceReading | ProfileDelta] = heapq.merge(readings, deltas, key=_moment)
    for news in moments:
        if isinstance(news, ResourceReading):
            measures.reading(news)
        else:
            aggregate.apply(news)
        evaluator.update(measures, min(_moment(news), wall_s))
    measures.wall_s = wall_s
    measures.heap, measures.captures, measures.timelines = heap or {}, captures, timelines
    measures.current = current
    return evaluator.update(measures, wall_s, final=True)


def _moment(news: ResourceReading | ProfileDelta) -> float:
    return news.at_s if isinstance(news, ResourceReading) else news.end_s


def overall(verdicts: Sequence[RuleVerdict], on_inconclusive: Gate = Gate.WARN) -> Verdict:
    """Return `FAIL`, `WARN` or `PASS`: the worst of the verdicts, where inconclusive means what the budget says."""
    meant = {Verdict.INCONCLUSIVE: Verdict(on_inconclusive.value)}
    found = {meant.get(verdict.verdict, verdict.verdict) for verdict in verdicts}
    return next((verdict for verdict in (Verdict.FAIL, Verdict.WARN) if verdict in found), Verdict.PASS)
