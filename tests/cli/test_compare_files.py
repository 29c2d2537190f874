"""Profiles of other tools are compared as files: with what they tell, and refused by name where that is not enough."""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from perftui.cli.door import main
from tests.formats.test_pprof import encoded

SESSIONS = Path(__file__).parents[1] / "fixtures" / "sessions"
BEFORE = "main (app.py:3);work (app.py:20) 400\nmain (app.py:3);idle (app.py:30) 60\n"
AFTER = "main (app.py:3);work (app.py:22) 900\nmain (app.py:3);fresh (app.py:31) 60\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with profiles, in which perftui runs; nothing may stay in its folder for temporary files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "before.collapsed").write_text(BEFORE)
    (tmp_path / "after.collapsed").write_text(AFTER)
    (tmp_path / "bare.collapsed").write_text("main;run 300\nmain;stop 20\n")
    (tmp_path / "full.collapsed").write_text("main (a.py);Job.run (a.py) 200\nmain (a.py);Task.run (a.py) 150\n")
    for name in ("demo", "memory"):
        shutil.copy(SESSIONS / f"{name}.perftui", tmp_path)
    return tmp_path


def document(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["compare", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_counts_are_compared_as_counts_and_said_to_tell_no_times(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(capsys, "before.collapsed", "after.collapsed")
    assert (found["unit"], found["totals"]["baseline_s"], found["totals"]["current_s"]) == ("samples", 460, 960)
    verdicts = {row["function"]: row["verdict"] for row in found["deltas"]}
    assert verdicts == {"work": "slower", "fresh": "appeared", "idle": "vanished", "main": "inconclusive"}
    assert any("neither side tells when its samples were taken" in remark for remark in found["remarks"])
    assert main(["compare", "before.collapsed", "after.collapsed", "--fail-on", "regression"]) == 0
    assert "one run against one run fails no gate" in capsys.readouterr().err
    assert list((files / "tmp").iterdir()) == []
    assert not (files / "home").exists() or not list((files / "home").rglob("*.perftui"))


def test_seconds_of_another_tool_are_held_against_a_recording(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "demo.perftui", "-f", "speedscope", "-o", "other.speedscope.json"]) == 0
    found = document(capsys, "demo.perftui", "other.speedscope.json")
    assert found["unit"] == "s"
    assert {row["match"] for row in found["deltas"]} == {"same"}
    assert not [row for row in found["deltas"] if row["verdict"] in ("slower", "faster", "appeared", "vanished")]
    assert found["totals"]["baseline_s"] == pytest.approx(found["totals"]["current_s"], rel=1e-6)


def test_pprof_files_are_compared_by_the_time_that_they_tell(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, ms in (("before.pb.gz", 10), ("after", 30)):
        samples = [("main;work", [500, 500 * ms * 10**6]), ("main;rest", [900, 9_000 * 10**6])]
        (files / name).write_bytes(gzip.compress(encoded(samples)))
    found = document(capsys, "before.pb.gz", "after")
    assert (found["unit"], found["totals"]["baseline_s"], found["totals"]["current_s"]) == ("s", 14, 24)
    work = next(row for row in found["deltas"] if row["function"] == "work")
    assert (work["file"], work["baseline_s"], work["current_s"]) == ("app.py", 5, 15)


def test_functions_that_only_their_bare_name_tells_are_called_ambiguous(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(capsys, "bare.collapsed", "full.collapsed")
    assert {row["function"]: row["match"] for row in found["deltas"]} == {
        "run": "ambiguous",
        "main": "same",
        "stop": "one side",
    }
    assert any(remark.startswith("1 name is ambiguous: ") for remark in found["remarks"])


@pytest.mark.parametrize(
    ("sides", "message", "hint"),
    [
        (("before.collapsed", "demo.perftui"), "different things: samples without times and seconds", "-f collapsed"),
        (("memory.perftui", "before.collapsed"), "different things: seconds and samples without times", "-f collapsed"),
        (("before.collapsed", "app.py"), "app.py is of no format that is known", "collapsed stacks (.collapsed)"),
        (("before.collapsed", "broken.speedscope.json"), "broken.speedscope.json", ""),
        (("before.collapsed", "none.collapsed"), "no session is called 'none.collapsed'", "sessions list"),
        (("@baseline", "before.collapsed"), "no session is marked as a baseline", "perftui baseline save main"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence_with_a_hint(
    sides: tuple[str, str], message: str, hint: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "app.py").write_text("def main():\n    pass\n")
    (files / "broken.speedscope.json").write_text('{"$schema": "https://www.speedscope.app/file-format-schema.json"')
    assert main(["compare", *sides, "--format", "text"]) not in (0, 1)
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
    assert hint in told.err
    assert "internal error" not in told.err
