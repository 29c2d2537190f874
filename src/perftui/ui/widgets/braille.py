"""Area charts of braille dots: two columns and four levels in each cell."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from math import ceil

DOTS_ACROSS = 2
DOTS_DOWN = 4
_BASE = 0x2800
# Bits of the dots from the bottom up, in the left and in the right column of a cell.
_LEFT = (0x40, 0x04, 0x02, 0x01)
_RIGHT = (0x80, 0x20, 0x10, 0x08)
_LEFT_FILLED = tuple(sum(_LEFT[:level]) for level in range(5))
_RIGHT_FILLED = tuple(sum(_RIGHT[:level]) for level in range(5))


class Stroke(Enum):
    """What a cell of two curves belongs to."""

    AREA = "area"
    LINE = "line"


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


def overlay(
    filled: Sequence[float | None], line: Sequence[float | None], top: float, rows: int
) -> list[list[tuple[str, Stroke]]]:
    """Return `rows` lines of cells for an area with a line over it, the topmost first.

    Where the line runs inside the area it is left out of it, so that it is seen without colours too.
    """
    fills = [0 if value is None else level_of(value, top, rows) for value in filled]
    spans = _spans([0 if value is None else level_of(value, top, rows) for value in line])
    if len(fills) % DOTS_ACROSS:
        fills.append(0)
        spans.append(range(0))
    return [
        [_cell(fills[x : x + 2], spans[x : x + 2], row * DOTS_DOWN) for x in range(0, len(fills), DOTS_ACROSS)]
        for row in range(rows - 1, -1, -1)
    ]


def _spans(levels: Sequence[int]) -> list[range]:
    """Return the dots of each column that a line has: its own, and those that join it to the column before."""
    spans: list[range] = []
    before = 0
    for level in levels:
        if not level:
            spans.append(range(0))
        elif not before or before == level:
            spans.append(range(level, level + 1))
        else:
            spans.append(range(before + 1, level + 1) if before < level else range(level, before))
        before = level
    return spans


def _cell(fills: Sequence[int], spans: Sequence[range], below: int) -> tuple[str, Stroke]:
    bits, has_line = 0, False
    for column, (fill, span) in zip((_LEFT, _RIGHT), zip(fills, spans, strict=True), strict=True):
        for dot in range(DOTS_DOWN):
            level = below + dot + 1
            on_line = level in span
            # The uppermost dot of the area stays: without it the area would be lower than its value.
            if on_line != (level < fill) or level == fill:
                bits |= column[dot]
            has_line = has_line or (on_line and level > fill)
    return (chr(_BASE + bits) if bits else " "), Stroke.LINE if has_line else Stroke.AREA


def rule(value: float, top: float, rows: int) -> tuple[int, str] | None:
    """Return the row from the top and the cell of a level line; None where it lies above the chart."""
    if value > top or value < 0 or top <= 0:
        return None
    level = level_of(value, top, rows)
    row, dot = divmod(level - 1, DOTS_DOWN)
    return rows - 1 - row, chr(_BASE + (_LEFT[dot] | _RIGHT[dot]))
