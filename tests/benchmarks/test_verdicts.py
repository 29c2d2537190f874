"""The verdicts of real runs: kept counts of 90 recordings, of which 5 are drawn against 5 again and again."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.verdict_rules import perftui, poisson, quasi_poisson, ranks, ten_percent
from harness.verdict_runs import drawn, read_counts, write_counts
from perftui.analysis.judging import judge_functions
from perftui.analysis.judging_total import judge_cpu_time, judge_total
from perftui.model.change import ChangeVerdict
from verdicts import COUNTS, SIDES, TWICE, TWICE_COUNTS, WORKS, Work

DRAWS = 100


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_what_changed_is_found_and_what_did_not_is_left_alone(work: Work) -> None:
    found = drawn(read_counts(COUNTS)[work.name], work.heavier, perftui, draws=DRAWS)
    assert found.alarms <= 0.02 * DRAWS, f"identical code was called changed: {found.blamed}"
    assert found.found >= 0.85 * DRAWS
    assert found.others <= 0.02 * DRAWS


def test_other_rules_cry_wolf_or_see_nothing() -> None:
    sides = read_counts(COUNTS)["long_calls"]
    outcomes = {rule: drawn(sides, "smooth", rule, draws=10) for rule in (ten_percent, poisson, quasi_poisson, ranks)}
    assert outcomes[ten_percent].alarms >= 8
    assert outcomes[poisson].alarms >= 3
    assert outcomes[ranks].found == outcomes[quasi_poisson].found == 0


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_work_that_is_done_twice_is_slower_as_a_whole_and_in_no_function(work: Work) -> None:
    once, twice = (read_counts(TWICE_COUNTS)[work.name][side] for side in TWICE)
    found = judge_functions(once, twice)
    assert found.noise.shared == pytest.approx(2.0, rel=0.15)
    assert [key for key, judged in found.functions.items() if judged.verdict.clear] == []
    total = judge_total([run.weight for run in once], [run.weight for run in twice])
    cpu_time = judge_cpu_time(once, twice)
    assert cpu_time is not None
    assert (total.verdict, cpu_time.verdict) == (ChangeVerdict.SLOWER, ChangeVerdict.SLOWER)
    assert cpu_time.current / cpu_time.baseline == pytest.approx(2.0, rel=0.05)


def test_counts_come_back_as_they_were_kept(tmp_path: Path) -> None:
    works = read_counts(COUNTS)
    write_counts(tmp_path / "counts.json", works)
    assert read_counts(tmp_path / "counts.json") == works
    assert all(len(works[work.name][side]) == 10 for work in WORKS for side in SIDES)
