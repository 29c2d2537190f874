"""Meters with their history: label, value, peak, scale, and the budget that the value is held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events

from perftui.analysis.meter_history import MeterHistories, MeterHistory, scale_top
from perftui.model.reading import METERS, Meter, ResourceReading
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.ui.widgets.braille import DOTS_ACROSS, area, rule
from perftui.ui.widgets.cells import fit
from perftui.ui.widgets.line_canvas import LineCanvas, Row, cut
from perftui.units import Unit, format_value

_SCALE_CELLS = 11
"""Room for the scale beside a chart: a blank and `1.50 GiB/s`, the widest there is."""
_COLUMN_CELLS = 44
"""A meter narrower than this begins to lose parts of its line."""
_MOST_COLUMNS = 4
_TALLEST = 6
"""A meter higher than this tells no more."""
_LINE_HEADROOM = 4 / 3
"""A chart of one row leaves its topmost dots free: lines below each other would grow into one shape."""
_STEPS_S = (0.25, 0.5, 1.0)
"""Time of a column of dots while the chart moves: a second, as meters are read, and less while there is room."""


@dataclass(frozen=True, slots=True)
class MeterLimit:
    """What a meter's value should stay below."""

    warn: float | None = None
    fail: float | None = None
    breaches: tuple[tuple[float, bool], ...] = ()
    """Moments at which a limit was broken, and whether that fails."""

    @property
    def strictest(self) -> float | None:
        """The limit that fails, or the one that warns where none does."""
        return self.fail if self.fail is not None else self.warn


class Span(NamedTuple):
    """The part of the recording that charts show."""

    end_s: float
    """Now, or the end of the recording."""
    last_s: float
    """Time of the last reading: a chart that moves ends there, so it moves only when there is something new."""
    whole: bool
    """From the beginning, as narrow as need be; otherwise the last part, a column a second."""

    def columns(self, cells: int) -> tuple[float, float, int]:
        """Return beginning and end in seconds and the number of columns for a chart of so many cells."""
        most = cells * DOTS_ACROSS
        if self.whole:
            return 0.0, max(self.end_s, _STEPS_S[-1]), most
        step_s = next((step_s for step_s in _STEPS_S if self.last_s < step_s * most), _STEPS_S[-1])
        # Whole steps only: then a column always holds the same readings while the chart moves on.
        end = int(self.last_s / step_s) + 1
        start = max(0, end - most)
        return start * step_s, end * step_s, end - start


Cell = tuple[str, Style]


class MeterPanel(LineCanvas):
    """Meters in as many columns as fit: the target's first, the first of each column with the tallest charts."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "meter--label",
        "meter--system-label",
        "meter--value",
        "meter--muted",
        "meter--target",
        "meter--system",
        "meter--warn",
        "meter--fail",
        "meter--warn-limit",
        "meter--fail-limit",
    }
    DEFAULT_CSS = """
    MeterPanel {
        .meter--label { color: $text; text-style: bold; }
        .meter--system-label { color: $text-muted; }
        .meter--value { color: $text; }
        .meter--muted { color: $text-muted; }
        .meter--target { color: $primary; }
        .meter--system { color: $secondary; }
        .meter--warn { color: $warning; }
        .meter--fail { color: $error; }
        .meter--warn-limit { color: $warning 60%; }
        .meter--fail-limit { color: $error 60%; }
    }
    """

    def __init__(
        self,
        *,
        meters: Sequence[Meter] = METERS,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._meters = tuple(meters)
        self._histories = MeterHistories()
        self._limits: dict[str, MeterLimit] = {}
        self._span = Span(0.0, 0.0, False)
        self._first_meter = 0

    def clear(self) -> None:
        """Forget all readings: another session."""
        self._histories = MeterHistories()
        self._first_meter = 0

    def add(self, readings: Iterable[ResourceReading]) -> None:
        """Take readings, in order of time; `show` draws them."""
        for reading in readings:
            self._histories.add(reading)

    def show(self, *, end_s: float, verdicts: Iterable[RuleVerdict] = (), whole: bool = False) -> None:
        """Draw the meters up to a moment of the recording, with the limits of the verdicts that are about them."""
        self._limits = limits_of(verdicts)
        last_s = self._histories.last_s
        self._span = Span(max(end_s, last_s), last_s, whole)
        self.redraw()

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return all meters, column by column."""
        columns = max(1, min(_MOST_COLUMNS, width // _COLUMN_CELLS))
        measured = self._measured()
        if not measured:
            return [[Segment("no reading of any meter yet", self.pen("meter--muted"))], *([[]] * (height - 1))]
        shown = measured[self._first_meter :]
        cells = (width - 2 * (columns - 1)) // columns
        blocks: list[list[Row]] = []
        for column in range(columns):
            mine = shown[column::columns][:height]
            block: list[Row] = []
            for meter, rows in zip(mine, heights(len(mine), height), strict=True):
                block.extend(self._draw_meter(meter, cells, rows))
            blocks.append(block)
        return [self._beside(blocks, y, cells) for y in range(height)]

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Show meters that did not fit."""
        event.stop()
        self._first_meter = min(self._first_meter + 1, max(0, len(self._measured()) - 1))
        self.redraw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Come back to the first meters."""
        event.stop()
        self._first_meter = max(0, self._first_meter - 1)
        self.redraw()

    def _measured(self) -> list[Meter]:
        """Return the meters that ever gave a value: a row without one would only say what this machine cannot do."""
        by_metric = self._histories.by_metric
        return [meter for meter in self._meters if by_metric[meter.metric].is_measured]

    def _draw_meter(self, meter: Meter, width: int, rows: int) -> list[Row]:
        history, limit = self._histories.by_metric[meter.metric], self._limits.get(meter.metric)
        return MeterDrawing(self, meter, history, limit, self._span).rows(width, rows)

    def _beside(self, blocks: list[list[Row]], y: int, cells: int) -> Row:
        row: Row = []
        for i, block in enumerate(blocks):
            part = cut(block[y], cells) if y < len(block) else []
            row.extend(part)
            used = sum(segment.cell_length for segment in part)
            gap = cells - used + (2 if i < len(blocks) - 1 else 0)
            if gap:
                row.append(Segment(" " * gap, self.pen()))
        return row


class MeterDrawing:
    """One meter as rows of segments: a title with a chart below it, or everything on one line."""

    def __init__(
        self, canvas: LineCanvas, meter: Meter, history: MeterHistory, limit: MeterLimit | None, span: Span
    ) -> None:
        self._canvas = canvas
        self._span = span
        self._value = history.at(span.end_s)
        self._meter = meter
        self._history = history
        self._limit = limit or MeterLimit()

    def rows(self, width: int, rows: int) -> list[Row]:
        """Return exactly `rows` rows."""
        if rows == 1:
            return [self._line(width)]
        return [self._title(width), *self._chart(width, rows - 1)]

    @property
    def _pen(self) -> Style:
        return self._canvas.pen("meter--target" if self._meter.of_target else "meter--system")

    def _label_pen(self) -> Style:
        return self._canvas.pen("meter--label" if self._meter.of_target else "meter--system-label")

    def _value_pen(self) -> Style:
        return self._canvas.pen(self._severity(self._value) or "meter--value")

    def _severity(self, value: float | None) -> str:
        if value is None:
            return ""
        if self._limit.fail is not None and value > self._limit.fail:
            return "meter--fail"
        return "meter--warn" if self._limit.warn is not None and value > self._limit.warn else ""

    def _text(self, value: float | None) -> str:
        return "–" if value is None else format_value(value, self._meter.unit)

    def _top(self) -> float:
        strictest = self._limit.strictest
        highest = self._history.peak or 0.0
        # A limit that is far away would press the curve flat.
        if strictest is not None and strictest <= 4 * highest:
            highest = max(highest, strictest)
        return scale_top(highest, self._meter.unit)

    def _line_top(self) -> float:
        # The peak stands beside the line, so it is the scale too; of a percentage the whole is known.
        top = self._top() if self._meter.unit is Unit.PERCENT else self._history.peak or 1.0
        return top * _LINE_HEADROOM

    def _title(self, width: int) -> Row:
        canvas = self._canvas
        value = f" {self._text(self._value)}"
        facts = [f"peak {self._text(self._history.peak)}"]
        limit = self._limit.strictest
        if limit is not None:
            facts.append(f"limit {self._text(limit)}")
        label = self._meter.label
        room = width - len(label) - len(value) - 2
        right = "  ".join(facts) if len("  ".join(facts)) <= room else facts[0]
        return [
            Segment(label, self._label_pen()),
            Segment(value, self._value_pen()),
            Segment(fit(right, width - len(label) - len(value), right=True), canvas.pen("meter--muted")),
        ]

    def _line(self, width: int) -> Row:
        canvas = self._canvas
        label, value = fit(self._meter.label, 12), fit(self._text(self._value), 11, right=True)
        facts = f"↑{self._text(self._history.peak)}"
        facts = fit(facts, 12)
        cells = width - len(label) - len(value) - len(facts) - 2
        row = [Segment(label, self._label_pen()), Segment(value, self._value_pen()), Segment(" ", canvas.pen())]
        if cells >= 6:
            row.extend(self._chart_rows(cells, 1, self._line_top())[0])
        elif cells > 0:
            row.append(Segment(" " * cells, canvas.pen()))
        return [*row, Segment(" ", canvas.pen()), Segment(facts, canvas.pen("meter--muted"))]

    def _chart(self, width: int, rows: int) -> list[Row]:
        canvas = self._canvas
        cells = width - _SCALE_CELLS
        if cells < 4:
            return self._chart_rows(width, rows, self._top())
        chart = self._chart_rows(cells, rows, self._top())
        muted = canvas.pen("meter--muted")
        top = fit(f" {self._text(self._top())}", _SCALE_CELLS)
        for y, row in enumerate(chart):
            text = top if y == 0 else fit(" 0", _SCALE_CELLS) if y == rows - 1 else " " * _SCALE_CELLS
            row.append(Segment(text, muted))
        return chart

    def _chart_rows(self, cells: int, rows: int, top: float) -> list[Row]:
        start_s, end_s, count = self._span.columns(cells)
        values = self._history.columns(count, start_s=start_s, end_s=end_s)
        pens = self._column_pens(values, cells)
        lines = [
            [(character, pen) for character, pen in zip(fit(line, cells), pens, strict=True)]
            for line in area(values, top, rows)
        ]
        self._draw_limits(lines, top)
        self._draw_breaches(lines[0], start_s, end_s, count)
        return [_segments(line) for line in lines]

    def _draw_limits(self, lines: list[list[Cell]], top: float) -> None:
        for value, component in ((self._limit.warn, "meter--warn-limit"), (self._limit.fail, "meter--fail-limit")):
            level = rule(value, top, len(lines)) if value is not None else None
            if level is not None:
                row, character = level
                pen = self._canvas.pen(component)
                lines[row] = [(character, pen) if known == " " else (known, its) for known, its in lines[row]]

    def _draw_breaches(self, line: list[Cell], start_s: float, end_s: float, count: int) -> None:
        for moment_s, fails in self._limit.breaches:
            cell = int((moment_s - start_s) / (end_s - start_s) * count) // DOTS_ACROSS
            if start_s <= moment_s < end_s and cell < len(line):
                line[cell] = "▼", self._canvas.pen("meter--fail" if fails else "meter--warn")

    def _column_pens(self, values: Sequence[float | None], cells: int) -> list[Style]:
        usual = self._pen
        if self._limit.warn is None and self._limit.fail is None:
            return [usual] * cells
        pens: list[Style] = []
        for i in range(0, len(values), DOTS_ACROSS):
            worst = max((value for value in values[i : i + DOTS_ACROSS] if value is not None), default=None)
            severity = self._severity(worst)
            pens.append(self._canvas.pen(severity) if severity else usual)
        return pens + [usual] * (cells - len(pens))


def _segments(line: list[Cell]) -> Row:
    """Join neighbours of one style."""
    return [Segment("".join([text for text, _ in cells]), pen) for pen, cells in groupby(line, itemgetter(1))]


def heights(count: int, rows: int) -> list[int]:
    """Return how many rows each of `count` meters of a column gets: one at least, charts for the first ones."""
    if not count:
        return []
    given = [1] * count
    spare = rows - count
    for tall in range(3, _TALLEST + 1):
        for i in range(count):
            more = tall - given[i]
            if more <= spare:
                given[i] = tall
                spare -= more
    return given


def limits_of(verdicts: Iterable[RuleVerdict]) -> dict[str, MeterLimit]:
    """Return the limits of meters by metric."""
    found: dict[str, MeterLimit] = {}
    for verdict in verdicts:
        if not verdict.lower_is_better:
            continue
        before = found.get(verdict.metric, MeterLimit())
        fails = verdict.verdict is Verdict.FAIL
        moments = () if verdict.breached_at_s is None else ((verdict.breached_at_s, fails),)
        found[verdict.metric] = MeterLimit(
            _strictest(before.warn, verdict.warn), _strictest(before.fail, verdict.fail), before.breaches + moments
        )
    return found


def _strictest(one: float | None, other: float | None) -> float | None:
    known = [limit for limit in (one, other) if limit is not None]
    return min(known, default=None)
