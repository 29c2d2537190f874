"""The judge of an increase: an operation held against the same one of a baseline, or against a number of the file."""

from __future__ import annotations

from dataclasses import replace

from perftui.analysis.operation_figures import executions, operation_figure
from perftui.analysis.scalar_change import (
    NEEDED,
    MeasuredChange,
    measured_change,
    percent,
    runs_to_decide,
    verdict_of_change,
    verdict_of_point,
)
from perftui.budgets.judges import Finding
from perftui.budgets.operation_judges import SidesJudge, held_against, unmeasured
from perftui.budgets.sides import BothSides
from perftui.budgets.spec import OperationRule
from perftui.model.operation import Operation
from perftui.model.verdict import BUDGET_FILE, HeldAgainst, Verdict
from perftui.text import printable
from perftui.units import Unit

NO_BASELINE = "no baseline is named: `perftui baseline save main @latest` makes one, then add --baseline main"


class IncreaseJudge(SidesJudge):
    """How much longer an operation takes than in the baseline, as far as the runs can tell."""

    def __init__(self, rule: OperationRule, sides: BothSides) -> None:
        super().__init__(rule, sides)
        self._rule = rule
        self._judged: tuple[Operation, Operation, int, Finding] | None = None

    def _found(self, *, final: bool) -> Finding:
        match = self._sides.measured(self._rule.operation)
        if match.operation is None:
            return unmeasured(match, final=final)
        if self._sides.baseline is not None:
            return self._over_runs(match.operation)
        if self._rule.baseline is not None:
            return self._over_number(match.operation, self._rule.baseline)
        return Finding(Verdict.MISSING, reason=NO_BASELINE)

    def _over_number(self, operation: Operation, baseline: float) -> Finding:
        """Hold the mean against what the file says: there is nothing that could tell how sure that is."""
        figure = self._sides.figure(operation, "mean")
        if figure.value is None:
            figure = self._sides.figure(operation, "median")
        if figure.value is None or figure.unit is not Unit.SECONDS:
            return Finding(Verdict.MISSING, reason=figure.reason or f"is measured in {figure.unit.value}, not in time")
        change = percent(figure.value / baseline)
        held = HeldAgainst(baseline, Unit.SECONDS, figure.value, BUDGET_FILE, change, runs=(0, figure.n))
        return Finding(verdict_of_point(change, self.rule.warn, self.rule.fail), change, "", held)

    def _over_runs(self, operation: Operation) -> Finding:
        baseline = self._sides.baseline
        assert baseline is not None
        match = self._sides.before(self._rule.operation)
        if match.operation is None:
            what = printable(match.reason) if match.rivals else "does not hold it"
            command = f"`perftui baseline save {self._sides.baseline_name} REF` with a session that does"
            return Finding(Verdict.MISSING, reason=f"{printable(baseline.ref)} {what}: {command}")
        before = match.operation
        min_runs, known = self._sides.budget.min_runs, self._judged
        if known is None or known[0] is not before or known[1] is not operation or known[2] != min_runs:
            known = self._judged = before, operation, min_runs, self._compared(before, operation, baseline.ref)
        finding = known[3]
        # What a run ran on may be known later than what it measured.
        if self._sides.apart and finding.verdict is not Verdict.MISSING:
            return replace(finding, verdict=Verdict.INCONCLUSIVE, reason=apart(self._sides))
        return finding

    def _compared(self, before: Operation, after: Operation, ref: str) -> Finding:
        if before.unit is not after.unit or before.lower_is_better is not after.lower_is_better:
            return Finding(Verdict.MISSING, reason=f"was measured in {before.unit.value}, and is in {after.unit.value}")
        if not before.values or not after.values:
            return self._told(before, after, ref)
        # Where more is better, a fall is what an increase is elsewhere.
        seen = measured_change(before.runs, after.runs)
        change = seen if after.lower_is_better else measured_change(after.runs, before.runs)
        held = held_against(seen, after.unit, ref)
        verdict, reason = self._said(change)
        return Finding(verdict, change.change_pct, reason, held)

    def _told(self, before: Operation, after: Operation, ref: str) -> Finding:
        """Say that nobody can tell how sure a change of two means is."""
        values = [operation_figure(operation, "mean").value for operation in (before, after)]
        change = percent(values[1] / values[0]) if values[0] and values[1] is not None else None
        held = HeldAgainst(values[0], after.unit, values[1], ref, change, runs=(executions(before), executions(after)))
        return Finding(Verdict.INCONCLUSIVE, change, "its tool told a mean, and no raw values to test it by", held)

    def _said(self, change: MeasuredChange) -> tuple[Verdict, str]:
        """Return the verdict on a change, no harder than its runs allow, and what has to be known of it."""
        rule = self.rule
        needed = max(NEEDED, self._sides.budget.min_runs)
        verdict = verdict_of_change(change, rule.warn, rule.fail)
        limit = rule.fail if rule.fail is not None else rule.warn
        more = runs_to_decide(change, limit or 0.0, at_least=needed)
        few = not change.of_runs or min(change.runs) < needed
        if verdict is Verdict.FAIL and few:
            return Verdict.WARN, f"{_within(change)}: {runs_asked(more)} would decide"
        if verdict is Verdict.INCONCLUSIVE:
            return verdict, _open(change, more)
        return verdict, "" if change.of_runs else _within(change)


def apart(sides: BothSides) -> str:
    """Say why times of both sides do not compare, and what gives sides that do."""
    ways = f"`perftui baseline save {sides.baseline_name} REF` with a run from here, or `perftui ab --base REF`"
    return f"{', '.join(sides.apart)}: {ways}"


def runs_asked(more: int | None) -> str:
    """Return how many more runs would decide."""
    return "more runs than anybody waits for" if more is None else f"about {more} more run{'s' * (more != 1)} a side"


def _within(change: MeasuredChange) -> str:
    fewest = min(change.runs)
    return "within one run only" if fewest == 1 else f"within {fewest} runs only"


def _open(change: MeasuredChange, more: int | None) -> str:
    """Say why nothing can be said, and what would help."""
    if change.change_pct is None or (change.interval_pct is None and not change.is_few):
        return "a value is zero, so nothing can be said in percent"
    if change.interval_pct is None:
        one, other = change.counts
        return f"too few values to tell (n={one} and {other}): need {runs_asked(more)}"
    return f"the interval is too wide to tell: need {runs_asked(more)}"
