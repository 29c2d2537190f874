"""What was measured and no rule is about: a budget that forgets an operation does not pass it."""

from __future__ import annotations

from perftui.analysis.operation_names import unmatched
from perftui.budgets.sides import BothSides
from perftui.model.operation import Operation
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.text import printable

_FIGURE = "mean"


def unbudgeted(sides: BothSides) -> list[RuleVerdict]:
    """Return a verdict for each operation of the current side that no name of the budget means."""
    if sides.current is None or not sides.current.operations:
        return []
    operations = sides.current.operations
    return [_unbudgeted(sides, operations[key]) for key in unmatched(operations, sides.matches())]


def _unbudgeted(sides: BothSides, operation: Operation) -> RuleVerdict:
    value = sides.figure(operation, _FIGURE).value
    return RuleVerdict(
        rule=f"operations.{printable(operation.key)}",
        subject=printable(operation.key),
        metric=_FIGURE,
        unit=operation.unit,
        current=value,
        warn=None,
        fail=None,
        verdict=Verdict.UNBUDGETED,
        reason="no rule of the budget is about it",
        lower_is_better=operation.lower_is_better,
    )
