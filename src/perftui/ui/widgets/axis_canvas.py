"""A widget over one axis of time: its cursor, its zoom, and the range that is drawn on it, by keys and by mouse."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.time_axis import TimeAxis
from perftui.ui.widgets.line_canvas import LineCanvas

_ZOOM = 0.5
_PAN = 1 / 8
"""Of what is seen, at a turn of the wheel."""
_WIDE = 76
"""Cells from which labels and scales have all their room."""


class AxisCanvas(LineCanvas, can_focus=True):
    """Charts between labels and scales; subclasses draw them and say what is below the mouse."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "read(-1)", "Earlier", show=False, id="time.left"),
        Binding("right", "read(1)", "Later", show=False, id="time.right"),
        Binding("shift+left", "read(-10)", "Ten cells earlier", show=False, id="time.left.far"),
        Binding("shift+right", "read(10)", "Ten cells later", show=False, id="time.right.far"),
        Binding("plus,equals_sign", "zoom(1)", "Zoom in", show=False, id="time.in"),
        Binding("minus", "zoom(-1)", "Zoom out", show=False, id="time.out"),
        Binding("home", "whole", "All of the run", show=False, id="time.home"),
        Binding("end", "follow", "Follow the end", show=False, id="time.end"),
        Binding("enter", "screen.choose_seen", "Look at what is in sight", show=False, id="time.choose"),
        Binding("left_square_bracket", "screen.bound_range(-1)", "Range from here", show=False, id="time.from"),
        Binding("right_square_bracket", "screen.bound_range(1)", "Range to here", show=False, id="time.to"),
        Binding("escape,backspace", "screen.leave_time", "All of the time", show=False, id="time.clear"),
    ]

    class Brushed(Message):
        """A range was chosen."""

        def __init__(self, start_s: float, end_s: float) -> None:
            super().__init__()
            self.start_s, self.end_s = start_s, end_s

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._axis = TimeAxis()
        self._chosen: tuple[float, float] | None = None
        """The range that is looked at."""
        self._anchor_s: float | None = None
        """Where the mouse went down; None while it is up."""
        self._anchor_cell = 0
        self._moved = False

    @property
    def axis(self) -> TimeAxis:
        """From when to when is shown, and the moment that is read."""
        return self._axis

    def reveal(self, start_s: float, end_s: float, *, read_s: float | None = None) -> None:
        """Bring a range into sight, and read a moment of it, by default its middle."""
        self._go(self._axis.showing(start_s, end_s, read_s=(start_s + end_s) / 2 if read_s is None else read_s))

    @abstractmethod
    def choose_below(self, y: int) -> None:
        """Choose what stands in a row, where there is anything to choose."""

    @abstractmethod
    def scroll_lanes(self, step: int) -> None:
        """Show other rows."""

    # Keys.

    def action_read(self, cells: int) -> None:
        """Read a moment so many cells further."""
        self._go(self._axis.moved(cells, self._chart_cells))

    def action_zoom(self, step: int) -> None:
        """Show half as much about the cursor, or twice as much."""
        self._go(self._axis.zoomed(_ZOOM**step, self._axis.read_s))

    def action_whole(self) -> None:
        """Show all of the run."""
        self._go(self._axis.home())

    def action_follow(self) -> None:
        """Read the end, and stay there while it moves on."""
        self._go(self._axis.following())

    def bounded(self, side: int) -> tuple[float, float]:
        """Return the range that begins (a negative side) or ends at the cursor."""
        axis, width = self._axis, self._chart_cells
        start_s, end_s = self._chosen or (axis.start_s, axis.end_s)
        cell = axis.cell_of(axis.read_s, width)
        if side < 0:
            start_s = axis.second_of(cell, width)
            return start_s, end_s if end_s > start_s else axis.end_s
        end_s = axis.second_of(cell + 1, width)
        return start_s if start_s < end_s else axis.start_s, end_s

    # The mouse.

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a range; what is below the mouse is chosen."""
        if event.button != 1 or self._axis.span_s <= 0:
            return
        self.choose_below(event.y)
        cell = event.x - self._label_cells
        if cell < 0:
            return
        self._anchor_cell, self._anchor_s, self._moved = cell, self._second_of(cell), False
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw the range to where the mouse is."""
        if self._anchor_s is None:
            return
        cell = event.x - self._label_cells
        self._moved = self._moved or cell != self._anchor_cell
        if self._moved:
            cell_s = self._axis.span_s / self._chart_cells
            at_s = self._second_of(cell)
            start_s, end_s = min(at_s, self._anchor_s), max(at_s, self._anchor_s) + cell_s
            self.post_message(self.Brushed(start_s, min(end_s, self._axis.end_s)))

    def on_mouse_up(self) -> None:
        """Keep the range; a click that drew none reads that moment."""
        if self._anchor_s is None:
            return
        at_s = self._anchor_s + self._axis.span_s / self._chart_cells / 2
        self._anchor_s = None
        self.release_mouse()
        if not self._moved:
            self._go(self._axis.read_at(at_s))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out about the mouse; over the labels, go down the lanes."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in about the mouse; over the labels, go up the lanes."""
        self._wheel(event, -1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """Show what was before."""
        event.stop()
        self._pan(-1)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """Show what came after."""
        event.stop()
        self._pan(1)

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        event.stop()
        cell = event.x - self._label_cells
        if cell < 0:
            self.scroll_lanes(step)
        elif event.shift or event.ctrl:
            self._pan(step)
        else:
            self._go(self._axis.zoomed(_ZOOM**-step, self._second_of(cell)))

    def _pan(self, step: int) -> None:
        self._go(self._axis.panned(step * self._axis.span_s * _PAN))

    def _second_of(self, cell: int) -> float:
        return self._axis.second_of(min(cell, self._chart_cells - 1), self._chart_cells)

    def _go(self, axis: TimeAxis) -> None:
        if axis != self._axis:
            self._axis = axis
            self.redraw()

    # Room.

    @property
    def _label_cells(self) -> int:
        return 26 if self.size.width >= _WIDE else 22

    @property
    def _scale_cells(self) -> int:
        return 11 if self.size.width >= _WIDE else 0

    @property
    def _chart_cells(self) -> int:
        return max(1, self.size.width - self._label_cells - self._scale_cells)
