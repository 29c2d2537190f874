"""Advice in reports: findings and bottlenecks with the same figures in every format."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from perftui.cli import main
from perftui.cli.advise import advice_text
from perftui.errors import ExitCode, NoDataError
from perftui.model.finding import Bottleneck, Finding, OperationCount, Severity, WaitingAt
from perftui.model.frame import Frame
from perftui.model.operation import Operation
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.recording.advising import Advice, advice_of, counted_operations
from perftui.recording.playback import open_playback
from perftui.reports.advice_tables import advice_figures, advice_tables, found_in
from perftui.reports.session_sheet import session_sheet
from perftui.reports.sheet import Sheet
from perftui.reports.sheet_html import sheet_html
from perftui.reports.sheet_markdown import sheet_markdown
from perftui.reports.sheet_text import sheet_text
from perftui.units import format_percent, format_seconds, format_short_seconds

MAIN = Frame("main", "/srv/main.py", 7)
SESSIONS = Path(__file__).parents[1] / "fixtures" / "sessions"
DEMO, MEMORY = SESSIONS / "demo.perftui", SESSIONS / "memory.perftui"


def written(folder: Path, session: Path, ending: str) -> str:
    out = folder / f"report.{ending}"
    assert main(["report", str(session), "-o", str(out), "--top", "4"]) == 0
    return unescape(out.read_text(encoding="utf-8")).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("session", [DEMO, MEMORY])
def test_every_format_has_the_figures_of_advise(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", str(session), "--json", "--top", "4"]) == 0
    advised = json.loads(capsys.readouterr().out)
    assert main(["show", str(session), "--json", "--top", "4"]) == 0
    shown = json.loads(capsys.readouterr().out)["advice"]
    assert shown == {key: advised[key] for key in shown}
    keys = {"findings", "bottlenecks", "times_faster", "sampled_s", "samples", "looks", "waiting", "operations"}
    assert set(shown) == keys
    assert json.loads(written(tmp_path, session, "json"))["session"]["advice"] == shown
    assert len(shown["bottlenecks"]) == 4
    for ending in ("txt", "md", "html"):
        told = written(tmp_path, session, ending)
        for finding in shown["findings"]:
            assert finding["title"] in told
            assert finding["severity"].upper() in told
        for row in shown["bottlenecks"]:
            change = f"{format_seconds(shown['sampled_s'])} → {format_seconds(row['whole_after_s'])}"
            assert change in told
            assert format_percent(100 * row["gain"]) in told
    rows = list(csv.DictReader(io.StringIO(written(tmp_path, session, "csv"))))
    gains = [float(row["value"]) for row in rows if (row["kind"], row["figure"]) == ("bottleneck", "gain")]
    assert gains == pytest.approx([row["gain"] for row in shown["bottlenecks"]], abs=1e-6)
    severities = [row["value"] for row in rows if (row["kind"], row["figure"]) == ("finding", "severity")]
    assert severities == [finding["severity"] for finding in shown["findings"]]


def test_a_session_without_a_finding_says_so_in_every_report(tmp_path: Path) -> None:
    assert not advice_of(open_playback(DEMO).model).findings
    for ending in ("txt", "md", "html"):
        told = written(tmp_path, DEMO, ending)
        assert "28 looks tell of no thread where it waits" in told
        assert "No finding: in 2674 samples no rule saw more than chance would give." in told


def test_hostile_names_are_text_in_every_format() -> None:
    evil = Frame("<b>|x\x1b[2J", "/srv/`a|b`.py", 3)
    finding = Finding("locks", Severity.HIGH, "<i>two wait|", "with <script>", "hold it", 0.5, 60, evil, 1.0)
    advice = Advice((finding,), (Bottleneck(evil, 1.0, 2.0, 0.1, 0.2, 60, 0.5, 9.0, 0.1),), 5.0, 10.0, 60)
    advice = replace(advice, waiting=(WaitingAt(evil, MAIN, 1.25, 30, 12), WaitingAt(evil, None, 0.5, 20, 0)), looks=40)
    advice = replace(advice, operations=OperationCount(4, "<u>save\x1b[2J", "go"))
    sheet = Sheet("x", facts=(("advice", found_in(advice, "")),), tables=advice_tables(advice))
    assert found_in(advice, "") == "1 high"
    said = advice_text(advice)
    assert "1.25  30 (75.0 %)          12  main" in said
    assert "over 4 operations (<u>save" in said
    assert "\x1b" not in said
    for told in (sheet_text(sheet, width=160), sheet_markdown(sheet), sheet_html(sheet)):
        assert "\x1b" not in told
        assert "per operation" in told.replace("\N{NO-BREAK SPACE}", " ")
        assert "× 10,000" in told.replace("\N{NO-BREAK SPACE}", " ")
        assert format_seconds(5_000) in told.replace("\N{NO-BREAK SPACE}", " ")
        assert "500" in told
        assert "/srv/main.py:7" in told
        assert "30 (75.0 %)" in told.replace("\N{NO-BREAK SPACE}", " ")
    assert "<script>w" not in sheet_html(sheet)
    assert "<b>" not in sheet_markdown(sheet)
    assert "<i>two" not in sheet_html(sheet)


def test_costs_of_each_operation_are_the_same_in_every_format_and_as_a_person_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", str(DEMO), "--json", "--top", "2", "--operations", "1000"]) == 0
    advised = json.loads(capsys.readouterr().out)
    assert advised["operations"] == {"number": 1000, "operation": None, "tool": None, "measured_s": None}
    first = advised["bottlenecks"][0]
    assert first["per_operation_s"] == pytest.approx(first["total_s"] / 1000, rel=1e-5)
    assert first["per_10000_operations_s"] == pytest.approx(10 * first["total_s"], rel=1e-5)
    assert main(["advise", str(DEMO), "--top", "2", "--operations", "1000"]) == 0
    said = capsys.readouterr().out
    assert "Per operation: all that was sampled over 1,000 operations, as you counted." in said
    assert f"{format_short_seconds(first['per_operation_s'])}" in said
    # What a tool counted stands in reports without being asked for.
    model = open_playback(DEMO).model
    model.operations = (Operation("", "order", runs=((0.004,) * 500,), tool="pytest-benchmark"),)
    sheet = sheet_text(session_sheet(model, DEMO, None, top=2), width=160)
    assert "Per operation: all that was sampled over 500 operations (order), as pytest-benchmark counted." in sheet
    assert format_short_seconds(2 * first["per_operation_s"]) in sheet
    assert format_short_seconds(2 * first["per_10000_operations_s"]) in sheet
    figures = {(name, figure): value for _, name, figure, value, _ in advice_figures(advice_of(model))}
    assert figures[f"{first['file']}:{first['function']}", "per_operation"] == pytest.approx(first["total_s"] / 500)


def test_a_counter_that_nobody_told_is_named_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", str(DEMO), "--operations", "orders\x1b[2J"]) == ExitCode.NO_DATA
    said = capsys.readouterr().err
    assert "no series named orders␛[2J counted operations in this session" in said
    assert "--operations 1000" in said
    assert main(["advise", str(DEMO), "--times", "nan"]) == ExitCode.USAGE
    capsys.readouterr()
    assert main(["advise", str(DEMO), "--operations", "9" * 5_000]) == ExitCode.NO_DATA
    assert len(capsys.readouterr().err) < 500
    model = open_playback(DEMO).model
    series = Series("orders", kind=SeriesKind.COUNTER)
    model.series.add(SeriesValues(1.0, ((series, 1_000.0),)))
    with pytest.raises(NoDataError) as caught:
        counted_operations(model, "0")
    assert caught.value.hint == "it holds the counters orders"
    assert counted_operations(model, "orders") == OperationCount(1_000, "orders", "the workload")
    assert advice_of(model).operations == OperationCount(1_000, "orders", "the workload")
