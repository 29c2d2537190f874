"""The benchmark tools whose results are read: named, or recognised by what is in a file or a directory."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import TypeVar

from perftui.errors import NoDataError, OperationFormatError, UsageError
from perftui.formats.operations import (
    asv,
    bencher,
    cargo_criterion,
    criterion,
    go_bench,
    hyperfine,
    pyperf_json,
    pytest_benchmark,
)
from perftui.formats.operations.base import ToolReport, shown
from perftui.formats.operations.files import content, is_directory, modified_s, newest_first, regular_content
from perftui.text import printable

_T = TypeVar("_T")
_SESSION_HEAD = b"SQLite format 3\0"
_MOST_FILES = 10_000
HEAD_BYTES = 65_536
"""This much of a file is looked at to recognise it."""


class Kept(Enum):
    """Where a tool leaves its result."""

    OUTPUT = "in its output"
    FILE = "in a file"
    DIRECTORY = "in a directory"


@dataclass(frozen=True, slots=True)
class OperationFormat:
    """How the results of one benchmark tool are read."""

    name: str
    title: str
    """For a person."""
    kept: Kept
    looks_like: Callable[[bytes], bool]
    """Whether a file that begins with these bytes can be of this tool."""
    read: Callable[[bytes], ToolReport]
    """Raises `OperationFormatError`."""


def _no_file(data: bytes) -> ToolReport:  # noqa: ARG001 (the signature of all readers)
    raise OperationFormatError(
        "criterion keeps its results in a directory", hint="perftui ingest criterion target/criterion"
    )


def _never(head: bytes) -> bool:  # noqa: ARG001 (the signature of all)
    return False


FORMATS: tuple[OperationFormat, ...] = (
    OperationFormat(criterion.NAME, "target/criterion", Kept.DIRECTORY, _never, _no_file),
    OperationFormat(
        cargo_criterion.NAME,
        "cargo criterion --message-format=json",
        Kept.OUTPUT,
        cargo_criterion.looks_like,
        cargo_criterion.read,
    ),
    OperationFormat(
        bencher.NAME, "the text of cargo bench (libtest, bencher)", Kept.OUTPUT, bencher.looks_like, bencher.read
    ),
    OperationFormat(
        pytest_benchmark.NAME,
        "pytest --benchmark-json FILE",
        Kept.FILE,
        pytest_benchmark.looks_like,
        pytest_benchmark.read,
    ),
    OperationFormat(hyperfine.NAME, "hyperfine --export-json FILE", Kept.FILE, hyperfine.looks_like, hyperfine.read),
    OperationFormat(pyperf_json.NAME, "pyperf -o FILE", Kept.FILE, pyperf_json.looks_like, pyperf_json.read),
    OperationFormat(asv.NAME, "asv results", Kept.FILE, asv.looks_like, asv.read),
    OperationFormat(go_bench.NAME, "the text of go test -bench", Kept.OUTPUT, go_bench.looks_like, go_bench.read),
)
NAMES = tuple(item.name for item in FORMATS)


def format_named(name: str) -> OperationFormat:
    """Return the format of a tool; raises `UsageError` where none goes by that name."""
    for item in FORMATS:
        if item.name == name.lower():
            return item
    close = get_close_matches(name.lower(), NAMES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(NAMES)}"
    raise UsageError(f"there is no benchmark format {printable(name)!r}", hint=hint)


def read_data(data: bytes, wanted: OperationFormat | None = None, *, called: str = "the input") -> ToolReport:
    """Read a result that came through a pipe, or from a workload's output.

    Args:
        data: All of it.
        wanted: Its format; None recognises it.
        called: What it is called in complaints.

    Raises:
        OperationFormatError: It is of no known format, or not what its format asks for.
    """
    text = data.removeprefix(codecs.BOM_UTF8)
    return _in(called, lambda: (wanted or _recognised(text)).read(text))


def read_path(
    path: Path, wanted: OperationFormat | None = None, *, saved: str = "", newer_than_s: float = 0.0
) -> ToolReport:
    """Read a file or a directory of results.

    Args:
        path: A file, criterion's directory, or one of files of another tool, of which the newest counts.
        wanted: Its format; None recognises it.
        saved: Name that criterion saved a baseline by; empty for what was measured last.
        newer_than_s: Leave out what was written before, in seconds since 1970.

    Raises:
        OperationFormatError: It is of no known format, or not what its format asks for.
        NoDataError: There is nothing, or nothing as new.
    """
    if is_directory(path):
        return _read_directory(path, wanted, saved or criterion.NEWEST, newer_than_s)
    if wanted is not None and wanted.name == criterion.NAME and modified_s(path) is not None:
        wanted.read(b"")
    if saved:
        raise UsageError("only criterion keeps results by names", hint="give its directory: target/criterion")
    data = content(path).removeprefix(codecs.BOM_UTF8)
    if newer_than_s and (modified_s(path) or newer_than_s) < newer_than_s:
        raise NoDataError(f"{shown(str(path))} is from before this run", hint="did the benchmarks write another file?")
    found = wanted or _in(shown(str(path)), lambda: _recognised(data))
    # asv keeps the units of its benchmarks in a file beside.
    read = (lambda: asv.read(data, path)) if found.name == asv.NAME else (lambda: found.read(data))
    return _in(shown(str(path)), read)


def _read_directory(path: Path, wanted: OperationFormat | None, saved: str, newer_than_s: float) -> ToolReport:
    is_criterion = criterion.is_directory_of(path) if wanted is None else wanted.name == criterion.NAME
    if is_criterion:
        return criterion.read_directory(path, saved=saved, newer_than_s=newer_than_s)
    newest = _newest(path, wanted)
    if newest is None:
        what = f"results of {wanted.name}" if wanted else "results of a benchmark tool that is known"
        hint = f"that is what `{wanted.title}` writes" if wanted else f"known are {', '.join(NAMES)}"
        raise NoDataError(f"{shown(str(path))} holds no {what}", hint=hint)
    return read_path(newest, wanted, newer_than_s=newer_than_s)


def _newest(directory: Path, wanted: OperationFormat | None) -> Path | None:
    """Return the file that was written last, among those up to two directories deep that are of a format."""
    formats = [wanted] if wanted is not None else list(FORMATS)
    for file in newest_first(directory, most=_MOST_FILES):
        head = _head_of(file)
        if any(item.looks_like(head) for item in formats):
            return file
    return None


def _head_of(file: Path) -> bytes:
    try:
        return regular_content(file, most=HEAD_BYTES)
    except OperationFormatError:
        return b""


def is_result(path: Path) -> bool:
    """Say whether a file is what a benchmark tool has written, by what it begins with."""
    head = _head_of(path)
    return any(item.looks_like(head) for item in FORMATS)


def _recognised(data: bytes) -> OperationFormat:
    head = data[:HEAD_BYTES]
    for item in FORMATS:
        if item.looks_like(head):
            return item
    # What tools print for people may begin with pages of other output.
    for item in FORMATS:
        if item.kept is Kept.OUTPUT and item.looks_like(data):
            return item
    if head.startswith(_SESSION_HEAD):
        raise OperationFormatError("is a database, not a result", hint="`perftui show` shows what a session holds")
    if not data.strip():
        raise OperationFormatError("is empty", hint="there is nothing to ingest")
    if b'"Action":"output"' in head:
        raise OperationFormatError("holds events of `go test -json`", hint="go test -bench . prints what is read")
    raise OperationFormatError(
        "is no result of a benchmark tool that is known",
        hint=f"known are {', '.join(NAMES)}; profiles are for `perftui import`",
    )


def _in(called: str, read: Callable[[], _T]) -> _T:
    """Name the input in a complaint about it."""
    try:
        return read()
    except OperationFormatError as error:
        joint = " " if error.message.startswith("is ") else ": "
        raise OperationFormatError(f"{called}{joint}{error.message}", hint=error.hint) from None
