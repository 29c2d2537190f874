"""What runs tell of a change: when it is one, when it is none, and when nobody can say."""

from __future__ import annotations

from math import inf, isfinite
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.scalar_change import (
    Runs,
    measured_change,
    percent,
    runs_to_decide,
    verdict_of_change,
    verdict_of_point,
)
from perftui.model.verdict import Verdict

MILDEST_FIRST = (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.WARN, Verdict.FAIL)
TEN = [[10.0], [10.1], [9.9], [10.05], [9.95]]


def scaled(runs: Runs, factor: float) -> Runs:
    return [[factor * value for value in run] for run in runs]


def noisy(runs: int, values: int, spread: float, seed: int, factor: float = 1.0) -> Runs:
    dice = Random(seed)
    return [[factor * dice.gauss(1.0, spread) for _ in range(values)] for _ in range(runs)]


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [(0.8, Verdict.PASS), (1.0, Verdict.PASS), (1.07, Verdict.WARN), (1.2, Verdict.FAIL)],
)
def test_five_runs_a_side_decide(factor: float, verdict: Verdict) -> None:
    change = measured_change(TEN, scaled(TEN, factor))
    assert change.of_runs
    assert change.counts == change.runs == (5, 5)
    assert change.change_pct == pytest.approx(100 * (factor - 1))
    assert verdict_of_change(change, 5.0, 10.0) is verdict


def test_exactly_at_the_limit_of_failing_passes_and_at_that_of_warning_warns() -> None:
    five_more = measured_change([[100.0]] * 5, [[105.0]] * 5)
    assert verdict_of_change(five_more, None, 5.0) is Verdict.PASS
    assert verdict_of_change(five_more, 5.0, 10.0) is Verdict.WARN
    assert [verdict_of_point(change, 5.0, 10.0) for change in (4.9, 5.0, 10.0, 10.1)] == [
        Verdict.PASS,
        Verdict.WARN,
        Verdict.WARN,
        Verdict.FAIL,
    ]
    assert verdict_of_point(5.0, None, 5.0) is Verdict.PASS


def test_four_runs_a_side_never_fail_and_ask_for_more() -> None:
    change = measured_change(TEN[:4], scaled(TEN[:4], 3.0))
    assert change.p is None
    assert change.change_pct == pytest.approx(200.0)
    assert verdict_of_change(change, None, 5.0) is Verdict.INCONCLUSIVE
    assert runs_to_decide(change, 5.0) == 1
    assert runs_to_decide(change, 5.0, at_least=10) == 6


def test_values_of_one_process_are_those_of_one_run() -> None:
    change = measured_change([[10.0, 10.1, 9.9] * 10], [[12.0, 12.1, 11.9] * 10])
    assert not change.of_runs
    assert (change.counts, change.runs) == ((30, 30), (1, 1))
    assert verdict_of_change(change, None, 5.0) is Verdict.FAIL
    assert runs_to_decide(change, 5.0) == 4


def test_the_median_of_a_run_speaks_for_it_whatever_its_outliers() -> None:
    before = [[value, value, 100.0 * value] for (value,) in TEN]
    change = measured_change(before, TEN)
    assert change.change_pct == 0.0
    assert verdict_of_change(change, 5.0, 10.0) is Verdict.PASS


def test_noise_that_hides_the_limit_is_inconclusive_and_more_runs_are_asked_for() -> None:
    change = measured_change(noisy(6, 1, 0.2, 1), noisy(6, 1, 0.2, 2))
    assert verdict_of_change(change, None, 5.0) is Verdict.INCONCLUSIVE
    more = runs_to_decide(change, 5.0)
    assert more is None or more > 6


def test_identical_noisy_sides_never_fail() -> None:
    for seed in range(200):
        change = measured_change(noisy(8, 3, 0.03, seed), noisy(8, 3, 0.03, seed + 1_000))
        assert verdict_of_change(change, None, 5.0) is not Verdict.FAIL


def test_of_nothing_there_is_no_percent() -> None:
    nothing = [[0.0]] * 5
    same = measured_change(nothing, nothing)
    assert (same.change_pct, same.interval_pct) == (0.0, (0.0, 0.0))
    assert verdict_of_change(same, None, 5.0) is Verdict.PASS, "nothing is allocated, before and now"
    assert verdict_of_change(measured_change(nothing[:4], nothing), None, 5.0) is Verdict.INCONCLUSIVE
    assert measured_change(nothing, TEN).change_pct is None
    assert verdict_of_change(measured_change(nothing, TEN), None, 5.0) is Verdict.INCONCLUSIVE


def test_what_is_beyond_every_number_is_still_one() -> None:
    tiny = measured_change([[5e-324]] * 5, TEN)
    assert (tiny.change_pct, tiny.interval_pct, tiny.is_few) == (None, None, False)
    assert isfinite(percent(inf))


values = st.lists(st.lists(st.floats(min_value=1.0, max_value=2.0), min_size=1, max_size=4), min_size=5, max_size=9)


@given(
    values, values, st.floats(min_value=1.0, max_value=2.0), st.sampled_from([(None, 5.0), (5.0, 10.0), (3.0, None)])
)
@settings(max_examples=150, deadline=None)
def test_a_side_that_gets_slower_never_gets_a_milder_verdict(
    before: list[list[float]], after: list[list[float]], factor: float, limits: tuple[float | None, float | None]
) -> None:
    first = verdict_of_change(measured_change(before, after), *limits)
    then = verdict_of_change(measured_change(before, scaled(after, factor)), *limits)
    assert MILDEST_FIRST.index(then) >= MILDEST_FIRST.index(first)
