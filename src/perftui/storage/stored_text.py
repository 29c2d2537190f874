"""Text from outside as it can be stored."""

from __future__ import annotations

import re

LONGEST_TEXT = 16_384
"""Characters of a name; a workload may make them as long as it likes, and nobody reads more."""
_SURROGATES = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """Return a text that can be stored: not without an end, and without halves of characters."""
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT]}…"
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)
