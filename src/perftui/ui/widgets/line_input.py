"""A line to type into; its cursor stands still where nothing is to move by itself."""

from __future__ import annotations

from textual.widgets import Input


class LineInput(Input):
    """An input whose cursor blinks only where things may move."""

    def focus_now(self) -> None:
        """Take every key from now on; `focus` would let the next ones pass."""
        self.screen.set_focus(self)

    def on_focus(self) -> None:
        """Blink as is wanted now."""
        self.cursor_blink = self.app.animation_level != "none"
