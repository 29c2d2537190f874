"""Judges of operations: what one execution takes, alone and beside a sibling, how many fail, how many a second."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from perftui.analysis.measures import Measures
from perftui.analysis.operation_figures import FEWEST_VALUES, OperationFigure, is_of_means, operation_figure
from perftui.analysis.operation_names import OperationMatch
from perftui.analysis.scalar_change import MeasuredChange, measured_change, percent
from perftui.budgets.judges import Finding, Judge, above, below, between
from perftui.budgets.sides import BothSides
from perftui.budgets.spec import OperationFigureName, OperationRule, Rule, ThroughputRule
from perftui.model.operation import Operation
from perftui.model.verdict import HeldAgainst, Verdict
from perftui.text import printable
from perftui.units import Unit, format_value

INGEST = "run it with --ingest TOOL, or read what a tool has written: `perftui ingest FILE`"
NOT_YET = "not measured yet"


def unmeasured(match: OperationMatch, *, final: bool) -> Finding:
    """Return that an operation is missing, and what would bring it."""
    if not final and not match.rivals:
        return Finding(Verdict.MISSING, reason=NOT_YET)
    reason = printable(match.reason)
    return Finding(Verdict.MISSING, reason=reason if match.rivals else f"{reason}: {INGEST}")


class SidesJudge(Judge):
    """A rule about what the runs of a side add up to, which no meter and no sampler tells."""

    def __init__(self, rule: Rule, sides: BothSides) -> None:
        super().__init__(rule)
        self._sides = sides

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        del measures, at_s
        return self._found(final=final)

    @abstractmethod
    def _found(self, *, final: bool) -> Finding:
        """Find what the sides say."""


class OperationFigureJudge(SidesJudge):
    """A limit of one figure of an operation: of all values of all runs together."""

    def __init__(self, rule: OperationRule, sides: BothSides) -> None:
        super().__init__(rule, sides)
        self._rule = rule

    def _found(self, *, final: bool) -> Finding:
        match = self._sides.measured(self._rule.operation)
        if match.operation is None:
            return unmeasured(match, final=final)
        figure = self._sides.figure(match.operation, self._rule.figure.value)
        if figure.value is None:
            return Finding(*_refused(figure))
        if figure.unit is not self._rule.unit:
            return Finding(
                Verdict.MISSING, reason=f"is measured in {figure.unit.value}, not in {self._rule.unit.value}"
            )
        verdict = self._verdict(figure.value)
        return Finding(verdict, figure.value, "; ".join(self._remarks(match.operation, figure, verdict)))

    def _verdict(self, value: float) -> Verdict:
        return above(value, self.rule) if self._lower_is_better else below(value, self.rule)

    def _remarks(self, operation: Operation, figure: OperationFigure, verdict: Verdict) -> list[str]:
        """Return what a reader of the verdict has to know of the measurement."""
        remarks = [f"n={figure.n}"] if figure.n else []
        if figure.told:
            remarks.append("as its tool told")
        elif figure.name in FEWEST_VALUES and is_of_means(operation):
            remarks.append("of means of several executions")
        missed = self._missed_before() if verdict in (Verdict.WARN, Verdict.FAIL) else None
        if missed is not None:
            remarks.append(f"the baseline itself misses it ({format_value(missed, self.rule.unit)})")
        return remarks

    def _missed_before(self) -> float | None:
        """Return the baseline's value where that breaks the limit, too."""
        before = self._sides.before(self._rule.operation).operation
        value = operation_figure(before, self._rule.figure.value).value if before is not None else self._rule.baseline
        return value if value is not None and self._verdict(value) is not Verdict.PASS else None

    @property
    def _lower_is_better(self) -> bool:
        return self._rule.lower_is_better


def _refused(figure: OperationFigure) -> tuple[Verdict, None, str]:
    fewest = FEWEST_VALUES.get(figure.name)
    if figure.n and fewest is not None:
        return Verdict.INCONCLUSIVE, None, f"{figure.reason}: {figure.name} takes at least {fewest} values"
    return Verdict.MISSING, None, figure.reason


class OverheadJudge(SidesJudge):
    """A limit of what an operation takes over a sibling that was measured in the same run."""

    def __init__(self, rule: OperationRule, sides: BothSides) -> None:
        super().__init__(rule, sides)
        self._rule = rule

    def _found(self, *, final: bool) -> Finding:
        own, sibling = (self._sides.measured(name) for name in (self._rule.operation, self._rule.overhead_of))
        if own.operation is None:
            return unmeasured(own, final=final)
        if sibling.operation is None:
            found = unmeasured(sibling, final=final)
            return replace(found, reason=f"{printable(self._rule.overhead_of)}: {found.reason}")
        return self._between(own.operation, sibling.operation)

    def _between(self, own: Operation, sibling: Operation) -> Finding:
        if own.unit is not sibling.unit:
            return Finding(
                Verdict.MISSING, reason=f"is measured in {own.unit.value}, its sibling in {sibling.unit.value}"
            )
        if own.values and sibling.values:
            return self._tested(measured_change(sibling.runs, own.runs), own.unit, printable(sibling.key))
        values = _told_of_both(sibling, own)
        if values is None:
            return Finding(Verdict.MISSING, reason="neither a mean nor a median is known of both")
        change = percent(values[1] / values[0])
        held = HeldAgainst(values[0], own.unit, values[1], printable(sibling.key), change)
        return Finding(above(change, self.rule), change, "as the tool told", held)

    def _tested(self, change: MeasuredChange, unit: Unit, sibling: str) -> Finding:
        value = change.change_pct
        held = held_against(change, unit, sibling)
        counts = f"n={change.counts[1]} and {change.counts[0]}"
        if value is None or change.interval_pct is None:
            why = "too few values to tell" if change.is_few else "a value is zero, so nothing can be said in percent"
            return Finding(Verdict.INCONCLUSIVE, value, f"{why} ({counts})", held)
        # The interval stands beside the verdict, so only what it means is said.
        finding = between(value, *change.interval_pct, self.rule, counts)
        return replace(finding, reason=finding.reason.removeprefix(counts), held_against=held)


def _told_of_both(first: Operation, second: Operation) -> tuple[float, float] | None:
    """Return the means of two operations, or their medians where no tool told both means; None without either."""
    for name in ("mean", "median"):
        one, other = (operation_figure(operation, name).value for operation in (first, second))
        if one is not None and other is not None and one > 0:
            return one, other
    return None


def held_against(change: MeasuredChange, unit: Unit, ref: str) -> HeldAgainst:
    """Return what a verdict about a measured change keeps of it."""
    return HeldAgainst(
        value=change.baseline,
        unit=unit,
        current=change.current,
        ref=ref,
        change_pct=change.change_pct,
        interval_pct=change.interval_pct,
        p=change.p,
        runs=change.counts,
    )


class ThroughputJudge(SidesJudge):
    """A lower limit of how many executions a second there are, or of how many succeed."""

    def __init__(self, rule: ThroughputRule, sides: BothSides) -> None:
        super().__init__(rule, sides)
        self._rule = rule

    def _found(self, *, final: bool) -> Finding:
        match = self._sides.series(self._rule.series)
        if match.operation is None:
            return unmeasured(match, final=final)
        operation = match.operation
        if self._rule.unit is Unit.PERCENT:
            figure = operation_figure(operation, OperationFigureName.SUCCESS.value)
        else:
            # Bytes a second say nothing of how many executions there are.
            counted = replace(operation, work=None) if operation.work_unit is Unit.BYTES else operation
            figure = operation_figure(replace(counted, work_unit=Unit.COUNT), "throughput")
        if figure.value is None:
            return Finding(Verdict.MISSING, reason=figure.reason)
        if figure.unit is not self._rule.unit:
            return Finding(
                Verdict.MISSING, reason=f"is measured in {figure.unit.value}, not in {self._rule.unit.value}"
            )
        counts = [f"n={figure.n}"] if figure.n else ["as its tool told"] if figure.told else []
        return Finding(below(figure.value, self.rule), figure.value, "; ".join(counts))

    @property
    def _lower_is_better(self) -> bool:
        return False
