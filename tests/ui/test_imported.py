"""An import of sums: what nobody measured is not said to be nothing, and samples are not called seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.recording.exchange import import_profile
from perftui.recording.playback import open_playback
from perftui.ui.app import PerftuiApp
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.time_strip import TimeStrip
from tests.ui.stage import shown, text_of


async def test_an_import_of_sums_says_nothing_of_what_it_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PerftuiApp, "NOTIFICATION_TIMEOUT", 3_600)
    file = tmp_path / "sums.folded"
    file.write_text("main;work;leaf 30\nmain;idle 5\n")
    path, _, _ = import_profile(file, tmp_path / "sessions")
    screen = DashboardScreen.saved(open_playback(path))
    async with shown(screen, size=(120, 40)) as pilot:
        head, quality, *_ = text_of(pilot).splitlines()
        assert head.rstrip().endswith("■ SAVED")
        assert quality.strip() == "35 samples"
        assert "r range" not in text_of(pilot).splitlines()[-1]
        assert not screen.query_one(TimeStrip).display
        assert " 30 " in next(line for line in text_of(pilot).splitlines() if "▌leaf" in line)
        for key, said in (("2", "an import holds no output"), ("9", "the import holds sums alone")):
            await pilot.press(key)
            assert said in text_of(pilot)
        await pilot.press("3")
        assert "process, thread" in text_of(pilot)
        assert "seen running" not in text_of(pilot)
        assert "35.0 s" not in text_of(pilot)
        for key in ("r", "L", "w"):
            await pilot.press(key)
        told = "nothing is known of when this happened: the import holds sums alone"
        assert [each.message for each in pilot.app._notifications].count(told) == 3
        assert screen._view.scope.is_everything
        await pilot.press("D")
        assert "not known" in text_of(pilot)
        assert "coverage" not in text_of(pilot)
