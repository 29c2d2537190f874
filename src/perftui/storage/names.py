"""What a session may be called."""

from __future__ import annotations

from perftui.errors import UsageError
from perftui.text import printable

LONGEST_NAME = 100


def check_name(name: str) -> None:
    """Raise `UsageError` for what cannot be the name or the tag of a session."""
    if not name or len(name) > LONGEST_NAME:
        raise UsageError(f"a name has 1 to {LONGEST_NAME} characters")
    if name != printable(name) or name.startswith(("@", "-")) or "/" in name:
        raise UsageError(
            f"{printable(name)!r} cannot be a name",
            hint="a name holds no / and no control characters, and starts with neither @ nor -",
        )
