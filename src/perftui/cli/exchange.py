"""`perftui export` and `perftui import`: profiles for other tools, and from them."""

from __future__ import annotations

from pathlib import Path

import click

from perftui.cli import console
from perftui.cli.options import checked_name, json_option, sessions_dir_of, sessions_option
from perftui.formats.registry import NAMES
from perftui.storage.catalogue import Catalogue


@click.command()
@click.argument("ref", default="@latest")
@click.option("--format", "-f", "format_name", required=True, help=f"One of: {', '.join(NAMES)}.")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of stdout.")
@sessions_option
@click.pass_context
def export(ctx: click.Context, ref: str, format_name: str, output: Path | None, sessions_dir: str | None) -> int:
    """Write session REF in another tool's format, to stdout or a file."""
    from perftui.recording.exchange import export_profile

    path = Catalogue(sessions_dir_of(ctx, sessions_dir)).resolve(ref)
    pieces = export_profile(path, format_name)
    if output is None:
        console.pieces(pieces)
        return 0
    console.write_file(output, pieces)
    console.say(f"written to {output}")
    return 0


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", callback=checked_name, help="Name of the session.")
@json_option
@sessions_option
@click.pass_context
def import_file(ctx: click.Context, file: Path, name: str, as_json: bool, sessions_dir: str | None) -> int:
    """Make a session of FILE: collapsed stacks or speedscope JSON, told apart by their content."""
    from perftui.recording.exchange import import_profile

    path, meta, notes = import_profile(file, sessions_dir_of(ctx, sessions_dir), name=name)
    for note in notes:
        console.say(f"note: {note}")
    if as_json:
        console.document({"schema": "perftui.import/1", "id": meta.id, "name": meta.name, "path": str(path)})
    else:
        console.say(f"imported as {meta.name}")
        console.next_command(f"perftui open {meta.id}")
    return 0
