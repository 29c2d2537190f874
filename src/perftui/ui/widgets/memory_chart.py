"""Heap and resident memory on one axis: the heap as an area, resident memory as a line over it or carved into it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style

from perftui.analysis.meter_history import scale_top
from perftui.ui.widgets.braille import Stroke, overlay
from perftui.ui.widgets.cells import fit
from perftui.ui.widgets.line_canvas import LineCanvas, Row
from perftui.ui.widgets.meter_drawing import (
    LEAST_CHART,
    SCALE_CELLS,
    Cell,
    Curve,
    joined,
    whole_or_first,
    with_scale,
)

_HEAP_SIGN, _RSS_SIGN = "▆ ", "━ "
_NEAR = 2.0
"""A limit that is further away, in peaks, would press two curves into one."""
_BOTH_FROM = 5
"""Rows from which each curve has a title of its own."""


class MemoryDrawing:
    """Both curves as rows of segments, with a legend."""

    def __init__(self, canvas: LineCanvas, heap: Curve, rss: Curve) -> None:
        self._canvas = canvas
        self._heap = heap
        self._rss = rss

    def rows(self, width: int, rows: int) -> list[Row]:
        """Return exactly `rows` rows."""
        if rows < _BOTH_FROM:
            return [self._legend(width), *self._chart(width, rows - 1)]
        titles = [self._title(_HEAP_SIGN, self._heap, width), self._title(_RSS_SIGN, self._rss, width)]
        return [*titles, *self._chart(width, rows - 2)]

    def _title(self, sign: str, curve: Curve, width: int) -> Row:
        label, value = curve.meter.label, f" {curve.value_text}"
        used = len(sign) + len(label) + len(value)
        right = whole_or_first(curve.facts(), width - used - 2)
        return [*self._named(sign, curve), Segment(fit(right, width - used, right=True), self._muted)]

    def _legend(self, width: int) -> Row:
        row = [*self._named(_HEAP_SIGN, self._heap), Segment("  ", self._muted), *self._named(_RSS_SIGN, self._rss)]
        used = sum(segment.cell_length for segment in row)
        peaks = f"  peaks {self._heap.text(self._heap.peak)}, {self._rss.text(self._rss.peak)}"
        return [*row, Segment(fit(peaks, width - used, right=True), self._muted)] if width - used > len(peaks) else row

    def _named(self, sign: str, curve: Curve) -> Row:
        return [
            Segment(sign, curve.pen),
            Segment(curve.meter.label, self._canvas.pen("meter--label")),
            Segment(f" {curve.value_text}", curve.value_pen),
        ]

    @property
    def _muted(self) -> Style:
        return self._canvas.pen("meter--muted")

    @property
    def _highest(self) -> float:
        """What the scale must hold: both curves, and the limits that are near them."""
        peak = max(self._heap.peak or 0.0, self._rss.peak or 0.0)
        limits = (self._heap.limit.strictest, self._rss.limit.strictest)
        return max([peak, *(limit for limit in limits if limit is not None and limit <= _NEAR * peak)])

    def _chart(self, width: int, rows: int) -> list[Row]:
        if rows < 1:
            return []
        top = scale_top(self._highest, self._heap.meter.unit)
        cells = width - SCALE_CELLS
        if cells < LEAST_CHART:
            return self._chart_rows(width, rows, top)
        return with_scale(self._chart_rows(cells, rows, top), self._heap.text(top), self._muted)

    def _chart_rows(self, cells: int, rows: int, top: float) -> list[Row]:
        heap, rss = self._heap.columns(cells), self._rss.columns(cells)
        strokes = overlay(heap, rss, top, rows)
        pens = {
            Stroke.AREA: self._heap.pens(heap, cells),
            Stroke.LINE: self._rss.pens(rss, cells),
        }
        lines = [_coloured(row, pens, cells, self._muted) for row in strokes]
        for curve in (self._heap, self._rss):
            curve.draw_limits(lines, top)
            curve.draw_breaches(lines[0])
        return [joined(line) for line in lines]


def _coloured(
    row: Sequence[tuple[str, Stroke]], pens: dict[Stroke, list[Style]], cells: int, blank: Style
) -> list[Cell]:
    line = [(character, pens[stroke][x]) for x, (character, stroke) in enumerate(row[:cells])]
    return line + [(" ", blank)] * (cells - len(line))
