"""One line about what is selected, or under the mouse."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from perftui.ui.widgets.cells import fit
from perftui.ui.widgets.line_canvas import LineCanvas, Row


class StatusLine(LineCanvas):
    """Shows one text; a passing one (the mouse) hides the lasting one (the selection)."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"status-line--text", "status-line--passing"}
    DEFAULT_CSS = """
    StatusLine { height: 1; background: $surface;
        .status-line--text { color: $foreground; }
        .status-line--passing { color: $text-muted; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lasting = ""
        self._passing = ""

    def show(self, text: str) -> None:
        """Show a text that stays."""
        self._lasting = text
        self.redraw()

    def pass_by(self, text: str) -> None:
        """Show a text over the lasting one until it is empty."""
        self._passing = text
        self.redraw()

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the text."""
        text = self._passing or self._lasting
        component = "status-line--passing" if self._passing else "status-line--text"
        return [Segment(fit(f" {text}", width), self.pen(component))]
