from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from textual import _time
from textual.app import App

import perftui.ui
from perftui.ui.later import later


async def test_what_is_put_off_comes_also_where_the_machine_is_busy_just_then() -> None:
    async with App[None]().run_test() as pilot:
        done = asyncio.Event()
        with pytest.MonkeyPatch.context() as patch:
            # Whenever Textual looks at the clock a second has passed: a timer of its own would be skipped.
            seconds = itertools.count(1e6)
            patch.setattr(_time, "get_time", lambda: next(seconds))
            later(pilot.app, 0.001, done.set)
            later(pilot.app, 0.0, done.clear).cancel()
            await asyncio.wait_for(done.wait(), timeout=60)
        assert done.is_set()


def test_nothing_waits_for_a_timer_that_may_be_skipped() -> None:
    files = Path(perftui.ui.__file__).parent.rglob("*.py")
    assert not [file.name for file in files if ".set_timer(" in file.read_text(encoding="utf-8")]
