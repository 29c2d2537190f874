"""The source of what ran: a file as it lies on disk now, what the session keeps of it, or why there is none to show.

Names of files come from the workload, and what lies there now may be anything: it is read as text, never run.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tokenize
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from perftui.model.frame import Frame
from perftui.model.heap import NO_PYTHON, SMALLER
from perftui.model.session import SessionKind, SessionMeta
from perftui.model.source_file import SourceFile
from perftui.recording.regular_file import NotAFileError, Stamp, read_regular
from perftui.storage.source_table import unpack_source
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
    stamp: Stamp | None = None
    """Changes whenever the file does."""
    sha256: str = ""
    kept: str = ""
    """Why this is what the session keeps and not the file, in a few words; empty for the file."""


class Standing(NamedTuple):
    """Whether lines are those that ran."""

    words: str = ""
    """In a few words; empty where nothing is known and nothing speaks against it."""
    sure: bool = False
    """They are: what was read is what ran."""


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
        content = read_regular(
            path, most_bytes=MOST_BYTES, unless=known.stamp if known and known.path == path else None
        )
    except NotAFileError:
        return SourceText(trouble="What lies there now is not a file.")
    except (OSError, ValueError) as error:
        return SourceText(trouble=_why_not_opened(error))
    if content is None:
        assert known is not None
        return known
    trouble, lines = _lines_of(content.data)
    if trouble:
        return SourceText(trouble=trouble)
    digest = hashlib.sha256(content.data).hexdigest()
    return SourceText(path, lines, sha256=digest, written_epoch_s=content.written_epoch_s, stamp=content.stamp)


def kept_source(ran: SourceFile, *, why: str) -> SourceText:
    """Return the text that a session keeps of a file; `why` says what is wrong with the file itself."""
    try:
        trouble, lines = _lines_of(unpack_source(ran))
    except ValueError:
        trouble, lines = "What the session keeps of this file is damaged.", ()
    return SourceText(trouble=trouble) if trouble else SourceText(lines=lines, sha256=ran.sha256, kept=why)


def text_that_ran(text: SourceText, ran: SourceFile | None, *, known: SourceText | None = None) -> SourceText:
    """Return the text that the session keeps, where the file is another one now or cannot be read; else the file's.

    What is `known` already is given back where it says the same.
    """
    if ran is None or ran.packed is None or text.sha256 == ran.sha256:
        return text
    why = "the file has changed" if text.path else "the file is gone"
    if known is not None and (known.sha256, known.kept) == (ran.sha256, why):
        return known
    return kept_source(ran, why=why)


def standing_of(text: SourceText, meta: SessionMeta, *, last_line: int, ran: SourceFile | None = None) -> Standing:
    """Say whether lines are those that ran.

    Where the recording noted what `ran`, that decides. Otherwise a file that was written after the recording began is
    doubted: Python reads it once, before it runs. `last_line` is the last one that was seen running.
    """
    if not text.path and not text.kept:
        return Standing()
    if last_line > len(text.lines):
        return Standing(f"changed since: line {last_line} is beyond its end")
    if ran is not None:
        return _held_against(text, ran)
    if meta.kind is SessionKind.IMPORTED:
        return Standing("as it is now")
    began = _epoch_s(meta.created)
    if began is not None and text.written_epoch_s > began + _COARSE_S:
        return Standing("may have changed since")
    return Standing()


def _held_against(text: SourceText, ran: SourceFile) -> Standing:
    if text.sha256 != ran.sha256:
        return Standing("changed since it ran: lines may be off")
    if not ran.steady:
        kept = "kept; " if text.kept else ""
        return Standing(f"{kept}written while it ran: lines may be off")
    return Standing(f"as it ran, kept: {text.kept}" if text.kept else "as it ran", sure=True)


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
    lines = _LINE_END.split(decoded_source(data))
    if not lines[-1]:
        lines.pop()
    return ("" if lines else "The file is empty."), tuple(_cut(line) for line in lines)


def _cut(line: str) -> str:
    return line if len(line) <= MOST_CHARACTERS else line[:MOST_CHARACTERS] + "…"


def decoded_source(data: bytes) -> str:
    """Return the bytes of a source file as text, in the encoding that it says it is in."""
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
