"""Drawing without colours: what the other palettes say by colour is said by reverse, bold, dim and underlined text.

The theme `mono` draws in greys on black. Only how far they are apart is kept: a light ground becomes reverse, one that
is a little lighter than the paper is underlined, and text that stands back is dim. The terminal's own colours show.
"""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_REVERSED_FROM, _UNDERLINED_FROM = 0.19, 0.075
"""Brightness of a ground, 0 to 1: a cursor, a chip or a badge; a row that is marked but does not have the keys."""
_DIM_UP_TO = 0.46
"""Brightness of text on a dark ground that is muted."""


class WithoutColours(LineFilter):
    """Replaces the colours of a line by what any terminal can show."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 (Textual's signature)
        """Return the segments without colours."""
        return [Segment(text, None if style is None else plain(style), None) for text, style, _ in segments]


@lru_cache(maxsize=4_096)
def plain(style: Style) -> Style:
    """Return a style without colours: bold and italic stay, grounds and greys become attributes."""
    below, ink = _brightness(style.bgcolor, 0.0), _brightness(style.color, 1.0)
    reverse = bool(style.reverse) != (below >= _REVERSED_FROM)
    marked = _UNDERLINED_FROM <= below < _REVERSED_FROM
    stands_back = not reverse and not style.bold and ink <= _DIM_UP_TO
    return Style(
        bold=style.bold,
        italic=style.italic,
        underline=bool(style.underline) or marked or None,
        strike=style.strike,
        reverse=reverse or None,
        dim=style.dim or stands_back or None,
        meta=style.meta or None,
    )


def _brightness(colour: RichColor | None, default: float) -> float:
    triplet = None if colour is None or colour.is_default else colour.get_truecolor()
    return default if triplet is None else sum(triplet) / 765
