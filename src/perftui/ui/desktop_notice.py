"""Asking the terminal for a notification of the desktop: terminals that cannot pass the sequence over."""

from __future__ import annotations

from perftui.text import printable

_LONGEST = 200
_WITH_777 = ("rxvt", "foot")
"""Terminals that know the sequence of urxvt and not the one of iTerm2."""


def desktop_notice(text: str, *, terminal: str) -> str:
    """Return what to write to a terminal, by the name in `TERM`, so that its desktop shows a text."""
    # A bell, an escape or a separator in the text would end or change the sequence.
    said = printable(text).replace(";", ",")[:_LONGEST]
    if terminal.startswith(_WITH_777):
        return f"\x1b]777;notify;perftui;{said}\x1b\\"
    return f"\x1b]9;perftui: {said}\x1b\\"
