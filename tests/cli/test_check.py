"""`perftui check` on the command line: where its words go, and what it ends with."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from perftui.cli import main
from perftui.errors import ExitCode

DEMO = Path(__file__).parents[1] / "fixtures" / "sessions" / "demo.perftui"
NEXT = DEMO.with_name("demo-next.perftui")
PASSES = "[resources.wall]\nlimit = 600\n"
FAILS = '[resources.wall]\nlimit = 600\n\n[resources.rss]\nlimit = "1MB"\nreason = "no <b>more</b>"\n'
WARNS = "[resources.threads]\ntarget = 1\n"
MISSING = "[operations.memory]\nrecall = { mean_ms = 5 }\n"


@pytest.fixture(autouse=True)
def _outside_of_every_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ACTIONS", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)


def budget(text: str, name: str = "limits.toml") -> str:
    path = Path.cwd() / "budgets" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        (PASSES, [], ExitCode.OK),
        (FAILS, [], ExitCode.FAILED_CHECK),
        (WARNS, [], ExitCode.OK),
        (WARNS, ["--fail-on", "warn"], ExitCode.FAILED_CHECK),
        (MISSING, [], ExitCode.NO_DATA),
        (PASSES + MISSING.replace("mean_ms = 5", "mean_ms = 5, baseline_ms = 4"), [], ExitCode.OK),
        (PASSES + MISSING, ["--strict"], ExitCode.FAILED_CHECK),
        ("[resources.wall]\nlimits = 1\n", [], ExitCode.USAGE),
    ],
    ids=["passes", "fails", "warns", "warnings fail", "nothing measured", "one measured", "strict", "wrong budget"],
)
def test_the_exit_code_says_what_the_gate_does(text: str, options: list[str], code: ExitCode) -> None:
    assert main(["check", str(DEMO), "--budget", budget(text), *options]) == code


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        # Nobody asked for the usual limit of an increase, so that nothing is missing that a gate should wait for.
        ("{ mean_ms = 50 }", [], ExitCode.OK),
        ("{ mean_ms = 50, max_increase_pct = 5 }", [], ExitCode.NO_DATA),
        ("{ fail_pct = 9 }", [], ExitCode.NO_DATA),
        ("{}", [], ExitCode.NO_DATA),
        ("{ mean_ms = 1 }", [], ExitCode.FAILED_CHECK),
        # What is only shown closes no gate, whether it was measured or not.
        ("{ mean_ms = 1, gate = false }", ["--strict", "--fail-on", "warn"], ExitCode.OK),
        ('{ overhead_of = "memory.none", max_overhead_pct = 5 }', [], ExitCode.NO_DATA),
        ('{ overhead_of = "memory.recall", max_overhead_pct = 5 }', [], ExitCode.USAGE),
    ],
)
def test_a_limit_of_the_value_itself_needs_no_baseline(text: str, options: list[str], code: ExitCode) -> None:
    Path("result.json").write_text('{"results": [{"command": "recall", "times": [0.04, 0.045], "mean": 0.0425}]}')
    sessions = ["--sessions-dir", str(Path.cwd())]
    assert main(["ingest", "hyperfine", "result.json", "--name", "measured", *sessions]) == 0
    path = budget(f"[operations.memory]\nrecall = {text}\n".replace("memory", "hyperfine"))
    assert main(["check", "measured", "--budget", path, *options, *sessions]) == code


def test_a_goal_that_nothing_measured_is_no_pass(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(DEMO), "--budget", budget("[goals.recall]\ntarget_ms = 5\n")]) == ExitCode.NO_DATA
    assert capfd.readouterr().out.startswith("NO DATA  shop\n")


def test_what_was_not_measured_names_what_measures_it(capfd: pytest.CaptureFixture[str]) -> None:
    Path("result.json").write_text('{"results": [{"command": "recall", "times": [0.04], "mean": 0.04}]}')
    sessions = ["--sessions-dir", str(Path.cwd())]
    assert main(["ingest", "hyperfine", "result.json", "--name", "measured", *sessions]) == 0
    text = (
        "[memory]\nruntime_peak_mb = 100\n[operations.hyperfine]\n"
        'recall = { overhead_of = "hyperfine.none", max_overhead_pct = 5 }\n'
    )
    assert main(["check", "measured", "--budget", budget(text), "--json", *sessions]) == ExitCode.NO_DATA
    reasons = {verdict["metric"]: verdict["reason"] for verdict in json.loads(capfd.readouterr().out)["verdicts"]}
    assert "`perftui record -- COMMAND`" in reasons["rss_bytes"]
    assert reasons["max_overhead_pct"].startswith("hyperfine.none: ")
    assert "`perftui ingest FILE`" in reasons["max_overhead_pct"]


def test_data_goes_to_stdout_and_everything_else_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(DEMO), "--budget", budget(FAILS), "--json"]) == 1
    out, err = capfd.readouterr()
    document = json.loads(out)
    assert (document["exit_code"], document["summary"]["fail"], err) == (1, 1, "")
    assert main(["check", str(DEMO), "--budget", budget(FAILS)]) == 1
    out, err = capfd.readouterr()
    assert "\x1b" not in out + err
    assert out.startswith("FAIL  shop\n")
    assert err == f"next: perftui open {DEMO}\n"


def test_the_only_budget_of_the_project_is_meant_where_nobody_says(capfd: pytest.CaptureFixture[str]) -> None:
    budget(PASSES)
    assert main(["check", str(DEMO)]) == 0
    assert "budget    budgets/limits.toml\n" in capfd.readouterr().out
    budget(PASSES, "more.toml")
    assert main(["check", str(DEMO)]) == ExitCode.USAGE
    assert "--budget limits" in capfd.readouterr().err


def test_each_format_goes_to_its_file(capfd: pytest.CaptureFixture[str]) -> None:
    name = budget(FAILS)
    for ending in ("txt", "md", "html", "csv", "json"):
        assert main(["check", str(DEMO), "--budget", name, "-o", f"out.{ending}"]) == 1
    out, err = capfd.readouterr()
    assert (out, err.count("written to out.")) == ("", 5)
    assert "<b>" not in Path("out.html").read_text(encoding="utf-8")
    assert json.loads(Path("out.json").read_text(encoding="utf-8"))["schema"] == "perftui.check/1"
    rows = list(csv.DictReader(io.StringIO(Path("out.csv").read_text(encoding="utf-8"))))
    assert [row["verdict"] for row in rows] == ["pass", "fail"]
    assert main(["check", str(DEMO), "--budget", name, "-o", "out.pdf"]) == ExitCode.USAGE
    assert main(["check", str(DEMO), "--budget", name, "--junit", "no/such/junit.xml"]) == ExitCode.USAGE
    assert main(["check", str(DEMO), "--budget", name, "--format", "md", "-o", "a", "--junit", "a"]) == ExitCode.USAGE


def test_a_ci_server_gets_junit_beside_the_report(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(DEMO), "--budget", budget(FAILS), "--junit", "junit.xml", "--format", "md"]) == 1
    out, _ = capfd.readouterr()
    assert out.startswith("## ❌ FAIL: shop\n")
    suite = ElementTree.parse("junit.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


def test_a_workflow_of_github_is_told_without_asking(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    monkeypatch.setenv("GITHUB_OUTPUT", "output.txt")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(Path.cwd()))
    Path("output.txt").write_text("before=1\n", encoding="utf-8")
    assert main(["check", str(DEMO), "--budget", budget(FAILS), "--json"]) == 1
    out, err = capfd.readouterr()
    assert json.loads(out)["exit_code"] == 1
    assert err.startswith("::error file=budgets/limits.toml,line=4,title=resources.rss::")
    assert "no &#60;b&#62;more" in Path("summary.md").read_text(encoding="utf-8")
    assert Path("output.txt").read_text(encoding="utf-8").startswith("before=1\nverdict=fail\npass=1\n")
    os.mkfifo("pipe")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "pipe")
    monkeypatch.setenv("GITHUB_OUTPUT", "no/such/file")
    assert main(["check", str(DEMO), "--budget", budget(FAILS), "--json"]) == 1
    err = capfd.readouterr().err
    assert "note: cannot write to $GITHUB_OUTPUT" in err
    assert "note: cannot write to $GITHUB_STEP_SUMMARY (pipe): it is no regular file" in err


def test_a_baseline_is_what_changes_are_held_against(capfd: pytest.CaptureFixture[str]) -> None:
    name = budget('[functions."Shop.answer_searches"]\nmax_increase_pct = 1\n')
    assert main(["check", str(NEXT), "--budget", name, "--baseline", str(DEMO), "--json"]) == 0
    document = json.loads(capfd.readouterr().out)
    (verdict,) = document["verdicts"]
    assert (verdict["baseline_ref"], document["baseline"]["ref"]) == (str(DEMO), str(DEMO))
    # One run against one run fails no gate.
    assert verdict["verdict"] != "fail"
    assert main(["check", str(NEXT), "--budget", name]) == ExitCode.NO_DATA
    assert main(["check", str(NEXT), "--budget", name, "--baseline", "none"]) == ExitCode.NO_DATA
    assert "perftui baseline save none" in capfd.readouterr().err


def test_a_committed_baseline_is_checked_by_its_figures(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "export", str(DEMO), "-o", "demo.json"]) == 0
    name = budget('[functions."Shop.answer_searches"]\nmax_increase_pct = 1\n')
    capfd.readouterr()
    assert main(["check", "demo.json", "--budget", name, "--baseline", "demo.json", "--json"]) == 0
    document = json.loads(capfd.readouterr().out)
    assert [verdict["change_pct"] for verdict in document["verdicts"]] == [0.0]


def test_sessions_of_several_workloads_are_not_judged_as_one(capfd: pytest.CaptureFixture[str]) -> None:
    memory = str(DEMO.with_name("memory.perftui"))
    assert main(["check", str(DEMO), memory, "--budget", budget(PASSES)]) == ExitCode.USAGE
    assert "several workloads: shop, archive" in capfd.readouterr().err
