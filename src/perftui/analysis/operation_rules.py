"""Which verdicts of a budget are about which operation, and where their limits lie on the axis of its values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from perftui.analysis.operation_names import match_operations
from perftui.model.operation import Operation
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import Unit

_TABLE = "operations."
URGENCY = (
    *(Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.MISSING),
    *(Verdict.PASS, Verdict.INFO, Verdict.UNBUDGETED),
)
"""What is looked at first stands first."""


@dataclass(frozen=True, slots=True)
class RuleLimit:
    """A limit on the axis of an operation's values."""

    value: float
    """In base units."""
    fails: bool
    """Beyond it the rule fails, otherwise it warns."""
    metric: str
    """What the rule limits: `p95_ms`, `max_increase_pct`."""


def rules_of(verdicts: Iterable[RuleVerdict], operations: Mapping[str, Operation]) -> dict[str, list[RuleVerdict]]:
    """Return the verdicts about each operation by its key, the most urgent first."""
    about: dict[str, list[RuleVerdict]] = {}
    for verdict in verdicts:
        if verdict.rule.startswith(_TABLE) and verdict.verdict is not Verdict.UNBUDGETED:
            written = verdict.rule.removeprefix(_TABLE).removesuffix(f".{verdict.metric}")
            about.setdefault(written, []).append(verdict)
    found: dict[str, list[RuleVerdict]] = {}
    if not about:
        return found
    for written, match in match_operations(about, operations).items():
        if match.operation is not None:
            found.setdefault(match.operation.key, []).extend(about[written])
    for rules in found.values():
        rules.sort(key=lambda rule: URGENCY.index(rule.verdict))
    return found


def limits_of(rules: Iterable[RuleVerdict], unit: Unit) -> list[RuleLimit]:
    """Return the limits of rules that lie on an axis of values: absolute ones, and increases over a baseline."""
    found = (limit for rule in rules for limit in _limits(rule, unit))
    return sorted(dict.fromkeys(found), key=lambda limit: (limit.value, limit.fails))


def _limits(rule: RuleVerdict, unit: Unit) -> Iterator[RuleLimit]:
    held = rule.held_against
    for limit, fails in ((rule.warn, False), (rule.fail, True)):
        if limit is None:
            continue
        if rule.unit is unit:
            yield RuleLimit(limit, fails, rule.metric)
        elif rule.unit is Unit.PERCENT and held is not None and held.value is not None and held.unit is unit:
            yield RuleLimit(held.value * (1 + limit / 100), fails, rule.metric)
