"""What the command line refuses before anything is started, and what it says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perftui.cli import main
from perftui.recording.plan import RecordingPlan


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    return tmp_path / "home"


@pytest.mark.parametrize("name", ["a/b", "a\nb", "@latest", "-x", "\x1b[31m", "x" * 101])
@pytest.mark.parametrize("verb", [["record", "--name"], ["import", "none", "--name"], ["record", "--tag"]])
def test_what_cannot_be_renamed_to_cannot_be_recorded_as(
    verb: list[str], name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*verb, name, "--", "true"] if verb[0] == "record" else [*verb, name]) == 2
    assert "name" in capsys.readouterr().err
    assert not home.exists()


@pytest.mark.parametrize("duration", ["nan", "inf", "-1", "0", "1e400", "soon"])
def test_a_duration_is_a_finite_number_above_zero(duration: str, home: Path) -> None:
    assert main(["record", "--duration", duration, "--", "true"]) == 2
    assert not home.exists()


def test_a_directory_that_was_deleted_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert main(["sessions", "list"]) == 2
    assert "current directory" in capsys.readouterr().err


def test_a_budget_is_found_by_its_name_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "budgets").mkdir()
    (tmp_path / "budgets/mine.toml").write_text("[resources.rss]\nlimit = -1\n")
    assert main(["record", "--budget", "mine", "--", "true"]) == 2
    assert "budgets/mine.toml:2" in capsys.readouterr().err
    assert main(["record", "--budget", "nothing", "--", "true"]) == 2
    assert "there is no such file" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["run", "record"])
def test_the_examples_in_a_help_keep_their_lines(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    told = capsys.readouterr().out
    assert "\\b" not in told
    assert any(line.strip().startswith(f"perftui {verb} ") for line in told.splitlines())


def test_a_word_that_the_system_refuses_to_look_up_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    # Too long for a name; a file below a closed directory is refused in the same way.
    assert main(["run", "/" + "x" * 300]) == 2
    assert "no workload profile and no command" in capsys.readouterr().err


def test_how_often_a_profile_is_run_is_overridden_by_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "profiles").mkdir()
    profile = tmp_path / "profiles" / "often.toml"
    profile.write_text("[workload]\ncommand = 'true'\n[run]\nrepeat = 3\nwarmup = 1\n")
    asked: list[tuple[int, int]] = []

    def recorded(plan: RecordingPlan, **_options: object) -> tuple[int, str]:
        asked.append((plan.repeat, plan.warmup))
        return 0, ""

    monkeypatch.setattr("perftui.cli.repeated.record_repeated", recorded)
    for words in ([], ["--repeat", "7"], ["--warmup", "0"]):
        assert main(["record", *words, "often"]) == 0
    assert asked == [(3, 1), (7, 1), (3, 0)]
    assert main(["record", "--keep-target", "often"]) == 2
    assert "none can be left running" in capsys.readouterr().err
    for words in (["--repeat", "0"], ["--repeat", "1001"], ["--warmup", "-1"]):
        assert main(["record", *words, "often"]) == 2


@pytest.mark.parametrize(("code", "words", "shown"), [(0, [], True), (0, ["--json"], False), (3, [], False)])
def test_repeated_runs_are_shown_when_all_are_recorded(
    monkeypatch: pytest.MonkeyPatch, code: int, words: list[str], shown: bool
) -> None:
    opened: list[Path] = []

    def view(path: Path) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr("perftui.cli.console.has_screen", lambda: True)
    monkeypatch.setattr("perftui.cli.repeated.record_repeated", lambda _plan, **_options: (code, "group:g"))
    monkeypatch.setattr("perftui.cli.dashboard.view", view)
    monkeypatch.setattr("perftui.storage.catalogue.Catalogue.resolve", lambda _self, ref: Path(ref))
    assert main(["run", "--repeat", "2", *words, "--", "true"]) == code
    assert opened == ([Path("group:g")] if shown else [])
