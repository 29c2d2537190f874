"""The trend screen: figures of a workload over its sessions, read while keys are answered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from history import ELSEWHERE, SESSIONS, write_history
from scenes import home

from perftui.analysis.trend_lines import SortTrends
from perftui.recording.workload_series import all_series
from perftui.storage.catalogue import Catalogue
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.trend_screen import TrendScreen
from perftui.ui.widgets.trend_plot import TrendPlot
from perftui.ui.widgets.trend_table import TrendTable
from tests.ui.settling import until
from tests.ui.stage import shown, text_of


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    write_history(folder)
    return folder


async def test_a_figure_is_chosen_its_changes_visited_and_its_sessions_opened_and_compared(history: Path) -> None:
    screen = TrendScreen(history)
    async with shown(screen, (160, 50)) as pilot:
        await until(pilot, lambda: screen._trends and all(line.changes is not None for line in screen._lines.values()))
        text = text_of(pilot)
        for word in ("checkout  on build-1", f"{SESSIONS} sessions", "workload 1/2", "wall_s", "shop.price[100]"):
            assert word in text
        assert f"{ELSEWHERE} sessions of the machine laptop are left out" in text
        table, plot = screen.query_one(TrendTable), screen.query_one(TrendPlot)
        assert plot.point == SESSIONS - 1
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert plot.point == 16
        assert "worse" in text_of(pilot)
        assert "with this session" in text_of(pilot)
        # The session stays below the cursor when another figure is chosen.
        await pilot.press("slash", *"price", "enter")
        await until(pilot, lambda: screen._look.selected in screen._trends)
        assert table.selected is not None
        assert (table.selected.key, plot.point) == ("shop.price[100]", 16)
        await pilot.press("b")
        await until(pilot, lambda: "shop.price[100]:mean" in text_of(pilot))
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        await pilot.press("q", "right", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DashboardScreen))
        assert "checkout-18" in text_of(pilot)
        # And back from there: the session that was opened is the one below the cursor.
        await pilot.press("G")
        other = pilot.app.screen
        assert isinstance(other, TrendScreen)
        await until(pilot, lambda: other._trends)
        assert other.query_one(TrendPlot).point == 17
        await pilot.press("q", "q", "escape", "s")
        assert (screen._look.pattern, screen._look.sort) == ("", SortTrends.CHANGE)
        assert table.selected is not None, "the cursor stays on its figure wherever that is ranked"
        assert table.selected.key == "shop.price[100]"


async def test_workloads_and_machines_are_chosen_and_the_mouse_does_what_keys_do(history: Path) -> None:
    screen = TrendScreen(history)
    async with shown(screen, (80, 24)) as pilot:
        await until(pilot, lambda: screen._trends)
        table, plot = screen.query_one(TrendTable), screen.query_one(TrendPlot)
        await pilot.click(TrendTable, offset=(3, 3))
        assert table.selected is not None
        assert table.selected.key == "cpu_s"
        await pilot.click(TrendPlot, offset=(12, 3))
        assert plot.point < 4
        await pilot.press("end", "home")
        assert plot.point == 0
        await pilot.press("c")
        assert "there is none before it" in text_of(pilot)
        await pilot.press("m")
        await until(pilot, lambda: "on laptop" in text_of(pilot))
        await until(pilot, lambda: screen._trends)
        assert "too few sessions to tell" in text_of(pilot)
        await pilot.press("m", "w")
        await until(pilot, lambda: "import  on build-1" in text_of(pilot))


def test_the_workload_stays_although_its_oldest_session_has_gone(history: Path) -> None:
    every = all_series(Catalogue(history).list())
    chosen = TrendScreen(history)._chosen(every, ("import", "build-1", "gone.perftui"))
    assert chosen is not None
    assert (chosen.workload, every[0].workload) == ("import", "checkout")


async def test_home_leads_to_the_workload_of_the_selected_session_and_trouble_is_said(
    history: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "few"
    folder.mkdir()
    kept = sorted(history.glob("*.perftui"))[:3]
    for path in kept:
        shutil.copy(path, folder / path.name)
    (folder / "broken.perftui").write_bytes(b"no session")
    first = home(folder, ())
    async with shown(first, (120, 35)) as pilot:
        await until(pilot, lambda: first._entries)
        await pilot.press("G")
        screen = pilot.app.screen
        assert isinstance(screen, TrendScreen)
        await until(pilot, lambda: screen._lines or screen._said)
        await pilot.press("q")
        assert pilot.app.screen is first
    empty = TrendScreen(tmp_path / "none")
    async with shown(empty, (80, 24)) as pilot:
        await until(pilot, lambda: "no complete sessions yet" in text_of(pilot))
        await pilot.press("w", "m", "c", "enter", "b", "s", "left", "left_square_bracket", "slash", "x", "enter", "f5")
        assert pilot.app.screen is empty
