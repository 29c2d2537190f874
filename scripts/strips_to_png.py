"""Turn what a Textual app shows into a PNG: text by a font, blocks and braille drawn as shapes, the same every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.style import Style
from textual.app import App

_FONTS = Path("/usr/share/fonts/truetype/dejavu")
_SIZE = 26
_CELL = (16, 34)
"""Pixels of a cell: twice the size at which such pictures are usually shown."""
_Rgb = tuple[int, int, int]
# Dots of a braille pattern by bit: column, row.
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))


def png_of(app: App[Any], path: Path) -> None:
    """Write the app's present screen to a file."""
    plain: _Rgb = (20, 23, 28) if app.current_theme.dark else (251, 251, 249)
    strips = app.screen._compositor.render_strips()
    width = app.size.width
    picture = Image.new("RGB", (width * _CELL[0], len(strips) * _CELL[1]), plain)
    draw = ImageDraw.Draw(picture)
    fonts = {bold: ImageFont.truetype(str(_FONTS / name), _SIZE) for bold, name in _FACES.items()}
    for y, strip in enumerate(strips):
        x = 0
        for text, style, _ in strip:
            front, back, bold, under = _look(style, plain)
            for character in text:
                cells = cell_len(character)
                _cell(draw, (x, y, max(cells, 1)), character, front, back, fonts[bold])
                if under:
                    bottom = (y + 1) * _CELL[1] - 4
                    draw.line((x * _CELL[0], bottom, (x + cells) * _CELL[0], bottom), fill=front, width=2)
                x += cells
    picture.save(path, optimize=True)


_FACES = {False: "DejaVuSansMono.ttf", True: "DejaVuSansMono-Bold.ttf"}


def _look(style: Style | None, plain: _Rgb) -> tuple[_Rgb, _Rgb, bool, bool]:
    if style is None:
        return (128, 128, 128), plain, False, False
    front = tuple(style.color.get_truecolor()) if style.color else (200, 200, 200)
    back = tuple(style.bgcolor.get_truecolor(foreground=False)) if style.bgcolor else plain
    if style.reverse:
        front, back = back, front
    if style.dim:
        front = tuple((a + b) // 2 for a, b in zip(front, back, strict=True))
    return front, back, bool(style.bold), bool(style.underline)  # type: ignore[return-value]


def _cell(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int, int],
    character: str,
    front: _Rgb,
    back: _Rgb,
    font: ImageFont.FreeTypeFont,
) -> None:
    wide, high = _CELL
    left, top = at[0] * wide, at[1] * high
    draw.rectangle((left, top, left + wide * at[2] - 1, top + high - 1), fill=back)
    code = ord(character)
    if 0x2800 < code <= 0x28FF:
        for bit, (column, row) in enumerate(_DOTS):
            if (code - 0x2800) >> bit & 1:
                cx, cy = left + 4 + column * 8, top + 4 + row * 8.6
                draw.ellipse((cx - 2.6, cy - 2.6, cx + 2.6, cy + 2.6), fill=front)
    elif (box := _block(character)) is not None:
        x1, y1, x2, y2 = box
        draw.rectangle((left + x1 * wide, top + y1 * high, left + x2 * wide - 1, top + y2 * high - 1), fill=front)
    elif character != " ":
        draw.text((left, top + 2), character, font=font, fill=front)


def _block(character: str) -> tuple[float, float, float, float] | None:
    if character in "▏▎▍▌▋▊▉":
        return 0, 0, ("▏▎▍▌▋▊▉".index(character) + 1) / 8, 1
    if character in "▁▂▃▄▅▆▇█":
        return 0, 1 - ("▁▂▃▄▅▆▇█".index(character) + 1) / 8, 1, 1
    return {"▀": (0.0, 0.0, 1.0, 0.5), "▐": (0.5, 0.0, 1.0, 1.0), "─": (0, 0.47, 1, 0.53), "│": (0.44, 0, 0.56, 1)}.get(
        character
    )
