"""Rules about changes in a comparison: they hold its two sides against each other, and say it everywhere alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.analysis.paired_figures import BudgetPair
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.recording.compare_document import compare_document
from perftui.recording.comparison import Comparison, compare_paths
from perftui.recording.comparison_figures import budgets_of
from perftui.reports.wording import budget_rows
from perftui.ui.widgets.sides_lines import budget_lines
from perftui.ui.widgets.sides_table import Figures
from tests.budgets.measured_sides import MS, quiet
from tests.builders import window
from tests.recording.test_judged_live import BUDGET, RECALL, Run

INCREASE = f"{RECALL}.max_increase_pct"


def side_of(folder: Path, milliseconds: float, leaf: int) -> Path:
    run = Run(folder, text=BUDGET)
    run.sees(
        window(*["main;leaf"] * leaf, *["main;other"] * 400, end_s=5.0),
        operations=(quiet("memory.recall", milliseconds * MS),),
    )
    return run.ends(5.0)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("compared")
    return compare_paths(side_of(folder / "a", 45.0, 200), side_of(folder / "b", 58.0, 600))


def pair_of(comparison: Comparison, rule: str) -> BudgetPair:
    return next(pair for pair in budgets_of(comparison) if pair.rule == rule)


def current(pair: BudgetPair) -> RuleVerdict:
    assert pair.current is not None
    return pair.current


def test_an_increase_is_that_from_one_side_to_the_other(compared: Comparison) -> None:
    pair = pair_of(compared, INCREASE)
    verdict = current(pair)
    assert (pair.baseline, verdict.verdict, verdict.fail) == (None, Verdict.FAIL, 8.0)
    assert verdict.held_against is not None
    assert verdict.held_against.value == pytest.approx(45 * MS)
    assert verdict.held_against.current == pytest.approx(58 * MS)


def test_a_single_run_of_a_function_is_advice_here_too(compared: Comparison) -> None:
    verdict = current(pair_of(compared, "functions.leaf.max_increase_pct"))
    assert verdict.verdict in (Verdict.WARN, Verdict.INCONCLUSIVE)
    assert verdict.held_against is not None


def test_a_limit_of_the_value_itself_stays_as_each_run_was_judged(compared: Comparison) -> None:
    pair = pair_of(compared, f"{RECALL}.mean_ms")
    assert pair.baseline is not None
    assert (pair.baseline.verdict, current(pair).verdict) == (Verdict.PASS, Verdict.PASS)


def test_screen_report_and_document_say_the_same(compared: Comparison) -> None:
    pairs = budgets_of(compared)
    line = next(
        line for line in budget_lines(pairs) if isinstance(line, Figures) and line.name == "memory.recall increase"
    )
    assert line.cells == ("45.0 ms", "✘ 58.0 ms", "+13.0 ms", "+29 %")
    row = next(row for row in budget_rows(pairs) if row[0] == "memory.recall increase")
    assert row[1:] == ["45.0 ms", "FAIL  58.0 ms (+28.9 %)"]
    told = next(each for each in compare_document(compared)["budgets"] if each["rule"] == INCREASE)
    assert told["change"]["change_pct"] == pytest.approx(100 * (58 / 45 - 1))
    assert told["change"]["n"] == [5, 5]
    assert told["current"]["verdict"] == "fail"
