"""Limits of operations: figures, siblings, success, throughput, and increases over a baseline."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.measures import Measures
from perftui.budgets.evaluate import Evaluator
from perftui.budgets.judges import above, below
from perftui.budgets.load import parse_budget
from perftui.budgets.spec import Rule
from perftui.model.reading import ResourceReading
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import Unit
from tests.budgets.measured_sides import FIVE_RUNS, MS, judged, operation, quiet, side

INCREASE = "operations.memory.recall.max_increase_pct"
TEXT = "[operations.memory]\nrecall = { max_increase_pct = 8 }"
MILDEST_FIRST = (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.WARN, Verdict.FAIL)


def over_main(seconds: float, *, runs: int = 5, text: str = TEXT) -> RuleVerdict:
    baseline = side(quiet("memory.recall", 45 * MS, runs), ref="baseline:main")
    return judged(text, side(quiet("memory.recall", seconds, runs)), baseline)[INCREASE]


# Increases over a stored baseline.


@pytest.mark.parametrize(
    ("milliseconds", "verdict"),
    [(40, Verdict.PASS), (45, Verdict.PASS), (55, Verdict.FAIL)],
)
def test_five_runs_a_side_decide_about_an_increase(milliseconds: float, verdict: Verdict) -> None:
    found = over_main(milliseconds * MS)
    held = found.held_against
    assert held is not None
    assert found.current is not None
    assert (found.verdict, found.unit, found.fail) == (verdict, Unit.PERCENT, 8.0)
    assert found.current == held.change_pct == pytest.approx(100 * (milliseconds / 45 - 1))
    assert held.value == pytest.approx(45 * MS)
    assert held.current == pytest.approx(milliseconds * MS)
    assert (held.ref, held.unit, held.runs) == ("baseline:main", Unit.SECONDS, (5, 5))
    assert held.p is not None
    assert held.interval_pct is not None
    assert held.interval_pct[0] <= found.current <= held.interval_pct[1]


def test_too_few_runs_never_fail_and_say_how_many_more_are_needed() -> None:
    found = over_main(90 * MS, runs=3)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason == "too few values to tell (n=3 and 3): need about 2 more runs a side"
    assert found.current == pytest.approx(100.0)


@pytest.mark.parametrize("least", [0.0, 5e-324])
def test_what_is_nothing_is_said_to_be_that_and_not_to_be_too_few(least: float) -> None:
    baseline = side(operation("memory.recall", [[least, 1.0, 1.0]] * 6), ref="baseline:main")
    for runs in ([[1.0]] * 6, [[least]] * 6):
        found = judged(TEXT, side(operation("memory.recall", runs)), baseline)[INCREASE]
        assert found.verdict in (Verdict.INCONCLUSIVE, Verdict.PASS)
        assert "too few" not in found.reason
    nothing = side(operation("memory.recall", [[least]] * 6), ref="baseline:main")
    assert "a value is zero" in judged(TEXT, side(operation("memory.recall", [[1.0]] * 6)), nothing)[INCREASE].reason


def test_a_stated_baseline_of_next_to_nothing_is_a_number_still() -> None:
    found = judged("[operations.memory]\nrecall = { baseline_ms = 1e-310 }", side(quiet("memory.recall", 1.0)))[
        INCREASE
    ]
    assert found.verdict is Verdict.FAIL
    assert found.current is not None
    assert isfinite(found.current)


def test_an_absolute_limit_fails_however_few_runs_there_are() -> None:
    text = "[operations.memory]\nrecall = { max_increase_pct = 8, mean_ms = 50 }"
    baseline = side(quiet("memory.recall", 45 * MS, 1), ref="baseline:main")
    found = judged(text, side(quiet("memory.recall", 90 * MS, 1)), baseline)
    assert found[INCREASE].verdict is Verdict.INCONCLUSIVE
    assert found["operations.memory.recall.mean_ms"].verdict is Verdict.FAIL


def test_values_of_one_run_warn_at_the_most() -> None:
    values = [45 * MS * factor for factor in FIVE_RUNS]
    baseline = side(operation("memory.recall", [values]), ref="baseline:main")
    found = judged(TEXT, side(operation("memory.recall", [[2 * value for value in values]])), baseline)[INCREASE]
    assert found.verdict is Verdict.WARN
    assert found.reason == "within one run only: about 4 more runs a side would decide"
    same = judged(TEXT, baseline, baseline)[INCREASE]
    assert (same.verdict, same.reason) == (Verdict.PASS, "within one run only")


def test_the_budget_may_ask_for_more_runs_before_anything_fails() -> None:
    text = f"[performance_budget]\nmin_runs = 8\n{TEXT}"
    few = over_main(90 * MS, text=text)
    assert (few.verdict, few.reason) == (Verdict.WARN, "within 5 runs only: about 3 more runs a side would decide")
    assert over_main(90 * MS, runs=8, text=text).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("key", "words"),
    [("host", "another machine"), ("workload_python", "another interpreter"), ("governor", "another governor")],
)
def test_another_machine_interpreter_or_speed_is_inconclusive_and_says_what_mends_it(key: str, words: str) -> None:
    here, there = (side(quiet("memory.recall", 90 * MS), environment={key: value}) for value in ("a", "b"))
    found = judged(TEXT, here, replace(there, ref="baseline:v1"))[INCREASE]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert words in found.reason
    assert "`perftui baseline save v1 REF`" in found.reason
    assert judged(TEXT, here, replace(here, ref="baseline:v1"))[INCREASE].verdict is Verdict.PASS


def test_what_is_missing_names_the_command_that_brings_it() -> None:
    measured = side(quiet("memory.recall", 45 * MS))
    assert "`perftui baseline save main @latest`" in judged(TEXT, measured)[INCREASE].reason
    empty = side(quiet("memory.remember", 1 * MS), ref="baseline:v1")
    without = judged(TEXT, measured, empty)[INCREASE]
    assert without.reason == "baseline:v1 does not hold it: `perftui baseline save v1 REF` with a session that does"
    unmeasured = judged(TEXT, side(quiet("memory.remember", 1 * MS)), measured)[INCREASE]
    assert "`perftui ingest FILE`" in unmeasured.reason
    assert {found.verdict for found in (without, unmeasured)} == {Verdict.MISSING}
    live = judged(TEXT, None, measured, final=False)[INCREASE]
    assert (live.verdict, live.reason) == (Verdict.MISSING, "not measured yet")


def test_a_number_of_the_budget_is_held_against_only_where_no_baseline_is_named() -> None:
    text = "[operations.memory]\nrecall = { max_increase_pct = 8, baseline_ms = 45 }"
    current = side(quiet("memory.recall", 60 * MS))
    stated = judged(text, current)[INCREASE]
    assert stated.held_against is not None
    assert (stated.verdict, stated.held_against.ref) == (Verdict.FAIL, "budget file")
    stored = judged(text, current, side(quiet("memory.recall", 60 * MS), ref="baseline:v2"))[INCREASE]
    assert stored.held_against is not None
    assert (stored.verdict, stored.held_against.ref) == (Verdict.PASS, "baseline:v2")


def test_a_rate_gets_worse_by_falling() -> None:
    before = side(quiet("web.qps", 1000.0, unit=Unit.PER_SECOND, lower_is_better=False), ref="baseline:main")
    text = "[operations.web]\nqps = { max_increase_pct = 5 }"
    rule = "operations.web.qps.max_increase_pct"
    slower = side(quiet("web.qps", 800.0, unit=Unit.PER_SECOND, lower_is_better=False))
    found = judged(text, slower, before)[rule]
    assert found.held_against is not None
    assert found.verdict is Verdict.FAIL
    assert found.current == pytest.approx(25.0)
    assert found.held_against.change_pct == pytest.approx(-20.0)
    faster = side(quiet("web.qps", 1500.0, unit=Unit.PER_SECOND, lower_is_better=False))
    assert judged(text, faster, before)[rule].verdict is Verdict.PASS


def test_a_tool_that_told_only_a_mean_decides_nothing_about_an_increase() -> None:
    told = side(operation("memory.recall", told={"mean": 45 * MS}), ref="baseline:main")
    found = judged(TEXT, side(operation("memory.recall", told={"mean": 90 * MS})), told)[INCREASE]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.current == pytest.approx(100.0)
    assert "no raw values" in found.reason


@pytest.mark.parametrize(("change", "verdict"), [(4.9, "pass"), (5.0, "warn"), (10.0, "warn"), (10.1, "fail")])
def test_the_limits_for_all_operations_warn_and_fail_where_the_operation_has_none(change: float, verdict: str) -> None:
    text = "[performance_budget]\nwarn_pct = 5\nfail_pct = 10\n[operations.a]\nwork = { baseline_ms = 100 }"
    current = side(operation("a.work", [[0.1 * (1 + change / 100)]]))
    assert judged(text, current)["operations.a.work.max_increase_pct"].verdict.value == verdict


# Figures of the current side.


@pytest.mark.parametrize(
    ("limit", "verdict"), [("p95_ms = 95.05", "pass"), ("p95_ms = 95", "fail"), ("target_ms = 50", "warn")]
)
def test_a_figure_is_that_of_all_values(limit: str, verdict: str) -> None:
    values = [[count * MS for count in range(1, 101)]]
    found = judged(f"[operations.a]\nwork = {{ {limit} }}", side(operation("a.work", values)))
    rule = f"operations.a.work.{limit.partition(' ')[0]}"
    assert (found[rule].verdict.value, found[rule].reason) == (verdict, "n=100")


def test_a_percentile_of_too_few_values_is_inconclusive_with_their_number() -> None:
    found = judged("[operations.a]\nwork = { p95_ms = 1 }", side(operation("a.work", [[5.0] * 19])))
    verdict = found["operations.a.work.p95_ms"]
    assert (verdict.verdict, verdict.current) == (Verdict.INCONCLUSIVE, None)
    assert verdict.reason == "n/a (n=19): p95 takes at least 20 values"


def test_a_limit_that_the_baseline_misses_itself_says_so() -> None:
    text = "[operations.a]\nwork = { mean_ms = 50, baseline_ms = 145 }"
    found = judged(text, side(operation("a.work", [[0.14]])))["operations.a.work.mean_ms"]
    assert (found.verdict, found.reason) == (Verdict.FAIL, "n=1; the baseline itself misses it (145 ms)")


def test_success_and_throughput_are_lower_limits() -> None:
    text = "[operations.a]\nwork = { min_success_pct = 99.5 }\n[throughput]\nwork = { min = 1000, warn_min = 2000 }"

    def found(seconds: float, failed: int) -> list[str]:
        verdicts = judged(text, side(operation("a.work", [[seconds]], ok=1000 - failed, failed=failed)))
        return [verdicts[f"operations.a.work.{key}"].verdict.value for key in ("min_success_pct",)] + [
            verdicts["throughput.work.min"].verdict.value
        ]

    assert found(0.0005, 5) == ["pass", "pass"]
    assert found(0.00051, 6) == ["fail", "warn"]
    assert found(0.001, 0) == ["pass", "warn"]
    assert found(0.0011, 0) == ["pass", "fail"]


def test_a_told_rate_is_a_throughput() -> None:
    qps = operation("qps", told={"mean": 990.0}, unit=Unit.PER_SECOND, lower_is_better=False)
    found = judged("[throughput]\nqps = { min = 1000 }", side(qps))["throughput.qps.min"]
    assert (found.verdict, found.current, found.reason) == (Verdict.FAIL, 990.0, "as its tool told")


def test_a_figure_in_another_unit_is_not_the_one_that_is_limited() -> None:
    found = judged("[operations.a]\nwork = { mean_ms = 5 }", side(operation("a.work", [[5.0]], unit=Unit.BYTES)))
    verdict = found["operations.a.work.mean_ms"]
    assert (verdict.verdict, verdict.reason) == (Verdict.MISSING, "is measured in bytes, not in s")


# Siblings.


@pytest.mark.parametrize(("own", "verdict"), [(1.19, "pass"), (1.2075, "pass"), (1.30, "fail")])
def test_an_overhead_is_over_the_sibling_of_the_same_run(own: float, verdict: str) -> None:
    text = '[operations.trait]\nobject = { overhead_of = "trait.concrete", max_overhead_pct = 5 }'
    current = side(operation("trait.concrete", [[1.15] * 6]), operation("trait.object", [[own] * 6]))
    found = judged(text, current)["operations.trait.object.max_overhead_pct"]
    assert found.held_against is not None
    assert (found.verdict.value, found.held_against.ref) == (verdict, "trait.concrete")
    assert found.current == pytest.approx(100 * (own / 1.15 - 1))


def test_an_overhead_whose_interval_holds_the_limit_is_inconclusive_and_a_lone_sibling_missing() -> None:
    text = '[operations.trait]\nobject = { overhead_of = "trait.concrete", max_overhead_pct = 5 }'
    rule = "operations.trait.object.max_overhead_pct"
    noisy = [1.0, 1.2, 0.8, 1.1, 0.9, 1.05]
    current = side(operation("trait.concrete", [noisy]), operation("trait.object", [[1.04 * each for each in noisy]]))
    assert judged(text, current)[rule].verdict is Verdict.INCONCLUSIVE
    assert judged(text, side(operation("trait.object", [noisy])))[rule].verdict is Verdict.MISSING


def test_an_overhead_of_what_a_tool_told_is_that_of_the_figures_it_told() -> None:
    text = '[operations.trait]\nobject = { overhead_of = "trait.concrete", max_overhead_pct = 5 }'
    current = side(operation("trait.concrete", told={"median": 1.15}), operation("trait.object", told={"median": 1.19}))
    found = judged(text, current)["operations.trait.object.max_overhead_pct"]
    assert (found.verdict, found.reason) == (Verdict.PASS, "as the tool told")
    assert found.current == pytest.approx(100 * (1.19 / 1.15 - 1))


# What no rule is about, and memory for each task.


def test_what_was_measured_without_a_rule_is_listed() -> None:
    found = judged(TEXT, side(quiet("memory.recall", 1.0), quiet("memory.batch_set", 85 * MS)))
    extra = found["operations.memory.batch_set"]
    assert (extra.verdict, extra.subject) == (Verdict.UNBUDGETED, "memory.batch_set")
    assert extra.current == pytest.approx(85 * MS)
    assert [each.rule for each in found.values() if each.verdict is Verdict.UNBUDGETED] == [extra.rule]


def test_memory_is_divided_by_the_executions_that_were_counted() -> None:
    measures = Measures()
    measures.current = side(operation("a.work", [[1.0]], ok=200))
    for at_s, rss in ((0.0, 1e8), (1.0, 2.2e8)):
        measures.reading(ResourceReading(at_s, rss_bytes=rss))
    budget = parse_budget("[memory]\nmemory_per_task_mb = 0.5")
    found = Evaluator(budget).update(measures, 1.0, final=True)[0]
    assert (found.verdict, found.current) == (Verdict.FAIL, 6e5)
    assert "200 tasks" in found.reason


# Invariants.


@given(st.floats(min_value=0.5, max_value=2.0), st.floats(min_value=1.0, max_value=2.0))
@settings(max_examples=100, deadline=None)
def test_an_operation_that_takes_longer_never_gets_a_milder_verdict(factor: float, slower: float) -> None:
    text = (
        "[performance_budget]\nwarn_pct = 5\nfail_pct = 10\n[operations.memory]\n"
        "recall = { mean_ms = 50, p50_ms = 48, target_ms = 46 }"
    )
    baseline = side(quiet("memory.recall", 45 * MS), ref="baseline:main")
    one, other = (
        judged(text, side(quiet("memory.recall", 45 * MS * each)), baseline) for each in (factor, factor * slower)
    )
    for rule, verdict in one.items():
        assert MILDEST_FIRST.index(other[rule].verdict) >= MILDEST_FIRST.index(verdict.verdict)


@given(st.integers(min_value=1, max_value=3000), st.integers(min_value=0, max_value=1000))
@settings(max_examples=100, deadline=None)
def test_a_lower_limit_is_an_upper_one_seen_from_below(rate: int, failed: int) -> None:
    text = "[operations.a]\nwork = { mean_s = 0.001 }\n[throughput]\nwork = { min = 1000 }"
    found = judged(text, side(operation("a.work", [[1 / rate]])))
    upper, lower = found["operations.a.work.mean_s"].verdict, found["throughput.work.min"].verdict
    assert upper is lower
    text = "[throughput]\nwork = { min_success_pct = 99 }"
    counted = side(operation("a.work", [[1.0]], ok=1000 - failed, failed=failed))
    fails = judged(text, counted)["throughput.work.min_success_pct"].verdict is Verdict.FAIL
    assert fails is (failed > 10)


@given(*[st.floats(min_value=-100, max_value=100)] * 3)
def test_a_limit_from_below_is_the_mirror_of_one_from_above(value: float, warn: float, fail: float) -> None:
    upper, lower = (Rule("r", "m", Unit.COUNT, sign * warn, sign * fail) for sign in (1, -1))
    assert above(value, upper) is below(-value, lower)


def test_a_run_that_is_reduced_again_is_judged_by_what_it_has_now() -> None:
    budget = parse_budget("[operations.a]\nwork = { mean_ms = 50 }\n[goals.work]\ntarget_ms = 5")
    evaluator, measures = Evaluator(budget), Measures()
    for milliseconds in (40, 60):
        measures.current = side(operation("a.work", [[milliseconds * MS]]))
        found = evaluator.update(measures, 1.0, final=True)
        verdict = next(each for each in found if each.metric == "mean_ms")
        assert verdict.verdict is (Verdict.PASS if milliseconds == 40 else Verdict.FAIL)
