"""Our themes can be read, and every other theme of Textual can be used."""

from __future__ import annotations

from math import dist

import pytest
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from perftui.analysis.hotspots import hotspots
from perftui.analysis.search import Search
from perftui.ui.monochrome import plain
from perftui.ui.themes import COUNTERPARTS, MONO, NAMES, PALETTES, THEMES
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


# What protanopes and deuteranopes see of linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model
# for Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009, the matrices for a severity of 1.0.
PROTANOPIA = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
# sRGB to CIE XYZ under D65, and the white of that light.
TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)
Matrix = tuple[tuple[float, ...], ...]


def _linear(colour: Color) -> tuple[float, ...]:
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized)


def _times(matrix: Matrix, vector: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _lab(linear: tuple[float, ...]) -> tuple[float, float, float]:
    ratios = (part / white for part, white in zip(_times(TO_XYZ, linear), WHITE, strict=True))
    x, y, z = (r ** (1 / 3) if r > 0.008856 else 7.787 * r + 16 / 116 for r in ratios)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: Color, other: Color, eyes: Matrix) -> float:
    """Return how far two colours are apart for eyes, in CIE 1976 delta E: from 2 they differ, from 20 at a glance."""
    seen = [_lab(tuple(min(1.0, max(0.0, c)) for c in _times(eyes, _linear(colour)))) for colour in (one, other)]
    return dist(*seen)


def test_every_palette_is_there_and_those_with_a_counterpart_are_dark_and_light() -> None:
    assert tuple(theme.name for theme in THEMES) == PALETTES == tuple(NAMES)
    dark = {theme.name: theme.dark for theme in THEMES}
    assert all(dark[one] != dark[other] and COUNTERPARTS[other] == one for one, other in COUNTERPARTS.items())
    assert set(COUNTERPARTS) == set(PALETTES) - {MONO}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_colour_of_text_can_be_read_on_every_ground(theme: Theme) -> None:
    least = {"perftui-dark": 4.0, "perftui-light": 4.0}.get(theme.name, 7.0 if "contrast" in theme.name else 4.5)
    for token in ("foreground", "primary", "success", "warning", "error"):
        for ground in ("background", "surface", "panel"):
            assert contrast(Color.parse(getattr(theme, token)), Color.parse(getattr(theme, ground))) >= least, token


@pytest.mark.parametrize("name", ["perftui-safe-dark", "perftui-safe-light"])
@pytest.mark.parametrize("eyes", [PROTANOPIA, DEUTERANOPIA], ids=["protanopia", "deuteranopia"])
def test_the_safe_palettes_are_told_apart_by_red_green_blind_eyes(name: str, eyes: Matrix) -> None:
    theme = next(theme for theme in THEMES if theme.name == name)
    colour = {token: Color.parse(getattr(theme, token)) for token in ("success", "warning", "error", "primary")}
    pairs = [("success", "warning"), ("success", "error"), ("warning", "error"), ("primary", "error")]
    for one, other in pairs:
        assert apart(colour[one], colour[other], eyes) >= 20, (one, other)
    # Whose code a box is.
    own, package = Color.parse(str(theme.accent)), Color.parse(str(theme.secondary))
    assert apart(own, package, eyes) >= 20


def test_the_usual_palette_is_what_the_safe_ones_are_there_for() -> None:
    light = THEMES[1]
    good, bad = Color.parse(str(light.success)), Color.parse(str(light.error))
    assert apart(good, bad, DEUTERANOPIA) < 35 < apart(good, bad, ((1, 0, 0), (0, 1, 0), (0, 0, 1)))


@pytest.mark.parametrize("theme", [each for each in PALETTES if each != MONO])
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


async def test_without_colours_whose_code_selection_and_matches_are_still_told_apart() -> None:
    async with staged(FlameGraph(), size=(90, 4), theme=MONO) as (stage, pilot):
        tree = profile(LINES)
        stage.widget.show(tree, view=ViewState(), search=Search("pkg", tree))
        stage.widget.focus()
        await pilot.pause()
        await pilot.press("down")
        lines = pilot.app.screen._compositor.render_strips()
        segments = [segment for strip in lines for segment in strip if segment.text.strip("▏ ")]
        styles = {segment.text.split()[0]: segment.style for segment in segments}
        assert all(style is not None and style.color is style.bgcolor is None for style in styles.values())
        own, package, stdlib = (styles[name] for name in ("own", "pkg", "std"))
        assert own is not None
        assert package is not None
        assert stdlib is not None
        assert (own.reverse, own.bold) == (True, True)
        assert (package.reverse, package.dim, package.underline) == (None, None, True)
        assert stdlib.dim


@pytest.mark.parametrize(
    ("grey", "ground", "expected"),
    [
        ("#ffffff", "#000000", Style()),
        ("#707070", "#000000", Style(dim=True)),
        ("#ffffff", "#4d4d4d", Style(reverse=True)),
        ("#000000", "#ffffff", Style(reverse=True)),
        ("#ffffff", "#1a1a1a", Style(underline=True)),
        ("#ffffff", "#0f0f0f", Style()),
    ],
)
def test_greys_become_what_any_terminal_can_show(grey: str, ground: str, expected: Style) -> None:
    found = plain(Style(color=grey, bgcolor=ground))
    assert [bool(each) for each in (found.dim, found.reverse, found.underline)] == [
        bool(each) for each in (expected.dim, expected.reverse, expected.underline)
    ]
    assert found.color is found.bgcolor is None
    assert plain(Style(bold=True, italic=True, color=grey, bgcolor=ground)).bold
