"""What is said of a figure when the mouse rests on its name."""

from __future__ import annotations

import pytest
from scenes import demo_replay, live, saved
from textual.pilot import Pilot
from textual.widget import Widget

from perftui.ui.tips import TIPS, tip_for
from perftui.ui.widgets.header_bar import HeaderBar
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.line_canvas import LineCanvas
from perftui.ui.widgets.pane_strip import PaneStrip
from tests.ui.stage import shown
from tests.ui.widgets.test_guards import widgets


def test_every_entry_is_about_a_drawn_widget_and_is_one_sentence() -> None:
    known = {widget.__name__ for widget in widgets() if issubclass(widget, LineCanvas)} | {"FocusedMeters"}
    assert set(TIPS) <= known
    for tips in TIPS.values():
        assert all(sentence and not sentence.endswith(".") for sentence in tips.of.values())


@pytest.mark.parametrize(
    ("widget", "y", "text", "word", "expected"),
    [
        ("HotspotTable", 0, "  self % ▼    self  total %", "self %", "self %: share"),
        ("HotspotTable", 0, "  self % ▼    self  total %", "total %", "total %: share"),
        ("HotspotTable", 1, "  self % ▼    self  total %", "self %", ""),
        ("MeterPanel", 3, "system CPU   51 %", "CPU", "system CPU: "),
        ("MeterPanel", 3, "memory %   51 %", "memory", "memory %: "),
        ("MeterPanel", 3, "threads", "read", "threads: "),
        ("MeterPanel", 3, "spread 5", "read", ""),
        ("NoSuchWidget", 0, "self %", "self", ""),
    ],
)
def test_the_longest_name_below_the_mouse_is_explained(
    widget: str, y: int, text: str, word: str, expected: str
) -> None:
    found = tip_for(widget, y, text, text.index(word))
    assert found.startswith(expected)
    assert bool(found) == bool(expected)


async def tip_of(pilot: Pilot[int], kind: type[Widget], word: str) -> str:
    """Rest the mouse on a word of a widget."""
    widget = pilot.app.screen.query_one(kind)
    assert isinstance(widget, LineCanvas)
    for y, strip in enumerate(widget.render_lines(widget.size.region)):
        if word in strip.text:
            await pilot.hover(kind, offset=(strip.text.index(word), y))
            await pilot.pause()
            return str(widget.tooltip or "")
    raise AssertionError(word)


async def test_figures_columns_panes_and_keys_explain_themselves() -> None:
    async with shown(live(demo_replay(22.0)), (160, 50)) as pilot:
        assert "sampled time over the time" in await tip_of(pilot, HeaderBar, "coverage")
        assert "asked for" in await tip_of(pilot, HeaderBar, "Hz")
        assert await tip_of(pilot, HeaderBar, "python3") == ""
        assert "called" in await tip_of(pilot, HotspotTable, "total %")
        assert "2: Show what the workload printed" in await tip_of(pilot, PaneStrip, "Output")
        assert "f Space: Freeze the view" in await tip_of(pilot, KeyBar, "freeze")


async def test_a_tip_holds_text_from_outside_as_text() -> None:
    async with shown(saved(), (120, 35)) as pilot:
        strip = pilot.app.screen.query_one(HeaderBar)
        strip.tip_at = lambda x, y: "[red]not markup"  # type: ignore[method-assign] # noqa: ARG005
        await pilot.hover(HeaderBar, offset=(3, 0))
        await pilot.pause()
        assert str(strip.tooltip) == "[red]not markup"
