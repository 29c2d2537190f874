"""Both sides of a comparison over one axis of time, and a range on each: drawn with the mouse, moved with the keys."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.paired_times import PairedTimes, SideName, shared_top
from perftui.analysis.pyramid import Columns
from perftui.analysis.time_axis import TimeAxis, moment_text, ticks
from perftui.analysis.timeline import Lane, Range
from perftui.ui.widgets.braille import DOTS_ACROSS, area
from perftui.ui.widgets.cells import fit
from perftui.ui.widgets.line_canvas import LineCanvas, Row
from perftui.ui.widgets.time_rows import chosen_cells
from perftui.units import format_value

_SIDES = (SideName.BASELINE, SideName.CURRENT)
_WIDE = 100
"""Cells from which labels are written out and values stand beside the curves."""
_VALUES_FROM = 60
"""Cells from which the mean of each lane stands beside it, where all lanes are shown."""
_TICK_CELLS = 14
"""Room for a moment and a gap."""
_HEADROOM = 4 / 3
"""Curves of one row leave their topmost dots free: rows below each other would grow into one shape."""


class PairedStrip(LineCanvas, can_focus=True):
    """Two rows a lane, the baseline above; at the bottom the axis of both.

    Keys belong to one side at a time; its range is the one that they move.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "paired-strip--label",
        "paired-strip--side",
        "paired-strip--held",
        "paired-strip--baseline",
        "paired-strip--current",
        "paired-strip--chosen",
        "paired-strip--axis",
        "paired-strip--range",
    }
    DEFAULT_CSS = """
    PairedStrip { background: $surface;
        &:focus { background: $panel; }
        .paired-strip--label { color: $text; text-style: bold; }
        .paired-strip--side { color: $text-muted; }
        .paired-strip--held { color: $text; text-style: bold; }
        .paired-strip--baseline { color: $secondary; }
        .paired-strip--current { color: $primary; }
        .paired-strip--chosen { background: $secondary 35%; }
        .paired-strip--axis { color: $text-muted; }
        .paired-strip--range { color: $primary; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.move_range(-1)", "Range to the left", show=False, id="pair.left"),
        Binding("right", "screen.move_range(1)", "Range to the right", show=False, id="pair.right"),
        Binding("shift+left,minus", "screen.widen_range(-1)", "Narrower", show=False, id="pair.narrow"),
        Binding("shift+right,plus", "screen.widen_range(1)", "Wider", show=False, id="pair.wide"),
        Binding("up", "hold(-1)", "Baseline", show=False, id="pair.up"),
        Binding("down", "hold(1)", "Current", show=False, id="pair.down"),
        Binding("pagedown", "scroll_lanes(1)", "More lanes", show=False, id="pair.more"),
        Binding("pageup", "scroll_lanes(-1)", "First lanes", show=False, id="pair.first"),
        Binding("escape,backspace", "screen.clear_range", "All of the time", show=False, id="pair.clear"),
    ]

    class Brushed(Message):
        """A range of a side was drawn with the mouse, or of both on the axis below them."""

        def __init__(self, sides: tuple[SideName, ...], start_s: float, end_s: float) -> None:
            super().__init__()
            self.sides = sides
            self.start_s, self.end_s = start_s, end_s

    class Cleared(Message):
        """A side was clicked: no range there."""

        def __init__(self, sides: tuple[SideName, ...]) -> None:
            super().__init__()
            self.sides = sides

    class Held(Message):
        """Keys belong to another side."""

        def __init__(self, side: SideName) -> None:
            super().__init__()
            self.side = side

    def __init__(self, *, all_lanes: bool = False, id: str | None = None) -> None:  # noqa: A002
        """Take whether all lanes are drawn, or only how much ran."""
        super().__init__(id=id)
        self._all_lanes = all_lanes
        self._times: PairedTimes | None = None
        self._ranges: dict[SideName, Range | None] = {}
        self._held = SideName.CURRENT
        self._first_lane = 0
        self._drawn: dict[tuple[str, int], dict[SideName, Columns]] = {}
        self._told: dict[tuple[str, SideName, Range | None], float | None] = {}
        """Means that were asked for."""
        self._anchor: tuple[tuple[SideName, ...], int] | None = None
        """Sides and the cell where the mouse went down; None while it is up."""
        self._moved = False

    def show(self, times: PairedTimes, *, ranges: dict[SideName, Range | None], held: SideName) -> None:
        """Draw both sides with their ranges; keys belong to the side that is held."""
        if times is not self._times:
            self._times = times
            self._drawn.clear()
            self._told.clear()
        self._ranges, self._held = dict(ranges), held
        self.redraw()

    def content_rows(self, width: int) -> int:  # noqa: ARG002
        """Return two rows a lane and the axis."""
        return 2 * len(self._lanes()) + 1

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return the lanes that have room, and the axis below them."""
        if self._times is None or height < 1:
            return [[] for _ in range(height)]
        rows: list[Row] = []
        for lane in self._lanes()[self._first_lane :]:
            if len(rows) + 2 > height - 1:
                break
            rows.extend(self._lane_rows(lane, width))
        rows.append(self._axis(width))
        return [*rows, *([] for _ in range(height - len(rows)))]

    def _lanes(self) -> tuple[Lane, ...]:
        if self._times is None:
            return ()
        lanes = self._times.lanes()
        return lanes if self._all_lanes else lanes[:1]

    def _lane_rows(self, lane: Lane, width: int) -> list[Row]:
        cells = self._chart_cells(width)
        columns = self._columns(lane, cells)
        top = shared_top(lane, columns.values()) * _HEADROOM
        return [self._lane_row(lane, side, columns[side], top, width) for side in _SIDES]

    def _lane_row(self, lane: Lane, side: SideName, columns: Columns, top: float, width: int) -> Row:
        cells = self._chart_cells(width)
        line = fit(area(columns.high, top, 1)[0], cells)
        chosen = chosen_cells(self._ranges.get(side), self._axis_of(), cells)
        pen, lit = f"paired-strip--{side.value}", "paired-strip--chosen"
        row = self._label(lane, side, width)
        for on, group in groupby(range(cells), key=lambda cell: cell in chosen):
            part = list(group)
            style = self.pen(pen, on=lit) if on else self.pen(pen)
            row.append(Segment(line[part[0] : part[-1] + 1], style))
        if self._value_cells(width):
            mean = self._mean(lane, side)
            text = "–" if mean is None else format_value(mean, lane.unit)
            row.append(Segment(fit(f" {text}", self._value_cells(width)), self.pen("paired-strip--side")))
        return row

    def _label(self, lane: Lane, side: SideName, width: int) -> Row:
        room = self._label_cells(width)
        name = side.value if width >= _WIDE else side.value[:4]
        held = side is self._held and self.has_focus
        said = lane.label if side is SideName.BASELINE else ""
        lane_cells = room - len(name) - 2
        row = [Segment(fit(f" {said}", lane_cells), self.pen("paired-strip--label"))] if lane_cells > 0 else []
        mark = "▸" if held else " "
        return [
            *row,
            Segment(f"{mark}{name} "[-room:], self.pen("paired-strip--held" if held else "paired-strip--side")),
        ]

    def _axis(self, width: int) -> Row:
        cells = self._chart_cells(width)
        text, chosen = self._axis_text(cells)
        row = [Segment(" " * self._label_cells(width), self.pen("paired-strip--axis"))]
        for on, group in groupby(range(cells), key=lambda cell: cell in chosen):
            part = list(group)
            pen = "paired-strip--range" if on else "paired-strip--axis"
            row.append(Segment(text[part[0] : part[-1] + 1], self.pen(pen)))
        if self._value_cells(width):
            row.append(Segment(fit(" mean", self._value_cells(width)), self.pen("paired-strip--axis")))
        return row

    def _axis_text(self, cells: int) -> tuple[str, set[int]]:
        """Return the moments below the lanes, and the cells of ranges: the upper half is the baseline's."""
        axis, line = self._axis_of(), [" "] * cells
        upper, lower = (chosen_cells(self._ranges.get(side), axis, cells) for side in _SIDES)
        chosen = {*upper, *lower}
        for cell in chosen:
            line[cell] = "━" if cell in upper and cell in lower else "▀" if cell in upper else "▄"
        moments, step_s = ticks(0.0, axis.run_s, max(1, cells // _TICK_CELLS))
        for at_s in moments:
            text, at = f"╵{moment_text(at_s, step_s)}", axis.cell_of(at_s, cells)
            below = range(at, at + len(text))
            # Half a figure is a wrong one: it stands whole, or not at all.
            if below.stop <= cells and not any(cell in chosen for cell in below):
                line[at : below.stop] = text
        return "".join(line), chosen

    def _columns(self, lane: Lane, cells: int) -> dict[SideName, Columns]:
        assert self._times is not None
        key = (lane.key, cells)
        found = self._drawn.get(key)
        if found is None:
            found = self._drawn[key] = self._times.columns(lane, cells * DOTS_ACROSS)
        return found

    def _mean(self, lane: Lane, side: SideName) -> float | None:
        assert self._times is not None
        key = (lane.key, side, self._ranges.get(side))
        if key not in self._told:
            self._told[key] = self._times.side(side).mean(lane, self._ranges.get(side))
        return self._told[key]

    def _axis_of(self) -> TimeAxis:
        return TimeAxis().grown(0.0 if self._times is None else self._times.span_s)

    # What a person does.

    def action_hold(self, step: int) -> None:
        """Give the keys to the side above or below."""
        self.post_message(self.Held(_SIDES[0] if step < 0 else _SIDES[1]))

    def on_focus(self) -> None:
        """Show which side has the keys."""
        self.redraw()

    def on_blur(self) -> None:
        """Show that no side has the keys."""
        self.redraw()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a range of the side below the mouse; on the axis one of both."""
        cell = event.x - self._label_cells(self.size.width)
        if event.button != 1 or self._times is None or self._times.span_s <= 0:
            return
        sides = self._sides_at(event.y)
        if len(sides) == 1:
            self.post_message(self.Held(sides[0]))
        if 0 <= cell < self._chart_cells(self.size.width):
            self._anchor, self._moved = (sides, cell), False
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw the range to where the mouse is."""
        if self._anchor is None or self._times is None:
            super().on_mouse_move(event)
            return
        sides, anchor = self._anchor
        cells = self._chart_cells(self.size.width)
        cell = min(cells - 1, max(0, event.x - self._label_cells(self.size.width)))
        self._moved = self._moved or cell != anchor
        if self._moved:
            axis = self._axis_of()
            start_s, end_s = axis.second_of(min(cell, anchor), cells), axis.second_of(max(cell, anchor) + 1, cells)
            self.post_message(self.Brushed(sides, start_s, end_s))

    def on_mouse_up(self) -> None:
        """Keep the range; a click that drew none takes away the one that there is."""
        if self._anchor is None:
            return
        sides, _ = self._anchor
        self._anchor = None
        self.release_mouse()
        if not self._moved:
            self.post_message(self.Cleared(sides))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Show lanes that did not fit."""
        event.stop()
        self.action_scroll_lanes(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Come back to the first lanes."""
        event.stop()
        self.action_scroll_lanes(-1)

    def action_scroll_lanes(self, step: int) -> None:
        """Show lanes further down or up."""
        shown = max(1, (self.size.height - 1) // 2)
        first = max(0, min(self._first_lane + step, len(self._lanes()) - shown))
        if first != self._first_lane:
            self._first_lane = first
            self.redraw()

    def _sides_at(self, y: int) -> tuple[SideName, ...]:
        shown = min(len(self._lanes()) - self._first_lane, max(0, (self.size.height - 1) // 2))
        return (_SIDES[y % 2],) if y < 2 * shown else _SIDES

    # Room.

    def _label_cells(self, width: int) -> int:
        if self._all_lanes:
            return 24 if width >= _WIDE else 18
        return 10 if width >= _WIDE else 6

    def _value_cells(self, width: int) -> int:
        return 11 if width >= (_VALUES_FROM if self._all_lanes else _WIDE) else 0

    def _chart_cells(self, width: int) -> int:
        return max(1, width - self._label_cells(width) - self._value_cells(width))
