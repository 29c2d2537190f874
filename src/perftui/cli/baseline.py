"""`perftui baseline`: baselines by name, saved, listed, shown, forgotten, and written as files to commit."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from perftui.cli import console
from perftui.cli.completion import say_remarks
from perftui.cli.options import json_option, ref_argument, sessions_dir_of, sessions_option
from perftui.errors import NoDataError
from perftui.model.session import SessionMeta, SessionState
from perftui.storage.catalogue import Catalogue
from perftui.storage.listing import SessionEntry, read_meta
from perftui.storage.names import REF_HELP, check_baseline
from perftui.text import printable

_STDOUT = Path("-")
_PLACE = "benchmarks/baselines"


@click.group(epilog=REF_HELP)
def baseline() -> None:
    """Save, list, show, forget or export baselines.

    A baseline is what others of its workload are held against: sessions that are marked with a name, or a small JSON
    file in benchmarks/baselines that is committed and reviewed.
    """


@baseline.command("save")
@click.argument("name")
@ref_argument("refs", nargs=-1, metavar="[REF]...")
@sessions_option
@click.pass_context
def save(ctx: click.Context, name: str, refs: tuple[str, ...], sessions_dir: str | None) -> int:
    """Make sessions the baseline NAME of their workload [@latest].

    Several sessions of one workload are a baseline together. What was the baseline before stays pinned.
    """
    catalogue = Catalogue(sessions_dir_of(ctx, sessions_dir))
    asked = refs or ("@latest",)
    check_baseline(name)
    say_remarks(catalogue, asked)
    others = {read_meta(path).baseline for ref in asked for path in catalogue.runs_of(ref)} - {"", name}
    paths, former = catalogue.save_baseline(asked, name)
    say_saved(name, paths, former)
    for other in sorted(others):
        console.say(
            f"note: what was baseline {printable(other)} is {printable(name)} now: a session is that of one name"
        )
    console.next_command(f"perftui compare @latest --baseline {shlex.quote(name)}")
    return 0


def say_saved(name: str, paths: Sequence[Path], former: Sequence[SessionEntry]) -> None:
    """Say what is the baseline of a name now, and what was."""
    meta = read_meta(paths[-1])
    of = f"{len(paths)} runs of {printable(meta.name)}" if len(paths) > 1 else f"{printable(meta.name)} ({meta.id})"
    console.say(f"baseline {printable(name)}: {of}")
    for path in paths:
        if trouble := _doubt(read_meta(path)):
            console.say(f"note: {trouble}")
    for entry in former:
        console.say(f"{printable(entry.name)} ({printable(entry.id)}) was that before; it stays pinned")


def _doubt(meta: SessionMeta) -> str:
    """Return why a session may be a poor baseline; mostly nothing."""
    called = f"{printable(meta.name)} ({meta.id})"
    if meta.state is not SessionState.COMPLETE:
        return f"{called} was cut off"
    failed = meta.exit_code not in (0, None) and not meta.ended_by_us
    return f"the workload of {called} failed: exit code {meta.exit_code}" if failed else ""


@baseline.command("list")
@json_option
@sessions_option
@click.pass_context
def list_baselines(ctx: click.Context, as_json: bool, sessions_dir: str | None) -> int:
    """List baselines, and the committed files of the project."""
    from perftui.cli.baseline_report import list_document, list_text
    from perftui.recording.named_figures import committed_baselines

    marked = Catalogue(sessions_dir_of(ctx, sessions_dir)).baselines()
    files = committed_baselines()
    if as_json:
        console.document(list_document(marked, files))
        return 0
    if not (marked or files):
        console.say(f"no session is marked as a baseline, and {_PLACE} holds none")
        console.next_command("perftui baseline save main @latest")
        return 0
    console.data(list_text(marked, files))
    return 0


@baseline.command("show")
@ref_argument("name")
@click.option("--top", type=click.IntRange(min=0), default=10, show_default=True, help="So many functions.")
@json_option
@sessions_option
@click.pass_context
def show(ctx: click.Context, name: str, top: int, as_json: bool, sessions_dir: str | None) -> int:
    """Print the figures of a baseline.

    NAME may also be any REF: the figures of sessions are what a baseline of them would hold.
    """
    from perftui.cli.baseline_report import show_figures
    from perftui.recording.named_figures import figures_of_baseline

    figures = figures_of_baseline(Catalogue(sessions_dir_of(ctx, sessions_dir)), name)
    return show_figures(figures, top=top, as_json=as_json)


@baseline.command("rm")
@ref_argument("name")
@sessions_option
@click.pass_context
def remove(ctx: click.Context, name: str, sessions_dir: str | None) -> int:
    """Forget a baseline; its sessions stay, and stay pinned."""
    from perftui.recording.named_figures import committed_file, plain_name

    plain = plain_name(name)
    committed = committed_file(plain) if plain is not None else None
    is_committed = committed is not None and committed.is_file()
    try:
        paths = Catalogue(sessions_dir_of(ctx, sessions_dir)).forget_baseline(name)
    except NoDataError:
        if committed is None or not is_committed:
            raise
        file = shlex.quote(os.path.relpath(committed))
        hint = f"`git rm {file}` removes it for everybody"
        raise NoDataError(f"baseline {plain} is a file of the project, {file}, and no session", hint=hint) from None
    many = f"{len(paths)} sessions" if len(paths) > 1 else "1 session"
    console.say(f"{printable(name)} is no baseline any more: {many} left as they were, and pinned")
    if committed is not None and is_committed:
        console.say(f"{printable(os.path.relpath(committed))} stays")
    return 0


@baseline.command("export")
@ref_argument("refs", nargs=-1, required=True, metavar="REF...")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Another file than {_PLACE}/NAME.json of the project; - is stdout.",
)
@click.option("--name", default="", help="What it is called [the baseline's name, or the session's].")
@click.option(
    "--top", type=click.IntRange(min=0), default=50, show_default=True, help="So many functions by total, and by self."
)
@sessions_option
@click.pass_context
def export(
    ctx: click.Context, refs: tuple[str, ...], output: Path | None, name: str, top: int, sessions_dir: str | None
) -> int:
    """Write a baseline, or sessions, as small JSON to commit.

    The same sessions give the same bytes, so that a review shows what changed.
    """
    from perftui.formats.baseline_json import MOST_VALUES, write_baseline
    from perftui.recording.named_figures import baseline_of, committed_file

    figures, known_as = baseline_of(Catalogue(sessions_dir_of(ctx, sessions_dir)), refs, top=top)
    name = name or known_as
    check_baseline(name)
    text = write_baseline(replace(figures, name=name))
    if output == _STDOUT:
        console.pieces([text])
        return 0
    path = output or committed_file(name)
    if output is None:
        path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.is_file() else None
    console.write_file(path, [text])
    shown = printable(os.path.relpath(path))
    said = "written to" if before is None else "unchanged:" if before == text.encode() else "replaced"
    of = f"{figures.runs} run{'s' if figures.runs > 1 else ''}"
    console.say(f"{said} {shown}: {of}, {len(figures.operations)} operations, {len(figures.functions)} functions")
    cut = [key for key, operation in figures.operations.items() if len(operation.values) > MOST_VALUES]
    if cut:
        many = "1 operation" if len(cut) == 1 else f"{len(cut)} operations"
        console.say(f"of {many} {MOST_VALUES:,} raw values at most are kept, evenly taken; summaries are of all")
    console.next_command(f"git add {shlex.quote(os.path.relpath(path))}")
    return 0
