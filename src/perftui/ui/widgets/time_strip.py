"""The run on one line: how busy it was when, what happened, and the range of time that is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.model.session import Event, EventKind
from perftui.ui.widgets.line_canvas import LineCanvas, Row
from perftui.units import format_seconds

ROWS = 2
"""The curve, and the axis below it."""
_BARS = " ▁▂▃▄▅▆▇█"
_MARKS = {EventKind.BREACH: "▲", EventKind.ALERT: "△", EventKind.MARK: "◆"}
_OTHER_MARK = "·"
_WEIGHTIEST = (EventKind.BREACH, EventKind.ALERT, EventKind.MARK)
"""What stands in a cell in which several things happened."""

Range = tuple[float, float]


class _Mark(NamedTuple):
    at_s: float
    kind: EventKind


class TimeStrip(LineCanvas, can_focus=True):
    """Busy seconds over the run with what happened; dragging the mouse chooses a range, a click takes it away."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "time-strip--busy",
        "time-strip--chosen",
        "time-strip--axis",
        "time-strip--range",
        "time-strip--breach",
        "time-strip--alert",
        "time-strip--mark",
    }
    DEFAULT_CSS = """
    TimeStrip { height: 2; background: $surface;
        &:focus { background: $panel; }
        .time-strip--busy { color: $primary 70%; }
        .time-strip--chosen { color: $foreground; background: $secondary 45%; }
        .time-strip--axis { color: $text-muted; }
        .time-strip--range { color: $secondary; text-style: bold; }
        .time-strip--breach { color: $error; text-style: bold; }
        .time-strip--alert { color: $warning; text-style: bold; }
        .time-strip--mark { color: $accent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.move_range(-1)", "Range to the left", show=False, id="range.left"),
        Binding("right", "screen.move_range(1)", "Range to the right", show=False, id="range.right"),
        Binding("shift+left,minus", "screen.widen_range(-1)", "Narrower", show=False, id="range.narrow"),
        Binding("shift+right,plus", "screen.widen_range(1)", "Wider", show=False, id="range.wide"),
        Binding("escape,backspace", "screen.clear_range", "All of the time", show=False, id="range.clear"),
    ]

    class Brushed(Message):
        """A range was drawn with the mouse."""

        def __init__(self, start_s: float, end_s: float) -> None:
            super().__init__()
            self.start_s, self.end_s = start_s, end_s

    class Cleared(Message):
        """The strip was clicked: no range."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._busy: Callable[[int], Sequence[float]] = _nothing
        self._marks: tuple[_Mark, ...] = ()
        self._end_s = 0.0
        self._range: Range | None = None
        self._anchor_s: float | None = None
        """Where the mouse went down; None while it is up."""
        self._anchor_cell = 0
        self._moved = False

    def show(
        self,
        busy: Callable[[int], Sequence[float]],
        *,
        end_s: float,
        happened: Iterable[Event] = (),
        chosen: Range | None = None,
    ) -> None:
        """Draw a run of `end_s` seconds; `busy` gives the weight of each of so many equal parts of it."""
        self._busy, self._end_s, self._range = busy, end_s, chosen
        self._marks = tuple(_Mark(event.at_s, event.kind) for event in happened)
        self.redraw()

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return the curve and the axis."""
        chosen = self._chosen_cells(width)
        return [self._curve(width, chosen), self._axis(width, chosen)][:height]

    def content_rows(self, width: int) -> int:  # noqa: ARG002 (it is always as high)
        """Return how many rows there are."""
        return ROWS

    # The mouse.

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a range."""
        if self._end_s <= 0 or event.button != 1:
            return
        self._anchor_cell, self._anchor_s, self._moved = event.x, self._second_of(event.x), False
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw the range to where the mouse is."""
        if self._anchor_s is None:
            return
        if event.x != self._anchor_cell:
            self._moved = True
        if self._moved:
            at_s, cell_s = self._second_of(event.x), self._end_s / max(1, self.size.width)
            start_s, end_s = min(at_s, self._anchor_s), max(at_s, self._anchor_s) + cell_s
            self.post_message(self.Brushed(start_s, min(end_s, self._end_s)))

    def on_mouse_up(self) -> None:
        """Keep the range; a click that drew none takes away the one that there is."""
        if self._anchor_s is None:
            return
        self._anchor_s = None
        self.release_mouse()
        if not self._moved:
            self.post_message(self.Cleared())

    def _second_of(self, x: int) -> float:
        """Return the moment at which a cell begins; the mouse may be beside the strip."""
        width = max(1, self.size.width)
        return min(max(0, x), width - 1) * self._end_s / width

    # Drawing.

    def _chosen_cells(self, width: int) -> range:
        if self._range is None or self._end_s <= 0:
            return range(0)
        start_s, end_s = self._range
        cell_s = self._end_s / width
        # A range is seen however short it is; rounding must not give it a cell that it only touches.
        first = min(width - 1, max(0, int(start_s / cell_s + 1e-6)))
        last = min(width, max(first + 1, -int(-(end_s / cell_s - 1e-6) // 1)))
        return range(first, last)

    def _curve(self, width: int, chosen: range) -> Row:
        values = self._busy(width) if self._end_s > 0 else ()
        top = max(values, default=0.0)
        bars = [_bar(value, top) for value in values]
        busy, lit = self.pen("time-strip--busy"), self.pen("time-strip--chosen")
        return _merged((bar, lit if cell in chosen else busy) for cell, bar in enumerate(bars))

    def _axis(self, width: int, chosen: range) -> Row:
        plain, lit = self.pen("time-strip--axis"), self.pen("time-strip--range")
        cells = [(" ", plain)] * width
        marked = self._marked(width)
        for cell in chosen:
            cells[cell] = ("━", lit)
        for cell, kind in marked.items():
            cells[cell] = (_MARKS.get(kind, _OTHER_MARK), self._mark_pen(kind))
        for label, at in self._labels(width):
            below = range(at, at + len(label))
            # Half a figure is a wrong one: it stands whole, or not at all where something weightier does.
            if not any(cell in chosen or marked.get(cell) in _WEIGHTIEST for cell in below):
                cells[at : at + len(label)] = [(each, plain) for each in label]
        return _merged(cells)

    def _labels(self, width: int) -> list[tuple[str, int]]:
        if self._end_s <= 0:
            return [("busy over time", 0)] if width >= len("busy over time") else []
        end = format_seconds(self._end_s)
        return [("0 s", 0), (end, width - len(end))] if width >= len(end) + 6 else []

    def _marked(self, width: int) -> dict[int, EventKind]:
        found: dict[int, EventKind] = {}
        for at_s, kind in self._marks if self._end_s > 0 else ():
            cell = min(width - 1, max(0, int(at_s / self._end_s * width)))
            if cell not in found or _order(kind) < _order(found[cell]):
                found[cell] = kind
        return found

    def _mark_pen(self, kind: EventKind) -> Style:
        names = {
            EventKind.BREACH: "time-strip--breach",
            EventKind.ALERT: "time-strip--alert",
            EventKind.MARK: "time-strip--mark",
        }
        return self.pen(names.get(kind, "time-strip--axis"))


def _nothing(_parts: int) -> Sequence[float]:
    return ()


def _bar(value: float, top: float) -> str:
    """Return a bar; what was seen at all is seen in the strip."""
    if value <= 0 or top <= 0:
        return _BARS[0]
    return _BARS[max(1, round(value / top * (len(_BARS) - 1)))]


def _order(kind: EventKind) -> int:
    return _WEIGHTIEST.index(kind) if kind in _WEIGHTIEST else len(_WEIGHTIEST)


def _merged(cells: Iterable[tuple[str, Style]]) -> Row:
    """Return neighbours of one style as one segment."""
    return [
        Segment("".join(text for text, _ in group), style) for style, group in groupby(cells, key=lambda cell: cell[1])
    ]
