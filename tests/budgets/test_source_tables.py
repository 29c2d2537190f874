"""The tables of the source documents, written as budgets: at each limit it holds, and a hair beyond it does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from perftui.analysis.derivations import Derivations
from perftui.analysis.measures import Measures
from perftui.analysis.operation_figures import FEWEST_VALUES, operation_figure
from perftui.budgets.evaluate import Evaluator
from perftui.budgets.load import parse_budget
from perftui.budgets.spec import Budget
from perftui.cli import main
from perftui.errors import ExitCode
from perftui.model.operation import Operation
from perftui.model.reading import ResourceReading
from perftui.model.series import Series, SeriesValues
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import Unit
from tests.budgets.measured_sides import MS, judged, operation, side

LATENCY_MS: Mapping[str, tuple[float, float, float]] = {
    "create": (5, 8, 15),
    "retrieve": (3, 5, 10),
    "semantic_search": (25, 40, 60),
    "batch_create_100": (100, 150, 200),
    "graph_query_100": (20, 30, 50),
    "llm_call": (2000, 3000, 5000),
}
"""Target, p95 and p99 of each operation of the memory service."""
HAIR = 1.001
RESOURCES = """
[resources.rss]
target = "2GB"
limit = "4GB"
[resources.cpu_percent]
target = 50
limit = 80
[resources.disk_write]
target = "100MB"
limit = "200MB"
[metrics.db_connections]
target = 50
limit = 100
"""


def latency_budget(*, judged_too: bool = True) -> str:
    """The table as a budget; the call that depends on others is shown, and judged only where that is asked for."""
    rows = [
        f"{name} = {{ target_ms = {target}, p95_ms = {p95}, p99_ms = {p99}"
        f"{'' if judged_too or name != 'llm_call' else ', gate = false'} }}"
        for name, (target, p95, p99) in LATENCY_MS.items()
    ]
    return "\n".join(["[operations.memory]", *rows])


def values_ms(target: float, p95: float, p99: float) -> list[float]:
    """101 values with this mean and these percentiles, which then are values themselves."""
    rest = (101 * target - 4 * p95 - 2 * p99) / 95
    return [rest] * 95 + [p95] * 4 + [p99] * 2


def service(factor: float = 1.0, *, most: int = 101) -> list[Operation]:
    return [
        operation(f"memory.{name}", [[factor * value * MS for value in values_ms(*row)][-most:]])
        for name, row in LATENCY_MS.items()
    ]


def words(text: str, *operations: Operation) -> dict[str, str]:
    return {rule: found.verdict.value for rule, found in stated(text, *operations).items()}


def stated(text: str, *operations: Operation) -> dict[str, RuleVerdict]:
    """What the limits of a table say; nothing is held against a baseline."""
    found = judged(text, side(*operations))
    return {rule: verdict for rule, verdict in found.items() if verdict.metric != "max_increase_pct"}


def measured_series(measures: Measures, budget: Budget, **levels: float) -> None:
    """Let series of a service stand at levels for two readings."""
    derivations = Derivations(budget.derivations)
    for at_s in (0.0, 1.0):
        read = SeriesValues(at_s, tuple((Series(name, "web"), level) for name, level in levels.items()))
        measures.metrics.take(read)
        derived = derivations.take(read)
        if derived is not None:
            measures.metrics.take(derived)


def test_each_latency_holds_up_to_its_row_and_a_hair_beyond_it_warns_at_the_target_and_fails_at_percentiles() -> None:
    below, above = words(latency_budget(), *service(1 / HAIR)), words(latency_budget(), *service(HAIR))
    assert len(below) == 3 * len(LATENCY_MS)
    assert set(below.values()) == {"pass"}
    for rule, verdict in above.items():
        assert verdict == ("warn" if rule.endswith("target_ms") else "fail"), rule


def test_what_depends_on_others_is_shown_and_not_judged() -> None:
    found = stated(latency_budget(judged_too=False), *service(HAIR))
    shown = {rule for rule, verdict in found.items() if verdict.verdict is Verdict.INFO}
    assert shown == {f"operations.memory.llm_call.{key}_ms" for key in ("target", "p95", "p99")}


@pytest.mark.parametrize(("n", "refused"), [(101, set()), (99, {"p99"}), (20, {"p99"}), (19, {"p95", "p99"})])
def test_percentiles_of_too_few_samples_are_refused_and_never_pass(n: int, refused: set[str]) -> None:
    found = stated(latency_budget(), *service(1 / HAIR, most=n))
    refusals = {
        rule.rsplit(".", 1)[1].removesuffix("_ms"): each for rule, each in found.items() if each.current is None
    }
    assert set(refusals) == refused
    for name, verdict in refusals.items():
        assert verdict.verdict is Verdict.INCONCLUSIVE
        assert verdict.reason == f"n/a (n={n}): {name} takes at least {FEWEST_VALUES[name]} values"


def test_resources_warn_above_the_target_and_fail_above_the_limit() -> None:
    budget = parse_budget(RESOURCES)

    def found(part: float) -> set[str]:
        measures = Measures()
        for at_s in (0.0, 1.0):
            write = part * 2e8
            measures.reading(
                ResourceReading(at_s, cpu_percent=part * 80, rss_bytes=part * 4e9, disk_write_bytes_per_s=write)
            )
        measured_series(measures, budget, db_connections=part * 100)
        verdicts = Evaluator(budget).update(measures, 1.0, final=True)
        assert len(verdicts) == 4
        return {each.verdict.value for each in verdicts}

    assert (found(0.5), found(0.65), found(1.0), found(1.01)) == ({"pass"}, {"warn"}, {"warn"}, {"fail"})


def test_throughput_and_the_number_of_connections_are_lower_limits() -> None:
    text = "[throughput]\nqps = { min = 1000 }\n[metrics.concurrency]\nmin = 1000\n[metrics.websockets]\nmin = 10000"
    budget = parse_budget(text)

    def found(part: float) -> list[str]:
        measures = Measures()
        qps = operation("qps", told={"mean": part * 1000}, unit=Unit.PER_SECOND, lower_is_better=False)
        measures.current = side(qps)
        measured_series(measures, budget, concurrency=part * 1000, websockets=part * 10_000)
        return [each.verdict.value for each in Evaluator(budget).update(measures, 1.0, final=True)]

    assert (found(1.0), found(0.99)) == (["pass"] * 3, ["fail"] * 3)


# The plan that made a batch of 10,000 faster.


def test_a_call_of_25_ms_could_be_made_40_times_a_second_and_15_a_second_is_not_that() -> None:
    calls = operation("api.create", [[17 * MS, 34 * MS, 25 * MS, 24 * MS, 25 * MS]])
    told = {name: operation_figure(calls, name).value for name in ("mean", "min", "max", "throughput")}
    assert told == pytest.approx({"mean": 0.025, "min": 0.017, "max": 0.034, "throughput": 40.0})
    text = "[throughput]\ncreate = { min = 40 }"
    assert words(text, calls)["throughput.create.min"] == "pass"
    measured = operation("api.create", [[1 / 15]])
    assert words(text, measured)["throughput.create.min"] == "fail"


@pytest.mark.parametrize(
    ("seconds", "per_s", "times"), [(10_000 / 12, 12, 1), (100, 100, 8), (20, 500, 40), (2, 5000, 400)]
)
def test_each_phase_has_the_throughput_and_the_speed_up_that_is_written_there(
    seconds: float, per_s: float, times: int
) -> None:
    batch = operation("batch.insert", [[seconds]], work=10_000.0)
    before = operation("batch.insert", [[10_000 / 12]], work=10_000.0)
    throughput, first = (operation_figure(each, "throughput").value for each in (batch, before))
    assert throughput == pytest.approx(per_s)
    assert throughput is not None
    assert first is not None
    # The plan rounds: 100 a second are 8.3 times 12, and 5000 are 417 times.
    assert throughput / first == pytest.approx(times, rel=0.05)
    goals = "\n".join(
        f"[goals.insert]\ntarget_per_s = {goal}\nphase = '{number}'"
        for number, goal in enumerate((100, 500, 5000), 1)
        if goal == per_s
    )
    if goals:
        baseline = side(before, ref="baseline:main")
        reached = judged(goals, side(batch), baseline)["goals.insert"]
        assert reached.reason.startswith("reached; the baseline itself misses the goal (12/s)")
        slower = judged(goals, side(operation("batch.insert", [[seconds * HAIR]], work=10_000.0)), baseline)
        assert slower["goals.insert"].reason.startswith("not reached, 9")


@pytest.mark.parametrize(
    ("failed", "success", "verdict"), [(200, 98.0, "fail"), (50, 99.5, "pass"), (51, 99.49, "fail")]
)
def test_success_goes_from_98_to_99_5_percent_with_what_failed_by_its_kind(
    failed: int, success: float, verdict: str
) -> None:
    errors = {"timeout": failed - 10, "connection": 10}
    batch = operation("batch.insert", [[0.025] * 20], ok=10_000 - failed, failed=failed, errors=errors)
    found = judged("[throughput]\ninsert = { min_success_pct = 99.5 }", side(batch))
    rule = found["throughput.insert.min_success_pct"]
    assert rule.current == pytest.approx(success)
    assert (rule.verdict.value, rule.reason) == (verdict, "n=10000")


@pytest.mark.parametrize(("hits", "verdict"), [(8000, "pass"), (7999, "fail")])
def test_the_cache_answers_at_least_80_percent(hits: int, verdict: str) -> None:
    asked = operation("cache.get", [[0.9e-6] * 20], ok=hits, failed=10_000 - hits)
    text = '[operations.cache]\nget = { max = "1us", min_success_pct = 80 }\n[throughput]\nget = { min = 100_000 }'
    found = words(text, asked)
    assert found["operations.cache.get.min_success_pct"] == verdict
    # A hit takes less than a microsecond, so that there are more than 100,000 of them a second.
    assert (found["operations.cache.get.max"], found["throughput.get.min"]) == ("pass", "pass")


# The same through the command line, from what a tool wrote.


@pytest.mark.parametrize(
    ("factor", "n", "codes"),
    [
        (1 / HAIR, 101, {ExitCode.OK}),
        (HAIR, 101, {ExitCode.FAILED_CHECK}),
        # A percentile that is refused decides nothing; what can be told does.
        (1 / HAIR, 50, {ExitCode.OK}),
    ],
)
def test_check_ends_as_the_table_says(
    factor: float, n: int, codes: set[ExitCode], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    benchmarks = [
        {"name": name, "group": "memory", "fullname": f"test.py::{name}", "stats": _stats(row, factor, n)}
        for name, row in LATENCY_MS.items()
    ]
    result = {"machine_info": {}, "version": "5.1.0", "benchmarks": benchmarks}
    (tmp_path / "result.json").write_text(json.dumps(result), encoding="utf-8")
    (tmp_path / "limits.toml").write_text(latency_budget(judged_too=False), encoding="utf-8")
    sessions = ["--sessions-dir", str(tmp_path)]
    assert main(["ingest", "pytest-benchmark", str(tmp_path / "result.json"), "--name", "s", *sessions]) == 0
    assert main(["check", "s", "--budget", str(tmp_path / "limits.toml"), *sessions]) in codes
    said = capfd.readouterr().out
    assert ("n/a (n=50): p99 takes at least 100 values" in " ".join(said.split())) is (n == 50)
    assert "INFO" in said


def _stats(row: tuple[float, float, float], factor: float, n: int) -> dict[str, object]:
    return {"data": [factor * value * MS for value in values_ms(*row)][-n:], "iterations": 1, "rounds": n}
