"""The judge of a function's increase over a baseline; of a single run a side it may warn, and never fails."""

from __future__ import annotations

from perftui.analysis.function_change import FunctionChange, function_change, named
from perftui.analysis.measures import Measures
from perftui.analysis.regression import DECIDING_RUNS
from perftui.analysis.scalar_change import MeasuredChange, percent, runs_to_decide, verdict_of_change
from perftui.budgets.increase_judge import NO_BASELINE, apart, runs_asked
from perftui.budgets.judges import FEWEST_SAMPLES, Finding, Judge, meant_instead
from perftui.budgets.operation_judges import held_against
from perftui.budgets.sides import BothSides
from perftui.budgets.spec import FunctionRule
from perftui.model.run_figures import FunctionRuns, RunFigures
from perftui.model.verdict import Verdict
from perftui.text import printable
from perftui.units import Unit, format_percent

_SHARED = 0.02
"""What all functions share is spoken of from here on."""


class FunctionIncreaseJudge(Judge):
    """How much more a function costs than in the baseline, with what it calls."""

    def __init__(self, rule: FunctionRule, sides: BothSides) -> None:
        super().__init__(rule)
        self._rule = rule
        self._sides = sides
        self._judged: tuple[RunFigures, RunFigures, int, Finding] | None = None

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        del at_s
        baseline, current = self._sides.baseline, self._sides.current
        if baseline is None:
            return Finding(Verdict.MISSING, reason=NO_BASELINE)
        if current is None:
            reason = "there are no samples" if final else "is judged when the run has ended"
            return Finding(Verdict.MISSING, reason=reason)
        known = self._judged
        if known and known[0] is baseline and known[1] is current and known[2] == self._sides.budget.min_runs:
            return known[3]
        finding = self._held_against(baseline, current, measures)
        self._judged = baseline, current, self._sides.budget.min_runs, finding
        return finding

    def _held_against(self, baseline: RunFigures, current: RunFigures, measures: Measures) -> Finding:
        before, after = (named(self._rule.function, side) for side in (baseline, current))
        if after is None:
            unseen = f"was not seen in any sample{meant_instead(measures, self._rule)}"
            return Finding(Verdict.MISSING, reason=unseen)
        if before is None:
            command = f"`perftui baseline save {self._sides.baseline_name} REF` with a session that does"
            return Finding(Verdict.MISSING, reason=f"{printable(baseline.ref)} does not hold it: {command}")
        return self._compared(before, after, baseline, current)

    def _compared(
        self, before: FunctionRuns, after: FunctionRuns, baseline: RunFigures, current: RunFigures
    ) -> Finding:
        found = function_change(before, after, baseline, current)
        if found is None:
            reason = f"fewer than {FEWEST_SAMPLES} samples on either side are too few to tell"
            return Finding(Verdict.INCONCLUSIVE, reason=reason)
        verdict, reason = self._said(found)
        if self._sides.apart:
            verdict, reason = Verdict.INCONCLUSIVE, apart(self._sides)
        return Finding(verdict, found.change.change_pct, reason, held_against(found.change, Unit.SECONDS, baseline.ref))

    def _said(self, found: FunctionChange) -> tuple[Verdict, str]:
        change, rule = found.change, self.rule
        needed = max(DECIDING_RUNS, self._sides.budget.min_runs)
        verdict = verdict_of_change(change, rule.warn, rule.fail)
        seen = _seen(found)
        as_it_is = _as_it_is(change)
        if verdict is Verdict.PASS and as_it_is is not None and as_it_is > (rule.fail or 0.0) and _is_shared(found):
            told = f"with these it takes {format_percent(as_it_is)} more: a slower host, or all of the code"
            return Verdict.INCONCLUSIVE, f"{seen}; {told}"
        more = runs_to_decide(change, rule.fail or 0.0, at_least=needed)
        ask = runs_asked(more)
        if verdict is Verdict.FAIL and min(change.runs) < needed:
            return Verdict.WARN, f"{seen}; {_alone(change.runs)}: {ask} would decide"
        if verdict is Verdict.INCONCLUSIVE:
            return verdict, f"{seen}; the interval is too wide to tell: need {ask}"
        return verdict, seen


def _alone(runs: tuple[int, int]) -> str:
    return "a single run a side is advice" if min(runs) < DECIDING_RUNS else f"{min(runs)} runs a side are few"


def _as_it_is(change: MeasuredChange) -> float | None:
    """Return the change in percent with what all functions share; None where the baseline has no value."""
    return percent(change.current / change.baseline) if change.baseline and change.current is not None else None


def _is_shared(found: FunctionChange) -> bool:
    return abs(found.shared - 1) >= _SHARED


def _seen(found: FunctionChange) -> str:
    one, other = found.samples
    shared = f", beyond the ×{found.shared:.2f} of the other functions" if _is_shared(found) else ""
    return f"{one} and {other} samples{shared}"
