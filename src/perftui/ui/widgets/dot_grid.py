"""Cells of braille dots that curves and points are drawn into: two dots across and four down in each."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from perftui.ui.widgets.braille import DOTS_ACROSS, DOTS_DOWN
from perftui.ui.widgets.distribution_strip import Part

_BASE = 0x2800
# Bits of the dots from the bottom up, in the left and in the right column of a cell.
_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))


class DotGrid:
    """So many cells across and down; what is drawn later into a cell decides whose colour it has."""

    def __init__(self, cells: int, rows: int) -> None:
        self.cells, self.rows = cells, rows
        self.across, self.down = cells * DOTS_ACROSS, rows * DOTS_DOWN
        self._bits = [[0] * cells for _ in range(rows)]
        self._whose = [["blank"] * cells for _ in range(rows)]
        self._signs: dict[tuple[int, int], str] = {}

    def level(self, place: float) -> int:
        """Return the row of dots, from the bottom, of a place between 0 and 1."""
        return max(0, min(self.down - 1, int(place * self.down)))

    def dot(self, x: int, y: int, whose: str) -> None:
        """Draw a dot, counted from the left and from the bottom; beyond the grid there is none."""
        if 0 <= x < self.across and 0 <= y < self.down:
            row, column = self.rows - 1 - y // DOTS_DOWN, x // DOTS_ACROSS
            self._bits[row][column] |= _BITS[x % DOTS_ACROSS][y % DOTS_DOWN]
            self._whose[row][column] = whose

    def rise(self, x: int, low: int, high: int, whose: str) -> None:
        """Draw all dots of a column between two levels."""
        for y in range(low, high + 1):
            self.dot(x, y, whose)

    def curve(self, levels: Iterable[int], whose: str) -> None:
        """Draw a curve from the left on, a level for each column of dots, without gaps."""
        before: int | None = None
        for x, level in enumerate(levels):
            start = level if before is None else min(level, before + 1) if level >= before else level
            end = level if before is None or level >= before else max(level, before - 1)
            self.rise(x, start, end, whose)
            before = level

    def sign(self, x: int, y: int, text: str, whose: str) -> None:
        """Put a sign into the cell of a dot, over whatever is drawn there."""
        if 0 <= x < self.across and 0 <= y < self.down:
            at = self.rows - 1 - y // DOTS_DOWN, x // DOTS_ACROSS
            self._signs[at] = text
            self._whose[at[0]][at[1]] = whose

    def drawn(self) -> list[list[Part]]:
        """Return the rows from the top, cells of one kind joined."""
        return [self._row(row) for row in range(self.rows)]

    def _row(self, row: int) -> list[Part]:
        cells = (
            (
                self._signs.get((row, column)) or (chr(_BASE + bits) if bits else " "),
                whose if bits or (row, column) in self._signs else "blank",
            )
            for column, (bits, whose) in enumerate(zip(self._bits[row], self._whose[row], strict=True))
        )
        return [
            Part("".join(text for text, _ in group), whose) for whose, group in groupby(cells, key=lambda cell: cell[1])
        ]
