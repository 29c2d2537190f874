"""The menu of the scope: all that can be looked at or left out, in one list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from perftui.ui.widgets.scope_list import ListRow, ScopeList
from perftui.ui.widgets.status_line import StatusLine

Choose = Callable[[ListRow, str], bool]
"""Does what a row is for, in the given way; says whether the menu is done with."""


class ScopeMenu(ModalScreen[None]):
    """A list over the dashboard, which follows every choice at once."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,S,shift+s", "dismiss", "Close")]
    DEFAULT_CSS = """
    ScopeMenu { align: center middle; }
    ScopeMenu.-large, ScopeMenu.-huge { align: right middle; }
    ScopeMenu #scope-menu {
        width: 84; max-width: 96%; height: auto; max-height: 96%;
        border: round $primary; background: $surface; border-title-color: $primary; border-subtitle-color: $text-muted;
    }
    ScopeMenu ScopeList { background: $surface; max-height: 86vh; }
    ScopeMenu StatusLine { background: $panel; }
    """

    def __init__(self, rows: Callable[[], Sequence[ListRow]], choose: Choose) -> None:
        super().__init__()
        self._rows = rows
        self._choose = choose

    def compose(self) -> ComposeResult:
        """Lay out the list, and what the chosen line means below it."""
        with Vertical(id="scope-menu") as box:
            box.border_title = " scope "
            box.border_subtitle = " Space on/off   Enter on/off and close   → only   Esc close "
            yield ScopeList()
            yield StatusLine()

    def on_mount(self) -> None:
        """Fill the list."""
        self.query_one(ScopeList).focus()
        self.renew()

    def renew(self) -> None:
        """Show what the scope is now."""
        self.query_one(ScopeList).fill(self._rows())

    def on_scope_list_moved(self, message: ScopeList.Moved) -> None:
        """Say what the line with the cursor means."""
        row = message.row
        self.query_one(StatusLine).show("" if row is None else f"{row.share} {row.detail}".strip())

    def on_scope_list_chosen(self, message: ScopeList.Chosen) -> None:
        """Do it, and close where that was asked for."""
        done = self._choose(message.row, message.how)
        if done and self.is_current:
            self.dismiss()
        elif not done:
            self.renew()
