"""Reads budget files; whatever is wrong with one is said with file, line, table and key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import tomli

from perftui.budgets.alert_rules import free_quantity, read_alerts
from perftui.budgets.memory_rules import read_memory
from perftui.budgets.metric_rules import read_metrics
from perftui.budgets.rules import (
    LONGEST_TIME_S,
    MOST_PERCENT,
    Defaults,
    check_order,
    read_functions,
    read_operations,
    read_resources,
    read_throughput,
    without_limit,
)
from perftui.budgets.spec import Budget, Gate, Goal, Intervals, OperationRule, Rule
from perftui.model.alert import AlertRule
from perftui.model.scrape import Scrape
from perftui.toml.scrapes import read_scrapes
from perftui.toml.table import Table, parse_document, read_document
from perftui.units import Unit, format_percent

_MOST_RUNS = 10_000
_SHORTEST_INTERVAL_S = 0.1


def load_budget(path: Path) -> Budget:
    """Read a budget file; raises `ConfigError`."""
    return _budget(read_document(path, tomli.loads))


def parse_budget(text: str, path: Path = Path("budget.toml")) -> Budget:
    """Read the text of a budget; `path` is named in what is raised."""
    return _budget(parse_document(text, path, tomli.loads))


def _budget(top: Table) -> Budget:
    head = top.table("performance_budget")
    defaults = _defaults(head)
    name = head.text("name") or top.file.stem
    description = head.text("description")
    min_runs = head.whole("min_runs", above_zero=True, at_most=_MOST_RUNS) or 1
    on_inconclusive = Gate(head.choice("on_inconclusive", [gate.value for gate in Gate], Gate.WARN.value))
    head.close()
    rooms: dict[str, Callable[[Table], Iterator[Rule]]] = {
        "operations": lambda table: read_operations(table, defaults),
        "throughput": read_throughput,
        "memory": read_memory,
        "resources": read_resources,
        "functions": read_functions,
        "metrics": lambda _: iter(limits_of_metrics),
    }
    derivations, limits_of_metrics = read_metrics(top.table("metrics"))
    tables = {key: top.table(key) for key in rooms}
    alerts = read_alerts(top.table("alerts"))
    intervals = _intervals(top.table("intervals"))
    scrapes = read_scrapes(top.table("scrape"), Scrape.checked)
    goals = tuple(_goal(key, table) for key, table in top.table("goals").tables())
    top.close()
    order = [key for key in top.names() if key in rooms]
    rules = tuple(rule for key in order for rule in rooms[key](tables[key]))
    return Budget(
        name=name,
        path=top.file,
        description=description,
        rules=rules,
        allowed_regression=defaults.allowed_regression,
        min_runs=min_runs,
        on_inconclusive=on_inconclusive,
        alerts=alerts,
        intervals=intervals,
        goals=goals,
        scrapes=scrapes,
        derivations=derivations,
        remarks=tuple(_remarks(rules, defaults, alerts)),
    )


def _defaults(head: Table) -> Defaults:
    allowed = head.quantity("allowed_regression", Unit.PERCENT, at_most=MOST_PERCENT)
    warn = head.quantity("warn", Unit.PERCENT, at_most=MOST_PERCENT)
    fail = head.quantity("fail", Unit.PERCENT, at_most=MOST_PERCENT)
    check_order(head, "warn", "fail", warn, fail, Unit.PERCENT)
    return Defaults(5.0 if allowed is None else allowed, warn, fail)


# What gives no verdict.


def _intervals(table: Table) -> Intervals:
    usual = Intervals()
    critical = table.quantity("critical", Unit.SECONDS, above_zero=True, at_most=LONGEST_TIME_S)
    warning = table.quantity("warning", Unit.SECONDS, above_zero=True, at_most=LONGEST_TIME_S)
    normal = table.quantity("normal", Unit.SECONDS, above_zero=True, at_most=LONGEST_TIME_S)
    table.close()
    if critical is not None and critical < _SHORTEST_INTERVAL_S:
        raise table.error("critical", "is below 100 ms, so looking would cost more than it tells", hint="1s is usual")
    intervals = Intervals(critical or usual.critical_s, warning or usual.warning_s, normal or usual.normal_s)
    if not intervals.critical_s <= intervals.warning_s <= intervals.normal_s:
        hint = "critical <= warning <= normal: the worse it stands, the oftener somebody looks"
        raise table.error("", "the intervals are not in order", hint=hint)
    return intervals


def _goal(name: str, table: Table) -> Goal:
    target, unit = free_quantity(table, "target", None)
    by = table.value("by")
    if by is not None and not isinstance(by, str) and not hasattr(by, "isoformat"):
        raise table.error("by", "must be a date", hint="write it like by = 2027-01-31")
    phase, reason = table.text("phase"), table.text("reason")
    if target is None:
        raise without_limit(table, "target")
    table.close()
    date = by if isinstance(by, str) else by.isoformat() if by is not None else ""
    return Goal(name, target, unit, phase, date, reason)


def _remarks(rules: tuple[Rule, ...], defaults: Defaults, alerts: tuple[AlertRule, ...]) -> Iterator[str]:
    usual = defaults.allowed_regression if defaults.fail is None else defaults.fail
    for rule in rules:
        looser = isinstance(rule, OperationRule) and rule.metric == "max_increase_pct" and (rule.fail or 0.0) > usual
        if looser and not rule.reason:
            limit = format_percent(rule.fail or 0.0)
            yield f"{rule.name}: {limit} is looser than the usual {format_percent(usual)}, and no reason is given"
    if not rules and not alerts:
        yield "no limit is stated, so nothing is judged"
