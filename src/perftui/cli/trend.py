"""`perftui trend`: one figure over the sessions of a workload, with its noise, its changes, commits and verdicts."""

from __future__ import annotations

import json
import shlex
import time
from typing import TYPE_CHECKING, Any

import click

from perftui.cli import console
from perftui.cli.options import json_option, sessions_dir_of, sessions_option
from perftui.cli.period import seconds_of_period
from perftui.cli.report_files import OutputFile, line_width, output_options, write_text, written_to
from perftui.storage.catalogue import Catalogue

if TYPE_CHECKING:
    from perftui.model.trend import Trend

FORMATS = ("text", "md", "html", "csv", "json")
_PAGE_CELLS = 100
_BY = {"total": "total", "self": "self", "share": "total_share", "self-share": "self_share"}


@click.command()
@click.argument("subject", metavar="METRIC|OPERATION|FUNCTION", default="wall_s")
@click.option(
    "--workload", default="", help="The workload: its profile, script or module [that of the newest session]."
)
@click.option("--last", type=click.IntRange(min=1), help="Only so many of its newest sessions.")
@click.option("--since", default="", help="Only sessions as old as that at most: 24h, 7d, 30d.")
@click.option(
    "--by",
    type=click.Choice(list(_BY)),
    default="total",
    show_default=True,
    help="What of a function: its seconds in a run, with or without what it called, or its share of all samples.",
)
@click.option(
    "--rows", type=click.IntRange(min=0), default=20, show_default=True, help="So many sessions in the table."
)
@output_options(FORMATS)
@json_option
@sessions_option
@click.pass_context
def trend(
    ctx: click.Context,
    /,
    subject: str,
    workload: str,
    last: int | None,
    since: str,
    by: str,
    rows: int,
    sessions_dir: str | None,
    **options: Any,
) -> int:
    """Print what a figure was over the sessions of a workload, and where it changed beyond noise.

    A METRIC is one such as wall_s, cpu_s, rss_bytes.max or heap_peak_bytes; an OPERATION is named as in budgets,
    group.name[parameter], with :p95 or another figure in place of its median; a FUNCTION as work or app.py:work. Runs
    that were recorded together are one point. Only sessions of one machine are one series.
    """
    from perftui.recording.trends import trend_of
    from perftui.recording.workload_series import the_series

    output = written_to(options, FORMATS)
    since_s = time.time() - seconds_of_period(since, "--since") if since else None
    entries = Catalogue(sessions_dir_of(ctx, sessions_dir)).list()
    series = the_series(entries, workload, since_s=since_s, last=last)
    try:
        found = trend_of(series, subject, by=_BY[by], progress=console.reading_sessions)
    finally:
        console.clear_progress()
    _write(found, output, rows)
    if output.to_person:
        newest = found.points[-1].ref
        if found.changes:
            before = found.points[found.changes[-1].at - 1].ref
            console.next_command(f"perftui compare {shlex.quote(before)} {shlex.quote(newest)}")
        else:
            console.next_command(f"perftui open {shlex.quote(newest)}")
    return 0


def _write(found: Trend, output: OutputFile, rows: int) -> None:
    from perftui.reports.trend_sheet import trend_csv, trend_document, trend_sheet

    if output.format == "json":
        write_text(json.dumps(trend_document(found), indent=2, allow_nan=False) + "\n", output.path)
    elif output.format == "csv":
        write_text(trend_csv(found), output.path)
    elif output.to_person:
        from perftui.reports.sheet_text import sheet_lines

        width = line_width()
        console.styled(sheet_lines(trend_sheet(found, width=width, rows=rows), width=width))
    else:
        from perftui.cli.sheet_output import sheet_in
        from perftui.reports.trend_chart import EMPTY_CELL

        is_text = output.format == "text"
        width, blank = (line_width(), " ") if is_text else (_PAGE_CELLS, EMPTY_CELL)
        write_text(sheet_in(trend_sheet(found, width=width, rows=rows, blank=blank), output.format), output.path)
