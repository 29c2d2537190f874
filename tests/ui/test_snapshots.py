"""Large terminals, states and memory, as SVG that is compared by its text; `pytest --snapshot-update` renews them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from scenes import comparison, home, live
from textual.screen import Screen

from perftui.ui.app import PerftuiApp
from perftui.ui.screens.home import HomeScreen
from perftui.ui.themes import DARK, LIGHT
from tests.storage.sessions import begin, finish
from tests.ui.heap_stage import both_live, memory_comparison, memory_live, memory_saved, reading_capture

SIZES = [(80, 24), (160, 50), (240, 70)]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


def as_wide_as(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


@pytest.mark.parametrize("screen", [live, comparison], ids=lambda make: str(make.__name__))
def test_a_screen_looks_as_it_did_on_a_large_terminal(snap_compare: Any, screen: Callable[[], Screen[None]]) -> None:
    assert snap_compare(PerftuiApp(screen(), theme=DARK), terminal_size=(240, 70), run_before=settle)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("size", SIZES, ids=as_wide_as)
def test_home_looks_as_it_did(snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(PerftuiApp(home(tmp_path / "sessions"), theme=theme), terminal_size=size, run_before=settle)


@pytest.mark.parametrize(("size", "theme"), [((80, 24), DARK), ((160, 50), LIGHT)], ids=str)
def test_runs_that_belong_together_look_as_they_did(
    snap_compare: Any, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    for name, day, code in (("checkout-before", 5, 0), ("checkout-after", 6, 1)):
        for number in range(1, 4):
            session, created = f"2026010{day}-120{number}00-aaaa", f"2026-01-0{day}T12:0{number}:00+0000"
            writer = begin(
                tmp_path, session, name=name, created=created, group=f"2026010{day}-115900-gggg", repeat_index=number
            )
            finish(writer, duration_s=number / 2, exit_code=code if number == 2 else 0)
    screen = HomeScreen(tmp_path, running=list)
    assert snap_compare(PerftuiApp(screen, theme=theme), terminal_size=size, run_before=pressing(["down", "enter"]))


@pytest.mark.parametrize("keys", [["4"], ["slash", *"shop", "enter"], ["t", "3"], ["f", "5"]], ids=str)
def test_a_state_looks_as_it_did(snap_compare: Any, keys: list[str]) -> None:
    screen = live()
    screen._clock = float
    assert snap_compare(PerftuiApp(screen, theme=DARK), terminal_size=(120, 35), run_before=pressing(keys))


@pytest.mark.parametrize("size", SIZES, ids=as_wide_as)
@pytest.mark.parametrize(
    ("screen", "keys"),
    [(memory_live, []), (both_live, []), (both_live, ["m"]), (memory_saved, ["4"]), (memory_comparison, ["m"])],
    ids=["held", "both-cpu", "both-held", "watermark", "compared"],
)
def test_memory_looks_as_it_did(
    snap_compare: Any, screen: Callable[[], Screen[None]], keys: list[str], size: tuple[int, int]
) -> None:
    assert snap_compare(PerftuiApp(screen(), theme=DARK), terminal_size=size, run_before=pressing(keys))


@pytest.mark.parametrize(
    ("screen", "keys"),
    [
        (memory_saved, ["M"]),
        (memory_saved, ["M", "M", "M"]),
        (memory_live, ["b", "t", "3"]),
        (reading_capture, []),
        (reading_capture, ["q"]),
    ],
    ids=["leaked", "allocated", "threads", "progress", "skip"],
)
def test_a_state_of_memory_looks_as_it_did(
    snap_compare: Any, screen: Callable[[], Screen[None]], keys: list[str]
) -> None:
    assert snap_compare(PerftuiApp(screen(), theme=LIGHT), terminal_size=(120, 35), run_before=pressing(keys))


def pressing(keys: list[str]) -> Callable[[Any], Awaitable[None]]:
    """Let everything come to an end, then press keys."""

    async def press(pilot: Any) -> None:
        await settle(pilot)
        await pilot.press(*keys)
        await pilot.pause()

    return press


async def settle(pilot: Any) -> None:
    """Let workers and first paints come to an end."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
