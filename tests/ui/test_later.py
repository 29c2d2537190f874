from __future__ import annotations

import asyncio
import time
from pathlib import Path

from textual.app import App

import perftui.ui
from perftui.ui.later import later


async def test_what_is_put_off_comes_also_late_and_not_where_it_is_cancelled() -> None:
    async with App[None]().run_test() as pilot:
        done, cancelled = asyncio.Event(), asyncio.Event()
        later(pilot.app, 0.0, cancelled.set).cancel()
        later(pilot.app, 0.001, done.set)
        # The machine is busy until long after it was due.
        time.sleep(0.02)
        await asyncio.wait_for(done.wait(), timeout=60)
        assert not cancelled.is_set()


def test_nothing_waits_for_a_timer_that_may_be_skipped() -> None:
    files = Path(perftui.ui.__file__).parent.rglob("*.py")
    assert not [file.name for file in files if ".set_timer(" in file.read_text(encoding="utf-8")]
