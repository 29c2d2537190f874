"""What `perftui report --since` tells of a period."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from perftui.cli import main
from tests.cli.test_trend import recorded

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty runs, a day each, of which those of the last five days take a tenth longer, and another workload."""
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    chance, directory = random.Random(5), tmp_path / "sessions"
    for number in range(20):
        wall_s = (11.0 if number >= 15 else 10.0) * chance.gauss(1, 0.005)
        recorded(directory, number, wall_s, created=days_ago(19 - number))
    recorded(directory, 30, 3.0, created=days_ago(0), workload="<b>cart</b>", name="=cmd()")
    return tmp_path


def days_ago(days: int) -> str:
    return (NOW - timedelta(days=days, hours=1)).isoformat(timespec="seconds")


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `perftui report`."""
    code = main(["report", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    code, out, err = told(capsys, *words, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_week_tells_its_runs_verdicts_and_what_changed_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "--since", "last_7d")
    workloads = {each["workload"]: each for each in found["workloads"]}
    assert {name: each["sessions"] for name, each in workloads.items()} == {"demo": 7, "<b>cart</b>": 1}
    assert workloads["demo"]["verdicts"] == {"fail": 7}
    changed = {change["subject"]: change for change in found["changes"]}
    assert changed["wall_s"]["commit"] == "15aaaaaaaaaaaa"
    assert (changed["wall_s"]["better"], "shop.sell[10]" in changed) == (False, True)
    assert document(capsys, "--since", "48h")["changes"] == [], "the change was before"
    assert len(document(capsys, "--since", "7d", "--workload", "demo")["workloads"]) == 1


def test_every_format_is_written_and_names_from_outside_are_no_markup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = told(capsys, "--since", "7d")
    assert (code, max(map(len, out.splitlines())) <= 100) == (0, True)
    assert "2 figures became worse" in out
    assert "next: perftui trend" in err
    for ending in ("html", "md", "csv"):
        text = told(capsys, "--since", "7d", "--format", ending)[1]
        assert "demo" in text
        assert told(capsys, "--since", "7d", "-o", str(tmp_path / f"week.{ending}"))[0] == 0
        assert (tmp_path / f"week.{ending}").read_text(encoding="utf-8") == text
    assert "<b>" not in (tmp_path / "week.html").read_text(encoding="utf-8")


def test_what_cannot_be_meant_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for words, code, hint in (
        (["--since", "7"], 2, "write it like 7d"),
        (["--since", "soon"], 2, "write it like 7d"),
        (["--since", "1m"], 4, "give a longer --since"),
        (["--workload", "demo"], 2, "add --since"),
        (["@latest", "--since", "7d"], 2, "leave one of them out"),
        (["--since", "7d", "--workload", "nothing"], 4, "'nothing'"),
    ):
        found, _, err = told(capsys, *words)
        assert (found, hint in err) == (code, True), (words, err)
