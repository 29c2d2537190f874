"""What budgets say of a comparison: rules about changes hold the sides of it against each other, as a check does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from perftui.analysis.paired_figures import BudgetPair
from perftui.budgets.change_rules import change_budget
from perftui.budgets.sides import named_functions
from perftui.budgets.spec import Budget
from perftui.model.run_figures import RunFigures
from perftui.model.verdict import RuleVerdict
from perftui.recording.run_figures import figures_of_models
from perftui.recording.saved_verdicts import judge_figures
from perftui.recording.side_runs import SideRuns


def with_changes_judged(pairs: Sequence[BudgetPair], sides: tuple[SideRuns, SideRuns]) -> list[BudgetPair]:
    """Return pairs whose rules about changes say what the current side is beside the baseline of the comparison.

    What a run was held against when it was recorded was another baseline, or none.
    """
    known = [verdict for pair in pairs for verdict in (pair.current or pair.baseline,) if verdict is not None]
    budget = change_budget(known)
    if not budget.rules:
        return list(pairs)
    baseline, current = (_figures(side, ref, budget) for side, ref in zip(sides, ("baseline", "current"), strict=True))
    judged = {verdict.rule: verdict for verdict in judge_figures(budget, current, baseline=baseline)}
    return [_of_both(pair, judged[pair.rule]) if pair.rule in judged else pair for pair in pairs]


def _of_both(pair: BudgetPair, verdict: RuleVerdict) -> BudgetPair:
    """Return the verdict about both sides as that of the current one: a baseline is not held against itself."""
    return replace(pair, baseline=None, current=verdict, alike=((0, 0), (1, 1)), across=True)


def _figures(side: SideRuns, ref: str, budget: Budget) -> RunFigures:
    orders = [run.times.order for run in side.timed]
    return figures_of_models([run.model for run in side.runs], ref, named=named_functions(budget), orders=orders)
