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
