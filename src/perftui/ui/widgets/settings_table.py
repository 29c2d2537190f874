"""The settings as a list: topics, and below each its settings with value and origin; one has the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.ui.widgets.cells import clean, fit, fit_end
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas

_LABEL_CELLS = 17
_KEY_FROM = 100
"""Cells from which the key of the file stands beside the label."""
_KEY_CELLS = 28
_VALUE_SHARE = 0.46


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as it is drawn; without a key it is the heading of a topic."""

    label: str
    key: str = ""
    value: str = ""
    origin: str = ""
    is_default: bool = True
    note: bool = False
    """It only tells more of the setting above it."""


class SettingsTable(ScrolledCanvas, can_focus=True):
    """All settings, one of them with the cursor."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "settings-table--heading",
        "settings-table--topic",
        "settings-table--text",
        "settings-table--set",
        "settings-table--muted",
        "settings-table--cursor",
    }
    DEFAULT_CSS = """
    SettingsTable {
        .settings-table--heading { background: $foreground 6%; color: $text-muted; }
        .settings-table--topic { color: $primary; text-style: bold; }
        .settings-table--text { color: $text; }
        .settings-table--set { color: $text; text-style: bold; }
        .settings-table--muted { color: $text-muted; }
        .settings-table--cursor { background: $primary 30%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next setting", show=False, id="settings.down"),
        Binding("up", "move(-1)", "Previous setting", show=False, id="settings.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="settings.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="settings.page_up"),
        Binding("home", "move(-1000)", "First setting", show=False, id="settings.home"),
        Binding("end", "move(1000)", "Last setting", show=False, id="settings.end"),
    ]

    class Selected(Message):
        """The cursor came to a setting."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Chosen(Message):
        """A setting with the cursor was clicked: it is to be changed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._settings: tuple[SettingRow, ...] = ()
        self._cursor = 0

    @property
    def key(self) -> str:
        """Key of the setting with the cursor."""
        return self._settings[self._cursor].key if self._settings else ""

    def show(self, rows: Sequence[SettingRow]) -> None:
        """Draw rows; the cursor stays where it was."""
        self._settings = tuple(rows)
        if not self.key:
            self._cursor = next((i for i, row in enumerate(rows) if row.key), 0)
        self.redraw()

    def line_count(self) -> int:
        """Return the number of rows."""
        return len(self._settings)

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return the names of the columns."""
        text = "".join(fit(name, cells) for name, cells in zip(_NAMES, self._cells(width), strict=True))
        return [Segment(fit(text, width), self.pen("settings-table--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return a topic or a setting."""
        row = self._settings[index]
        if not row.key:
            pen = self.pen("settings-table--muted" if row.note else "settings-table--topic")
            return [Segment(fit(f" {clean(row.label)}", width), pen)]
        on = "settings-table--cursor" if index == self._cursor else ""
        label, key, value, origin = self._cells(width)
        sign = "▸" if on else " "
        muted = self.pen("settings-table--muted", on=on)
        value_pen = self.pen("settings-table--text" if row.is_default else "settings-table--set", on=on)
        return [
            Segment(fit(f" {sign} {row.label}", label), self.pen("settings-table--text", on=on)),
            Segment(fit(row.key, key), muted),
            Segment(fit(clean(row.value), value - 1) + " ", value_pen),
            Segment(fit_end(clean(row.origin), origin), muted),
        ]

    def action_move(self, step: int) -> None:
        """Move the cursor to another setting, over the topics."""
        at, way = self._cursor, 1 if step > 0 else -1
        for _ in range(abs(step)):
            following = next((i for i in self._onward(at, way) if self._settings[i].key), at)
            if following == at:
                break
            at = following
        self._go(at)

    def action_page(self, way: int) -> None:
        """Move the cursor by most of a page."""
        self.action_move(way * max(1, self.page_rows - 2))

    def on_click(self, event: events.Click) -> None:
        """Select a setting, or change the one that is selected."""
        index = self.first_line + event.y - self.HEADING_ROWS
        if event.y < self.HEADING_ROWS or index >= len(self._settings) or not self._settings[index].key:
            return
        if index == self._cursor:
            self.post_message(self.Chosen())
        else:
            self._go(index)

    def _onward(self, at: int, way: int) -> range:
        return range(at + 1, len(self._settings)) if way > 0 else range(at - 1, -1, -1)

    def _go(self, index: int) -> None:
        self._cursor = index
        # What tells more of a setting comes into sight with it, as far as there is room.
        notes = takewhile(lambda row: row.note, self._settings[index + 1 :])
        self.reveal(index + min(sum(1 for _ in notes), max(0, self.page_rows - 1)))
        self.reveal(index)
        # The heading of the first topic comes into sight with its first setting.
        if index == 1:
            self.reveal(0)
        self.redraw()
        self.post_message(self.Selected(self.key))

    def _cells(self, width: int) -> tuple[int, int, int, int]:
        key = _KEY_CELLS if width >= _KEY_FROM else 0
        left = max(0, width - _LABEL_CELLS - key)
        value = int(left * _VALUE_SHARE)
        return _LABEL_CELLS, key, value, left - value


_NAMES = ("   setting", "key", "value", "from")
