"""Writing a check in every format that is asked for, and to GitHub where it runs there."""

from __future__ import annotations

import json
from pathlib import Path

from perftui.cli import console
from perftui.cli.report_files import OutputFile, line_width, write_text
from perftui.cli.workflow import is_workflow, tell_workflow
from perftui.recording.check import Check
from perftui.text import printable


def write_check(check: Check, output: OutputFile, junit: Path | None) -> None:
    """Write a check to stdout or a file, and to everybody else who wants to know."""
    if output.to_person:
        from perftui.reports.check_sheet import check_sheet
        from perftui.reports.sheet import WIDE
        from perftui.reports.sheet_text import sheet_lines

        width = line_width()
        console.styled(sheet_lines(check_sheet(check, wide=width >= WIDE), width=width))
    else:
        write_text(check_in(check, output.format), output.path)
    if junit is not None:
        from perftui.reports.check_junit import check_junit

        console.write_file(junit, (check_junit(check),))
        console.say(f"written to {printable(str(junit))}")
    if is_workflow():
        from perftui.reports.github import annotation_lines, outputs

        tell_workflow(
            summary=check_in(check, "md"),
            outputs=outputs(check),
            annotations=lambda root: annotation_lines(check, root),
        )


def check_in(check: Check, format_name: str) -> str:
    """Return a check as a text of a format."""
    if format_name == "json":
        from perftui.reports.check_document import check_document

        return json.dumps(check_document(check), indent=2, allow_nan=False) + "\n"
    if format_name == "csv":
        from perftui.reports.check_csv import check_csv

        return check_csv(check)
    from perftui.reports.check_sheet import check_sheet

    if format_name == "text":
        from perftui.reports.sheet import WIDE
        from perftui.reports.sheet_text import sheet_text

        width = line_width()
        return sheet_text(check_sheet(check, wide=width >= WIDE), width=width)
    from perftui.cli.sheet_output import sheet_in

    return sheet_in(check_sheet(check), format_name)
