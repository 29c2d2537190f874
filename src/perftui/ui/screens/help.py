"""The help: keys of a screen, drawn from the table of commands."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from perftui.ui.commands import commands_of


class HelpScreen(ModalScreen[None]):
    """An overlay with every key of a screen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,f1,enter", "dismiss", "Close")]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen #help {
        width: 92; max-width: 96%; height: auto; max-height: 94%; padding: 1 2;
        border: round $primary; background: $surface; border-title-color: $primary;
    }
    HelpScreen Static { width: 1fr; height: auto; }
    """

    def __init__(self, screen: str) -> None:
        super().__init__()
        self._of = screen

    def compose(self) -> ComposeResult:
        """Lay out the overlay."""
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(justify="right", style="bold", no_wrap=True)
        table.add_column(ratio=1)
        for command in commands_of(self._of):
            table.add_row(Text(command.shown), Text(command.help))
        with VerticalScroll(id="help") as box:
            box.border_title = f" keys: {self._of} "
            yield Static(table)
            yield Static(Text("\nEsc closes this", style="dim"))

    def on_mount(self) -> None:
        """Let the keys scroll."""
        self.query_one(VerticalScroll).focus()
