"""A verb that draws no screen starts without the code that draws screens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from perftui.cli.verbs import program
from perftui.storage.locations import sessions_directory

# Runs the command line as the installed command does, then says which of the costly packages came along.
RUN_AND_LIST = """
import sys
from perftui.cli import main
code = main(sys.argv[1:])
costly = ("textual", "rich", "memray", "numpy", "asyncio")
print("loaded:", *[name for name in costly if name in sys.modules], file=sys.stderr)
print("code:", int(code or 0), file=sys.stderr)
"""
COLLAPSED = "main (app.py:1);work (app.py:9) 7\nmain (app.py:1);rest (app.py:12) 3\n"


def verbs() -> list[list[str]]:
    context = click.Context(program)
    found: list[list[str]] = []
    for name in program.list_commands(context):
        found.append([name])
        command = program.get_command(context, name)
        if isinstance(command, click.Group):
            found += [[name, below] for below in command.list_commands(context)]
    return found


def perftui(home: Path, *arguments: str) -> dict[str, str]:
    """Run the command line in a process of its own and return what was loaded, its code and its output."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_AND_LIST, *arguments],
        env={**os.environ, "PERFTUI_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    facts = dict(line.split(":", 1) for line in done.stderr.splitlines() if line.startswith(("loaded:", "code:")))
    return {name: value.strip() for name, value in facts.items()} | {"stdout": done.stdout, "stderr": done.stderr}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two sessions, made by importing a profile twice."""
    directory = tmp_path_factory.mktemp("home")
    profile = directory / "profile.txt"
    profile.write_text(COLLAPSED, encoding="utf-8")
    for name in ("before", "after"):
        assert perftui(directory, "import", str(profile), "--name", name)["code"] == "0"
    return directory


@pytest.mark.parametrize("verb", [[], *verbs()], ids=" ".join)
def test_the_help_of_a_verb_loads_no_screen(tmp_path: Path, verb: list[str]) -> None:
    told = perftui(tmp_path, *verb, "--help")
    assert (told["code"], told["loaded"]) == ("0", "")


@pytest.mark.parametrize(
    "words",
    [
        ["sessions", "list"],
        ["sessions", "list", "--json"],
        ["show", "before"],
        ["show", "before", "--json"],
        ["export", "before", "--format", "collapsed"],
        ["export", "before", "--format", "speedscope"],
        ["compare", "before", "after", "--json"],
        ["trend", "work"],
        ["workloads"],
        ["record", "no-such-profile"],
    ],
    ids=" ".join,
)
def test_a_headless_verb_loads_no_screen(home: Path, words: list[str]) -> None:
    told = perftui(home, *words)
    assert "textual" not in told["loaded"].split(), told
    assert "Traceback" not in told["stderr"]


def test_the_doctor_loads_no_screen(tmp_path: Path) -> None:
    assert "textual" not in perftui(tmp_path, "doctor")["loaded"].split()


def test_the_tests_keep_their_sessions_away_from_the_users_own(private_home: Path) -> None:
    assert private_home in sessions_directory(None).parents
