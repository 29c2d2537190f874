"""What a command is, and the screens that commands belong to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a person can do."""

    id: str
    keys: str
    """Keys in Textual's spelling, the one to be shown first."""
    shown: str
    """The keys as a person reads them."""
    label: str
    """One or two words for the key bar."""
    help: str
    where: tuple[str, ...]
    """Screens that have it: `dashboard`, `compare`, `home`, `settings`, `trend`."""
    action: str = ""
    """Action of the screen; empty for what only keys or the mouse can do."""
    in_bar: bool = False
    opens_line: bool = False
    """What is typed right after it belongs into the line that it opens, however soon it comes."""


DASHBOARD, COMPARE, HOME, PICKER, SETTINGS = "dashboard", "compare", "home", "attach", "settings"
TREND = "trend"
FLAMES = (DASHBOARD, COMPARE)
EVERYWHERE = (DASHBOARD, COMPARE, HOME, PICKER, TREND)
ALSO_IN_SETTINGS = (*EVERYWHERE, SETTINGS)
