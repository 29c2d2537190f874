"""One line about what is selected, or under the mouse, with what speaks against it."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from perftui.ui.widgets.cells import fit, width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row

_LEAST_TEXT = 48
"""Cells that are left for what is selected before there is room for a reason."""


class StatusLine(LineCanvas):
    """Shows one text; a passing one (the mouse) hides the lasting one (the selection)."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "status-line--text",
        "status-line--passing",
        "status-line--badge",
        "status-line--reason",
    }
    DEFAULT_CSS = """
    StatusLine { height: 1; background: $surface;
        .status-line--text { color: $foreground; }
        .status-line--passing { color: $text-muted; }
        .status-line--badge { background: $warning; color: $background; text-style: bold; }
        .status-line--reason { color: $text-muted; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lasting = ""
        self._passing = ""
        self._badge = self._reason = ""

    def show(self, text: str, *, badge: str = "", reason: str = "") -> None:
        """Show a text that stays; `badge` says in two words why it may not hold, `reason` in a sentence."""
        self._lasting, self._badge, self._reason = text, badge, reason
        self.redraw()

    def pass_by(self, text: str) -> None:
        """Show a text over the lasting one until it is empty."""
        self._passing = text
        self.redraw()

    def tip_at(self, x: int, y: int) -> str:  # noqa: ARG002 (it is about the whole line)
        """Return why the figures may not hold."""
        return self._reason

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the text."""
        text = self._passing or self._lasting
        if self._passing or not self._badge:
            component = "status-line--passing" if self._passing else "status-line--text"
            return [Segment(fit(f" {text}", width), self.pen(component))]
        badge = f" {self._badge} "
        room = width - width_of(badge) - 2
        why = f"  {self._reason}" if room - width_of(self._reason) - 2 >= _LEAST_TEXT else ""
        said = fit(text, min(room - width_of(why), width_of(text)))
        row = [
            Segment(" ", self.pen("status-line--text")),
            Segment(badge, self.pen("status-line--badge")),
            Segment(f" {said}", self.pen("status-line--text")),
        ]
        # Half a reason is none: the tooltip and the screen of data quality have it whole.
        return [*row, Segment(why, self.pen("status-line--reason"))]
