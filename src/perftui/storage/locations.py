"""Where sessions live, and what they are called on disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    import random

HOME_VARIABLE = "PERFTUI_HOME"
# No letters or digits that look alike: ids are read aloud and typed.
_ID_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_ID_LENGTH = 4


def sessions_directory(chosen: Path | None = None, *, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where sessions live: what was chosen, `PERFTUI_HOME`/sessions, or the user's data directory."""
    if chosen is not None:
        return _expanded(chosen)
    home = environ.get(HOME_VARIABLE)
    if home:
        return _expanded(Path(home)) / "sessions"
    return platformdirs.user_data_path("perftui", appauthor=False) / "sessions"


def _expanded(path: Path) -> Path:
    """Return a path with its `~` resolved; one of an unknown user stays as it is."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def new_id(now: datetime | None = None, chance: random.Random | None = None) -> str:
    """Return a session id `YYYYMMDD-HHMMSS-xxxx`; ids sort by the time of their beginning.

    Args:
        now: The moment, in the time zone that a person reads; this moment where it is left out.
        chance: What the last letters come from; the system where it is left out.
    """
    # With its hashes this is dear to import, and most verbs make no id.
    import random  # noqa: PLC0415

    moment = now if now is not None else datetime.now().astimezone()
    letters = (chance or random.SystemRandom()).choices(_ID_LETTERS, k=_ID_LENGTH)
    return f"{moment:%Y%m%d-%H%M%S}-{''.join(letters)}"
