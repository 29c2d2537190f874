"""Reads the tables of a budget that give verdicts: resources, functions, operations, throughput."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from perftui.analysis.measures import FunctionSubject
from perftui.budgets.spec import (
    HEAP,
    HEAP_NOTE,
    RESOURCES,
    RSS,
    RSS_NOTE,
    WALL,
    Aggregation,
    FunctionFigure,
    FunctionRule,
    OperationFigureName,
    OperationRule,
    ResourceRule,
    Rule,
    ThroughputRule,
)
from perftui.errors import ConfigError
from perftui.model.reading import METER_BY_METRIC
from perftui.toml.table import Table, dotted, shown, suggestion
from perftui.units import Unit, format_seconds

LONGEST_TIME_S = 86_400.0
MOST_PERCENT = 1e6
# What a limit of an operation may be about: its time, by the figure of the runs.
_TIMES = tuple(map(OperationFigureName, ("mean", "median", "p50", "p90", "p95", "p99", "max")))
_FIGURES: tuple[tuple[str, FunctionFigure, Unit], ...] = (
    ("share", FunctionFigure.SHARE, Unit.PERCENT),
    ("self_share", FunctionFigure.SELF_SHARE, Unit.PERCENT),
    ("self", FunctionFigure.SELF_S, Unit.SECONDS),
    ("total", FunctionFigure.TOTAL_S, Unit.SECONDS),
    ("heap", FunctionFigure.HEAP, Unit.BYTES),
    ("heap_count", FunctionFigure.HEAP_COUNT, Unit.COUNT),
    ("allocated", FunctionFigure.ALLOCATED, Unit.BYTES),
)
_MOST_SECONDS = 1e9
_MOST = 1e15
_NOTES = {RSS: RSS_NOTE, HEAP: HEAP_NOTE}
_AGGREGATION_WORDS = {Aggregation.MAX: "peak", Aggregation.MEAN: "mean", Aggregation.P95: "p95"}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for every operation that says nothing else."""

    allowed_regression: float
    warn: float | None
    fail: float | None


def check_order(
    table: Table,
    warn_key: str,
    fail_key: str,
    warn: float | None,
    fail: float | None,
    unit: Unit,
    *,
    bare: bool = True,
) -> None:
    """Raise where the weaker of two limits lies beyond the stronger one."""
    if warn is not None and fail is not None and warn > fail:
        key, other = table.key_of(warn_key, unit, bare=bare), table.key_of(fail_key, unit, bare=bare)
        raise table.error(key, f"is above {other}, so it would never be seen", hint="swap them")


def judged(table: Table) -> tuple[str, bool]:
    """Return the reason and whether the rule is judged: what every rule may say."""
    reason = table.text("reason")
    informs = table.choice("severity", ("fail", "info"), "fail") == "info"
    return reason, table.flag("gate", default=True) and not informs


# Resources.


def read_resources(resources: Table) -> Iterator[Rule]:
    """Yield a rule for each table of `[resources]`."""
    for name, table in resources.tables():
        metric = RESOURCES.get(name)
        if metric is None:
            known = ", ".join(sorted(set(RESOURCES) - set(RESOURCES.values())))
            others = (
                f"known: {known}, and the metrics of a reading; application metrics stand in [metrics.{shown(name)}]"
            )
            hint = suggestion(name, RESOURCES) or others
            raise resources.error(name, f'there is no resource "{shown(name)}"', hint=hint)
        yield _wall(table) if metric == WALL else _resource(name, metric, table)


def _limits(table: Table, unit: Unit, *, plain: bool) -> tuple[float | None, float | None]:
    target = table.quantity("target", unit, plain=plain)
    limit = table.quantity("limit", unit, plain=plain)
    if target is None and limit is None:
        raise without_limit(table, "target (warns above it) or limit (fails above it)")
    check_order(table, "target", "limit", target, limit, unit)
    return target, limit


def without_limit(table: Table, needed: str) -> ConfigError:
    """Return the complaint that a table holds no limit, or raise the one about its first unknown key."""
    # A misspelt key is the likelier reason, and says more.
    table.close()
    return table.error("", "states no limit", hint=f"give {needed}")


def _resource(name: str, metric: str, table: Table) -> ResourceRule:
    meter = METER_BY_METRIC[metric]
    # A bare number of bytes is a trap, unless the name itself says bytes.
    sized = meter.unit in (Unit.BYTES, Unit.BYTES_PER_SECOND)
    for_s = table.quantity("for", Unit.SECONDS, at_most=LONGEST_TIME_S) or 0.0
    aggregation = Aggregation(table.choice("aggregation", [item.value for item in Aggregation], "max"))
    if for_s and aggregation is not Aggregation.MAX:
        message = f'does not go with aggregation = "{aggregation.value}", which is about the whole run already'
        raise table.error(table.key_of("for", Unit.SECONDS), message, hint='leave one of them out, or write "max"')
    reason, gate = judged(table)
    target, limit = _limits(table, meter.unit, plain=not sized or name == metric)
    table.close()
    label = f"{meter.label} for {_plain(for_s)}" if for_s else f"{_AGGREGATION_WORDS[aggregation]} {meter.label}"
    return ResourceRule(
        name=table.name,
        metric=metric,
        unit=meter.unit,
        warn=target,
        fail=limit,
        reason=reason,
        gate=gate,
        label=label,
        aggregation=aggregation,
        for_s=for_s,
        note=_NOTES.get(metric, ""),
    )


def _plain(seconds: float) -> str:
    # A round number of a file is shown as round as it is.
    return f"{seconds:g} s" if seconds < 100 else format_seconds(seconds)


def _wall(table: Table) -> ResourceRule:
    reason, gate = judged(table)
    target, limit = _limits(table, Unit.SECONDS, plain=True)
    table.close()
    return ResourceRule(table.name, WALL, Unit.SECONDS, target, limit, reason=reason, gate=gate, label="wall time")


# Functions.


def read_functions(functions: Table) -> Iterator[Rule]:
    """Yield a rule for each limit of each table of `[functions]`."""
    for name, table in functions.tables():
        subject = FunctionSubject.parse(name)
        if not subject.function.strip():
            hint = 'write [functions."app/search.py:Index.query"] or [functions."Index.query"]'
            raise functions.error(name, "names no function", hint=hint)
        rules = list(_function_rules(subject, table))
        if not rules:
            raise without_limit(
                table, "max_share_pct, max_self_s, max_total_s, max_heap_mb or their warn_ counterparts"
            )
        table.close()
        yield from rules


def _function_rules(subject: FunctionSubject, table: Table) -> Iterator[Rule]:
    reason, gate = judged(table)
    for base, figure, unit in _FIGURES:
        most = {Unit.PERCENT: 100.0, Unit.SECONDS: _MOST_SECONDS}.get(unit, _MOST)
        plain = unit is not Unit.BYTES
        warn = table.quantity(f"warn_{base}", unit, at_most=most, plain=plain)
        fail = table.quantity(f"max_{base}", unit, at_most=most, plain=plain)
        check_order(table, f"warn_{base}", f"max_{base}", warn, fail, unit)
        if warn is None and fail is None:
            continue
        key = table.key_of(f"warn_{base}" if fail is None else f"max_{base}", unit)
        yield FunctionRule(
            name=f"{table.name}.{key}",
            metric=figure.value,
            unit=unit,
            warn=warn,
            fail=fail,
            reason=reason,
            gate=gate,
            function=subject,
            figure=figure,
        )
    increase = table.quantity("max_increase", Unit.PERCENT, at_most=MOST_PERCENT)
    if increase is not None:
        key = table.key_of("max_increase", Unit.PERCENT)
        yield FunctionRule(
            f"{table.name}.{key}",
            "increase",
            Unit.PERCENT,
            None,
            increase,
            reason=reason,
            gate=gate,
            function=subject,
            figure=FunctionFigure.INCREASE,
        )


# Operations and throughput.


def read_operations(operations: Table, defaults: Defaults) -> Iterator[Rule]:
    """Yield a rule for each limit of each operation; every one has a limit of its increase."""
    for _, group in operations.tables():
        for _, table in group.tables():
            rules = list(_operation_rules(table, defaults))
            table.close()
            yield from rules


def _operation_rules(table: Table, defaults: Defaults) -> Iterator[Rule]:
    operation = dotted(table.path[1:])
    reason, gate = judged(table)
    baseline = table.quantity("baseline", Unit.SECONDS, above_zero=True)
    overhead_of = table.text("overhead_of")
    overhead = table.quantity("max_overhead", Unit.PERCENT, at_most=MOST_PERCENT)
    if bool(overhead_of) != (overhead is not None):
        key = "overhead_of" if overhead_of else table.key_of("max_overhead", Unit.PERCENT)
        missing = "max_overhead_pct" if overhead_of else "overhead_of"
        raise table.error(key, f"needs {missing} beside it", hint='overhead_of = "group.name", max_overhead_pct = 5')
    if overhead_of and overhead_of == operation:
        raise table.error("overhead_of", "is the operation itself", hint="name a sibling that does less")

    def rule(
        key: str, figure: OperationFigureName, unit: Unit, warn: float | None, fail: float | None
    ) -> OperationRule:
        return OperationRule(
            name=f"{table.name}.{key}",
            metric=key,
            unit=unit,
            warn=warn,
            fail=fail,
            reason=reason,
            gate=gate,
            operation=operation,
            baseline=baseline,
            overhead_of=overhead_of,
            figure=figure,
            lower_is_better=figure is not OperationFigureName.SUCCESS,
        )

    of_its_own, warn, fail = _increase_limits(table, defaults)
    increase = rule("max_increase_pct", OperationFigureName.INCREASE, Unit.PERCENT, warn, fail)
    others = list(_limits_of_itself(table, rule))
    if overhead is not None:
        others.insert(0, rule("max_overhead_pct", OperationFigureName.OVERHEAD, Unit.PERCENT, None, overhead))
    is_asked = of_its_own or baseline is not None
    if is_asked or not overhead_of:
        yield replace(increase, asked=is_asked or not others)
    yield from others


def _limits_of_itself(table: Table, rule: Callable[..., OperationRule]) -> Iterator[OperationRule]:
    """Yield the limits of the values themselves: they need nothing to be held against."""
    target = table.quantity("target", Unit.SECONDS, above_zero=True)
    if target is not None:
        yield rule(table.key_of("target", Unit.SECONDS), OperationFigureName.MEAN, Unit.SECONDS, target, None)
    for figure in _TIMES:
        most = table.quantity(figure.value, Unit.SECONDS, above_zero=True)
        if most is not None:
            yield rule(table.key_of(figure.value, Unit.SECONDS), figure, Unit.SECONDS, None, most)
    success = table.quantity("min_success", Unit.PERCENT, at_most=100.0)
    if success is not None:
        yield rule("min_success_pct", OperationFigureName.SUCCESS, Unit.PERCENT, None, success)


def _increase_limits(table: Table, defaults: Defaults) -> tuple[bool, float | None, float | None]:
    """Return whether the operation has limits of its own, and those that warn and fail."""
    own = table.quantity("max_increase", Unit.PERCENT, at_most=MOST_PERCENT)
    warn = table.quantity("warn", Unit.PERCENT, at_most=MOST_PERCENT)
    fail = table.quantity("fail", Unit.PERCENT, at_most=MOST_PERCENT)
    check_order(table, "warn", "fail", warn, fail, Unit.PERCENT)
    if own is not None and fail is not None:
        raise table.error(table.key_of("fail", Unit.PERCENT), "says the same as max_increase_pct", hint="keep one")
    if own is not None:
        check_order(table, "warn", "max_increase", warn, own, Unit.PERCENT)
        return True, warn, own
    if warn is not None or fail is not None:
        return True, warn, fail
    if defaults.warn is not None or defaults.fail is not None:
        return False, defaults.warn, defaults.fail
    return False, None, defaults.allowed_regression


def read_throughput(throughput: Table) -> Iterator[Rule]:
    """Yield the lower limits of `[throughput]`."""
    for name, table in throughput.tables():
        reason, gate = judged(table)
        warn = table.quantity("warn_min", Unit.PER_SECOND)
        least = table.quantity("min", Unit.PER_SECOND)
        check_order(table, "min", "warn_min", least, warn, Unit.PER_SECOND)
        success = table.quantity("min_success", Unit.PERCENT, at_most=100.0)
        if warn is None and least is None and success is None:
            raise without_limit(table, "min, warn_min or min_success_pct")
        table.close()
        if warn is not None or least is not None:
            key = "min" if least is not None else "warn_min"
            yield ThroughputRule(
                f"{table.name}.{key}", key, Unit.PER_SECOND, warn, least, reason=reason, gate=gate, series=name
            )
        if success is not None:
            key = "min_success_pct"
            yield ThroughputRule(
                f"{table.name}.{key}", key, Unit.PERCENT, None, success, reason=reason, gate=gate, series=name
            )
