"""Budget files: the good ones say what they mean, the bad ones what is wrong and where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perftui.analysis.measures import FunctionSubject
from perftui.budgets.load import load_budget, parse_budget
from perftui.budgets.spec import (
    HEAP,
    RESOURCES,
    WALL,
    Aggregation,
    FunctionFigure,
    FunctionRule,
    Gate,
    Intervals,
    MemoryPerTaskRule,
    OperationRule,
    ResourceRule,
    ThroughputRule,
)
from perftui.errors import ConfigError, ExitCode
from perftui.model.alert import ActionKind, AlertAction
from perftui.model.reading import METER_BY_METRIC
from perftui.units import Unit

ROOT = Path(__file__).parents[2]
FIXTURE = ROOT / "tests" / "fixtures" / "performance_budget.toml"


def rule(text: str) -> ResourceRule | FunctionRule | OperationRule | ThroughputRule | MemoryPerTaskRule:
    """The only rule of a budget."""
    (only,) = parse_budget(text).rules
    assert isinstance(only, ResourceRule | FunctionRule | OperationRule | ThroughputRule | MemoryPerTaskRule)
    return only


def test_a_budget_that_another_program_uses_loads_as_it_is() -> None:
    budget = load_budget(FIXTURE)
    limits = {item.name: item.fail for item in budget.rules}
    assert limits == {
        "operations.memory.remember.max_increase_pct": 5,
        "operations.memory.recall.max_increase_pct": 8,
        "operations.memory.hybrid_search.max_increase_pct": 8,
        "operations.storage.set.max_increase_pct": 5,
        "operations.storage.get.max_increase_pct": 5,
        "operations.scheduler.build_dag_100.max_increase_pct": 5,
        "operations.scheduler.build_dag_1000.max_increase_pct": 5,
        "operations.scheduler.execute_dag_parallel.max_increase_pct": 10,
        "operations.trait.dispatch_overhead.max_increase_pct": 10,
        "memory.runtime_peak_mb": 100_000_000,
        "memory.memory_per_task_mb": 500_000,
    }
    baselines = [item.baseline for item in budget.rules if isinstance(item, OperationRule)]
    assert baselines == [0.0025, 0.045, 0.052, 0.0012, 0.0008, 0.012, 0.145, 0.85, 1.15e-06]
    assert budget.allowed_regression == 5.0
    assert len(budget.remarks) == 4
    assert "recall" in budget.remarks[0]
    assert "no reason" in budget.remarks[0]


def test_every_kind_of_rule_loads_from_one_file() -> None:
    budget = load_budget(ROOT / "budgets" / "operations.toml")
    by_name = {item.name: item for item in budget.rules}
    assert [(item.warn, item.fail) for item in budget.rules] == [
        (None, 8.0),
        (None, 0.06),
        (None, 0.062),
        (5.0, 10.0),
        (None, 5.0),
        (None, 1000.0),
        (None, 99.5),
        (None, 1e8),
        (None, 5e5),
        (50.0, 80.0),
        (None, 25.0),
        (None, 10.0),
    ]
    overhead = by_name["operations.dispatch.plugin_call.max_overhead_pct"]
    assert isinstance(overhead, OperationRule)
    assert overhead.overhead_of == "dispatch.direct_call"
    assert by_name["operations.search.recall.p95_ms"].reason == "search may be slower"
    assert (budget.min_runs, budget.on_inconclusive) == (5, Gate.WARN)
    (alert,) = budget.alerts
    assert (alert.series, alert.unit, alert.warn, alert.critical, alert.critical_actions) == (
        "memory_percent",
        Unit.PERCENT,
        80,
        95,
        (AlertAction(ActionKind.SNAPSHOT),),
    )
    assert budget.intervals == Intervals(1.0, 5.0, 30.0)
    (goal,) = budget.goals
    assert (goal.name, goal.target, goal.unit, goal.phase, goal.by) == (
        "nightly_import",
        120.0,
        Unit.SECONDS,
        "two",
        "2027-06-30",
    )
    assert budget.remarks == ()


@pytest.mark.parametrize("path", sorted((ROOT / "budgets").glob("*.toml")), ids=lambda path: path.stem)
def test_every_budget_that_is_shipped_loads_without_a_remark(path: Path) -> None:
    budget = load_budget(path)
    assert budget.rules
    assert budget.remarks == ()
    assert len({item.name for item in budget.rules}) == len(budget.rules)


def test_a_resource_warns_above_its_target_and_fails_above_its_limit() -> None:
    found = rule('[resources.cpu_percent]\ntarget = 50\nlimit = "80%"\nfor = "10s"\nreason = "because"')
    assert isinstance(found, ResourceRule)
    assert (found.name, found.metric, found.unit) == ("resources.cpu_percent", "cpu_percent", Unit.PERCENT)
    assert (found.warn, found.fail, found.for_s, found.reason) == (50.0, 80.0, 10.0, "because")
    assert found.subject == "CPU for 10 s"


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_every_resource_can_be_limited_under_each_of_its_names(name: str) -> None:
    found = rule(
        f'[resources.{name}]\nlimit = "10"' if _is_size(name) is False else f'[resources.{name}]\nlimit = "10kB"'
    )
    assert found.metric == RESOURCES[name]
    assert found.fail == (10_000.0 if _is_size(name) else 10.0)


def _is_size(name: str) -> bool:
    metric = RESOURCES[name]
    return metric != WALL and METER_BY_METRIC[metric].unit in (Unit.BYTES, Unit.BYTES_PER_SECOND)


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ('limit = "2GB"', 2e9),
        ('limit = "2 GiB"', 2.0 * (1 << 30)),
        ("limit_mb = 500", 5e8),
        ("limit_mib = 1.5", 1.5 * (1 << 20)),
        ("limit_gb = 2", 2e9),
        ("limit_kb = 2", 2e3),
        ("limit_bytes = 7", 7.0),
    ],
)
def test_a_size_is_written_as_text_or_with_its_unit_in_the_key(line: str, limit: float) -> None:
    assert rule(f"[resources.rss]\n{line}").fail == limit


def test_a_bare_number_is_a_size_where_the_name_says_bytes() -> None:
    assert rule("[resources.rss_bytes]\nlimit = 500").fail == 500


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("limit = 30", 30),
        ('limit = "1m30s"', 90),
        ("limit_ms = 250", 0.25),
        ("limit_us = 250", 0.00025),
        ("limit_ns = 250", 2.5e-07),
        ("limit_min = 2", 120),
        ("limit_s = 1.5", 1.5),
    ],
)
def test_a_time_is_written_as_text_or_with_its_unit_in_the_key(line: str, seconds: float) -> None:
    assert rule(f"[resources.wall]\n{line}").fail == seconds


@pytest.mark.parametrize(
    ("word", "aggregation"), [("max", Aggregation.MAX), ("mean", Aggregation.MEAN), ("p95", Aggregation.P95)]
)
def test_a_limit_is_about_the_peak_the_mean_or_the_95th_percentile(word: str, aggregation: Aggregation) -> None:
    found = rule(f'[resources.threads]\nlimit = 3\naggregation = "{word}"')
    assert isinstance(found, ResourceRule)
    assert found.aggregation is aggregation


def test_a_function_can_be_limited_by_share_and_by_seconds_each_its_own_rule() -> None:
    budget = parse_budget(
        """
        [functions."app/search.py:Index.query"]
        max_share_pct = 25
        warn_share = "20%"
        max_self_share_pct = 10
        max_self_ms = 1500
        max_total_s = 9
        warn_total_s = 5
        max_increase_pct = 10
        """
    )
    rules = [item for item in budget.rules if isinstance(item, FunctionRule)]
    assert len(rules) == len(budget.rules) == 5
    assert {item.function for item in rules} == {FunctionSubject("Index.query", "app/search.py")}
    table = 'functions."app/search.py:Index.query"'
    assert [(item.name, item.figure, item.unit, item.warn, item.fail) for item in rules] == [
        (f"{table}.max_share_pct", FunctionFigure.SHARE, Unit.PERCENT, 20.0, 25.0),
        (f"{table}.max_self_share_pct", FunctionFigure.SELF_SHARE, Unit.PERCENT, None, 10.0),
        (f"{table}.max_self_ms", FunctionFigure.SELF_S, Unit.SECONDS, None, 1.5),
        (f"{table}.max_total_s", FunctionFigure.TOTAL_S, Unit.SECONDS, 5.0, 9.0),
        (f"{table}.max_increase_pct", FunctionFigure.INCREASE, Unit.PERCENT, None, 10.0),
    ]


def test_the_limit_of_an_increase_comes_from_the_operation_the_file_or_the_usual() -> None:
    text = "[operations.g]\na = {{ baseline_ms = 1, max_increase_pct = 8 }}\nb = {{ baseline_ms = 1 }}\n{}"
    usual = parse_budget(text.format(""))
    assert [(item.warn, item.fail) for item in usual.rules] == [(None, 8.0), (None, 5.0)]
    given = parse_budget(text.format("[performance_budget]\nwarn_pct = 3\nfail_pct = 6"))
    assert [(item.warn, item.fail) for item in given.rules] == [(None, 8.0), (3.0, 6.0)]
    allowed = parse_budget(text.format("[performance_budget]\nallowed_regression = 2"))
    assert [(item.warn, item.fail) for item in allowed.rules] == [(None, 8.0), (None, 2.0)]


def test_memory_may_be_judged_on_the_heap_and_needs_the_tasks_for_a_task() -> None:
    budget = parse_budget('[memory]\nsource = "heap"\nwarn_runtime_peak_mb = 50\nruntime_peak = "100MB"\n')
    (peak,) = budget.rules
    assert (peak.name, peak.metric, peak.warn, peak.fail) == ("memory.runtime_peak", HEAP, 5e7, 1e8)
    per_task = rule("[memory]\nmemory_per_task_mb = 0.5\ntasks = 1000")
    assert isinstance(per_task, MemoryPerTaskRule)
    assert per_task.tasks == 1000


def test_every_limit_of_memory_has_a_twin_that_warns_and_units_in_its_key() -> None:
    text = """
    [memory]
    reason = "small machine"
    warn_memory_per_task_mb = 1
    memory_per_task_mib = 2
    max_allocated = "1GB"
    warn_allocated_mb = 500
    max_allocated_mb_per_s = 5
    warn_allocated_kib_per_s = 1
    max_allocations = "10k"
    warn_allocations_per_s = 200
    max_allocations_per_s = 300
    warn_leaked_mb = 3
    max_growth_mb_per_min = 1
    warn_growth = "500kB/min"
    """
    found = {item.name: item for item in parse_budget(text).rules}
    assert {name: (item.unit, item.warn, item.fail) for name, item in found.items()} == {
        "memory.memory_per_task_mib": (Unit.BYTES, 1e6, 2 * 2**20),
        "memory.max_allocated": (Unit.BYTES, 5e8, 1e9),
        "memory.max_allocations": (Unit.COUNT, None, 10_000),
        "memory.warn_leaked_mb": (Unit.BYTES, 3e6, None),
        "memory.max_allocated_mb_per_s": (Unit.BYTES_PER_SECOND, 1024, 5e6),
        "memory.max_allocations_per_s": (Unit.PER_SECOND, 200, 300),
        "memory.max_growth_mb_per_min": (Unit.BYTES_PER_MINUTE, 5e5, 1e6),
    }
    assert {item.reason for item in found.values()} == {"small machine"}


def test_a_function_may_have_limits_of_memory_beside_those_of_time() -> None:
    text = "max_heap_mb = 5\nwarn_heap_count = '2k'\nmax_allocated = '1GiB'\nwarn_share_pct = 5"
    found = parse_budget(f"[functions.work]\n{text}").rules
    assert [(item.metric, item.unit, item.warn, item.fail) for item in found] == [
        ("share", Unit.PERCENT, 5.0, None),
        ("heap", Unit.BYTES, None, 5e6),
        ("heap_count", Unit.COUNT, 2000, None),
        ("allocated", Unit.BYTES, None, 2**30),
    ]


@pytest.mark.parametrize("line", ["gate = false", 'severity = "info"'])
def test_a_rule_may_be_shown_without_being_judged(line: str) -> None:
    assert rule(f"[resources.threads]\nlimit = 3\n{line}").gate is False


@pytest.mark.parametrize(
    ("line", "unit", "value"),
    [
        ("warn = 500", Unit.COUNT, 500),
        ('warn = "2s"', Unit.SECONDS, 2),
        ('warn = "2MB"', Unit.BYTES, 2e6),
        ('warn = "2MB/s"', Unit.BYTES_PER_SECOND, 2e6),
        ('warn = "40/s"', Unit.PER_SECOND, 40),
        ('warn = "40%"', Unit.PERCENT, 40),
        ("warn_ms = 40", Unit.SECONDS, 0.04),
    ],
)
def test_an_alert_of_a_free_series_has_the_unit_that_it_is_written_in(line: str, unit: Unit, value: float) -> None:
    (alert,) = parse_budget(f'[alerts.queue_size]\n{line}\nfor = "3s"').alerts
    assert (alert.unit, alert.warn, alert.for_s) == (unit, value, 3.0)


def test_a_budget_is_named_by_its_file_unless_it_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "web.toml"
    path.write_text("[resources.threads]\nlimit = 3\n")
    assert load_budget(path).name == "web"
    path.write_text('[performance_budget]\nname = "service"\ndescription = "d"\n[resources.threads]\nlimit = 3\n')
    assert (load_budget(path).name, load_budget(path).description) == ("service", "d")


def test_rules_stand_in_the_order_of_the_file() -> None:
    text = "[resources.threads]\nlimit = 1\n[memory]\nruntime_peak_mb = 1\n[resources.cpu]\nlimit = 1\n"
    assert [item.name for item in parse_budget(text).rules] == [
        "resources.threads",
        "resources.cpu",
        "memory.runtime_peak_mb",
    ]


def test_a_file_may_begin_with_a_byte_order_mark_and_end_its_lines_like_windows(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_bytes(b"\xef\xbb\xbf[resources.threads]\r\nlimit = 3\r\n")
    assert load_budget(path).rules[0].fail == 3


def test_a_budget_without_a_limit_says_so() -> None:
    assert parse_budget("").remarks == ("no limit is stated, so nothing is judged",)


_DEEP = "[" * 500 + "]" * 500
BAD = [
    # text, line, in the place, in the message, in the hint
    ("[resources.cpu_percent\nlimit = 80", 1, "", "not valid TOML", "toml.io"),
    ("[resources.cpu_percent]\nlimit = ", 2, "", "not valid TOML", "toml.io"),
    ("[resources.cpu_percent]\nlimit = 80\nlimit = 90", 3, "", "not valid TOML", ""),
    ("[resources.cpu_percent]\nlimit = 80\n[resources.cpu_percent]\nlimit = 3", 3, "", "not valid TOML", ""),
    ("a = " + _DEEP, 1, "", "nested more than", "flatter"),
    ("\na = " + "{b=" * 200, 2, "", "nested more than", "flatter"),
    (".".join(["k"] * 20_000) + " = 1", 1, "", "key of more than", "flatter"),
    ("[" + ".".join(["k"] * 5_000) + "]", 1, "", "key of more than", "flatter"),
    ("a = " + "9" * 5_000, None, "", "thousands of digits", ""),
    ("[resource.cpu_percent]\nlimit = 80", 1, "resource", 'unknown key "resource" at the top', '"resources"'),
    ("limit = 80", 1, "limit", 'unknown key "limit"', ""),
    ("[resources.cpu_pct]\nlimit = 80", 1, "resources.cpu_pct", 'no resource "cpu_pct"', '"cpu_percent"'),
    ("[resources.warp_factor]\nlimit = 9", 1, "resources.warp_factor", "no resource", "known: "),
    ("[resources.cpu]\nlimti = 80", 2, "resources.cpu.limti", 'unknown key "limti" in [resources.cpu]', '"limit"'),
    ("[resources.cpu]\nlimit = 80\ntraget = 3", 3, "resources.cpu.traget", "unknown key", '"target"'),
    ("[resources.cpu]", 1, "resources.cpu", "states no limit", "target"),
    ('[resources.cpu]\nreason = "x"', 1, "resources.cpu", "states no limit", "target"),
    ("[resources]\ncpu = 80", 2, "resources.cpu", "must be a table, not a number", "[resources.cpu]"),
    ("resources = 3", 1, "resources", "must be a table", "[resources]"),
    ("resources = []", 1, "resources", "must be a table, not a list", ""),
    ("[[resources]]\ncpu = 3", 1, "resources", "must be a table, not a list", ""),
    ("[resources.cpu]\nlimit = true", 2, "resources.cpu.limit", "must be a number, not true or false", ""),
    ("[resources.cpu]\nlimit = [80]", 2, "resources.cpu.limit", "must be a number, not a list", ""),
    ("[resources.cpu]\nlimit = { a = 1 }", 2, "resources.cpu.limit", "must be a number, not a table", ""),
    ("[resources.cpu]\nlimit = 1979-05-27", 2, "resources.cpu.limit", "not a date", ""),
    ("[resources.cpu]\nlimit = -1", 2, "resources.cpu.limit", "must not be negative", ""),
    ("[resources.cpu]\nlimit = nan", 2, "resources.cpu.limit", "must be a finite number", ""),
    ("[resources.cpu]\nlimit = inf", 2, "resources.cpu.limit", "must be a finite number", ""),
    ("[resources.cpu]\nlimit = -inf", 2, "resources.cpu.limit", "must be a finite number", ""),
    ("[resources.cpu]\nlimit = 1e300", 2, "resources.cpu.limit", "must be at most", ""),
    ("[resources.cpu]\nlimit = " + "9" * 400, 2, "resources.cpu.limit", "must be at most", ""),
    ('[resources.cpu]\nlimit = "-5%"', 2, "resources.cpu.limit", "not a quantity", "cannot be negative"),
    ('[resources.cpu]\nlimit = "lots"', 2, "resources.cpu.limit", '"lots" is not a quantity', ""),
    ('[resources.cpu]\nlimit = "5ms"', 2, "resources.cpu.limit", "not a quantity", ""),
    ('[resources.cpu]\nlimit = ""', 2, "resources.cpu.limit", "not a quantity", ""),
    ("[resources.cpu]\ntarget = 90\nlimit = 80", 2, "resources.cpu.target", "is above limit", "swap"),
    ("[resources.rss]\nlimit = 500", 2, "resources.rss.limit", "a number without a unit", '"100MB"'),
    (
        "[resources.rss]\nlimit_mb = 5\nlimit_gb = 1",
        3,
        "resources.rss.limit_gb",
        "says the same as limit_mb",
        "keep one",
    ),
    ("[resources.rss]\nlimit_mb = true", 2, "resources.rss.limit_mb", "must be a number", ""),
    ('[resources.rss]\nlimit_mb = "5s"', 2, "resources.rss.limit_mb", "not a quantity", ""),
    ('[resources.cpu]\nlimit = 3\naggregation = "median"', 3, "resources.cpu.aggregation", "none of", ""),
    ('[resources.cpu]\nlimit = 3\naggregation = "p99"', 3, "resources.cpu.aggregation", "none of", '"p95"'),
    ("[resources.cpu]\nlimit = 3\naggregation = 3", 3, "resources.cpu.aggregation", "must be a string", "quotes"),
    ('[resources.cpu]\nlimit = 3\nfor = "1s"\naggregation = "mean"', 3, "resources.cpu.for", "does not go with", "max"),
    ('[resources.cpu]\nlimit = 3\nfor = "2d"', 3, "resources.cpu.for", "must be at most", ""),
    ('[resources.cpu]\nlimit = 3\ngate = "no"', 3, "resources.cpu.gate", "must be true or false", ""),
    ('[resources.cpu]\nlimit = 3\nseverity = "loud"', 3, "resources.cpu.severity", "none of", ""),
    ('[resources.wall]\nlimit = "5MB"', 2, "resources.wall.limit", "not a quantity", '"5ms"'),
    ("[resources.wall]\nlimit = 3\nfor = 3", 3, "resources.wall.for", "unknown key", ""),
    ('[functions."a.py:"]\nmax_share_pct = 3', 1, 'functions."a.py:"', "names no function", "Index.query"),
    ("[functions.work]", 1, "functions.work", "states no limit", "max_share_pct"),
    ("[functions.work]\nmax_share_pct = 101", 2, "functions.work.max_share_pct", "must be at most 100", ""),
    ("[functions.work]\nmax_shares_pct = 10", 2, "functions.work.max_shares_pct", "unknown key", '"max_share_pct"'),
    ("[functions.work]\nmax_self_s = -2", 2, "functions.work.max_self_s", "must not be negative", ""),
    ("[functions.work]\nwarn_share_pct = 9\nmax_share_pct = 3", 2, "functions.work.warn_share_pct", "is above", ""),
    ("[operations.g]\nop = { baseline_ms = 0 }", 2, "operations.g.op.baseline_ms", "greater than zero", ""),
    ("[operations.g]\nop = { baseline_ms = 1, baseline_ns = 2 }", 2, "operations.g.op.baseline_", "says the same", ""),
    ("[operations.g]\nop = 5", 2, "operations.g.op", "must be a table", ""),
    ("[operations.g]\nop = { overhead_of = 'g.x' }", 2, "operations.g.op.overhead_of", "needs max_overhead_pct", ""),
    ("[operations.g]\nop = { max_overhead_pct = 3 }", 2, "operations.g.op.max_overhead_pct", "needs overhead_of", ""),
    ("[operations.g]\nop = { max_increase_pct = 3, fail_pct = 4 }", 2, "operations.g.op.fail_pct", "the same", ""),
    ("[operations.g]\nop = { p42_ms = 3 }", 2, "operations.g.op.p42_ms", "unknown key", "did you mean"),
    ("[throughput]\nqps = { max = 3 }", 2, "throughput.qps.max", "unknown key", ""),
    ("[throughput]\nqps = { min = 3, warn_min = 2 }", 2, "throughput.qps.min", "is above warn_min", ""),
    ("[throughput]\nqps = { min_success_pct = 100.5 }", 2, "throughput.qps.min_success_pct", "at most 100", ""),
    ('[memory]\nruntime_peak = "100"', 2, "memory.runtime_peak", "without a unit", "runtime_peak"),
    ('[memory]\nruntime_peak_mb = "100"', 2, "memory.runtime_peak_mb", "a number in quotes", "without quotes"),
    ('[memory]\nruntime_peak_mb = "x"', 2, "memory.runtime_peak_mb", "not a quantity", "the key runtime_peak_gb"),
    ('[functions.work]\nmax_total_ms = "5"', 2, "functions.work.max_total_ms", "a number in quotes", ""),
    ("[memory]\nruntime_peak = 100", 2, "memory.runtime_peak", "without a unit", "runtime_peak"),
    ("[memory]\nruntime_peek_mb = 100", 2, "memory.runtime_peek_mb", "unknown key", '"runtime_peak_mb"'),
    ("[memory]\nmax_allocated = 100", 2, "memory.max_allocated", "without a unit", '"100MB"'),
    ("[memory]\nmax_growth = '1MB'", 2, "memory.max_growth", "is not a quantity", '"1MB/min"'),
    ("[memory]\nmax_growth_mb = 1", 2, "memory.max_growth_mb", "unknown key", '"max_growth"'),
    ("[memory]\nmax_leaked_mb = -1", 2, "memory.max_leaked_mb", "must not be negative", ""),
    ("[memory]\nsource = 'uss'", 2, "memory.source", "none of", ""),
    (
        "[memory]\nmax_allocated = '1GB'\nwarn_allocated_mb_per_s = 9\nmax_allocated_mb_per_s = 3",
        3,
        "memory.warn_allocated_mb_per_s",
        "is above max_allocated_mb_per_s",
        "",
    ),
    ("[functions.work]\nmax_heap = 5", 2, "functions.work.max_heap", "without a unit", '"100MB"'),
    ("[memory]\nmemory_per_task_mb = 1\ntasks = 0", 3, "memory.tasks", "greater than zero", ""),
    ("[memory]\nmemory_per_task_mb = 1\ntasks = 1.5", 3, "memory.tasks", "whole number", ""),
    ("[performance_budget]\nallowed_regression = '5 apples'", 2, "allowed_regression", "not a quantity", ""),
    ("[performance_budget]\nmin_runs = 0", 2, "performance_budget.min_runs", "greater than zero", ""),
    ("[performance_budget]\non_inconclusive = 'maybe'", 2, "on_inconclusive", "none of", ""),
    ("[performance_budget]\nwarn_pct = 9\nfail_pct = 3", 2, "performance_budget.warn_pct", "is above fail_pct", ""),
    ("[alerts.memory_percent]\nwarn = 95\ncritical = 80", 2, "alerts.memory_percent.warn", "is above", ""),
    ("[alerts.queue]\nwarn = '2s'\ncritical = '3MB'", 3, "alerts.queue.critical", "another unit", ""),
    ("[alerts.queue]", 1, "alerts.queue", "states no limit", ""),
    ("[intervals]\ncritical = 50", 1, "intervals", "not in order", "critical <= warning"),
    ('[intervals]\ncritical = "1ms"', 2, "critical", "below 100 ms", "1s is usual"),
    ("[intervals]\nnormal = 0", 2, "intervals.normal", "greater than zero", ""),
    ("[goals.x]\nby = 'soon'", 1, "goals.x", "states no limit", ""),
    ("[goals.x]\ntarget = 1\nby = 3", 3, "goals.x.by", "must be a date", ""),
]


@pytest.mark.parametrize(("text", "line", "place", "message", "hint"), BAD, ids=range(len(BAD)))
def test_a_broken_budget_says_what_is_wrong_and_where(
    text: str, line: int | None, place: str, message: str, hint: str, tmp_path: Path
) -> None:
    path = tmp_path / "b.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_budget(path)
    error = caught.value
    assert (error.place.file, error.place.line) == (path, line)
    assert place in str(error.place)
    assert message in error.message
    assert hint in error.hint
    assert str(path) in error.message
    assert error.exit_code is ExitCode.USAGE
    assert len(error.message) < 300 + len(str(path))
    assert "\n" not in error.message + error.hint


def test_a_key_with_an_escape_sequence_is_shown_harmless() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_budget('"\\u001b[2J\\u202e" = 1')
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[resources.cpu]\nlimit = 3\n".encode("utf-16"), "is not UTF-8 text"),
        ("[resources.cpu]\nlimit = 3\n".encode("utf-16-le"), "is not UTF-8 text"),
        (b"a = 1\nb = '\xff'\n", "is not UTF-8 text"),
        (b"# " + b"x" * (256 * 1024), "is larger than 256 KiB"),
    ],
)
def test_a_file_that_is_no_text_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load_budget(path)


def test_a_wrong_byte_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(ConfigError) as caught:
        load_budget(path)
    assert caught.value.place.line == 2


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, message in (
        ("", "this is a directory"),
        ("missing.toml", "there is no such file"),
        ("pipe", "not a regular file"),
        ("x" * 5_000, "cannot be read"),
        ("nul\0", "cannot be read"),
    ):
        with pytest.raises(ConfigError, match=message):
            load_budget(tmp_path / name)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.toml"
    path.write_text("")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
        load_budget(path)
