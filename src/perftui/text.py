"""Text from outside, made safe to draw: no control characters, no terminal escapes, no direction overrides."""

from __future__ import annotations

import re

_CONTROL = {code: chr(0x2400 + code) for code in range(0x20)}
_CONTROL[0x7F] = "␡"
_CONTROL |= dict.fromkeys(range(0x80, 0xA0), "�")
# Characters that reorder or hide their neighbours: bidirectional overrides and isolates, and line separators.
_CONTROL |= dict.fromkeys((0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF), "�")
_CONTROL |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "�")
# A lone surrogate cannot be encoded for the terminal.
_SURROGATE = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """Return `text` with each character that could act on a terminal replaced by one that is only seen.

    Letters of every script stay as they are. C0 controls become their Unicode control pictures (ESC is `␛`),
    everything else that is dangerous becomes U+FFFD. The number of characters does not change.
    """
    if text.isascii() and text.isprintable():
        return text
    return _SURROGATE.sub("�", text.translate(_CONTROL))
