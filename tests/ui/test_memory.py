"""Memory on the dashboard: lenses, their words, and the same gestures as for CPU."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from scenes import MEMORY, live, saved
from textual.pilot import Pilot

from perftui.analysis.call_tree import function_key
from perftui.model.heap import HeapView
from perftui.model.session import SessionKind
from perftui.recording.update import Phase
from perftui.sources.base import Progress, SourceState, SourceStatus
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.dialogs import AskYes
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.lens_strip import LensStrip
from perftui.ui.widgets.status_line import StatusLine
from tests.ui.heap_stage import (
    HandMade,
    both_live,
    capture,
    finished,
    held,
    live_recording,
    memory_comparison,
    memory_live,
    memory_saved,
    meta,
    reading_capture,
    snapshot,
    watermark,
)
from tests.ui.stage import shown, text_of


def name_of_selected(screen: DashboardScreen) -> str:
    function = screen._view.function
    return function[1] if function else ""


async def press(pilot: Pilot[int], *keys: str) -> str:
    for key in keys:
        await pilot.press(key)
    await pilot.pause()
    return text_of(pilot)


async def test_a_session_of_cpu_alone_has_no_strip_and_says_why_there_is_no_memory() -> None:
    for screen in (live(), saved()):
        async with shown(screen) as pilot:
            assert not screen.query_one(LensStrip).display
            assert "CPU/memory" not in text_of(pilot)
            assert "allocations were not traced" in await press(pilot, "m")
            assert screen._view.lens is None


async def test_a_session_of_memory_alone_opens_in_memory() -> None:
    screen = memory_live()
    async with shown(screen, (160, 40)) as pilot:
        text = text_of(pilot)
        assert "held now · 342 MiB in 72,872 allocations · exact" in text
        assert "1 Allocations" in text
        assert "samples" not in text
        assert "CPU was not sampled" in await press(pilot, "m")
        assert screen._view.lens is HeapView.HELD


async def test_a_saved_session_of_memory_opens_with_its_high_watermark() -> None:
    async with shown(memory_saved(), (160, 40)) as pilot:
        assert "high watermark at 9.80 s · 428 MiB in 91,088 allocations · exact" in text_of(pilot)


async def test_m_switches_to_memory_and_back() -> None:
    screen = both_live()
    async with shown(screen, (160, 40)) as pilot:
        assert "seen running on CPU" in text_of(pilot)
        text = await press(pilot, "m")
        assert screen._view.lens is HeapView.HELD
        assert "held now" in text
        assert "allocations  function" in text
        assert "seen running on CPU" in await press(pilot, "m")


async def test_shift_m_steps_through_the_views_that_there_are_and_m_comes_back_to_the_last() -> None:
    screen = memory_saved()
    async with shown(screen, (160, 40)) as pilot:
        seen = []
        for _ in range(5):
            seen.append(screen._view.lens)
            await press(pilot, "M")
        assert seen[0] is screen._view.lens is HeapView.HIGH_WATERMARK
        assert set(seen) == set(HeapView)
    both = both_live()
    async with shown(both, (160, 40)) as pilot:
        await press(pilot, "m", "M", "m")
        assert both._view.lens is None
        await press(pilot, "m")
        assert both._view.lens is HeapView.HIGH_WATERMARK


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (1, "leaked: not freed at exit · 31.0 MiB in 969 allocations"),
        (2, "temporary: freed before the next allocation · 410 MiB in 98,000 allocations"),
        (3, "allocated in all, freed or not · 2.34 GiB"),
        (4, "held at 23.8 s · 342 MiB"),
    ],
)
async def test_every_view_says_what_it_is(steps: int, words: str) -> None:
    async with shown(memory_saved(), (180, 40)) as pilot:
        assert words in await press(pilot, *["M"] * steps)


async def test_a_sampled_peak_is_called_sampled_until_the_capture_was_read() -> None:
    recording = live_recording()
    screen = DashboardScreen.live(recording)
    async with shown(screen, (180, 40)) as pilot:
        text = await press(pilot, "M")
        assert "· sampled" in text
        assert "peak 428 MiB sampled" in text
        assert "greatest of the pictures" in text
        recording.publish(*finished(), phase=Phase.DONE, captures=(capture(),))
        screen.tick()
        text = await press(pilot)
        assert "· exact" in text
        assert "sampled" not in text
        assert screen._view.lens is HeapView.HIGH_WATERMARK, "nothing moves by itself"


async def test_every_lens_keeps_its_own_selection_and_zoom() -> None:
    screen = both_live()
    async with shown(screen) as pilot:
        await press(pilot, "down", "down", "enter")
        cpu = screen._view
        assert cpu.zoom
        await press(pilot, "m")
        assert (screen._view.selected, screen._view.zoom) == ((), ())
        await press(pilot, "down", "down")
        memory = screen._view.selected
        assert name_of_selected(screen) == "load"
        await press(pilot, "m")
        assert (screen._view.selected, screen._view.zoom) == (cpu.selected, cpu.zoom)
        await press(pilot, "m")
        assert screen._view.selected == memory


async def test_selection_and_zoom_survive_what_is_freed_and_allocated() -> None:
    recording = live_recording()
    screen = DashboardScreen.live(recording)
    async with shown(screen) as pilot:
        await press(pilot, "down", "down", "enter", "down")
        before = screen._view
        for second in range(13, 18):
            recording.publish(held(0.2 * (second - 11), float(second)))
            screen.tick()
            await pilot.pause()
        assert screen._view == before
        assert name_of_selected(screen) == "array"


async def test_a_frozen_view_of_memory_stands_still() -> None:
    recording = live_recording()
    screen = DashboardScreen.live(recording)
    async with shown(screen, (160, 40)) as pilot:
        await press(pilot, "f")
        recording.publish(held(2.0, 14.0))
        screen.tick()
        text = await press(pilot)
        assert "342 MiB in" in text
        assert "FROZEN" in text
        assert "684 MiB in" in await press(pilot, "f")


async def test_threads_split_and_merge_in_memory() -> None:
    screen = memory_live()
    async with shown(screen, (160, 40)) as pilot:
        text = await press(pilot, "t", "3")
        assert "MainThread [4711/4711]" in text
        assert "allocations" in text
        assert "318 MiB" in text
        assert "seen running" not in text
        assert "MainThread [" not in await press(pilot, "t", "t", "t")


async def test_widths_are_bytes_or_allocations() -> None:
    screen = memory_live()
    async with shown(screen, (160, 40)) as pilot:
        flames = screen.query_one("#flames", FlameGraph)

        def widest() -> str:
            assert flames._boxes is not None
            tree = screen._named_tree
            return max((box.width, tree.path(box.node)[-1][1]) for box in flames._boxes.rows[2] if not box.folded)[1]

        assert widest() == "load"
        text = await press(pilot, "b")
        assert widest() == "parse"
        assert "width: allocations" in text
        await press(pilot, "b")
        assert widest() == "load"
    screen = both_live()
    async with shown(screen) as pilot:
        assert "CPU has one weight" in await press(pilot, "b")
        assert not screen._view.by_count


async def test_the_table_is_sorted_by_what_memory_has() -> None:
    screen = memory_live()
    async with shown(screen, (160, 40)) as pilot:
        table = screen.query_one(HotspotTable)
        firsts = []
        for _ in range(4):
            firsts.append((screen._view.heap_sort.value, table._hotspots[0].frame.function))
            await press(pilot, "s")
        assert firsts == [("self", "array"), ("total", "main"), ("count", "loads"), ("name", "(no Python frame)")]


async def test_a_click_on_a_heading_and_on_a_lens_does_what_the_key_does() -> None:
    screen = memory_saved()
    async with shown(screen, (160, 40)) as pilot:
        heading = next(line for line in text_of(pilot).split("\n") if "allocations  function" in line)
        await pilot.click(HotspotTable, offset=(heading.index("allocations") + 2, 0))
        await pilot.pause()
        assert screen._view.heap_sort.value == "count"
        await pilot.click(LensStrip, offset=(len(" held  high watermark ") + 2, 0))
        await pilot.pause()
        assert screen._view.lens is HeapView.LEAKED


async def test_search_finds_code_and_never_the_rest_that_was_pruned() -> None:
    screen = memory_live()
    async with shown(screen, (160, 40)) as pilot:
        assert "no match" in await press(pilot, "slash", *"smaller stacks")
        await press(pilot, "escape")
        text = await press(pilot, "slash", *"parse", "enter")
        assert name_of_selected(screen) == "parse"
        assert "14.6 % of the bytes" in text
        await press(pilot, "M")
        assert screen._search is not None
        assert screen._search._tree is screen._named_tree, "it looks at the tree that is shown"


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_perturbed_cpu_is_said_wherever_it_is_shown(size: tuple[int, int]) -> None:
    async with shown(both_live(), size) as pilot:
        text = text_of(pilot)
        assert "CPU PERTURBED" in text
        assert "CPU seconds hold what" in text
        text = await press(pilot, "m")
        assert "memray slows" in text
        assert "arenas" in text


async def test_two_runs_perturb_nothing_and_every_object_is_no_arena() -> None:
    recording = live_recording("both", two_pass=True)
    recording.publish(captures=(capture(complete=False, pymalloc=True),))
    async with shown(DashboardScreen.live(recording), (160, 40)) as pilot:
        text = text_of(pilot)
        assert "PERTURBED" not in text
        assert "second of two runs: memory is traced now" in text
        text = await press(pilot, "m")
        assert "every small object is traced" in text
        assert "arenas" not in text


async def test_what_is_wrong_with_a_capture_is_said_first() -> None:
    recording = live_recording()
    broken = replace(capture(complete=False), trouble="The capture was not read to its end.\x1b[2J")
    recording.publish(captures=(broken, replace(broken, pid=5)), phase=Phase.DONE)
    async with shown(DashboardScreen.live(recording), (160, 40)) as pilot:
        note = text_of(pilot).split("\n")[3]
        assert note.startswith(" ▲ The capture was not read to its end.")
        assert note.count("not read") == 1
        assert "\x1b" not in note


async def test_of_a_running_process_only_what_came_since_is_seen_and_that_is_said() -> None:
    recording = HandMade(replace(meta(), kind=SessionKind.ATTACHED))
    recording.publish(held(), snapshot(HeapView.LEAKED, "main 1MiB 1"), phase=Phase.DONE)
    async with shown(DashboardScreen.live(recording), (160, 40)) as pilot:
        assert "only what was allocated since memray was attached" in text_of(pilot)
        assert "leaked: not freed while it was traced" in await press(pilot, "M")


async def test_a_pane_that_fills_the_screen_still_says_what_is_looked_at() -> None:
    async with shown(memory_live(), (100, 24)) as pilot:
        text = await press(pilot, "z")
        assert "RUNNING" not in text
        assert "held now · 342 MiB" in text
        assert "sampled" in await press(pilot, "M")


async def test_what_the_live_reader_costs_is_shown() -> None:
    async with shown(memory_live(), (80, 24)) as pilot:
        assert "reader 46.0 MiB, 31.0 ms/look" in text_of(pilot)
        assert "SLOWED" in text_of(pilot)


async def test_before_the_first_picture_and_without_any_it_says_why() -> None:
    recording = HandMade(meta())
    screen = DashboardScreen.live(recording)
    async with shown(screen) as pilot:
        assert "waiting for the first picture of the heap" in text_of(pilot)
        status = SourceStatus("heap", SourceState.FAILED, "memray is not installed there.", "pip install memray")
        recording.publish()
        update = recording.feed.take()
        assert update is not None
        recording.feed.publish(replace(update, statuses={"heap": status}, phase=Phase.DONE))
        screen.tick()
        assert "memray is not installed there. pip install memray" in await press(pilot)


async def test_no_leak_is_good_news() -> None:
    recording = live_recording()
    recording.publish(snapshot(HeapView.LEAKED, ""), phase=Phase.DONE)
    async with shown(DashboardScreen.live(recording), (120, 40)) as pilot:
        assert "Nothing leaked" in await press(pilot, "M", "M")


async def test_reading_the_capture_has_a_bar_and_leaves_the_screen_usable() -> None:
    screen = reading_capture()
    async with shown(screen) as pilot:
        text = text_of(pilot)
        assert "reading the capture" in text
        assert "43 %" in text
        await press(pilot, "down", "down")
        assert name_of_selected(screen) == "load"
        recording = screen._recorder
        assert isinstance(recording, HandMade)
        recording.publish(*finished(), phase=Phase.DONE, captures=(capture(),), progress=None)
        screen.tick()
        text = await press(pilot)
        assert "reading the capture" not in text
        assert "the capture was read" in text


async def test_an_import_goes_to_its_high_watermark_unless_somebody_looked_elsewhere() -> None:
    for keys, lens in (([], HeapView.HIGH_WATERMARK), (["down"], HeapView.HELD)):
        recording = HandMade(replace(meta(), kind=SessionKind.IMPORTED))
        recording.publish(held(), watermark(exact=False), progress=Progress("capture", "reading the capture", 0.1))
        screen = DashboardScreen.live(recording)
        async with shown(screen) as pilot:
            assert "READING" in text_of(pilot)
            await press(pilot, *keys)
            recording.publish(watermark(), progress=Progress("capture", "reading the capture", 0.5))
            screen.tick()
            text = await press(pilot)
            assert screen._view.lens is lens
            assert "was read" not in text, "there is more to come"


async def test_quitting_while_the_capture_is_read_asks_whether_to_skip_that() -> None:
    screen = reading_capture()
    recording = screen._recorder
    assert isinstance(recording, HandMade)
    async with shown(screen) as pilot:
        text = await press(pilot, "q")
        assert isinstance(pilot.app.screen, AskYes)
        assert "still being read" in text
        await press(pilot, "escape")
        assert recording.stopped == []
        await press(pilot, "q", "y")
        assert recording.stopped == [True], "at once"


async def test_progress_without_a_share_has_words_only() -> None:
    recording = live_recording()
    recording.publish(progress=Progress("capture", "keeping the capture"))
    async with shown(DashboardScreen.live(recording)) as pilot:
        assert "keeping the capture…" in text_of(pilot)


async def test_heap_and_rss_stand_on_one_axis_above_cpu() -> None:
    async with shown(memory_saved(), (160, 50)) as pilot:
        lines = text_of(pilot).split("\n")
        rows = {name: next(y for y, line in enumerate(lines) if name in line) for name in ("▆ heap", "━ RSS", "CPU 2")}
        assert rows["▆ heap"] + 1 == rows["━ RSS"] < rows["CPU 2"]
        assert "peak 428 MiB" in lines[rows["▆ heap"]], "as everywhere, though the timeline has no such point"


async def test_two_sessions_are_compared_by_memory() -> None:
    screen = memory_comparison()
    async with shown(screen, (160, 50)) as pilot:
        assert "absolute seconds a run" in text_of(pilot)
        assert "CPU seconds of the baseline and the current session hold" in text_of(pilot)
        text = await press(pilot, "m")
        assert "CPU seconds" not in text
        assert "arenas" in text
        assert "high watermark against high watermark · exact" in text
        assert "absolute bytes" in text
        assert "+60.0 MiB" in text
        text = await press(pilot, "M", "right_square_bracket")
        assert "leaked against leaked" in text
        assert screen._view.function is not None
        assert screen._view.function[1] == "log"
        assert "allocations" in text
        assert "absolute seconds a run" in await press(pilot, "m")


@pytest.mark.soak
async def test_every_key_may_be_pressed_at_any_time_in_memory() -> None:
    chance = random.Random(5)
    keys = ["down", "up", "left", "right", "enter", "escape", "home", "n", "N", "f", "s", "t", "o", "m", "M", "b"]
    keys += ["1", "2", "3", "4", "5", "z", "tab", "number_sign", "backspace", "end", "m", "M", "b"]
    recording = live_recording("both")
    for screen in (DashboardScreen.live(recording), memory_saved()):
        async with shown(screen) as pilot:
            for i in range(60):
                await pilot.press(chance.choice(keys))
                if i % 10 == 0:
                    recording.publish(held(0.1 * (i % 12), 13.0 + i / 10))
                    screen.tick()
                    await pilot.resize_terminal(chance.randint(1, 200), chance.randint(1, 60))
            assert pilot.app.failure is None  # type: ignore[attr-defined]


async def test_w_looks_at_the_second_of_most_memory_and_the_last_seconds_end_now_though_samples_come_later() -> None:
    screen = both_live()
    async with shown(screen) as pilot:
        await press(pilot, "m", "w")
        assert "no. 1 of the seconds of most: heap" in text_of(pilot)
        assert screen._range is not None
        assert screen._range[0] <= 7.9 <= screen._range[1]
        assert screen._range != screen._times.worst(1.0)
        await press(pilot, "L")
        screen._model.elapsed_s = screen._times.end_s + 30.0
        assert screen._range == (screen._model.elapsed_s - 10.0, screen._model.elapsed_s)
        await press(pilot, "m")
        assert screen._range == (max(0.0, screen._times.end_s - 10.0), screen._times.end_s)


async def test_a_function_among_small_stacks_is_selected_in_the_table_and_said_not_to_be_in_the_flames() -> None:
    screen = saved(MEMORY)
    async with shown(screen, (120, 40)) as pilot:
        while screen._view.lens is not HeapView.TEMPORARY:
            await press(pilot, "M")
        tree = screen._named_tree
        row = next(row for row in screen._listed().listing.rows if row.function_id not in set(tree.function))
        table = screen.query_one(HotspotTable)
        table.post_message(HotspotTable.Selected(table, function_key(row.frame)))
        await pilot.pause()
        assert screen._view.function == function_key(row.frame) == table._function
        said = screen.query_one(StatusLine)._lasting
        assert row.frame.function in said
        assert "not in the flames" in said
