"""A session of operations alone on the dashboard."""

from __future__ import annotations

from pathlib import Path

from perftui.model.session import SessionKind
from perftui.recording.playback import open_playback
from perftui.ui.screens.dashboard import DashboardScreen
from tests.storage.sessions import begin, finish, operations
from tests.ui.stage import shown, text_of


async def test_what_was_never_sampled_is_not_said_to_have_run_too_short(tmp_path: Path) -> None:
    writer = begin(tmp_path, kind=SessionKind.IMPORTED, command=())
    writer.set_operations(operations())
    async with shown(DashboardScreen.saved(open_playback(finish(writer))), (120, 40)) as pilot:
        # Its operations have the whole screen; what was sampled stands below.
        assert "build dag" in text_of(pilot)
        await pilot.press("escape")
        assert "Nothing was sampled" in text_of(pilot)
        assert "no interpreter ran long enough" not in text_of(pilot)
