"""Rules about changes from what a session keeps of them: they hold for other baselines, too, and need no file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from perftui.analysis.measures import FunctionSubject
from perftui.budgets.spec import Budget, FunctionFigure, FunctionRule, OperationFigureName, OperationRule, Rule
from perftui.model.verdict import RuleVerdict, Verdict

_INCREASE = ".max_increase_pct"
_OPERATIONS = "operations."
_FUNCTION = re.compile(r'functions\.(?P<name>"(?:[^"\\]|\\.)*"|[A-Za-z0-9_-]+)\.')


def change_budget(verdicts: Iterable[RuleVerdict]) -> Budget:
    """Return a budget of those rules among verdicts that are about an increase, each of them once."""
    rules = {verdict.rule: rule for verdict in verdicts for rule in _rules(verdict)}
    return Budget("", rules=tuple(rules.values()))


def function_of_rule(rule: str) -> FunctionSubject | None:
    """Return the function that a rule is about, by the rule's name; None for one about something else."""
    found = _FUNCTION.match(rule)
    if found is None:
        return None
    name = found["name"]
    try:
        return FunctionSubject.parse(json.loads(name) if name.startswith('"') else name)
    except ValueError:
        # A rule of another program's session may be called anything.
        return None


def _rules(verdict: RuleVerdict) -> Iterator[Rule]:
    name, is_judged = verdict.rule, verdict.verdict is not Verdict.INFO
    limits = (name, verdict.metric, verdict.unit, verdict.warn, verdict.fail)
    function = function_of_rule(name)
    if name.startswith(_OPERATIONS) and name.endswith(_INCREASE):
        operation = name.removeprefix(_OPERATIONS).removesuffix(_INCREASE)
        yield OperationRule(*limits, gate=is_judged, operation=operation, figure=OperationFigureName.INCREASE)
    elif function is not None and verdict.metric == FunctionFigure.INCREASE.value:
        yield FunctionRule(*limits, gate=is_judged, function=function, figure=FunctionFigure.INCREASE)
