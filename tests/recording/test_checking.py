"""Runs held against a budget: the source document's own, with its figures as the baseline."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.budgets.gate import Strictness
from perftui.budgets.load import load_budget
from perftui.errors import ExitCode
from perftui.model.operation import Operation
from perftui.model.run_figures import RunFigures
from perftui.model.verdict import Verdict
from perftui.recording.check import Check
from perftui.recording.checking import check_figures, check_sessions
from perftui.reports.check_sheet import check_sheet
from perftui.reports.sheet_text import sheet_text
from tests.storage.sessions import saved

FIXTURES = Path(__file__).parents[1] / "fixtures"
MEANS = {
    "memory.remember": 2.5e-3,
    "memory.recall": 45e-3,
    "memory.hybrid_search": 52e-3,
    "storage.set": 1.2e-3,
    "storage.get": 0.8e-3,
    "scheduler.build_dag_100": 12e-3,
    "scheduler.build_dag_1000": 145e-3,
    "scheduler.execute_dag_parallel": 0.85,
    "trait.dispatch_overhead": 1150e-9,
}


def side(ref: str, factors: dict[str, float] | None = None, *, runs: int = 5, host: str = "one") -> RunFigures:
    """Return runs in which each operation takes its mean times a factor, with a spread of half a percent."""
    found = {}
    for key, mean in MEANS.items():
        group, _, name = key.partition(".")
        middle = mean * (factors or {}).get(key, 1.0)
        values = tuple(
            tuple(middle * (1 + 0.001 * ((run * 7 + at * 3) % 5 - 2)) for at in range(4)) for run in range(runs)
        )
        found[key] = Operation(group, name, runs=values)
    return RunFigures(ref, "bench", "2026-11-20T10:00:00+0000", runs, operations=found, environment={"host": host})


def checked(current: RunFigures, baseline: RunFigures | None, strictness: Strictness | None = None) -> Check:
    budget = load_budget(FIXTURES / "performance_budget.toml")
    return check_figures(current, budget, baseline=baseline, strictness=strictness or Strictness())


def words(check: Check) -> dict[str, str]:
    return {
        each.rule.removeprefix("operations.").removesuffix(".max_increase_pct"): each.verdict.value
        for each in check.verdicts
    }


def test_runs_that_are_as_the_release_was_pass_every_rule_about_a_change() -> None:
    check = checked(side("@latest"), side("baseline:v1.1.5"))
    assert set(words(check).values()) == {"pass"}
    assert (check.exit_code, check.within) == (ExitCode.OK, (9, 9))


def test_what_is_slower_than_it_may_be_fails_and_stands_first() -> None:
    check = checked(side("@latest", {"storage.get": 1.2, "memory.recall": 1.03}), side("baseline:v1.1.5"))
    assert (words(check)["storage.get"], words(check)["memory.recall"]) == ("fail", "pass")
    assert check.exit_code is ExitCode.FAILED_CHECK
    lines = sheet_text(check_sheet(check, wide=False), width=80).splitlines()
    row = next(line for line in lines if line.endswith("FAIL"))
    assert row.split() == ["storage.get", "800", "µs", "960", "µs", "+20.0", "%", "≤", "+5.0", "%", "FAIL"]
    assert lines[-1] == "Summary: 8/9 within budget (1 failed)"


def test_without_a_stored_baseline_the_one_in_the_budget_is_used_and_said() -> None:
    check = checked(side("@latest", {"storage.get": 1.2}), None)
    assert words(check)["storage.get"] == "fail"
    text = sheet_text(check_sheet(check, wide=False), width=80)
    assert "baseline  as the budget states it" in text
    heading = next(line for line in text.splitlines() if line.startswith("operation"))
    assert heading.split() == ["operation", "stated", "current", "change", "budget", "verdict"]


def test_too_few_runs_fail_nothing_and_say_how_many_are_needed() -> None:
    check = checked(side("@latest", {"storage.get": 1.2}, runs=2), side("baseline:v1.1.5", runs=2))
    (verdict,) = [each for each in check.verdicts if "storage.get" in each.rule]
    assert verdict.verdict in (Verdict.WARN, Verdict.INCONCLUSIVE)
    assert "more runs" in verdict.reason
    assert check.exit_code is ExitCode.OK


def test_another_host_is_said_and_nothing_is_called_slower() -> None:
    check = checked(side("@latest", {"storage.get": 1.2}), side("baseline:v1.1.5", host="another"))
    assert set(words(check).values()) == {"inconclusive"}
    assert check.differences == ("the baseline was not measured under the same conditions: another machine",)
    assert check.exit_code is ExitCode.OK


def test_a_missing_operation_fails_only_where_that_is_asked_for() -> None:
    current = side("@latest")
    left = {key: value for key, value in current.operations.items() if key != "storage.get"}
    current = RunFigures(current.ref, operations=left, environment=current.environment)
    assert words(checked(current, side("baseline:v1.1.5")))["storage.get"] == "missing"
    assert checked(current, side("baseline:v1.1.5")).exit_code is ExitCode.OK
    strict = checked(current, side("baseline:v1.1.5"), Strictness(missing_fails=True))
    assert strict.exit_code is ExitCode.FAILED_CHECK


@pytest.mark.parametrize("count", [1, 2])
def test_sessions_are_judged_with_and_without_a_baseline(tmp_path: Path, count: int) -> None:
    path = tmp_path / "budget.toml"
    path.write_text(
        '[resources.wall]\nlimit = 60\n[functions."Shop.answer_searches"]\nmax_increase_pct = 50\n', encoding="utf-8"
    )
    sessions = [FIXTURES / "sessions" / name for name in ("demo.perftui", "demo-next.perftui")[:count]]
    alone = check_sessions(sessions, "runs", load_budget(path), strictness=Strictness())
    assert [each.verdict for each in alone.verdicts] == [Verdict.PASS, Verdict.MISSING]
    assert (alone.exit_code, alone.current.runs) == (ExitCode.NO_DATA, count)


def test_runs_that_failed_or_were_cut_off_are_said_before_any_verdict(tmp_path: Path) -> None:
    path = tmp_path / "budget.toml"
    path.write_text("[resources.wall]\nlimit = 60\n", encoding="utf-8")
    sessions = [
        saved(tmp_path, "20260101-000000-aaaa", exit_code=3, group="g", repeat_index=1),
        saved(tmp_path, "20260101-000001-bbbb", exit_code=0, group="g", repeat_index=2),
    ]
    check = check_sessions(sessions, "bench", load_budget(path), strictness=Strictness())
    assert check.remarks == ("1 of 2 runs failed (exit code 3): what is not reached is not measured",)
    text = sheet_text(check_sheet(check), width=100)
    assert "! 1 of 2 runs failed (exit code 3)" in text
    # Each rule passes, by what there is of a run that ended too early; the whole does not.
    assert check.verdicts[0].verdict is Verdict.PASS
    assert (check.word, check.exit_code) == (Verdict.WARN, ExitCode.OK)
    strict = check_sessions(sessions, "bench", load_budget(path), strictness=Strictness(warn_fails=True))
    assert strict.exit_code is ExitCode.FAILED_CHECK
