"""`perftui report`: one session in every format, with the same figures."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from perftui.cli import main
from perftui.errors import ExitCode
from perftui.model.operation import Operation
from perftui.recording.playback import open_playback
from perftui.reports.session_csv import session_csv
from perftui.reports.session_sheet import session_sheet
from perftui.reports.sheet_markdown import sheet_markdown

SESSIONS = Path(__file__).parents[1] / "fixtures" / "sessions"
DEMO, MEMORY = SESSIONS / "demo.perftui", SESSIONS / "memory.perftui"


@pytest.fixture(autouse=True)
def _outside_of_every_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)


def written(session: Path, ending: str, *options: str) -> str:
    assert main(["report", str(session), "-o", f"out.{ending}", *options]) == 0
    return Path(f"out.{ending}").read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["txt", "md", "html"])
def test_a_report_says_what_ran_what_was_judged_and_what_cost_most(ending: str) -> None:
    told = written(DEMO, ending, "--top", "3").replace("\N{NO-BREAK SPACE}", " ")
    for word in ("shop", "30.3 s", "resources.wall", "WARN", "Shop.answer_searches", "3.94 s", "RSS"):
        assert word in told
    assert "Tokenizer.stem" not in told
    assert "Importer.parse_one" in written(MEMORY, ending)


def test_the_figures_of_the_table_of_values_are_those_of_the_document() -> None:
    document = json.loads(written(DEMO, "json"))
    assert (document["schema"], document["check"]) == ("perftui.report/1", None)
    rows = list(csv.DictReader(io.StringIO(written(DEMO, "csv"))))
    selfs = [float(row["value"]) for row in rows if (row["kind"], row["figure"]) == ("function", "self")]
    assert selfs == pytest.approx([row["self_s"] for row in document["session"]["hotspots"]], abs=1e-6)
    verdicts = [row["value"] for row in rows if (row["kind"], row["figure"]) == ("rule", "verdict")]
    assert verdicts == [verdict["verdict"] for verdict in document["session"]["verdicts"]]


def test_a_budget_judges_it_anew_and_fails_no_report() -> None:
    Path("tight.toml").write_text("[resources.wall]\nlimit = 1\n", encoding="utf-8")
    told = written(DEMO, "md", "--budget", "tight.toml")
    assert told.startswith("## ❌ FAIL: shop\n\n**Summary: 0/1 within budget (1 failed)**\n")
    assert json.loads(written(DEMO, "json", "--budget", "tight.toml"))["check"]["exit_code"] == 1
    assert main(["report", str(DEMO), "--budget", "none"]) == ExitCode.USAGE


def test_a_workflow_of_github_finds_it_in_its_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    assert written(DEMO, "md") == Path("summary.md").read_text(encoding="utf-8")


def test_operations_stand_in_it_with_percentiles_only_where_they_can_be_told() -> None:
    model = open_playback(DEMO).model
    few = Operation("memory", "recall", runs=((0.04, 0.05, 0.045),), ok=3, failed=1)
    model.operations = (few, replace(few, name="|<b>|", runs=(tuple(0.001 * k for k in range(1, 101)),)))
    markdown = sheet_markdown(session_sheet(model, DEMO, None, top=1))
    assert "| `memory.recall` | 3 | 45.0 ms | 45.0 ms | 5.00 ms | n/a (n=3) | n/a (n=3) | 75.0 % |" in (
        unescape(markdown).replace("\N{NO-BREAK SPACE}", " ")
    )
    assert "<b>" not in markdown
    rows = list(csv.DictReader(io.StringIO(session_csv(model, (), top=0))))
    figures = {row["figure"]: row["value"] for row in rows if row["name"] == "memory.recall"}
    assert float(figures["mean"]) == pytest.approx(0.045)
    assert (figures["n"], figures["success_pct"], "p95" in figures) == ("3", "75.0", False)
