"""The strip of chips: which part of the profile is looked at, how much of it that is, and a way to take it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.message import Message

from perftui.analysis.scope import Part
from perftui.analysis.split import Split
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row

_MOST_CHIP = 44
"""Cells of the longest chip: a long name must not push the others out."""


class ChipText(NamedTuple):
    """A chip in words."""

    text: str
    part: Part | Split | None
    """What of the scope it stands for, or how the flames are split; None for flames that are upside down."""


class _Place(NamedTuple):
    label: str
    chip: ChipText
    start: int

    @property
    def end(self) -> int:
        return self.start + width_of(self.label)


class ChipStrip(LineCanvas):
    """One line: chips that a click takes away, and how much of the whole they leave."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chip-strip--chip",
        "chip-strip--lit",
        "chip-strip--more",
        "chip-strip--left",
    }
    DEFAULT_CSS = """
    ChipStrip { height: 1; background: $surface;
        .chip-strip--chip { background: $secondary 45%; color: auto 100%; }
        .chip-strip--lit { background: $secondary; color: auto 100%; }
        .chip-strip--more { color: $text-muted; }
        .chip-strip--left { color: $text; }
    }
    """

    class Gone(Message):
        """A chip was clicked away."""

        def __init__(self, part: Part | Split | None) -> None:
            super().__init__()
            self.part = part

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._chips: tuple[ChipText, ...] = ()
        self._covered: tuple[str, ...] = ()
        self._lit: ChipText | None = None

    def show(self, chips: Sequence[ChipText], covered: Sequence[str]) -> None:
        """Draw chips, the last added at the end; `covered` says what they leave, the longest wording first."""
        self._chips, self._covered = tuple(chips), tuple(covered)
        if self._lit not in self._chips:
            self._lit = None
        self.redraw()

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the chips, and what they leave."""
        row: Row = []
        at = 0
        hidden, places = self._places(width)
        if hidden:
            row.append(Segment(f" +{hidden}", self.pen("chip-strip--more")))
            at = len(f" +{hidden}")
        for place in places:
            pen = self.pen("chip-strip--lit" if place.chip == self._lit else "chip-strip--chip")
            row.extend((Segment(" " * (place.start - at), self.pen()), Segment(place.label, pen)))
            at = place.end
        text = next((text for text in self._covered if width_of(text) <= width - at - 3), "")
        if text:
            row.append(Segment(fit(text, width - at - 1, right=True) + " ", self.pen("chip-strip--left")))
        return row

    def on_click(self, event: events.Click) -> None:
        """Take the chip under the mouse away."""
        chip = self._under(event.x)
        if chip is not None:
            self.post_message(self.Gone(chip.part))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light up the chip below the mouse."""
        self._light(self._under(event.x))

    def tip_at(self, x: int, y: int) -> str:  # noqa: ARG002 (there is one row)
        """Return a chip's whole text, and that it can be taken away."""
        chip = self._under(x)
        return "" if chip is None else f"{clean(chip.text)}: a click takes it away"

    def on_leave(self) -> None:
        """Put the light out."""
        self._light(None)

    def _light(self, chip: ChipText | None) -> None:
        if chip != self._lit:
            self._lit = chip
            self.redraw()

    def _under(self, x: int) -> ChipText | None:
        return next((place.chip for place in self._places(self.size.width)[1] if place.start <= x < place.end), None)

    def _places(self, width: int) -> tuple[int, list[_Place]]:
        """Return how many chips have no room, and where the others stand: the newest have it before the older."""
        labels = [(chip, f" {fit_chip(chip.text)} ✕ ") for chip in self._chips]
        # How much is left is said in any case, be it in few words.
        short = self._covered[-2:-1] or self._covered[-1:]
        room = width - (width_of(short[0]) + 3 if short else 0)
        first = len(labels)
        used = 0
        while first and used + width_of(labels[first - 1][1]) + 1 <= room - 4 * (first > 1):
            first -= 1
            used += width_of(labels[first][1]) + 1
        places: list[_Place] = []
        at = len(f" +{first}") if first else 0
        for chip, label in labels[first:]:
            places.append(_Place(label, chip, at + 1))
            at = places[-1].end
        return first, places


def fit_chip(text: str) -> str:
    """Return a chip's text in at most so many cells as a chip has."""
    known = clean(text)
    return known if width_of(known) <= _MOST_CHIP else fit(known, _MOST_CHIP)
