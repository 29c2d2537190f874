"""`perftui ci init`: the workflow that holds every change of a project against its budget."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import click

from perftui.budgets.load import load_budget
from perftui.cli import console
from perftui.cli.budget_choice import only_budget
from perftui.cli.options import AFTER_DASHES, CommandAfterDashes
from perftui.errors import UsageError
from perftui.settings.directories import find_budget, is_directory, is_file, project_directories
from perftui.settings.profiles import find_profile, list_entries
from perftui.text import printable

WORKFLOW = Path(".github", "workflows", "perftui.yml")
RUNS = 5
"""Of each side: with fewer no change of a percentage fails."""
_PYTHON = "3.13"
_INDENT = 10
_NOTHING = "-"
_SHOWN = 8


@click.group()
def ci() -> None:
    """Hold every change against the budget in CI."""


@ci.group()
def init() -> None:
    """Write what a CI server needs."""


@init.command(cls=CommandAfterDashes, options_metavar="[OPTIONS] [-- COMMAND ...]")
@click.option("--workload", help="A workload profile in profiles/ [the project's only one].")
@click.option("--budget", help="A file, or the name of one in budgets/ [the profile's own, or the project's only one].")
@click.option("--branch", default="main", show_default=True, help="The branch that changes go to.")
@click.option("--dry-run", is_flag=True, help="Print the workflow and write nothing.")
@click.pass_context
def github(ctx: click.Context, workload: str | None, budget: str | None, branch: str, dry_run: bool) -> int:
    """Write .github/workflows/perftui.yml of the project that one stands in; what is there is never overwritten.

    On each push, pull request and night it measures the base and the change by turns, five runs each, checks the
    budget, keeps sessions and reports for 30 days, and brings one comment on the pull request up to date.

    \b
    perftui ci init github --dry-run
    perftui ci init github --budget api -- python bench.py
    """  # noqa: D301 (click wants the character, not its escape)
    project = project_directories(Path.cwd())[-1]
    root = _checkout(project)
    text = workflow_text(_wanted(ctx, workload, budget, project, root, branch))
    if dry_run:
        console.pieces((text,))
        return 0
    path = root / WORKFLOW
    if path.exists() or path.is_symlink():
        raise UsageError(
            f"{printable(str(path))} is there already, and is never overwritten",
            hint="--dry-run prints what would be written",
        )
    _make_directory(path.parent)
    console.write_file(path, (text,))
    console.say(f"written: {printable(str(path))}")
    console.next_command(f"git add {shlex.quote(str(path.relative_to(root)))}")
    return 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a workflow is to do."""

    words: tuple[str, ...]
    """A workload profile alone, or `--` and a command."""
    budget: str
    directory: str
    """Where the project lies in the checkout; empty for its top."""
    branch: str
    requirements: tuple[str, ...]
    """Words for pip, one installation each."""


def workflow_text(wanted: Wanted) -> str:
    """Return the workflow: the marks of the template, filled."""
    what = shlex.join(wanted.words)
    budget = shlex.join(["--budget", wanted.budget])
    report = '"$RUNNER_TEMP/report/'
    pieces = {
        "branches": _yaml(wanted.branch),
        "python": _PYTHON,
        "directory": f"        working-directory: {_yaml(wanted.directory)}" if wanted.directory else _NOTHING,
        "cache": "          cache: pip" if wanted.requirements else _NOTHING,
        "install": _lines(
            [
                *(f"python -m pip install {words}" for words in wanted.requirements),
                "python -m pip install perftui",
                "# ... and whatever else the workload needs.",
            ]
        ),
        "measure": _lines(
            [
                "# 1: a single run broke the budget; what all of them together say is for the next step.",
                f'perftui ab --base "$BASE" --repeat {RUNS} --warmup 1 --name perftui \\',
                f'  --output {report}comparison.html" {what} || [ $? -eq 1 ]',
            ]
        ),
        "check": _lines(
            [
                f"perftui check perftui-current --baseline perftui-base {budget} \\",
                f'  --output {report}check.md" --junit {report}junit.xml"',
            ]
        ),
        "report": _lines(
            [
                f'cat {report}check.md"',
                "# The step summary has the verdicts already.",
                f'GITHUB_STEP_SUMMARY= perftui report perftui-current --output {report}session.html"',
                f'perftui baseline export perftui-current --output {report}figures.json"',
            ]
        ),
    }
    template = files("perftui.cli").joinpath("github_workflow.yml").read_text(encoding="utf-8")
    parts = template.split("@@")
    filled = "".join(pieces[part] if at % 2 else part for at, part in enumerate(parts))
    # A mark that stands alone and has nothing to say leaves no line behind.
    return "\n".join(line for line in filled.split("\n") if line != _NOTHING)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(f"{' ' * _INDENT}{line}" for line in lines)


def _yaml(text: str) -> str:
    """Return a text as YAML takes it for one whatever stands in it; what is checked holds no control character."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _wanted(
    ctx: click.Context, workload: str | None, budget: str | None, project: Path, root: Path, branch: str
) -> Wanted:
    command: tuple[str, ...] = ctx.meta.get(AFTER_DASHES, ())
    if command and workload:
        raise UsageError("give --workload or a command after `--`, not both", hint="perftui ci init github -- COMMAND")
    own: Path | None = None
    if command:
        words: tuple[str, ...] = ("--", *command)
    else:
        name, own = _profile(workload)
        words = (name,)
    path = _budget(budget, own)
    # A workflow that cannot read its budget would fail only when somebody waits for it.
    load_budget(path)
    if not branch:
        raise UsageError("--branch names no branch", hint="--branch main")
    directory = "" if project == root else project.relative_to(root).as_posix()
    wanted = Wanted(words, _inside(path, project), directory, branch, tuple(_requirements(project)))
    for text in (*wanted.words, wanted.budget, directory, branch):
        if printable(text) != text or "${{" in text:
            raise UsageError(
                f"{printable(text)!r} cannot stand in a workflow", hint="put it into a script, and name that"
            )
    return wanted


def _profile(name: str | None) -> tuple[str, Path | None]:
    """Return the workload profile that is meant, and its budget; raises `UsageError` where nobody can tell."""
    entries = [entry for entry in list_entries() if entry.origin == "project"]
    if name is None:
        if len(entries) != 1:
            listed = ", ".join(printable(entry.name) for entry in entries[:_SHOWN])
            raise UsageError(
                f"the project has several workload profiles: {listed}" if entries else "the project has no profiles/",
                hint="--workload NAME" if entries else "`perftui init` writes one, or name a command after `--`",
            )
        name = entries[0].name
    profile = find_profile(name)
    if profile is None or all(entry.path != profile.path for entry in entries):
        raise UsageError(
            f"the project has no workload profile called {printable(name)!r}", hint="`perftui workloads` lists them"
        )
    return profile.name, profile.budget


def _budget(written: str | None, own: Path | None) -> Path:
    if written is not None:
        found = Path(written) if is_file(Path(written)) else find_budget(written)
        if found is None:
            raise UsageError(f"there is no budget {printable(written)!r}", hint="`perftui init` writes one")
        return found
    return own or only_budget()


def _inside(path: Path, project: Path) -> str:
    """Return a file of the project as it is seen from its top; CI has no other files."""
    absolute = path.absolute()
    if not absolute.is_relative_to(project):
        raise UsageError(f"{printable(str(path))} is not in the project, so CI does not have it", hint="copy it")
    return absolute.relative_to(project).as_posix()


def _requirements(project: Path) -> Iterable[str]:
    if is_file(project / "requirements.txt"):
        yield "--requirement requirements.txt"
    if is_file(project / "pyproject.toml"):
        # Editable: a copy in site-packages would be the code of both sides.
        yield "--editable ."


def _checkout(project: Path) -> Path:
    """Return the top of the checkout that a project lies in; the project itself where it lies in none."""
    for directory in (project, *project.parents):
        if is_directory(directory / ".git") or is_file(directory / ".git"):
            return directory
    return project


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {printable(str(path))}: {error.strerror}", hint="--dry-run prints it") from None
