"""The source with what its lines cost."""

from __future__ import annotations

import pytest

from perftui.analysis.line_heat import LineWeight
from perftui.recording.source_text import SourceText
from perftui.ui.widgets.source_code import SourceCode
from perftui.ui.widgets.source_pane import SourceFacts, SourcePane, hottest_line
from perftui.units import Unit
from tests.ui.widgets.stage import Repaints, staged

LINES = tuple(f"line {number}" for number in range(1, 201))
CODE = SourceCode(SourceText("/srv/shop.py", LINES), python=False)
SHORT = SourceCode(
    SourceText("/srv/shop.py", ("def price(order):", "    for each in order:", "        yield each.cost"))
)


def weight(own: float, total: float) -> LineWeight:
    return LineWeight(own, total, int(own), int(total))


HEAT = {2: weight(1.0, 4.0), 3: weight(3.0, 3.0)}


def facts(**changes: object) -> SourceFacts:
    basic = SourceFacts("price", "price", "svc/shop.py", SHORT, heat=HEAT, function_lines={2, 3}, sentence="")
    return basic._replace(**changes)  # type: ignore[arg-type]


async def test_each_line_says_what_it_costs_itself_and_with_what_it_calls() -> None:
    async with staged(SourcePane(), size=(100, 5)) as (stage, pilot):
        stage.widget.show(facts())
        await pilot.pause()
        assert stage.text.split("\n") == [
            "            self              total  price  svc/shop.py",
            "     1                              def price(order):",
            "     2    1.00 s ━━╸────     4.00 s     for each in order:",
            "▶    3    3.00 s ━━━━━━━     3.00 s         yield each.cost",
        ]


@pytest.mark.parametrize(("width", "columns"), [(40, ["self"]), (70, ["self", "total"]), (160, ["self", "total"])])
async def test_figures_give_way_to_the_code(width: int, columns: list[str]) -> None:
    async with staged(SourcePane(), size=(width, 5)) as (stage, pilot):
        stage.widget.show(facts())
        await pilot.pause()
        heading, *lines = stage.text.split("\n")
        assert [word for word in heading.split() if word in ("self", "total")] == columns
        assert lines[2].endswith("yield each.cost") or width == 40
        assert all(len(line) <= width for line in lines)


async def test_bytes_are_bytes() -> None:
    async with staged(SourcePane(), size=(80, 5)) as (stage, pilot):
        stage.widget.show(facts(unit=Unit.BYTES, heat={3: weight(3 << 20, 3 << 20)}))
        await pilot.pause()
        assert "3.00 MiB" in stage.text


async def test_the_hottest_line_of_the_function_is_in_sight_and_stays_where_it_is() -> None:
    async with staged(SourcePane(), size=(80, 11)) as (stage, pilot):
        pane = stage.widget
        pane.show(facts(code=CODE, heat={120: weight(5, 5), 150: weight(9, 9)}, function_lines={118, 120}))
        await pilot.pause()
        assert pane.cursor == pane.hottest == 120
        assert "▶  120" in stage.text
        before = pane.first_line
        pane.show(facts(code=CODE, heat={120: weight(5, 5), 118: weight(6, 6)}, function_lines={118, 120}))
        await pilot.pause()
        assert pane.first_line == before, "what is read does not move away"
        assert "▶  118" in stage.text
        assert pane.cursor == 118


async def test_the_hottest_line_stays_in_the_middle_of_a_pane_that_changes_its_size_until_it_is_scrolled() -> None:
    async with staged(SourcePane(), size=(100, 12)) as (stage, pilot):
        pane = stage.widget
        pane.show(facts(code=CODE, heat={90: weight(3.0, 3.0)}, function_lines={90}))
        await pilot.pause()
        for rows in (8, 22, 12):
            await pilot.resize_terminal(100, rows)
            assert pane.first_line == 89 - pane.page_rows // 2
        pane.scroll_lines(2)
        await pilot.resize_terminal(100, 14)
        assert pane.first_line == 89 - 11 // 2 + 2


async def test_another_function_is_gone_to_and_a_moved_cursor_stays() -> None:
    async with staged(SourcePane(), size=(80, 11)) as (stage, pilot):
        pane = stage.widget
        pane.show(facts(code=CODE, heat={20: weight(5, 5)}, function_lines={20}))
        pane.focus()
        await pilot.press("down", "down")
        assert pane.cursor == 22
        pane.show(facts(code=CODE, heat={20: weight(6, 6), 21: weight(7, 7)}, function_lines={20, 21}))
        assert pane.cursor == 22
        await pilot.press("enter")
        assert pane.cursor == 21
        pane.show(facts(selection="other", code=CODE, heat={160: weight(5, 5)}, function_lines={160}))
        assert pane.cursor == 160
        assert pane.first_line <= 159 < pane.first_line + pane.page_rows


async def test_code_that_comes_later_is_gone_to_when_it_is_there() -> None:
    async with staged(SourcePane(), size=(80, 11)) as (stage, pilot):
        pane = stage.widget
        pane.show(facts(code=None, sentence="reading…"))
        await pilot.pause()
        assert "reading…" in stage.text
        assert pane.cursor == 0
        pane.show(facts(code=CODE, heat={120: weight(5, 5)}, function_lines={120}))
        await pilot.pause()
        assert "▶  120" in stage.text


async def test_pages_ends_and_the_mouse_move_the_cursor() -> None:
    async with staged(SourcePane(), size=(80, 11)) as (stage, pilot):
        pane = stage.widget
        pane.show(facts(code=CODE, heat={}, function_lines={50}))
        pane.focus()
        await pilot.press("pagedown")
        assert pane.cursor == 59
        await pilot.press("pageup", "pageup")
        assert pane.cursor == 41
        await pilot.press("end")
        assert pane.cursor == 200
        await pilot.press("home")
        assert pane.cursor == 1
        await pilot.click(SourcePane, offset=(20, 4))
        assert pane.cursor == 4
        await pilot.press("up", "up", "up", "up", "up")
        assert pane.cursor == 1


async def test_long_lines_are_cut_and_can_be_moved_sideways() -> None:
    long = SourceCode(SourceText("/srv/x.py", ("x = '" + "日本" * 400 + "'", "y")))
    async with staged(SourcePane(), size=(60, 4)) as (stage, pilot):
        pane = stage.widget
        pane.show(facts(code=long, heat={}, function_lines={1}))
        pane.focus()
        await pilot.pause()
        assert stage.text.split("\n")[1].endswith("…")
        assert "x = '日" in stage.text
        await pilot.press("right")
        assert "x = '" not in stage.text
        await pilot.press("left", "left")
        assert "x = '日" in stage.text


async def test_what_is_not_there_and_what_is_doubted_are_said() -> None:
    async with staged(SourcePane(), size=(80, 5)) as (stage, pilot):
        stage.widget.show(SourceFacts())
        await pilot.pause()
        assert "Select a function" in stage.text
        stage.widget.show(facts(badge="may have changed since"))
        await pilot.pause()
        assert stage.text.split("\n")[0].endswith("may have changed since")


async def test_names_and_lines_from_outside_are_only_text() -> None:
    hostile = SourceCode(SourceText("/srv/x.py", ("[bold red]x[/] \x1b[31m\u202e'", "\ud800")))
    async with staged(SourcePane(), size=(100, 5)) as (stage, pilot):
        stage.widget.show(facts(code=hostile, function="\x1b]0;x\x07[b]", place="\u202egnp.py", badge=""))
        await pilot.pause()
        assert "[bold red]x[/] ␛[31m�'" in stage.text
        assert "\x1b" not in stage.text


async def test_only_lines_whose_figures_changed_are_painted() -> None:
    async with staged(SourcePane(), size=(100, 5)) as (stage, pilot):
        stage.widget.show(facts())
        await pilot.pause()
        painted = Repaints(stage.widget)
        stage.widget.show(facts())
        assert painted.rows == []
        stage.widget.show(facts(heat={**HEAT, 3: weight(3.0, 9.0)}))
        assert painted.rows == [3]
        assert not painted.whole


def test_the_hottest_line_is_of_the_function_and_costs_something() -> None:
    heat = {1: weight(0, 9), 2: weight(2, 2), 3: weight(2, 5), 9: weight(50, 50), 0: weight(70, 70)}
    assert hottest_line(heat, {1, 2, 3, 0}) == 3
    assert hottest_line(heat, {1}) == 1
    assert hottest_line(heat, {7}) == 0
    assert hottest_line({}, ()) == 0


@pytest.mark.parametrize(("width", "words"), [(110, "as it ran, kept: the file is gone"), (62, "as it ran, kept")])
async def test_what_is_said_of_the_lines_gives_way_to_the_function(width: int, words: str) -> None:
    async with staged(SourcePane(), size=(width, 5)) as (stage, pilot):
        stage.widget.show(facts(badge="as it ran, kept: the file is gone", sure=True))
        await pilot.pause()
        heading = stage.text.split("\n")[0]
        assert heading.rstrip().endswith(words)
        assert "price" in heading
