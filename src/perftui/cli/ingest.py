"""`perftui ingest`: a session of what a benchmark tool has measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from perftui.cli import console
from perftui.cli.against import baseline_options
from perftui.cli.options import checked_name, checked_tags, json_option, sessions_dir_of, sessions_option
from perftui.errors import UsageError
from perftui.formats.operations.base import MOST_BYTES, ToolReport
from perftui.formats.operations.files import is_directory, is_there
from perftui.formats.operations.registry import FORMATS, NAMES, OperationFormat, format_named, read_data, read_path
from perftui.model.run_figures import RunFigures
from perftui.model.session import SessionMeta

_STDIN = "-"
_USUAL_PLACES = {"criterion": Path("target/criterion"), "pytest-benchmark": Path(".benchmarks"), "asv": Path("results")}


@click.command(
    options_metavar="[OPTIONS] [FORMAT] (FILE | DIRECTORY | -)",
    epilog="Formats: " + "; ".join(f"{item.name} ({item.title})" for item in FORMATS) + ".",
)
@click.argument("words", nargs=-1, metavar="")
@click.option("--name", default="", callback=checked_name, help="Name of the session.")
@click.option("--tag", "tags", multiple=True, callback=checked_tags, help="Tag the session; may be given again.")
@click.option("--saved", default="", help="Of criterion: what `--save-baseline NAME` kept, not what was measured last.")
@click.option(
    "--workload",
    default="",
    callback=checked_name,
    help="What tells it from other benchmarks of the project, each with baselines of its own [the tool].",
)
@click.option("--elsewhere", is_flag=True, help="It was measured on another machine: note nothing of this one.")
@baseline_options
@json_option
@sessions_option
@click.pass_context
def ingest(
    ctx: click.Context,
    words: tuple[str, ...],
    name: str,
    workload: str,
    tags: tuple[str, ...],
    saved: str,
    *,
    elsewhere: bool,
    against: str,
    save_baseline: str,
    as_json: bool,
    sessions_dir: str | None,
) -> int:
    """Make a session of what a benchmark tool has measured, with every raw value; the format is told by its content.

    \b
    perftui ingest target/criterion
    pytest --benchmark-json bench.json && perftui ingest bench.json
    go test -bench . | perftui ingest go -
    """  # noqa: D301 (click wants the character, not its escape)
    wanted, place = _asked(words)
    report, origin, title = _read(wanted, place, saved)
    from perftui.recording.operation_import import ingest as make

    sessions, baselines = sessions_dir_of(ctx, sessions_dir), list[RunFigures | None]()

    def look_up(meta: SessionMeta) -> None:
        baselines.append(_baseline_of(meta, sessions, against, save_baseline))

    made = make(
        report,
        sessions,
        name=name or title,
        origin=origin,
        workload=workload,
        tags=tags,
        elsewhere=elsewhere,
        beforehand=look_up,
    )
    for note in made.notes:
        console.say(f"note: {note}")
    held = _held(baselines.pop(), made.path, save_baseline, as_json=as_json)
    if as_json:
        from perftui.recording.operation_document import operation_document

        console.document(
            {
                "schema": "perftui.ingest/1",
                "id": made.meta.id,
                "name": made.meta.name,
                "path": str(made.path),
                "operations": [operation_document(operation, raw=False) for operation in made.operations],
                "notes": list(made.notes),
                **held,
            }
        )
        return 0
    count = len(made.operations)
    console.say(f"ingested {count} operation{'' if count == 1 else 's'} as {made.meta.name}")
    console.next_command(f"perftui show {made.meta.id}")
    return 0


def _baseline_of(meta: SessionMeta, sessions: Path, against: str, name: str) -> RunFigures | None:
    """Return what a session is going to be held against, where that was asked for; raises `NoDataError` without it."""
    if not (against or name):
        return None
    from perftui.recording.against import former_baseline
    from perftui.recording.named_figures import figures_of_baseline
    from perftui.storage.catalogue import Catalogue

    catalogue = Catalogue(sessions)
    if against:
        return figures_of_baseline(catalogue, against, beside=meta)
    return former_baseline(catalogue, name, beside=meta)


def _held(baseline: RunFigures | None, path: Path, name: str, *, as_json: bool) -> dict[str, Any]:
    """Tell how a session differs from a baseline, and make it one, where that was asked for."""
    if baseline is None and not name:
        return {}
    from perftui.cli.against import save_as, told_apart

    said = told_apart(baseline, [path], as_json=as_json)
    if name:
        save_as(name, path.parent, [path])
    return said


def _asked(words: tuple[str, ...]) -> tuple[OperationFormat | None, str]:
    """Return the format, where one is named, and what to read."""
    if len(words) == 2 and words[0] not in NAMES and is_there(Path(words[0])):
        raise UsageError("one result at a time", hint="perftui ingest FORMAT FILE")
    if len(words) == 2 and words[1]:
        return format_named(words[0]), words[1]
    if len(words) != 1 or not words[0]:
        raise UsageError("say what to ingest: a file, a directory, or - for the input", hint=_example(words))
    (word,) = words
    usual = _USUAL_PLACES.get(word)
    if word not in NAMES or is_there(Path(word)):
        return None, word
    if usual is None or not usual.exists():
        raise UsageError(
            f"say where {word} has left its result", hint=f"perftui ingest {word} FILE, or - for the input"
        )
    return format_named(word), str(usual)


def _example(words: tuple[str, ...]) -> str:
    return "perftui ingest [FORMAT] FILE" if len(words) > 2 else "go test -bench . | perftui ingest -"


def _read(wanted: OperationFormat | None, place: str, saved: str) -> tuple[ToolReport, str, str]:
    """Return the report, where it is from, and what a session of it may be called."""
    if place != _STDIN:
        path = Path(place)
        report = read_path(path, wanted, saved=saved)
        tool = report.operations[0].tool
        return report, path.name or place, saved or (tool if is_directory(path) else path.stem) or tool
    if saved:
        raise UsageError("--saved is about criterion's directory", hint="give the directory in place of -")
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        raise UsageError("nothing comes through the input", hint="go test -bench . | perftui ingest -")
    report = read_data(sys.stdin.buffer.read(MOST_BYTES + 1), wanted)
    return report, "the input", report.operations[0].tool
