"""The search: a regular expression, what it finds, and how much of the profile that covers."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from perftui.ui.widgets.cells import clean, fit
from perftui.ui.widgets.line_canvas import LineCanvas, Row
from perftui.ui.widgets.line_input import LineInput

_OVER = "regular expression over functions and files"


class SearchAnswer(LineCanvas):
    """What a search found, or what is wrong with it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"search-answer--found", "search-answer--muted", "search-answer--error"}
    DEFAULT_CSS = """
    SearchAnswer { height: 1; width: 45%; background: $panel;
        .search-answer--found { color: $text; }
        .search-answer--muted { color: $text-muted; }
        .search-answer--error { color: $error; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text, self._kind = "", "muted"

    def say(self, text: str, kind: str) -> None:
        """Show a text; the kind is `found`, `muted` or `error`."""
        self._text, self._kind = text, kind
        self.redraw()

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the text."""
        return [Segment(fit(f" {clean(self._text)}", width), self.pen(f"search-answer--{self._kind}"))]


class SearchBar(Horizontal):
    """A line to type a regular expression into; every change is searched for at once."""

    DEFAULT_CSS = """
    SearchBar { height: 1; background: $panel;
        SearchSign { width: 3; }
        Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
        Input:focus { border: none; background: $panel; background-tint: $foreground 0%; }
    }
    """

    class Changed(Message):
        """The pattern changed; empty means no search."""

        def __init__(self, search_bar: SearchBar, pattern: str) -> None:
            super().__init__()
            self.search_bar = search_bar
            self.pattern = pattern

        @property
        def control(self) -> SearchBar:
            """The widget that posted it."""
            return self.search_bar

    class Closed(Changed):
        """The person is done: Enter keeps the search, Escape drops it."""

        def __init__(self, search_bar: SearchBar, pattern: str, *, keep: bool) -> None:
            super().__init__(search_bar, pattern)
            self.keep = keep

    def compose(self) -> ComposeResult:
        """Lay out sign, line and answer."""
        yield SearchSign()
        yield LineInput(placeholder=_OVER, compact=True)
        yield SearchAnswer()

    @property
    def pattern(self) -> str:
        """What stands in the line."""
        return self.query_one(Input).value

    def open(self, pattern: str = "", *, over: str = _OVER) -> None:
        """Show the line, with a pattern in it, ready to be typed over; `over` says what is searched."""
        self.display = True
        line = self.query_one(LineInput)
        line.placeholder = over
        line.value = pattern
        line.focus_now()
        line.action_select_all()

    def close(self) -> None:
        """Hide the line."""
        self.display = False

    def show_result(self, text: str) -> None:
        """Say what the search found; empty for nothing to search for."""
        kind = "found" if text else "muted"
        self.query_one(SearchAnswer).say(text or "Enter keeps it, Esc drops it, then n and N", kind)

    def show_error(self, text: str) -> None:
        """Say what is wrong with the pattern."""
        self.query_one(SearchAnswer).say(text, "error")

    @on(Input.Changed)
    def _on_pattern(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self, event.value))

    @on(Input.Submitted)
    def _on_input_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Closed(self, event.value, keep=bool(event.value)))

    def on_key(self, event: events.Key) -> None:
        """Give the search up on Escape."""
        if event.key == "escape":
            event.stop()
            self.post_message(self.Closed(self, self.pattern, keep=False))


class SearchSign(LineCanvas):
    """The sign before the line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"search-sign--sign"}
    DEFAULT_CSS = """
    SearchSign { height: 1; width: 3; background: $panel;
        .search-sign--sign { color: $primary; text-style: bold; }
    }
    """

    def draw_row(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the sign."""
        return [Segment(fit(" /", width), self.pen("search-sign--sign"))]
