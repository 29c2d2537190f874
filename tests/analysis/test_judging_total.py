"""Verdicts of the whole: apart from its functions, by ranks where there are runs enough."""

from __future__ import annotations

import random
from math import exp

import pytest

from perftui.analysis.compare import Tolerance
from perftui.analysis.judging_total import ARBITRARY, judge_cpu_time, judge_exact_total, judge_total
from perftui.analysis.run_counts import FunctionCounts, RunCounts, waiting
from perftui.model.change import ChangeVerdict


def runs(dice: random.Random, number: int, seconds: float, spread: float) -> list[float]:
    return [seconds * exp(dice.gauss(0, spread)) for _ in range(number)]


@pytest.mark.parametrize("number", [1, 2, 5, 10])
def test_twice_as_long_is_slower_with_an_interval_that_holds_it(number: int) -> None:
    dice = random.Random(number)
    found = judge_total(runs(dice, number, 8, 0.05), runs(dice, number, 16, 0.05))
    assert found.verdict is ChangeVerdict.SLOWER
    assert found.runs == (number, number)
    low, high = found.certainty.ci or (0.0, 0.0)
    assert 1 < low < 2.1
    assert high > 1.9
    assert found.reason == ""


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8])
def test_equal_programs_are_hardly_ever_called_slower(number: int) -> None:
    dice = random.Random(100 + number)
    alarms = sum(judge_total(runs(dice, number, 8, 0.1), runs(dice, number, 8, 0.1)).verdict.clear for _ in range(40))
    assert alarms <= 1


def test_steady_runs_say_that_there_is_no_change_and_unsteady_ones_how_many_would() -> None:
    dice = random.Random(5)
    assert judge_total(runs(dice, 30, 8, 0.01), runs(dice, 30, 8, 0.01)).verdict is ChangeVerdict.WITHIN_NOISE
    open_still = judge_total(runs(dice, 3, 8, 0.3), runs(dice, 3, 8, 0.3))
    assert open_still.verdict is ChangeVerdict.INCONCLUSIVE
    assert (open_still.certainty.more_runs or 0) > 3
    assert "would have shown" in open_still.reason


def test_what_somebody_ended_says_nothing_of_the_whole() -> None:
    found = judge_total([8.0] * 5, [16.0] * 5, arbitrary=True)
    assert (found.verdict, found.reason) == (ChangeVerdict.INCONCLUSIVE, ARBITRARY)
    assert judge_total([0.0], [5.0]).verdict is ChangeVerdict.INCONCLUSIVE
    assert judge_total([], []).verdict is ChangeVerdict.WITHIN_NOISE


def test_cpu_time_tells_sides_apart_where_it_is_known_of_every_run() -> None:
    def side(*cpu_s: float | None) -> list[RunCounts]:
        return [RunCounts({("a.py", "f"): FunctionCounts(1000)}, 0.01, cpu_s=each) for each in cpu_s]

    found = judge_cpu_time(side(8.0, 8.1, 7.9), side(9.6, 9.5, 9.7))
    assert found is not None
    assert (found.verdict, found.runs) == (ChangeVerdict.SLOWER, (3, 3))
    assert judge_cpu_time(side(8.0, None), side(8.0, 9.0)) is None
    assert judge_cpu_time(side(), side()) is None
    assert waiting(side(10.0, 5.0, None)) == pytest.approx(0.693, abs=0.001)


def test_what_nothing_was_sampled_for_goes_by_its_tolerance() -> None:
    room = Tolerance(0.01, 10)
    assert judge_exact_total([1000], [1010], room).verdict is ChangeVerdict.WITHIN_NOISE
    assert judge_exact_total([1000], [1011], room).verdict is ChangeVerdict.SLOWER
    assert judge_exact_total([1000], [985], room).verdict is ChangeVerdict.FASTER
