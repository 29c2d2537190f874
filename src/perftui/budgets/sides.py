"""Both sides as the rules of one budget see them: operations by the names of the file, and whether they compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perftui.analysis.comparable import differences
from perftui.analysis.measures import FunctionSubject
from perftui.analysis.operation_figures import OperationFigure, operation_figure
from perftui.analysis.operation_names import OperationMatch, match_operations
from perftui.budgets.spec import Budget, FunctionFigure, FunctionRule, OperationRule, ThroughputRule
from perftui.model.operation import Operation
from perftui.model.run_figures import RunFigures
from perftui.text import printable

_NAMED_BASELINE = "baseline:"


class _Side:
    """One side, with what names mean in it and what its operations took, each worked out once."""

    def __init__(self, figures: RunFigures) -> None:
        self.of = figures
        self._matches: dict[tuple[str, ...], Mapping[str, OperationMatch]] = {}
        self._figures: dict[tuple[str, str], OperationFigure] = {}

    def match(self, written: str, names: tuple[str, ...]) -> OperationMatch:
        """Return what one of several names that are asked for together means."""
        if not self.of.operations:
            return OperationMatch(written)
        if names not in self._matches:
            self._matches[names] = match_operations(names, self.of.operations)
        return self._matches[names][written]

    def figure(self, operation: Operation, name: str) -> OperationFigure:
        """Return a figure of one of its operations."""
        key = (operation.key, name)
        if key not in self._figures:
            self._figures[key] = operation_figure(operation, name)
        return self._figures[key]


class BothSides:
    """The current runs and their baseline, either of which may be unknown; names are matched once for each of them."""

    def __init__(self, budget: Budget, baseline: RunFigures | None = None) -> None:
        self._budget = budget
        self._operation_names, self._series_names = _operation_names(budget), _series_names(budget)
        self._before = _Side(baseline) if baseline is not None else None
        self._now: _Side | None = None

    @property
    def budget(self) -> Budget:
        """What both are judged by."""
        return self._budget

    @budget.setter
    def budget(self, budget: Budget) -> None:
        self._budget = budget
        self._operation_names, self._series_names = _operation_names(budget), _series_names(budget)

    @property
    def baseline(self) -> RunFigures | None:
        """The side that is held against; None where nobody named one."""
        return self._before.of if self._before is not None else None

    @baseline.setter
    def baseline(self, figures: RunFigures | None) -> None:
        self._before = _renewed(self._before, figures)

    @property
    def current(self) -> RunFigures | None:
        """The side that is judged; None while nothing is known of it."""
        return self._now.of if self._now is not None else None

    @current.setter
    def current(self, figures: RunFigures | None) -> None:
        # What was worked out for the side before is let go, however often a run is reduced anew.
        self._now = _renewed(self._now, figures)

    def measured(self, written: str) -> OperationMatch:
        """Return what a name of `[operations]` means on the current side."""
        return _match(self._now, written, self._operation_names)

    def series(self, written: str) -> OperationMatch:
        """Return what a name of `[throughput]` means on the current side."""
        return _match(self._now, written, self._series_names)

    def goal(self, written: str) -> OperationMatch:
        """Return what the name of a goal means on the current side; no other name is in its way."""
        return _match(self._now, written, (written,))

    def before(self, written: str) -> OperationMatch:
        """Return what a name of `[operations]` means on the side of the baseline."""
        return _match(self._before, written, self._operation_names)

    def goal_before(self, written: str) -> OperationMatch:
        """Return what the name of a goal means on the side of the baseline."""
        return _match(self._before, written, (written,))

    def figure(self, operation: Operation, name: str) -> OperationFigure:
        """Return a figure of an operation of the current side."""
        return operation_figure(operation, name) if self._now is None else self._now.figure(operation, name)

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


def _renewed(known: _Side | None, figures: RunFigures | None) -> _Side | None:
    if figures is None:
        return None
    return known if known is not None and known.of is figures else _Side(figures)


def _match(side: _Side | None, written: str, names: tuple[str, ...]) -> OperationMatch:
    return OperationMatch(written) if side is None else side.match(written, names)


def _operation_names(budget: Budget) -> tuple[str, ...]:
    rules = [rule for rule in budget.rules if isinstance(rule, OperationRule)]
    return tuple(dict.fromkeys(name for rule in rules for name in (rule.operation, rule.overhead_of) if name))


def _series_names(budget: Budget) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.series for rule in budget.rules if isinstance(rule, ThroughputRule)))


def named_functions(budget: Budget) -> list[FunctionSubject]:
    """Return the functions that a budget holds against a baseline: they are kept whatever they cost."""
    rules = (rule for rule in budget.rules if isinstance(rule, FunctionRule))
    return [rule.function for rule in rules if rule.figure is FunctionFigure.INCREASE]
