"""What the command line writes, and where."""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from perftui.cli import console
from perftui.errors import UsageError


def test_a_dumb_terminal_is_not_drawn_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert console.has_screen()
    for stream in ("stdin", "stdout", "stderr"):
        with monkeypatch.context() as patch:
            patch.setattr(f"sys.{stream}.isatty", lambda: False, raising=False)
            assert not console.has_screen(), f"{stream} goes somewhere else"
    monkeypatch.setenv("TERM", "dumb")
    assert not console.has_screen()


def test_a_file_is_written_as_a_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    console.write_file(file, ["one ", "two"])
    assert file.read_text() == "one two"
    assert list(tmp_path.iterdir()) == [file]


def test_a_failure_halfway_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    file.write_text("old")

    def broken() -> Iterator[str]:
        yield "new"
        raise KeyError

    with pytest.raises(KeyError):
        console.write_file(file, broken())
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    console.write_file(pipe, ["through"])
    reader.join(10)
    assert read == ["through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("old")
    link.symlink_to(file)
    console.write_file(link, ["new"])
    assert link.is_symlink()
    assert file.read_text() == "new"


@pytest.mark.parametrize("name", ["x" * 300, "no/such/directory"])
def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        console.write_file(tmp_path / name, ["text"])


def test_the_longest_name_that_a_file_can_have_is_written(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 255)
    console.write_file(file, ["text"])
    assert file.read_text() == "text"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_are_left_out_where_they_are_not_wanted(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", coloured := Terminal())
        console.say("trouble", colour="red")
    monkeypatch.setenv(name, value)
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", plain := Terminal())
        console.say("trouble", colour="red")
    assert "\x1b[31m" in coloured.getvalue()
    assert plain.getvalue() == "trouble\n"


def test_a_dumb_terminal_gets_no_line_that_overwrites_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    console.progress("recording")
    console.clear_progress()
    assert terminal.getvalue() == ""
