"""`perftui export` and `perftui import`: profiles for other tools, and from them."""

from __future__ import annotations

from pathlib import Path

import click

from perftui.cli import console
from perftui.cli.completion import resolve_complete
from perftui.cli.options import (
    capture_option,
    checked_name,
    json_option,
    memory_view,
    redact_option,
    ref_argument,
    sessions_dir_of,
    sessions_option,
)
from perftui.errors import ExitCode, ImportFormatError, UsageError
from perftui.formats.registry import NAMES
from perftui.model.heap import HeapView
from perftui.model.workload import Retention
from perftui.sources.heap.report import REPORTS
from perftui.storage.catalogue import Catalogue
from perftui.storage.names import REF_HELP
from perftui.units import Unit

_TAKE_EVERY_S = 0.2
_UNITS = {"samples": Unit.SAMPLES, "seconds": Unit.SECONDS, "bytes": Unit.BYTES}


@click.command(epilog=REF_HELP)
@ref_argument(default="@latest")
@click.option(
    "--format",
    "-f",
    "format_name",
    required=True,
    help=f"One of: {', '.join((*NAMES, *REPORTS))}. memray's own reports are HTML that loads nothing from elsewhere.",
)
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of stdout.")
@memory_view("CPU, where there is any; the high watermark for reports of memray's, and otherwise")
@redact_option
@sessions_option
@click.pass_context
def export(
    ctx: click.Context,
    ref: str,
    format_name: str,
    output: Path | None,
    memory_view: HeapView | None,
    redacted: bool,
    sessions_dir: str | None,
) -> int:
    """Write session REF in another tool's format, to stdout or a file: CPU, or with --memory-view bytes."""
    from perftui.recording.exchange import export_session

    path = resolve_complete(Catalogue(sessions_dir_of(ctx, sessions_dir)), ref)
    try:
        found = export_session(
            path,
            format_name,
            view=memory_view,
            redacted=redacted,
            on_wait=lambda: console.progress("memray makes its report …"),
        )
    finally:
        console.clear_progress()
    if output is None:
        console.pieces(found.pieces)
        return 0
    console.write_file(output, found.pieces)
    console.say(f"written to {output}" + (f": memory, {found.view.value.replace('_', ' ')}" if found.view else ""))
    return 0


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", callback=checked_name, help="Name of the session.")
@click.option(
    "--unit", type=click.Choice(list(_UNITS)), help="What collapsed stacks count, which they do not say [samples]."
)
@capture_option
@json_option
@sessions_option
@click.pass_context
def import_file(
    ctx: click.Context,
    file: Path,
    name: str,
    unit: str | None,
    capture: str | None,
    as_json: bool,
    sessions_dir: str | None,
) -> int:
    """Make a session of FILE: a memray capture, collapsed stacks, speedscope JSON or pprof, told by their content."""
    from perftui.sources.heap.header import looks_like_capture

    sessions = sessions_dir_of(ctx, sessions_dir)
    if looks_like_capture(file):
        if unit is not None:
            raise UsageError("a capture counts bytes", hint="leave out --unit")
        return _import_capture(file, sessions, name, Retention(capture or Retention.KEEP), as_json=as_json)
    if capture is not None:
        raise UsageError(f"--capture is about memray's captures, and {file.name} is none", hint="leave it out")
    from perftui.recording.exchange import import_profile

    try:
        path, meta, notes = import_profile(file, sessions, name=name, unit=_UNITS[unit] if unit else None)
    except ImportFormatError as error:
        raise _refused(file, error) from None
    for note in notes:
        console.say(f"note: {note}")
    _tell(meta.id, meta.name, path, as_json=as_json)
    return 0


def _refused(file: Path, error: ImportFormatError) -> ImportFormatError:
    """Return the complaint about a file; one of a benchmark tool is no profile, and has a verb of its own."""
    from perftui.formats.operations.registry import is_result

    if not is_result(file):
        return error
    return ImportFormatError(
        f"{file.name} is what a benchmark tool has measured, not a profile", hint=f"perftui ingest {file}"
    )


def _import_capture(file: Path, sessions: Path, name: str, retention: Retention, *, as_json: bool) -> int:
    from perftui.cli.progress import progress_bar
    from perftui.cli.signals import EndSignals
    from perftui.recording.capture_import import CaptureImport

    running = CaptureImport(file, sessions, name=name, retention=retention)
    with EndSignals(running) as signals:
        running.start()
        while not running.wait(_TAKE_EVERY_S):
            update = running.feed.take()
            if update is not None and update.progress is not None:
                console.progress(progress_bar(update.progress))
        console.clear_progress()
    if signals.received is not None and running.was_stopped:
        console.say("the import was stopped, and nothing saved")
        return 128 + signals.received
    model = running.result()
    for note in running.notes:
        console.say(f"note: {note}")
    _tell(model.meta.id, model.meta.name, running.path, as_json=as_json)
    return int(ExitCode.OK)


def _tell(session_id: str, name: str, path: Path | None, *, as_json: bool) -> None:
    if as_json:
        console.document({"schema": "perftui.import/1", "id": session_id, "name": name, "path": str(path)})
    else:
        console.say(f"imported as {name}")
        console.next_command(f"perftui open {session_id}")
