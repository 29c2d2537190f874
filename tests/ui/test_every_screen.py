"""Every screen, dialog and newer pane in three sizes, dark and light, as SVG; `pytest --snapshot-update` renews them.

Each is opened once and then given every size and theme, as a person does who resizes the terminal: a picture that is
right after that is right from the start.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension
from scenes import (
    DEMO,
    MEMORY,
    compared_operations,
    comparison,
    demo_replay,
    judged_operations,
    live,
    operations,
    packaging_comparison,
    picker,
    saved,
    service,
    trend,
)
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.screen import Screen

from perftui.recording.playback import open_playback
from perftui.recording.starter import Starter
from perftui.settings.spec import Motion, Settings
from perftui.ui.app import PerftuiApp
from perftui.ui.screens import alerting
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.themes import DARK, LIGHT
from tests.ui.test_snapshots import settle

SIZES = [(160, 50), (120, 35), (80, 24)]
LARGE = [(240, 70), *SIZES]
"""Where more columns and a third icicle have room, that is another look."""


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR", "SSH_TTY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("PERFTUI_HOME", "/home/dev/.config/perftui")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(alerting, "own_cost", lambda: (1.0, 80.0 * 2**20))


def on_dashboard(_folder: Path) -> Screen[None]:
    return live(demo_replay(22.0))


def on_saved(folder: Path) -> Screen[None]:
    path = Path(shutil.copy(DEMO, folder / DEMO.name))
    return DashboardScreen.saved(open_playback(path), starter=Starter())


@pytest.mark.parametrize(
    ("make", "keys"),
    [
        pytest.param(on_dashboard, (), id="dashboard"),
        pytest.param(lambda _: saved(), ("down", "down", "down"), id="saved"),
        pytest.param(on_dashboard, ("8", "down", "plus"), id="tree"),
        pytest.param(on_dashboard, ("9", "r"), id="time"),
        pytest.param(on_dashboard, ("0",), id="order"),
        pytest.param(on_dashboard, ("r", "d"), id="difference"),
        pytest.param(on_dashboard, ("S", "down"), id="scope-menu"),
        pytest.param(on_dashboard, ("D",), id="quality"),
        pytest.param(on_dashboard, ("comma", "down"), id="settings"),
        pytest.param(on_dashboard, ("question_mark",), id="help"),
        pytest.param(on_saved, ("P",), id="name"),
        pytest.param(lambda _: comparison(), (), id="comparison"),
        pytest.param(lambda _: comparison(), ("v",), id="both-sides"),
        pytest.param(lambda _: packaging_comparison(), ("v", "v", "right_square_bracket"), id="groups"),
        pytest.param(lambda _: comparison(), ("r", "2"), id="compared-time"),
        pytest.param(lambda _: packaging_comparison(), ("4",), id="compared-conditions"),
        pytest.param(lambda _: saved(MEMORY), ("B", "down", "x"), id="advice"),
        pytest.param(lambda _: operations(), ("O", "z"), id="operations"),
        pytest.param(lambda _: operations(), ("O", "down", "enter"), id="operation"),
        pytest.param(lambda _: compared_operations(), ("O",), id="compared-operations"),
        pytest.param(lambda _: judged_operations(), ("5", "down"), id="budget"),
        pytest.param(lambda _: service(), ("9", *("down",) * 4, "left_square_bracket"), id="metrics"),
        pytest.param(picker, ("down", "down"), id="picker"),
        pytest.param(trend, ("down", "left_square_bracket"), id="trend"),
    ],
)
async def test_it_looks_as_it_did_at_every_size_in_both_themes(
    make: Callable[[Path], Screen[None]], keys: tuple[str, ...], tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    looks = snapshot.use_extension(SVGImageExtension)
    # A cursor that blinks is there in one picture and gone in the next.
    app = PerftuiApp(make(tmp_path), settings=Settings(theme=DARK, motion=Motion.REDUCED))
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await pilot.press(*keys)
        for columns, rows in LARGE if keys[:2] == ("v", "v") else SIZES:
            await pilot.resize_terminal(columns, rows)
            for theme in (DARK, LIGHT):
                app.theme = theme
                assert await still(pilot) == looks(name=f"{theme}-{columns}x{rows}")


async def still(pilot: Pilot[int]) -> str:
    """Return a picture of the screen once it stands still: some panes read on while nobody waits."""
    picture, before = "", "another"
    while picture != before:
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        picture, before = pilot.app.export_screenshot(), picture
    return picture
