"""Options of what writes a sheet: in which format, and where to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from perftui.cli import console
from perftui.errors import UsageError
from perftui.text import printable

_SUFFIXES = {
    ".txt": "text",
    ".md": "md",
    ".html": "html",
    ".htm": "html",
    ".csv": "csv",
    ".json": "json",
}
_PIPED_WIDTH = 100
_MOST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class OutputFile:
    """What a person asked for."""

    format: str
    """One of the verb's formats."""
    path: Path | None = None
    """None for stdout."""

    @property
    def to_person(self) -> bool:
        """Whether it is read as it is printed."""
        return self.format == "text" and self.path is None


def output_options(formats: Sequence[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator with `--format` and `--output`."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        function = click.option(
            "--output",
            "-o",
            type=click.Path(dir_okay=False, path_type=Path),
            help="A file instead of stdout; without --format its ending says which.",
        )(function)
        return click.option(
            "--format", "format_name", type=click.Choice(list(formats)), help="How it is written [text]."
        )(function)

    return decorate


def written_to(options: dict[str, Any], formats: Sequence[str], *, also: Path | None = None) -> OutputFile:
    """Return what the options say.

    Raises:
        UsageError: They ask for two formats, the file's ending says none, there is no such directory, or one file is
            to hold both reports.
    """
    named: str | None = options["format_name"]
    path: Path | None = options["output"]
    if options.get("as_json"):
        if named not in (None, "json"):
            raise UsageError("one format at a time", hint="give --format or --json")
        named = "json"
    for file in (path, also):
        if file is not None and not file.absolute().parent.is_dir():
            raise UsageError(f"there is no directory {file.absolute().parent}", hint="choose another file")
    if path is not None and also is not None and path.absolute() == also.absolute():
        raise UsageError(f"{printable(str(path))} cannot hold both reports", hint="name two files")
    if named is None and path is not None:
        named = _SUFFIXES.get(path.suffix.lower())
        if named not in formats:
            listed = ", ".join(formats)
            raise UsageError(
                f"the ending of {printable(path.name)} does not say which format", hint=f"add --format ({listed})"
            )
    return OutputFile(named or "text", path)


def write_text(text: str, path: Path | None) -> None:
    """Write a report to stdout or to a file, and say where it lies."""
    if path is None:
        console.pieces((text,))
        return
    console.write_file(path, (text,))
    console.say(f"written to {printable(str(path))}")


def line_width() -> int:
    """Return how wide lines may be: as the terminal, and where there is none as COLUMNS says, or 100."""
    if sys.stdout.isatty():
        return console.columns()
    asked = os.environ.get("COLUMNS", "")
    return int(asked) if asked.isdecimal() and asked.isascii() and len(asked) <= _MOST_DIGITS else _PIPED_WIDTH
