"""Verdicts: what passes, what warns, what fails, since when, and what nobody can tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.aggregate import Aggregate, delta_of
from perftui.analysis.measures import Measures
from perftui.analysis.stack_table import StackTable
from perftui.budgets.evaluate import Evaluator, evaluate, overall
from perftui.budgets.judges import NOT_METERED
from perftui.budgets.load import load_budget, parse_budget
from perftui.budgets.operation_judges import INGEST
from perftui.budgets.spec import Gate
from perftui.model.reading import ResourceReading
from perftui.model.sample import ProfileDelta
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import Unit
from tests.budgets.test_load import FIXTURE
from tests.builders import profile, window


def cpu(*values: float | None, every_s: float = 1.0) -> list[ResourceReading]:
    return [ResourceReading(place * every_s, cpu_percent=value) for place, value in enumerate(values)]


def judged(text: str, readings: list[ResourceReading] | None = None, *, wall_s: float = 100.0) -> RuleVerdict:
    """The only verdict of a budget over a whole run."""
    (only,) = evaluate(parse_budget(text), readings=readings or (), wall_s=wall_s)
    return only


def held_against(text: str, collapsed: str, *, unit: Unit = Unit.SECONDS, final: bool = True) -> RuleVerdict:
    """The only verdict of a budget over a profile."""
    (only,) = Evaluator(parse_budget(text)).update(Measures(profile(collapsed, unit)), 1.0, final=final)
    return only


# Meters.


@pytest.mark.parametrize(
    ("peak", "verdict"),
    [(49.0, Verdict.PASS), (50.0, Verdict.PASS), (50.1, Verdict.WARN), (80.0, Verdict.WARN), (80.1, Verdict.FAIL)],
)
def test_above_the_target_warns_above_the_limit_fails_and_exactly_there_passes(peak: float, verdict: Verdict) -> None:
    found = judged("[resources.cpu]\ntarget = 50\nlimit = 80", cpu(10.0, peak, 20.0))
    assert (found.verdict, found.current, found.warn, found.fail) == (verdict, peak, 50.0, 80.0)
    assert (found.rule, found.subject, found.metric) == ("resources.cpu", "peak CPU", "cpu_percent")


def test_the_moment_of_a_breach_is_that_of_the_limit_the_verdict_is_about() -> None:
    text = "[resources.cpu]\ntarget = 50\nlimit = 80"
    assert judged(text, cpu(10, 60, 70, 90, 95)).breached_at_s == 3.0
    assert judged(text, cpu(10, 60, 70)).breached_at_s == 1.0
    assert judged(text, cpu(10)).breached_at_s is None


@pytest.mark.parametrize(
    ("aggregation", "limit", "current", "since"),
    [("max", 80, 100.0, 3.0), ("mean", 50, 55.0, 4.0), ("p95", 80, 100.0, 3.0)],
)
def test_a_limit_is_about_the_figure_that_it_names(aggregation: str, limit: int, current: float, since: float) -> None:
    text = f'[resources.cpu]\nlimit = {limit}\naggregation = "{aggregation}"'
    found = judged(text, cpu(0, 10, 20, 90, 100))
    word = "peak" if aggregation == "max" else aggregation
    assert (found.verdict, found.subject) == (Verdict.FAIL, f"{word} CPU")
    assert (found.current, found.breached_at_s) == (current, since)


def test_a_spike_shorter_than_the_time_allowed_is_no_breach() -> None:
    text = '[resources.cpu]\ntarget = 50\nlimit = 80\nfor = "3s"'
    assert judged(text, cpu(10, 90, 90, 90, 10, 10)).verdict is Verdict.PASS
    found = judged(text, cpu(10, 90, 90, 90, 90, 10))
    assert (found.verdict, found.current, found.breached_at_s) == (Verdict.FAIL, 90.0, 4.0)


def test_a_time_above_a_limit_that_still_runs_is_told_before_it_counts() -> None:
    evaluator, measures = Evaluator(parse_budget('[resources.cpu]\nlimit = 80\nfor = "10s"')), Measures()
    for reading in cpu(90, 90, 90, 90):
        measures.reading(reading)
    (found,) = evaluator.update(measures, 3.5)
    assert (found.verdict, found.current) == (Verdict.PASS, None)
    assert found.reason == "above 80.0 % for 3.00 s now"


def test_a_run_that_is_shorter_than_the_time_allowed_cannot_break_it() -> None:
    found = judged('[resources.cpu]\nlimit = 80\nfor = "10s"', cpu(90, 90), wall_s=2.0)
    assert (found.verdict, found.reason) == (Verdict.PASS, "was not watched for 10.0 s")


def test_a_gap_in_the_readings_begins_the_time_anew() -> None:
    text = '[resources.cpu]\nlimit = 80\nfor = "3s"'
    assert judged(text, cpu(90, 90, None, 90, 90)).verdict is Verdict.PASS


@pytest.mark.parametrize("for_s", ["", 'for = "3s"\n'])
def test_a_meter_that_was_never_read_is_missing_not_passed(for_s: str) -> None:
    text = f"[resources.cpu]\n{for_s}limit = 80"
    found = judged(text, cpu(None, None))
    assert (found.verdict, found.current, found.reason) == (Verdict.MISSING, None, NOT_METERED)
    (live,) = Evaluator(parse_budget(text)).update(Measures(), 0.1)
    assert live.reason == "not measured yet"


def test_peak_memory_is_judged_on_rss_and_says_so() -> None:
    readings = [ResourceReading(0.0, rss_bytes=9e7), ResourceReading(1.0, rss_bytes=1.1e8)]
    found = judged("[memory]\nruntime_peak_mb = 100", readings)
    assert (found.rule, found.verdict, found.current) == ("memory.runtime_peak_mb", Verdict.FAIL, 1.1e8)
    assert found.reason == "RSS is the system's figure, not repeatable"
    assert found.headroom == pytest.approx(-0.1)


def test_the_wall_time_breaks_a_limit_at_the_moment_that_the_limit_names() -> None:
    text = "[resources.wall]\ntarget = 5\nlimit = 10"
    assert judged(text, wall_s=5.0).verdict is Verdict.PASS
    warned = judged(text, wall_s=7.0)
    assert (warned.verdict, warned.current, warned.breached_at_s) == (Verdict.WARN, 7.0, 5.0)
    failed = judged(text, wall_s=12.0)
    assert (failed.verdict, failed.breached_at_s) == (Verdict.FAIL, 10.0)


def test_a_rule_that_is_only_shown_has_its_value_and_no_judgement() -> None:
    found = judged("[resources.cpu]\nlimit = 80\ngate = false", cpu(90))
    assert (found.verdict, found.current) == (Verdict.INFO, 90)


def test_the_words_of_the_file_stand_in_the_reason() -> None:
    found = judged('[resources.cpu]\nlimit = 80\nreason = "small \\u001b[31m machine"', cpu(90))
    assert found.reason == "small ␛[31m machine"


# Functions.


def test_a_share_that_is_surely_above_its_limit_fails_and_one_surely_below_passes() -> None:
    text = "[functions.work]\nwarn_share_pct = 20\nmax_share_pct = 40"
    assert held_against(text, "main;work;leaf 600\nmain 400").verdict is Verdict.FAIL
    assert held_against(text, "main;work;leaf 300\nmain 700").verdict is Verdict.WARN
    found = held_against(text, "main;work;leaf 100\nmain 900")
    assert found.verdict is Verdict.PASS
    assert found.current == pytest.approx(10.0)
    assert found.reason == "±1.9 %, 1000 samples"


def test_a_share_too_close_to_its_limit_is_inconclusive() -> None:
    found = held_against("[functions.work]\nmax_share_pct = 40", "main;work 42\nmain 58")
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.current == pytest.approx(42.0)
    assert found.reason.startswith("too close to 40.0 %: ±9.5 %")
    assert held_against("[functions.work]\nmax_share_pct = 40", "main;work 4200\nmain 5800").verdict is Verdict.FAIL


@pytest.mark.parametrize("final", [True, False])
def test_fewer_than_twenty_samples_say_nothing(final: bool) -> None:
    found = held_against("[functions.work]\nmax_share_pct = 10", "main;work 19", final=final)
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, "19 samples are too few to tell")
    assert held_against("[functions.work]\nmax_share_pct = 10", "main;work 20").verdict is Verdict.FAIL


def test_self_and_total_are_told_apart() -> None:
    stacks = "main;work;leaf 300\nmain;work 100\nmain 600"
    assert held_against("[functions.work]\nmax_share_pct = 90", stacks).current == pytest.approx(40.0)
    assert held_against("[functions.work]\nmax_self_share_pct = 90", stacks).current == pytest.approx(10.0)
    assert held_against("[functions.work]\nmax_self_s = 900", stacks).current == pytest.approx(100.0)
    assert held_against("[functions.work]\nmax_total_s = 900", stacks).current == pytest.approx(400.0)


def test_seconds_are_estimates_too() -> None:
    stacks = "main;work 100\nmain 900"
    assert held_against("[functions.work]\nmax_self_s = 99", stacks).verdict is Verdict.INCONCLUSIVE
    assert held_against("[functions.work]\nmax_self_s = 50", stacks).verdict is Verdict.FAIL
    assert held_against("[functions.work]\nmax_self_s = 200", stacks).verdict is Verdict.PASS


def test_a_profile_that_counts_something_else_has_shares_but_no_seconds() -> None:
    stacks = "main;work 100\nmain 900"
    found = held_against("[functions.work]\nmax_self_s = 50", stacks, unit=Unit.SAMPLES)
    assert (found.verdict, found.reason) == (Verdict.MISSING, "the profile counts samples, not seconds")
    assert held_against("[functions.work]\nmax_share_pct = 5", stacks, unit=Unit.SAMPLES).verdict is Verdict.FAIL


def test_a_function_that_was_never_seen_is_missing_with_the_name_that_may_be_meant() -> None:
    found = held_against('[functions."app.py:Index.qurey"]\nmax_share_pct = 5', "main;Index.query 100")
    assert (found.verdict, found.current) == (Verdict.MISSING, None)
    assert found.reason == "was not seen in any sample; did you mean Index.query?"
    live = held_against("[functions.work]\nmax_share_pct = 5", "main 100", final=False)
    assert live.reason == "not seen in a sample yet"


def test_without_samples_every_function_is_missing() -> None:
    found = judged("[functions.work]\nmax_share_pct = 5")
    assert (found.verdict, found.reason) == (Verdict.MISSING, "there are no samples")


def test_a_share_that_was_too_high_at_first_passes_and_tells_of_it() -> None:
    aggregate = Aggregate(Unit.SECONDS)
    measures, evaluator = Measures(aggregate.tree), Evaluator(parse_budget("[functions.f]\nmax_share_pct = 50"))
    for delta in deltas_of([["m;f"] * 40, ["m"] * 400]):
        aggregate.apply(delta)
        (found,) = evaluator.update(measures, delta.end_s)
    assert (found.verdict, found.breached_at_s) == (Verdict.PASS, 1.0)
    assert found.reason.endswith("; was above it at 1.00 s")


def test_names_from_the_workload_are_shown_harmless() -> None:
    found = held_against('[functions."a.py:ev\\u001bil"]\nmax_share_pct = 5', "main 100")
    assert found.subject == "ev␛il (a.py) share"


# What nothing measures.


def test_a_budget_of_operations_is_missing_not_passed_until_they_are_measured() -> None:
    verdicts = evaluate(load_budget(FIXTURE), wall_s=1.0)
    assert {verdict.verdict for verdict in verdicts} == {Verdict.MISSING}
    assert [verdict.reason for verdict in verdicts[:9]] == [f"not measured: {INGEST}"] * 9
    assert [verdict.rule for verdict in verdicts] == [item.name for item in load_budget(FIXTURE).rules]


def test_what_a_rule_waits_for_is_said() -> None:
    text = """
    [throughput]
    qps = { min = 1000 }
    [memory]
    memory_per_task_mb = 1
    [functions.work]
    max_increase_pct = 5
    [operations.g]
    op = { min_success_pct = 99 }
    """
    found = {verdict.rule: verdict for verdict in evaluate(parse_budget(text), wall_s=1.0)}
    assert found["throughput.qps.min"].reason == f"not measured: {INGEST}"
    assert found["memory.memory_per_task_mb"].reason.startswith("the number of tasks is not known")
    assert found["functions.work.max_increase_pct"].reason.startswith("no baseline is named: `perftui baseline save")
    assert found["throughput.qps.min"].lower_is_better is False
    assert found["operations.g.op.min_success_pct"].lower_is_better is False


# The whole.


def test_the_worst_verdict_decides_and_inconclusive_means_what_the_budget_says() -> None:
    def verdict(word: Verdict) -> RuleVerdict:
        return RuleVerdict("r", "s", "m", Unit.COUNT, None, None, None, word)

    assert overall([]) is Verdict.PASS
    assert overall([verdict(Verdict.PASS), verdict(Verdict.MISSING), verdict(Verdict.INFO)]) is Verdict.PASS
    assert overall([verdict(Verdict.WARN), verdict(Verdict.FAIL)]) is Verdict.FAIL
    for gate in Gate:
        assert overall([verdict(Verdict.INCONCLUSIVE)], gate) is Verdict(gate.value)


def test_an_edited_budget_keeps_what_unchanged_rules_remember() -> None:
    text = "[resources.cpu]\nlimit = 80\n"
    evaluator, measures = Evaluator(parse_budget(text)), Measures()
    for reading in cpu(10, 90, 10):
        measures.reading(reading)
    evaluator.update(measures, 3.0)
    evaluator.reload(parse_budget(f"{text}[resources.wall]\nlimit = 2\n"))
    kept, new = evaluator.update(measures, 4.0)
    assert (kept.verdict, kept.breached_at_s) == (Verdict.FAIL, 1.0)
    assert (new.verdict, new.breached_at_s) == (Verdict.FAIL, 2.0)


@pytest.mark.parametrize("aggregation", ["max", "mean", "p95"])
def test_a_rule_that_comes_when_readings_are_gone_starts_from_their_figures(aggregation: str) -> None:
    measures = Measures()
    for reading in cpu(*([90.0] * 900), *([10.0] * 10)):
        measures.reading(reading)
    text = f'[resources.cpu]\nlimit = 50\naggregation = "{aggregation}"'
    (found,) = Evaluator(parse_budget(text)).update(measures, 910.0)
    assert (found.verdict, found.breached_at_s) == (Verdict.FAIL, 910.0)


_BUDGET = parse_budget(
    """
    [resources.cpu]
    target = 40
    limit = 70
    [resources.cpu_percent]
    target = 30
    limit = 60
    for = "3s"
    [resources.threads]
    limit = 5
    aggregation = "mean"
    [resources.open_files]
    target = 3
    limit = 5
    aggregation = "p95"
    [resources.wall]
    target = 4
    limit = 9
    [functions.f]
    warn_share_pct = 30
    max_share_pct = 60
    [functions."app.py:g"]
    max_self_s = 0.2
    """
)
_VALUE = st.none() | st.integers(0, 100).map(float)
_SMALL = st.none() | st.integers(0, 8).map(float)
_READINGS = st.lists(st.tuples(st.floats(0.1, 3), _VALUE, _SMALL, _SMALL), max_size=30).map(
    lambda rows: [
        ResourceReading(round(sum(row[0] for row in rows[: place + 1]), 3), cpu, threads=threads, open_files=files)
        for place, (_, cpu, threads, files) in enumerate(rows)
    ]
)
_WINDOWS = st.lists(st.lists(st.sampled_from(("m;f", "m;f;g", "m;g", "m", "m;f;f")), max_size=40), max_size=10)


def deltas_of(windows: list[list[str]]) -> list[ProfileDelta]:
    """Deltas of windows that end at 1, 2, 3, ... s."""
    table = StackTable()
    records = [
        table.intern(window(*samples, start_s=float(place), end_s=place + 1.0)) for place, samples in enumerate(windows)
    ]
    return [delta_of(record, after_s=0.0) for record in records]


@given(_READINGS, _WINDOWS, st.data())
def test_a_live_run_and_its_saved_session_have_the_same_verdicts(
    readings: list[ResourceReading], windows: list[list[str]], data: st.DataObject
) -> None:
    deltas = deltas_of(windows)
    end_s = max([0.0, *(reading.at_s for reading in readings), *(delta.end_s for delta in deltas)])
    aggregate = Aggregate(Unit.SECONDS)
    measures, evaluator = Measures(aggregate.tree), Evaluator(_BUDGET)
    # Live, readings and windows come in turns of their own, and somebody looks every now and then.
    waiting_readings, waiting_deltas = list(readings), list(deltas)
    while waiting_readings or waiting_deltas:
        if waiting_deltas and (not waiting_readings or data.draw(st.booleans())):
            delta = waiting_deltas.pop(0)
            aggregate.apply(delta)
            evaluator.update(measures, delta.end_s)
        else:
            measures.reading(waiting_readings.pop(0))
            if data.draw(st.booleans()):
                evaluator.update(measures, measures.wall_s)
    live = evaluator.update(measures, end_s, final=True)
    saved = evaluate(_BUDGET, readings=readings, deltas=deltas, wall_s=end_s)
    meters = [verdict for verdict in live if not verdict.rule.startswith("functions.")]
    assert meters == [verdict for verdict in saved if not verdict.rule.startswith("functions.")]
    assert [(v.rule, v.verdict, v.current, v.reason) for v in live] == [
        (v.rule, v.verdict, v.current, v.reason) for v in saved
    ]
    assert evaluator.update(measures, end_s, final=True) == live


@given(_READINGS, _WINDOWS)
def test_a_verdict_that_warns_or_fails_has_its_moment_within_the_run(
    readings: list[ResourceReading], windows: list[list[str]]
) -> None:
    deltas = deltas_of(windows)
    end_s = max([0.0, *(reading.at_s for reading in readings), *(delta.end_s for delta in deltas)])
    for verdict in evaluate(_BUDGET, readings=readings, deltas=deltas, wall_s=end_s):
        if verdict.verdict in (Verdict.WARN, Verdict.FAIL):
            assert verdict.breached_at_s is not None
            assert 0 <= verdict.breached_at_s <= end_s
            assert verdict.headroom is not None
            assert verdict.current is not None
        if verdict.verdict is Verdict.FAIL and verdict.headroom is not None:
            assert verdict.headroom < 0
