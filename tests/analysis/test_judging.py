"""Verdicts of functions on samples whose truth is known: drawn independently, in bursts, on slow hosts, in few runs."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from math import exp, log, sqrt

import pytest

from perftui.analysis.judging import Judged, judge_functions
from perftui.analysis.run_counts import FunctionCounts, RunCounts
from perftui.model.change import ChangeVerdict

HOT = ("app.py", "hot")
OTHERS = [("app.py", f"other{number}") for number in range(12)]
SHARES = {HOT: 0.08, **{key: 0.92 / len(OTHERS) for key in OTHERS}}


def sampled(
    dice: random.Random,
    seconds: float,
    *,
    rho: float = 0.0,
    slow: float = 1.0,
    heavier: float = 1.0,
    host: float = 0.0,
    cpu_s: float | None = None,
) -> RunCounts:
    """A run of fixed work at 100 Hz; with chance `rho` the next sample is in the same function."""
    weights = {
        key: share * (heavier if key == HOT else 1.0) * exp(dice.gauss(0, host)) for key, share in SHARES.items()
    }
    number = round(100 * seconds * slow * sum(weights.values()))
    drawn = dice.choices(list(weights), list(weights.values()), k=number)
    for at in range(1, number):
        if dice.random() < rho:
            drawn[at] = drawn[at - 1]
    blocks = [drawn[at : at + 100] for at in range(0, number - 99, 100)]
    functions = {key: FunctionCounts(drawn.count(key), tuple(block.count(key) for block in blocks)) for key in weights}
    return RunCounts(functions, interval_s=0.01, block_count=len(blocks), cpu_s=cpu_s)


def group(dice: random.Random, runs: int, seconds: float, **options: float) -> list[RunCounts]:
    return [sampled(dice, seconds, **options) for _ in range(runs)]


def clear(judged: Judged) -> dict[str, str]:
    return {key[1]: found.verdict.value for key, found in judged.functions.items() if found.verdict.clear}


def test_few_runs_that_agree_by_luck_are_not_surer_than_their_samples() -> None:
    keys = [HOT, *OTHERS[:7]]

    def alike(*counts: int) -> RunCounts:
        return RunCounts({key: FunctionCounts(count) for key, count in zip(keys, counts, strict=True)}, interval_s=0.01)

    before = [alike(18, *range(40, 54, 2)), alike(18, *range(41, 54, 2))]
    after = [alike(31, *range(40, 54, 2)), alike(32, *range(41, 54, 2))]
    found = judge_functions(before, after).functions[HOT]
    assert found.certainty.ci is not None
    low, high = found.certainty.ci
    assert log(high / low) / 2 > 1.96 * sqrt(1 / 36 + 1 / 63)
    assert not found.verdict.clear


@pytest.mark.parametrize("rho", [0.0, 0.7])
@pytest.mark.parametrize("runs", [1, 5])
def test_nothing_is_called_changed_where_nothing_is(rho: float, runs: int) -> None:
    dice = random.Random(f"{rho} {runs}")
    alarms = 0
    for _ in range(25):
        slow = exp(dice.gauss(0, 0.1))
        before, after = (group(dice, runs, 20 / runs, rho=rho, slow=side, host=0.02) for side in (1.0, slow))
        alarms += bool(clear(judge_functions(before, after)))
    assert alarms <= 1


@pytest.mark.parametrize(("rho", "seconds"), [(0.0, 10.0), (0.7, 45.0)])
def test_a_function_half_as_heavy_again_is_found_and_no_other(rho: float, seconds: float) -> None:
    dice = random.Random(f"found {rho}")
    found = wrong = 0
    for _ in range(15):
        before, after = group(dice, 5, seconds, rho=rho), group(dice, 5, seconds, rho=rho, heavier=1.5)
        said = clear(judge_functions(before, after))
        found += said.pop("hot", "") == "slower"
        wrong += bool(said)
    assert found >= 13
    assert wrong <= 1


def test_a_uniform_slowdown_is_shared_and_singles_no_function_out() -> None:
    dice = random.Random(3)
    judged = judge_functions(group(dice, 5, 10), group(dice, 5, 10, slow=2.0))
    assert clear(judged) == {}
    assert judged.noise.shared == pytest.approx(2.0, rel=0.05)
    low, high = judged.functions[HOT].certainty.ci or (0.0, 0.0)
    assert low < 1 < high


def test_one_run_against_one_tells_a_large_change_on_a_quiet_host_and_none_on_a_busy_one() -> None:
    dice = random.Random(4)
    before, after = sampled(dice, 60, cpu_s=60), sampled(dice, 60, heavier=2.0, cpu_s=65)
    assert clear(judge_functions([before], [after])) == {"hot": "slower"}
    before, after = sampled(dice, 60, cpu_s=60), sampled(dice, 60, heavier=2.0, cpu_s=25)
    judged = judge_functions([before], [after])
    assert clear(judged) == {}
    assert judged.functions[HOT].verdict is ChangeVerdict.INCONCLUSIVE
    assert judged.noise.between > 0.3


def test_what_a_few_small_functions_did_by_chance_is_not_held_against_a_great_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What the median of them says of the host is as uncertain as they are.
    for key in SHARES:
        monkeypatch.setitem(SHARES, key, 0.02 if key in OTHERS[:6] else 0.0 if key in OTHERS else 0.88)
    dice = random.Random(6)
    alarms = sum(bool(clear(judge_functions([sampled(dice, 8)], [sampled(dice, 8)]))) for _ in range(60))
    assert alarms <= 1


def counts(**functions: int | Sequence[int]) -> list[RunCounts]:
    """Runs of these functions beside others that stay as they are, one for each count."""
    rows: Mapping[str, Sequence[int]] = {n: [c] if isinstance(c, int) else c for n, c in functions.items()}
    runs = max(map(len, rows.values()))
    made = []
    for run in range(runs):
        own = {("app.py", name): FunctionCounts(row[run]) for name, row in rows.items() if row[run]}
        rest = {key: FunctionCounts(500 + 10 * number) for number, key in enumerate(OTHERS)}
        made.append(RunCounts({**rest, **own}, interval_s=0.01))
    return made


def verdict(before: list[RunCounts], after: list[RunCounts], name: str = "f") -> ChangeVerdict:
    return judge_functions(before, after).functions["app.py", name].verdict


def test_what_appears_in_every_run_appeared_and_what_one_run_did_is_no_change() -> None:
    none, every, once = counts(f=[0] * 5), counts(f=[60, 55, 70, 62, 58]), counts(f=[0, 300, 0, 0, 0])
    assert verdict(none, every) is ChangeVerdict.APPEARED
    assert verdict(every, none) is ChangeVerdict.VANISHED
    assert verdict(none, once) is ChangeVerdict.INCONCLUSIVE


def test_small_changes_and_small_functions_are_not_worth_speaking_of() -> None:
    steady, more = counts(f=[40_000] * 6), counts(f=[41_000] * 6)
    assert verdict(steady, more) is ChangeVerdict.WITHIN_NOISE, "two and a half percent, however certain"
    few = judge_functions(counts(f=9), counts(f=15)).functions["app.py", "f"]
    assert (few.verdict, few.reason) == (ChangeVerdict.INCONCLUSIVE, "fewer than 20 samples on either side")
    small = judge_functions(counts(f=25), counts(f=30)).functions["app.py", "f"]
    assert small.reason == "less than 0.5 % of the time on either side"


def test_a_function_that_a_budget_names_is_judged_alone() -> None:
    before, after = counts(f=[400, 410, 395]), counts(f=[485, 480, 490])
    listed = judge_functions(before, after).functions["app.py", "f"]
    alone = judge_functions(before, after, named=[("app.py", "f")]).functions["app.py", "f"]
    assert (listed.verdict, alone.verdict) == (ChangeVerdict.INCONCLUSIVE, ChangeVerdict.SLOWER)
    assert alone.certainty.q is None
    assert listed.certainty.q is not None
    assert listed.certainty.more_runs is not None
    assert listed.reason


def test_a_side_without_samples_is_judged_all_the_same() -> None:
    empty = [RunCounts({}, interval_s=0.0)]
    assert clear(judge_functions(empty, counts(f=500)))
    assert judge_functions(empty, empty).functions == {}
    assert judge_functions([], []).functions == {}


def test_both_directions_say_the_opposite() -> None:
    dice = random.Random(9)
    before, after = group(dice, 4, 10), group(dice, 4, 10, heavier=2.0)
    there, back = judge_functions(before, after), judge_functions(after, before)
    for key, found in there.functions.items():
        other = back.functions[key]
        assert found.certainty.p == pytest.approx(other.certainty.p)
        low, high = found.certainty.ci or (0.0, 0.0)
        assert other.certainty.ci == pytest.approx((1 / high, 1 / low))
    assert (there.functions[HOT].verdict, back.functions[HOT].verdict) == (ChangeVerdict.SLOWER, ChangeVerdict.FASTER)
