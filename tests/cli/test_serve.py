"""What `perftui serve` refuses, whom it answers, and what it starts."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from perftui.cli import console, main
from perftui.cli.browser import Site
from perftui.cli.serve import app_command


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    return tmp_path / "home"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "::ffff:127.0.0.1"])
def test_an_address_that_others_reach_needs_a_word_more(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", host]) == 2
    told = capsys.readouterr().err
    assert "whoever reaches this port can start and end processes as you" in told
    assert "--allow-remote" in told


@pytest.mark.parametrize("host", ["", "a b", "x" * 300, "-"])
def test_an_address_that_is_none_is_one_sentence(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", host, "--allow-remote"]) == 2
    assert "no address called" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["record", "show", "sessions", "serve", "nonsense", "--version"])
def test_only_what_has_a_screen_is_served(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--", verb]) == 2
    assert "no screen to show" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["run", "--no-such-option"], ["attach", "none"], ["compare", "one"]])
def test_a_command_line_that_no_connection_could_use_is_refused_at_once(words: list[str]) -> None:
    assert main(["serve", "--", *words]) == 2


def test_a_port_that_is_taken_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 2
    told = capsys.readouterr().err
    assert "cannot listen on port" in told
    assert "--port 0" in told


def test_without_the_extra_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve.app_service", None)
    assert main(["serve"]) == 2
    assert "pip install 'perftui[serve]'" in capsys.readouterr().err


def test_words_reach_the_app_as_they_were_written() -> None:
    words = ["run", "--", "a b", "$HOME", "'", '"', "*", "", "ü\n;"]
    command = app_command(words, "my sessions")
    program = shlex.split(command)
    assert program[:5] == ["exec", sys.executable, "-P", "-m", "perftui"]
    told = subprocess.run(
        ["/bin/sh", "-c", command.replace(shlex.join(program[1:5]), "printf '%s\\0'", 1)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.split("\0")[:-1] == ["--sessions-dir", "my sessions", *words]


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost:8000", "http://localhost:8000"),
        ("LocalHost:8000", "http://localhost:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("workshop:8000", "http://workshop:8000"),
        ("workshop", "https://workshop"),
        ("127.0.0.1:8000", None),
    ],
)
def test_our_own_page_is_welcome_by_address_and_by_name(host: str, origin: str | None) -> None:
    assert Site("", {"workshop"}).is_welcome(host, origin)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8000", "http://elsewhere.example"),
        ("127.0.0.1:8000", "http://127.0.0.1:3000"),
        ("127.0.0.1:8000", "null"),
        ("127.0.0.1:8000", ""),
        ("rebound.example:8000", "http://rebound.example:8000"),
        ("rebound.example:8000", None),
        ("workshop.rebound.example", None),
        ("127.0.0.1.rebound.example", None),
        ("", None),
        ("[::1", None),
        (":::", None),
        ("a b@c/d", None),
    ],
)
def test_pages_of_others_and_names_that_may_have_been_bent_are_not(host: str, origin: str | None) -> None:
    assert not Site("", {"workshop"}).is_welcome(host, origin)


def test_a_browser_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    assert not console.is_served()
    monkeypatch.setenv("TEXTUAL_DRIVER", "anything:AtAll")
    monkeypatch.setenv("TERM", "dumb")
    assert console.has_screen()
