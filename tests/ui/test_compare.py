from __future__ import annotations

import random

import pytest
from scenes import DEMO, comparison

from perftui.analysis.delta_tree import Width
from perftui.recording.comparison import compare_paths
from perftui.ui.screens.compare import CompareScreen
from perftui.ui.widgets.delta_flames import DeltaFlames
from perftui.ui.widgets.delta_table import DeltaTable
from tests.ui.stage import shown, text_of


async def test_flames_and_table_of_the_union_are_in_step() -> None:
    screen = comparison()
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("right_square_bracket")
        await pilot.pause()
        function = screen._view.function
        assert function is not None
        flames = screen.query_one("#delta", DeltaFlames)
        assert screen._tree(Width.LARGER).path(flames.selected)[-1] == function
        await pilot.press("v")
        await pilot.pause()
        before, after = (screen.query_one(f"#{side}", DeltaFlames) for side in ("before", "after"))
        assert before.selected == after.selected == flames.selected, "ids are shared, so the cursor is"


async def test_next_change_visits_only_clear_ones() -> None:
    screen = comparison()
    async with shown(screen) as pilot:
        said = {(d.frame.file, d.frame.function): d.verdict for d in screen._comparison.changes}
        seen = set()
        for _ in range(6):
            await pilot.press("right_square_bracket")
            await pilot.pause()
            assert screen._view.function is not None
            seen.add(screen._view.function)
            assert said[screen._view.function].clear
        assert len(seen) > 1


async def test_share_and_absolute_say_so() -> None:
    screen = comparison()
    async with shown(screen, (160, 50)) as pilot:
        assert "absolute" in text_of(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert "share of each side" in text_of(pilot)
        await pilot.press("w", "w", "w", "s", "s")
        await pilot.pause()
        assert "sorted by name" in text_of(pilot)


async def test_a_session_against_itself_has_no_clear_change() -> None:
    screen = CompareScreen(compare_paths(DEMO, DEMO))
    async with shown(screen, (160, 50)) as pilot:
        assert "0 clear changes" in text_of(pilot)
        await pilot.press("right_square_bracket")
        await pilot.pause(0.3)
        assert "no clear change" in text_of(pilot)


async def test_search_and_table_work_by_key_and_click() -> None:
    screen = comparison()
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("slash", *"roll_up", "enter")
        await pilot.pause(0.3)
        assert screen._view.function is not None
        assert "roll_up" in screen._view.function[1]
        await pilot.click(DeltaTable, offset=(5, 3))
        await pilot.pause()
        assert screen.query_one(DeltaTable)._selected == screen._view.function


@pytest.mark.soak
async def test_no_size_and_no_key_breaks_it() -> None:
    chance = random.Random(3)
    keys = ["down", "up", "left", "right", "enter", "escape", "v", "a", "w", "s", "o", "z", "tab", "n", "T", "pagedown"]
    screen = comparison()
    async with shown(screen) as pilot:
        for i in range(80):
            await pilot.press(chance.choice(keys))
            if i % 8 == 0:
                await pilot.resize_terminal(chance.randint(1, 220), chance.randint(1, 70))
        await pilot.pause()
        assert pilot.app.failure is None  # type: ignore[attr-defined]
