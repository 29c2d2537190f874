"""Ways from any frame: its path, all its instances, and the keys back to the flames."""

from __future__ import annotations

import pytest
from scenes import live, saved

from perftui.analysis.call_tree import ROOT
from perftui.analysis.scope import RootedAt
from perftui.analysis.split import Split
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.breadcrumb import Breadcrumb
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.tree_table import TreeTable
from tests.ui.heap_stage import memory_saved
from tests.ui.stage import shown, text_of

BEST = ("/home/dev/shop/demo/ranking.py", "Ranker.best")
DOWN = ["down"] * 6


async def test_the_path_stands_below_the_flames_where_there_is_room_and_its_steps_select() -> None:
    screen = saved()
    async with shown(screen, (120, 35)) as pilot:
        await pilot.press(*DOWN)
        line = next(line for line in text_of(pilot).split("\n") if line.startswith(" all › "))
        assert line.rstrip().endswith("Shop.answer_searches › Ranker.best")
        before = screen._view.selected
        await pilot.click(Breadcrumb, offset=(line.index("Thread.run") + 2, 0))
        await pilot.pause()
        assert screen._view.function is not None
        assert screen._view.function[1] == "Thread.run"
        await pilot.press("less_than_sign")
        assert screen._view.selected == before
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert not screen.query_one(Breadcrumb).display


async def test_g_goes_to_the_flames_from_any_pane_and_from_one_that_fills_the_screen() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("3", "g")
        assert screen.focused is screen._flames
        await pilot.press("1", "z")
        assert screen.maximized is not None
        await pilot.press("g")
        await pilot.pause()
        assert screen.maximized is None
        assert screen.focused is screen._flames
        await pilot.press("z", "g")
        assert screen.maximized is screen._flames, "the flames may fill the screen"


async def check_instances(screen: DashboardScreen, keys: list[str]) -> None:
    """I begins all stacks with the selected function, everything follows, and each way back leads back."""
    async with shown(screen) as pilot:
        await pilot.press(*keys)
        function, before = screen._view.function, screen._view.selected
        assert function is not None
        whole = screen._shown.scoped.aggregate.tree
        total = whole.function_total_weight[whole.function_ids[function]]
        await pilot.press("I")
        tree = screen._named_tree
        assert f"all of {function[1]}"[:20] in text_of(pilot)
        assert screen._view.selected[-1] == function
        assert tree.weight == pytest.approx(total)
        assert tree.depth[tree.nearest(screen._view.selected)] == 1 + (screen._view.split is not Split.NONE)
        assert sum(row.self_weight for row in screen._ranked()) == pytest.approx(total, rel=0.02)
        assert sum(share.weight for share in screen._shown.scoped.thread_shares()) == pytest.approx(total)
        for back in ("escape", "less_than_sign", "u", "I"):
            await pilot.press(back)
            assert screen._view.scope.is_everything, back
            assert "all of " not in text_of(pilot).split("\n")[4], back
            assert screen._view.function == function
            if back == "less_than_sign":
                assert screen._view.selected == before
            await pilot.press("greater_than_sign" if back == "less_than_sign" else "I")
            assert screen._view.scope.root == RootedAt(*function), back


async def test_all_instances_of_a_function_are_one_in_time() -> None:
    await check_instances(saved(), DOWN)


async def test_all_instances_of_a_function_are_one_in_memory_and_by_thread() -> None:
    await check_instances(memory_saved(), ["t", *DOWN[:4]])


async def test_all_instances_can_be_searched_ranged_and_turned_upside_down() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("I")
        assert "select a function first" in text_of(pilot)
        pilot.app.clear_notifications()
        await pilot.press(*DOWN, "I", "slash", *"score", "enter")
        await pilot.pause(0.3)
        assert "of the scope" in text_of(pilot)
        await pilot.press("r", "g", "i")
        assert screen._view.scope.root == RootedAt(*BEST)
        assert screen._view.scope.time is not None
        assert sum(screen._named_tree.self_weight) == pytest.approx(screen._named_tree.total_weight[ROOT])
        screen._select_function(BEST)
        await pilot.press("I")
        assert screen._view.scope.root is None


async def test_all_instances_grow_with_a_recording() -> None:
    screen = live()
    async with shown(screen) as pilot:
        await pilot.press("down", "down", "I")
        function = screen._view.function
        assert function is not None
        before = screen._named_tree.weight
        screen._recorder.advance(25.0)  # type: ignore[union-attr]
        screen.tick()
        whole = screen._shown.scoped.aggregate.tree
        assert screen._named_tree.weight > before
        assert screen._named_tree.weight == pytest.approx(whole.function_total_weight[whole.function_ids[function]])
        assert screen.query_one(HotspotTable).line_count() > 0


def tree_rows(screen: DashboardScreen) -> list[str]:
    """Names of the functions in the rows of the tree that are seen."""
    rows = ["".join(segment.text for segment in row) for row in screen.query_one(TreeTable)._rows[1:]]
    return [row.split("▌")[1].split(" ")[0] if "▌" in row else row.split()[-1] for row in rows if row.strip()]


async def test_the_tree_follows_the_flames_and_leads_them() -> None:
    screen = saved()
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press(*DOWN, "8")
        table = screen.query_one(TreeTable)
        assert table.has_focus
        assert "Ranker.best" in tree_rows(screen), "what is selected is seen"
        await pilot.press("+")
        assert screen._view.function is not None
        assert screen._view.function != BEST
        assert BEST in screen._view.selected, "the hottest path below it"
        assert screen._flames.selected == screen._named_tree.nearest(screen._view.selected)
        await pilot.press("enter")
        assert screen._flames.has_focus
        await pilot.press("up", "up")
        assert table._cursor[0] == screen._flames.selected
        await pilot.press("t", "i", "y", "b")
        assert table._opened is not None
        assert table._opened.tree is screen._weighed_tree
        assert "inverted" in text_of(pilot)


async def test_rows_of_the_tree_keep_their_places_while_a_recording_goes_on() -> None:
    screen = live()
    async with shown(screen, (120, 60)) as pilot:
        await pilot.press("8", "z", "+", "home", "down")
        before = tree_rows(screen)
        for to_s in (10.0, 14.0, 20.0):
            screen._recorder.advance(to_s)  # type: ignore[union-attr]
            screen.tick()
            await pilot.pause()
            rows = tree_rows(screen)
            assert [name for name in rows if name in before] == [name for name in before if name in rows]
        opened = screen.query_one(TreeTable)._opened
        assert opened is not None
        await pilot.press("o", "o", "o")
        weights = [opened.tree.total_weight[node] for node in opened._order[ROOT]]
        assert weights == sorted(weights, reverse=True)


async def test_the_tree_of_memory_and_of_a_session_without_samples() -> None:
    async with shown(memory_saved(), (160, 50)) as pilot:
        await pilot.press("8")
        assert "allocations" in text_of(pilot)
        await pilot.press("b", "y")
        assert pilot.app.failure is None  # type: ignore[attr-defined]
