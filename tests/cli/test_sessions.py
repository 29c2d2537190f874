"""What `perftui sessions` says and does about sessions and their captures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perftui.cli import main
from tests.storage.heap_sessions import capture
from tests.storage.sessions import begin, finish, saved
from tests.storage.test_captures import CONTENT, KEPT, NEW, OLD, interrupted, kept, names, recorded


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    return tmp_path / "sessions"


def sessions(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a verb below `perftui sessions`."""
    code = main(["sessions", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_list_shows_how_large_captures_are(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(home, NEW, kept(home), name="traced")
    recorded(home, OLD, name="plain")
    _, out, _ = sessions(capsys, "list")
    heading, *rows = out.splitlines()
    assert "capture" in heading
    assert [f"{len(CONTENT)} B" in row for row in rows] == ["traced" in row for row in rows]

    _, out, _ = sessions(capsys, "list", "--json")
    listed = {each["name"]: each for each in json.loads(out)["sessions"]}
    assert (listed["traced"]["capture_bytes"], listed["plain"]["capture_bytes"]) == (len(CONTENT), 0)
    assert listed["traced"]["mode"] == "memory"


def test_a_list_without_captures_has_no_column_for_them(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(home, OLD)
    assert "capture" not in sessions(capsys, "list")[1]


def test_a_session_goes_and_comes_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(home, OLD, kept(home))
    assert sessions(capsys, "delete", "demo")[0] == 0
    assert sessions(capsys, "list", "--json")[1].count('"id"') == 0
    code, _, err = sessions(capsys, "restore", "demo")
    assert (code, names(home / "captures")) == (0, [KEPT])
    assert "restored" in err
    assert sessions(capsys, "restore", "demo")[0] == 4


def test_captures_are_dropped_and_what_would_be_is_told_before(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(home, OLD, kept(home))
    code, _, err = sessions(capsys, "drop-captures", "demo", "--dry-run")
    assert (code, names(home / "captures")) == (0, [KEPT])
    assert "would drop" in err
    assert "would be freed" in err

    assert "dropped" in sessions(capsys, "drop-captures", "demo")[2]
    assert names(home / "captures") == []
    assert "has no capture" in sessions(capsys, "drop-captures", "demo")[2]


def test_old_captures_are_dropped_by_their_age(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(home, OLD, kept(home, content=b"old"), name="old")
    recorded(home, NEW, kept(home), name="new", created="2999-01-01T00:00:00+0000")
    code, _, err = sessions(capsys, "drop-captures", "--older-than", "7d")
    assert (code, names(home / "captures")) == (0, [KEPT])
    assert "old" in err
    assert "new" not in err


def test_a_capture_that_was_not_read_is_only_dropped_when_that_is_asked_for(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted(home)
    assert "not read yet" in sessions(capsys, "drop-captures", OLD)[2]
    assert len(names(home / "captures")) == 3
    assert sessions(capsys, "drop-captures", OLD, "--unread")[0] == 0
    assert names(home / "captures") == []


def test_files_of_no_session_are_dropped_only_when_they_are_named_so(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import os

    loose = home / "captures" / kept(home).file
    os.utime(loose, (1e9, 1e9))
    assert "no session speaks of" in sessions(capsys, "drop-captures", "--unclaimed", "--dry-run")[2]
    assert loose.exists()
    assert sessions(capsys, "drop-captures", "--unclaimed")[0] == 0
    assert not loose.exists()


@pytest.mark.parametrize("words", [[], ["--dry-run"], ["--older-than", "7"], ["--older-than", "soon"], ["--unread"]])
def test_nothing_is_dropped_by_a_slip(home: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    recorded(home, OLD, kept(home))
    code, _, err = sessions(capsys, "drop-captures", *words)
    assert code == 2
    assert "7d" in err
    assert names(home / "captures") == [KEPT]


def test_a_sound_session_is_called_so_and_a_missing_capture_is_said(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(home, OLD, kept(home), capture(7, sha256="ee" * 32))
    code, out, err = sessions(capsys, "verify", "demo")
    assert (code, out) == (0, f"{OLD}.perftui: sound\n")
    assert "ee" * 32 in err
    (home / "captures" / KEPT).write_bytes(b"spoiled")
    code, out, _ = sessions(capsys, "verify", "demo")
    assert code == 6
    assert "not as it was written" in out


def test_a_session_that_is_recorded_keeps_its_capture(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    writer = begin(home, OLD)
    writer.commit()
    assert "still being recorded" in sessions(capsys, "drop-captures", OLD)[2]
    finish(writer)


def test_pins_and_baselines_are_set_listed_and_taken_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finish(begin(home, OLD, name="one"))
    finish(begin(home, NEW, name="two"))
    code, _, err = sessions(capsys, "pin", "one", "--baseline", "main", "--name", "before")
    assert (code, "baseline main" in err, "perftui compare baseline:main @latest" in err) == (0, True, True)
    assert "before" in sessions(capsys, "pin", "two", "--baseline", "main")[2], "who was that before is named"
    _, out, _ = sessions(capsys, "list")
    assert "pinned" in out.splitlines()[0]
    assert "baseline main" in out
    listed = {each["name"]: each for each in json.loads(sessions(capsys, "list", "--json")[1])["sessions"]}
    assert [(listed[name]["pinned"], listed[name]["baseline"]) for name in ("before", "two")] == [
        (True, None),
        (True, "main"),
    ]
    assert sessions(capsys, "verify", "@baseline")[0] == 0
    assert sessions(capsys, "delete", "two")[0] == 2
    assert sessions(capsys, "unpin", "two")[0] == 0
    assert sessions(capsys, "delete", "two")[0] == 0
    assert sessions(capsys, "delete", "before", "--pinned")[0] == 0


def test_runs_that_were_recorded_together_are_one_line_and_go_together(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    group = "20260105-120000-gggg"
    for number in (1, 2):
        saved(home, f"20260105-12000{number}-aaaa", name="bench", group=group, repeat_index=number)
    rows = sessions(capsys, "list")[1].splitlines()[1:]
    assert len(rows) == 1
    assert rows[0].split()[:3] == [f"group:{group}", "bench", "×2"]
    assert "2 × 1.50 s" in rows[0]
    assert len(sessions(capsys, "list", "--runs")[1].splitlines()) == 3
    listed = json.loads(sessions(capsys, "list", "--json")[1])["sessions"]
    assert [(each["group"], each["repeat_index"], each["side"]) for each in listed] == [
        (group, 2, None),
        (group, 1, None),
    ]
    assert sessions(capsys, "delete", "bench")[2].count("moved to") == 2
    assert sessions(capsys, "restore", f"group:{group}")[2].count("restored") == 2
