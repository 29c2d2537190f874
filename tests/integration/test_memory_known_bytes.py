"""Bytes of functions, live and saved, beside what memray's own reader says of the same capture."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.command import Home
from known_bytes import TOLERANCE_PERCENT, measured

pytestmark = pytest.mark.integration


@pytest.mark.timeout(120)
def test_live_and_saved_bytes_are_those_of_memrays_own_reader(tmp_path: Path) -> None:
    # However slow the machine is: a stage ends when it has been seen.
    signs = tmp_path / "signs"
    signs.mkdir()
    watched, live, saved = measured(Home(tmp_path), 8, 0.1, signs)
    assert max(pair.apart_percent for pair in live) <= TOLERANCE_PERCENT
    assert [pair for pair in saved if pair.seen != pair.true] == [], "the saved views are exact"
    assert {(pair.view, pair.function) for pair in saved} == {
        *(("high_watermark", name) for name in ("load", "parse", "cache")),
        *(("allocated", name) for name in ("load", "parse", "cache")),
        ("leaked", "cache"),
    }
    stages = {view: {pair.function for pair in live if pair.view == view} for view in {pair.view for pair in live}}
    assert {"load"} in stages.values()
    assert {"load", "parse"} in stages.values()
    assert {"load", "parse", "cache"} in stages.values()
    assert {"parse", "cache"} in stages.values()
    assert {"cache"} in stages.values()
    assert watched.model.meta.exit_code == 0
