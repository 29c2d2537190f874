"""One line about a run that is made to be compared: with what, when, and the key that does it now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.message import Message

from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row
from perftui.units import format_seconds


@dataclass(frozen=True, slots=True)
class RunText:
    """What the line says."""

    number: int = 0
    """Which run it is in this dashboard, from 1; 0 for nothing to say."""
    against: str = ""
    """Name of the session that it is compared with; empty where it is compared with none."""
    left_s: float | None = None
    """How long it still runs, where that is known."""
    what: str = ""
    """Anything that stands there instead: that a run is being ended."""


class RunStrip(LineCanvas):
    """Says which run this is; a click does what `A` does."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"run-strip--number", "run-strip--text", "run-strip--key"}
    DEFAULT_CSS = """
    RunStrip { height: 1; background: $panel;
        .run-strip--number { background: $primary; color: $background; text-style: bold; }
        .run-strip--text { color: $text; }
        .run-strip--key { color: $primary; text-style: bold; }
    }
    """

    class Pressed(Message):
        """The line was clicked."""

        def __init__(self, run_strip: RunStrip) -> None:
            super().__init__()
            self.run_strip = run_strip

        @property
        def control(self) -> RunStrip:
            """The widget that posted it."""
            return self.run_strip

    def __init__(self) -> None:
        super().__init__()
        self._text = RunText()

    def show(self, text: RunText) -> None:
        """Draw it; where there is nothing to say, nothing is there."""
        shown = bool(text.number or text.what)
        if shown != self.display:
            self.display = shown
        if text != self._text:
            self._text = text
            self.redraw()

    def on_click(self) -> None:
        """Compare now."""
        if self._text.against and not self._text.what:
            self.post_message(self.Pressed(self))

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return number, what it is compared with, and the key."""
        text = self._text
        if text.what:
            return [Segment(fit(f" ◌ {clean(text.what)}", width), self.pen("run-strip--text"))]
        number = f" run {text.number} "
        row: Row = [Segment(fit(number, min(width, width_of(number))), self.pen("run-strip--number"))]
        if not text.against:
            return row
        # The key comes first: a long name is what may be cut.
        ends = "when it ends" if text.left_s is None else f"in {format_seconds(text.left_s)}, when it is as long"
        key = "  A"
        told = f" ends it and compares now; else {ends} · with {clean(text.against)}"
        left = width - width_of(number) - width_of(key)
        if left > 0:
            row += [Segment(key, self.pen("run-strip--key")), Segment(fit(told, left), self.pen("run-strip--text"))]
        return row
