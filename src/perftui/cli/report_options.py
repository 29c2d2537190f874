"""Options of everything that writes a comparison: in which format, where to, for whom, and what is a failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import click

from perftui.cli.options import json_option, memory_view_option, redact_option
from perftui.errors import UsageError
from perftui.model.heap import HeapView

USUAL_TOP = 20
EXIT_CODES = (
    "Exit codes: 0 compared, 1 --fail-on regression found one, 2 the command line is wrong, {also}4 no such session or "
    "nothing in common, 6 a file cannot be read."
)
"""What the exit status of a comparison means; `also` is what else a verb does."""


class ReportFormat(Enum):
    """How a comparison is written."""

    TEXT = "text"
    MARKDOWN = "md"
    JSON = "json"
    HTML = "html"


_SUFFIXES = {
    ".txt": ReportFormat.TEXT,
    ".md": ReportFormat.MARKDOWN,
    ".json": ReportFormat.JSON,
    ".html": ReportFormat.HTML,
    ".htm": ReportFormat.HTML,
}


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a person asked for."""

    format: ReportFormat | None = None
    """None for a screen where there is one, and text where there is none."""
    output: Path | None = None
    top: int | None = None
    view: HeapView | None = None
    redacted: bool = False
    fails_on_regression: bool = False

    @property
    def wants_report(self) -> bool:
        """Whether something is to be written, also where there is a screen."""
        return bool(self.format or self.view or self.redacted or self.fails_on_regression)

    def without_screen(self) -> ReportOptions:
        """Return the same for where nothing else is to be shown on a screen: tables instead."""
        return replace(self, format=self.format or ReportFormat.TEXT)


def report_options(*, also_json: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator with the options; `--json` is left out where a verb has it already."""
    options: list[Callable[..., Any]] = [
        click.option(
            "--format",
            "format_name",
            type=click.Choice([each.value for each in ReportFormat]),
            help="text, md for a pull request, json, or html: one page that works without a network.",
        ),
        click.option(
            "--output",
            "-o",
            type=click.Path(dir_okay=False, path_type=Path),
            help="A file instead of stdout; without --format its ending says which.",
        ),
        click.option("--text", "as_text", is_flag=True, help="The same as --format text."),
        click.option(
            "--fail-on",
            type=click.Choice(["regression"]),
            help="End with 1 where the whole or a function is called slower; what is inconclusive never fails, and "
            "nothing does where a side has a single run.",
        ),
        click.option("--top", type=click.IntRange(min=0), default=None, help="So many functions of each kind [20]."),
        redact_option,
        memory_view_option,
        *([json_option] if also_json else []),
    ]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def asked_for(options: dict[str, Any]) -> ReportOptions:
    """Return what the options of `report_options` say.

    Raises:
        UsageError: They ask for several formats, or the file's ending says none.
    """
    named: ReportFormat | None = ReportFormat(options["format_name"]) if options["format_name"] else None
    flagged = {"as_json": ReportFormat.JSON, "as_text": ReportFormat.TEXT}
    formats = {named} - {None} | {meant for flag, meant in flagged.items() if options[flag]}
    if len(formats) > 1:
        raise UsageError("one format at a time", hint="give --format, --json or --text")
    output: Path | None = options["output"]
    if output is not None and not output.absolute().parent.is_dir():
        raise UsageError(f"there is no directory {output.absolute().parent}", hint="choose another file")
    chosen = next(iter(formats), None)
    if output is not None and chosen is None:
        chosen = _SUFFIXES.get(output.suffix.lower())
        if chosen is None:
            raise UsageError(
                f"the ending of {output.name} does not say which format", hint="add --format text, md, json or html"
            )
    return ReportOptions(
        format=chosen,
        output=output,
        top=options["top"],
        view=options["memory_view"],
        redacted=options["redacted"],
        fails_on_regression=options["fail_on"] is not None,
    )
