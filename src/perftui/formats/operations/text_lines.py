"""Lines and numbers of what tools print for people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from perftui.errors import OperationFormatError
from perftui.formats.operations.base import MOST_BYTES

_ESCAPES = re.compile(r"\x1b\[[0-9;?]{0,40}[A-Za-z]")
_LONGEST_LINE = 20_000
"""A longer line is no result, and what a workload prints has no bounds."""


def lines_of(data: bytes, *, longest: int = _LONGEST_LINE) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, line) without colours; lines that are longer than any result are left out."""
    if len(data) > MOST_BYTES:
        raise OperationFormatError(f"larger than {MOST_BYTES >> 20} MiB", hint="ingest it in parts")
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if len(raw) <= longest:
            # What a line shows is what was written over the rest of it.
            line = raw.decode("utf-8", "replace").rstrip("\r").rpartition("\r")[2]
            yield number, _ESCAPES.sub("", line) if "\x1b" in line else line


def number_of(text: str) -> float:
    """Return a number with or without separators of thousands: `1,234.56`."""
    return float(text.replace(",", "").replace("_", ""))
