"""Writing a comparison in the format that is asked for, and saying whether it fails a gate."""

from __future__ import annotations

import json
import os
import sys

from perftui.analysis.regression import Regression, regression_of
from perftui.cli import console
from perftui.cli.report_options import USUAL_TOP, ReportFormat, ReportOptions
from perftui.errors import ExitCode
from perftui.recording.compare_document import compare_document
from perftui.recording.comparison import Comparison
from perftui.reports.of_comparison import report_of
from perftui.text import printable

_PIPED_WIDTH = 100
_SHOWN_NAMES = 5
_MOST_DIGITS = 4


def write_comparison(comparison: Comparison, options: ReportOptions) -> int:
    """Write a comparison to stdout or a file, and return the exit code."""
    text = comparison_in(comparison, options)
    if options.output is None:
        console.pieces((text,))
    else:
        console.write_file(options.output, (text,))
        console.say(f"written to {printable(str(options.output))}")
    return int(_gate(comparison)) if options.fails_on_regression else int(ExitCode.OK)


def comparison_in(comparison: Comparison, options: ReportOptions) -> str:
    """Return a comparison as a text of a format."""
    chosen = options.format or ReportFormat.TEXT
    if chosen is ReportFormat.JSON:
        document = compare_document(comparison, top=options.top, view=options.view, redacted=options.redacted)
        return json.dumps(document, indent=2, allow_nan=False) + "\n"
    flames = chosen is ReportFormat.HTML
    report = report_of(comparison, view=options.view, redacted=options.redacted, flames=flames)
    top = USUAL_TOP if options.top is None else options.top
    match chosen:
        case ReportFormat.MARKDOWN:
            from perftui.reports.markdown import comparison_markdown

            return comparison_markdown(report, top=top)
        case ReportFormat.HTML:
            from perftui.reports.html import comparison_html

            return comparison_html(report)
        case _:
            from perftui.reports.text import comparison_text

            return comparison_text(report, width=_width(), top=top) + "\n"


def _width() -> int:
    """Return how wide lines may be: as the terminal, and where there is none as COLUMNS says, or 100."""
    if sys.stdout.isatty():
        return console.columns()
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if asked.isdecimal() and asked.isascii() and len(asked) <= _MOST_DIGITS else _PIPED_WIDTH


def _gate(comparison: Comparison) -> ExitCode:
    """Say whether a regression was found, and return the exit code that it deserves."""
    lens = comparison.of(None) if None in comparison.lenses else comparison
    found = regression_of(lens.total, lens.changes, cpu_time=lens.cpu_time)
    if not found.counts:
        one = "one run against one run" if max(found.runs) == 1 else "a single run of a side"
        console.say(f"note: {one} fails no gate, whatever it shows: record several (--repeat 5, or perftui ab)")
        return ExitCode.OK
    if not found.found:
        console.say("no regression: nothing is called slower")
        return ExitCode.OK
    console.say(f"regression: {_told(found)}", colour="red")
    return ExitCode.FAILED_CHECK


def _told(found: Regression) -> str:
    names = [printable(change.frame.function) for change in found.functions]
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    words = ["the whole is slower"] if found.total else []
    words += [f"slower: {', '.join(names[:_SHOWN_NAMES])}{more}"] if names else []
    return "; ".join(words)
