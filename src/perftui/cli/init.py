"""`perftui init`: a workload profile and a budget to begin with, for the project that one stands in."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from perftui.cli import console
from perftui.cli.options import AFTER_DASHES, CommandAfterDashes, sessions_dir_of, sessions_option
from perftui.errors import UsageError
from perftui.settings.directories import BUDGETS, PROFILES
from perftui.text import printable

_NOTHING_YET = ("{python}", "-c", "print('replace this command with what you want to measure')")


@click.command(cls=CommandAfterDashes, options_metavar="[OPTIONS] [NAME] [-- COMMAND ...]")
@click.argument("name", default="", metavar="[NAME]")
@click.option("--dry-run", is_flag=True, help="Print the files and write nothing.")
@sessions_option
@click.pass_context
def init(ctx: click.Context, name: str, dry_run: bool, sessions_dir: str | None) -> int:
    """Write a commented workload profile and budget for this project; what is there is never overwritten.

    What to start is found in pyproject.toml, packages, benchmarks and tests, or follows `--`. Where sessions of it
    exist, the limits are taken from them, with headroom.

    \b
    perftui init --dry-run
    perftui init api -- python -m api --port 8000
    """  # noqa: D301 (click wants the character, not its escape)
    from perftui.recording.starter_files import budget_text, profile_text, seen_before
    from perftui.settings.project import Candidate, look_at_project
    from perftui.storage.catalogue import Catalogue

    project = look_at_project(Path.cwd())
    for remark in project.remarks:
        console.say(f"note: {remark}")
    command: tuple[str, ...] = ctx.meta.get(AFTER_DASHES, ())
    others: tuple[Candidate, ...] = ()
    if command:
        chosen = Candidate(name or project.name, command, "you said so", ends=False)
    elif project.candidates:
        chosen, *found = project.candidates
        others = tuple(found)
    else:
        chosen = Candidate(name or project.name, _NOTHING_YET, "nothing to start was found")
        console.say("nothing to start was found here: put your command into the profile, or give it after `--`")
    name = _checked(name or chosen.name)
    seen = seen_before(Catalogue(sessions_dir_of(ctx, sessions_dir)), name, chosen.command, project.root)
    files = {
        project.root / PROFILES / f"{name}.toml": profile_text(name, chosen, others),
        project.root / BUDGETS / f"{name}.toml": budget_text(name, seen, project.root),
    }
    if dry_run:
        console.pieces("\n".join(f"# {_shown(path)}\n{text}" for path, text in files.items()))
        return 0
    _write(files, {project.root / path: text for path, text in _schemas().items()})
    console.next_command(f"perftui run {shlex.quote(name)}")
    return 0


def _schemas() -> Mapping[Path, str]:
    from perftui.cli.schema import KINDS, schema_text
    from perftui.recording.starter_files import SCHEMAS

    return {SCHEMAS / f"{kind}.schema.json": schema_text(kind) for kind in KINDS}


def _write(files: Mapping[Path, str], schemas: Mapping[Path, str]) -> None:
    """Write all files or none; raises `UsageError` where one is there. Schemas are ours, and brought up to date."""
    there = [path for path in files if path.exists() or path.is_symlink()]
    if there:
        verb = "are" if len(there) > 1 else "is"
        raise UsageError(
            f"{' and '.join(map(_shown, there))} {verb} there already, and never overwritten",
            hint="--dry-run prints what would be written; another NAME writes other files",
        )
    for path, text in {**files, **schemas}.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot make {_shown(path.parent)}: {error.strerror}", hint="is it yours?") from None
        console.write_file(path, [text])
        console.say(f"written: {_shown(path)}")


def _checked(name: str) -> str:
    from perftui.settings.profiles import is_profile_name

    if not is_profile_name(name):
        raise UsageError(f"{printable(name)!r} cannot be the name of a profile", hint="letters, digits, _, -, . and +")
    return name


def _shown(path: Path) -> str:
    here = Path.cwd()
    return printable(str(path.relative_to(here) if path.is_relative_to(here) else path))
