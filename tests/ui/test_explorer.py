from __future__ import annotations

import random

import pytest
from scenes import demo_replay, live, saved
from textual import events

from perftui.analysis.call_tree import ROOT
from perftui.analysis.code_origin import Origin, origin
from perftui.analysis.reshaped_tree import Rules
from perftui.analysis.scope import (
    EVERYTHING,
    Collapsed,
    Hidden,
    Last,
    MergedRecursion,
    OnlyProcess,
    OnlyThread,
    OwnOnly,
    Scope,
    ShapePart,
    TimePart,
    WithoutProcess,
    WithoutThread,
    module_name,
)
from perftui.analysis.split import Split, branch_of
from perftui.model.frame import Frame
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.scoped_view import ScopedView
from perftui.ui.view_state import Path
from perftui.ui.widgets.chip_strip import ChipStrip
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.sandwich import Sandwich
from perftui.ui.widgets.status_line import StatusLine
from perftui.ui.widgets.thread_sentence import thread_sentence
from perftui.ui.widgets.thread_table import ThreadTable
from perftui.units import format_seconds
from tests.ui.heap_stage import held, live_recording, memory_live, memory_saved, watermark
from tests.ui.stage import shown, text_of


def weights(screen: DashboardScreen) -> dict[Path, float]:
    """Self weights of what is shown, by path."""
    tree = screen._named_tree
    return {tree.path(node): weight for node, weight in enumerate(tree.self_weight) if weight}


def check_sums(screen: DashboardScreen) -> None:
    """Whatever is looked at, self weights add up to it, and the whole is still the whole."""
    scoped = screen._shown.scoped
    upright = screen._shown.upright_tree
    assert sum(upright.self_weight) == pytest.approx(scoped.profile.weight)
    assert upright.total_weight[ROOT] == pytest.approx(scoped.profile.weight)
    assert screen._named_tree.total_weight[ROOT] == pytest.approx(scoped.profile.weight)
    assert sum(share.weight for share in scoped.thread_shares()) == pytest.approx(scoped.profile.weight)
    assert scoped.profile.weight <= scoped.aggregate.tree.weight * (1 + 1e-9)
    unseen = [share for share in scoped.thread_shares() if (share.thread.pid, share.thread.tid) in scoped.left_out()]
    assert not any(share.weight for share in unseen)


async def test_my_code_only_leaves_my_code_and_all_of_the_time() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        before = weights(screen)
        await pilot.press("y")
        assert "my code only ✕" in text_of(pilot)
        assert "100 % of 31.4 s" in text_of(pilot)
        tree = screen._named_tree
        assert all(origin(tree.functions[i].file) is Origin.OWN for i in set(tree.function[1:]))
        assert tree.weight == pytest.approx(sum(before.values()))
        rows = screen._ranked()
        assert sum(row.self_weight for row in rows) == pytest.approx(tree.weight, abs=0.02), "the table follows"
        await pilot.press("y")
        assert weights(screen) == before
        assert not screen.query_one(ChipStrip).display


async def test_a_hidden_function_gives_its_weight_to_its_caller_which_is_selected_then() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        screen._select_function(_key(screen, 3))
        await pilot.pause()
        path = screen._view.selected
        own = screen._named_tree.total_weight[screen._named_tree.nearest(path)]
        await pilot.press("H")
        tree = screen._named_tree
        assert path[-1] not in tree.function_ids
        assert screen._view.selected == path[:-1]
        assert tree.total_weight[tree.nearest(path[:-1])] >= own
        check_sums(screen)


async def test_focus_keeps_the_stacks_that_hold_a_function_and_says_of_what_shares_are() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        function = _key(screen, 1)
        total = screen._ranked()[1].total_weight
        screen._select_function(function)
        await pilot.press("F")
        scoped = screen._shown.scoped.profile
        assert scoped.weight == pytest.approx(total)
        text = text_of(pilot)
        assert f"with {function[1]}" in text
        assert f"{100 * scoped.share:.1f} % of 31.4 s · shares are of these" in text
        assert screen._view.function == function
        [row] = [row for row in screen._ranked() if row.frame.function == function[1]]
        assert row.total_share == pytest.approx(1)
        check_sums(screen)
        await pilot.press("F")
        assert screen._view.scope == EVERYTHING


async def test_chips_go_by_click_one_by_one_by_u_and_all_by_capital_u() -> None:
    screen = saved()
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("down", "down", "H", "down", "F", "y")
        parts = screen._view.scope.parts
        assert len(parts) == 3
        await pilot.click(ChipStrip, offset=(4, 0))
        await pilot.pause()
        assert screen._view.scope.parts == parts[1:]
        await pilot.press("u")
        assert list(screen._view.scope.parts) == [parts[1]]
        await pilot.press("y", "U")
        assert screen._view.scope == EVERYTHING
        await pilot.press("u", "U")
        assert "everything is looked at already" in text_of(pilot)


async def test_a_thread_is_left_out_by_key_and_by_mouse_and_taken_in_again() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("3", "down", "X")
        table = screen.query_one(ThreadTable)
        [part] = screen._view.scope.parts
        assert isinstance(part, WithoutThread)
        assert "left out" in text_of(pilot)
        check_sums(screen)
        await pilot.press("X")
        assert screen._view.scope == EVERYTHING
        await pilot.click(ThreadTable, offset=(0, 1))
        await pilot.pause()
        assert len(screen._view.scope.parts) == 1
        assert table.chosen is not None
        await pilot.click(ThreadTable, offset=(20, 2))
        await pilot.pause()
        assert len(screen._view.scope.parts) == 1, "a click beside the mark only moves the cursor"


async def test_focus_is_on_the_thread_below_the_cursor_while_its_pane_has_the_keys() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("down", "3", "down", "F")
        only = screen.query_one(ThreadTable).chosen
        assert only is not None
        assert screen._view.scope.parts == (only.only,)
        check_sums(screen)
        await pilot.press("F")
        assert screen._view.scope.is_everything


async def test_while_it_records_the_status_line_counts_the_samples_of_the_thread_below_the_cursor() -> None:
    replay = demo_replay(6.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        await pilot.press("3", "down")
        table = screen.query_one(ThreadTable)
        for to_s in (8.0, 10.0):
            replay.advance(to_s)
            screen.tick()
            await pilot.pause()
            assert table.current is not None
            assert screen.query_one(StatusLine)._lasting == thread_sentence(table.current, {}, of_memory=False)


async def test_in_flames_by_thread_the_thread_of_a_frame_is_left_out_or_kept_alone() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("X")
        assert "select a thread" in text_of(pilot)
        await pilot.press("t", "down", "down", "down")
        name = screen._view.selected[0][1]
        await pilot.press("X")
        assert isinstance(screen._view.scope.parts[0], WithoutThread)
        assert f"▏{name}" not in text_of(pilot)
        check_sums(screen)
        await pilot.press("U", "home", "down", "H")
        assert screen._view.scope == EVERYTHING
        assert "X leaves it out" in text_of(pilot)
        await pilot.press("F")
        assert isinstance(screen._view.scope.parts[0], OnlyThread)
        check_sums(screen)
        await pilot.press("X")
        assert screen._view.scope == EVERYTHING.added(WithoutThread(*_ids(screen._view.scope.parts[0])))


async def test_what_is_left_when_every_thread_is_left_out_is_said() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("3")
        for share in screen._model.aggregate.thread_shares():
            screen.on_thread_table_toggled(
                ThreadTable.Toggled(screen.query_one(ThreadTable), branch_of(share.thread, Split.THREAD))
            )
        await pilot.pause()
        text = text_of(pilot)
        assert "Nothing is left in this scope. u takes its last chip away" in text
        assert "0.0 % of 31.4 s" in text
        await pilot.press("1")
        assert "nothing is left in this scope" in text_of(pilot)
        await pilot.press("U", "i", "c", "down", "enter", "left", "F", "H", "y")
        check_sums(screen)


async def test_upside_down_a_function_has_its_callers_below_it_and_stays_selected() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        hottest = _key(screen, 0)
        own = screen._ranked()[0].self_weight
        screen._select_function(hottest)
        upright = screen._view.selected
        await pilot.press("i")
        tree = screen._named_tree
        assert screen._view.selected == (hottest,)
        assert tree.total_weight[tree.nearest((hottest,))] == pytest.approx(own)
        assert "inverted ✕" in text_of(pilot)
        assert f"self {format_seconds(own)} (" in text_of(pilot), "not what begins with it"
        screen.query_one("#flames").focus()
        await pilot.press("down")
        assert f"through it {format_seconds(own)} (" in text_of(pilot)
        assert list(screen._view.selected) == [hottest, upright[-2]]
        await pilot.press("i")
        assert screen._view.function == upright[-2]
        assert not screen.query_one(ChipStrip).display


async def test_upside_down_a_function_without_self_weight_keeps_tables_and_says_so() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("down", "c", "i")
        function = screen._view.function
        assert function is not None
        assert "it stands only among callers" in text_of(pilot)
        await pilot.press("right", "enter")
        assert screen._view.function != function
        await pilot.press("y", "U")
        assert screen._view.function is not None
        check_sums(screen)


async def test_a_search_covers_the_same_upside_down_and_finds_callers() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("slash", *"roll_up", "enter")
        assert screen._search is not None
        upright = screen._search.coverage
        await pilot.press("i")
        assert screen._search.coverage == upright
        await pilot.press("n", "n")
        assert screen._view.function is not None
        assert "roll_up" in screen._view.function[1]
        await pilot.press("F", "slash", *"roll_up")
        assert "of the scope" in text_of(pilot)


async def test_callers_and_callees_are_walked_along_and_back_and_forward_again() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        hottest = _key(screen, 1)
        screen._select_function(hottest)
        await pilot.press("c")
        assert screen.query_one(Sandwich).has_focus
        assert f"{hottest[1]} (" in text_of(pilot)
        await pilot.press("enter")
        caller = screen._view.selected
        assert caller[-1] != hottest
        await pilot.press("less_than_sign")
        assert screen._view.function == hottest
        await pilot.press("greater_than_sign")
        assert screen._view.selected == caller
        await pilot.press("greater_than_sign")
        assert "nothing was selected after" in text_of(pilot)
        await pilot.press("less_than_sign", "less_than_sign")
        assert "nothing was selected before" in text_of(pilot)


async def test_the_trail_leads_back_into_another_arrangement() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("down", "down")
        there = screen._view.selected
        await pilot.press("t", "down", "down", "i", "down")
        assert (screen._view.split, screen._view.inverted) == (Split.THREAD, True)
        for _ in range(3):
            await pilot.press("less_than_sign")
        assert screen._view.selected == there
        assert (screen._view.split, screen._view.inverted) == (Split.NONE, False)
        check_sums(screen)


async def test_a_live_scope_folds_in_only_what_is_new_and_ends_where_the_saved_one_does() -> None:
    replay = demo_replay(3.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        await pilot.press("down", "down", "H", "y", "t", "i", "3")
        scope = screen._view.scope
        assert [type(part) for part in scope.parts] == [Hidden, OwnOnly]
        rebuilt = screen._shown.scoped.profile.rebuilds
        for at_s in (4.0, 6.0, 9.0):
            replay.advance(at_s)
            screen.tick()
            await pilot.pause()
            check_sums(screen)
        replay.finish()
        screen.tick()
        await pilot.pause()
        assert screen._shown.scoped.profile.rebuilds == rebuilt
        afresh = ScopedView(screen._model.aggregate, scope, cwd=screen._view.cwd)
        expected = afresh.tree(split=Split.THREAD, inverted=True)
        roots = {expected.path(node): expected.total_weight[node] for node in expected.children(ROOT)}
        tree = screen._named_tree
        assert {tree.path(node): tree.total_weight[node] for node in tree.children(ROOT)} == pytest.approx(roots)
        assert [share.count for share in screen._shown.scoped.thread_shares()] == [
            share.count for share in afresh.thread_shares()
        ]


async def test_a_frozen_view_may_be_looked_at_through_any_scope() -> None:
    replay = demo_replay(4.0)
    screen = live(replay)
    async with shown(screen) as pilot:
        await pilot.press("f", "y")
        replay.advance(8.0)
        screen.tick()
        await pilot.press("i", "t")
        frozen = screen._shown.scoped.profile.weight
        check_sums(screen)
        await pilot.press("f")
        assert screen._shown.scoped.profile.weight > frozen
        check_sums(screen)


async def test_every_view_of_the_heap_has_a_scope_of_its_own() -> None:
    screen = memory_saved()
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("y")
        text = text_of(pilot)
        assert "my code only ✕" in text
        assert "the table counts drawn stacks" in text
        whole = screen._model.heap[screen._view.lens].tree.weight  # type: ignore[index]
        assert sum(row.self_weight for row in screen._ranked()) + screen._named_tree.self_weight[ROOT] == whole
        await pilot.press("b", "s", "s", "s")
        assert "allocations" in text_of(pilot).split("my code only")[1].split("\n")[0]
        check_sums(screen)
        await pilot.press("M")
        assert screen._view.scope == EVERYTHING
        assert "my code only" not in text_of(pilot)
        await pilot.press("i", "down", "c")
        assert "self 30.0 MiB in 960 allocations" in text_of(pilot)
        await pilot.press("F")
        check_sums(screen)


async def test_a_live_heap_is_followed_through_a_scope_as_it_grows_and_shrinks() -> None:
    recording = live_recording()
    screen = DashboardScreen.live(recording)
    async with shown(screen) as pilot:
        await pilot.press("y", "down", "3", "down", "X", "M", "y", "M")
        for factor in (1.4, 0.3, 0.9):
            recording.publish(held(factor), watermark(exact=False))
            screen.tick()
            await pilot.pause()
            check_sums(screen)
            afresh = ScopedView(screen._shown.scoped.aggregate, screen._view.scope, cwd=screen._view.cwd)
            assert weights(screen) == {
                afresh.tree().path(node): weight for node, weight in enumerate(afresh.tree().self_weight) if weight
            }


async def test_a_pane_that_fills_the_screen_still_says_what_part_is_looked_at() -> None:
    async with shown(saved()) as pilot:
        await pilot.press("y", "c", "z")
        await pilot.pause()
        assert "my code only ✕" in text_of(pilot)


@pytest.mark.soak
@pytest.mark.parametrize("memory", [False, True], ids=["cpu", "memory"])
async def test_whatever_is_pressed_and_clicked_the_sums_are_right(memory: bool) -> None:
    chance = random.Random(23)
    keys = "y H F X i c u t o s n 1 3 6 f less_than_sign greater_than_sign down up left right enter home tab M m b z"
    replay = demo_replay(2.0)
    screen = memory_live() if memory else live(replay)
    async with shown(screen) as pilot:
        await pilot.press("slash", *"e", "enter")
        for i in range(130):
            if i % 9 == 8:
                await pilot.click(offset=(chance.randrange(120), chance.randrange(36)))
            await pilot.press(chance.choice(keys.split()))
            if i % 10 == 0:
                replay.advance(2.0 + i / 25)
                screen.tick()
            if pilot.app.screen is screen:
                check_sums(screen)
        assert pilot.app.failure is None  # type: ignore[attr-defined]


def _key(screen: DashboardScreen, row: int) -> tuple[str, str]:
    frame = screen._ranked()[row].frame
    assert screen.query_one(HotspotTable).line_count() > row
    return frame.file, frame.function


def _ids(part: object) -> tuple[int, int]:
    assert isinstance(part, WithoutThread | OnlyThread)
    return part.pid, part.tid


async def test_a_module_becomes_one_frame_that_is_selected_and_its_functions_come_back() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("x")
        assert "select a function first" in text_of(pilot)
        before = weights(screen)
        row = next(row for row in screen._ranked() if row.frame.file.endswith("/multiprocessing/process.py"))
        screen._select_function((row.frame.file, row.frame.function))
        selected = screen._view.selected
        await pilot.press("x")
        assert "multiprocessing as one ✕" in text_of(pilot)
        assert screen._view.function == ("<stdlib>/multiprocessing", "[multiprocessing]")
        assert screen._named_tree.path(screen._flames.selected) == screen._view.selected
        check_sums(screen)
        await pilot.press("x")
        assert weights(screen) == before
        assert screen._view.selected == selected, "and the selection with them"
        await pilot.press("t", "home", "down", "x")
        assert "that is no function" in text_of(pilot)


async def test_recursion_and_each_origin_are_one_toggle() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        await pilot.press("j")
        assert "recursion as one ✕" in text_of(pilot)
        check_sums(screen)
        await pilot.press("j")
        for whose, words in (("stdlib", "standard library"), ("package", "site-packages"), ("native", "native code")):
            screen.action_without_origin(whose)
            await pilot.pause()
            assert f"without {words} ✕" in text_of(pilot)
            check_sums(screen)
        assert {origin(frame.file) for frame in screen._named_tree.functions} == {Origin.OWN}


async def test_t_steps_through_the_splits_each_of_which_keeps_its_place_and_says_its_name() -> None:
    screen = saved()
    async with shown(screen, (160, 50)) as pilot:
        await pilot.press("down", "down")
        merged, whole = screen._view.selected, screen._named_tree.weight
        for split in (Split.THREAD, Split.NAME, Split.PROCESS):
            await pilot.press("t")
            assert screen._view.split is split
            assert f"{split.value} ✕" in text_of(pilot)
            assert screen._named_tree.weight == pytest.approx(whole)
            assert screen._view.selected[1:] == merged, "the selected frame stays selected below its heaviest branch"
            check_sums(screen)
            await pilot.press("enter", "i")
            check_sums(screen)
            await pilot.press("i")
        await pilot.press("home", "down", "F")
        assert isinstance(screen._view.scope.parts[0], OnlyProcess)
        check_sums(screen)
        await pilot.press("X")
        assert isinstance(screen._view.scope.parts[0], WithoutProcess)
        check_sums(screen)
        await pilot.press("U", "down", "down", "down")
        merged = screen._view.selected[1:]
        await pilot.press("t")
        assert screen._view.split is Split.NONE
        assert screen._view.selected == merged
        await pilot.press("t")
        await pilot.click(ChipStrip, offset=(4, 0))
        await pilot.pause()
        assert screen._view.split is Split.NONE


async def test_what_threads_did_while_they_held_the_gil_is_called_an_estimate() -> None:
    screen = saved()
    async with shown(screen, (160, 40)) as pilot:
        screen.action_without_idle()
        await pilot.pause()
        assert screen._view.scope == EVERYTHING
        assert "idle threads gave no samples" in text_of(pilot)
        screen.action_gil_holders()
        await pilot.press("down")
        text = text_of(pilot)
        assert "GIL holders, est. ✕" in text
        assert "est. " in text.splitlines()[-3] + text.splitlines()[-2], "the status line too"
        profile = screen._shown.scoped.profile
        assert 0.2 < profile.share < 1.0
        check_sums(screen)
        await pilot.press("y", "3")
        check_sums(screen)


async def test_allocations_have_no_state() -> None:
    screen = memory_saved()
    async with shown(screen) as pilot:
        screen.action_gil_holders()
        await pilot.pause()
        assert screen._view.scope == EVERYTHING
        assert "an allocation has no state" in text_of(pilot)


async def test_keys_that_were_typed_ahead_are_about_what_was_selected_by_those_before_them() -> None:
    screen = saved()
    async with shown(screen) as pilot:
        for key in ("down", "down", "down", "x"):
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        [part] = screen._view.scope.parts
        assert isinstance(part, Collapsed)
        assert screen._view.function == (part.module, module_name(part.module))
        check_sums(screen)


async def test_a_selection_that_a_scope_takes_out_goes_to_its_nearest_caller_and_comes_back() -> None:
    screen = saved()
    async with shown(screen):
        for inverted in (False, True):
            if inverted:
                screen.action_invert()
            tree = screen._named_tree
            rules = Rules((OwnOnly(),))
            own = {key for key in tree.function_ids if not rules.takes_out(Frame(key[1], key[0]))}
            for node in range(1, len(tree), 7):
                path = tree.path(node)
                if not tree.total_weight[node] or path[-1] in own:
                    continue
                screen._look(selected=path, zoom=())
                screen.action_own_only()
                after = screen._view.selected
                assert not after or after[-1] in own
                assert after or not own.intersection(path)
                screen.action_own_only()
                assert screen._view.selected == path


@pytest.mark.parametrize("keys", [(), ("t",), ("t", "t"), ("i",), ("i", "t")])
@pytest.mark.parametrize(
    "parts", [(OwnOnly(),), (MergedRecursion(),), (Last(1.0), OwnOnly()), (Last(1.0), Hidden("shop.py", "nobody"))]
)
async def test_a_search_follows_what_a_scope_sees_for_the_first_time(
    parts: tuple[ShapePart | TimePart, ...], keys: tuple[str, ...]
) -> None:
    replay = demo_replay(0.3)
    screen = DashboardScreen.live(replay)
    async with shown(screen, (160, 50)) as pilot:
        screen._look_at(Scope(parts))
        await pilot.press(*keys)
        screen._find("e")
        known = len(screen._named_tree.functions)
        for to_s in range(2, 20, 3):
            replay.advance(float(to_s))
            screen.tick()
            assert screen._search is not None
            assert len(screen._search.function_matches) == len(screen._named_tree.functions)
        assert len(screen._named_tree.functions) > known, "there was something new to find"
