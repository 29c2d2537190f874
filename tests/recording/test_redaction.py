"""What is told to strangers: every way out of a session is looked through for what was planted there."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from pathlib import Path

import pytest

from perftui.cli.door import main
from perftui.model.change import Condition
from perftui.model.frame import Frame
from perftui.recording.redaction import Redaction
from tests.planted import PROJECT, SECRETS, planted_session, told_secrets
from tests.recording.test_summary import META


@pytest.fixture(autouse=True)
def _at_alices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "node", lambda: "build-farm-07")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_what_was_planted_is_told_without_redaction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(planted_session(tmp_path))
    shown = told(capsys, "show", path, "--json") + told(capsys, "export", path, "-f", "collapsed")
    expected = {"customer-4711", "/home/alice", "alice", "build-farm-07", "hidden-place", "neighbour.py"}
    assert expected <= set(told_secrets(shown))


@pytest.mark.parametrize(
    "way", [("show",), ("show", "--json"), ("export", "-f", "collapsed"), ("export", "-f", "speedscope")]
)
def test_a_redacted_session_tells_nothing_of_it(
    way: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = told(capsys, way[0], str(planted_session(tmp_path)), *way[1:], "--redact")
    assert told_secrets(text) == []
    assert str(tmp_path) not in text
    for kept in ("leaf", "lib/work.py", "requests/api.py", "<stdlib>/json/__init__.py", "<elsewhere 2>"):
        assert kept in text.replace("\\u003c", "<"), kept


MEMORY = [
    str(Path(__file__).parents[1] / "fixtures" / "sessions" / f"{name}.perftui") for name in ("memory", "memory-next")
]


@pytest.mark.parametrize(
    "way",
    [
        ("show", "--memory-view", "leaked"),
        ("show", "--json"),
        ("export", "-f", "collapsed", "--memory-view", "high_watermark"),
        ("export", "-f", "speedscope", "--memory-view", "held"),
        *(("compare", MEMORY[1], "--format", each) for each in ("text", "md", "json", "html")),
    ],
)
def test_redacted_memory_tells_no_place_either(way: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    plain, redacted = (told(capsys, way[0], MEMORY[0], *way[1:], *also) for also in ((), ("--redact",)))
    assert "examples/archive.py" in redacted
    for place in ("/home/dev", "/usr/lib", "/usr/bin", "0a752e0c0a19e0a1"):
        assert place not in redacted
    # What a report loses are names of places, and not its figures.
    assert len(redacted) > len(plain) / 2


def test_redacted_json_of_a_session_is_still_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(planted_session(tmp_path))
    plain, redacted = (json.loads(told(capsys, "show", path, "--json", *options)) for options in ((), ("--redact",)))
    assert set(plain) == set(redacted)
    assert (redacted["command"], redacted["cwd"], redacted["path"]) == ([], "", None)
    weights = [[row["self_s"] for row in document["hotspots"]] for document in (plain, redacted)]
    assert weights[0] == weights[1]


def test_reports_of_memray_cannot_be_redacted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(planted_session(tmp_path)), "-f", "memray-flamegraph", "--redact"]) == 2
    assert "source lines" in capsys.readouterr().err


def redaction(cwd: str = PROJECT, *files: str, command: tuple[str, ...] = ()) -> Redaction:
    return Redaction([(replace(META, cwd=cwd, command=command), [Frame("f", file) for file in files])])


@pytest.mark.parametrize("root", ["/", "/home/alice", "", "/root", "/Users/alice"])
def test_somebodys_home_or_a_whole_disk_is_no_project(root: str) -> None:
    meta = replace(META, cwd=root)
    file = f"{root.rstrip('/')}/private/diary.py"
    frame = Frame("f", file)
    assert "diary" not in Redaction([(meta, [frame])]).frame(frame, meta).file


@pytest.mark.parametrize(
    "file",
    ["/opt/x/y.py", "C:\\Users\\alice\\y.py", "D:/x/y.py", "\\\\server\\share\\y.py", "~/y.py", "../../x/y.py",
     "file:///home/alice/y.py", "<doctest /home/alice/y.py[0]>", "</home/alice/y.py>", "<stdlib>/../../alice/y.py"],
)  # fmt: skip
def test_places_outside_get_numbers(file: str) -> None:
    assert redaction().frame(Frame("f", file)).file == "<elsewhere 1>"


@pytest.mark.parametrize(
    "file", ["", "app.py", "lib/work.py", "<string>", "<frozen importlib._bootstrap>", "<ipython-input-3-ab12>"]
)
def test_what_tells_of_no_place_stays(file: str) -> None:
    assert redaction().frame(Frame("f", file)).file == file


def test_a_place_has_one_number_in_a_report() -> None:
    found = redaction(PROJECT, "/opt/b.py", "/opt/a.py")
    assert [found.file(name) for name in ("/opt/b.py", "/opt/a.py", "/opt/b.py", "/opt/new.py")] == [
        "<elsewhere 2>",
        "<elsewhere 1>",
        "<elsewhere 2>",
        "<elsewhere 3>",
    ]


def test_sentences_lose_places_people_and_arguments() -> None:
    found = redaction(command=("python", "app.py", "customer-4711"))
    text = "alice ran /opt/hidden-place/x.py in /home/alice/shop on build-farm-07 for customer-4711 at 3 MiB/s (50 %/s)"
    assert found.text(text) == "*** ran *** in *** on *** for *** at 3 MiB/s (50 %/s)"


def test_conditions_say_whether_and_not_what() -> None:
    found = redaction()
    host = found.condition(Condition("host", "0123abcd4567ef89", "feed", sentence="0123abcd4567ef89 is not feed"))
    assert (host.baseline, host.current, host.same, host.sentence) == ("one", "another", False, "host differs")
    same = found.condition(Condition("PYTHONHASHSEED", "4242", "4242"))
    assert (same.baseline, same.current) == ("one", "one")
    git = found.condition(Condition("git", "feature/quiet-deal 0123456789", "main fedcba9876 with changes"))
    assert (git.baseline, git.current) == ("0123456789", "fedcba9876")
    python = Condition("Python", "3.11.7", "3.12.1")
    assert found.condition(python) == python
    assert len(SECRETS) == 12
