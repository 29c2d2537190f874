"""Small questions: one line of text, or yes and no."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from perftui.errors import PerftuiError
from perftui.text import printable
from perftui.ui.widgets.line_input import LineInput


class AskText(ModalScreen[str | None]):
    """Asks for one line; None where the person changed their mind."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]
    DEFAULT_CSS = """
    AskText { align: center middle; }
    AskText #refused { display: none; color: $text-error; }
    AskText Vertical {
        width: 64; max-width: 96%; height: auto; padding: 1 2; border: round $primary; background: $surface;
    }
    """

    def __init__(self, question: str, value: str = "", *, accept: Callable[[str], object] = lambda _: None) -> None:
        """Make a question; `accept` does what the line is for, and may refuse it by a `PerftuiError`."""
        super().__init__()
        self._question = question
        self._value = value
        self._accept = accept

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical():
            yield Static(Text(self._question))
            yield LineInput(value=self._value)
            yield Static(id="refused")
            yield Static(Text("Enter accepts, Esc cancels", style="dim"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Accept the line; one that is refused stays to be mended."""
        event.stop()
        line = event.value.strip()
        try:
            self._accept(line)
        except PerftuiError as error:
            refused = self.query_one("#refused", Static)
            refused.update(
                Text(printable(" ".join(filter(None, (f"{error.message}.".replace("..", "."), error.hint)))))
            )
            refused.display = True
        else:
            self.dismiss(line)


class AskYes(ModalScreen[bool]):
    """Asks for a yes; the key that asked also says it, and no other command's key does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss(False)", "No"),
        Binding("enter,y", "dismiss(True)", "Yes"),
    ]
    DEFAULT_CSS = """
    AskYes { align: center middle; }
    AskYes Vertical {
        width: 60; max-width: 96%; height: auto; padding: 1 2; border: round $warning; background: $surface;
    }
    """

    def __init__(self, question: str, *, yes: str, no: str, asked_by: str) -> None:
        super().__init__()
        self._question = question
        self._asked_by = asked_by
        self._answers = f"Enter or y: {yes}    Esc or n: {no}"

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical():
            yield Static(Text(self._question))
            yield Static(Text(f"\n{self._answers}", style="dim"))

    def on_key(self, event: events.Key) -> None:
        """Take the key that asked for a yes; `q` closes everything else, and so it does here."""
        if event.key in (self._asked_by, "q"):
            event.stop()
            self.dismiss(event.key == self._asked_by)
