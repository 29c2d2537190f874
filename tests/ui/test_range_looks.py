"""A range of time as SVG pictures at three widths."""

from __future__ import annotations

from typing import Any

import pytest
from scenes import saved

from perftui.ui.app import PerftuiApp
from perftui.ui.themes import DARK, LIGHT
from tests.ui.test_snapshots import SIZES, as_wide_as, pressing


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.mark.parametrize("size", SIZES, ids=as_wide_as)
@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_range_of_time_looks_as_it_did(snap_compare: Any, size: tuple[int, int], theme: str) -> None:
    app = PerftuiApp(saved(), theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing(["r", "right", "plus"]))
