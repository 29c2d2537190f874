from __future__ import annotations

import pytest
from scenes import MEMORY, demo_replay, live, saved
from textual import events

from perftui.analysis.scope import Between
from perftui.model.session import Event, EventKind
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.widgets.time_pane import TimePane
from tests.ui.stage import shown, text_of
from tests.ui.test_explorer import check_sums
from tests.ui.test_range import chosen


def pane_of(screen: DashboardScreen) -> TimePane:
    return screen.query_one(TimePane)


def lines_of(pane: TimePane) -> list[str]:
    """What the pane shows, line by line."""
    return ["".join(segment.text for segment in row) for row in pane._rows]


def line_of(pane: TimePane, label: str) -> str:
    return next(line for line in lines_of(pane) if line[1:].startswith(label))


async def test_the_axis_reads_every_lane_at_the_cursor_and_says_what_happened() -> None:
    screen = saved()
    async with shown(screen, size=(160, 50)) as pilot:
        await pilot.press("9")
        await pilot.pause()
        pane = pane_of(screen)
        assert pane.has_focus
        lines = lines_of(pane)
        assert lines[0].startswith(" 30.3 s")
        assert "● the workload ended with exit code 0 (30.3 s)" in lines[0]
        assert [line[1:13].rstrip() for line in lines if line[1:5].strip()][:6] == [
            "30.3 s",
            "running",
            "GIL est.",
            "idle est.",
            "CPU",
            "RSS",
        ]
        assert "32.9 %" in line_of(pane, "CPU")
        assert "s/s" in line_of(pane, "idle est.")
        cells = pane._chart_cells
        while "peak RSS: warn" not in lines_of(pane)[0]:
            await pilot.press("shift+left" if pane.axis.read_s > 12 else "left")
        assert pane.axis.read_s == pytest.approx(8.03, abs=2 * pane.axis.span_s / cells)
        assert "▲ peak RSS: warn (8.0 s)" in lines_of(pane)[0]
        assert "MiB" in line_of(pane, "RSS")
        assert "75.8 MiB" not in line_of(pane, "RSS")
        assert lines[-1].count("╵") >= 3
        await pilot.press("end")
        assert pane.axis.follows


async def test_a_range_is_chosen_on_the_axis_by_keys_and_it_is_that_of_the_strip() -> None:
    screen = saved()
    async with shown(screen, size=(120, 40)) as pilot:
        await pilot.press("9", *["left"] * 20, "left_square_bracket")
        await pilot.pause()
        pane = pane_of(screen)
        start_s, end_s = chosen(screen)
        assert end_s == screen._run_s
        assert pane.axis.cell_of(start_s, pane._chart_cells) == pane.axis.cell_of(pane.axis.read_s, pane._chart_cells)
        await pilot.press(*["right"] * 5, "right_square_bracket")
        await pilot.pause()
        cell_s = pane.axis.span_s / pane._chart_cells
        assert chosen(screen) == pytest.approx((start_s, start_s + 6 * cell_s))
        assert lines_of(pane)[-1].count("━") == 5, "six cells, one of them with the cursor"
        check_sums(screen)
        # The other end goes where it must.
        await pilot.press(*["left"] * 9, "right_square_bracket")
        await pilot.pause()
        assert chosen(screen)[0] == 0.0
        await pilot.press("plus", "plus", "enter")
        await pilot.pause()
        assert chosen(screen) == pytest.approx((pane.axis.start_s, pane.axis.end_s))
        assert pane.axis.span_s == pytest.approx(screen._run_s / 4)
        await pilot.press("home", "enter")
        await pilot.pause()
        assert screen._view.scope.is_everything
        assert pane.axis.whole
        await pilot.press("z", "left_square_bracket", "backspace")
        assert screen._view.scope.is_everything
        assert screen.maximized is not None
        await pilot.press("backspace")
        assert screen.maximized is None
        await pilot.press("left_square_bracket", "escape")
        assert screen._view.scope.is_everything
        await pilot.press("escape")
        assert screen._flames.has_focus


async def test_the_mouse_zooms_pans_brushes_reads_and_chooses_a_lane() -> None:
    screen = saved()
    async with shown(screen, size=(160, 50)) as pilot:
        await pilot.press("9")
        pane = pane_of(screen)
        left, cells = pane._label_cells, pane._chart_cells
        at = {"screen_x": 0, "screen_y": 0, "delta_x": 0, "delta_y": 1, "button": 0, "style": None}

        def wheel(kind: type[events.MouseEvent], x: int, *, shift: bool = False) -> None:
            pane.post_message(kind(pane, x=x, y=4, shift=shift, meta=False, ctrl=False, **at))  # type: ignore[arg-type]

        wheel(events.MouseScrollUp, left + cells // 2)
        await pilot.pause()
        assert pane.axis.span_s == pytest.approx(screen._run_s / 2)
        assert pane.axis.start_s == pytest.approx(screen._run_s / 4, abs=0.5)
        before = pane.axis.start_s
        wheel(events.MouseScrollUp, left + 3, shift=True)
        await pilot.pause()
        assert pane.axis.start_s == pytest.approx(before - pane.axis.span_s / 8)
        wheel(events.MouseScrollDown, left + 3)
        await pilot.pause()
        assert pane.axis.whole
        await pilot.mouse_down(TimePane, offset=(left + 10, 5))
        await pilot.hover(TimePane, offset=(left + 19, 6))
        await pilot.pause()
        await pilot.mouse_up(TimePane, offset=(left + 19, 6))
        assert chosen(screen) == pytest.approx((10 / cells * screen._run_s, 20 / cells * screen._run_s))
        check_sums(screen)
        lanes = pane._in_sight()
        y = 1 + sum(rows for _, rows in lanes[:4])
        await pilot.click(TimePane, offset=(left + 30, y))
        assert pane.lane.key == lanes[4][0].key
        assert pane.axis.cell_of(pane.axis.read_s, cells) == 30
        assert chosen(screen)[0] == pytest.approx(10 / cells * screen._run_s), "a click only reads"
        wheel(events.MouseScrollDown, 2)
        await pilot.pause()
        assert pane._in_sight()[0][0] == lanes[1][0]


async def test_w_looks_at_the_busiest_second_or_at_the_worst_one_of_the_chosen_lane() -> None:
    screen = saved(MEMORY)
    async with shown(screen, size=(120, 40)) as pilot:
        await pilot.press("w")
        await pilot.pause()
        first = screen._times.worst(1.0)
        assert first is not None
        assert chosen(screen) == first
        await pilot.press("w")
        assert chosen(screen) == screen._times.worst(1.0, beside=[first])
        await pilot.pause()
        assert "no. 2 of the busiest seconds" in text_of(pilot)
        await pilot.press("minus", "w")
        assert chosen(screen) == first, "what was changed meanwhile begins anew"
        await pilot.press("9", *["down"] * 30)
        pane = pane_of(screen)
        assert pane.lane.key == pane._sheet.lanes[-1].key
        assert lines_of(pane)[-3][0] == "▸" or "▸" in text_of(pilot)
        await pilot.press(*["up"] * 30, *["down"] * 5, "w")
        await pilot.pause()
        assert pane.lane.label == "heap"
        assert chosen(screen)[1] == pytest.approx(17.46, abs=0.01)
        await pilot.press("z")
        await pilot.pause()
        assert "◆ high watermark of the heap, 57.8 MiB" in lines_of(pane)[0]
        assert "peak 57.8 MiB" in "\n".join(lines_of(pane))


async def test_while_it_records_the_end_is_followed_until_another_moment_is_read() -> None:
    replay = demo_replay(6.0)
    screen = live(replay)
    async with shown(screen, size=(120, 40)) as pilot:
        await pilot.press("9")
        pane = pane_of(screen)
        assert "follows the end" in text_of(pilot)
        screen._model.events.append(Event(5.0, EventKind.MARK, "[red]\x1b[2Jbegin"))
        replay.advance(9.5)
        screen.tick()
        await pilot.pause()
        assert (pane.axis.read_s, pane.axis.end_s) == (10.0, 10.0)
        assert lines_of(pane)[0].startswith(" 9.5 s"), "what is read is not ahead of now"
        drawn = lines_of(pane)
        assert "–" not in line_of(pane, "running")
        await pilot.press(*["left"] * 8)
        read_s = pane.axis.read_s
        replay.advance(12.0)
        screen.tick()
        await pilot.pause()
        assert pane.axis.read_s == read_s
        assert pane.axis.end_s == 12.0
        assert lines_of(pane) != drawn
        while pane.axis.read_s > 5.1:
            await pilot.press("left")
        assert "[red]" in lines_of(pane)[0]
        assert "\x1b" not in "".join(lines_of(pane))
        await pilot.press("plus", "end")
        replay.advance(14.0)
        screen.tick()
        await pilot.pause()
        assert pane.axis.end_s == 14.0
        assert pane.axis.span_s == pytest.approx(6.0)
        for size in ((40, 12), (20, 8), (300, 90), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            if pane.is_on_screen and pane.size:
                assert {pane.render_line(y).cell_length for y in range(pane.size.height)} == {pane.size.width}


async def test_a_range_of_the_last_seconds_is_not_lost_by_reading_the_axis() -> None:
    screen = saved()
    async with shown(screen, size=(120, 40)) as pilot:
        await pilot.press("9", "L", "left", "plus", "down")
        assert not isinstance(screen._view.scope.time, Between)
        assert screen._view.scope.time is not None
