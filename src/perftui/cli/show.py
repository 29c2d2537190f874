"""`perftui show`: what a session holds, as text or JSON."""

from __future__ import annotations

import click

from perftui.cli import console
from perftui.cli.completion import resolve_complete
from perftui.cli.options import (
    json_option,
    memory_view_option,
    redact_option,
    ref_argument,
    sessions_dir_of,
    sessions_option,
)
from perftui.model.heap import HeapView
from perftui.storage.catalogue import Catalogue
from perftui.storage.names import REF_HELP


@click.command(epilog=REF_HELP)
@ref_argument(default="@latest")
@click.option("--top", type=click.IntRange(min=0), default=20, show_default=True, help="So many functions.")
@memory_view_option
@redact_option
@json_option
@sessions_option
@click.pass_context
def show(
    ctx: click.Context,
    ref: str,
    top: int,
    memory_view: HeapView | None,
    redacted: bool,
    as_json: bool,
    sessions_dir: str | None,
) -> int:
    """Print what session REF holds; of a baseline's .json its figures."""
    if ref.endswith(".json") and memory_view is None:
        from perftui.recording.named_figures import baseline_file

        if (file := baseline_file(ref)) is not None and file.is_file():
            from perftui.cli.baseline_report import show_figures
            from perftui.formats.baseline_reader import read_baseline

            return show_figures(read_baseline(file, ref=ref), top=top, as_json=as_json)
    from perftui.recording.playback import open_playback
    from perftui.recording.redaction import redacted_playback
    from perftui.recording.summary import document

    path = resolve_complete(Catalogue(sessions_dir_of(ctx, sessions_dir)), ref)
    playback = redacted_playback(path) if redacted else open_playback(path)
    model, place = playback.model, None if redacted else playback.path
    if as_json:
        console.document(document(model, place, top=top, view=memory_view))
        return 0
    from perftui.cli.report import session_text

    console.data(session_text(model, place, top=top, view=memory_view))
    console.next_command(f"perftui open {model.meta.id}")
    return 0
