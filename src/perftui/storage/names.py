"""What a session may be called, and how it is named on a command line."""

from __future__ import annotations

import re

from perftui.errors import UsageError
from perftui.text import printable

LONGEST_NAME = 100
BASELINE_PREFIX = "baseline:"
"""What stands before the name of a baseline where a session is named."""
GROUP_PREFIX = "group:"
"""What stands before the id of a group of runs where a session is named."""
TAG_PREFIX = "tag:"
"""What stands before a tag where a session is named."""
COMMIT_PREFIX = "commit:"
"""What stands before a git commit where a session is named."""
_PREFIXES = (BASELINE_PREFIX, GROUP_PREFIX, TAG_PREFIX, COMMIT_PREFIX)
REF_FORMS: tuple[tuple[str, str], ...] = (
    ("@latest", "the newest session, or group of runs"),
    ("@latest~2", "the third newest, and so on"),
    ("@baseline", "the baseline of the workload that it is held against"),
    ("baseline:NAME", "the baseline of that name"),
    ("tag:NAME", "the newest session with that tag"),
    ("commit:HASH", "the newest session of that git commit; its beginning is enough"),
    ("group:ID", "all runs of a group; group:ID/base and group:ID/current one side of it"),
    ("NAME", "the session, or runs, of that name"),
    ("ID", "the session of that id; its beginning is enough"),
    ("PATH", "a .perftui file; a baseline's .json where figures are enough"),
)
"""Every form of a reference, with what it means."""
REF_HELP = "REF is one of: " + ", ".join(form for form, _ in REF_FORMS) + "."
"""The sentence below the help of what takes one."""
_OF_FILES = (".json", ".perftui", ".part")
"""Endings by which a reference is known to be the path of a file."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)


def is_id(text: str) -> bool:
    """Say whether that can be the id of a session: it becomes the name of its file, and leads nowhere else."""
    return _ID.fullmatch(text) is not None


def check_name(name: str) -> None:
    """Raise `UsageError` for what cannot be the name or the tag of a session."""
    if not name or len(name) > LONGEST_NAME:
        raise UsageError(f"a name has 1 to {LONGEST_NAME} characters")
    if name != printable(name) or name.startswith(("@", "-", *_PREFIXES)) or "/" in name:
        raise UsageError(
            f"{printable(name)!r} cannot be a name",
            hint=f"a name holds no / and no control characters, and starts with none of @, -, {', '.join(_PREFIXES)}",
        )


def check_baseline(name: str) -> None:
    """Raise `UsageError` for what cannot be the name of a baseline: as of a session, but with / as branches have it."""
    check_name(name.replace("/", "-"))
    if name.endswith(_OF_FILES):
        raise UsageError(
            f"{printable(name)!r} would be taken for a file", hint=f"leave out the {name[name.rindex('.') :]}"
        )


def free_name(name: str, taken: set[str]) -> str:
    """Return `name`, or the first of `name-2`, `name-3` and so on that is not taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
