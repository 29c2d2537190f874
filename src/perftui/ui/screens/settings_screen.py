"""The settings: every one with its value and its origin, changed in place and saved to the user's own file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from perftui.errors import PerftuiError
from perftui.settings.directories import user_directory
from perftui.settings.editing import reset_setting, save_setting
from perftui.settings.options import (
    OPTIONS,
    RENAMES,
    RENAMES_HELP,
    RENAMES_WRITTEN,
    TOPICS,
    Kind,
    Option,
    option_of,
    origin_of,
    renames_origin,
    renames_shown,
)
from perftui.settings.preferences import SETTINGS_FILE, read_settings
from perftui.settings.spec import Settings
from perftui.text import printable
from perftui.ui.commands import SETTINGS, bindings_of
from perftui.ui.screens.base import BaseScreen
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.line_input import LineInput
from perftui.ui.widgets.settings_table import SettingRow, SettingsTable

_FELT = {True: "felt at once", False: "felt by the next recording"}


class SettingsScreen(BaseScreen):
    """A list with the cursor on one setting, what it is for below, and a line to type into where it is no choice."""

    SCREEN = SETTINGS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(SETTINGS)]
    DEFAULT_CSS = """
    SettingsScreen #settings-title { height: 1; padding: 0 1; background: $surface; }
    SettingsScreen #settings-list { height: 1fr; }
    SettingsScreen #settings-about { height: 4; padding: 0 1; background: $surface; }
    SettingsScreen #settings-help, SettingsScreen #settings-limits { height: 1; }
    SettingsScreen #settings-line { height: 1; display: none; background: $panel; padding: 0 1; }
    SettingsScreen #settings-ask { width: auto; height: 1; }
    SettingsScreen LineInput { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
    SettingsScreen #settings-trouble { height: auto; max-height: 2; color: $error; }
    """

    class Changed(Message):
        """Other settings hold from now on."""

        def __init__(self, settings: Settings) -> None:
            super().__init__()
            self.settings = settings

    def __init__(self) -> None:
        super().__init__()
        self._trouble = ""

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        file = printable(str(user_directory() / SETTINGS_FILE))
        yield Static(_one_line(("Settings", "bold"), f"  saved to {file}"), id="settings-title")
        yield SettingsTable(id="settings-list")
        with Horizontal(id="settings-line"):
            yield Static(id="settings-ask")
            yield LineInput(compact=True)
        with Vertical(id="settings-about"):
            yield Static(id="settings-help")
            yield Static(id="settings-limits")
            yield Static(id="settings-trouble")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what holds."""
        self.query_one(KeyBar).show(SETTINGS)
        self.query_one(SettingsTable).focus()
        self._draw()

    # What is shown.

    def settings_changed(self) -> None:
        """Show what holds now."""
        if self.is_mounted:
            self._draw()

    def on_settings_table_selected(self, _message: SettingsTable.Selected) -> None:
        """Tell what the setting with the cursor is for."""
        self._trouble = ""
        self._draw_about()

    def _draw(self) -> None:
        self.query_one(SettingsTable).show(_rows(self.settings))
        self._draw_about()

    def _draw_about(self) -> None:
        if self._on_renames:
            self.query_one("#settings-help", Static).update(_one_line(f"{RENAMES}: {RENAMES_HELP}"))
            self.query_one("#settings-limits", Static).update(_one_line((RENAMES_WRITTEN, "dim")))
            self.query_one("#settings-trouble", Static).update(Text(self._trouble))
            return
        option = self._option
        slower = self.settings.why_slower if option.key == "refresh_hz" else ""
        about = f"{option.key}: {option.help}" + (f" Here: {slower}." if slower else "")
        self.query_one("#settings-help", Static).update(_one_line(about))
        limits = f"{option.limits}  ·  {_FELT[option.at_once]}  ·  default {option.shown(Settings())}"
        self.query_one("#settings-limits", Static).update(_one_line((limits, "dim")))
        self.query_one("#settings-trouble", Static).update(Text(self._trouble))

    @property
    def _on_renames(self) -> bool:
        """Whether the cursor is on what is written in the file alone."""
        return self.query_one(SettingsTable).key == RENAMES

    def _refuse_renames(self) -> bool:
        """Say where renames are changed, where they are what would be changed here."""
        if self._on_renames:
            self._trouble = "Renames are not changed here, but written in the file."
            self._draw_about()
        return self._on_renames

    @property
    def _option(self) -> Option:
        return option_of(self.query_one(SettingsTable).key)

    # What a person does.

    def on_settings_table_chosen(self, _message: SettingsTable.Chosen) -> None:
        """Change the setting that was clicked."""
        self.action_change()

    def action_change(self) -> None:
        """Take the next of a few values, or ask for one."""
        if self._line.display or self._refuse_renames():
            return
        if self._values():
            self.action_step(1)
        else:
            self._ask()

    def action_step(self, way: int) -> None:
        """Take the next or the previous of a few values."""
        if self._refuse_renames():
            return
        values = self._values()
        if not values:
            self._ask()
            return
        now = self._option.written(self.settings)
        at = values.index(now) if now in values else -1
        self._save(values[(at + way) % len(values)])

    def action_reset(self) -> None:
        """Take the setting out of the file."""
        if self._refuse_renames():
            return
        option = self._option
        self._do(lambda: reset_setting(option))

    def action_close(self) -> None:
        """Give up typing, or go back to where the person was."""
        if self._line.display:
            self._stop_typing()
        else:
            self.dismiss()

    def on_key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        """Run the command whose key was clicked."""
        self.run_worker(self.run_action(message.action), exclusive=False)

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        if self._save(event.value):
            self._stop_typing()

    @property
    def _line(self) -> Horizontal:
        return self.query_one("#settings-line", Horizontal)

    def _values(self) -> list[str]:
        option = self._option
        return ["on", "off"] if option.kind is Kind.FLAG else list(option.choices)

    def _ask(self) -> None:
        option = self._option
        self.query_one("#settings-ask", Static).update(Text(f"{option.label} ({option.limits}): "))
        line = self.query_one(LineInput)
        line.value = option.written(self.settings)
        self._line.styles.display = "block"
        line.focus()
        line.cursor_position = len(line.value)

    def _stop_typing(self) -> None:
        self._line.styles.display = "none"
        self.query_one(SettingsTable).focus()
        self._trouble = ""
        self._draw_about()

    def _save(self, text: str) -> bool:
        option = self._option
        return self._do(lambda: save_setting(option, text))

    def _do(self, change: Callable[[], Path]) -> bool:
        """Change the file and let it hold; say what was wrong, or which place says otherwise."""
        option = self._option
        self._trouble = ""
        try:
            path = change()
            held = read_settings()
        except PerftuiError as error:
            self._trouble = printable(f"{error.message}. {error.hint}".rstrip(". ") + ".")
            self._draw_about()
            return False
        origin = origin_of(option, held)
        if origin not in (str(path), "default"):
            self._trouble = printable(f"Saved, but stronger here is {origin}.")
        self.post_message(self.Changed(held))
        self._draw_about()
        return True


def _one_line(*parts: str | tuple[str, str]) -> Text:
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")


def _rows(held: Settings) -> list[SettingRow]:
    rows: list[SettingRow] = []
    for topic, title in TOPICS.items():
        rows.append(SettingRow(title))
        for option in OPTIONS:
            if option.topic == topic:
                value = option.shown(held)
                if option.key == "refresh_hz" and held.why_slower:
                    value += f", here {held.drawn_hz:g} Hz"
                origin = origin_of(option, held)
                rows.append(SettingRow(option.label, option.key, value, origin, origin == "default"))
    return [*rows, *_renames(held)]


def _renames(held: Settings) -> Iterator[SettingRow]:
    origin = renames_origin(held)
    yield SettingRow("Comparisons")
    yield SettingRow("Renames", RENAMES, renames_shown(held), origin, origin == "default")
    for old, new in held.renames.items():
        yield SettingRow(f"    {old} = {new}", note=True)
