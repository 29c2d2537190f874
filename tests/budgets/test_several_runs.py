"""Several runs together have the verdict of the run in the middle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.budgets.evaluate import evaluate
from perftui.budgets.load import parse_budget
from perftui.budgets.several_runs import over_runs
from perftui.model.reading import ResourceReading
from perftui.model.verdict import RuleVerdict, Verdict
from tests.budgets.measured_sides import judged, operation, side

BUDGET = parse_budget("[resources.cpu]\ntarget = 50\nlimit = 80")


def together(*peaks: float | None) -> RuleVerdict:
    runs = [evaluate(BUDGET, readings=[ResourceReading(1.0, cpu_percent=peak)], wall_s=1.0) for peak in peaks]
    (found,) = over_runs(runs)
    return found


@pytest.mark.parametrize(
    ("peaks", "verdict", "current"),
    [
        ((10, 20, 95), Verdict.PASS, 20),
        ((60, 10, 95), Verdict.WARN, 60),
        ((90, 10, 95), Verdict.FAIL, 90),
        ((10, 90), Verdict.FAIL, 90),
    ],
)
def test_the_run_of_the_median_decides(peaks: tuple[float, ...], verdict: Verdict, current: float) -> None:
    found = together(*peaks)
    assert (found.verdict, found.current) == (verdict, current)


def test_how_the_runs_differ_is_said() -> None:
    assert together(10, 20, 95).reason == "median of 3 runs, 10.0 % to 95.0 %, 1 of them fail"
    assert together(10, 20, None).reason == "median of 2 of 3 runs, 10.0 % to 20.0 %"


def test_what_most_runs_did_not_measure_is_missing() -> None:
    assert together(None, None, 95).verdict is Verdict.MISSING
    assert together(None, 95).verdict is Verdict.FAIL


def test_one_run_is_itself() -> None:
    assert together(60).reason == ""


def test_what_is_said_of_all_runs_at_once_stays_as_it_is() -> None:
    text = "[operations.a]\nwork = { mean_ms = 5, baseline_ms = 4 }"
    one = list(judged(text, side(operation("a.work", [[0.0045], [0.0046]]), runs=2)).values())
    assert over_runs([one, one]) == one


@given(st.lists(st.floats(min_value=0, max_value=200), min_size=1, max_size=9), st.data())
def test_a_run_that_gets_worse_never_makes_it_milder(peaks: list[float], data: st.DataObject) -> None:
    mildest_first = (Verdict.PASS, Verdict.WARN, Verdict.FAIL)
    at = data.draw(st.integers(min_value=0, max_value=len(peaks) - 1))
    worse = [peak + 50 if place == at else peak for place, peak in enumerate(peaks)]
    assert mildest_first.index(together(*worse).verdict) >= mildest_first.index(together(*peaks).verdict)
