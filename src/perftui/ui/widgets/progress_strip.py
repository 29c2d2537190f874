"""One line that says what is being waited for, and how far it is."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from perftui.ui.widgets.cells import bar, clean, fit, width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row

_BAR_CELLS = 30
_LEAST_BAR = 6


class ProgressStrip(LineCanvas):
    """Words, a bar and a percentage; without a share only words."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "progress-strip--text",
        "progress-strip--done",
        "progress-strip--left",
    }
    DEFAULT_CSS = """
    ProgressStrip { height: 1; background: $panel;
        .progress-strip--text { color: $text; text-style: bold; }
        .progress-strip--done { color: $accent; }
        .progress-strip--left { color: $foreground 20%; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._share: float | None = None

    def show(self, text: str, share: float | None) -> None:
        """Draw how far something is, 0 to 1; None where that cannot be told."""
        self._text, self._share = text, share
        self.redraw()

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return words and bar."""
        text = f" ◌ {clean(self._text)}"
        share = self._share
        if share is None:
            return [Segment(fit(f"{text}…", width), self.pen("progress-strip--text"))]
        percent = f" {100 * min(1.0, max(0.0, share)):.0f} %"
        cells = min(_BAR_CELLS, width - width_of(text) - len(percent) - 2)
        if cells < _LEAST_BAR:
            return [Segment(fit(text + percent, width), self.pen("progress-strip--text"))]
        done, left = bar(share, cells)
        return [
            Segment(f"{text}  ", self.pen("progress-strip--text")),
            Segment(done, self.pen("progress-strip--done")),
            Segment(left, self.pen("progress-strip--left")),
            Segment(percent, self.pen("progress-strip--text")),
        ]
