"""Functions that a budget names: beforehand, so that each is judged alone and not as one of a long list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.compare import Side
from perftui.analysis.measures import FunctionSubject
from perftui.budgets.change_rules import function_of_rule
from perftui.model.verdict import RuleVerdict


def budgeted_functions(verdicts: Iterable[RuleVerdict], sides: Iterable[Side]) -> frozenset[FunctionKey]:
    """Return the functions that rules of a budget are about, by what they are called on both sides."""
    subjects: defaultdict[str, list[FunctionSubject]] = defaultdict(list)
    for verdict in verdicts:
        subject = function_of_rule(verdict.rule)
        if subject is not None:
            subjects[subject.function].append(subject)
    return frozenset(
        function_key(side.named(frame))
        for side in sides
        for frame in side.tree.functions
        if any(subject.matches(frame) for subject in subjects.get(frame.function, ()))
    )
