"""All of one operation in words, as rows of text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured import operation, suite

from perftui.analysis.operation_sheet import OperationSheet
from perftui.model.operation import Operation
from perftui.ui.widgets.cells import width_of
from perftui.ui.widgets.operation_sections import facts_of, sections


def drawn(sheet: OperationSheet, key: str, width: int = 100) -> list[str]:
    for _ in sheet.work():
        pass
    facts = facts_of(sheet, key, ref="baseline:main")
    assert facts is not None
    return ["".join(part.text for part in row).rstrip() for row in sections(facts, width)]


def below(heading: str, rows: list[str], count: int = 1) -> list[str]:
    at = next(i for i, row in enumerate(rows) if row.startswith(f" {heading}"))
    return rows[at : at + count + 1]


def test_failures_are_told_by_what_they_said() -> None:
    rows = below("errors", drawn(OperationSheet(suite()), "memory.batch_set[100]"), 2)
    assert rows == [
        " errors  current: 2 of 150 executions failed (1.3 %)",
        "      1× TimeoutError",
        "      1× ValueError: key is empty",
    ]


def test_runs_are_told_apart_up_to_a_dozen() -> None:
    rows = below("runs", drawn(OperationSheet([operation("a", 0.01, runs=15, n=4)]), "memory.a"), 13)
    assert rows[1].split()[:3] == ["1", "n", "4"]
    assert rows[13] == "  and 3 more"


def test_values_that_drift_are_told_in_the_order_of_measuring() -> None:
    (heading,) = below("in the order", drawn(OperationSheet([operation("a", 0.01, drift=0.5)]), "memory.a"), 0)
    percent = float(heading.rpartition("(+")[2].removesuffix(" %)"))
    assert 15 < percent < 35


def test_growth_is_told_of_both_sides() -> None:
    sheet = OperationSheet(suite(), {each.key: each for each in suite(seed=3)})
    _, now, before, *_ = below("growth", drawn(sheet, "scheduler.build_dag[100]"), 2)
    assert now.startswith(" current: about linear: exponent 1.03, ")
    assert before.startswith(" baseline: about linear: exponent 1.0")
    assert now.endswith(" (95 %), 4 sizes")


def test_what_only_the_baseline_has_is_shown_as_such() -> None:
    gone = {"memory.gone": operation("gone", 0.02)}
    rows = drawn(OperationSheet([operation("a", 0.01)], gone), "memory.gone")
    assert rows[0] == " memory.gone  only in the baseline"


@pytest.mark.parametrize("width", [20, 40, 80, 112, 200])
def test_charts_keep_to_their_width(width: int) -> None:
    sheet = OperationSheet(suite(), {each.key: each for each in suite(seed=3)})
    charts = [row for row in drawn(sheet, "scheduler.build_dag[100]", width) if "█" in row or "⣿" in row or "●" in row]
    assert all(width_of(row) <= width for row in charts)


@given(
    st.lists(st.lists(st.floats(0, 1e6) | st.floats(1e-9, 1e-3), max_size=30), max_size=8),
    st.integers(0, 150),
    st.booleans(),
)
def test_any_values_can_be_drawn_at_any_width(runs: list[list[float]], width: int, smooth: bool) -> None:
    measured = Operation("g", "a", "10", runs=tuple(map(tuple, runs)))
    other = replace(measured, parameter="20")
    sheet = OperationSheet([measured, other], {measured.key: measured})
    for _ in sheet.work():
        pass
    facts = facts_of(sheet, measured.key, smooth=smooth)
    assert facts is not None
    assert sections(facts, width)
