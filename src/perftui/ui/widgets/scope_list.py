"""The list of what a scope can have: headings, marks, keys and shares, narrowed down by what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.message import Message

from perftui.ui.widgets.cells import clean, fit
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas

_MARK, _KEY, _SHARE = 3, 4, 8
_ON, _OFF, _ACTION = "●", "○", "›"


class ListRow(NamedTuple):
    """One line that can be chosen."""

    id: object
    """What it stands for, for whoever filled the list."""
    heading: str
    text: str
    detail: str
    on: bool | None = None
    """None for something that is done, and not switched on and off."""
    usual: bool = False
    """What it is while everything is looked at."""
    key: str = ""
    share: str = ""
    why_not: str = ""


class ScopeList(ScrolledCanvas, can_focus=True):
    """Lines that arrows and the mouse choose from; what is typed narrows them down."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "scope-list--heading",
        "scope-list--text",
        "scope-list--on",
        "scope-list--muted",
        "scope-list--cursor",
    }
    DEFAULT_CSS = """
    ScopeList { height: auto; max-height: 80vh;
        .scope-list--heading { color: $text-muted; text-style: bold; }
        .scope-list--text { color: $foreground; }
        .scope-list--on { color: $foreground; text-style: bold; }
        .scope-list--muted { color: $text-muted; }
        .scope-list--cursor { background: $primary 25%; }
    }
    """
    HEADING_ROWS = 1

    class Chosen(Message):
        """A line was chosen: `how` is `toggle`, `close` (choose and be done), `only` or `remove`."""

        def __init__(self, row: ListRow, how: str) -> None:
            super().__init__()
            self.row = row
            self.how = how

    class Moved(Message):
        """The cursor is on another line, or on none."""

        def __init__(self, row: ListRow | None) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._every: tuple[ListRow, ...] = ()
        self._lines: list[ListRow | str] = []
        """Lines as they stand: headings and rows."""
        self._at = 0
        self._typed = ""

    def fill(self, rows: Sequence[ListRow]) -> None:
        """Show other rows; the cursor stays on the one that it is on, or on its line."""
        before, line = self.row, self._at
        self._every = tuple(rows)
        self._arrange()
        same = [
            number
            for number, each in enumerate(self._lines)
            if before is not None and isinstance(each, ListRow) and each[1:3] == before[1:3]
        ]
        self._go(same[0] if same else line)
        self.refresh(layout=True)

    @property
    def row(self) -> ListRow | None:
        """The row with the cursor."""
        line = self._lines[self._at] if self._at < len(self._lines) else None
        return line if isinstance(line, ListRow) else None

    @property
    def typed(self) -> str:
        """What the rows are narrowed down by."""
        return self._typed

    def type(self, text: str) -> None:
        """Narrow the rows down to those that hold a text."""
        self._typed = text
        self._arrange()
        self._go(0)
        self.refresh(layout=True)

    def line_count(self) -> int:
        """Return the number of lines, headings among them."""
        return max(1, len(self._lines))

    def content_rows(self, width: int) -> int:  # noqa: ARG002
        """Return the rows of the whole list: it does not shrink under whoever types."""
        return self.HEADING_ROWS + len(self._every) + len({row.heading for row in self._every})

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return what was typed."""
        if self._typed:
            return [Segment(fit(f" / {clean(self._typed)}▏", width), self.pen("scope-list--on"))]
        return [Segment(fit(" type to narrow the list down", width), self.pen("scope-list--muted"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return a heading or a row."""
        if not self._lines:
            return [Segment(fit(" nothing is called that", width), self.pen("scope-list--muted"))]
        line = self._lines[index]
        if isinstance(line, str):
            return [Segment(fit(f" {line}", width), self.pen("scope-list--heading"))]
        on = "scope-list--cursor" if index == self._at else ""
        muted = self.pen("scope-list--muted", on=on)
        chosen = line.on is not None and line.on is not line.usual
        plain = self.pen("scope-list--on" if chosen and line.on else "scope-list--text", on=on)
        if line.why_not or (chosen and not line.on):
            plain = muted
        mark = _ACTION if line.on is None else _ON if line.on else _OFF
        room = max(0, width - _MARK - _KEY - _SHARE)
        return [
            Segment(fit(f" {mark}", _MARK), plain),
            Segment(fit(line.key, _KEY), muted),
            Segment(fit(clean(line.text), room), plain),
            Segment(fit(f"{line.share} ", _SHARE, right=True), muted),
        ]

    def on_key(self, event: events.Key) -> None:
        """Move, choose, or narrow down."""
        moves = {"up": -1, "down": 1, "pageup": -self.page_rows, "pagedown": self.page_rows}
        if event.key in moves:
            self._step(moves[event.key])
        elif event.key in ("home", "end"):
            self._go(0 if event.key == "home" else len(self._lines) - 1)
        elif event.key in (ways := {"space": "toggle", "enter": "close", "right": "only", "delete": "remove"}):
            self._choose(ways[event.key])
        elif event.key == "backspace" and self._typed:
            self.type(self._typed[:-1])
        elif event.key == "escape" and self._typed:
            self.type("")
        elif event.is_printable and event.character and (event.character != "S" or self._typed):
            self.type(self._typed + event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        line = self.first_line + event.y - self.HEADING_ROWS
        if event.y >= self.HEADING_ROWS and line < len(self._lines) and isinstance(self._lines[line], ListRow):
            self._go(line)
            self._choose("toggle")

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Let the cursor follow the mouse."""
        line = self.first_line + event.y - self.HEADING_ROWS
        on_row = event.y >= self.HEADING_ROWS and line < len(self._lines) and isinstance(self._lines[line], ListRow)
        if on_row and line != self._at:
            self._go(line)

    def _choose(self, how: str) -> None:
        if self.row is not None:
            self.post_message(self.Chosen(self.row, how))

    def _step(self, by: int) -> None:
        """Move by so many lines; headings are stepped over."""
        at = max(0, min(self._at + by, len(self._lines) - 1))
        self._go(at, up=by < 0)

    def _go(self, at: int, *, up: bool = False) -> None:
        rows = [number for number, line in enumerate(self._lines) if isinstance(line, ListRow)]
        if not rows:
            self._at = 0
        else:
            behind, ahead = [row for row in rows if row <= at], [row for row in rows if row >= at]
            self._at = (behind[-1] if behind else rows[0]) if up or not ahead else ahead[0]
            # The heading above the first row is seen with it.
            self.reveal(0 if self._at == rows[0] else self._at)
        self.post_message(self.Moved(self.row))
        self.redraw()

    def _arrange(self) -> None:
        wanted, heading = self._typed.casefold(), ""
        self._lines = []
        for row in self._every:
            if wanted not in f"{row.heading} {row.text}".casefold():
                continue
            if row.heading != heading:
                heading = row.heading
                self._lines.append(heading)
            self._lines.append(row)
        self._at = min(self._at, max(0, len(self._lines) - 1))
