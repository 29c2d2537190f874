"""The time axis as SVG pictures at three widths."""

from __future__ import annotations

from typing import Any

import pytest
from scenes import MEMORY, demo_replay, live, saved

from perftui.ui.app import PerftuiApp
from perftui.ui.themes import DARK, LIGHT
from tests.ui.test_snapshots import pressing


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


def test_the_axis_of_a_saved_session_looks_as_it_did(snap_compare: Any) -> None:
    keys = ["9", *["left"] * 30, "left_square_bracket", *["right"] * 12, "right_square_bracket", "plus"]
    app = PerftuiApp(saved(), theme=DARK)
    assert snap_compare(app, terminal_size=(160, 50), run_before=pressing(keys))


def test_the_axis_that_fills_the_screen_looks_as_it_did(snap_compare: Any) -> None:
    keys = ["9", "z", *["down"] * 5, *["left"] * 14]
    app = PerftuiApp(saved(MEMORY), theme=LIGHT)
    assert snap_compare(app, terminal_size=(120, 40), run_before=pressing(keys))


def test_the_axis_of_a_recording_looks_as_it_did(snap_compare: Any) -> None:
    app = PerftuiApp(live(demo_replay(7.0)), theme=DARK)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing(["9"]))
