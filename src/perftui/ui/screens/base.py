"""What all screens share: bindings from the table of commands, help, and a way for the palette to run a command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Input

from perftui.errors import PerftuiError
from perftui.settings.spec import Settings
from perftui.text import printable
from perftui.ui.commands import LINE_OPENERS, Command
from perftui.ui.later import later
from perftui.ui.screens.help import HelpScreen

_IN_FRONT_S = 0.05
"""Until it is looked again whether something is still in front."""


class BaseScreen(Screen[None]):
    """A screen of the table of commands."""

    SCREEN: ClassVar[str] = ""
    """Its name in the table of commands."""
    AUTO_FOCUS = ""
    ALLOW_IN_MAXIMIZED_VIEW = ".-textual-system,LensStrip,ProgressStrip,StatusLine,SearchBar,KeyBar"
    """A pane that fills the screen can be searched and still says what is selected."""

    @property
    def settings(self) -> Settings:
        """What the person has set; the app holds it, so that a change reaches every screen."""
        held = getattr(self.app, "settings", None)
        return held if isinstance(held, Settings) else Settings()

    @property
    def holds_escape(self) -> bool:
        """Whether Escape is for something within a pane that fills the screen."""
        return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let a key that opens a line be typed into one."""
        if action in LINE_OPENERS and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    def settings_changed(self) -> None:
        """Draw by the settings as they are now; for screens that look at them only once."""

    def runner(self, command: Command) -> Callable[[], Awaitable[None]]:
        """Return what the palette calls to run a command here."""

        async def run() -> None:
            # It may have been left between the choice and now.
            if self in self.app.screen_stack:
                await self.run_action(command.action)

        return run

    def action_settings(self) -> None:
        """Show the settings."""
        from perftui.ui.screens.settings_screen import SettingsScreen  # noqa: PLC0415 (that is a screen like this one)

        self.app.push_screen(SettingsScreen())

    def tell(self, error: PerftuiError, *, severity: SeverityLevel = "error") -> None:
        """Say what went wrong, and what to try."""
        title, text = (error.message, error.hint) if error.hint else ("", error.message)
        self.notify(printable(text), title=printable(title), severity=severity, markup=False)

    @property
    def is_first(self) -> bool:
        """Whether only the default screen lies below, so that there is nothing to go back to."""
        stack = self.app.screen_stack
        return self not in stack or stack.index(self) <= 1

    def leave(self) -> None:
        """Go back, or end where there is nothing to go back to; what is still in front goes away first."""
        if self.is_first:
            self.app.exit()
        elif self.app.screen is self:
            self.dismiss()
        else:
            # The palette, from which this may be asked for, takes itself away in its own time.
            later(self, _IN_FRONT_S, self.leave)

    def action_help(self) -> None:
        """Show the keys of this screen."""
        self.app.push_screen(HelpScreen(self.SCREEN))
