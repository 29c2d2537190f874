"""A trend as lines of braille: points over time, marks where it changed, and the scale in words."""

from __future__ import annotations

from perftui.analysis.trend_columns import column_of, spread
from perftui.model.trend import Trend
from perftui.reports.cells import cells_of
from perftui.units import format_measured

ROWS = 8
EMPTY_CELL = "\u2800"
"""Braille without a dot: as wide as the other cells where a page takes them from another font than its blanks."""
_DOTS_ACROSS, _DOTS_DOWN = 2, 4
_BASE = 0x2800
# Bits of the dots from the top down, in the left and in the right column of a cell.
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_NARROWEST = 40


def trend_chart(trend: Trend, *, width: int, rows: int = ROWS, blank: str = " ") -> tuple[str, ...]:
    """Return a chart of at most `width` cells, the highest value at the top; nothing for fewer than two points.

    The scale goes from the lowest to the highest of what is drawn, not from zero: both are written beside it. Where
    there is less room than there are points, a dot is the median of several.
    """
    values = [point.value for point in trend.points]
    if len(values) < 2:
        return ()
    # The room for labels is that of the widest there could be, so that the scale may follow what is drawn.
    margin = max(cells_of(format_measured(value, trend.unit)) for value in values) + 2
    cells = max(_NARROWEST, min(width - margin, len(values)))
    columns = spread(values, cells * _DOTS_ACROSS)
    drawn_values = [value for value in columns if value is not None]
    low, high = min(drawn_values), max(drawn_values)
    labels = [format_measured(value, trend.unit) for value in (high, low)]
    lines = [[0] * cells for _ in range(rows)]
    for column, value in enumerate(columns):
        if value is None:
            continue
        share = (value - low) / (high - low) if high > low else 0.5
        dot = round((1 - share) * (rows * _DOTS_DOWN - 1))
        lines[dot // _DOTS_DOWN][column // _DOTS_ACROSS] |= _BITS[column % _DOTS_ACROSS][dot % _DOTS_DOWN]
    drawn = []
    for number, line in enumerate(lines):
        label = labels[0] if number == 0 else labels[1] if number == rows - 1 else ""
        text = "".join(chr(_BASE + bits) if bits else blank for bits in line)
        drawn.append(f"{' ' * (margin - 2 - cells_of(label))}{label} ┤{text}".rstrip(f" {blank}"))
    return (*drawn, *_below(trend, margin, cells, blank))


def _below(trend: Trend, margin: int, cells: int, blank: str) -> list[str]:
    """Return the marks of changes, and the dates of the first and the last point."""
    marks = [blank] * cells
    for change in trend.changes:
        at = column_of(change.at, len(trend.points), cells * _DOTS_ACROSS) // _DOTS_ACROSS
        marks[at] = "▲" if change.after > change.before else "▼"
    first, last = trend.points[0].created[:10], trend.points[-1].created[:10]
    dates = first if first == last else f"{first}{blank * max(1, cells - len(first) - len(last))}{last}"
    before = " " * margin
    drawn = "".join(marks).rstrip(f" {blank}")
    return [*([f"{before}{drawn}"] if trend.changes else []), f"{before}{dates}"]
