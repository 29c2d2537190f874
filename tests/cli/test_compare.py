"""Comparisons as a verb writes them: in every format, to a file, for strangers, and as a gate."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from perftui.analysis.regression import regression_of
from perftui.cli.door import main
from perftui.errors import NoDataError
from perftui.model.change import ChangeVerdict, TotalChange
from perftui.model.heap import HeapView
from perftui.recording.comparison import compare_models
from perftui.reports.of_comparison import report_of
from perftui.reports.text import comparison_text
from tests.changes import change
from tests.heaps import heap
from tests.planted import planted_session, told_secrets
from tests.recording.test_comparison import CPU, KIB, peak, session

SESSIONS = Path(__file__).parents[1] / "fixtures" / "sessions"
SLOWER, FASTER, NOISE = ChangeVerdict.SLOWER, ChangeVerdict.FASTER, ChangeVerdict.WITHIN_NOISE


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """Two sessions of memory and CPU."""
    copies = [str(shutil.copy(SESSIONS / f"{name}.perftui", tmp_path)) for name in ("memory", "memory-next")]
    return copies[0], copies[1]


def test_memory_stands_below_cpu_where_both_sessions_hold_both() -> None:
    found = compare_models(session(peak(200 * KIB), samples=CPU), session(peak(300 * KIB), samples=CPU))
    text = comparison_text(report_of(found, flames=False), width=160)
    assert text.index("running threads: ") < text.index(
        "held at the high watermark: ▲ more  210 KiB → 310 KiB  +100 KiB"
    )
    (load,) = [line for line in text.splitlines() if "load" in line]
    assert load.split() == ["▲", "more", "200", "KiB", "300", "KiB", "+100", "KiB", "2", "→", "2", "load", "app.py"]


def test_what_one_session_lacks_is_a_note() -> None:
    found = compare_models(session(samples=CPU, mode="cpu"), session(peak(5), samples=CPU))
    text = comparison_text(report_of(found, flames=False))
    assert "note      the baseline holds no memory" in text
    assert "KiB" not in text


def test_another_view_of_the_heap_can_be_asked_for() -> None:
    leak = heap("main;cache 30 1", HeapView.LEAKED)
    found = compare_models(session(leak, mode="memory"), session(leak, peak(5), mode="memory"))
    assert "leaked: ≈ same" in comparison_text(report_of(found, view=HeapView.LEAKED))
    with pytest.raises(NoDataError, match="not both sessions hold memory: high_watermark"):
        report_of(found, view=HeapView.HIGH_WATERMARK)


def test_the_ending_of_a_file_says_which_format(
    pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begins = {"html": "<!DOCTYPE html>", "md": "## archive", "json": "{", "txt": "baseline  archive"}
    for ending, beginning in begins.items():
        file = tmp_path / f"report.{ending}"
        assert main(["compare", *pair, "-o", str(file)]) == 0
        assert file.read_text(encoding="utf-8").startswith(beginning)
    assert capsys.readouterr().out == ""
    assert main(["compare", *pair, "-o", str(tmp_path / "report.pdf")]) == 2
    assert "--format text, md, json or html" in capsys.readouterr().err


def test_one_format_at_a_time(pair: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *pair, "--json", "--format", "md"]) == 2
    assert "one format at a time" in capsys.readouterr().err
    assert main(["compare", *pair, "--json", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"].startswith("perftui.compare/")


@pytest.mark.parametrize("format_name", ["text", "md", "json", "html"])
def test_a_redacted_report_tells_nothing_of_what_was_planted(
    format_name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.node", lambda: "build-farm-07")
    paths = [str(planted_session(tmp_path, weight=weight)) for weight in (50, 90)]
    assert main(["compare", *paths, "--format", format_name]) == 0
    assert "hidden-place" in (plain := capsys.readouterr().out)
    assert main(["compare", *paths, "--format", format_name, "--redact"]) == 0
    text = capsys.readouterr().out
    assert told_secrets(text) == []
    assert str(tmp_path) not in text
    assert "leaf" in text
    assert "elsewhere" in text
    assert len(text) > len(plain) / 2


def test_one_run_against_one_run_fails_no_gate(pair: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *pair, "--fail-on", "regression", "--top", "1"]) == 0
    told = capsys.readouterr()
    assert "one run against one run fails no gate" in told.err
    assert "running threads" in told.out


def test_a_function_that_is_slower_in_several_runs_fails_although_the_whole_is_faster(
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["--sessions-dir", str(SESSIONS / "packaging"), "compare"]
    assert main([*command, "packaging-25.0", "packaging-26.0", "--format", "md", "--fail-on", "regression"]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("regression: slower: _BaseVersion.__lt__")
    assert "running threads | 17.1 s | 8.66 s | **▼ faster** |" in told.out
    assert main([*command, "packaging-26.0", "packaging-25.0", "--text", "--fail-on", "regression"]) == 1
    assert "regression: the whole is slower; slower: Version.__init__" in capsys.readouterr().err
    assert main([*command, "packaging-25.0", "packaging-25.0", "--json", "--fail-on", "regression"]) == 0
    assert capsys.readouterr().err == "no regression: nothing is called slower\n"


@pytest.mark.parametrize(
    ("total", "functions", "runs", "fails"),
    [
        (SLOWER, (), (5, 5), True),
        (NOISE, (SLOWER,), (2, 2), True),
        (FASTER, (SLOWER, FASTER), (5, 5), True),
        (NOISE, (FASTER, NOISE, ChangeVerdict.APPEARED, ChangeVerdict.VANISHED), (5, 5), False),
        (ChangeVerdict.INCONCLUSIVE, (ChangeVerdict.INCONCLUSIVE,), (5, 5), False),
        (SLOWER, (SLOWER,), (1, 1), False),
        (SLOWER, (SLOWER,), (1, 9), False),
        (SLOWER, (SLOWER,), (9, 1), False),
    ],
)
def test_only_what_is_slower_fails_and_only_with_several_runs(
    total: ChangeVerdict, functions: tuple[ChangeVerdict, ...], runs: tuple[int, int], fails: bool
) -> None:
    changes = [change(f"f{number}", verdict) for number, verdict in enumerate(functions)]
    assert regression_of(TotalChange(1.0, 2.0, total, runs=runs), changes).fails is fails


@pytest.mark.parametrize(("seen", "counted", "fails"), [(SLOWER, NOISE, False), (NOISE, SLOWER, True)])
def test_the_processor_time_decides_about_the_whole(seen: ChangeVerdict, counted: ChangeVerdict, fails: bool) -> None:
    total, cpu_time = (TotalChange(1.0, 2.0, verdict, runs=(5, 5)) for verdict in (seen, counted))
    assert regression_of(total, [], cpu_time=cpu_time).fails is fails


def test_the_whole_page_and_its_tables_are_of_the_same_sides() -> None:
    found = compare_models(session(samples=CPU, mode="cpu"), session(samples=(*CPU, "main;work"), mode="cpu"))
    report = report_of(found)
    assert report.lens.tree is not None
    assert report.lens.tree.baseline_total[0] == pytest.approx(found.baseline_weight)
    assert sum(row.current for row in report.lens.changes) == pytest.approx(found.current_weight)
    assert replace(report.lens.total, runs=(1, 1)) == report.lens.total
