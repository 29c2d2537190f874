"""Text measured in terminal cells: wide, combining and right-to-left characters keep to their room."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from perftui.text import printable

_JOINERS = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f]")
"""Characters without a width that change the width of others: terminals do not agree on what comes out."""
_LEAST_IN_TWO = 9
"""Cells from which a text with a hole in it can be read."""
_KEPT = 4_096
"""Texts that are remembered: those of a few screens. Numbers that change would fill whatever there is room for."""


@lru_cache(maxsize=_KEPT)
def width_of(text: str) -> int:
    """Return the cells that a text takes."""
    return len(text) if text.isascii() else cell_len(text)


@lru_cache(maxsize=_KEPT)
def fit(text: str, width: int, *, ellipsis: str = "…", right: bool = False) -> str:
    """Return a text cut or padded to exactly `width` cells."""
    if width <= 0:
        return ""
    cells = width_of(text)
    if cells > width:
        room = width - width_of(ellipsis)
        return set_cell_size(text, room) + ellipsis if room > 0 else set_cell_size(ellipsis or text, width)
    blank = " " * (width - cells)
    return blank + text if right else text + blank


def fit_end(text: str, width: int) -> str:
    """Return the end of a text, cut or padded to exactly `width` cells: of a file name it is what tells most."""
    if width_of(text) <= width:
        return fit(text, width)
    kept = text[max(0, len(text) - width + 1) :]
    while width_of(kept) > max(0, width - 1):
        kept = kept[1:]
    return fit("…" + kept, width)


def fit_middle(text: str, width: int, *, tail: str = "") -> str:
    """Return a text cut in its middle, or padded, to exactly `width` cells: of names that begin alike the ends differ.

    Args:
        text: What is to be shown.
        width: Its cells.
        tail: The end of it that is kept as long as it leaves a third of the room; the last third where it is longer.
    """
    if width_of(text) <= width or width < _LEAST_IN_TWO:
        return fit(text, width)
    most = (width - 1) * 2 // 3
    end = tail if tail and width_of(tail) <= most else fit_end(text, most if tail else (width - 1) // 2)
    return fit(text, width - width_of(end), ellipsis="" if end.startswith("…") else "…") + end


def clean(text: str) -> str:
    """Return a text from outside as it may be drawn: nothing in it acts on the terminal or changes its neighbours."""
    if text.isascii():
        return printable(text)
    return _JOINERS.sub("", printable(text))


def bar(share: float, width: int) -> tuple[str, str]:
    """Return the filled and the empty part of a bar that is filled to a share (0 to 1) by halves of a cell.

    It is a line and not a block: blocks of rows that touch each other grow into one shape. The empty part is a
    thinner line, so that it is told apart without colours too. What is not zero is seen.
    """
    halves = round(min(1.0, max(0.0, share)) * width * 2)
    halves = max(halves, share > 0 and width > 0)
    full, half = divmod(halves, 2)
    filled = "━" * full + ("╸" if half else "")
    return filled, "─" * (width - len(filled))
