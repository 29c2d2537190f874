"""Ways from any frame: its path, all its instances, and the keys back to the flames."""

from __future__ import annotations

import pytest
from scenes import live, saved

from perftui.analysis.call_tree import ROOT
from perftui.analysis.order_chart import CellSeen
from perftui.analysis.scope import RootedAt
from perftui.analysis.split import Split
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.breadcrumb import Breadcrumb
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.order_view import OrderView
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
        await pilot.pause()
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


async def test_the_order_of_a_thread_follows_leads_and_zooms() -> None:
    screen = saved()
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("0", "z")
        chart = screen.query_one(OrderView)
        await pilot.pause()
        text = text_of(pilot)
        assert "importer [973/982]  1/13 [ ]" in text
        assert "moments in it are even" in text
        assert "reading…" not in text
        await pilot.press("]", "]", "right", *["down"] * 4)
        assert "indexer [973/1011]" in text_of(pilot)
        assert screen._view.function is not None
        assert screen._view.function[1] == "Shop.index_products"
        assert screen._flames.selected == screen._named_tree.nearest(screen._view.selected)
        whole = chart._picture.axis
        await pilot.press("enter")
        assert chart._picture.axis.step_s < whole.step_s / 2
        inside = chart._picture.axis
        await pilot.press("plus", "backspace")
        assert chart._picture.axis == inside
        await pilot.press("backspace")
        assert chart._picture.axis == whole
        depth, block = chart._selected or (0, chart._picture.rows[0][0])
        below = chart._picture.rows[depth + 1][0]
        row = 2 + depth + 1 - chart._first
        await pilot.click(OrderView, offset=(below.first, row))
        assert screen._view.selected == screen._shown.scoped.tree().path(below.node)
        assert block.first <= below.first < block.end
        await pilot.press("t", "right")
        assert "indexer" in screen._view.selected[0][1], "split by thread it is the frame of that thread"
        await pilot.press("r")
        assert chart._picture.axis.end_s - chart._picture.axis.start_s == pytest.approx(5.0)
        await pilot.press("y", "i", "0", "right", "minus")
        assert pilot.app.failure is None  # type: ignore[attr-defined]


async def test_the_order_of_a_recording_moves_on_and_a_moment_keeps_its_cell() -> None:
    screen = live()
    async with shown(screen, (120, 50)) as pilot:
        await pilot.press("0")
        chart = screen.query_one(OrderView)
        before = chart._picture.axis
        cells: dict[float, CellSeen | None] = {}
        for to_s in (10.0, 11.0, 12.0, 20.0):
            screen._recorder.advance(to_s)  # type: ignore[union-attr]
            screen.tick()
            await pilot.pause()
            if chart._picture.axis.step_s == before.step_s:
                now = {
                    round(chart._picture.axis.begin_of(i), 6): cell for i, cell in enumerate(chart._picture.cells[:-2])
                }
                assert all(now[moment] == cell for moment, cell in cells.items() if moment in now)
                cells = {moment: cell for moment, cell in now.items() if moment < to_s - 2}
            else:
                before, cells = chart._picture.axis, {}
            assert chart._picture.axis.end_s >= screen._times.end_s - 1e-6
        await pilot.press("plus")
        zoomed = chart._picture.axis
        screen._recorder.advance(25.0)  # type: ignore[union-attr]
        screen.tick()
        await pilot.pause()
        assert chart._picture.axis == zoomed, "what is zoomed into stands still"


async def test_the_order_of_memory_says_that_there_is_none() -> None:
    async with shown(memory_saved(), (120, 40)) as pilot:
        await pilot.press("0", "right", "down", "plus", "enter", "]")
        assert "m looks at CPU" in text_of(pilot)


async def test_all_instances_are_of_what_the_keys_before_selected() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press(*DOWN)
        screen._flames.action_ascend()
        screen.action_instances()
        assert screen._view.function is not None
        assert screen._view.function[1] == "Shop.answer_searches"
