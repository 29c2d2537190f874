"""The source pane at three sizes and in both themes, as an SVG that is compared by its text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from scenes import live, saved, with_source

from perftui.ui.app import PerftuiApp
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.themes import DARK, LIGHT
from tests.ui.test_snapshots import SIZES, as_wide_as, settle

ROLL_UP = ("/home/dev/shop/demo/catalogue.py", "CategoryTree.roll_up")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


def showing_source(screen: DashboardScreen, *keys: str) -> Callable[[Any], Awaitable[None]]:
    """Select a function, look at its source and press keys."""

    async def show(pilot: Any) -> None:
        await settle(pilot)
        screen._select_function(ROLL_UP)
        await pilot.press("7", *keys)
        await settle(pilot)

    return show


@pytest.mark.parametrize("size", SIZES, ids=as_wide_as)
@pytest.mark.parametrize("session", [live, saved], ids=["live", "saved"])
def test_source_looks_as_it_did(
    snap_compare: Any, session: Callable[[], DashboardScreen], size: tuple[int, int]
) -> None:
    screen = with_source(session())
    assert snap_compare(PerftuiApp(screen, theme=DARK), terminal_size=size, run_before=showing_source(screen))


@pytest.mark.parametrize("keys", [[], ["z"], ["pageup", "right"]], ids=["hottest", "large", "moved"])
def test_source_looks_as_it_did_in_the_light(snap_compare: Any, keys: list[str]) -> None:
    screen = with_source(saved())
    app = PerftuiApp(screen, theme=LIGHT)
    assert snap_compare(app, terminal_size=(120, 35), run_before=showing_source(screen, *keys))
