"""`perftui report --since`: what happened to all workloads, or to one, in a period."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from perftui.cli import console
from perftui.cli.period import seconds_of_period, shown_period
from perftui.cli.report_files import OutputFile, line_width, write_text

if TYPE_CHECKING:
    from perftui.storage.catalogue import Catalogue


def report_period(catalogue: Catalogue, since: str, output: OutputFile, *, workload: str = "") -> int:
    """Write the report of a period.

    Raises:
        UsageError: It is no period.
        NoDataError: There is no session of that time.
    """
    from perftui.cli.sheet_output import sheet_in
    from perftui.cli.workflow import is_workflow, tell_workflow
    from perftui.recording.period import period_report
    from perftui.reports.period_sheet import period_csv, period_document, period_sheet

    since_s = time.time() - seconds_of_period(since, "--since")
    try:
        found = period_report(
            catalogue.list(), since_s, shown_period(since), workload=workload, progress=console.reading_sessions
        )
    finally:
        console.clear_progress()
    sheet = period_sheet(found)
    if output.to_person:
        from perftui.reports.sheet_text import sheet_lines

        console.styled(sheet_lines(sheet, width=line_width()))
    elif output.format == "json":
        write_text(json.dumps(period_document(found), indent=2, allow_nan=False) + "\n", output.path)
    else:
        text = period_csv(found) if output.format == "csv" else sheet_in(sheet, output.format)
        write_text(text, output.path)
    if is_workflow():
        tell_workflow(summary=sheet_in(sheet, "md"))
    if output.to_person and found.changes:
        first = found.changes[0].trend
        console.next_command(f"perftui trend {_quoted(first.subject)} --workload {_quoted(first.workload)}")
    return 0


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)
