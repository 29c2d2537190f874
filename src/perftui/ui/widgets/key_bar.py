"""The line of keys at the bottom: the same for a whole screen, so that moving the focus costs nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message

from perftui.ui.commands import Command, commands_of
from perftui.ui.widgets.cells import width_of
from perftui.ui.widgets.line_canvas import LineCanvas, Row


class KeyBar(LineCanvas):
    """Keys that can be pressed or clicked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--label", "key-bar--lit"}
    DEFAULT_CSS = """
    KeyBar { height: 1; background: $panel;
        .key-bar--key { color: $primary; text-style: bold; }
        .key-bar--label { color: $text-muted; }
        .key-bar--lit { background: $foreground 15%; }
    }
    """

    class Pressed(Message):
        """A key was clicked."""

        def __init__(self, key_bar: KeyBar, command: Command) -> None:
            super().__init__()
            self.key_bar = key_bar
            self.command = command

        @property
        def action(self) -> str:
            """Action of the command; empty where a widget binds its keys."""
            return self.command.action

        @property
        def control(self) -> KeyBar:
            """The widget that posted it."""
            return self.key_bar

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._commands: tuple[Command, ...] = ()
        self._lit: Command | None = None

    def show(self, screen: str, *, without: Collection[str] = (), also: Collection[str] = ()) -> None:
        """Show the keys of a screen, except commands (by id) that would do nothing there now, and some more."""
        in_bar = [each for each in commands_of(screen) if each.in_bar or each.id in also]
        self.show_commands([each for each in in_bar if each.id not in without])

    def show_commands(self, commands: Sequence[Command]) -> None:
        """Show the keys of these commands."""
        self._commands = tuple(commands)
        self.redraw()

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the keys; those that do not fit as a whole are left out."""
        row: Row = []
        for command, _, _ in self._places(width):
            on = "key-bar--lit" if command is self._lit else ""
            row.append(Segment(f" {command.shown}", self.pen("key-bar--key", on=on)))
            row.append(Segment(f" {command.label} ", self.pen("key-bar--label", on=on)))
        return row

    def on_click(self, event: events.Click) -> None:
        """Do what the key does."""
        command = self._under(event.x)
        if command is not None:
            self.post_message(self.Pressed(self, command))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light up the key below the mouse."""
        self._light(self._under(event.x))

    def tip_at(self, x: int, y: int) -> str:  # noqa: ARG002 (there is one row)
        """Return what the key does."""
        command = self._under(x)
        return "" if command is None else f"{command.shown}: {command.help}"

    def on_leave(self) -> None:
        """Put the light out."""
        self._light(None)

    def _light(self, command: Command | None) -> None:
        if command is not self._lit:
            self._lit = command
            self.redraw()

    def _under(self, x: int) -> Command | None:
        return next((command for command, start, end in self._places(self.size.width) if start <= x < end), None)

    def _places(self, width: int) -> list[tuple[Command, int, int]]:
        places: list[tuple[Command, int, int]] = []
        at = 0
        # The last ones (help, quit) must be seen: what gives way stands before them.
        fixed = self._commands[-2:]
        reserve = sum(_cells(command) for command in fixed)
        for i, command in enumerate(self._commands):
            cells = _cells(command)
            is_last = i >= len(self._commands) - len(fixed)
            if at + cells > (width if is_last else width - reserve):
                continue
            places.append((command, at, at + cells))
            at += cells
        return places


def _cells(command: Command) -> int:
    return width_of(command.shown) + width_of(command.label) + 3
