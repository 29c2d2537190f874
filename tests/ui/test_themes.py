"""Our themes can be read, and every other theme of Textual can be used."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from perftui.analysis.hotspots import hotspots
from perftui.ui.themes import DARK, LIGHT, THEMES
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.hotspot_table import HotspotTable
from tests.builders import profile
from tests.ui.widgets.stage import staged

LINES = """own@/home/me/app.py 30
pkg@/v/lib/python3.12/site-packages/jinja2/runtime.py 30
std@/usr/lib/python3.12/re.py 30"""


def _luminance(colour: Color) -> float:
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours as WCAG defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_themes_are_a_dark_and_a_light_one() -> None:
    assert [(theme.name, theme.dark) for theme in THEMES] == [(DARK, True), (LIGHT, False)]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("token", ["foreground", "primary", "success", "warning", "error"])
@pytest.mark.parametrize("ground", ["background", "surface", "panel"])
def test_every_colour_of_text_can_be_read_on_every_ground(theme: Theme, token: str, ground: str) -> None:
    assert contrast(Color.parse(getattr(theme, token)), Color.parse(getattr(theme, ground))) >= 4.0


@pytest.mark.parametrize("theme", [DARK, LIGHT])
async def test_every_label_of_a_box_can_be_read(theme: str) -> None:
    tree = profile("\n".join(f"f{i}{line}" for i in range(12) for line in LINES.split("\n")))
    async with staged(FlameGraph(), size=(400, 4), theme=theme) as (stage, pilot):
        stage.widget.show(tree, view=ViewState())
        await pilot.pause()
        labels = [segment for segment in stage.widget.render_line(1) if segment.text.strip("▏ ")]
        assert len(labels) > 30
        for segment in labels:
            assert segment.style is not None
            assert segment.style.color is not None
            assert segment.style.bgcolor is not None
            text, box = (Color.from_rich_color(c) for c in (segment.style.color, segment.style.bgcolor))
            assert contrast(text, box) >= 4.0, segment


@pytest.mark.parametrize("theme", sorted(BUILTIN_THEMES))
async def test_every_theme_of_textual_can_be_used(theme: str) -> None:
    async with staged(FlameGraph(), theme=theme) as (stage, pilot):
        stage.widget.show(profile(LINES), view=ViewState())
        await pilot.pause()
        assert "own" in stage.text


@pytest.mark.parametrize("theme", ["nord", "textual-light", "ansi-dark"])
async def test_the_table_draws_with_other_themes_too(theme: str) -> None:
    async with staged(HotspotTable(), theme=theme) as (stage, pilot):
        stage.widget.show(hotspots(profile(LINES)))
        await pilot.pause()
        assert "own" in stage.text
