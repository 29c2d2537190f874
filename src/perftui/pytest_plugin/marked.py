"""What a `budget` marker asks for: limits as a budget file writes them, and how often the test is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from perftui.analysis.operation_figures import FEWEST_VALUES
from perftui.budgets.rules import Defaults, read_operations
from perftui.budgets.spec import Budget, OperationFigureName, OperationRule
from perftui.errors import UsageError
from perftui.toml.places import Places
from perftui.toml.table import Table

USUAL_ROUNDS = 5
MOST_ROUNDS = 1_000_000
_USUAL_WARMUP = 1
_ALWAYS = 5.0


@dataclass(frozen=True, slots=True)
class Marked:
    """A test's own budget."""

    budget: Budget
    rounds: int
    warmup: int
    """Calls before them that are not timed."""


def read_marker(args: tuple[object, ...], limits: Mapping[str, Any], *, file: Path, group: str, name: str) -> Marked:
    """Return what a marker asks for.

    Args:
        args: Its arguments without names, of which there may be none.
        limits: Its others: limits, `rounds` and `warmup`.
        file: Where the test stands, for complaints.
        group: Of the operation.
        name: Of the operation, with its parameter.

    Raises:
        PerftuiError: Something in it is wrong; one sentence with a hint.
    """
    if args:
        raise UsageError("budget() takes its limits by name", hint='budget(p95="5ms", rounds=20)')
    left = dict(limits)
    rounds = _whole(left.pop("rounds", None), "rounds", least=1)
    warmup = _whole(left.pop("warmup", None), "warmup", least=0)
    rules = tuple(rule for rule in _rules(file, group, name, left) if _is_asked(rule, left))
    if not rules:
        raise UsageError("budget() has no limit", hint='budget(p95="5ms"), or mean, median, p50, p90, p99, max')
    usual = max(USUAL_ROUNDS, *(FEWEST_VALUES.get(rule.figure.value, 1) for rule in rules))
    budget = Budget(name=f"{group}.{name}", rules=rules)
    return Marked(budget, usual if rounds is None else rounds, _USUAL_WARMUP if warmup is None else warmup)


def _rules(file: Path, group: str, name: str, limits: dict[str, Any]) -> list[OperationRule]:
    table = Table(file, Places(""), (), {"operations": {group: {name: limits}}})
    found = read_operations(table.table("operations"), Defaults(_ALWAYS, None, None))
    return [replace(rule, operation=f"{group}.{name}") for rule in found if isinstance(rule, OperationRule)]


def _is_asked(rule: OperationRule, limits: Mapping[str, Any]) -> bool:
    """Say whether a limit was written: that of the increase is there without, and needs a baseline."""
    return rule.figure is not OperationFigureName.INCREASE or any(key.startswith("baseline") for key in limits)


def _whole(value: object, name: str, *, least: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_ROUNDS:
        raise UsageError(f"{name} of budget() is no whole number from {least} to {MOST_ROUNDS}", hint=f"{name}=20")
    return value
