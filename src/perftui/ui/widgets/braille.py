"""Area charts of braille dots: two columns and four levels in each cell."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

DOTS_ACROSS = 2
DOTS_DOWN = 4
_BASE = 0x2800
# Bits of the dots from the bottom up, in the left and in the right column of a cell.
_LEFT = (0x40, 0x04, 0x02, 0x01)
_RIGHT = (0x80, 0x20, 0x10, 0x08)
_LEFT_FILLED = tuple(sum(_LEFT[:level]) for level in range(5))
_RIGHT_FILLED = tuple(sum(_RIGHT[:level]) for level in range(5))


def level_of(value: float, top: float, rows: int) -> int:
    """Return how many dots high a value stands; what was measured has at least one."""
    most = rows * DOTS_DOWN
    return max(1, min(most, ceil(value / top * most - 1e-9))) if top > 0 else 1


def area(values: Sequence[float | None], top: float, rows: int) -> list[str]:
    """Return `rows` lines of braille, the topmost first; None leaves a gap."""
    levels = [0 if value is None else level_of(value, top, rows) for value in values]
    if len(levels) % DOTS_ACROSS:
        levels.append(0)
    lines: list[str] = []
    for row in range(rows - 1, -1, -1):
        below = row * DOTS_DOWN
        cells = [
            _LEFT_FILLED[max(0, min(4, left - below))] | _RIGHT_FILLED[max(0, min(4, right - below))]
            for left, right in zip(levels[::2], levels[1::2], strict=True)
        ]
        lines.append("".join([chr(_BASE + bits) if bits else " " for bits in cells]))
    return lines


def rule(value: float, top: float, rows: int) -> tuple[int, str] | None:
    """Return the row from the top and the cell of a level line; None where it lies above the chart."""
    if value > top or value < 0 or top <= 0:
        return None
    level = level_of(value, top, rows)
    row, dot = divmod(level - 1, DOTS_DOWN)
    return rows - 1 - row, chr(_BASE + (_LEFT[dot] | _RIGHT[dot]))
