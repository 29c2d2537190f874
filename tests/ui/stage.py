"""Screens with sessions played again: no process, no clock, the same every time."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.screen import Screen

from perftui.budgets.load import load_budget
from perftui.recording.comparison import compare_paths
from perftui.recording.playback import open_playback
from perftui.recording.replay import Replay
from perftui.sources.meters_psutil import ProcessFacts
from perftui.storage.session_file import open_session
from perftui.ui.app import PerftuiApp
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.home import HomeScreen
from perftui.ui.themes import DARK

ROOT = Path(__file__).resolve().parent.parent.parent
SESSIONS = ROOT / "tests" / "fixtures" / "sessions"
DEMO, NEXT = SESSIONS / "demo.perftui", SESSIONS / "demo-next.perftui"


def demo_replay(to_s: float = 8.0) -> Replay:
    """The demo, recorded up to a moment."""
    replay = Replay(open_session(DEMO), budget=load_budget(ROOT / "budgets" / "demo.toml"))
    replay.advance(to_s)
    return replay


def live(replay: Replay | None = None) -> DashboardScreen:
    return DashboardScreen.live(replay or demo_replay())


def saved() -> DashboardScreen:
    return DashboardScreen.saved(open_playback(DEMO))


def comparison() -> CompareScreen:
    return CompareScreen(compare_paths(DEMO, NEXT))


RUNNING = ProcessFacts(
    pid=4_194_400,
    name="python3",
    command=("python3", "-m", "shop.server", "--port", "8000"),
    cwd="/home/dev/shop",
    username="dev",
    create_time_s=0.0,
    python=True,
    is_ours=False,
)


def home(folder: Path) -> HomeScreen:
    folder.mkdir(exist_ok=True)
    for path in SESSIONS.glob("*.perftui"):
        shutil.copy(path, folder / path.name)
    return HomeScreen(folder, running=lambda: [RUNNING])


@asynccontextmanager
async def shown(
    screen: Screen[None], size: tuple[int, int] = (120, 40), theme: str = DARK
) -> AsyncIterator[Pilot[int]]:
    """The app with a screen on it."""
    app = PerftuiApp(screen, theme=theme)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause(0.1)
        yield pilot


def text_of(pilot: Pilot[int]) -> str:
    """Everything on the screen, line by line."""
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
