from __future__ import annotations

import pytest

from perftui.model.session import Event, EventKind
from perftui.ui.widgets.time_strip import TimeStrip
from tests.ui.widgets.stage import staged

SIZE = (40, 2)


def rising(parts: int) -> list[float]:
    return [float(part) for part in range(parts)]


async def test_what_was_busiest_is_highest_and_what_was_idle_is_blank() -> None:
    async with staged(TimeStrip(), size=SIZE) as (stage, pilot):
        stage.widget.show(rising, end_s=20.0)
        await pilot.pause()
        curve, axis = stage.text.split("\n")
        assert curve[0] == " "
        assert curve[1] == "▁", "what was seen at all is seen in the strip"
        assert curve[-1] == "█"
        assert axis.startswith("0 s")
        assert axis.endswith("20.0 s")


async def test_a_range_is_seen_without_colours_however_short_it_is() -> None:
    async with staged(TimeStrip(), size=SIZE) as (stage, pilot):
        stage.widget.show(rising, end_s=20.0, chosen=(5.0, 10.0))
        await pilot.pause()
        assert stage.text.split("\n")[1].index("━") == 10
        assert stage.text.count("━") == 10
        stage.widget.show(rising, end_s=20.0, chosen=(19.99, 20.0))
        await pilot.pause()
        assert stage.text.count("━") == 1
        assert "20.0 s" not in stage.text, "half a figure would be a wrong one"


async def test_of_what_happened_in_one_cell_a_breach_is_marked() -> None:
    happened = [
        Event(10.0, EventKind.BREACH, "too much"),
        Event(10.1, EventKind.MARK, "begin"),
        Event(10.2, EventKind.ALERT, "CPU WARN"),
        Event(12.5, EventKind.ALERT, "CPU WARN"),
        Event(12.6, EventKind.MARK, "load"),
        Event(15.0, EventKind.MARK, "load"),
        Event(5.0, EventKind.PROCESS, "a child came"),
    ]
    async with staged(TimeStrip(), size=SIZE) as (stage, pilot):
        stage.widget.show(rising, end_s=20.0, happened=happened)
        await pilot.pause()
        axis = stage.text.split("\n")[1]
        assert (axis[10], axis[20], axis[25], axis[30]) == ("·", "▲", "△", "◆")


async def test_dragging_draws_a_range_in_either_direction_and_a_click_takes_it_away() -> None:
    async with staged(TimeStrip(), size=SIZE) as (stage, pilot):
        stage.widget.show(rising, end_s=20.0)
        await pilot.mouse_down(TimeStrip, offset=(10, 0))
        await pilot.hover(TimeStrip, offset=(19, 0))
        await pilot.hover(TimeStrip, offset=(4, 1))
        await pilot.mouse_up(TimeStrip, offset=(4, 1))
        await pilot.hover(TimeStrip, offset=(30, 0))
        drawn = [(brush.start_s, brush.end_s) for brush in stage.of(TimeStrip.Brushed)]
        assert drawn[0] == pytest.approx((5.0, 10.0))
        assert set(drawn[1:]) == {(2.0, 5.5)}, "and nothing is drawn once the button is up"
        assert not stage.of(TimeStrip.Cleared)
        await pilot.click(TimeStrip, offset=(10, 0))
        assert len(stage.of(TimeStrip.Cleared)) == 1
        assert len(stage.of(TimeStrip.Brushed)) == len(drawn)


async def test_before_anything_was_seen_there_is_nothing_to_drag_over() -> None:
    async with staged(TimeStrip(), size=SIZE) as (stage, pilot):
        stage.widget.show(rising, end_s=0.0)
        await pilot.mouse_down(TimeStrip, offset=(10, 0))
        await pilot.hover(TimeStrip, offset=(19, 0))
        await pilot.mouse_up(TimeStrip, offset=(19, 0))
        assert stage.text.strip() == "busy over time"
        assert not stage.posted


@pytest.mark.parametrize("width", [1, 2, 5, 9])
async def test_the_narrowest_strip_holds_its_range(width: int) -> None:
    async with staged(TimeStrip(), size=(width, 2)) as (stage, pilot):
        stage.widget.show(rising, end_s=3.0, chosen=(0.0, 3.0))
        await pilot.pause()
        assert stage.text.count("━") == width
