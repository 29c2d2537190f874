"""The runs of both sides on one scale: a dot for what the selected function weighs in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import ClassVar

from rich.segment import Segment

from perftui.analysis.run_weights import placed
from perftui.ui.widgets.cells import fit
from perftui.ui.widgets.line_canvas import LineCanvas, Row
from perftui.units import Unit, format_value

ROWS = 3
"""A row a side, and the scale."""
_LABEL_CELLS = 10
_MEDIAN = "│"
_DOT = "•"


class RunsStrip(LineCanvas):
    """A dot a run, a figure where several fall into one cell, and a line at the median of each side."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"runs-strip--label", "runs-strip--baseline", "runs-strip--current"}
    DEFAULT_CSS = """
    RunsStrip { height: 3; background: $surface;
        .runs-strip--label { color: $text-muted; }
        .runs-strip--baseline { color: $secondary; text-style: bold; }
        .runs-strip--current { color: $primary; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._sides: tuple[Sequence[float], Sequence[float]] = ((), ())
        self._unit = Unit.SECONDS

    def show(self, baseline: Sequence[float], current: Sequence[float], unit: Unit) -> None:
        """Draw the weight of each run of both sides."""
        self._sides, self._unit = (tuple(baseline), tuple(current)), unit
        self.redraw()

    def content_rows(self, width: int) -> int:  # noqa: ARG002 (it is always as high)
        """Return how many rows there are."""
        return ROWS

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return both sides and the scale."""
        known = [*self._sides[0], *self._sides[1]]
        cells = max(1, width - _LABEL_CELLS - 1)
        low, high = min(known, default=0.0), max(known, default=0.0)
        rows = [
            self._row(name, values, cells, low, high)
            for name, values in zip(("baseline", "current"), self._sides, strict=True)
        ]
        ends = format_value(low, self._unit), format_value(high, self._unit)
        gap = cells - len(ends[0]) - len(ends[1])
        scale = ends[0] + " " * gap + ends[1] if gap > 0 and high > low else ends[0]
        rows.append([Segment(fit(" " * _LABEL_CELLS + scale, width), self.pen("runs-strip--label"))])
        return rows[:height]

    def _row(self, name: str, values: Sequence[float], cells: int, low: float, high: float) -> Row:
        marks = [" "] * cells
        if values:
            (middle,) = placed([median(values)], cells, low=low, high=high)
            marks[middle] = _MEDIAN
        for cell, count in placed(values, cells, low=low, high=high).items():
            marks[cell] = _DOT if count == 1 else str(min(9, count))
        return [
            Segment(fit(f" {name}", _LABEL_CELLS), self.pen("runs-strip--label")),
            Segment("".join(marks), self.pen(f"runs-strip--{name}")),
        ]
