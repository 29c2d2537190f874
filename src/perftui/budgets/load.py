"""Reads budget files; whatever is wrong with one is said with file, line, table and key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import tomli

from perftui.analysis.measures import FunctionSubject
from perftui.budgets.spec import (
    RESOURCES,
    WALL,
    Aggregation,
    Alert,
    Budget,
    FunctionFigure,
    FunctionRule,
    Gate,
    Goal,
    Intervals,
    MemoryPerTaskRule,
    OperationRule,
    ResourceRule,
    Rule,
    ThroughputRule,
)
from perftui.model.reading import METER_BY_METRIC
from perftui.toml.table import Table, dotted, parse_document, read_document, shown, suggestion
from perftui.units import Unit, format_percent, format_seconds

HEAP = "heap_bytes"
"""The metric of a memory limit with `source = "heap"`."""
RSS_NOTE = "judged on RSS, the system's figure, not on the heap"

_DAY_S = 86_400.0
_MOST_PERCENT = 1e6
_MOST_RUNS = 10_000
_MOST_TASKS = 10**12
# What a limit of an operation may be about: its time, by the figure of the runs.
_TIMES = ("mean", "median", "p50", "p90", "p95", "p99", "max")
_FIGURES: tuple[tuple[str, FunctionFigure, Unit], ...] = (
    ("share", FunctionFigure.SHARE, Unit.PERCENT),
    ("self_share", FunctionFigure.SELF_SHARE, Unit.PERCENT),
    ("self", FunctionFigure.SELF_S, Unit.SECONDS),
    ("total", FunctionFigure.TOTAL_S, Unit.SECONDS),
)
# In this order; what ends otherwise is a time.
_UNIT_ENDINGS = (("%", Unit.PERCENT), ("b/s", Unit.BYTES_PER_SECOND), ("/s", Unit.PER_SECOND), ("b", Unit.BYTES))
_AGGREGATION_WORDS = {Aggregation.MAX: "peak", Aggregation.MEAN: "mean", Aggregation.P95: "p95"}


def load_budget(path: Path) -> Budget:
    """Read a budget file; raises `ConfigError`."""
    return _budget(read_document(path, tomli.loads))


def parse_budget(text: str, path: Path = Path("budget.toml")) -> Budget:
    """Read the text of a budget; `path` is named in what is raised."""
    return _budget(parse_document(text, path, tomli.loads))


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What holds for every operation that says nothing else."""

    allowed_regression: float
    warn: float | None
    fail: float | None


def _budget(top: Table) -> Budget:
    head = top.table("performance_budget")
    defaults = _defaults(head)
    name = head.text("name") or top.file.stem
    description = head.text("description")
    min_runs = head.whole("min_runs", above_zero=True, at_most=_MOST_RUNS) or 1
    on_inconclusive = Gate(head.choice("on_inconclusive", [gate.value for gate in Gate], Gate.WARN.value))
    head.close()
    rooms: dict[str, Callable[[Table], Iterator[Rule]]] = {
        "operations": lambda table: _operations(table, defaults),
        "throughput": _throughput,
        "memory": _memory,
        "resources": _resources,
        "functions": _functions,
    }
    tables = {key: top.table(key) for key in rooms}
    alerts = tuple(_alert(key, table) for key, table in top.table("alerts").tables())
    intervals = _intervals(top.table("intervals"))
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
        remarks=tuple(_remarks(rules, defaults)),
    )


def _defaults(head: Table) -> _Defaults:
    allowed = head.quantity("allowed_regression", Unit.PERCENT, at_most=_MOST_PERCENT)
    warn = head.quantity("warn", Unit.PERCENT, at_most=_MOST_PERCENT)
    fail = head.quantity("fail", Unit.PERCENT, at_most=_MOST_PERCENT)
    _check_order(head, "warn", "fail", warn, fail, Unit.PERCENT)
    return _Defaults(5.0 if allowed is None else allowed, warn, fail)


def _check_order(
    table: Table, warn_key: str, fail_key: str, warn: float | None, fail: float | None, unit: Unit
) -> None:
    if warn is not None and fail is not None and warn > fail:
        key = table.key_of(warn_key, unit)
        raise table.error(key, f"is above {table.key_of(fail_key, unit)}, so it would never be seen", hint="swap them")


def _judged(table: Table) -> tuple[str, bool]:
    """Return the reason and whether the rule is judged: what every rule may say."""
    reason = table.text("reason")
    informs = table.choice("severity", ("fail", "info"), "fail") == "info"
    return reason, table.flag("gate", default=True) and not informs


# Resources and memory.


def _resources(resources: Table) -> Iterator[Rule]:
    for name, table in resources.tables():
        metric = RESOURCES.get(name)
        if metric is None:
            known = ", ".join(sorted(set(RESOURCES) - set(RESOURCES.values())))
            hint = suggestion(name, RESOURCES) or f"known: {known}, and the metrics of a reading"
            raise resources.error(name, f'there is no resource "{shown(name)}"', hint=hint)
        yield _wall(table) if metric == WALL else _resource(name, metric, table)


def _limits(table: Table, unit: Unit, *, plain: bool) -> tuple[float | None, float | None]:
    target = table.quantity("target", unit, plain=plain)
    limit = table.quantity("limit", unit, plain=plain)
    if target is None and limit is None:
        raise _without_limit(table, "target (warns above it) or limit (fails above it)")
    _check_order(table, "target", "limit", target, limit, unit)
    return target, limit


def _without_limit(table: Table, needed: str) -> Exception:
    # A misspelt key is the likelier reason, and says more.
    table.close()
    return table.error("", "states no limit", hint=f"give {needed}")


def _resource(name: str, metric: str, table: Table) -> ResourceRule:
    meter = METER_BY_METRIC[metric]
    # A bare number of bytes is a trap, unless the name itself says bytes.
    sized = meter.unit in (Unit.BYTES, Unit.BYTES_PER_SECOND)
    for_s = table.quantity("for", Unit.SECONDS, at_most=_DAY_S) or 0.0
    aggregation = Aggregation(table.choice("aggregation", [item.value for item in Aggregation], "max"))
    if for_s and aggregation is not Aggregation.MAX:
        message = f'does not go with aggregation = "{aggregation.value}", which is about the whole run already'
        raise table.error(table.key_of("for", Unit.SECONDS), message, hint='leave one of them out, or write "max"')
    reason, gate = _judged(table)
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
    )


def _plain(seconds: float) -> str:
    # A round number of a file is shown as round as it is.
    return f"{seconds:g} s" if seconds < 100 else format_seconds(seconds)


def _wall(table: Table) -> ResourceRule:
    reason, gate = _judged(table)
    target, limit = _limits(table, Unit.SECONDS, plain=True)
    table.close()
    return ResourceRule(table.name, WALL, Unit.SECONDS, target, limit, reason=reason, gate=gate, label="wall time")


def _memory(table: Table) -> Iterator[Rule]:
    reason, gate = _judged(table)
    from_heap = table.choice("source", ("rss", "heap"), "rss") == "heap"
    warn = table.quantity("warn_runtime_peak", Unit.BYTES, plain=False)
    peak = table.quantity("runtime_peak", Unit.BYTES, plain=False)
    _check_order(table, "warn_runtime_peak", "runtime_peak", warn, peak, Unit.BYTES)
    per_task = table.quantity("memory_per_task", Unit.BYTES, plain=False)
    tasks = table.whole("tasks", above_zero=True, at_most=_MOST_TASKS)
    table.close()
    if warn is not None or peak is not None:
        base = "runtime_peak" if peak is not None else "warn_runtime_peak"
        yield ResourceRule(
            name=f"{table.name}.{table.key_of(base, Unit.BYTES)}",
            metric=HEAP if from_heap else "rss_bytes",
            unit=Unit.BYTES,
            warn=warn,
            fail=peak,
            reason=reason,
            gate=gate,
            label="peak heap" if from_heap else "peak memory",
            note="" if from_heap else RSS_NOTE,
        )
    if per_task is not None:
        name = f"{table.name}.{table.key_of('memory_per_task', Unit.BYTES)}"
        yield MemoryPerTaskRule(
            name, "memory_per_task", Unit.BYTES, None, per_task, reason=reason, gate=gate, tasks=tasks
        )


# Functions.


def _functions(functions: Table) -> Iterator[Rule]:
    for name, table in functions.tables():
        subject = FunctionSubject.parse(name)
        if not subject.function.strip():
            hint = 'write [functions."app/search.py:Index.query"] or [functions."Index.query"]'
            raise functions.error(name, "names no function", hint=hint)
        rules = list(_function_rules(subject, table))
        if not rules:
            raise _without_limit(table, "max_share_pct, max_self_s, max_total_s or their warn_ counterparts")
        table.close()
        yield from rules


def _function_rules(subject: FunctionSubject, table: Table) -> Iterator[Rule]:
    reason, gate = _judged(table)
    for base, figure, unit in _FIGURES:
        most = 100.0 if unit is Unit.PERCENT else 1e9
        warn = table.quantity(f"warn_{base}", unit, at_most=most)
        fail = table.quantity(f"max_{base}", unit, at_most=most)
        _check_order(table, f"warn_{base}", f"max_{base}", warn, fail, unit)
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
    increase = table.quantity("max_increase", Unit.PERCENT, at_most=_MOST_PERCENT)
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


def _operations(operations: Table, defaults: _Defaults) -> Iterator[Rule]:
    for _, group in operations.tables():
        for _, table in group.tables():
            rules = list(_operation_rules(table, defaults))
            table.close()
            yield from rules


def _operation_rules(table: Table, defaults: _Defaults) -> Iterator[Rule]:
    operation = dotted(table.path[1:])
    reason, gate = _judged(table)
    baseline = table.quantity("baseline", Unit.SECONDS, above_zero=True)
    overhead_of = table.text("overhead_of")
    overhead = table.quantity("max_overhead", Unit.PERCENT, at_most=_MOST_PERCENT)
    if bool(overhead_of) != (overhead is not None):
        key = "overhead_of" if overhead_of else table.key_of("max_overhead", Unit.PERCENT)
        missing = "max_overhead_pct" if overhead_of else "overhead_of"
        raise table.error(key, f"needs {missing} beside it", hint='overhead_of = "group.name", max_overhead_pct = 5')

    def rule(key: str, unit: Unit, warn: float | None, fail: float | None, *, lower: bool = True) -> OperationRule:
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
            lower_is_better=lower,
        )

    warn, fail = _increase_limits(table, defaults)
    if not overhead_of or baseline is not None or "max_increase_pct" in table:
        yield rule("max_increase_pct", Unit.PERCENT, warn, fail)
    if overhead is not None:
        yield rule("max_overhead_pct", Unit.PERCENT, None, overhead)
    target = table.quantity("target", Unit.SECONDS, above_zero=True)
    if target is not None:
        yield rule(table.key_of("target", Unit.SECONDS), Unit.SECONDS, target, None)
    for figure in _TIMES:
        most = table.quantity(figure, Unit.SECONDS, above_zero=True)
        if most is not None:
            yield rule(table.key_of(figure, Unit.SECONDS), Unit.SECONDS, None, most)
    success = table.quantity("min_success", Unit.PERCENT, at_most=100.0)
    if success is not None:
        yield rule("min_success_pct", Unit.PERCENT, None, success, lower=False)


def _increase_limits(table: Table, defaults: _Defaults) -> tuple[float | None, float | None]:
    own = table.quantity("max_increase", Unit.PERCENT, at_most=_MOST_PERCENT)
    warn = table.quantity("warn", Unit.PERCENT, at_most=_MOST_PERCENT)
    fail = table.quantity("fail", Unit.PERCENT, at_most=_MOST_PERCENT)
    _check_order(table, "warn", "fail", warn, fail, Unit.PERCENT)
    if own is not None and fail is not None:
        raise table.error(table.key_of("fail", Unit.PERCENT), "says the same as max_increase_pct", hint="keep one")
    if own is not None:
        _check_order(table, "warn", "max_increase", warn, own, Unit.PERCENT)
        return warn, own
    if warn is None and fail is None:
        warn, fail = defaults.warn, defaults.fail
    return (warn, fail) if warn is not None or fail is not None else (None, defaults.allowed_regression)


def _throughput(throughput: Table) -> Iterator[Rule]:
    for name, table in throughput.tables():
        reason, gate = _judged(table)
        warn = table.quantity("warn_min", Unit.PER_SECOND)
        least = table.quantity("min", Unit.PER_SECOND)
        _check_order(table, "min", "warn_min", least, warn, Unit.PER_SECOND)
        success = table.quantity("min_success", Unit.PERCENT, at_most=100.0)
        if warn is None and least is None and success is None:
            raise _without_limit(table, "min, warn_min or min_success_pct")
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


# What gives no verdict.


def _alert(series: str, table: Table) -> Alert:
    metric = RESOURCES.get(series)
    known = METER_BY_METRIC[metric].unit if metric in METER_BY_METRIC else None
    warn, unit = _free_quantity(table, "warn", known)
    critical, critical_unit = _free_quantity(table, "critical", known)
    if warn is not None and critical is not None and unit is not critical_unit:
        raise table.error("critical", "is in another unit than warn", hint="write both in the same unit")
    _check_order(table, "warn", "critical", warn, critical, unit)
    for_s = table.quantity("for", Unit.SECONDS, at_most=_DAY_S) or 0.0
    action = table.text("action")
    table.text("reason")
    if warn is None and critical is None:
        raise _without_limit(table, "warn or critical")
    table.close()
    return Alert(series, unit if warn is not None else critical_unit, warn, critical, for_s, action)


def _free_quantity(table: Table, base: str, known: Unit | None) -> tuple[float | None, Unit]:
    """Return a quantity whose unit only its own writing tells, unless it is known."""
    if known is not None:
        return table.quantity(base, known), known
    for unit in (Unit.SECONDS, Unit.BYTES, Unit.BYTES_PER_SECOND, Unit.PERCENT, Unit.PER_SECOND):
        if table.key_of(base, unit) != base:
            return table.quantity(base, unit), unit
    value = table.value(base)
    if isinstance(value, str):
        endings = ((ending, unit) for ending, unit in _UNIT_ENDINGS if value.strip().lower().endswith(ending))
        _, unit = next(endings, ("", Unit.SECONDS))
        return table.quantity(base, unit), unit
    return table.number(base), Unit.COUNT


def _intervals(table: Table) -> Intervals:
    usual = Intervals()
    critical = table.quantity("critical", Unit.SECONDS, above_zero=True, at_most=_DAY_S)
    warning = table.quantity("warning", Unit.SECONDS, above_zero=True, at_most=_DAY_S)
    normal = table.quantity("normal", Unit.SECONDS, above_zero=True, at_most=_DAY_S)
    table.close()
    intervals = Intervals(critical or usual.critical_s, warning or usual.warning_s, normal or usual.normal_s)
    if not intervals.critical_s <= intervals.warning_s <= intervals.normal_s:
        hint = "critical <= warning <= normal: the worse it stands, the oftener somebody looks"
        raise table.error("", "the intervals are not in order", hint=hint)
    return intervals


def _goal(name: str, table: Table) -> Goal:
    target, unit = _free_quantity(table, "target", None)
    by = table.value("by")
    if by is not None and not isinstance(by, str) and not hasattr(by, "isoformat"):
        raise table.error("by", "must be a date", hint="write it like by = 2027-01-31")
    phase = table.text("phase")
    table.text("reason")
    if target is None:
        raise _without_limit(table, "target")
    table.close()
    return Goal(name, target, unit, phase, by if isinstance(by, str) else by.isoformat() if by is not None else "")


def _remarks(rules: tuple[Rule, ...], defaults: _Defaults) -> Iterator[str]:
    usual = defaults.allowed_regression if defaults.fail is None else defaults.fail
    for rule in rules:
        looser = isinstance(rule, OperationRule) and rule.metric == "max_increase_pct" and (rule.fail or 0.0) > usual
        if looser and not rule.reason:
            limit = format_percent(rule.fail or 0.0)
            yield f"{rule.name}: {limit} is looser than the usual {format_percent(usual)}, and no reason is given"
    if not rules:
        yield "no limit is stated, so nothing is judged"
