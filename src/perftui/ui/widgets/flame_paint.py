"""Colours of the icicle: the hue says whose code it is, the shade tells functions apart, always in the same way."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from rich.style import Style
from textual.color import Color

from perftui.analysis.code_origin import Origin, origin, place
from perftui.model.frame import Frame
from perftui.model.heap import is_pseudo
from perftui.ui.widgets.line_canvas import LineCanvas

SELECTED, HOVERED, ANCESTOR, DIMMED, KIN, QUIET = 1, 2, 4, 8, 16, 32
"""What a box can be, several at once; QUIET is selected while the keys belong to another widget."""

Pens = tuple[Style, Style]
"""Of the edge and of the label."""


class _Family(NamedTuple):
    name: str
    hue_spread: float
    """How far the hue may lie from the component's, as a part of the circle."""
    shade_spread: float
    """How far the lightness may lie from the component's."""


_FAMILIES = {
    Origin.OWN: _Family("own", 0.032, 0.055),
    Origin.PACKAGE: _Family("package", 0.14, 0.05),
    Origin.STDLIB: _Family("stdlib", 0.0, 0.035),
    Origin.NATIVE: _Family("stdlib", 0.0, 0.035),
}


class FlamePaint:
    """Pens of boxes, made once for each function and state.

    The canvas has the component classes `{prefix}--own`, `--package` and `--stdlib`, which give the middle of each
    family of colours, and `--pseudo` for what is nobody's code; an icicle has `--root`, `--folded`, `--selected` too.
    """

    def __init__(self, canvas: LineCanvas, prefix: str) -> None:
        self._canvas = canvas
        self._prefix = prefix
        self._pens: dict[tuple[int, int], Pens] = {}

    def forget(self) -> None:
        """Drop all pens: the colours or the functions changed."""
        self._pens.clear()

    def box(self, key: int, frame: Frame | None, state: int) -> Pens:
        """Return the pens of a function's box; `key` stands for the function in this tree."""
        found = self._pens.get((key, state))
        if found is None:
            found = self._pens[key, state] = self._box(frame, state)
        return found

    def selection(self, state: int) -> Pens | None:
        """Return the pens of the selected box, or None for a box that is not."""
        if not state & (SELECTED | QUIET):
            return None
        canvas = self._canvas
        component = f"{self._prefix}--{'selected' if state & SELECTED else 'quiet-selected'}"
        return canvas.ink(canvas.paper, canvas.shade(component)), canvas.pen(component)

    def folded(self, lit: bool) -> Pens:
        """Return the pens of a remainder."""
        if self._canvas.is_mono:
            return Style(), Style(dim=not lit, bold=lit)
        found = self._pens.get((-1, lit))
        if found is None:
            canvas = self._canvas
            colour = canvas.shade(f"{self._prefix}--folded")
            if lit:
                colour = _lit(colour, canvas.is_dark, 0.22)
            found = self._pens[-1, lit] = self._on(colour, colour.blend(_contrast(colour), 0.75))
        return found

    def _box(self, frame: Frame | None, state: int) -> Pens:
        canvas = self._canvas
        if canvas.is_mono:
            return plain_box(frame, state)
        selection = self.selection(state)
        if selection is not None:
            return selection
        colour = canvas.shade(f"{self._prefix}--root") if frame is None else self.colour(frame)
        if state & KIN:
            colour = _lit(colour, canvas.is_dark, 0.30)
        if state & ANCESTOR:
            colour = colour.blend(canvas.paper, 0.6)
        if state & DIMMED:
            colour = colour.blend(canvas.paper, 0.68)
        if state & HOVERED:
            colour = _lit(colour, canvas.is_dark, 0.25)
        quiet = state & (ANCESTOR | DIMMED) or (frame is not None and is_pseudo(frame))
        strength = 0.62 if quiet else 0.9
        return self._on(colour, colour.blend(_contrast(colour), strength), bold=bool(state & KIN))

    def _on(self, colour: Color, text: Color, *, bold: bool = False) -> Pens:
        return self._canvas.ink(self._canvas.paper, colour), self._canvas.ink(text, colour, bold=bold)

    def colour(self, frame: Frame) -> Color:
        """Return the colour of a function, the same in every run."""
        if is_pseudo(frame):
            return self._canvas.shade(f"{self._prefix}--pseudo")
        whose = origin(frame.file)
        family = _FAMILIES[whose]
        base = self._canvas.shade(f"{self._prefix}--{family.name}")
        if whose is Origin.NATIVE and frame.file:
            # Below Python: the same grey, further back.
            base = base.blend(self._canvas.paper, 0.45)
        # Modules and packages differ in hue, functions of one of them in lightness.
        group = place(frame.file).split("/", 1)[0] if whose is Origin.PACKAGE else frame.file
        hue, saturation, lightness = base.hsl
        return Color.from_hsl(
            (hue + family.hue_spread * _spread(group)) % 1.0,
            saturation,
            min(0.92, max(0.08, lightness + family.shade_spread * _spread(frame.function))),
        )


@lru_cache(maxsize=512)
def plain_box(frame: Frame | None, state: int) -> Pens:
    """Return the pens of a box without colours: own code is bold, what is selected reversed, what has no match dim."""
    chosen = bool(state & (SELECTED | QUIET))
    own = frame is not None and not is_pseudo(frame) and origin(frame.file) is Origin.OWN
    style = Style(
        bold=own or bool(state & SELECTED) or None,
        reverse=chosen or None,
        italic=bool(state & (HOVERED | KIN)) or None,
        # A line from end to end says how wide the box is.
        underline=not chosen,
        dim=(not chosen and bool(state & (ANCESTOR | DIMMED))) or None,
    )
    return Style(reverse=True) if chosen else Style(), style


@lru_cache(maxsize=16_384)
def _spread(text: str) -> float:
    """Return a number from -1 to 1 that is the same for the same text in every run."""
    return crc32(text.encode("utf-8", "replace")) / 0x7FFF_FFFF - 1


def _lit(colour: Color, dark: bool, strength: float) -> Color:
    return colour.blend(Color(255, 255, 255) if dark else Color(0, 0, 0), strength)


def _contrast(colour: Color) -> Color:
    return Color(0, 0, 0) if colour.brightness > 0.48 else Color(255, 255, 255)
