"""The only writer of stdout and stderr: data goes to the one, everything said to a person to the other."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from perftui.errors import PerftuiError, UsageError
from perftui.text import printable

Line = Sequence[tuple[str, str]]
"""Pieces of a line, each with a colour, `bold`, `dim` or nothing."""
_DRIVER = "TEXTUAL_DRIVER"
"""Variable by which a server makes Textual draw for it."""


def prepare() -> None:
    """Make the standard streams safe to write to; comes before anything is opened.

    A stream that the caller closed would lend its number to the next file that is opened, and what is meant for a
    person would be written into that file. What an encoding cannot say is escaped rather than an error.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest free number is taken, which is the closed stream's.
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(nowhere, True)
            setattr(sys, name, os.fdopen(nowhere, mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_served() -> bool:
    """Tell whether a browser shows us: then our standard streams are the server's, and nobody's input or output."""
    return bool(os.environ.get(_DRIVER))


def has_screen() -> bool:
    """Tell whether there is a terminal or a browser to draw on; a terminal called dumb only takes lines.

    The screen is drawn on stderr: what goes into a file of errors would leave the terminal empty.
    """
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return is_served() or (all(stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb")


def data(text: str) -> None:
    """Write a result to stdout."""
    _put(f"{text}\n")


def styled(lines: Iterable[Line]) -> None:
    """Write lines to stdout, with colours where it is a terminal that is allowed to have them."""
    plain = _is_plain() or not sys.stdout.isatty()
    _put(
        "".join(
            f"{''.join(_styled(text, '' if plain else style) for text, style in line).rstrip()}\n" for line in lines
        )
    )


def _styled(text: str, style: str) -> str:
    match style:
        case "":
            return text
        case "bold" | "dim":
            return click.style(text, **{style: True})
    return click.style(text, fg=style)


def document(value: Any) -> None:
    """Write one JSON document to stdout."""
    # Escapes of JSON are read back everywhere, those of another encoding's error handler are not.
    plain = not (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    _put(json.dumps(value, indent=2, ensure_ascii=plain, allow_nan=False) + "\n")


def pieces(texts: Iterable[str]) -> None:
    """Write a result to stdout piece by piece, without anything added."""
    for text in texts:
        if not _put(text):
            return


def _put(text: str) -> bool:
    """Write to stdout and say whether anybody reads on; one who stopped reading, as `head` does, is no failure."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_stdout()
        return False
    except OSError as error:
        _discard_stdout()
        raise UsageError(f"cannot write the result: {error.strerror}", hint="send it to another place") from None
    return True


def _discard_stdout() -> None:
    """Send the rest of stdout nowhere: Python would complain once more at exit about what could not be written."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def write_file(path: Path, texts: Iterable[str]) -> None:
    """Write a file as a whole or not at all; raises `UsageError` where that cannot be done.

    A link stays a link. A pipe or a device is written into and never replaced: a new file in its place would take it
    away from everybody.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8") as stream:
                stream.writelines(texts)
        else:
            _replace_file(path.resolve(), texts)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot write {path}: {reason}", hint="choose another file") from None


def _replace_file(path: Path, texts: Iterable[str]) -> None:
    # A short name of its own: the file's may be as long as names can be, and two may be written at once.
    unfinished = path.with_name(f".perftui-{os.getpid()}.part")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.writelines(texts)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def say(text: str, *, bold: bool = False, colour: str | None = None) -> None:
    """Write a line for a person to stderr."""
    with nobody_listens():
        if _is_plain():
            click.echo(text, err=True)
        else:
            click.secho(text, err=True, bold=bold, fg=colour)


def trouble(error: PerftuiError) -> None:
    """Write what went wrong, and what to try next, to stderr."""
    say(f"perftui: {_lines(error.message)}", colour="red")
    if error.hint:
        say(f"  try: {_lines(error.hint)}")


def next_command(command: str) -> None:
    """Write the next useful command to stderr."""
    say(f"next: {command}")


def progress(text: str) -> None:
    """Overwrite the last line of a terminal's stderr."""
    if sys.stderr.isatty() and not _is_dumb():
        width = max(20, columns() - 1)
        _overwrite(text[:width])


def reading_sessions(done: int, of: int) -> None:
    """Tell how many sessions were read, where it takes a moment."""
    if of > 1:
        progress(f"reading figures of sessions: {done} of {of}")


def clear_progress() -> None:
    """Remove the progress line."""
    if sys.stderr.isatty() and not _is_dumb():
        _overwrite("")


def relay(block: bytes) -> None:
    """Pass what a workload printed on to stderr, untouched."""
    with nobody_listens():
        sys.stderr.flush()
        os.write(2, block)


@contextlib.contextmanager
def nobody_listens() -> Iterator[None]:
    """Let a stderr that is closed, full or hung up cost what was to be said, and never the recording."""
    with contextlib.suppress(OSError):
        yield


def _is_dumb() -> bool:
    return os.environ.get("TERM") == "dumb"


def _is_plain() -> bool:
    """Say whether colours are not wanted (https://no-color.org) or not understood."""
    return bool(os.environ.get("NO_COLOR")) or _is_dumb()


def _overwrite(text: str) -> None:
    with nobody_listens():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return rows as aligned text; `right` names the columns that are aligned to the right."""
    # It loads the table of widths only where a text needs it: most lists are of plain letters.
    from perftui.reports.cells import cells_of

    lines = [list(headings), *([printable(cell) for cell in row] for row in rows)]
    taken = [[cells_of(cell) for cell in line] for line in lines]
    widths = [max(line[i] for line in taken) for i in range(len(headings))]
    text = []
    for line, cells_taken in zip(lines, taken, strict=True):
        blanks = [" " * (width - cells) for width, cells in zip(widths, cells_taken, strict=True)]
        cells = [blanks[i] + cell if i in right else cell + blanks[i] for i, cell in enumerate(line)]
        text.append("  ".join(cells).rstrip())
    return "\n".join(text)


def columns() -> int:
    """Return the width of the terminal, 80 where there is none."""
    try:
        # A terminal that was never told its size says 0.
        return os.get_terminal_size(2).columns or 80
    except OSError:
        return 80


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())
