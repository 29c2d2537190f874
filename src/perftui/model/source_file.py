"""A source file as it was while its code ran."""

from __future__ import annotations

from dataclasses import dataclass

MOST_FILES = 2_000
"""Source files that are told of one session."""
MOST_BYTES = 2 << 20
"""Of one file; what is longer was written by a program."""
MOST_KEPT_BYTES = 64 << 20
"""Of all files together whose text is kept, before it is packed."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What a recording saw of one source file."""

    file: str
    """Its name as frames have it."""
    sha256: str
    """Of its bytes, in hexadecimal digits."""
    size_bytes: int
    steady: bool
    """It was written before the program began and stayed the same until the end, as far as that was looked at."""
    packed: bytes | None = None
    """Its bytes with zlib around them; None where they are not kept."""
