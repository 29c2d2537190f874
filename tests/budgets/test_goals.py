"""Goals say how far the way is gone; whatever they say, nothing fails for it."""

from __future__ import annotations

import pytest

from perftui.analysis.measures import Measures
from perftui.budgets.evaluate import Evaluator, overall
from perftui.budgets.load import parse_budget
from perftui.model.reading import ResourceReading
from perftui.model.verdict import RuleVerdict, Verdict
from tests.budgets.measured_sides import judged, operation, side


def goal(text: str, seconds: float, before: float | None = None) -> RuleVerdict:
    baseline = side(operation("a.work", [[before]]), ref="baseline:main") if before is not None else None
    return judged(f'[goals."a.work"]\n{text}', side(operation("a.work", [[seconds]])), baseline)["goals.a.work"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (2.0, "reached"),
        (1.0, "reached"),
        (20.0, "not reached, 90.9 % of the way from the baseline"),
        (300.0, "not reached, further away than the baseline"),
    ],
)
def test_the_way_is_told_from_the_baseline_on(seconds: float, said: str) -> None:
    found = goal("target = 2", seconds, before=200.0)
    assert found.reason.split("; ") == [said, "the baseline itself misses the goal (3m 20s)"]
    assert (found.verdict, found.current, found.warn) == (Verdict.INFO, seconds, 2.0)
    assert found.held_against is not None
    assert (found.held_against.value, found.held_against.ref) == (200.0, "baseline:main")


def test_without_a_baseline_it_is_reached_or_not() -> None:
    assert goal("target = 2", 3.0).reason == "not reached"
    assert goal("target = 2", 3.0, before=1.5).reason == "not reached"


def test_a_rate_is_a_goal_from_below() -> None:
    found = judged("[goals.work]\ntarget_per_s = 1000", side(operation("a.work", [[0.002]])))["goals.work"]
    assert (found.current, found.lower_is_better, found.reason) == (500.0, False, "not reached")
    fast = judged("[goals.work]\ntarget_per_s = 1000", side(operation("a.work", [[0.001]])))["goals.work"]
    assert fast.reason == "reached"


def test_a_resource_may_have_a_goal_and_what_nothing_measured_says_so() -> None:
    measures = Measures()
    measures.reading(ResourceReading(1.0, rss_bytes=2e8))
    budget = parse_budget('[goals.rss]\ntarget = "100MB"\n[goals.wall]\ntarget = 5\n[goals.ghost]\ntarget = 1')
    rss, wall, ghost = Evaluator(budget).update(measures, 1.0, final=True)
    assert (rss.current, rss.reason) == (2e8, "not reached")
    assert wall.reason == "reached"
    assert (ghost.verdict, ghost.current, ghost.reason) == (Verdict.INFO, None, "not measured")
    assert overall([rss, wall, ghost]) is Verdict.PASS


def test_a_goal_in_another_unit_is_not_about_that() -> None:
    found = judged('[goals."a.work"]\ntarget = "5MB"', side(operation("a.work", [[1.0]])))["goals.a.work"]
    assert (found.current, found.reason) == (None, "is measured in s, the goal is in bytes")
