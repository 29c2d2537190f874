"""The gate: what a list of verdicts means for whoever has to let a change through, and with which exit code."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from perftui.budgets.spec import Budget, FunctionFigure, FunctionRule, Gate, OperationRule, Rule
from perftui.errors import ExitCode
from perftui.model.verdict import RuleVerdict, Verdict

WORST_FIRST = (
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.WARN,
    Verdict.MISSING,
    Verdict.PASS,
    Verdict.INFO,
    Verdict.UNBUDGETED,
)
COUNTED = (
    Verdict.PASS,
    Verdict.WARN,
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.MISSING,
    Verdict.UNBUDGETED,
)
"""What a summary counts, in the order in which it says so; what is only shown is no part of it."""
_JUDGED = (Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.INCONCLUSIVE)
_WITHIN = (Verdict.PASS, Verdict.WARN)


@dataclass(frozen=True, slots=True)
class Strictness:
    """What is more than a warning."""

    missing_fails: bool = False
    """Whether a rule that nothing measured fails the gate."""
    warn_fails: bool = False
    on_inconclusive: Gate = Gate.WARN


def counts(verdicts: Iterable[RuleVerdict]) -> Mapping[Verdict, int]:
    """Return how many rules have each verdict that a summary counts."""
    found = [verdict.verdict for verdict in verdicts]
    return {verdict: found.count(verdict) for verdict in COUNTED}


def within(verdicts: Sequence[RuleVerdict]) -> tuple[int, int]:
    """Return how many rules hold, and how many were judged: what nothing measured is no part of either."""
    found = [verdict.verdict for verdict in verdicts if verdict.verdict in _JUDGED]
    return sum(verdict in _WITHIN for verdict in found), len(found)


def worst_first(verdicts: Sequence[RuleVerdict]) -> tuple[RuleVerdict, ...]:
    """Return the verdicts with those first that somebody has to look at; of each kind as the budget names them."""
    return tuple(sorted(verdicts, key=lambda verdict: WORST_FIRST.index(verdict.verdict)))


def fails(verdict: RuleVerdict, strictness: Strictness) -> bool:
    """Say whether one verdict closes the gate."""
    match verdict.verdict:
        case Verdict.FAIL:
            return True
        case Verdict.MISSING:
            return strictness.missing_fails
        case Verdict.WARN:
            return strictness.warn_fails
        case Verdict.INCONCLUSIVE:
            meant = strictness.on_inconclusive
            return meant is Gate.FAIL or (strictness.warn_fails and meant is Gate.WARN)
        case _:
            return False


def warns(verdict: RuleVerdict, strictness: Strictness) -> bool:
    """Say whether one verdict is worth a warning, and no more."""
    if fails(verdict, strictness):
        return False
    if verdict.verdict is Verdict.INCONCLUSIVE:
        return strictness.on_inconclusive is Gate.WARN
    return verdict.verdict in (Verdict.WARN, Verdict.MISSING)


def exit_code(
    verdicts: Sequence[RuleVerdict],
    strictness: Strictness,
    *,
    unheld: bool = False,
    shown: Collection[str] = (),
) -> ExitCode:
    """Return what a gate ends with.

    Args:
        verdicts: Of every rule.
        strictness: What closes it.
        unheld: A rule about a change has nothing that it could be held against.
        shown: Names of the rules that close no gate, whatever is said of them.

    A failure comes before everything else; then that nothing could be judged, which is never a pass.
    """
    if any(fails(verdict, strictness) and verdict.rule not in shown for verdict in verdicts):
        return ExitCode.FAILED_CHECK
    measured = any(
        verdict.verdict in _JUDGED or (verdict.verdict is Verdict.INFO and verdict.current is not None)
        for verdict in verdicts
    )
    return ExitCode.OK if measured and not unheld else ExitCode.NO_DATA


def rules_about_changes(budget: Budget) -> tuple[Rule, ...]:
    """Return the rules that need a baseline from elsewhere: the budget asks for them, and states none itself."""
    return tuple(rule for rule in budget.rules if _needs_baseline(rule))


def _needs_baseline(rule: Rule) -> bool:
    if isinstance(rule, OperationRule):
        return rule.asked and rule.metric == "max_increase_pct" and rule.baseline is None and rule.gate
    return isinstance(rule, FunctionRule) and rule.figure is FunctionFigure.INCREASE and rule.gate
