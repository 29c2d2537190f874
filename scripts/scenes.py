"""Screens over sessions that are played again, without a process and without a clock: for pictures and for tests."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from perftui.budgets.load import load_budget
from perftui.recording.comparison import compare_paths
from perftui.recording.playback import open_playback
from perftui.recording.replay import Replay
from perftui.recording.source_text import SourceText, read_source
from perftui.sources.meters_psutil import ProcessFacts
from perftui.storage.session_file import open_session
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.home import HomeScreen

ROOT = Path(__file__).resolve().parent.parent
SESSIONS = ROOT / "tests" / "fixtures" / "sessions"
DEMO, NEXT = SESSIONS / "demo.perftui", SESSIONS / "demo-next.perftui"
MEMORY, MEMORY_NEXT = SESSIONS / "memory.perftui", SESSIONS / "memory-next.perftui"

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


def replay_of(session: Path, to_s: float, *, budget: str) -> Replay:
    """Return a session, recorded up to a moment, held against a budget of the project."""
    replay = Replay(open_session(session), budget=load_budget(ROOT / "budgets" / f"{budget}.toml"))
    replay.advance(to_s)
    return replay


def demo_replay(to_s: float = 8.0) -> Replay:
    """Return the demo, recorded up to a moment."""
    return replay_of(DEMO, to_s, budget="demo")


def live(replay: Replay | None = None) -> DashboardScreen:
    """Return the dashboard in the middle of the demo."""
    return DashboardScreen.live(replay or demo_replay())


def with_source(screen: DashboardScreen) -> DashboardScreen:
    """Return a dashboard of the demo that finds its source, wherever this project lies."""

    def read(file: str, *, cwd: str = "", known: SourceText | None = None) -> SourceText:  # noqa: ARG001
        inside = file.replace("/home/dev/shop/", f"{ROOT}/src/perftui/bundled/")
        # When a checkout was made says nothing about what is in it.
        return replace(read_source(inside), written_epoch_s=0.0)

    screen.read_file = read
    return screen


def live_memory(to_s: float = 12.0) -> DashboardScreen:
    """Return the dashboard while allocations are traced."""
    return DashboardScreen.live(replay_of(MEMORY, to_s, budget="memory"))


def saved(session: Path = DEMO) -> DashboardScreen:
    """Return the dashboard with a whole session."""
    return DashboardScreen.saved(open_playback(session))


def comparison(baseline: Path = DEMO, current: Path = NEXT) -> CompareScreen:
    """Return the compare screen."""
    return CompareScreen(compare_paths(baseline, current))


def home(folder: Path, sessions: Sequence[Path] = (DEMO, NEXT)) -> HomeScreen:
    """Return the home screen over copies of sessions, made in a folder."""
    folder.mkdir(exist_ok=True)
    for path in sessions:
        shutil.copy(path, folder / path.name)
    return HomeScreen(folder, running=lambda: [RUNNING])
