"""The strip that names the panes of a switcher; a click or a key brings one to the front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message

from perftui.ui.widgets.line_canvas import LineCanvas, Row


class PaneStrip(LineCanvas):
    """One line of pane names, the shown one marked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"pane-strip--shown", "pane-strip--other", "pane-strip--rule"}
    DEFAULT_CSS = """
    PaneStrip { height: 1; background: $surface;
        .pane-strip--shown { background: $primary; color: $background; text-style: bold; }
        .pane-strip--other { color: $text-muted; }
        .pane-strip--rule { color: $foreground 20%; }
    }
    """

    class Chosen(Message):
        """A pane was clicked."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, panes: Sequence[tuple[str, str]]) -> None:
        """Take (id, title) of each pane; the first is shown."""
        super().__init__()
        self._panes = tuple(panes)
        self._shown = self._panes[0][0]
        self._note = ""

    def show(self, pane: str, note: str = "") -> None:
        """Mark a pane as the shown one, and say something at the right end."""
        self._shown, self._note = pane, note
        self.redraw()

    def entitle(self, pane: str, title: str) -> None:
        """Give a pane another title."""
        self._panes = tuple((known, title if known == pane else its) for known, its in self._panes)
        self.redraw()

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the line of names."""
        row: Row = []
        used = 0
        for number, (pane, title) in enumerate(self._panes, 1):
            text = f" {number} {title} "
            row.append(Segment(text, self.pen("pane-strip--shown" if pane == self._shown else "pane-strip--other")))
            used += len(text)
        room = width - used - 1
        if self._note and len(self._note) < room:
            row.append(Segment(" " * (room - len(self._note)) + self._note + " ", self.pen("pane-strip--other")))
        return row

    def on_click(self, event: events.Click) -> None:
        """Choose the pane under the mouse."""
        at = 0
        for number, (pane, title) in enumerate(self._panes, 1):
            at += len(f" {number} {title} ")
            if event.x < at:
                self.post_message(self.Chosen(pane))
                return
