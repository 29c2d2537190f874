"""The strip above the flames: what can be looked at, what is, and what has to be known to read it honestly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message

from perftui.model.heap import HeapView
from perftui.ui.lens import CPU, NAMES, Lens, Wording
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row

_BETWEEN = " · "
_SIGN = " ▲ "
_MARK = "▸"
"""On the chip that is looked at: for terminals without colours."""


class LensStrip(LineCanvas):
    """Two lines: lenses to choose from with what the chosen one shows; and notes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lens-strip--shown",
        "lens-strip--other",
        "lens-strip--what",
        "lens-strip--note",
    }
    DEFAULT_CSS = """
    LensStrip { height: 2; background: $surface;
        .lens-strip--shown { background: $accent; color: auto 100%; text-style: bold; }
        .lens-strip--other { color: $text-muted; }
        .lens-strip--what { color: $text; }
        .lens-strip--note { color: $warning; }
    }
    """

    class Chosen(Message):
        """A lens was clicked, or what grew in a range of it."""

        def __init__(self, lens: Lens, *, grown: bool = False) -> None:
            super().__init__()
            self.lens = lens
            self.grown = grown

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lenses: tuple[Lens, ...] = (CPU,)
        self._lens: Lens = CPU
        self._what: tuple[str, ...] = ()
        self._notes: tuple[Wording, ...] = ()
        self._grown: bool | None = None
        self._has_choice = True

    def show(
        self,
        lenses: Sequence[Lens],
        lens: Lens,
        *,
        what: Sequence[str] = (),
        notes: Sequence[Wording] = (),
        grown: bool | None = None,
        choice: bool = True,
    ) -> None:
        """Draw lenses with one of them marked.

        Args:
            lenses: What can be looked at.
            lens: What is looked at.
            what: What that shows, from the longest wording to the shortest.
            notes: What has to be known to read it, the weightiest first.
            choice: Whether there is anything to choose, or only notes, on one line.
            grown: Whether what grew in a range is looked at and not what was held; None without such a choice.
        """
        self._lenses, self._lens, self._what, self._notes = tuple(lenses), lens, tuple(what), tuple(notes)
        self._grown = grown
        if choice is not self._has_choice:
            self._has_choice = choice
            self.styles.height = 2 if choice else 1
        self.redraw()

    def draw_row(self, y: int, width: int) -> Row:
        """Return the lenses, or the notes."""
        return self._choice(width) if y == 0 and self._has_choice else self._noted(width)

    def on_click(self, event: events.Click) -> None:
        """Choose the lens under the mouse."""
        at = 0
        for chip, chosen in self._chips() if event.y == 0 and self._has_choice else ():
            at += len(chip)
            if event.x < at:
                self.post_message(chosen)
                return

    def _chips(self) -> Iterator[tuple[str, Chosen]]:
        """Yield each chip with what a click on it asks for; what grew stands beside what is held."""
        for lens in self._lenses:
            shown = lens is self._lens
            yield _chip(NAMES[lens], shown=shown and not self._grown), self.Chosen(lens)
            if lens is HeapView.HELD and self._grown is not None:
                yield _chip("grown", shown=shown and self._grown), self.Chosen(lens, grown=True)

    def _choice(self, width: int) -> Row:
        row: Row = []
        used = 0
        for chip, _ in self._chips():
            row.append(Segment(chip, self.pen("lens-strip--shown" if chip.startswith(_MARK) else "lens-strip--other")))
            used += len(chip)
        room = width - used - 2
        text = next((text for text in self._what if width_of(text) <= room), "")
        if room > 0:
            row.append(Segment(fit(text, room + 1, right=True) + " ", self.pen("lens-strip--what")))
        return row

    def _noted(self, width: int) -> Row:
        if not self._notes:
            return []
        room = width - width_of(_SIGN)
        text = next((text for text in self._wordings() if width_of(text) <= room), self._notes[0].short)
        return [Segment(fit(_SIGN + clean(text), width), self.pen("lens-strip--note"))]

    def _wordings(self) -> list[str]:
        # All notes in ever fewer words, and at last the weightiest alone: half a sentence would be another one.
        shortened = [
            _BETWEEN.join(note.full if i < spelt else note.short for i, note in enumerate(self._notes))
            for spelt in range(len(self._notes), -1, -1)
        ]
        fewer = [
            _BETWEEN.join(note.short for note in self._notes[:kept]) for kept in range(len(self._notes) - 1, 0, -1)
        ]
        return [*shortened, *fewer]


def _chip(name: str, *, shown: bool) -> str:
    return f"{_MARK if shown else ' '}{name} "
