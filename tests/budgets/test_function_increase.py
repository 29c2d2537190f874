"""A function that a budget names is tested alone: several runs decide, a single one only advises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest

from perftui.model.run_figures import RunFigures
from perftui.model.verdict import RuleVerdict, Verdict
from tests.budgets.measured_sides import judged, sampled

TEXT = '[functions."app/work.py:query"]\nmax_increase_pct = 10'
RULE = 'functions."app/work.py:query".max_increase_pct'
USUAL = {"query": 2_000, "load": 3_000, "render": 1_500, "parse": 1_000, "send": 800}


def runs(
    count: int, seed: int, *, ref: str = "@latest", of: Mapping[str, int] = USUAL, host: float = 1.0
) -> RunFigures:
    """Runs whose counts vary as those of a quiet host do."""
    dice = Random(seed)
    return sampled(
        [
            {
                name: round(host * samples * dice.gauss(1, 0.02) + dice.gauss(0, samples**0.5))
                for name, samples in of.items()
            }
            for _ in range(count)
        ],
        ref,
    )


def increase(current: RunFigures, baseline: RunFigures, text: str = TEXT) -> RuleVerdict:
    return judged(text, current, baseline)[RULE]


def test_several_runs_find_a_function_that_costs_half_more_and_pass_one_that_does_not() -> None:
    before = runs(5, 1, ref="baseline:main")
    same, slower = (increase(runs(5, 2, of=USUAL | {"query": samples}), before) for samples in (2_000, 3_000))
    assert (same.verdict, slower.verdict) == (Verdict.PASS, Verdict.FAIL)
    held = slower.held_against
    assert held is not None
    assert slower.current == held.change_pct == pytest.approx(50, abs=8)
    assert (held.ref, held.runs) == ("baseline:main", (5, 5))
    assert held.p is not None
    assert held.p < 0.01
    assert held.value == pytest.approx(20, rel=0.1)
    assert "samples" in slower.reason


def test_a_single_run_a_side_is_advice_and_never_fails() -> None:
    found = increase(runs(1, 2, of=USUAL | {"query": 8_000}), runs(1, 1, ref="baseline:main"))
    assert found.verdict is Verdict.WARN
    assert "a single run a side is advice" in found.reason


def test_the_budget_may_ask_for_more_runs() -> None:
    text = f"[performance_budget]\nmin_runs = 6\n{TEXT}"
    found = increase(runs(5, 2, of=USUAL | {"query": 4_000}), runs(5, 1, ref="baseline:main"), text)
    assert found.verdict is Verdict.WARN
    assert "5 runs a side are few" in found.reason


def test_a_slower_host_is_taken_out_and_said_and_is_no_pass() -> None:
    found = increase(runs(5, 2, host=1.5), runs(5, 1, ref="baseline:main"))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.current == pytest.approx(0, abs=5)
    assert "beyond the ×1.48 of the other functions" in found.reason
    assert "a slower host, or all of the code" in found.reason
    faster = increase(runs(5, 2, host=0.7), runs(5, 1, ref="baseline:main"))
    assert (faster.verdict, "of the other functions" in faster.reason) == (Verdict.PASS, True)


@pytest.mark.parametrize("others", [{}, {"load": 700}, {"load": 700, "parse": 100}, {"load": 700, "a": 90, "b": 60}])
def test_a_function_among_few_is_never_the_measure_of_its_own_change(others: Mapping[str, int]) -> None:
    before, *after = (
        runs(5, seed, of={"query": samples, **others}) for seed, samples in ((1, 2_000), (2, 2_000), (3, 4_000))
    )
    same, slower = (increase(side, before) for side in after)
    assert (same.verdict, slower.verdict) == (Verdict.PASS, Verdict.FAIL)
    assert slower.current == pytest.approx(100, abs=20)


def test_what_a_function_calls_may_hide_that_it_is_slower_but_does_not_let_it_pass() -> None:
    def side(times: int, seed: int) -> RunFigures:
        """Runs of one function that does nothing itself and calls all others, so many times."""
        found = runs(5, seed, of={name: times * samples for name, samples in USUAL.items()})
        own = next(each for each in found.functions if each.function == "query")
        whole = replace(own, samples=found.samples, total_s=found.seconds, self_s=(0.0,) * 5)
        return replace(found, functions=(whole, *(each for each in found.functions if each is not own)))

    found = increase(side(2, 2), side(1, 1))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "more: a slower host, or all of the code" in found.reason


def test_another_machine_is_inconclusive() -> None:
    before, after = (replace(runs(5, seed, ref="baseline:main"), environment={"cpu": str(seed)}) for seed in (1, 2))
    found = increase(after, before)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason.startswith("another processor (1 against 2)")


def test_few_samples_tell_nothing() -> None:
    few = {name: samples // 200 for name, samples in USUAL.items()}
    found = increase(runs(1, 2, of=few), runs(1, 1, of=few, ref="baseline:main"))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason.startswith("fewer than 20 samples")


def test_what_one_side_lacks_is_missing() -> None:
    without = {name: samples for name, samples in USUAL.items() if name != "query"}
    before = increase(runs(2, 2), runs(2, 1, of=without, ref="baseline:v1"))
    after = increase(runs(2, 2, of=without), runs(2, 1, ref="baseline:v1"))
    assert (before.verdict, after.verdict) == (Verdict.MISSING, Verdict.MISSING)
    assert "`perftui baseline save v1 REF`" in before.reason
    assert after.reason == "was not seen in any sample"


def test_of_identical_runs_hardly_any_is_called_slower() -> None:
    failed = sum(
        increase(runs(5, seed), runs(5, seed + 500, ref="baseline:main")).verdict is Verdict.FAIL for seed in range(60)
    )
    assert failed == 0


def test_among_few_functions_on_a_restless_host_equal_code_hardly_ever_fails_and_slower_code_does() -> None:
    few = {"query": 300, "other": 100}

    def side(seed: int, ref: str, query: float = 1.0) -> RunFigures:
        dice = Random(seed)
        slower = few | {"query": few["query"] * query}
        hosts = [dice.gauss(1, 0.1) for _ in range(5)]
        return sampled(
            [{name: round(host * value * dice.gauss(1, 0.03)) for name, value in slower.items()} for host in hosts], ref
        )

    found = {
        query: [increase(side(seed, "@latest", query), side(seed + 500, "baseline:main")).verdict for seed in range(40)]
        for query in (1.0, 1.6)
    }
    assert found[1.0].count(Verdict.FAIL) <= 1
    assert found[1.6].count(Verdict.FAIL) >= 36
    assert Verdict.PASS not in found[1.6]
