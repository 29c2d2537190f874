"""The source of what ran: a file as it lies on disk now, or one sentence that says why there is none to show.

Names of files come from the workload, and what lies there now may be anything: it is read as text, never run.
"""

from __future__ import annotations

import io
import os
import re
import stat
import tokenize
from dataclasses import dataclass
from datetime import datetime

from perftui.model.frame import Frame
from perftui.model.heap import NO_PYTHON, SMALLER
from perftui.model.session import SessionKind, SessionMeta
from perftui.units import format_bytes

MOST_BYTES = 4 << 20
"""What is longer was written by a program, and nobody reads it."""
MOST_CHARACTERS = 2_000
"""The rest of a longer line is left out: one line must not fill the memory."""
_COARSE_S = 1.0
"""A session knows its beginning to the second, so a file that was written just before it must not look changed."""
_LINE_END = re.compile(r"\r\n|\r|\n")
# Source is written in what leaves these as they are; all else is slow to decode, or no text to Python either.
_PLAIN = bytes(range(0x20, 0x7F))


@dataclass(frozen=True, slots=True)
class SourceText:
    """The lines of a source file, or why there are none."""

    path: str = ""
    """Where the file lies on this machine; empty where nothing could be read."""
    lines: tuple[str, ...] = ()
    trouble: str = ""
    """One sentence; empty where the lines were read."""
    written_epoch_s: float = 0.0
    stamp: tuple[int, ...] = ()
    """Changes whenever the file does."""


def why_no_file(frame: Frame) -> str:
    """Return what a frame without a file stands for, in one sentence; empty for a frame of a file."""
    name = frame.file
    if not name:
        return {
            NO_PYTHON: "This is memory that was allocated without a Python frame on the stack: there is no source.",
            SMALLER: "These are stacks too small to be listed one by one: there is no one source.",
        }.get(frame.function, "This has no file: it is native, or built into the interpreter.")
    if not name.startswith("<") or "/" in name:
        return ""
    if name.startswith("<frozen "):
        return "This is frozen into the interpreter: it has no file of its own."
    if name.startswith("<built-in"):
        return "This is built into the interpreter: it has no file."
    return "This code was given as text, not as a file: there is nothing to read again."


def read_source(file: str, *, cwd: str = "", known: SourceText | None = None) -> SourceText:
    """Read a file that a frame names; relative to `cwd`, where the session ran.

    What is `known` already is given back where the file is still the same.
    """
    path = os.path.join(cwd, file)  # noqa: PTH118 (a hostile name is not normalised away)
    if not os.path.isabs(path):  # noqa: PTH117
        return SourceText(trouble="The name is relative, and the session does not know its directory.")
    try:
        # Neither a pipe without a writer nor a terminal may hold us up.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        return SourceText(trouble=_why_not_opened(error))
    try:
        facts = os.fstat(descriptor)
        stamp = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns)
        if known is not None and (known.path, known.stamp) == (path, stamp):
            return known
        if not stat.S_ISREG(facts.st_mode):
            return SourceText(trouble="What lies there now is not a file.")
        data = _read(descriptor)
    except OSError as error:
        return SourceText(trouble=_why_not_opened(error))
    finally:
        os.close(descriptor)
    trouble, lines = _lines_of(data)
    if trouble:
        return SourceText(trouble=trouble)
    return SourceText(path, lines, written_epoch_s=facts.st_mtime, stamp=stamp)


def doubt_about(text: SourceText, meta: SessionMeta, *, last_line: int) -> str:
    """Return why lines may not be those that ran, in a few words; empty where nothing speaks against it.

    `last_line` is the last one that was seen running. A file that was written after the recording began is doubted:
    Python reads it once, before it runs.
    """
    if not text.path:
        return ""
    if last_line > len(text.lines):
        return f"changed since: line {last_line} is beyond its end"
    if meta.kind is SessionKind.IMPORTED:
        return "as it is now"
    began = _epoch_s(meta.created)
    if began is not None and text.written_epoch_s > began + _COARSE_S:
        return "may have changed since"
    return ""


def _read(descriptor: int) -> bytes:
    """Return what a file holds, or enough of it to know that it is too long: its size may say anything."""
    parts: list[bytes] = []
    left = MOST_BYTES + 1
    while left > 0 and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _epoch_s(created: str) -> float | None:
    try:
        return datetime.fromisoformat(created).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _lines_of(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return (trouble, lines) of a file's bytes."""
    if len(data) > MOST_BYTES:
        return f"The file is longer than {format_bytes(MOST_BYTES)}: it is not shown.", ()
    if b"\0" in data:
        return "The file is not text.", ()
    lines = _LINE_END.split(_decoded(data))
    if not lines[-1]:
        lines.pop()
    return ("" if lines else "The file is empty."), tuple(_cut(line) for line in lines)


def _cut(line: str) -> str:
    return line if len(line) <= MOST_CHARACTERS else line[:MOST_CHARACTERS] + "…"


def _decoded(data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if _PLAIN.decode(encoding) == _PLAIN.decode("ascii"):
            return data.decode(encoding, "replace")
    except (SyntaxError, LookupError, ValueError):
        # The file says something of itself that is not true.
        pass
    return data.decode("utf-8-sig", "replace")


def _why_not_opened(error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError():
            return "There is no such file on this machine now."
        case NotADirectoryError():
            return "There is no such file: it may lie in an archive."
        case PermissionError():
            return "The file may not be read."
        case OSError(strerror=str(reason)):
            return f"The file cannot be read: {reason}."
        case _:
            return "There can be no file of that name."
