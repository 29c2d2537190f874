"""The attach picker and the dialog that names and pins, as SVG pictures."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from scenes import DEMO, picker

from perftui.recording.playback import open_playback
from perftui.recording.starter import Starter
from perftui.ui.app import PerftuiApp
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.themes import DARK, LIGHT
from tests.ui.test_snapshots import pressing


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.mark.parametrize(
    ("size", "theme"), [((80, 24), DARK), ((120, 35), LIGHT), ((160, 50), DARK)], ids=["80", "120", "160"]
)
def test_the_attach_picker_looks_as_it_did(
    snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    app = PerftuiApp(picker(tmp_path), theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=pressing(["down", "down", "down", "down"]))


def test_naming_and_pinning_looks_as_it_did(snap_compare: Any, tmp_path: Path) -> None:
    path = Path(shutil.copy(DEMO, tmp_path / DEMO.name))
    screen = DashboardScreen.saved(open_playback(path), starter=Starter())
    assert snap_compare(PerftuiApp(screen, theme=DARK), terminal_size=(80, 24), run_before=pressing(["P"]))
