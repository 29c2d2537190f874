"""The sandwich: a function between who calls it and what it calls, and what each of them costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.code_origin import Origin, origin, place, tail
from perftui.analysis.neighbours import Neighbour, Neighbours
from perftui.model.frame import Frame
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.flame_labels import short_name
from perftui.ui.widgets.flame_paint import FlamePaint
from perftui.ui.widgets.line_canvas import Row, cut
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import Unit, format_figure, format_percent, format_value

_SHARE, _COST, _OWN, _TOTAL = 8, 10, 10, 10
"""Cells of the columns of figures."""
_LEAST_NAME = 16
_GAP = 1
"""Cells between both sides."""
_TITLES = (("▲ callers", "through it"), ("▼ callees", "in it"))
_ALONE = ("no caller: stacks begin here", "itself")
"""What stands for no function, by side."""


class Sandwich(ScrolledCanvas, can_focus=True):
    """Callers to the left and callees to the right, each with the part of the function's total that is theirs."""

    HEADING_ROWS = 2
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sandwich--title",
        "sandwich--heading",
        "sandwich--number",
        "sandwich--muted",
        "sandwich--cursor",
        "sandwich--quiet-cursor",
        "sandwich--own",
        "sandwich--package",
        "sandwich--stdlib",
        "sandwich--pseudo",
    }
    DEFAULT_CSS = """
    Sandwich {
        .sandwich--title { color: $text; text-style: bold; }
        .sandwich--heading { background: $foreground 6%; color: $text-muted; }
        .sandwich--number { color: $text; }
        .sandwich--muted { color: $text-muted; }
        .sandwich--cursor { background: $primary 30%; }
        .sandwich--quiet-cursor { background: $foreground 10%; }
        .sandwich--own { background: $accent; }
        .sandwich--package { background: $secondary; }
        .sandwich--stdlib { background: $foreground 28%; }
        .sandwich--pseudo { background: $foreground 11%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next", show=False, id="sandwich.down"),
        Binding("up", "move(-1)", "Previous", show=False, id="sandwich.up"),
        Binding("left", "side(0)", "Callers", show=False, id="sandwich.left"),
        Binding("right", "side(1)", "Callees", show=False, id="sandwich.right"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="sandwich.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="sandwich.page_up"),
        Binding("enter", "walk", "Go to it", show=False, id="sandwich.walk"),
    ]

    class Walked(Message):
        """A caller or a callee was asked for."""

        def __init__(self, sandwich: Sandwich, function: FunctionKey) -> None:
            super().__init__()
            self.sandwich = sandwich
            self.function = function

        @property
        def control(self) -> Sandwich:
            """The widget that posted it."""
            return self.sandwich

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: Neighbours | None = None
        self._empty = ""
        self._unit = Unit.SECONDS
        self._cwd = ""
        self._side = 0
        self._cursors: list[FunctionKey | None] = [None, None]
        """By side; None for the first row."""
        self._paint = FlamePaint(self, "sandwich")

    def show(self, neighbours: Neighbours | None, *, unit: Unit = Unit.SECONDS, cwd: str = "", empty: str = "") -> None:
        """Draw a function between its neighbours, or say why there is none."""
        before = None if self._shown is None else function_key(self._shown.frame)
        if neighbours is None or function_key(neighbours.frame) != before:
            self._cursors = [None, None]
            self.reveal(0)
        self._shown, self._unit, self._cwd, self._empty = neighbours, unit, cwd, empty
        self.redraw()

    def line_count(self) -> int:
        """Return the length of the longer side."""
        return max(1, *(len(side) for side in self._sides))

    def draw_heading(self, y: int, width: int) -> Row:
        """Return the function itself, or the names of the columns of both sides."""
        shown = self._shown
        if y == 0:
            return [Segment(fit(f" {self._title(shown)}", width), self.pen("sandwich--title"))] if shown else []
        if shown is None:
            return []
        left, right = _widths(width)
        titles = fit(heading(0, left), left + _GAP) + fit(heading(1, right), right)
        return [Segment(titles + " ", self.pen("sandwich--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return a caller and a callee."""
        if self._shown is None:
            return [Segment(fit(f"  {clean(self._empty)}", width), self.pen("sandwich--muted"))]
        row: Row = []
        for side, cells in enumerate(_widths(width)):
            row.extend(self._half(side, index, cells))
            row.append(Segment(" " * _GAP if side == 0 else "", self.pen()))
        return row

    def forget(self) -> None:
        """Drop everything that was made from colours."""
        super().forget()
        self._paint.forget()

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self.redraw()

    def on_blur(self) -> None:
        """Show the cursor as a quiet one."""
        self.redraw()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._go(self._side, self._at(self._side) + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self._go(self._side, self._at(self._side) + step * max(1, self.page_rows - 1))

    def action_side(self, side: int) -> None:
        """Go to the other side."""
        if self._sides[side]:
            self._go(side, self._at(side))

    def action_walk(self) -> None:
        """Ask for the function below the cursor."""
        rows = self._sides[self._side] or self._sides[1 - self._side]
        frame = rows[min(self._at(self._side), len(rows) - 1)].frame if rows else None
        if frame is not None:
            self.post_message(self.Walked(self, function_key(frame)))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor there; go to the function that has it already."""
        side = self._side_at(event.x)
        index = self.first_line + event.y - self.HEADING_ROWS
        if event.y < self.HEADING_ROWS or index >= len(self._sides[side]):
            return
        if side == self._side and index == self._at(side):
            self.action_walk()
        else:
            self._go(side, index)

    def _side_at(self, x: int) -> int:
        """Return the side that a column belongs to."""
        return int(x > _widths(self.size.width - 1)[0])

    @property
    def _sides(self) -> tuple[Sequence[Neighbour], Sequence[Neighbour]]:
        return ((), ()) if self._shown is None else (self._shown.callers, self._shown.callees)

    def _at(self, side: int) -> int:
        """Return the row of the cursor, which stays on its function while figures change."""
        wanted = self._cursors[side]
        rows = self._sides[side]
        return 0 if wanted is None else next((i for i, row in enumerate(rows) if row.key == wanted), 0)

    def _go(self, side: int, index: int) -> None:
        rows = self._sides[side]
        if not rows:
            return
        index = max(0, min(index, len(rows) - 1))
        self._side = side
        self._cursors[side] = rows[index].key
        self.reveal(index)
        self.redraw()

    def _title(self, shown: Neighbours) -> str:
        where = f" ({_place(shown.frame, self._cwd)})" if shown.frame.file else ""
        share = format_percent(100 * shown.total / (shown.whole or 1.0))
        total, own = format_value(shown.total, self._unit), format_value(shown.own, self._unit)
        return f"{clean(shown.frame.function)}{where}  ·  total {total} ({share})  ·  self {own}"

    def _half(self, side: int, index: int, width: int) -> Row:
        rows = self._sides[side]
        if index >= len(rows):
            return [Segment(" " * width, self.pen())]
        row = rows[index]
        on = ""
        if side == self._side and index == self._at(side):
            on = "sandwich--cursor" if self.has_focus else "sandwich--quiet-cursor"
        number, muted = self.pen("sandwich--number", on=on), self.pen("sandwich--muted", on=on)
        segments: Row = [
            Segment(fit(format_figure(row.weight, self._unit), _COST, right=True), number),
            Segment(fit(format_percent(100 * row.share), _SHARE, right=True), number),
        ]
        name_cells = width - _COST - _SHARE
        if _has_figures(width):
            name_cells -= _OWN + _TOTAL
            own, total = ("", "") if row.frame is None else (row.own, row.total)
            segments.append(Segment(self._figure(own, _OWN) + self._figure(total, _TOTAL), muted))
        return cut([*segments, *self._named(row, side, name_cells, on)], width)

    def _figure(self, value: float | str, cells: int) -> str:
        return fit(value if isinstance(value, str) else format_figure(value, self._unit), cells, right=True)

    def _named(self, row: Neighbour, side: int, cells: int, on: str) -> Row:
        if row.frame is None:
            return [Segment(fit(f"   {_ALONE[side]}", cells), self.pen("sandwich--muted", on=on))]
        below = self.shade(on) if on else self.paper
        own = origin(row.frame.file) is Origin.OWN
        pen = self.pen("sandwich--number" if own else "sandwich--muted", on=on)
        name = clean(row.frame.function)
        where = f"  {_place(row.frame, self._cwd)}" if row.frame.file else ""
        room = cells - 3
        text = name + where if width_of(name + where) <= room else short_name(name, room)
        return [Segment("  ▌", self.ink(self._paint.colour(row.frame), below)), Segment(fit(text, room), pen)]


def _widths(width: int) -> tuple[int, int]:
    left = max(0, (width - _GAP) // 2)
    return left, max(0, width - _GAP - left)


def _has_figures(width: int) -> bool:
    return width >= _COST + _SHARE + _OWN + _TOTAL + _LEAST_NAME


def heading(side: int, width: int) -> str:
    """Return the names of the columns of a side."""
    title, cost = _TITLES[side]
    figures = fit(cost, _COST, right=True) + fit("share", _SHARE, right=True)
    if _has_figures(width):
        figures += fit("self", _OWN, right=True) + fit("total", _TOTAL, right=True)
    return f"{figures}  {title}"


def _place(frame: Frame, cwd: str) -> str:
    return clean(tail(place(frame.file, cwd)))
