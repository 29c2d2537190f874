"""One meter as it is drawn: its values, its limit and its moments over a span of time, as lines of segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, Protocol

from rich.segment import Segment
from rich.style import Style

from perftui.analysis.meter_history import MeterHistory, scale_top
from perftui.model.reading import Meter
from perftui.ui.widgets.braille import DOTS_ACROSS, area, rule
from perftui.ui.widgets.cells import fit
from perftui.ui.widgets.line_canvas import LineCanvas, Row
from perftui.units import Unit, format_value

SCALE_CELLS = 11
"""Room for the scale beside a chart: a blank and `1.50 GiB/s`, the widest there is."""
_WIDE_LINE = 52
"""Cells of a line from which it has room for a curve beside mean, least and greatest value."""
LEAST_CHART = 4
"""A chart with fewer cells than this beside its scale goes without the scale."""
_LINE_HEADROOM = 4 / 3
"""A chart of one row leaves its topmost dots free: lines below each other would grow into one shape."""
_SHORTEST_S = 1e-3
_STEPS_S = (0.25, 0.5, 1.0)
"""Time of a column of dots while the chart moves: a second, as meters are read, and less while there is room."""

Cell = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class MeterLimit:
    """What a meter's value should stay below, and what it should not fall below."""

    warn: float | None = None
    fail: float | None = None
    breaches: tuple[tuple[float, bool], ...] = ()
    """Moments at which a limit was broken, and whether that fails."""
    least_warn: float | None = None
    least_fail: float | None = None

    @property
    def strictest(self) -> float | None:
        """The limit that fails, or the one that warns where none does."""
        return self.fail if self.fail is not None else self.warn

    @property
    def least(self) -> float | None:
        """What the value should not fall below, as far as that fails, or else warns."""
        return self.least_fail if self.least_fail is not None else self.least_warn


class Span(NamedTuple):
    """The part of the recording that charts show."""

    end_s: float
    """Now, or the end of the recording."""
    last_s: float
    """Time of the last reading: a chart that moves ends there, so it moves only when there is something new."""
    whole: bool
    """From the beginning, as narrow as need be; otherwise the last part, a column a second."""
    start_s: float | None = None
    """Beginning of a range that is looked at, which ends with `end_s`; None without a range."""

    def columns(self, cells: int) -> tuple[float, float, int]:
        """Return beginning and end in seconds and the number of columns for a chart of so many cells."""
        most = cells * DOTS_ACROSS
        if self.start_s is not None:
            return self.start_s, max(self.end_s, self.start_s + _SHORTEST_S), most
        if self.whole:
            return 0.0, max(self.end_s, _STEPS_S[-1]), most
        step_s = next((step_s for step_s in _STEPS_S if self.last_s < step_s * most), _STEPS_S[-1])
        # Whole steps only: then a column always holds the same readings while the chart moves on.
        end = int(self.last_s / step_s) + 1
        start = max(0, end - most)
        return start * step_s, end * step_s, end - start


class Curve:
    """One meter's values with its limit and its colour, as they are drawn into a chart."""

    def __init__(
        self,
        canvas: LineCanvas,
        meter: Meter,
        history: MeterHistory,
        limit: MeterLimit | None,
        span: Span,
        *,
        component: str,
    ) -> None:
        self.meter = meter
        self.limit = limit or MeterLimit()
        self.value = history.at(span.end_s)
        """The present value, or the mean of a range."""
        self.peak = history.peak
        self.low: float | None = None
        """The least value of a range; None without a range, or without a value in it."""
        self._of_range = span.start_s is not None
        if span.start_s is not None:
            seen = history.between(span.start_s, span.end_s)
            self.low, self.value, self.peak = (None, None, None) if seen is None else seen
        self._canvas = canvas
        self._history = history
        self._span = span
        self._component = component

    @property
    def pen(self) -> Style:
        """The colour of the meter itself."""
        return self._canvas.pen(self._component)

    @property
    def value_pen(self) -> Style:
        """The colour of its present value."""
        return self._canvas.pen(self.severity(self.value) or "meter--value")

    @property
    def highest(self) -> float:
        """What a scale must hold: the peak, and a limit that is near it."""
        strictest, highest = self.limit.strictest, self.peak or 0.0
        # A limit that is far away would press the curve flat.
        return max(highest, strictest) if strictest is not None and strictest <= 4 * highest else highest

    def text(self, value: float | None) -> str:
        """Return a value in the meter's unit."""
        return "–" if value is None else format_value(value, self.meter.unit)

    @property
    def value_text(self) -> str:
        """The value in the meter's unit, called a mean where it is one."""
        return f"mean {self.text(self.value)}" if self._of_range and self.value is not None else self.text(self.value)

    @property
    def extent(self) -> str:
        """The least and the greatest value of a range."""
        return "no reading" if self.low is None else f"{self.text(self.low)} … {self.text(self.peak)}"

    def facts(self) -> list[str]:
        """Return peak and limit in words."""
        limit = self.limit.strictest
        first = self.extent if self._of_range else f"peak {self.text(self.peak)}"
        return [first, *([f"limit {self.text(limit)}"] if limit is not None else [])]

    def severity(self, value: float | None) -> str:
        """Return the component class of a value that is over a limit; empty for one that is not."""
        if value is None:
            return ""
        if self.limit.fail is not None and value > self.limit.fail:
            return "meter--fail"
        return "meter--warn" if self.limit.warn is not None and value > self.limit.warn else ""

    def columns(self, cells: int) -> list[float | None]:
        """Return the values of a chart of so many cells, a column of dots each."""
        start_s, end_s, count = self._span.columns(cells)
        return self._history.columns(count, start_s=start_s, end_s=end_s)

    def pens(self, values: Sequence[float | None], cells: int) -> list[Style]:
        """Return the pen of every cell: that of the worst of its values."""
        usual = self.pen
        if self.limit.warn is None and self.limit.fail is None:
            return [usual] * cells
        pens: list[Style] = []
        for i in range(0, len(values), DOTS_ACROSS):
            worst = max((value for value in values[i : i + DOTS_ACROSS] if value is not None), default=None)
            severity = self.severity(worst)
            pens.append(self._canvas.pen(severity) if severity else usual)
        return pens + [usual] * (cells - len(pens))

    def draw_limits(self, lines: list[list[Cell]], top: float) -> None:
        """Draw the limits as lines where nothing else is."""
        for value, component in ((self.limit.warn, "meter--warn-limit"), (self.limit.fail, "meter--fail-limit")):
            level = rule(value, top, len(lines)) if value is not None else None
            if level is not None:
                row, character = level
                pen = self._canvas.pen(component)
                lines[row] = [(character, pen) if known == " " else (known, its) for known, its in lines[row]]

    def draw_breaches(self, line: list[Cell]) -> None:
        """Mark the moments at which a limit was broken on the topmost row."""
        start_s, end_s, count = self._span.columns(len(line))
        for moment_s, fails in self.limit.breaches:
            cell = int((moment_s - start_s) / (end_s - start_s) * count) // DOTS_ACROSS
            if start_s <= moment_s < end_s and cell < len(line):
                line[cell] = "▼", self._canvas.pen("meter--fail" if fails else "meter--warn")


class Drawing(Protocol):
    """Something of a panel of meters."""

    def rows(self, width: int, rows: int) -> list[Row]:
        """Return exactly `rows` rows."""


class MeterDrawing:
    """One meter as rows of segments: a title with a chart below it, or everything on one line."""

    def __init__(self, canvas: LineCanvas, curve: Curve) -> None:
        self._canvas = canvas
        self._curve = curve
        self._meter = curve.meter

    def rows(self, width: int, rows: int) -> list[Row]:
        """Return exactly `rows` rows."""
        if rows == 1:
            return [self._line(width)]
        return [self._title(width), *self._chart(width, rows - 1)]

    def _label_pen(self) -> Style:
        return self._canvas.pen("meter--label" if self._meter.of_target else "meter--system-label")

    def _top(self) -> float:
        return scale_top(self._curve.highest, self._meter.unit)

    def _line_top(self) -> float:
        # The peak stands beside the line, so it is the scale too; of a percentage the whole is known.
        top = self._top() if self._meter.unit is Unit.PERCENT else self._curve.peak or 1.0
        return top * _LINE_HEADROOM

    def _title(self, width: int) -> Row:
        curve, label = self._curve, self._meter.label
        value = f" {curve.value_text}"
        right = whole_or_first(curve.facts(), width - len(label) - len(value) - 2)
        return [
            Segment(label, self._label_pen()),
            Segment(value, curve.value_pen),
            Segment(fit(right, width - len(label) - len(value), right=True), self._canvas.pen("meter--muted")),
        ]

    def _line(self, width: int) -> Row:
        canvas, curve = self._canvas, self._curve
        label, value = fit(self._meter.label, 12), fit(curve.text(curve.value), 11, right=True)
        facts = fit(f"↑{curve.text(curve.peak)}", 12)
        if curve.low is not None:
            # Two figures need more room than one; where there is little they have that of the curve.
            room = len(curve.extent) if width >= _WIDE_LINE else width - len(label) - len(value) - 2
            facts = fit(curve.extent if len(curve.extent) <= room else facts, room)
        cells = width - len(label) - len(value) - len(facts) - 2
        row = [Segment(label, self._label_pen()), Segment(value, curve.value_pen), Segment(" ", canvas.pen())]
        if cells >= 6:
            row.extend(self._chart_rows(cells, 1, self._line_top())[0])
        elif cells > 0:
            row.append(Segment(" " * cells, canvas.pen()))
        return [*row, Segment(" ", canvas.pen()), Segment(facts, canvas.pen("meter--muted"))]

    def _chart(self, width: int, rows: int) -> list[Row]:
        cells = width - SCALE_CELLS
        if cells < LEAST_CHART:
            return self._chart_rows(width, rows, self._top())
        chart = self._chart_rows(cells, rows, self._top())
        return with_scale(chart, self._curve.text(self._top()), self._canvas.pen("meter--muted"))

    def _chart_rows(self, cells: int, rows: int, top: float) -> list[Row]:
        curve = self._curve
        values = curve.columns(cells)
        pens = curve.pens(values, cells)
        lines = [
            [(character, pen) for character, pen in zip(fit(line, cells), pens, strict=True)]
            for line in area(values, top, rows)
        ]
        curve.draw_limits(lines, top)
        curve.draw_breaches(lines[0])
        return [joined(line) for line in lines]


def whole_or_first(facts: Sequence[str], room: int) -> str:
    """Return all facts where they have room, the first otherwise."""
    text = "  ".join(facts)
    return text if len(text) <= room else facts[0]


def with_scale(chart: list[Row], top: str, pen: Style) -> list[Row]:
    """Return the rows of a chart with the ends of its scale at the right."""
    for y, row in enumerate(chart):
        text = f" {top}" if y == 0 else " 0" if y == len(chart) - 1 else ""
        row.append(Segment(fit(text, SCALE_CELLS), pen))
    return chart


def joined(line: list[Cell]) -> Row:
    """Return cells as segments, neighbours of one style as one."""
    return [Segment("".join([text for text, _ in cells]), pen) for pen, cells in groupby(line, itemgetter(1))]
