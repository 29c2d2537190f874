"""`perftui settings`: what holds, where it comes from, and changing it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perftui.cli import main
from perftui.settings.options import OPTIONS


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SSH_TTY", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[object, str]]:
    assert main(["settings", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "perftui.settings/1"
    return {entry["key"]: (entry["value"], entry["origin"]) for entry in document["settings"]}


def test_a_setting_is_listed_set_and_reset(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys)["view.window_s"] == (10.0, "default")
    assert main(["settings", "set", "view.window", "30s"]) == 0
    assert main(["settings", "set", "confirm", "off"]) == 0
    capsys.readouterr()
    found = listed(capsys)
    assert found["view.window_s"] == (30.0, str(home / "settings.toml"))
    assert found["confirm"] == (False, str(home / "settings.toml"))
    assert found["sessions_dir"][1] == "PERFTUI_HOME"
    assert len(found) == len(OPTIONS)
    assert main(["settings", "reset", "view.window_s"]) == 0
    capsys.readouterr()
    assert listed(capsys)["view.window_s"] == (10.0, "default")
    assert main(["settings"]) == 0
    table = capsys.readouterr().out
    assert all(option.key in table for option in OPTIONS)


def test_a_narrow_terminal_gets_lines_that_break_between_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "perftui.toml").write_text('[compare.renames]\n"old.py:f" = "new.py:g"\n')
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("perftui.cli.console.columns", lambda: 80)
    assert main(["settings"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 or " " not in line.strip() for line in lines)
    words = " ".join(" ".join(lines).split())
    assert all(f"{option.key} " in words and option.help in words for option in OPTIONS)
    assert "compare.renames 1 told" in words
    assert "old.py:f = new.py:g" in words
    assert main(["settings", "set", "compare.renames", "x"]) == 2
    assert "[compare.renames]" in capsys.readouterr().err


def test_a_stronger_place_is_named_when_it_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "perftui.toml").write_text("refresh_hz = 2\n")
    assert main(["settings", "set", "refresh_hz", "5"]) == 0
    assert "perftui.toml says otherwise: refresh_hz is 2 Hz" in capsys.readouterr().err.replace("\n", " ")
    monkeypatch.setenv("SSH_TTY", "/dev/pts/9")
    assert main(["settings"]) == 0
    assert "drawn at 1 Hz here: half as often over SSH" in capsys.readouterr().err


def test_what_cannot_be_is_one_sentence_and_exit_code_2(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["set", "theem", "mono"], ["set", "refresh_hz", "99"], ["reset", "nothing"]):
        assert main(["settings", *words]) == 2
        assert "try: " in capsys.readouterr().err
    assert not home.exists()


def test_a_theme_that_perftui_does_not_have_is_written_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "set", "theme", "perftui-safe-dark"]) == 0
    assert "no screen starts" not in capsys.readouterr().err
    assert main(["settings", "set", "theme", "pink"]) == 0
    told = capsys.readouterr().err.replace("\n", " ")
    assert "no screen starts" in told
    assert "perftui-safe-dark" in told
