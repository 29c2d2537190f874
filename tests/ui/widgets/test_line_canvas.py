"""What every drawn widget stands on."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region

from perftui.ui.widgets.line_canvas import LineCanvas, Row, cut
from tests.ui.widgets.stage import Repaints, staged


class Words(LineCanvas):
    """A line for each word."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ["one", "two", "three"]
        self.drawn = 0

    def draw_row(self, y: int, width: int) -> Row:
        """Return a word."""
        self.drawn += 1
        return [Segment(self.words[y], self.pen())] if y < len(self.words) else []


async def test_only_rows_that_come_out_different_are_painted() -> None:
    async with staged(Words(), size=(10, 5)) as (stage, pilot):
        repaints = Repaints(stage.widget)
        stage.widget.words[1] = "TWO"
        stage.widget.redraw()
        assert (repaints.rows, repaints.whole) == ([1], 0)
        await pilot.pause()
        assert stage.text == "one\nTWO\nthree"


async def test_rows_may_be_drawn_alone() -> None:
    async with staged(Words(), size=(10, 5)) as (stage, _):
        stage.widget.drawn = 0
        stage.widget.redraw(1, 7, -2)
        assert stage.widget.drawn == 1


async def test_what_is_too_long_is_cut_and_what_is_short_is_padded() -> None:
    async with staged(Words(), size=(4, 3)) as (stage, pilot):
        stage.widget.words = ["日本語", "x", "abcdef"]
        stage.widget.redraw()
        await pilot.pause()
        for y, text in enumerate(("日本", "x   ", "abcd")):
            strip = stage.widget.render_line(y)
            assert strip.text == text
            assert cell_len(strip.text) == strip.cell_length == 4


async def test_a_part_of_the_rows_can_be_asked_for() -> None:
    async with staged(Words(), size=(10, 5)) as (stage, _):
        assert [strip.text for strip in stage.widget.render_lines(Region(1, 1, 3, 2))] == ["wo ", "hre"]


async def test_a_hidden_widget_draws_nothing_and_is_right_when_it_is_shown_again() -> None:
    async with staged(Words(), size=(10, 5)) as (stage, pilot):
        stage.widget.display = False
        await pilot.pause()
        stage.widget.drawn = 0
        stage.widget.words[0] = "ONE"
        stage.widget.redraw()
        assert stage.widget.drawn == 0
        stage.widget.display = True
        await pilot.pause()
        assert stage.text.startswith("ONE")


async def test_a_new_background_is_followed() -> None:
    async with staged(Words(), size=(10, 5)) as (stage, pilot):
        before = stage.widget.render_line(0)
        stage.screen.styles.background = "white"
        await pilot.pause()
        stage.widget.redraw()
        await pilot.pause()
        after = next(iter(stage.widget.render_lines(Region(0, 0, 10, 1))))
        assert next(iter(before)).style != next(iter(after)).style


async def test_without_colours_it_is_drawn_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with staged(Words(), size=(10, 5)) as (stage, _):
        segment = next(iter(stage.widget.render_lines(Region(0, 0, 10, 1))[0]))
        assert segment.style is not None
        assert segment.style.bgcolor is not None
        red, green, blue = segment.style.bgcolor.get_truecolor()
        assert red == green == blue


@pytest.mark.parametrize(("width", "text"), [(0, ""), (1, "a"), (3, "a日"), (2, "a "), (4, "a日b"), (9, "a日b")])
def test_segments_are_cut_between_cells(width: int, text: str) -> None:
    assert "".join(segment.text for segment in cut([Segment("a日"), Segment("b")], width)) == text
