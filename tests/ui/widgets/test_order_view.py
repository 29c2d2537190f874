"""The chart over time: drawn as text, zoomed with keys and wheel, and never more than there is."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.analysis.order_chart import ThreadOrder
from perftui.analysis.time_order import TimeOrder
from perftui.model.sample import WindowOrder
from perftui.ui.widgets.order_picture import OrderFacts
from perftui.ui.widgets.order_view import OrderView
from perftui.ui.widgets.order_zoom import SHORTEST_S, OrderZoom
from tests.builders import profile
from tests.ui.widgets.stage import staged

TREE = profile("main;load;read 1\nmain;work 1\nmain;\x1b[31mred 1")
LOAD, WORK, RED = (
    TREE.nearest([("app.py", part) for part in path])
    for path in (("main", "load", "read"), ("main", "work"), ("main", "\x1b[31mred"))
)


def facts(*windows: tuple[float, float, list[int]], empty: str = "") -> OrderFacts:
    """A thread whose leaves are nodes of the tree."""
    taken = [WindowOrder(start, end, 0.1, ((0, array("I", leaves)),)) for start, end, leaves in windows]
    thread = ThreadOrder(TimeOrder(taken), {0}, tree=TREE, node_of=lambda leaf: leaf)
    return OrderFacts(thread, "MainThread [7/7]", 1, 1, (0.0, windows[-1][1]), empty=empty)


RUN = facts((0.0, 2.0, [LOAD] * 20), (2.0, 3.0, []), (3.0, 4.0, [WORK] * 5 + [RED] * 5))


async def test_it_is_drawn_as_time_by_depth_with_gaps_where_nothing_ran() -> None:
    chart = OrderView()
    async with staged(chart, size=(40, 7)) as (stage, pilot):
        chart.show(RUN)
        await pilot.pause()
        lines = stage.text.split("\n")
        assert lines[:3] == [
            " MainThread [7/7]  ·  moments even",
            "████████████████████          ██████████",
            "▏main (app.py)                ▏main",
        ]
        assert lines[3].startswith("▏load (app.py)                ▏work▏")
        assert lines[4:] == ["▏read (app.py)", "", "0 s              2.00 s           4.00 s"]
        assert all(strip.cell_length == 40 for strip in chart._row_strips)
        assert "\x1b" not in stage.text


async def test_the_beginning_of_a_recording_that_is_younger_than_the_axis_stands_where_it_is() -> None:
    chart = OrderView()
    async with staged(chart, size=(40, 7)) as (stage, pilot):
        chart.show(RUN._replace(follows=True, run=(0.0, 4.05)))
        await pilot.pause()
        axis = chart._picture.axis
        cell = round(-axis.start_s / axis.step_s)
        assert cell > 0
        assert stage.text.split("\n")[-1].index("0 s") == cell
        assert all(strip.cell_length == 40 for strip in chart._row_strips)


async def test_keys_select_zoom_and_come_back() -> None:
    chart = OrderView()
    async with staged(chart, size=(40, 9)) as (stage, pilot):
        chart.show(RUN)
        chart.focus()
        await pilot.press("right", "right", "down", "right")
        assert [message.path[-1][1] for message in stage.of(OrderView.Selected)] == [
            "main",
            "main",
            "work",
            "\x1b[31mred",
        ]
        await pilot.press("enter")
        assert chart._zoom.span == pytest.approx((3.5, 4.0))
        await pilot.press("minus", "backspace", "backspace")
        assert chart._zoom.is_whole
        await pilot.press("plus", "plus", "shift+left", "home")
        assert chart._zoom.is_whole


async def test_a_double_click_zooms_and_the_mouse_is_told_what_it_is_on() -> None:
    chart = OrderView()
    async with staged(chart, size=(40, 9)) as (stage, pilot):
        chart.show(RUN)
        await pilot.hover(OrderView, offset=(5, 3))
        await pilot.pause()
        assert "seen most in 20 cells with 20 samples" in stage.of(OrderView.Hovered)[-1].text
        await pilot.click(OrderView, offset=(5, 3), times=2)
        await pilot.pause()
        assert chart._zoom.span == pytest.approx((0.0, 2.0))


async def test_why_there_is_nothing_is_said() -> None:
    chart = OrderView()
    async with staged(chart, size=(40, 5)) as (stage, pilot):
        chart.show(OrderFacts(empty="Nothing was seen."))
        chart.focus()
        await pilot.press("right", "down", "enter", "plus", "pagedown")
        assert stage.text.strip() == "Nothing was seen."


@given(
    st.floats(0.1, 1e5),
    st.lists(st.tuples(st.sampled_from("atpb"), st.floats(0.0, 1.0), st.integers(-4, 4)), max_size=20),
)
def test_zooming_never_leaves_the_run_and_never_shows_less_than_a_few_samples(
    end_s: float, steps: list[tuple[str, float, int]]
) -> None:
    zoom = OrderZoom()
    zoom.run = (0.0, end_s)
    for step, share, by in steps:
        match step:
            case "a":
                zoom.about(share * end_s, by)
            case "t":
                zoom.to(share * end_s, share * end_s + by)
            case "p":
                zoom.pan(by * share)
            case _:
                zoom.back()
        start, end = zoom.span
        assert 0.0 <= start < end <= end_s
        assert end - start >= min(SHORTEST_S, end_s) * 0.99
