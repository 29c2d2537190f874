"""The pane with the workload's output."""

from __future__ import annotations

from perftui.model.session import OutputChunk
from perftui.ui.widgets.output_log import OutputLog
from tests.ui.widgets.stage import staged


def lines(first: int, last: int) -> list[OutputChunk]:
    return [OutputChunk(0.0, b"line %d\n" % i) for i in range(first, last + 1)]


async def test_the_end_stays_in_sight_until_someone_scrolls_and_again_at_the_end() -> None:
    async with staged(OutputLog(max_lines=50), size=(30, 5)) as (stage, pilot):
        log = stage.widget
        log.write(lines(1, 20))
        await pilot.pause()
        assert stage.text.split("\n")[4].startswith("line 20")
        log.focus()
        await pilot.press("pageup")
        await pilot.pause()
        assert stage.text.split("\n")[0].startswith("line 12")
        assert not log.follows
        log.write(lines(21, 40))
        await pilot.pause()
        assert stage.text.split("\n")[0].startswith("line 12")
        await pilot.press("end")
        log.write(lines(41, 42))
        await pilot.pause()
        assert stage.text.split("\n")[4].startswith("line 42")
        assert log.note == "42 lines, following"


async def test_lines_that_fall_out_do_not_move_what_is_read() -> None:
    async with staged(OutputLog(max_lines=30), size=(40, 5)) as (stage, pilot):
        log = stage.widget
        log.write(lines(1, 40))
        log.focus()
        await pilot.press("pageup")
        await pilot.pause()
        before = stage.text.split("\n")[0].split("  ")[0]
        log.write(lines(41, 45))
        await pilot.pause()
        assert stage.text.split("\n")[0].split("  ")[0] == before
        await pilot.press("home")
        await pilot.pause()
        assert stage.text.startswith("(15 earlier lines are not kept)")


async def test_no_output_says_so() -> None:
    async with staged(OutputLog(empty="the workload has printed nothing yet"), size=(50, 4)) as (stage, _):
        assert stage.text == "the workload has printed nothing yet"


async def test_long_lines_move_sideways() -> None:
    async with staged(OutputLog(), size=(20, 3)) as (stage, pilot):
        stage.widget.write([OutputChunk(0.0, b"0123456789abcdefghijklmnopqrstuvwxyz\n")])
        stage.widget.focus()
        await pilot.press("right")
        await pilot.pause()
        assert stage.text.startswith("89abcdefgh")


def at(*moments: float) -> list[OutputChunk]:
    return [OutputChunk(at_s, b"said at %d\n" % at_s) for at_s in moments]


async def test_a_range_shows_what_was_printed_in_it_and_all_comes_back_where_it_was_left() -> None:
    async with staged(OutputLog(max_lines=50), size=(90, 5)) as (stage, pilot):
        log = stage.widget
        log.write(at(*range(40)))
        log.focus()
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        before = stage.text
        log.show_between((9.5, 12.0))
        await pilot.pause()
        assert [line.rstrip() for line in stage.text.split("\n")[:4]] == [
            "printed from 9.50 s to 12.0 s: 3 lines; 10 before and 27 after are hidden",
            "said at 10",
            "said at 11",
            "said at 12",
        ]
        log.show_between((12.2, 12.9))
        await pilot.pause()
        assert "0 lines; 13 before and 27 after are hidden" in stage.text
        assert "nothing was printed in this range" in stage.text
        log.write(at(*range(40, 60)))
        log.show_between((0.0, 20.0))
        await pilot.pause()
        assert "0 s to 20.0 s: 11 lines, 39 hidden; 10 earlier lines are not kept" in stage.text
        log.show_between(None)
        await pilot.pause()
        assert stage.text == before


async def test_a_range_that_slides_goes_on_with_the_output() -> None:
    async with staged(OutputLog(), size=(90, 4)) as (stage, pilot):
        log = stage.widget
        for second in range(12):
            log.write(at(second))
            log.show_between((max(0.0, second - 5.0), float(second)))
            await pilot.pause()
        assert stage.text.split("\n")[3].startswith("said at 11")
        assert "6 lines; 6 before and 0 after" in stage.text


async def test_a_line_that_grew_for_a_while_belongs_to_all_of_that_time() -> None:
    async with staged(OutputLog(), size=(90, 4)) as (stage, pilot):
        log = stage.widget
        log.write([OutputChunk(1.0, b"\rcopied 10 %"), OutputChunk(5.0, b"\rcopied 90 %"), OutputChunk(9.0, b"\nend")])
        log.show_between((3.0, 4.0))
        await pilot.pause()
        assert "copied 90 %" in stage.text
        assert "1 line; 0 before and 1 after" in stage.text
        log.show_between((8.0, 9.0))
        await pilot.pause()
        assert "2 lines" in stage.text
