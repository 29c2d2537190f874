"""The time pane: lanes of everything that has values over one axis, with a cursor that reads all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType

from perftui.analysis.time_axis import moment_text
from perftui.analysis.timeline import RUNNING, Lane
from perftui.ui.widgets.axis_canvas import AxisCanvas
from perftui.ui.widgets.cells import clean, fit, fit_middle, width_of
from perftui.ui.widgets.lane_drawing import Run, painted
from perftui.ui.widgets.lane_sheet import LaneSheet, TimeFacts
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.time_rows import (
    axis_row,
    chosen_cells,
    event_cells,
    event_text,
    events_read,
    grounds,
    lane_heights,
    mark_names,
    signs_row,
    with_cursor,
)
from perftui.units import format_seconds

_TALLEST = 6
"""A lane higher than this tells no more."""
_LONGER = 12
_WIDE_NAMES = 100
"""Cells from which longer names have room."""
_ROWS_AROUND = 3
"""What is read, what happened, and the axis."""


class TimePane(AxisCanvas):
    """Lanes over one axis: keys and the wheel zoom and move the cursor, dragging chooses a range."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"time-pane--{name}"
        for name in (
            *("busy", "gil", "idle", "target", "heap", "system", "warn", "fail", "mark", "process", "muted", "value"),
            *("label", "chosen-label", "range", "range-line", "cursor", "warn-limit", "fail-limit"),
        )
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "lane(-1)", "Lane above", show=False, id="time.lane.up"),
        Binding("down", "lane(1)", "Lane below", show=False, id="time.lane.down"),
        Binding("pageup", "lane(-8)", "Lanes above", show=False, id="time.lanes.up"),
        Binding("pagedown", "lane(8)", "Lanes below", show=False, id="time.lanes.down"),
    ]
    DEFAULT_CSS = """
    TimePane {
        .time-pane--busy { color: $primary; }
        .time-pane--gil { color: $accent; }
        .time-pane--idle { color: $text-muted; }
        .time-pane--target { color: $primary; }
        .time-pane--heap { color: $accent; }
        .time-pane--system { color: $secondary; }
        .time-pane--warn { color: $warning; }
        .time-pane--fail { color: $error; }
        .time-pane--warn-limit { color: $warning 60%; }
        .time-pane--fail-limit { color: $error 60%; }
        .time-pane--mark { color: $accent; text-style: bold; }
        .time-pane--process { color: $success; }
        .time-pane--muted { color: $text-muted; }
        .time-pane--value { color: $text; }
        .time-pane--label { color: $text; text-style: bold; }
        .time-pane--chosen-label { background: $primary; color: $background; text-style: bold; }
        .time-pane--range { background: $secondary 45%; }
        .time-pane--range-line { color: $secondary; text-style: bold; }
        .time-pane--cursor { background: $foreground 30%; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._facts: TimeFacts | None = None
        self._key = RUNNING
        """Key of the lane that is chosen: others may come and go above it."""
        self._first = 0
        """The first lane that is in sight."""
        self._sheet = LaneSheet()

    # What is shown.

    @property
    def lane(self) -> Lane:
        """The lane that is chosen."""
        lanes = self._sheet.lanes
        return next((lane for lane in lanes if lane.key == self._key), lanes[0])

    def show(self, facts: TimeFacts) -> None:
        """Show what is known now; what a person looks at stays."""
        if facts == self._facts:
            return
        self._facts, self._chosen = facts, facts.chosen
        self._sheet.take(facts)
        self._axis = self._axis.grown(facts.run_s)
        self.redraw()

    # Lanes.

    def on_resize(self) -> None:
        """Keep the lane that is chosen in sight where fewer have room now."""
        lanes = self._sheet.lanes
        self._bring_to_sight(lanes.index(self.lane), len(lanes))

    def action_lane(self, step: int) -> None:
        """Choose another lane."""
        lanes = self._sheet.lanes
        at = [lane.key for lane in lanes].index(self.lane.key)
        at = max(0, min(len(lanes) - 1, at + step))
        self._key = lanes[at].key
        self._bring_to_sight(at, len(lanes))
        self.redraw()

    def choose_below(self, y: int) -> None:
        """Choose the lane in a row."""
        at = 1
        for lane, rows in self._in_sight():
            if at <= y < at + rows and lane.key != self._key:
                self._key = lane.key
                self.redraw()
            at += rows

    def scroll_lanes(self, step: int) -> None:
        """Show lanes that did not fit."""
        self._first = max(0, min(self._first + step, len(self._sheet.lanes) - 1))
        self.redraw()

    def _in_sight(self) -> list[tuple[Lane, int]]:
        """Return the lanes that are in sight, each with its rows."""
        lanes = self._sheet.lanes
        rows = max(1, self.size.height - _ROWS_AROUND)
        first = max(0, min(self._first, len(lanes) - 1))
        for start in range(first, -1, -1):
            # What was scrolled past its end is filled up from above.
            shown = lanes[start:]
            given = lane_heights(len(shown), rows, most=_TALLEST, grown=[not lane.estimate for lane in shown])
            if len(given) < len(shown) or sum(given) >= rows or start == 0:
                self._first = start
                return list(zip(shown, given, strict=False))
        return []

    def _bring_to_sight(self, index: int, count: int) -> None:
        self._first = min(self._first, index)
        for _ in range(count):
            if index < self._first + len(self._in_sight()):
                return
            self._first += 1

    # Drawing.

    def content_rows(self, width: int) -> int:  # noqa: ARG002
        """Return a row for every lane, and what stands around them."""
        return _ROWS_AROUND + len(self._sheet.lanes)

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return what is read, the lanes, what happened and the axis."""
        axis, cells = self._axis, self._chart_cells
        if self._facts is None or axis.span_s <= 0:
            empty = "" if self._facts is None else fit(f" {self._facts.empty}", width)
            return [[Segment(empty, self.pen("time-pane--muted"))], *([[]] * (height - 1))]
        self._sheet.see(axis, cells)
        cursor = axis.cell_of(axis.read_s, cells)
        chosen = chosen_cells(self._chosen, axis, cells)
        below = grounds(cells, chosen, cursor)
        rows = [self._heading(width)]
        for lane, high in self._in_sight():
            rows.extend(self._lane_rows(lane, high, below, cursor))
        most = max(0, height - 2)
        rows = [*rows[:most], *([[]] * (most - len(rows)))]
        happened = self._facts.happened
        line, inks = signs_row(event_cells(happened, axis, cells), cells, mark_names(happened, axis, cells))
        rows.append([self._said(), *self._segments(with_cursor(line, cursor), inks, below)])
        line, inks = axis_row(axis, cells, chosen, cursor)
        rows.append([self._below_labels(), *self._segments(line, inks, [Run(0, cells, "")])])
        return rows[:height]

    def _heading(self, width: int) -> Row:
        """Return the moment that is read, what happened at it, and what the cells stand for."""
        assert self._facts is not None
        axis, cells = self._axis, self._chart_cells
        cell_s = axis.span_s / cells
        # The axis ends with a whole second while it grows; what is read is not ahead of now.
        read = moment_text(min(axis.read_s, self._facts.now_s), cell_s)
        start, end = moment_text(axis.start_s, cell_s), moment_text(axis.end_s, cell_s)
        seen = "all of the run" if axis.whole else f"{start} to {end}"
        follows = ["follows the end"] if axis.follows and self._facts.live else []
        right = "  ·  ".join([*follows, seen, f"greatest of each {format_seconds(cell_s)}"])
        happened = [event_text(event) for event in events_read(self._facts.happened, axis, cells)]
        told = self._sheet.told(self.lane, self._chosen)
        # Whoever has chosen a range asks what it held.
        parts = [told, *happened] if self._chosen else happened or [told]
        said = "  ".join(part for part in parts if part)
        room = width - self._label_cells
        if said and width_of(said) + len(right) + 2 > room:
            right = ""
        return [
            Segment(fit(f" {read}", self._label_cells), self.pen("time-pane--label")),
            Segment(fit(said, room - len(right)), self.pen("time-pane--value")),
            Segment(fit(right, room), self.pen("time-pane--muted")) if right else Segment(""),
        ]

    @property
    def _label_cells(self) -> int:
        # Names that an application gives are longer than those of meters.
        usual = super()._label_cells
        return usual + _LONGER if self._sheet.tells and self.size.width >= _WIDE_NAMES else usual

    def _said(self) -> Segment:
        return Segment(fit(" events", self._label_cells), self.pen("time-pane--muted"))

    def _below_labels(self) -> Segment:
        hidden = len(self._sheet.lanes) - len(self._in_sight())
        text = f" ↑ ↓ {hidden} more" if hidden else ""
        return Segment(fit(text, self._label_cells), self.pen("time-pane--muted"))

    def _lane_rows(self, lane: Lane, rows: int, below: list[Run], cursor: int) -> list[Row]:
        scale = ["" for _ in range(rows)]
        lowest, highest = self._sheet.scale(lane)
        # One row has room for both where the lower end is not what it always is.
        scale[0] = highest if rows > 1 or lowest == "0" else f"{lowest} to {highest}"
        if rows > 1:
            scale[-1] = lowest
        labels = self._labels(lane, rows, cursor)
        return [
            [
                *labels[y],
                *self._segments(with_cursor(line.text, cursor), line.runs, below),
                Segment(fit(f" {scale[y]}", self._scale_cells), self.pen("time-pane--muted")),
            ]
            for y, line in enumerate(self._sheet.lines(lane, rows))
        ]

    def _labels(self, lane: Lane, rows: int, cursor: int) -> list[Row]:
        is_chosen = lane.key == self.lane.key
        value, pen = self._sheet.value(lane, cursor)
        room = self._label_cells - 2
        name_cells = room - 11
        muted = self.pen("time-pane--muted")
        first = [
            Segment("▸" if is_chosen else " ", self.pen("time-pane--label")),
            Segment(
                fit_middle(clean(lane.label), name_cells),
                self.pen("time-pane--chosen-label" if is_chosen else "time-pane--label"),
            ),
            Segment(fit(value, 11, right=True), self.pen(pen)),
            Segment(" ", muted),
        ]
        facts = self._sheet.facts_of(lane)
        others = [[Segment(fit(fact, room + 1, right=True) + " ", muted)] for fact in facts[: rows - 1]]
        return [first, *others, *([[Segment(" " * (room + 2), muted)]] * (rows - 1 - len(others)))]

    def _segments(self, line: str, inks: Sequence[Run], below: Sequence[Run]) -> Row:
        return [Segment(text, self.pen(ink, on=on)) for text, ink, on in painted(line, inks, below)]
