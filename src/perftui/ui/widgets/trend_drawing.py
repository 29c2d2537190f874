"""A trend drawn into cells: shade for noise, rules for levels, a curve of dots, points, changes, and the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise

from perftui.analysis.trend_columns import TrendColumns, trend_columns
from perftui.model.trend import Trend
from perftui.ui.widgets.braille import DOTS_ACROSS, DOTS_DOWN

_BASE = 0x2800
# Bits of the dots from the top down, in the left and in the right column of a cell.
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_SHADE, _LEVEL, _STEP, _CURSOR, _POINT, _HERE = "░", "╌", "╎", "│", "●", "◆"
_APART = 3
"""Cells between points from which each of them has a sign."""


@dataclass(frozen=True, slots=True)
class DrawnTrend:
    """A trend in cells."""

    columns: TrendColumns
    rows: tuple[tuple[tuple[str, str], ...], ...]
    """From the top: texts and what each shows (`blank noise level step cursor curve point here`)."""

    def cell_of(self, point: int) -> int:
        """Return the cell, from the left, of a point."""
        return self.columns.places[point] // DOTS_ACROSS


def columns_in(trend: Trend, cells: int) -> TrendColumns:
    """Return a trend spread over so many cells."""
    return trend_columns(trend, max(1, cells * DOTS_ACROSS - 1))


def drawn_trend(trend: Trend, columns: TrendColumns, cells: int, rows: int, *, at: int) -> DrawnTrend:
    """Draw a trend that was spread over so many cells, in so many rows; `at` is the point of the cursor."""
    grid = _Grid(cells, rows, columns)
    grid.shade()
    grid.rules()
    for change in trend.changes:
        grid.upright(columns.places[change.at], _STEP, "step")
    grid.upright(columns.places[at], _CURSOR, "cursor")
    grid.curve()
    if (len(trend.points) - 1) * _APART <= cells:
        for place in columns.places:
            grid.sign(place, _POINT, "point")
    grid.sign(columns.places[at], _HERE, "here")
    return DrawnTrend(columns, grid.drawn())


class _Grid:
    """Cells that are drawn over each other."""

    def __init__(self, cells: int, rows: int, columns: TrendColumns) -> None:
        self._cells, self._rows, self._columns = cells, rows, columns
        self._signs = [[(" ", "blank")] * cells for _ in range(rows)]
        self._bits = [[0] * cells for _ in range(rows)]

    def shade(self) -> None:
        """Shade from where to where the noise of each column goes."""
        for place, band in enumerate(self._columns.noise):
            if band is not None:
                top, bottom = self._dot(band[1]) // DOTS_DOWN, self._dot(band[0]) // DOTS_DOWN
                for row in range(top, bottom + 1):
                    self._signs[row][place // DOTS_ACROSS] = _SHADE, "noise"

    def rules(self) -> None:
        """Draw a line at the median of each level."""
        for level in self._columns.levels:
            row = self._dot(level.value) // DOTS_DOWN
            for cell in range(level.first // DOTS_ACROSS, level.last // DOTS_ACROSS + 1):
                self._signs[row][cell] = _LEVEL, "level"

    def upright(self, place: int, text: str, whose: str) -> None:
        """Draw a line from the top to the bottom."""
        for row in self._signs:
            row[place // DOTS_ACROSS] = text, whose

    def curve(self) -> None:
        """Join the values by a line of dots."""
        known = [(place, self._dot(value)) for place, value in enumerate(self._columns.values) if value is not None]
        for place, dot in known[:1]:
            self._dot_at(place, dot)
        for (left, start), (right, end) in pairwise(known):
            steps = max(right - left, abs(end - start))
            for step in range(1, steps + 1):
                self._dot_at(left + round((right - left) * step / steps), start + round((end - start) * step / steps))

    def sign(self, place: int, text: str, whose: str) -> None:
        """Put a sign where the value of a column is."""
        value = self._columns.values[place]
        if value is not None:
            row, cell = self._dot(value) // DOTS_DOWN, place // DOTS_ACROSS
            self._signs[row][cell], self._bits[row][cell] = (text, whose), 0

    def drawn(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Return the rows from the top, cells of one kind joined."""
        return tuple(self._row(row) for row in range(self._rows))

    def _row(self, row: int) -> tuple[tuple[str, str], ...]:
        cells = [
            (chr(_BASE + bits), "curve") if bits else sign
            for bits, sign in zip(self._bits[row], self._signs[row], strict=True)
        ]
        joined = groupby(cells, key=lambda cell: cell[1])
        return tuple(("".join(text for text, _ in group), whose) for whose, group in joined)

    def _dot(self, value: float) -> int:
        """Return the row of dots, from the top, of a value."""
        return round((1 - self._columns.axis.place(value)) * (self._rows * DOTS_DOWN - 1))

    def _dot_at(self, place: int, dot: int) -> None:
        self._bits[dot // DOTS_DOWN][place // DOTS_ACROSS] |= _BITS[place % DOTS_ACROSS][dot % DOTS_DOWN]
