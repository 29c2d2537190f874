from __future__ import annotations

from dataclasses import replace

import pytest
from measured import around, operation

from perftui.analysis.operation_change import (
    interval_words,
    operation_change,
    percent_text,
    verdict_of,
    verdict_text,
)
from perftui.analysis.operation_rules import RuleLimit, limits_of, rules_of
from perftui.model.operation import Operation
from perftui.model.verdict import HeldAgainst, RuleVerdict, Verdict
from perftui.units import Unit


def judged(before: Operation, after: Operation) -> str:
    change = operation_change(before, after)
    assert change is not None
    return verdict_text(verdict_of(change, after), after, within_run=not change.of_runs)


def of(middle: float, *, seed: int, runs: int = 5, **shape: float) -> Operation:
    return replace(operation("a", 1.0), runs=around(middle, runs=runs, seed=seed, **shape))  # type: ignore[arg-type]


def test_slower_faster_noise_and_what_nobody_can_tell() -> None:
    base = of(1.0, seed=1, n=60)
    assert judged(base, of(1.3, seed=2, n=60)) == "▲ slower"
    assert judged(base, of(0.7, seed=3, n=60)) == "▼ faster"
    assert judged(base, of(1.0, seed=4, n=60)) == "≈ noise"
    assert judged(of(1.0, seed=5, n=6, runs=1, spread=0.5), of(1.05, seed=6, n=6, runs=1, spread=0.5)) == "? unclear"
    assert judged(of(1.0, seed=7, n=3, runs=1), of(3.0, seed=8, n=3, runs=1)) == "? unclear"


def test_a_change_within_one_run_has_a_star() -> None:
    assert judged(of(1.0, seed=1, n=60, runs=1), of(1.3, seed=2, n=60, runs=1)) == "▲ slower*"


@pytest.mark.parametrize(
    ("unit", "lower_is_better", "word"),
    [
        (Unit.PER_SECOND, False, "▼ faster"),
        (Unit.BYTES_PER_SECOND, True, "▼ faster"),
        (Unit.BYTES, True, "▲ more"),
        (Unit.COUNT, False, "▼ more"),
        (Unit.SECONDS, True, "▲ slower"),
    ],
)
def test_more_is_better_or_worse_as_the_operation_has_it(unit: Unit, lower_is_better: bool, word: str) -> None:
    before, after = (
        replace(of(middle, seed=3, n=60), unit=unit, lower_is_better=lower_is_better) for middle in (100.0, 130.0)
    )
    assert judged(before, after) == word


def test_a_change_has_its_interval_in_words() -> None:
    change = operation_change(of(1.0, seed=1, n=60), of(1.3, seed=2, n=60))
    assert change is not None
    assert percent_text(change).startswith("+")
    low, _, high = interval_words(change).partition(" … ")
    assert low.startswith("+")
    assert high.endswith(" %")


def test_figures_without_values_and_other_units_are_not_compared() -> None:
    told = Operation("g", "a", told={"mean": 1.0})
    assert operation_change(told, told) is None
    assert operation_change(of(1.0, seed=1), replace(of(1.0, seed=1), unit=Unit.BYTES)) is None


HELD = HeldAgainst(100.0, Unit.SECONDS, 125.0, "baseline:main")
LATE = RuleVerdict("operations.dag.build_100.p95_ms", "build", "p95_ms", Unit.SECONDS, 0.07, 0.05, 0.06, Verdict.FAIL)
GREW = RuleVerdict(
    "operations.dag.build_100.max_increase_pct", "build", "max_increase_pct", Unit.PERCENT, 25.0, 5.0, 8.0, Verdict.WARN
)


def test_rules_find_their_operation_however_a_budget_spells_it_the_most_urgent_first() -> None:
    known = {each.key: each for each in (operation("build", 0.05, group="dag", parameter="100"),)}
    passed = replace(LATE, verdict=Verdict.PASS)
    other = replace(LATE, rule="resources.wall_s", metric="wall_s")
    forgotten = replace(LATE, rule="operations.dag.build[100]", metric="mean", verdict=Verdict.UNBUDGETED)
    assert rules_of([passed, GREW, other, forgotten], known) == {"dag.build[100]": [GREW, passed]}


def test_a_limit_of_an_increase_lies_where_it_is_on_the_axis_of_values() -> None:
    assert limits_of([LATE, GREW], Unit.SECONDS) == [RuleLimit(0.05, False, "p95_ms"), RuleLimit(0.06, True, "p95_ms")]
    assert limits_of([replace(GREW, held_against=HELD)], Unit.SECONDS) == [
        RuleLimit(105.0, False, "max_increase_pct"),
        RuleLimit(108.0, True, "max_increase_pct"),
    ]
    assert limits_of([LATE], Unit.BYTES) == []
