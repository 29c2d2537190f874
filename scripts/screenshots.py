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

from scenes import (
    ADVICE,
    DEMO,
    MEMORY,
    MEMORY_NEXT,
    NEXT,
    ROOT,
    alert_fires,
    alerted,
    compared_operations,
    comparison,
    demo_replay,
    home,
    live,
    live_memory,
    operations,
    packaging_comparison,
    picker,
    printed_trend,
    saved,
    service,
    trend,
    trends_are_read,
    with_source,
)
from strips_to_png import png_of
from textual.screen import Screen

from perftui.recording.playback import open_playback
from perftui.recording.starter import Starter
from perftui.ui.app import PerftuiApp
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.themes import DARK, LIGHT

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
    ready: Callable[[Screen[object]], bool] | None = None
    """Tells whether what a thread reads has come; None where nothing has to be waited for."""
    then: Callable[[Screen[object]], None] | None = None
    """What happens after the keys; what is told then stands on the picture."""


_MOST_PAUSES = 300
"""Of a tenth of a second, until a picture is taken as it is."""
# The chosen lane is that of the 95th percentile, and the range what was slow.
_P95 = (
    *("down",) * 4,
    *("shift+left",) * 4,
    *("right",) * 3,
    "left_square_bracket",
    "shift+right",
    "right_square_bracket",
)
_P95_NARROW = (*("down",) * 4, *("shift+left",) * 3, "left_square_bracket", "shift+right", "right_square_bracket")
_SEARCH = ("slash", *"journal|cache", "enter")


def _live() -> Screen[None]:
    return live(demo_replay(LIVE_AT_S))


def _source() -> Screen[None]:
    return with_source(live(demo_replay(LIVE_AT_S)))


def _home() -> Screen[None]:
    return home(Path(tempfile.mkdtemp(prefix="perftui-pictures-")), (DEMO, NEXT, MEMORY, MEMORY_NEXT))


def _picker() -> Screen[None]:
    return picker(Path(tempfile.mkdtemp(prefix="perftui-pictures-")))


def _pinned() -> Screen[None]:
    path = Path(shutil.copy(DEMO, tempfile.mkdtemp(prefix="perftui-pictures-")))
    return DashboardScreen.saved(open_playback(path), starter=Starter())


def _peak() -> Screen[None]:
    return saved(MEMORY)


def _advised() -> Screen[None]:
    return saved(ADVICE)


def _trend() -> Screen[None]:
    return trend(Path(tempfile.mkdtemp(prefix="perftui-pictures-")))


def _printed_trend() -> Screen[None]:
    return printed_trend(Path(tempfile.mkdtemp(prefix="perftui-pictures-")))


def _memory_comparison() -> Screen[None]:
    return comparison(MEMORY, MEMORY_NEXT)


PICTURES = (
    Picture("dashboard-dark-160x50", _live),
    Picture("dashboard-light-160x50", _live, theme=LIGHT),
    Picture("dashboard-dark-80x24", _live, size=(80, 24)),
    Picture("dashboard-dark-120x35", _live, size=(120, 35)),
    Picture("dashboard-dark-240x70", _live, size=(240, 70)),
    Picture("search-dark-160x50", _live, keys=_SEARCH),
    Picture("threads-dark-160x50", _live, keys=("t", "3")),
    Picture("source-dark-160x50", _source, keys=("1", "home", "down", "7")),
    Picture("source-light-80x24", _source, size=(80, 24), theme=LIGHT, keys=("1", "home", "down", "7")),
    Picture("output-dark-80x24", _live, size=(80, 24), keys=("2",)),
    Picture("budget-light-80x24", _live, size=(80, 24), theme=LIGHT, keys=("5",)),
    Picture("meters-dark-160x50", _live, keys=("4",)),
    Picture("saved-dark-160x50", saved, keys=("down", "down", "down")),
    Picture("help-dark-160x50", _live, keys=("question_mark",)),
    Picture("help-light-80x24", _live, size=(80, 24), theme=LIGHT, keys=("question_mark",)),
    Picture("picker-dark-160x50", _picker, keys=("down",) * 4),
    Picture("picker-light-80x24", _picker, size=(80, 24), theme=LIGHT, keys=("down",) * 4),
    Picture("pin-dark-120x35", _pinned, size=(120, 35), keys=("P",)),
    Picture("compare-dark-160x50", comparison, keys=("right_square_bracket",)),
    Picture("compare-light-160x50", comparison, theme=LIGHT, keys=("right_square_bracket",)),
    Picture("compare-sides-dark-160x50", comparison, keys=("v",)),
    Picture("compare-packaging-dark-160x50", packaging_comparison, keys=("right_square_bracket",)),
    Picture("compare-dark-80x24", comparison, size=(80, 24)),
    Picture("memory-dark-160x50", live_memory, keys=("m",)),
    Picture("memory-light-160x50", live_memory, theme=LIGHT, keys=("m",)),
    Picture("memory-dark-80x24", live_memory, size=(80, 24), keys=("m",)),
    Picture("memory-threads-dark-160x50", live_memory, keys=("m", "t", "3")),
    Picture("watermark-dark-160x50", _peak, keys=("m",)),
    Picture("watermark-light-160x50", _peak, theme=LIGHT, keys=("m", "4")),
    Picture("watermark-dark-80x24", _peak, size=(80, 24), keys=("m",)),
    Picture("leaks-dark-160x50", _peak, keys=("m", "M")),
    Picture("allocated-dark-160x50", _peak, keys=("m", "M", "M", "M", "b")),
    Picture("both-dark-160x50", live_memory),
    Picture("compare-memory-dark-160x50", _memory_comparison, keys=("m", "right_square_bracket")),
    Picture("compare-memory-light-80x24", _memory_comparison, size=(80, 24), theme=LIGHT, keys=("m",)),
    Picture("scope-dark-160x50", saved, keys=("y", "down", "down", "down", "right", "H")),
    Picture("scope-menu-dark-160x50", saved, keys=("down", "down", "down", "S", "down", "space")),
    Picture(
        "scope-menu-light-80x24", saved, size=(80, 24), theme=LIGHT, keys=("down", "down", "down", "S", "down", "space")
    ),
    Picture("callers-dark-160x50", saved, keys=("1", "home", "down", "c")),
    Picture("inverted-dark-160x50", saved, keys=("i",)),
    Picture("range-dark-160x50", saved, keys=("r",)),
    Picture("operations-dark-160x50", operations, keys=("O", "z")),
    Picture("operations-light-120x35", operations, size=(120, 35), theme=LIGHT, keys=("O", "z", "V")),
    Picture("operations-dark-80x24", operations, size=(80, 24), keys=("O", "z")),
    Picture("operation-dark-160x50", operations, keys=("O", "down", "enter")),
    Picture("operation-light-120x35", operations, size=(120, 35), theme=LIGHT, keys=("O", "down", "enter")),
    Picture("compare-operations-dark-160x50", compared_operations, keys=("O",)),
    Picture("alerts-dark-160x50", alerted, keys=("5",), then=alert_fires),
    Picture("alerts-light-80x24", alerted, size=(80, 24), theme=LIGHT, keys=("5", "z"), then=alert_fires),
    Picture("metrics-dark-160x50", service, keys=("9", *_P95)),
    Picture("metrics-light-80x24", service, size=(80, 24), theme=LIGHT, keys=("9", "z", *_P95_NARROW)),
    Picture("advice-dark-160x50", _advised, keys=("B", "down")),
    Picture("bottlenecks-dark-120x35", _advised, size=(120, 35), keys=("B", "z", "end")),
    Picture("advice-light-80x24", _advised, size=(80, 24), theme=LIGHT, keys=("B", "z")),
    Picture("trend-dark-160x50", _trend, keys=("left_square_bracket",) * 2, ready=trends_are_read),
    Picture("trend-light-80x24", _trend, size=(80, 24), theme=LIGHT, ready=trends_are_read),
    Picture("trend-printed-dark-120x45", _printed_trend, size=(120, 45)),
    Picture("home-dark-160x50", _home),
    Picture("home-light-160x50", _home, theme=LIGHT),
    Picture("home-light-80x24", _home, size=(80, 24), theme=LIGHT),
)


async def take(picture: Picture, folder: Path, png_folder: Path | None) -> None:
    """Take one picture."""
    app = PerftuiApp(picture.screen(), theme=picture.theme)
    async with app.run_test(size=picture.size, notifications=picture.then is not None) as pilot:
        await pilot.pause(0.3)
        for _ in range(_MOST_PAUSES):
            if picture.ready is None or picture.ready(app.screen):
                break
            await pilot.pause(0.1)
        for key in picture.keys:
            await pilot.press(key)
        await pilot.pause(0.3)
        if picture.then is not None:
            picture.then(app.screen)
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
