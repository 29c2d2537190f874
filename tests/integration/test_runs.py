"""A workload that never ends, restarted and compared with itself, in the dashboard over the real recorder."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from perftui.model.workload import Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.starter import Starter
from perftui.storage.catalogue import Catalogue
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dashboard import DashboardScreen
from tests.ui.stage import shown, text_of

pytestmark = pytest.mark.integration
SPIN = "def spin():\n    while True:\n        sum(range(1000))\nspin()\n"


async def until(pilot: Pilot[int], holds: Callable[[], bool], limit_s: float = 40.0) -> None:
    for _ in range(int(limit_s / 0.1)):
        if holds():
            return
        await pilot.pause(0.1)
    raise AssertionError(f"did not come to pass:\n{text_of(pilot)}")


async def test_restart_keeps_the_view_and_again_compares_two_runs_of_one_length(tmp_path: Path) -> None:
    plan = RecordingPlan(sessions=tmp_path, workload=Workload((sys.executable, "-c", SPIN)), name="spin")
    starter = Starter(plan)
    recorder = starter.start()
    assert recorder is not None
    async with shown(DashboardScreen.live(recorder, starter=starter)) as pilot:
        await until(pilot, lambda: "spin" in text_of(pilot) and "samples" in text_of(pilot))
        screen = pilot.app.screen
        await pilot.press("3", "R")
        await until(pilot, lambda: len(starter.recorders) == 2 and starter.recorders[0].done)
        await until(pilot, lambda: pilot.app.screen is not screen and "thread  " in text_of(pilot))
        await pilot.press("P")
        await until(pilot, lambda: "name and pin" in text_of(pilot))
        await pilot.press(*"first", "enter")
        await until(pilot, lambda: "★ first" in text_of(pilot))
        await until(pilot, lambda: " samples, ±" in text_of(pilot))
        await pilot.press("A")
        await until(pilot, lambda: "A ends it and compares now" in text_of(pilot) and "· with first" in text_of(pilot))
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen) and "baseline first" in text_of(pilot))
        await pilot.press("q")
    assert starter.close(30)
    first, second, _ = (recorder.result().meta for recorder in starter.recorders)
    assert first.ended_by_us
    assert starter.recorders[2].plan.duration_s == second.duration_s, "as long as the one that was ended by hand"
    found = Catalogue(tmp_path).resolve("@baseline")
    assert found == starter.recorders[1].path
    assert first.pid != second.pid
