"""Goals: how far the way to a value is gone. They inform, and never fail anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

from perftui.analysis.measures import Measures
from perftui.analysis.operation_figures import operation_figure
from perftui.budgets.sides import BothSides
from perftui.budgets.spec import RESOURCES, WALL, Goal, OperationRule
from perftui.model.operation import Operation
from perftui.model.reading import METER_BY_METRIC
from perftui.model.verdict import HeldAgainst, RuleVerdict, Verdict
from perftui.text import printable
from perftui.units import Unit, format_percent, format_value

_UPWARD = (Unit.PER_SECOND, Unit.BYTES_PER_SECOND)


def goal_verdicts(sides: BothSides, measures: Measures) -> list[RuleVerdict]:
    """Return what is said of each goal of the budget."""
    return [_verdict(_with_unit(goal, sides), sides, measures) for goal in sides.budget.goals]


def _with_unit(goal: Goal, sides: BothSides) -> Goal:
    """Return a goal whose bare number is in the base unit of what it is about."""
    if goal.unit is not Unit.COUNT:
        return goal
    operation, metric = sides.goal(goal.name).operation, RESOURCES.get(goal.name)
    if operation is not None:
        return replace(goal, unit=operation.unit)
    return goal if metric is None else replace(goal, unit=_resource_unit(metric))


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where something stands on its way to a goal."""

    current: float | None = None
    start: float | None = None
    """The baseline's value; None where it has none."""
    ref: str = ""
    lower_is_better: bool = True
    reason: str = ""


def _verdict(goal: Goal, sides: BothSides, measures: Measures) -> RuleVerdict:
    stand = _stand(goal, sides, measures)
    held = HeldAgainst(stand.start, goal.unit, stand.current, stand.ref, _change_pct(stand)) if stand.ref else None
    return RuleVerdict(
        rule=f"goals.{goal.name}",
        subject=f"{printable(goal.name)} goal",
        metric="goal",
        unit=goal.unit,
        current=stand.current,
        warn=goal.target,
        fail=None,
        verdict=Verdict.INFO,
        reason="; ".join(part for part in chain(_said(goal, stand), _written(goal)) if part),
        lower_is_better=stand.lower_is_better,
        held_against=held,
    )


def _stand(goal: Goal, sides: BothSides, measures: Measures) -> _Stand:
    """Return where the operation of a goal's name stands, or else the resource of that name."""
    match = sides.goal(goal.name)
    if match.operation is not None:
        return _operation_stand(goal, match.operation, sides)
    metric = RESOURCES.get(goal.name)
    if metric is None:
        return _Stand(reason=printable(match.reason))
    if _resource_unit(metric) is not goal.unit:
        return _Stand(reason=_other_unit(goal, _resource_unit(metric)))
    value = measures.wall_s if metric == WALL else measures.figures(metric).peak
    return _Stand(value, reason="" if value is not None else "not measured")


def _resource_unit(metric: str) -> Unit:
    return Unit.SECONDS if metric == WALL else METER_BY_METRIC[metric].unit


def _operation_stand(goal: Goal, operation: Operation, sides: BothSides) -> _Stand:
    before = sides.goal_before(goal.name).operation
    value, unit = _figure(operation, goal.unit)
    if unit is not goal.unit:
        return _Stand(reason=_other_unit(goal, unit))
    start, ref = (_figure(before, goal.unit)[0], sides.baseline.ref) if before and sides.baseline else (None, "")
    if sides.baseline is None and unit is Unit.SECONDS:
        start = _stated(operation, sides)
        ref = "budget file" if start is not None else ""
    return _Stand(value, start, ref, goal.unit not in _UPWARD)


def _figure(operation: Operation, wanted: Unit) -> tuple[float | None, Unit]:
    figure = operation_figure(operation, "throughput" if wanted in _UPWARD else "mean")
    return figure.value, figure.unit


def _stated(operation: Operation, sides: BothSides) -> float | None:
    """Return the baseline that the budget itself states for an operation."""
    rules = (rule for rule in sides.budget.rules if isinstance(rule, OperationRule) and rule.baseline is not None)
    return next((rule.baseline for rule in rules if sides.measured(rule.operation).operation is operation), None)


def _said(goal: Goal, stand: _Stand) -> list[str]:
    """Return how far the way is gone, and whether it began beyond the goal."""
    if stand.reason:
        return [stand.reason]
    if stand.current is None:
        return ["not measured"]
    said = ["reached" if _reaches(stand.current, goal, stand) else f"not reached{_way(goal, stand)}"]
    if stand.start is not None and not _reaches(stand.start, goal, stand):
        said.append(f"the baseline itself misses the goal ({format_value(stand.start, goal.unit)})")
    return said


def _way(goal: Goal, stand: _Stand) -> str:
    if stand.start is None or stand.current is None or _reaches(stand.start, goal, stand):
        return ""
    gone = 100 * (stand.start - stand.current) / (stand.start - goal.target)
    return f", {format_percent(gone)} of the way from the baseline" if gone >= 0 else ", further away than the baseline"


def _reaches(value: float, goal: Goal, stand: _Stand) -> bool:
    return value <= goal.target if stand.lower_is_better else value >= goal.target


def _written(goal: Goal) -> list[str]:
    """Return what the file says of a goal."""
    by = f"by {printable(goal.by)}" if goal.by else ""
    phase = printable(goal.phase)
    named = phase if not phase or phase.lower().startswith("phase") else f"phase {phase}"
    return [named, by, printable(goal.reason)]


def _other_unit(goal: Goal, unit: Unit) -> str:
    return f"is measured in {unit.value or 'counts'}, the goal is in {goal.unit.value or 'counts'}"


def _change_pct(stand: _Stand) -> float | None:
    if not stand.start or stand.current is None:
        return None
    return 100 * (stand.current / stand.start - 1)
