"""Meters with their history: label, value, peak, scale, and the budget that the value is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from textual import events

from perftui.analysis.heap_timeline import summed
from perftui.analysis.meter_history import MeterHistories, MeterHistory
from perftui.model.derivation import METRIC_KEY
from perftui.model.heap import HeapTimeline
from perftui.model.reading import METER_BY_METRIC, METERS, Meter, ResourceReading
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.ui.widgets.cells import fit
from perftui.ui.widgets.line_canvas import LineCanvas, Row, cut
from perftui.ui.widgets.memory_chart import MemoryDrawing
from perftui.ui.widgets.meter_drawing import Curve, Drawing, MeterDrawing, MeterLimit, Span
from perftui.units import Unit, format_seconds

_COLUMN_CELLS = 44
"""A meter narrower than this begins to lose parts of its line."""
_MOST_COLUMNS = 4
_TALLEST = 6
"""A meter higher than this tells no more."""
_TALLEST_OF_TWO = 9
"""Two curves on one axis need room to come apart."""
_UNITS_OF_MEMORY = (Unit.BYTES, Unit.BYTES_PER_SECOND, Unit.BYTES_PER_MINUTE)
_LEAST_WITH_NAME = 3
"""Rows from which the name of a range has one of them."""
_LEAST_FOR_CHARTS = 8
"""Rows from which memory is worth a chart even where that puts the last meters out of sight; the wheel shows them."""
_HEAP, _RSS, _CPU = METER_BY_METRIC["heap_bytes"], METER_BY_METRIC["rss_bytes"], METER_BY_METRIC["cpu_percent"]


class MeterPanel(LineCanvas):
    """Meters in as many columns as fit: the target's first, the first of each column with the tallest charts."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "meter--label",
        "meter--system-label",
        "meter--value",
        "meter--muted",
        "meter--target",
        "meter--heap",
        "meter--system",
        "meter--warn",
        "meter--fail",
        "meter--warn-limit",
        "meter--fail-limit",
        "meter--range",
    }
    DEFAULT_CSS = """
    MeterPanel {
        .meter--label { color: $text; text-style: bold; }
        .meter--system-label { color: $text-muted; }
        .meter--value { color: $text; }
        .meter--muted { color: $text-muted; }
        .meter--target { color: $primary; }
        .meter--heap { color: $accent; }
        .meter--system { color: $secondary; }
        .meter--warn { color: $warning; }
        .meter--fail { color: $error; }
        .meter--warn-limit { color: $warning 60%; }
        .meter--fail-limit { color: $error 60%; }
        .meter--range { color: $secondary; text-style: bold; }
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
        self._timelines: list[HeapTimeline] = []
        self._watermark_bytes = 0.0
        self._captured: tuple[MeterHistory, MeterHistory] | None = None
        """Heap and resident memory as captures have them, once they were read."""
        self._limits: dict[str, MeterLimit] = {}
        self._span = Span(0.0, 0.0, False)
        self._first_meter = 0

    def clear(self) -> None:
        """Forget all readings: another session."""
        self._histories = MeterHistories()
        self._timelines, self._captured, self._watermark_bytes = [], None, 0.0
        self._first_meter = 0

    def add(self, readings: Iterable[ResourceReading]) -> None:
        """Take readings, in order of time; `show` draws them."""
        for reading in readings:
            self._histories.add(reading)

    def add_timelines(self, timelines: Iterable[HeapTimeline], *, watermark_bytes: float | None = None) -> None:
        """Take what captures say of heap and resident memory: finer than readings, and of the whole run.

        `watermark_bytes` is the exact peak of the heap, which lies between two points of a timeline.
        """
        self._timelines.extend(timelines)
        self._watermark_bytes = watermark_bytes or self._watermark_bytes
        if self._timelines:
            heap, rss = MeterHistory(holds=True), MeterHistory(holds=True)
            for at_s, heap_bytes, rss_bytes in summed(self._timelines):
                heap.append(at_s, heap_bytes)
                rss.append(at_s, rss_bytes)
            self._captured = heap, rss

    def show(
        self,
        *,
        end_s: float,
        verdicts: Iterable[RuleVerdict] = (),
        whole: bool = False,
        between: tuple[float, float] | None = None,
    ) -> None:
        """Draw the meters up to a moment of the recording, with the limits of the verdicts that are about them.

        Of a range `between` two moments, they show its curve, its mean, its least and its greatest value.
        """
        self._limits = limits_of(verdicts)
        last_s = self._histories.last_s
        self._span = Span(max(end_s, last_s), last_s, whole)
        if between is not None:
            self._span = Span(between[1], last_s, True, between[0])
        self.redraw()

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return all meters, column by column; of a range, its name stands above them."""
        start_s = self._span.start_s
        if start_s is None or height < _LEAST_WITH_NAME:
            return self._meter_rows(width, height)
        span = f"{format_seconds(start_s)} to {format_seconds(self._span.end_s)}"
        text = next((text for text in (f"{span}: mean, least … greatest", span) if len(text) <= width), "")
        return [[Segment(fit(text, width), self.pen("meter--range"))], *self._meter_rows(width, height - 1)]

    def _meter_rows(self, width: int, height: int) -> list[Row]:
        columns = max(1, min(_MOST_COLUMNS, width // _COLUMN_CELLS))
        drawings = self._drawings(columns)
        if not drawings:
            return [[Segment("no reading of any meter", self.pen("meter--muted"))], *([[]] * (height - 1))]
        shown = drawings[self._first_meter :]
        cells = (width - 2 * (columns - 1)) // columns
        blocks: list[list[Row]] = []
        for column in range(columns):
            mine = shown[column::columns]
            of_memory = bool(mine) and isinstance(mine[0], MemoryDrawing)
            mine = mine[: height - _kept_for_charts(height) if of_memory else height]
            block: list[Row] = []
            first = _TALLEST_OF_TWO if of_memory else _TALLEST
            for drawing, rows in zip(mine, heights(len(mine), height, first=first), strict=True):
                block.extend(drawing.rows(cells, rows))
            blocks.append(block)
        return [self._beside(blocks, y, cells) for y in range(height)]

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Show meters that did not fit."""
        event.stop()
        self._first_meter = min(self._first_meter + 1, max(0, len(self._drawings(1)) - 1))
        self.redraw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Come back to the first meters."""
        event.stop()
        self._first_meter = max(0, self._first_meter - 1)
        self.redraw()

    def _drawings(self, columns: int) -> list[Drawing]:
        """Return what is measured, in order: a row without a value would only say what this machine cannot do."""
        by_metric = self._histories.by_metric
        measured = [meter for meter in self._meters if by_metric[meter.metric].is_measured]
        memory = self._memory()
        if memory is None:
            return [MeterDrawing(self, self._curve(meter)) for meter in measured]
        others: list[Drawing] = [
            MeterDrawing(self, self._curve(meter)) for meter in measured if meter not in (_HEAP, _RSS, _CPU)
        ]
        drawings: list[Drawing] = [memory, *others]
        if _CPU in measured:
            # Below memory in the same column: then both stand over one time axis.
            drawings.insert(min(columns, len(drawings)), MeterDrawing(self, self._curve(_CPU)))
        return drawings

    def _memory(self) -> MemoryDrawing | None:
        heap, rss = self._memory_histories()
        if not heap.is_measured or not rss.is_measured or not {_HEAP, _RSS} <= set(self._meters):
            return None
        curve = self._curve(_HEAP, heap, "meter--heap")
        if self._captured is not None and self._span.start_s is None:
            curve.peak = max(curve.peak or 0.0, self._watermark_bytes)
        return MemoryDrawing(self, curve, self._curve(_RSS, rss))

    def _memory_histories(self) -> tuple[MeterHistory, MeterHistory]:
        """Return heap and resident memory from the same source, so that they can be held against one another."""
        by_metric = self._histories.by_metric
        heap, rss = by_metric[_HEAP.metric], by_metric[_RSS.metric]
        if self._captured is None:
            return heap, rss
        # Of processes that no capture is about, only the readings know.
        traced_all = (by_metric["processes"].peak or 0) <= len(self._timelines)
        return self._captured[0], self._captured[1] if traced_all or not rss.is_measured else rss

    def _curve(self, meter: Meter, history: MeterHistory | None = None, component: str = "") -> Curve:
        usual = "meter--target" if meter.of_target else "meter--system"
        return Curve(
            self,
            meter,
            history or self._histories.by_metric[meter.metric],
            self._limits.get(meter.metric),
            self._span,
            component=component or usual,
        )

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


def _kept_for_charts(height: int) -> int:
    """Return the rows that memory and CPU below it have beside their first ones, before others are seen at all."""
    if height < _LEAST_FOR_CHARTS:
        return 0
    return 8 if height >= 2 * _LEAST_FOR_CHARTS else 3


def heights(count: int, rows: int, *, first: int = _TALLEST) -> list[int]:
    """Return how many rows each of `count` meters of a column gets: one at least, charts for the first ones.

    The first one may get up to `first` rows; where that is more than others get, it comes before them.
    """
    if not count:
        return []
    given = [1] * count
    if first > _TALLEST:
        given[0] += max(0, min(first - 2, rows - count + 1) - 1)
    spare = rows - sum(given)
    for tall in range(3, max(first, _TALLEST) + 1):
        for i in range(count):
            more = tall - given[i]
            if 0 < more <= spare and tall <= (_TALLEST if i else first):
                given[i] = tall
                spare -= more
    return given


def limits_of(verdicts: Iterable[RuleVerdict]) -> dict[str, MeterLimit]:
    """Return the limits of meters by metric."""
    found: dict[str, MeterLimit] = {}
    for verdict in verdicts:
        fails = verdict.verdict is Verdict.FAIL
        moments = () if verdict.breached_at_s is None else ((verdict.breached_at_s, fails),)
        # Leaks, growth and what a function holds are no levels of the heap, but their moments belong to it.
        of_heap = verdict.unit in _UNITS_OF_MEMORY and not _is_level(verdict.metric)
        metric = _HEAP.metric if of_heap else verdict.metric
        before = found.get(metric, MeterLimit())
        warn, fail = (None, None) if of_heap else (verdict.warn, verdict.fail)
        breaches = before.breaches + moments
        if verdict.lower_is_better:
            warn, fail = _strictest(min, before.warn, warn), _strictest(min, before.fail, fail)
            found[metric] = replace(before, warn=warn, fail=fail, breaches=breaches)
        else:
            warn, fail = _strictest(max, before.least_warn, warn), _strictest(max, before.least_fail, fail)
            found[metric] = replace(before, least_warn=warn, least_fail=fail, breaches=breaches)
    return found


def _is_level(metric: str) -> bool:
    return metric in METER_BY_METRIC or metric.startswith(METRIC_KEY)


def _strictest(choose: Callable[..., float], one: float | None, other: float | None) -> float | None:
    known = [limit for limit in (one, other) if limit is not None]
    return choose(known) if known else None
