"""The help: keys of a screen by topic, drawn from the table of commands; typing filters them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from perftui.ui.commands import Command, commands_by_topic
from perftui.ui.widgets.cells import width_of
from perftui.ui.widgets.line_input import LineInput

_TWO_COLUMNS_FROM = 150
"""Cells of the terminal from which two columns of keys stand beside each other."""
_CLOSING = ("question_mark", "q")


class FilterLine(LineInput):
    """A line in which the keys that close the help are letters only once something is typed."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Leave those keys to the help while nothing is looked for."""
        return super().check_consume_key(key, character) and (bool(self.value) or key not in _CLOSING)


class HelpScreen(ModalScreen[None]):
    """An overlay with every key of a screen; what is typed is looked for in keys, names and sentences."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear_or_close", "Close"),
        Binding("f1,enter", "dismiss", "Close"),
        # Only as long as nothing is looked for: then they are letters.
        Binding("question_mark,q", "close", "Close", priority=True),
        Binding("down", "scroll(1)", "Scroll down", show=False),
        Binding("up", "scroll(-1)", "Scroll up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen #help {
        width: 92; max-width: 96%; height: auto; max-height: 96%; padding: 0 1;
        border: round $primary; background: $surface; border-title-color: $primary; border-subtitle-color: $text-muted;
    }
    HelpScreen.-two #help { width: 98%; }
    HelpScreen LineInput { height: 1; border: none; padding: 0; background: $panel; }
    HelpScreen #help-keys { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    HelpScreen Static { width: 1fr; height: auto; }
    """

    def __init__(self, screen: str) -> None:
        super().__init__()
        self._of = screen

    def compose(self) -> ComposeResult:
        """Lay out the overlay."""
        with Vertical(id="help") as box:
            box.border_title = f" keys: {self._of} "
            box.border_subtitle = " ↑ ↓ scroll, Esc closes "
            yield FilterLine(placeholder="type to filter", compact=True)
            with VerticalScroll(id="help-keys", can_focus=False):
                yield Static()

    def on_mount(self) -> None:
        """Let what is typed filter the keys."""
        self.query_one(LineInput).focus()
        self._draw()

    def on_resize(self) -> None:
        """Use the width that there is."""
        self._draw()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._draw()
        self._scroller.scroll_home(animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave letters to what is looked for."""
        return not (action == "close" and self._wanted)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_clear_or_close(self) -> None:
        """Look for nothing any more, or go back."""
        if self._wanted:
            self.query_one(LineInput).value = ""
        else:
            self.dismiss()

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self._scroller.scroll_relative(y=step, animate=False)

    def action_page(self, way: int) -> None:
        """Scroll by most of a page."""
        self._scroller.scroll_relative(y=way * max(1, self._scroller.size.height - 2), animate=False)

    @property
    def _scroller(self) -> VerticalScroll:
        return self.query_one("#help-keys", VerticalScroll)

    @property
    def _wanted(self) -> str:
        return self.query_one(LineInput).value.strip().lower()

    def _draw(self) -> None:
        two = self.app.size.width >= _TWO_COLUMNS_FROM
        self.set_class(two, "-two")
        topics = [
            (topic, kept)
            for topic, commands in commands_by_topic(self._of)
            if (kept := [each for each in commands if _matches(each, topic, self._wanted)])
        ]
        keys = self.query_one("#help-keys Static", Static)
        keys.update(_arranged(topics, columns=2 if two else 1) if topics else Text("no key does that", style="dim"))


Topic = tuple[str, list[Command]]


def _matches(command: Command, topic: str, wanted: str) -> bool:
    """Say whether all words that are looked for occur in a command; a single character is a key first."""
    said = f"{topic} {command.label} {command.help}".lower()
    keys = command.shown.lower().split()
    return all(word in keys or (len(word) > 1 and word in said) for word in wanted.split())


def _arranged(topics: list[Topic], *, columns: int) -> Table:
    """Return topics in columns of about the same length, in the order of reading."""
    total = sum(len(commands) + 2 for _, commands in topics)
    parts: list[list[Topic]] = [[] for _ in range(columns)]
    seen = 0
    for topic in topics:
        parts[min(columns - 1, seen * columns // max(1, total))].append(topic)
        seen += len(topic[1]) + 2
    grid = Table.grid(padding=(0, 2), expand=True)
    for _ in parts:
        grid.add_column(ratio=1)
    grid.add_row(*(_column(part) for part in parts))
    return grid


def _column(topics: Iterable[Topic]) -> Table:
    topics = list(topics)
    table = Table.grid(padding=(0, 2), expand=True)
    keys = max((width_of(command.shown) for _, commands in topics for command in commands), default=0)
    table.add_column(justify="right", style="bold", no_wrap=True, min_width=keys)
    table.add_column(ratio=1)
    for topic, commands in topics:
        table.add_row("", Text(topic, style="bold underline"))
        for command in commands:
            table.add_row(Text(command.shown), Text(command.help))
        table.add_row("", "")
    return table
