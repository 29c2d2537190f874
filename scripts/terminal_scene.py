"""What a command prints, as a picture of a terminal: the same lines, in the same colours."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from perftui.reports.sheet_text import Line

_COLOURS = {"red": "error", "yellow": "warning", "green": "success", "blue": "primary"}
"""What a terminal's colours are in the palettes."""


class TerminalScreen(Screen[None]):
    """A prompt with a command, and below it what it has printed."""

    DEFAULT_CSS = "TerminalScreen { overflow: hidden; Static { padding: 0 1; } }"

    def __init__(self, command: str, lines: Iterable[Line]) -> None:
        super().__init__()
        self._command = command
        self._lines = list(lines)

    def compose(self) -> ComposeResult:
        """Lay out the prompt and the lines."""
        yield Static(self._content(), markup=False)

    def _content(self) -> Text:
        variables = self.app.theme_variables
        whole = Text("$ ", no_wrap=True)
        whole.append(f"{self._command}\n", style="bold")
        for line in self._lines:
            for text, style in line:
                whole.append(text, style=_style(style, variables))
            whole.append("\n")
        return whole


def _style(style: str, variables: dict[str, str]) -> str:
    if style in ("", "bold", "dim"):
        return style
    return variables.get(_COLOURS.get(style, ""), "")
