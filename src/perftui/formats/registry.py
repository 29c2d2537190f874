"""The formats that are known: recognised by what is in a file, and by its name where that leaves a choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from perftui.errors import ImportFormatError, NoDataError, UsageError
from perftui.formats import collapsed, pprof, speedscope
from perftui.formats.base import MOST_BYTES, StackProfile
from perftui.text import printable

HEAD_BYTES = 65_536
"""This much of a file is looked at to recognise it."""
_SESSION_HEAD = b"SQLite format 3\0"
_GZIP_HEAD = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class ReadFormat:
    """A format that is read."""

    name: str
    title: str
    """For a person."""
    suffixes: tuple[str, ...]
    """Endings of file names, the customary one first."""
    looks_like: Callable[[bytes], bool]
    """Whether a file that begins with these bytes can be of this format."""
    read: Callable[..., StackProfile]
    """`read(data, name=...)` raises `ImportFormatError`."""


@dataclass(frozen=True, slots=True)
class Format(ReadFormat):
    """A format in both directions."""

    write: Callable[[StackProfile], Iterator[str]]
    """Yields the text piece by piece."""


FORMATS: tuple[Format, ...] = (
    Format(
        "collapsed",
        "collapsed stacks",
        collapsed.SUFFIXES,
        collapsed.looks_like,
        collapsed.read,
        collapsed.write,
    ),
    Format(
        "speedscope",
        "speedscope JSON",
        speedscope.SUFFIXES,
        speedscope.looks_like,
        speedscope.read,
        speedscope.write,
    ),
)
NAMES = tuple(item.name for item in FORMATS)
"""Of what a session can be written as."""
_READ_ONLY = (ReadFormat("pprof", "pprof", pprof.SUFFIXES, pprof.looks_like, pprof.read),)
READABLE: tuple[ReadFormat, ...] = (*_READ_ONLY, *FORMATS)


def format_named(name: str, *, also: tuple[str, ...] = ()) -> Format:
    """Return the format that goes by a name; raises `UsageError`, which names what is known `also`, where none does."""
    for item in FORMATS:
        if item.name == name.lower():
            return item
    known = (*NAMES, *also)
    if any(item.name == name.lower() for item in _READ_ONLY):
        raise UsageError(f"{name.lower()} is read, but not written", hint=f"known are {', '.join(known)}")
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
    raise UsageError(f"there is no format {printable(name)!r}", hint=hint)


def recognise(name: str, head: bytes) -> ReadFormat:
    """Return the format of a file by its name, as long as its content agrees, and by its content otherwise.

    Raises:
        ImportFormatError: It is of none that is known.
    """
    named = [item for item in READABLE if name.lower().endswith(item.suffixes)]
    for item in (*named, *READABLE):
        if item.looks_like(head):
            return item
    raise _unknown(name, head, named)


def read_profile(path: Path) -> StackProfile:
    """Read a profile file of any known format.

    Raises:
        ImportFormatError: It is of no known format, or not what its format asks for.
        NoDataError: It is not there.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise NoDataError(f"there is no file {printable(str(path))}") from None
    except OSError as error:
        raise ImportFormatError(f"cannot read {printable(str(path))}: {error.strerror}") from None
    found = recognise(path.name, data[:HEAD_BYTES])
    try:
        return found.read(data, name=_title(path.name, found))
    except ImportFormatError as error:
        raise ImportFormatError(f"{printable(str(path))}: {error.message}", hint=error.hint) from None


def _title(name: str, found: ReadFormat) -> str:
    for suffix in sorted(found.suffixes, key=len, reverse=True):
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name.rpartition(".")[0] or name


def _unknown(name: str, head: bytes, named: list[ReadFormat]) -> ImportFormatError:
    shown = printable(name)
    if head.startswith(_SESSION_HEAD):
        return ImportFormatError(f"{shown} is a database, not a profile", hint="`perftui open` opens sessions")
    if head.startswith(_GZIP_HEAD):
        return ImportFormatError(f"{shown} is compressed", hint="unpack it with gunzip first")
    if not head.strip():
        return ImportFormatError(f"{shown} is empty", hint="there is nothing to import")
    expected = f"{shown} does not hold {named[0].title}" if named else f"{shown} is of no format that is known"
    known = ", ".join(f"{item.title} ({item.suffixes[0]})" for item in READABLE) + " and memray captures (.bin)"
    return ImportFormatError(expected, hint=f"known are {known}")
