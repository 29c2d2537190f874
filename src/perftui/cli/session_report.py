"""`perftui report`: everything that one session says, for people who were not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from perftui.cli import console
from perftui.cli.completion import resolve_complete
from perftui.cli.options import json_option, ref_argument, sessions_dir_of, sessions_option
from perftui.cli.report_files import OutputFile, line_width, output_options, write_text, written_to
from perftui.errors import UsageError
from perftui.recording.check import Check
from perftui.recording.session_model import SessionModel
from perftui.storage.catalogue import Catalogue
from perftui.storage.names import REF_HELP

FORMATS = ("text", "md", "html", "csv", "json")
SCHEMA = "perftui.report/1"
_WRITTEN = ("output", "format_name", "as_json")


@click.command(epilog=REF_HELP)
@ref_argument("ref", default="@latest")
@click.option("--budget", help="Judge it by this budget: a file, or the name of one in budgets/ [as it was judged].")
@click.option("--baseline", help="Hold changes against a baseline's name, any other REF, or a .json file.")
@click.option("--since", default="", help="In place of one session all of that time: 24h, 7d, 30d, last_24h.")
@click.option("--workload", default="", help="With --since: only this workload.")
@click.option(
    "--site",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a static site of trends into this directory, or bring it up to date.",
)
@click.option("--top", type=click.IntRange(min=0), default=20, show_default=True, help="So many functions.")
@output_options(FORMATS)
@json_option
@sessions_option
@click.pass_context
def report(
    ctx: click.Context,
    /,
    ref: str,
    budget: str | None,
    baseline: str | None,
    since: str,
    workload: str,
    site: Path | None,
    top: int,
    sessions_dir: str | None,
    **options: Any,
) -> int:
    """Write a report of session REF: what ran, verdicts, findings, operations, bottlenecks, hotspots, memory, meters.

    In a workflow of GitHub it is added to the step summary, too. What fails in it does not change the exit code: that
    is what `perftui check` is for. With --since it is of all sessions of that time: runs and verdicts of each workload,
    which figures changed beyond noise and with which commit, and what took longest.
    """
    output = written_to(options, FORMATS)
    catalogue = Catalogue(sessions_dir_of(ctx, sessions_dir))
    if site is not None:
        from perftui.cli.site import write_site

        _refuse_beside(
            ctx, "--site", "ref", "budget", "baseline", "since", "workload", "output", "format_name", "as_json"
        )
        return write_site(catalogue.list(), site)
    if since or workload:
        return _of_period(ctx, catalogue, since, workload, output)
    from perftui.recording.playback import open_playback

    path = resolve_complete(catalogue, ref)
    playback = open_playback(path)
    check = None
    if budget is not None or baseline is not None:
        from perftui.cli.checking import Asked, checked

        check = checked(catalogue, [str(path)], Asked(budget, baseline))
    _write(playback.model, path, check, output, top=top)
    if output.to_person:
        console.next_command(f"perftui open {playback.model.meta.id}")
    return 0


def _of_period(ctx: click.Context, catalogue: Catalogue, since: str, workload: str, output: OutputFile) -> int:
    from perftui.cli.period_report import report_period

    if not since:
        raise UsageError("--workload is for reports of a period", hint="add --since 7d, or name a session instead")
    _refuse_beside(ctx, "--since", "ref", "budget", "baseline")
    return report_period(catalogue, since, output, workload=workload)


def _refuse_beside(ctx: click.Context, option: str, *names: str) -> None:
    """Refuse what means nothing beside an option of a report over many sessions."""
    shown = {"ref": "a session", "format_name": "--format", "as_json": "--json"}
    for name in names:
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            what = shown.get(name, f"--{name}")
            raise UsageError(f"{option} and {what} do not go together", hint="leave one of them out")


def _write(model: SessionModel, path: Path, check: Check | None, output: OutputFile, *, top: int) -> None:
    from perftui.cli.sheet_output import sheet_in
    from perftui.cli.workflow import is_workflow, tell_workflow
    from perftui.reports.session_sheet import session_sheet
    from perftui.reports.sheet import WIDE

    wide = output.format != "text" or line_width() >= WIDE
    sheet = session_sheet(model, path, check, top=top, wide=wide)
    if output.to_person:
        from perftui.reports.sheet_text import sheet_lines

        console.styled(sheet_lines(sheet, width=line_width()))
    elif output.format == "json":
        write_text(_document(model, path, check, top), output.path)
    elif output.format == "csv":
        from perftui.reports.session_csv import session_csv

        write_text(session_csv(model, model.verdicts if check is None else check.verdicts, top=top), output.path)
    else:
        write_text(sheet_in(sheet, output.format), output.path)
    if is_workflow():
        tell_workflow(summary=sheet_in(sheet, "md"))


def _document(model: SessionModel, path: Path, check: Check | None, top: int) -> str:
    from perftui.recording.summary import document
    from perftui.reports.check_document import check_document

    judged = None if check is None else check_document(check)
    whole = {"schema": SCHEMA, "session": document(model, path, top=top), "check": judged}
    return json.dumps(whole, indent=2, allow_nan=False) + "\n"
