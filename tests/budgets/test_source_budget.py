"""The source document's own budget with its own figures: at, below and above every limit, and its contradictions."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.analysis.measures import Measures
from perftui.budgets.evaluate import Evaluator
from perftui.budgets.gate import Strictness
from perftui.budgets.load import load_budget, parse_budget
from perftui.model.reading import ResourceReading
from perftui.model.run_figures import RunFigures
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.check import Check, CheckedSide
from perftui.reports.check_sheet import check_sheet
from tests.budgets.measured_sides import judged, operation, side
from tests.budgets.source_document import ALLOWED_PCT, BASELINE_S, five_runs, one_run
from tests.budgets.test_load import FIXTURE

BUDGET = load_budget(FIXTURE)
REFERENCE = Path(__file__).parent / "reference_budget.toml"


def increases(current: RunFigures, baseline: RunFigures | None = None) -> dict[str, RuleVerdict]:
    """The verdicts on the operations, by their names."""
    measures = Measures()
    measures.current = current
    found = Evaluator(BUDGET, baseline=baseline).update(measures, 1.0, final=True)
    return {
        verdict.rule.removeprefix("operations.").removesuffix(".max_increase_pct"): verdict
        for verdict in found
        if verdict.metric == "max_increase_pct"
    }


@pytest.mark.parametrize("operation_name", BASELINE_S)
@pytest.mark.parametrize(("beyond", "verdict"), [(-0.01, "pass"), (0.0, "pass"), (0.01, "fail")])
def test_each_operation_holds_up_to_its_limit_and_not_beyond(operation_name: str, beyond: float, verdict: str) -> None:
    allowed = ALLOWED_PCT[operation_name]
    found = increases(one_run({operation_name: allowed + beyond}))[operation_name]
    held = found.held_against
    assert held is not None
    assert (found.verdict.value, found.fail) == (verdict, allowed)
    assert found.current == pytest.approx(allowed + beyond)
    assert held.ref == "budget file"
    assert held.value == pytest.approx(BASELINE_S[operation_name], rel=1e-12)
    assert held.current == pytest.approx(BASELINE_S[operation_name] * (1 + (allowed + beyond) / 100))


def test_stored_runs_of_the_baseline_are_held_against_in_place_of_the_numbers() -> None:
    baseline = five_runs(0.0, "baseline:v1.1.5")
    same, slower = (increases(five_runs(pct, "@latest"), baseline) for pct in (0.0, 15.0))
    assert {verdict.verdict for verdict in same.values()} == {Verdict.PASS}
    assert {verdict.verdict for verdict in slower.values()} == {Verdict.FAIL}
    assert {verdict.held_against and verdict.held_against.ref for verdict in slower.values()} == {"baseline:v1.1.5"}


def test_its_table_and_its_summary_are_the_ones_of_the_source() -> None:
    current = one_run(dict.fromkeys(BASELINE_S, 0.0) | {"memory.remember": 6.0, "memory.recall": 8.0})
    verdicts = tuple(verdict for verdict in increases(current).values())
    sheet = check_sheet(Check(BUDGET, CheckedSide("@latest"), verdicts, strictness=Strictness()))
    table = sheet.tables[0]
    headings = [column.heading for column in table.columns]
    assert [name for name in headings if name not in ("95 %", "p", "n", "verdict")] == [
        "operation",
        headings[1],
        "current",
        "change",
        "budget",
    ]
    rows = {row.cells[0]: dict(zip(headings, row.cells, strict=True)) for row in table.rows}
    assert [rows["memory.remember"][name] for name in (headings[1], "current", "change", "budget", "verdict")] == [
        "2.50 ms",
        "2.65 ms",
        "+6.0 %",
        "≤ +5.0 %",
        "FAIL",
    ]
    assert rows["memory.recall"]["verdict"] == "PASS"
    assert table.rows[0].cells[0] == "memory.remember"
    assert sheet.summary == "Summary: 8/9 within budget (1 failed)"


def test_a_value_that_is_beyond_its_limit_by_a_hair_is_not_shown_as_if_it_were_at_it() -> None:
    verdicts = increases(one_run({"memory.remember": 5.01, "memory.recall": 8.0, "storage.set": 6.0}))
    sheet = check_sheet(Check(BUDGET, CheckedSide("@latest"), tuple(verdicts.values()), strictness=Strictness()))
    told = {row.cells[0]: row.told for row in sheet.tables[0].rows}
    assert told == {"memory.remember": "0.2 % beyond its limit", "memory.recall": "", "storage.set": ""}


def test_its_memory_is_judged_beside_its_operations() -> None:
    measures = Measures()
    measures.current = side(operation("a.work", [[1.0]], ok=100))
    for at_s, rss in ((0.0, 5e7), (1.0, 1.01e8)):
        measures.reading(ResourceReading(at_s, rss_bytes=rss))
    found = {verdict.rule: verdict for verdict in Evaluator(BUDGET).update(measures, 1.0, final=True)}
    assert found["memory.runtime_peak_mb"].verdict is Verdict.FAIL
    assert found["memory.memory_per_task_mb"].verdict is Verdict.FAIL
    assert found["memory.memory_per_task_mb"].current == pytest.approx(5.1e5)


# Its contradictions.


def test_a_goal_and_a_budget_are_two_things_and_both_are_said() -> None:
    text = """
    [operations.trait]
    dispatch_overhead = { overhead_of = "trait.concrete_call", max_overhead_pct = 10 }
    [goals."trait.dispatch_overhead"]
    target_ns = 1207.5
    reason = "less than 5 % over a concrete call"
    """
    current = side(
        operation("trait.concrete_call", [[1150e-9] * 6]), operation("trait.dispatch_overhead", [[1220e-9] * 6])
    )
    found = judged(text, current)
    overhead = found["operations.trait.dispatch_overhead.max_overhead_pct"]
    goal = found["goals.trait.dispatch_overhead"]
    assert overhead.verdict is Verdict.PASS
    assert overhead.current == pytest.approx(6.0869565)
    assert (goal.verdict, goal.reason) == (Verdict.INFO, "not reached; less than 5 % over a concrete call")


def test_the_limits_of_the_file_hold_whatever_is_written_elsewhere() -> None:
    assert {rule.name.split(".")[2]: rule.fail for rule in BUDGET.rules[:3]} == {
        "remember": 5.0,
        "recall": 8.0,
        "hybrid_search": 8.0,
    }


def test_a_goal_that_the_baseline_misses_itself_is_said_beside_a_budget_that_holds() -> None:
    text = """
    [operations.scheduler]
    build_dag_1000 = { max_increase_pct = 5, baseline_ms = 145 }
    [goals."scheduler.build_dag_1000"]
    target_ms = 50
    phase = "2"
    by = 2027-01-31
    """
    found = judged(text, side(operation("scheduler.build_dag_1000", [[0.140]])))
    goal = found["goals.scheduler.build_dag_1000"]
    assert found["operations.scheduler.build_dag_1000.max_increase_pct"].verdict is Verdict.PASS
    assert (goal.verdict, goal.current, goal.warn, goal.fail) == (Verdict.INFO, 0.140, 0.05, None)
    assert goal.reason.split("; ") == [
        "not reached, 5.3 % of the way from the baseline",
        "the baseline itself misses the goal (145 ms)",
        "phase 2",
        "by 2027-01-31",
    ]


def test_what_has_no_budget_and_what_has_no_measurement_is_listed() -> None:
    current = one_run({key: 0.0 for key in BASELINE_S if key != "scheduler.execute_dag_parallel"})
    extra = operation("storage.batch_set[100]", [[85e-3]])
    measures = Measures()
    measures.current = side(*current.operations.values(), extra)
    found = {verdict.rule: verdict for verdict in Evaluator(BUDGET).update(measures, 1.0, final=True)}
    assert found["operations.scheduler.execute_dag_parallel.max_increase_pct"].verdict is Verdict.MISSING
    unbudgeted = [verdict.subject for verdict in found.values() if verdict.verdict is Verdict.UNBUDGETED]
    assert unbudgeted == ["storage.batch_set[100]"]


def test_numbers_in_two_units_are_one_unit_inside() -> None:
    text = "[operations.a]\none = { baseline_ms = 0.00115 }\nother = { baseline_ns = 1150 }"
    current = side(operation("a.one", [[1150e-9]]), operation("a.other", [[1150e-9]]))
    found = judged(text, current)
    assert [verdict.current for verdict in found.values()] == [0.0, 0.0]


def test_the_reference_budget_is_judged_as_a_whole() -> None:
    budget = load_budget(REFERENCE)
    assert (budget.min_runs, budget.on_inconclusive.value) == (5, "warn")
    current = side(
        operation("memory.recall", [[0.047] * 20 for _ in range(5)]),
        operation("trait.concrete_call", [[1.15e-6] * 20 for _ in range(5)]),
        operation("trait.trait_object_call", [[1.19e-6] * 20 for _ in range(5)]),
        operation("qps", [[1 / 990]], ok=999, failed=1),
        runs=5,
    )
    found = judged(REFERENCE.read_text(), current)
    words = {rule: verdict.verdict.value for rule, verdict in found.items()}
    assert words == {
        "operations.memory.recall.max_increase_pct": "pass",
        "operations.memory.recall.p95_ms": "pass",
        "operations.memory.recall.p99_ms": "pass",
        "operations.trait.trait_object_call.max_overhead_pct": "pass",
        "throughput.qps.min": "fail",
        "throughput.qps.min_success_pct": "pass",
        "memory.runtime_peak_mb": "missing",
        "memory.memory_per_task_mb": "missing",
        "resources.cpu_percent": "missing",
        'functions."app/search.py:Index.query".max_share_pct': "missing",
        'functions."app/search.py:Index.query".max_increase_pct': "missing",
    }
    assert found["operations.memory.recall.max_increase_pct"].reason == "search may be slower"
    assert parse_budget(REFERENCE.read_text()).rules
