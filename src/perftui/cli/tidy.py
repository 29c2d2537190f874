"""What the settings say of old sessions, carried out when something was recorded."""

from __future__ import annotations

from pathlib import Path

from perftui.cli import console
from perftui.recording.remembering import Remembering
from perftui.recording.tidying import Tidying
from perftui.recording.watch_plan import DAY_S, Keep
from perftui.settings.preferences import read_settings
from perftui.settings.spec import RetentionOptions

_REMEMBERED_S = 0.1
"""More than the last session takes; others are read after the next recording."""
_LONGEST_S = 3.0
"""Nobody waits longer for it; what is left then goes after the next recording."""


class _Afterwards(Tidying):
    """What is done beside the last words about a recording: sessions that go, and figures that are kept for later."""

    def __init__(self, directory: Path, keep: Keep) -> None:
        super().__init__(directory, keep)
        self._remembering = Remembering(directory)

    def said(self, timeout_s: float) -> str:
        """Wait for both, not long for what is only done for later."""
        said = super().said(timeout_s)
        self._remembering.end(_REMEMBERED_S)
        return said


def begin_tidying(directory: Path) -> Tidying:
    """Begin to remove what is beyond the limits of the settings, and to keep figures of what is there."""
    return _Afterwards(directory, kept_by(read_settings().retention))


def tell_tidying(tidying: Tidying) -> None:
    """Say what went, in a line."""
    said = tidying.said(_LONGEST_S)
    if said:
        console.say(said)


def kept_by(options: RetentionOptions) -> Keep:
    """Return what settings keep; 0 is no limit."""
    return Keep(
        parts=options.keep or None,
        size_bytes=int(options.bytes) or None,
        age_s=options.days * DAY_S or None,
    )
