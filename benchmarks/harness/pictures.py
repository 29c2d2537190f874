"""What a terminal shows, as a picture: the cells of an emulated screen as SVG, drawn by rich."""

from __future__ import annotations

import io
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from harness.terminal import Replay

_THEME = TerminalTheme((20, 23, 28), (214, 219, 227), [(0, 0, 0)] * 8)


def draw(replay: Replay, path: Path, *, title: str) -> None:
    """Write a picture of the screen."""
    screen = replay.screen
    console = Console(
        width=screen.columns, record=True, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    for row in range(screen.lines):
        line = Text(no_wrap=True, end="")
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            line.append(cell.data or "", _style(cell))
        console.print(line, overflow="crop", crop=True)
    path.write_text(console.export_svg(title=title, theme=_THEME), encoding="utf-8")


def _style(cell: pyte.screens.Char) -> Style:
    return Style(
        color=_colour(cell.fg),
        bgcolor=_colour(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        reverse=cell.reverse,
    )


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    return f"#{name}" if len(name) == 6 and all(sign in "0123456789abcdefABCDEF" for sign in name) else _NAMED.get(name)


_NAMED = {
    "brown": "yellow",
    "brightbrown": "bright_yellow",
    "black": "black",
    "red": "red",
    "green": "green",
    "blue": "blue",
    "magenta": "magenta",
    "cyan": "cyan",
    "white": "white",
}
