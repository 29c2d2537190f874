"""An import of sums: what nobody measured is not said to be nothing, and samples are not called seconds."""

from __future__ import annotations

from pathlib import Path

from perftui.recording.exchange import import_profile
from perftui.recording.playback import open_playback
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.time_strip import TimeStrip
from tests.ui.stage import shown, text_of, until


async def test_an_import_of_sums_says_nothing_of_what_it_does_not_know(tmp_path: Path) -> None:
    file = tmp_path / "sums.folded"
    file.write_text("main;work;leaf 30\nmain;idle 5\n")
    path, _, _ = import_profile(file, tmp_path / "sessions")
    screen = DashboardScreen.saved(open_playback(path))
    async with shown(screen, size=(120, 40)) as pilot:
        await until(pilot, lambda: "▌leaf" in text_of(pilot))
        head, quality, *_ = text_of(pilot).splitlines()
        assert head.rstrip().endswith("■ SAVED")
        assert quality.strip() == "35 samples"
        assert "r range" not in text_of(pilot).splitlines()[-1]
        assert not screen.query_one(TimeStrip).display
        assert " 30 " in next(line for line in text_of(pilot).splitlines() if "▌leaf" in line)
        for key, said in (("2", "an import holds no output"), ("9", "the import holds sums alone")):
            await pilot.press(key)
            await until(pilot, lambda said=said: said in text_of(pilot))  # type: ignore[misc]
        await pilot.press("3")
        await until(pilot, lambda: "process, thread" in text_of(pilot))
        assert "seen running" not in text_of(pilot)
        assert "35.0 s" not in text_of(pilot)
        for key in ("r", "L", "w"):
            await pilot.press(key)
        told = "nothing is known of when this happened: the import holds sums alone"
        await until(pilot, lambda: [each.message for each in pilot.app._notifications].count(told) == 3)
        assert screen._view.scope.is_everything
        await pilot.press("D")
        await until(pilot, lambda: "not known" in text_of(pilot))
        assert "coverage" not in text_of(pilot)
