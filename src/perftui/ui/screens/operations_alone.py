"""Two sides that have nothing but operations in common: the current one, with its operations beside the baseline's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from perftui.recording.held_operations import operations_of
from perftui.recording.playback import open_playback
from perftui.ui.screens.dashboard import DashboardScreen


def operations_alone(baseline: Sequence[Path], current: Sequence[Path]) -> DashboardScreen | None:
    """Return a screen of the operations of two sides; None where a side has none, or something else as well.

    Raises:
        SessionError: A file is no session, or damaged.
        NoDataError: There is no such file.
    """
    before, after = operations_of(baseline), operations_of(current)
    if before is None or after is None:
        return None
    playback = open_playback(current[-1])
    playback.model.operations = tuple(after.operations.values())
    screen = DashboardScreen.saved(playback)
    screen.hold_against(before)
    return screen
