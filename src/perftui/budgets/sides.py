"""Both sides as the rules of one budget see them: operations by the names of the file, and whether they compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perftui.analysis.comparable import differences
from perftui.analysis.measures import FunctionSubject
from perftui.analysis.operation_names import OperationMatch, match_operations
from perftui.budgets.spec import Budget, FunctionFigure, FunctionRule, OperationRule, ThroughputRule
from perftui.model.run_figures import RunFigures
from perftui.text import printable

_NAMED_BASELINE = "baseline:"


class BothSides:
    """The current runs and their baseline, either of which may be unknown; names are matched once for each of them."""

    def __init__(self, budget: Budget, baseline: RunFigures | None = None) -> None:
        self.budget = budget
        self.baseline = baseline
        self.current: RunFigures | None = None
        self._matches: dict[tuple[int, tuple[str, ...]], tuple[RunFigures, Mapping[str, OperationMatch]]] = {}
        self._operation_names, self._series_names = _operation_names(budget), _series_names(budget)

    def measured(self, written: str) -> OperationMatch:
        """Return what a name of `[operations]` means on the current side."""
        return self._match(written, self.current, self._operation_names)

    def series(self, written: str) -> OperationMatch:
        """Return what a name of `[throughput]` means on the current side."""
        return self._match(written, self.current, self._series_names)

    def goal(self, written: str) -> OperationMatch:
        """Return what the name of a goal means on the current side; no other name is in its way."""
        return self._match(written, self.current, (written,))

    def before(self, written: str) -> OperationMatch:
        """Return what a name of `[operations]` means on the side of the baseline."""
        return self._match(written, self.baseline, self._operation_names)

    def goal_before(self, written: str) -> OperationMatch:
        """Return what the name of a goal means on the side of the baseline."""
        return self._match(written, self.baseline, (written,))

    def matches(self) -> Iterator[OperationMatch]:
        """Yield what all names of the budget mean on the current side."""
        yield from map(self.measured, self._operation_names)
        yield from map(self.series, self._series_names)
        yield from (self.goal(goal.name) for goal in self.budget.goals)

    @property
    def apart(self) -> tuple[str, ...]:
        """Why times of both sides do not compare; empty where they do, or where nobody can tell."""
        if self.baseline is None or self.current is None:
            return ()
        return tuple(map(printable, differences(self.baseline.environment, self.current.environment)))

    @property
    def baseline_name(self) -> str:
        """The name that a baseline is saved under, for commands that mend it."""
        ref = self.baseline.ref if self.baseline is not None else ""
        name = ref.removeprefix(_NAMED_BASELINE).removeprefix("@")
        return printable(name) if ref.startswith(_NAMED_BASELINE) and name else "main"

    def forget(self) -> None:
        """Match names anew, because the budget or a side is another one."""
        self._matches.clear()
        self._operation_names, self._series_names = _operation_names(self.budget), _series_names(self.budget)

    def _match(self, written: str, side: RunFigures | None, names: tuple[str, ...]) -> OperationMatch:
        if side is None or not side.operations:
            return OperationMatch(written)
        # Whoever is asked about stays alive here, so no other side takes its identity.
        known = self._matches.get((id(side), names))
        if known is None:
            known = self._matches[id(side), names] = side, match_operations(names, side.operations)
        return known[1][written]


def _operation_names(budget: Budget) -> tuple[str, ...]:
    rules = [rule for rule in budget.rules if isinstance(rule, OperationRule)]
    return tuple(dict.fromkeys(name for rule in rules for name in (rule.operation, rule.overhead_of) if name))


def _series_names(budget: Budget) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.series for rule in budget.rules if isinstance(rule, ThroughputRule)))


def named_functions(budget: Budget) -> list[FunctionSubject]:
    """Return the functions that a budget holds against a baseline: they are kept whatever they cost."""
    rules = (rule for rule in budget.rules if isinstance(rule, FunctionRule))
    return [rule.function for rule in rules if rule.figure is FunctionFigure.INCREASE]
