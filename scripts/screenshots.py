"""Make the pictures in screenshots/: sessions are played again and the real screens draw them, the same every time.

`make screenshots` calls this. It writes an SVG of each picture; `--png DIR` writes PNGs to look at as well.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from strips_to_png import png_of
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
from perftui.ui.themes import DARK, LIGHT

ROOT = Path(__file__).resolve().parent.parent
SESSIONS = ROOT / "tests" / "fixtures" / "sessions"
DEMO, NEXT = SESSIONS / "demo.perftui", SESSIONS / "demo-next.perftui"
LIVE_AT_S = 22.0
"""The moment of the demo that live pictures show."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: a screen, a size, a theme and the keys pressed before it is taken."""

    name: str
    screen: Callable[[], Screen[None]]
    size: tuple[int, int] = (160, 50)
    theme: str = DARK
    keys: tuple[str, ...] = ()


def live() -> Screen[None]:
    """Return the dashboard in the middle of the demo."""
    replay = Replay(open_session(DEMO), budget=load_budget(ROOT / "budgets" / "demo.toml"))
    replay.advance(LIVE_AT_S)
    return DashboardScreen.live(replay)


def saved() -> Screen[None]:
    """Return the dashboard with the whole demo."""
    return DashboardScreen.saved(open_playback(DEMO))


def comparison() -> Screen[None]:
    """Return the compare screen."""
    return CompareScreen(compare_paths(DEMO, NEXT))


RUNNING = ProcessFacts(
    pid=4711,
    name="python3",
    command=("python3", "-m", "shop.server", "--port", "8000"),
    cwd="/home/dev/shop",
    username="dev",
    create_time_s=0.0,
    python=True,
    is_ours=False,
)


def home() -> Screen[None]:
    """Return the home screen over copies of the sessions."""
    folder = Path(tempfile.mkdtemp(prefix="perftui-pictures-"))
    for path in SESSIONS.glob("*.perftui"):
        shutil.copy(path, folder / path.name)
    return HomeScreen(folder, running=lambda: [RUNNING])


_SEARCH = ("slash", *"journal|cache", "enter")
PICTURES = (
    Picture("dashboard-dark-160x50", live),
    Picture("dashboard-light-160x50", live, theme=LIGHT),
    Picture("dashboard-dark-80x24", live, size=(80, 24)),
    Picture("dashboard-dark-120x35", live, size=(120, 35)),
    Picture("dashboard-dark-240x70", live, size=(240, 70)),
    Picture("search-dark-160x50", live, keys=_SEARCH),
    Picture("threads-dark-160x50", live, keys=("t", "3")),
    Picture("output-dark-80x24", live, size=(80, 24), keys=("2",)),
    Picture("budget-light-80x24", live, size=(80, 24), theme=LIGHT, keys=("5",)),
    Picture("meters-dark-160x50", live, keys=("4",)),
    Picture("saved-dark-160x50", saved, keys=("down", "down", "down")),
    Picture("help-dark-160x50", live, keys=("question_mark",)),
    Picture("help-light-80x24", live, size=(80, 24), theme=LIGHT, keys=("question_mark",)),
    Picture("compare-dark-160x50", comparison, keys=("right_square_bracket",)),
    Picture("compare-light-160x50", comparison, theme=LIGHT, keys=("right_square_bracket",)),
    Picture("compare-sides-dark-160x50", comparison, keys=("v",)),
    Picture("compare-dark-80x24", comparison, size=(80, 24)),
    Picture("home-dark-160x50", home),
    Picture("home-light-160x50", home, theme=LIGHT),
    Picture("home-light-80x24", home, size=(80, 24), theme=LIGHT),
)


async def take(picture: Picture, folder: Path, png_folder: Path | None) -> None:
    """Take one picture."""
    app = PerftuiApp(picture.screen(), theme=picture.theme)
    async with app.run_test(size=picture.size) as pilot:
        await pilot.pause(0.3)
        for key in picture.keys:
            await pilot.press(key)
        await pilot.pause(0.3)
        svg = app.export_screenshot(title="perftui", simplify=True)
        (folder / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
        if png_folder is not None:
            png_of(app, png_folder / f"{picture.name}.png")


def main() -> None:
    """Take all pictures, or those whose names hold a word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only pictures whose names hold one of these")
    parser.add_argument("--output", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--png", type=Path, help="write PNGs into this folder as well")
    options = parser.parse_args()
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    os.environ["TZ"] = "UTC"
    options.output.mkdir(exist_ok=True)
    if options.png:
        options.png.mkdir(exist_ok=True)
    for picture in PICTURES:
        if not options.words or any(word in picture.name for word in options.words):
            asyncio.run(take(picture, options.output, options.png))
            print(picture.name)


if __name__ == "__main__":
    main()
