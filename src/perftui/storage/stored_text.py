"""Text from outside as it can be stored."""

from __future__ import annotations

import re

LONGEST_TEXT = 16_384
"""Characters of a name; a workload may make them as long as it likes, and nobody reads more."""
LONGEST_EVENT = 1 << 20
"""Characters of what happened: the stacks of all threads may be one event."""
_SURROGATES = re.compile("[\ud800-\udfff]")


def storable(text: str, *, longest: int = LONGEST_TEXT) -> str:
    """Return a text that can be stored: not without an end, and without halves of characters."""
    if len(text) > longest:
        text = f"{text[:longest]}…"
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)
