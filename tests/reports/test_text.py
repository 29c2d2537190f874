"""A comparison as lines of text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from perftui.model.change import ChangeVerdict, MatchKind
from perftui.model.frame import Frame
from perftui.reports.cells import shortened
from perftui.reports.text import comparison_text
from perftui.units import Unit
from tests.changes import change
from tests.reports.reports import CHANGES, HOSTILE, NOISE, named, report


def test_changes_that_no_commit_holds_are_said_beside_it() -> None:
    said = report()
    runs = tuple(replace(run, environment={**run.environment, "git_changes": "yes"}) for run in said.current.runs)
    lines = comparison_text(replace(said, current=replace(said.current, runs=runs)), width=80).splitlines()
    assert [line.partition("commit ")[2] for line in lines[1:4:2]] == [
        "0123456789 (main)",
        "0123456789 (main) with changes",
    ]


def test_the_whole_stands_above_what_is_clear_and_that_above_what_may_matter() -> None:
    lines = comparison_text(report(runs=5), width=80).splitlines()
    assert lines == [
        "baseline  shop ×5  (30.2 s each)",
        "          2026-01-01 10:00, commit 0123456789 (main)",
        "current   shop ×5  (30.2 s each)",
        "          2026-01-01 11:00, commit 0123456789 (main)",
        "mode      absolute, a run each: both sides worked to their end",
        "",
        "running threads: ▲ slower  10.0 s → 11.5 s  +1.50 s",
        "          95 %: +10 … +20 %, p 0.003, a change of 3.0 % would have been seen",
        "          functions: 1 slower, 1 within noise, 2 inconclusive, 1 vanished",
        "",
        "clear (2)",
        "  baseline  current    delta  change (95 %)        samples      q   shows",
        "▲ slower  render  app.py",
        "    1.00 s   1.50 s  +500 ms    +38 … +66 %  1,000 → 1,500  0.012  12.3 %",
        "▼ vanished  gone  app.py",
        "    400 ms      0 s  -400 ms                        40 → 0",
        "",
        "inconclusive, and it might matter (1)",
        "  baseline  current    delta  change (95 %)  samples     q   shows",
        "? inconclusive  parse  app.py",
        "    500 ms   600 ms  +100 ms    -20 … +31 %  50 → 60  0.40  50.0 %",
        "    about 7 more runs a side would decide",
        "",
        "not listed: 1 inconclusive that cannot matter much, 1 within noise",
        "",
        "a run      mean             peak",
        "wall time  30.2 s → 29.0 s",
        "CPU        95.0 % → 96.0 %  100 % → not measured",
        "",
        "budget (worst run of each side)  baseline    current",
        "drawing | x                      not judged  FAIL  1.50 s",
        "",
        "conditions that differ (! those that matter)",
        "! Python  3.11.7 → 3.12.1",
        "    the interpreters differ (Python 3.11.7 against 3.12.1)",
        "",
        "change (95 %): the interval that holds the true change; shows: the smallest",
        "          change that would have been seen",
    ]


def test_where_there_is_room_a_function_is_one_line() -> None:
    text = comparison_text(report(), width=160)
    (line,) = [line for line in text.splitlines() if "render" in line]
    wanted = "▲ slower 1.00 s 1.50 s +500 ms +38 … +66 % 1,000 → 1,500 0.012 12.3 % render app.py"
    assert line.split() == wanted.split()


def test_shares_are_held_against_each_other_in_points() -> None:
    text = comparison_text(report(by_share=True), width=160)
    (line,) = [line for line in text.splitlines() if "render" in line]
    assert line.split()[2:8] == ["10.0", "%", "14.0", "%", "+4.0", "%"]
    assert "share of each side" in text


def test_bytes_are_more_and_not_slower() -> None:
    text = comparison_text(report(unit=Unit.BYTES), width=160)
    assert "▲ more" in text
    assert "slower" not in text


def test_another_name_on_the_other_side_is_told() -> None:
    renamed = change("new", ChangeVerdict.FASTER, match=MatchKind.RENAMED, was=Frame("old", "lib.py"))
    ambiguous = change("bare", ChangeVerdict.SLOWER, match=MatchKind.AMBIGUOUS)
    text = comparison_text(report([renamed, ambiguous]), width=100)
    assert "    was old (lib.py)\n" in text
    assert "    matched by its bare name\n" in text


def test_what_is_the_same_is_only_counted() -> None:
    text = comparison_text(report([change(f"f{n}", NOISE) for n in range(57)], conditions=()), width=80)
    assert "not listed: 57 within noise" in text
    assert "f1" not in text


def test_so_many_functions_are_listed_and_the_others_counted() -> None:
    text = comparison_text(report([named(f"f{n}") for n in range(9)]), width=80, top=4)
    assert "and 5 more functions" in text
    assert sum("f" in line and line.startswith("▲") for line in text.splitlines()) == 4


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_makes_a_line_wider_or_acts_on_a_terminal(name: str, width: int) -> None:
    hostile = report([named(name)], name=name, remarks=(name * 3,))
    run = replace(hostile.baseline.runs[0], id=name, created=name)
    text = comparison_text(replace(hostile, baseline=replace(hostile.baseline, runs=(run,))), width=width)
    assert all(cell_len(line) <= max(80, width) for line in text.splitlines())
    assert text.replace("\n", "").isprintable() or name[0] >= "\u3000"
    assert "\x1b" not in text


def test_a_long_name_keeps_its_end() -> None:
    text = comparison_text(report([named(f"Outer.{'Inner.' * 40}method")]), width=80)
    (line,) = [line for line in text.splitlines() if line.startswith("▲ slower") and "Outer" in line]
    assert "Inner.method" in line
    assert "…" in line
    assert line.endswith(".py")


@given(st.text(max_size=60), st.integers(0, 40))
@example("00\x1f", 2)
def test_a_shortened_text_fits_and_keeps_its_end(text: str, width: int) -> None:
    cut = shortened(text, width)
    assert cell_len(cut) <= width
    if cut != text and width >= 8:
        assert text.endswith(cut.partition("…")[2])
    assert (cut == text) == (cell_len(text) <= width)


def test_a_report_without_any_function_is_no_error() -> None:
    assert "no function on either side" in comparison_text(report([], trees=None, conditions=()))
    assert len(CHANGES) == 5
