from __future__ import annotations

import asyncio
import random
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from scenes import DEMO, MEMORY, MEMORY_NEXT, NEXT, comparison, packaging_comparison
from textual.pilot import Pilot

from perftui.analysis.delta_tree import Width
from perftui.analysis.paired_times import SideName
from perftui.analysis.ranked_changes import ShownChanges, SortChanges
from perftui.errors import NoDataError, PerftuiError
from perftui.model.change import ChangeVerdict
from perftui.model.heap import HeapView
from perftui.recording.comparison import Comparison, compare_paths
from perftui.ui.app import PerftuiApp
from perftui.ui.compare_view import FlamesShown
from perftui.ui.screens.compare import CompareScreen, _shorter
from perftui.ui.screens.comparing import ComparingScreen
from perftui.ui.widgets.change_table import ChangeTable
from perftui.ui.widgets.delta_flames import DeltaFlames
from perftui.ui.widgets.gone_lane import GoneLane
from perftui.ui.widgets.paired_strip import PairedStrip
from perftui.ui.widgets.runs_strip import RunsStrip
from tests.ui.settling import failures_looked_for, until, workers_held_back
from tests.ui.stage import shown, text_of

BASELINE, CURRENT = SideName.BASELINE, SideName.CURRENT


async def press(pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_flames_and_table_of_the_union_are_in_step() -> None:
    screen = comparison()
    async with shown(screen, (160, 50)) as pilot:
        await press(pilot, "right_square_bracket")
        function = screen._view.function
        assert function is not None
        flames = screen.query_one("#delta", DeltaFlames)
        assert screen._tree(Width.LARGER).path(flames.selected)[-1] == function
        await press(pilot, "v")
        before, after = (screen.query_one(f"#{side}", DeltaFlames) for side in ("before", "after"))
        assert before.selected == after.selected == flames.selected, "ids are shared, so the cursor is"
        await press(pilot, "enter")
        assert before.zoom == after.zoom == flames.selected, "and so is the zoom"
        await press(pilot, "v")
        assert screen._chosen.flames is FlamesShown.ALL
        assert all(screen.query_one(f"#{name}").display for name in ("delta", "before", "after"))


async def test_three_icicles_are_shown_only_where_they_have_room() -> None:
    screen = comparison()
    async with shown(screen, (80, 24)) as pilot:
        await press(pilot, "v", "v")
        assert screen.query_one("#delta").display
        await pilot.resize_terminal(160, 50)
        await press(pilot, "v", "v")
        assert all(screen.query_one(f"#{name}").display for name in ("delta", "before", "after"))
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert not screen.query_one("#delta").display, "what has no room any more gives way"
        assert screen.query_one("#after").display


async def test_next_change_visits_only_clear_ones() -> None:
    screen = comparison()
    async with shown(screen, (120, 35)) as pilot:
        await press(pilot, "f")
        tabs = next(line for line in text_of(pilot).splitlines() if "4 Conditions" in line)
        assert ShownChanges.CLEAR.value in tabs, "a filter is said where there is little room, too"
        verdicts = {(each.frame.file, each.frame.function): each.verdict for each in screen._comparison.changes}
        seen = set()
        for _ in range(6):
            await press(pilot, "right_square_bracket")
            assert screen._view.function is not None
            seen.add(screen._view.function)
            assert verdicts[screen._view.function].clear
        assert len(seen) > 1


async def test_keys_change_mode_width_order_and_filter_and_the_screen_names_them() -> None:
    screen = comparison()
    async with shown(screen, (160, 50)) as pilot:
        assert "absolute seconds a run: fixed work" in text_of(pilot)
        await press(pilot, "a")
        assert "shares of each side" in text_of(pilot)
        for width in (Width.BEFORE, Width.AFTER, Width.CHANGE, Width.LARGER):
            await press(pilot, "w")
            assert f"width: {width.value}" in text_of(pilot)
        for sort in (SortChanges.CONFIDENCE, SortChanges.SHARE, SortChanges.NAME):
            await press(pilot, "s")
            assert f"by {sort.value}" in text_of(pilot)
        for filtered in (*list(ShownChanges)[1:], ShownChanges.ALL):
            await press(pilot, "f")
            assert screen._chosen.shown is filtered
            if filtered is not ShownChanges.ALL:
                assert f": {filtered.value} · by name" in text_of(pilot)


async def test_all_that_is_known_of_the_selected_function_stands_below() -> None:
    screen = comparison()
    async with shown(screen, (160, 50)) as pilot:
        await press(pilot, "right_square_bracket")
        text = text_of(pilot)
        assert "(95 %:" in text
        assert " samples" in text
        assert "p " in text


async def test_panes_come_to_the_front_by_key_and_click() -> None:
    screen = comparison()
    async with shown(screen, (160, 50)) as pilot:
        await press(pilot, "2")
        assert "system CPU" in text_of(pilot)
        await press(pilot, "3")
        assert "wall time" in text_of(pilot)
        assert "peak" in text_of(pilot)
        await press(pilot, "4")
        assert "conditions" in text_of(pilot)
        await press(pilot, "f")
        assert screen._chosen.pane == "changes", "what is filtered is seen"
        await press(pilot, "g")
        assert isinstance(screen.focused, DeltaFlames)


async def test_a_range_of_a_side_filters_that_side_and_one_key_takes_it_over() -> None:
    screen = comparison()
    async with shown(screen, (160, 50)) as pilot:
        whole = (screen._comparison.baseline_weight, screen._comparison.current_weight)
        await press(pilot, "r")
        assert screen._chosen.baseline_range is None
        assert screen._comparison.current_weight < whole[1]
        assert screen._comparison.baseline_weight == whole[0]
        assert screen._comparison.total.verdict is ChangeVerdict.INCONCLUSIVE, "how long one looked decides"
        assert "ranges differ in length" in text_of(pilot)
        tree = screen._tree(Width.LARGER)
        assert tree.current_total[0] == pytest.approx(screen._comparison.current_weight)
        assert tree.baseline_total[0] == pytest.approx(whole[0])
        await press(pilot, "equals_sign")
        assert "fixed work" in text_of(pilot)
        assert screen._chosen.baseline_range == screen._chosen.current_range
        assert screen._comparison.baseline_weight < whole[0]
        await press(pilot, "up", "left", "plus")
        assert screen._chosen.held is BASELINE
        assert screen._chosen.baseline_range != screen._chosen.current_range
        await press(pilot, "escape")
        assert screen._comparison is screen._whole
        await press(pilot, "escape")
        assert isinstance(screen.focused, DeltaFlames)


async def test_parts_of_the_time_add_up_to_the_whole() -> None:
    whole = compare_paths(DEMO, NEXT)
    end_s = max(side.model.elapsed_s for side in whole.sides) + 5.0
    edges = [0.0, end_s / 3, 2 * end_s / 3, end_s]
    weight, count = 0.0, 0
    for low, high in pairwise(edges):
        part = whole.between((low, high), None)
        weight += part.baseline_weight
        count += sum(change.baseline_count for change in part.changes)
        assert part.current_weight == whole.current_weight
    assert weight == pytest.approx(whole.baseline_weight)
    assert count == sum(change.baseline_count for change in whole.changes)


async def test_the_mouse_draws_a_range_on_the_axis_of_a_side() -> None:
    screen = comparison()
    async with shown(screen, (160, 50)) as pilot:
        for y, side in ((0, "baseline_range"), (1, "current_range")):
            await pilot.mouse_down("#pair-strip", offset=(30, y))
            await pilot.hover("#pair-strip", offset=(60, y))
            await pilot.mouse_up("#pair-strip", offset=(60, y))
            await pilot.pause()
            assert getattr(screen._chosen, side) is not None
        await pilot.click("#pair-strip", offset=(100, 0))
        await pilot.pause()
        assert screen._chosen.baseline_range is None
        assert screen._chosen.current_range is not None


async def test_what_is_gone_has_a_lane_that_leads_to_it(tmp_path: Path) -> None:
    screen = comparison(NEXT, DEMO)
    async with shown(screen, (160, 50)) as pilot:
        lane = screen.query_one(GoneLane)
        assert lane.display
        assert "only in the baseline" in text_of(pilot)
        lane.focus()
        await press(pilot, "right")
        node = screen._tree(Width.LARGER).nearest(screen._view.selected)
        assert screen._tree(Width.LARGER).current_total[node] == 0
        await press(pilot, "v")
        assert not lane.display, "side by side the baseline shows it"


async def test_a_session_against_itself_has_no_clear_change() -> None:
    screen = CompareScreen(compare_paths(DEMO, DEMO))
    async with shown(screen, (160, 50)) as pilot:
        assert "0 clear changes" in text_of(pilot)
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert "no clear change" in text_of(pilot)


async def test_runs_of_a_side_are_counted_and_drawn_one_by_one() -> None:
    screen = CompareScreen(compare_paths([DEMO, NEXT, DEMO, DEMO], [NEXT, DEMO, NEXT]))
    async with shown(screen, (160, 50)) as pilot:
        assert "4 runs against 3" in text_of(pilot)
        await press(pilot, "right_square_bracket", "r", "equals_sign")
        assert screen._comparison.baseline_weight < screen._whole.baseline_weight
        assert "•" in text_of(pilot)
        await pilot.press("3")
        await until(pilot, lambda: "median of the runs" in text_of(pilot))
        assert " runs " in text_of(pilot), "what they lie between stands below or beside them"


@pytest.mark.parametrize(
    "commands", [("perftui ab --more 3 group:g",), ("perftui record --more 3 a", "perftui record --more 3 b")]
)
async def test_what_more_runs_would_decide_is_said_with_the_command(
    commands: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perftui.ui.screens.compare_panes.deciding_commands", lambda *_: commands)
    async with shown(CompareScreen(compare_paths([DEMO, DEMO], [NEXT, NEXT])), (80, 24)) as pilot:
        await until(pilot, lambda: all(command in text_of(pilot) for command in commands))


async def test_each_run_of_the_selected_function_is_a_dot_where_there_are_rows_for_it() -> None:
    screen = packaging_comparison()
    async with shown(screen, (160, 50)) as pilot:
        assert "5 runs against 5" in text_of(pilot)
        await press(pilot, "right_square_bracket")
        strip = screen.query_one(RunsStrip)
        change = screen._change_of(screen._view.function)
        assert change is not None
        assert [len(side) for side in strip._sides] == [5, 5]
        assert sum(strip._sides[0]) / 5 == pytest.approx(change.baseline, rel=0.02)
        assert sum(strip._sides[1]) / 5 == pytest.approx(change.current, rel=0.02)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert not strip.display


async def test_search_and_table_work_by_key_and_click() -> None:
    screen = comparison()
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("slash", *"roll_up", "enter")
        await pilot.pause()
        assert screen._view.function is not None
        assert "roll_up" in screen._view.function[1]
        await pilot.click(ChangeTable, offset=(5, 3))
        await pilot.pause()
        assert screen.query_one(ChangeTable)._selected == screen._view.function


async def test_both_sides_are_read_while_the_screen_answers() -> None:
    async with shown(ComparingScreen(lambda: compare_paths(DEMO, NEXT)), (120, 35)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        await pilot.pause()
        assert pilot.app.screen.query_one("#pair-strip", PairedStrip).display


async def test_the_paths_of_large_sessions_are_seen_before_anything_is_judged() -> None:
    judged = threading.Event()

    def load() -> Comparison:
        judged.wait(20)
        return compare_paths(DEMO, NEXT)

    with workers_held_back():
        async with shown(
            ComparingScreen(load, lambda: compare_paths(DEMO, NEXT).tree(share=False)), (120, 35)
        ) as pilot:
            await until(pilot, lambda: pilot.app.screen.query(DeltaFlames))
            assert isinstance(pilot.app.screen, ComparingScreen)
            assert "what changed is being found out" in text_of(pilot)
            assert "▏all" in text_of(pilot)
            judged.set()
            await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))


@pytest.mark.parametrize(
    ("trouble", "said"),
    [(NoDataError("neither session holds a sample"), "neither session"), (ZeroDivisionError("by nothing"), "internal")],
    ids=["refused", "unforeseen"],
)
async def test_what_cannot_be_compared_is_said_at_the_end_of_the_program(trouble: Exception, said: str) -> None:
    def refuse() -> None:
        raise trouble

    app = PerftuiApp(ComparingScreen(refuse))  # type: ignore[arg-type]
    with failures_looked_for():
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.failure is not None)
    assert isinstance(app.failure, PerftuiError)
    assert app.failure.message.startswith(said)


@pytest.mark.soak
async def test_no_size_and_no_key_breaks_it() -> None:
    chance = random.Random(3)
    keys = ["down", "up", "left", "right", "enter", "escape", "v", "a", "w", "s", "o", "z", "tab", "n", "T", "pagedown"]
    keys += ["f", "r", "equals_sign", "1", "2", "3", "4", "g", "plus", "minus", "right_square_bracket"]
    screen = comparison()
    async with shown(screen) as pilot:
        for i in range(160):
            await pilot.press(chance.choice(keys))
            if i % 8 == 0:
                await pilot.resize_terminal(chance.randint(1, 220), chance.randint(1, 70))
        await pilot.pause()
        assert pilot.app.failure is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("remark", "short"),
    [
        ("ship may be deliver now (4 of 4 callers and callees are the same): more", "ship may be deliver now"),
        ("1 name is ambiguous: a side tells no more than bare names", "1 name is ambiguous"),
        ("the baseline holds no CPU samples", "the baseline holds no CPU samples"),
    ],
)
def test_where_there_is_little_room_a_remark_keeps_what_it_says(remark: str, short: str) -> None:
    assert _shorter(remark) == short


async def test_leaving_from_the_palette_takes_away_no_other_screen() -> None:
    first, second = comparison(), comparison()
    async with shown(first, (120, 35)) as pilot:
        pilot.app.push_screen(second)
        await pilot.pause()
        await pilot.press("ctrl+p")
        await pilot.pause()
        second.leave()
        # It asks again and again, so the screen does not stand still.
        await asyncio.sleep(0.2)
        assert second in pilot.app.screen_stack, "what is in front goes first"
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is first)


async def test_memory_is_compared_by_number_of_allocations_too() -> None:
    screen = CompareScreen(compare_paths(MEMORY, MEMORY_NEXT))
    async with shown(screen, (160, 50)) as pilot:
        await press(pilot, "m")
        size = screen._comparison.baseline_weight
        await press(pilot, "b")
        before, after = (side.model.heap[HeapView.HIGH_WATERMARK] for side in screen._comparison.sides)
        assert screen._comparison.baseline_weight == before.allocations != size
        assert screen._comparison.total.current == after.allocations
        assert screen._tree(Width.LARGER).current_total[0] == after.allocations
        assert "absolute allocations" in text_of(pilot)
        await press(pilot, "M")
        assert screen._comparison.by_count, "of every view"
        await press(pilot, "m", "b")
        assert not screen._comparison.by_count
