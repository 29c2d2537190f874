"""What a session may be called."""

from __future__ import annotations

import re

from perftui.errors import UsageError
from perftui.text import printable

LONGEST_NAME = 100
BASELINE_PREFIX = "baseline:"
"""What stands before the name of a baseline where a session is named."""
GROUP_PREFIX = "group:"
"""What stands before the id of a group of runs where a session is named."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)


def is_id(text: str) -> bool:
    """Say whether that can be the id of a session: it becomes the name of its file, and leads nowhere else."""
    return _ID.fullmatch(text) is not None


def check_name(name: str) -> None:
    """Raise `UsageError` for what cannot be the name or the tag of a session."""
    if not name or len(name) > LONGEST_NAME:
        raise UsageError(f"a name has 1 to {LONGEST_NAME} characters")
    if name != printable(name) or name.startswith(("@", "-", BASELINE_PREFIX, GROUP_PREFIX)) or "/" in name:
        raise UsageError(
            f"{printable(name)!r} cannot be a name",
            hint="a name holds no / and no control characters, and starts with none of @, -, baseline: and group:",
        )


def check_baseline(name: str) -> None:
    """Raise `UsageError` for what cannot be the name of a baseline: as of a session, but with / as branches have it."""
    check_name(name.replace("/", "-"))


def free_name(name: str, taken: set[str]) -> str:
    """Return `name`, or the first of `name-2`, `name-3` and so on that is not taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
