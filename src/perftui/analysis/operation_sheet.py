"""The operations of a session as a sheet: groups with a common axis, a baseline beside, sorted and filtered.

What takes long (figures of many values, what is said of changes) is worked out piece by piece, those first that are
seen; what is not known yet is told as such.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import inf

from perftui.analysis.measured_operation import (
    MeasuredOperation,
    extent_of,
    measured,
    measured_in_parts,
)
from perftui.analysis.operation_change import less_is_better, operation_change
from perftui.analysis.operation_rules import URGENCY, RuleLimit, limits_of, rules_of
from perftui.analysis.scalar_change import MeasuredChange
from perftui.analysis.scaling import Scaling, scalings, size_of
from perftui.analysis.value_axis import ValueAxis, axis_of
from perftui.errors import UsageError
from perftui.model.operation import Operation
from perftui.model.verdict import RuleVerdict
from perftui.units import Unit

_AT_ONCE = 20_000
"""Values of all operations together that are worked out faster than anybody sees."""
UNGROUPED = "operations"
"""What operations without a group stand below."""


class SortOperations(Enum):
    """What the operations of a group are ranked by."""

    MEASURED = "order of measuring"
    NAME = "name"
    MEAN = "mean"
    SPREAD = "spread"
    CHANGE = "change"
    VERDICT = "worst verdict"


@dataclass(frozen=True, slots=True)
class GroupLine:
    """The heading of a group."""

    group: str
    title: str
    count: int
    """How many operations it has, those that a filter leaves out not counted."""
    is_open: bool


@dataclass(frozen=True, slots=True)
class OperationLine:
    """One operation of one side."""

    key: str
    group: str
    of_baseline: bool = False
    """It is the baseline's, below the current one; or alone, where the operation is gone."""
    alone: bool = False
    """Its operation is on one side only."""


SheetLine = GroupLine | OperationLine


class OperationSheet:
    """Operations of one session, or of two sides."""

    def __init__(self, current: Iterable[Operation], baseline: Mapping[str, Operation] | None = None) -> None:
        """Take the current operations, in the order of measuring, and the baseline's by their keys."""
        self.current = {operation.key: operation for operation in current}
        self.baseline = dict(baseline or {})
        self.keys = list(dict.fromkeys((*self.current, *self.baseline)))
        self._groups = _groups({**self.baseline, **self.current}, self.keys)
        self._axes: dict[str, ValueAxis | None] = {}
        self._own_axes: dict[str, ValueAxis] = {}
        self._known: dict[tuple[str, bool], MeasuredOperation] = {}
        self._changes: dict[str, MeasuredChange | None] = {}
        self._rules: dict[str, list[RuleVerdict]] = {}
        self.version = 0
        """Grows with what is known, so that what was drawn of it can be told from what is to be drawn."""
        sides = (*self.current.values(), *self.baseline.values())
        if sum(len(run) for operation in sides for run in operation.runs) <= _AT_ONCE:
            for _ in self._measure(self.keys):
                pass

    @property
    def has_baseline(self) -> bool:
        """Whether any operation can be held against a baseline."""
        return bool(self.baseline)

    def operation(self, key: str, *, of_baseline: bool = False) -> Operation | None:
        """Return an operation of a side; None where that has none of this name."""
        return (self.baseline if of_baseline else self.current).get(key)

    def known(self, key: str, *, of_baseline: bool = False) -> MeasuredOperation | None:
        """Return an operation with its figures; None where it is not there, or not worked out yet."""
        return self._known.get((key, of_baseline))

    def now(self, key: str, *, of_baseline: bool = False) -> MeasuredOperation | None:
        """Return an operation with its figures, worked out at once where need be; None where it is not there."""
        operation = self.operation(key, of_baseline=of_baseline)
        if operation is None:
            return None
        found = self._known.get((key, of_baseline))
        if found is None:
            found = self._known[key, of_baseline] = measured(operation)
        return found

    # Working out.

    def work(self, first: Iterable[str] = ()) -> Iterator[None]:
        """Work out what is not known yet, yielding wherever it may be interrupted; the first keys come first."""
        keys = list(dict.fromkeys((*first, *self.keys)))
        yield from self._measure(keys)
        for key in keys:
            if key not in self._changes and key in self.current and key in self.baseline:
                self._changes[key] = operation_change(self.baseline[key], self.current[key])
                self.version += 1
                yield

    def _measure(self, keys: Iterable[str]) -> Iterator[None]:
        for key in keys:
            for of_baseline in (False, True):
                operation = self.operation(key, of_baseline=of_baseline)
                if operation is None or (key, of_baseline) in self._known:
                    continue
                for found in measured_in_parts(operation):
                    if found is not None:
                        self._known[key, of_baseline] = found
                        self.version += 1
                    yield

    @property
    def is_complete(self) -> bool:
        """Whether everything is known."""
        both = sum(key in self.baseline for key in self.current)
        return len(self._known) == len(self.current) + len(self.baseline) and len(self._changes) == both

    def judge(self, verdicts: Iterable[RuleVerdict]) -> None:
        """Take what a budget says of the operations."""
        rules = rules_of(verdicts, self.current)
        if rules == self._rules:
            return
        self._rules = rules
        self._axes.clear()
        self._own_axes.clear()
        self.version += 1

    # Lines.

    def lines(
        self,
        *,
        sort: SortOperations = SortOperations.MEASURED,
        pattern: str = "",
        closed: Collection[str] = (),
    ) -> list[SheetLine]:
        """Return the lines of all groups; raises `UsageError` where a pattern is no regular expression."""
        wanted = _searched_for(pattern)
        found: list[SheetLine] = []
        for group, keys in self._groups.items():
            left = [key for key in keys if wanted is None or wanted.search(key)]
            if not left:
                continue
            is_open = group not in closed or wanted is not None
            found.append(GroupLine(group, group, len(left), is_open))
            if is_open:
                for key in self._ranked(left, sort):
                    found.extend(self._lines_of(key, group))
        return found

    def _lines_of(self, key: str, group: str) -> Iterator[OperationLine]:
        alone = self.has_baseline and (key in self.current) != (key in self.baseline)
        if key in self.current:
            yield OperationLine(key, group, alone=alone)
        if key in self.baseline:
            yield OperationLine(key, group, of_baseline=True, alone=alone)

    def _ranked(self, keys: list[str], sort: SortOperations) -> list[str]:
        match sort:
            case SortOperations.MEASURED:
                return keys
            case SortOperations.NAME:
                return sorted(keys, key=_in_words)
            case SortOperations.VERDICT:
                return sorted(
                    keys, key=lambda key: URGENCY.index(self.rules(key)[0].verdict) if self.rules(key) else inf
                )
            case _:
                return sorted(keys, key=lambda key: -self._amount(key, sort))

    def _amount(self, key: str, sort: SortOperations) -> float:
        side = self.known(key) or self.known(key, of_baseline=True)
        if side is None:
            return -inf
        match sort:
            case SortOperations.MEAN:
                amount = side.value("mean")
                amount = side.value("median") if amount is None else amount
            case SortOperations.SPREAD:
                amount = side.spread
            case _:
                amount = self.worsening(key)
        return -inf if amount is None else amount

    def worsening(self, key: str) -> float | None:
        """Return the median of the current side over that of the baseline, less one, worse above zero."""
        before, after = self.known(key, of_baseline=True), self.known(key)
        if before is None or after is None or not before.box or not after.box or before.box.median <= 0:
            return None
        ratio = after.box.median / before.box.median - 1
        return ratio if less_is_better(after.operation) else -ratio

    def change(self, key: str) -> MeasuredChange | None:
        """Return what is known of an operation's change; None where nothing is, or not yet."""
        return self._changes.get(key)

    def is_compared(self, key: str) -> bool:
        """Say whether it was looked at how an operation changed."""
        return key in self._changes

    @property
    def has_rules(self) -> bool:
        """Whether a budget says something of any operation."""
        return bool(self._rules)

    def rules(self, key: str) -> Sequence[RuleVerdict]:
        """Return what a budget says of an operation, the most urgent first."""
        return self._rules.get(key, ())

    def limits(self, key: str) -> list[RuleLimit]:
        """Return the limits of an operation on the axis of its values."""
        operation = self.current.get(key)
        return [] if operation is None else limits_of(self.rules(key), operation.unit)

    # What an operation stands beside.

    def unit(self, group: str) -> Unit:
        """Return what the values of a group count."""
        key = self._groups[group][0]
        return (self.current.get(key) or self.baseline[key]).unit

    def axis(self, group: str) -> ValueAxis | None:
        """Return the axis that the operations of a group have in common."""
        if group not in self._axes:
            sides = (
                side[key]
                for key in self._groups.get(group, ())
                for side in (self.current, self.baseline)
                if key in side
            )
            limits = [limit.value for key in self._groups.get(group, ()) for limit in self.limits(key)]
            extents = [extent for each in sides if (extent := extent_of(each)) is not None]
            self._axes[group] = axis_of(extents, limits=limits)
        return self._axes[group]

    def axis_of(self, key: str) -> ValueAxis | None:
        """Return the axis that both sides of an operation have in common, with its limits."""
        found = self._own_axes.get(key)
        if found is None:
            sides = (side[key] for side in (self.current, self.baseline) if key in side)
            extents = [extent for each in sides if (extent := extent_of(each)) is not None]
            found = axis_of(extents, limits=[limit.value for limit in self.limits(key)])
            if found is not None:
                self._own_axes[key] = found
        return found

    def growth(self, key: str, *, of_baseline: bool = False) -> Scaling | None:
        """Return how an operation grows with its size; None where it was measured with fewer than two."""
        operations = self.baseline if of_baseline else self.current
        operation = operations.get(key)
        sized = None if operation is None else size_of(operation)
        if operation is None or sized is None:
            return None
        alike = [each for each in operations.values() if _family(each) == (operation.group, sized[0], operation.unit)]
        return next(iter(scalings(alike)), None)


def _family(operation: Operation) -> object:
    sized = size_of(operation)
    return None if sized is None else (operation.group, sized[0], operation.unit)


def _groups(operations: Mapping[str, Operation], keys: Iterable[str]) -> dict[str, list[str]]:
    """Return the keys of each group, in the order of measuring; a group has one unit, so that it has one axis."""
    units: dict[str, list[str]] = {}
    for operation in operations.values():
        known = units.setdefault(operation.group, [])
        if operation.unit.value not in known:
            known.append(operation.unit.value)
    found: dict[str, list[str]] = {}
    for key in keys:
        operation = operations[key]
        title = operation.group or UNGROUPED
        if len(units[operation.group]) > 1:
            title = f"{title} · {operation.unit.value or 'count'}"
        found.setdefault(title, []).append(key)
    return found


_DIGITS = re.compile(r"(\d+)")


def _in_words(key: str) -> list[tuple[int, int, str]]:
    """Return what a name is sorted by: numbers in it by their value, so that 9 stands before 10."""
    parts = _DIGITS.split(key.casefold())
    return [(1, int(part[:18]), "") if at % 2 else (0, 0, part) for at, part in enumerate(parts)]


def _searched_for(pattern: str) -> re.Pattern[str] | None:
    if not pattern:
        return None
    try:
        return re.compile(pattern, 0 if any(c.isupper() for c in pattern) else re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise UsageError(f"not a regular expression: {error}", hint="escape ( ) [ ] . * with a backslash") from None
