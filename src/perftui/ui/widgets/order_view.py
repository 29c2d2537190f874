"""One thread over time, as a chart: x is time, rows are depth, neighbouring equal frames are one block."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.call_tree import function_key
from perftui.analysis.order_chart import CellSeen
from perftui.ui.later import later
from perftui.ui.view_state import Path
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.flame_labels import FlameLabels
from perftui.ui.widgets.flame_paint import HOVERED, KIN, QUIET, SELECTED, FlamePaint
from perftui.ui.widgets.line_canvas import LineCanvas, Row, cut
from perftui.ui.widgets.order_picture import OrderFacts, OrderPicture, Spot
from perftui.ui.widgets.order_zoom import OrderZoom
from perftui.units import format_seconds

_EDGE = "▏"
_BUSY = " ▁▂▃▄▅▆▇█"
_HEADING_ROWS = 2
_LEAST_ROWS = 6
"""Rows from which the axis has one of its own."""
_LEAST_WITH_MARK = 20
_READ_ON_S = 0.02
_HONEST = "sampled: order is kept inside a window of samples, moments in it are even"
_WIDE = 110
"""Cells from which a title is said in full."""
_PAN = 0.25


class OrderView(LineCanvas, can_focus=True):
    """A chart of one thread; it looks only at what is shown, and goes on where that is much."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "order-view--title",
        "order-view--muted",
        "order-view--busy",
        "order-view--more",
        *(f"order-view--{name}" for name in ("own", "package", "stdlib", "native", "pseudo", "root", "folded")),
        "order-view--selected",
        "order-view--quiet-selected",
    }
    DEFAULT_CSS = """
    OrderView {
        .order-view--title { color: $text; }
        .order-view--muted { color: $text-muted; }
        .order-view--busy { color: $primary; }
        .order-view--more { background: $primary; color: $background; text-style: bold; }
        .order-view--own { background: $accent; }
        .order-view--package { background: $secondary; }
        .order-view--stdlib { background: $foreground 28%; }
        .order-view--native { background: $foreground 20%; }
        .order-view--pseudo { background: $foreground 11%; }
        .order-view--root { background: $foreground 16%; }
        .order-view--folded { background: $foreground 9%; color: $text-muted; }
        .order-view--selected { background: $foreground; color: $background; text-style: bold; }
        .order-view--quiet-selected { background: $foreground 55%; color: auto 100%; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "deeper(1)", "What it called", show=False, id="order.down"),
        Binding("up", "deeper(-1)", "What called it", show=False, id="order.up"),
        Binding("right", "along(1)", "Next block", show=False, id="order.right"),
        Binding("left", "along(-1)", "Previous block", show=False, id="order.left"),
        Binding("plus", "zoom(1)", "Zoom in", show=False, id="order.in"),
        Binding("minus", "zoom(-1)", "Zoom out", show=False, id="order.out"),
        Binding("enter", "zoom_to_block", "Zoom to the block", show=False, id="order.zoom"),
        Binding("escape,backspace", "back", "As before", show=False, id="order.back"),
        Binding("home", "whole", "Everything", show=False, id="order.whole"),
        Binding("shift+right", "pan(1)", "Later", show=False, id="order.later"),
        Binding("shift+left", "pan(-1)", "Earlier", show=False, id="order.earlier"),
        Binding("pagedown", "scroll_rows(1)", "Deeper", show=False, id="order.deeper"),
        Binding("pageup", "scroll_rows(-1)", "Shallower", show=False, id="order.shallower"),
        Binding("right_square_bracket", "screen.next_thread(1)", "Next thread", show=False, id="order.next"),
        Binding("left_square_bracket", "screen.next_thread(-1)", "Previous thread", show=False, id="order.previous"),
    ]

    class Selected(Message):
        """A block was selected."""

        def __init__(self, order_view: OrderView, path: Path) -> None:
            super().__init__()
            self.order_view = order_view
            self.path = path

        @property
        def control(self) -> OrderView:
            """The widget that posted it."""
            return self.order_view

    class Hovered(Message):
        """The mouse moved onto a block, or off every block."""

        def __init__(self, order_view: OrderView, text: str) -> None:
            super().__init__()
            self.order_view = order_view
            self.text = text

        @property
        def control(self) -> OrderView:
            """The widget that posted it."""
            return self.order_view

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._facts = OrderFacts()
        self._zoom = OrderZoom()
        self._picture = OrderPicture()
        self._at_s = 0.0
        """The moment that is selected: of a function that is there many times, which."""
        self._first_depth: int | None = None
        """First row that is seen; None until it is scrolled: then the first that tells stacks apart."""
        self._hovered: Spot | None = None
        self._waits = False
        self._paint = FlamePaint(self, "order-view")
        self._labels = FlameLabels()

    def show(self, facts: OrderFacts) -> None:
        """Draw a thread."""
        before = self._facts
        if before.thread is None or facts.thread is None or facts.thread.tree is not before.thread.tree:
            self._paint.forget()
            self._labels.forget()
        if facts.name != before.name:
            self._first_depth = None
        if facts.run[0] != before.run[0] and not facts.follows:
            self._zoom.whole()
        self._facts = facts
        self._zoom.run = facts.run
        self._lay_out()
        self.redraw()

    # Laying out.

    def _lay_out(self) -> None:
        facts = self._facts
        steady = facts.follows and self._zoom.is_whole
        if not self._picture.lay_out(facts.thread, self._zoom.span, self.size.width, steady=steady):
            self._read_on()
        self._hovered = None

    def _read_on(self) -> None:
        """Look at the rest once what is known is drawn."""
        if not self._waits:
            self._waits = True
            later(self, _READ_ON_S, self._go_on)

    def _go_on(self) -> None:
        self._waits = False
        if self.display:
            self._lay_out()
            self.redraw()

    @property
    def _chart_rows(self) -> int:
        return max(0, self.size.height - _HEADING_ROWS - (self.size.height >= _LEAST_ROWS))

    @property
    def _first(self) -> int:
        """Depth of the first row, counted from the outermost frame."""
        if self._first_depth is None:
            return self._picture.first_row(self._chart_rows)
        return max(0, min(self._first_depth, len(self._picture.rows) - self._chart_rows))

    # Drawing.

    def draw_row(self, y: int, width: int) -> Row:
        """Return the title, how busy the thread was, a row of blocks, or the axis."""
        facts = self._facts
        if facts.thread is None or facts.empty:
            return [Segment(fit(f"  {clean(facts.empty)}", width), self.pen("order-view--muted"))] if y == 0 else []
        if y == 0:
            return self._title(width)
        if y == 1:
            busy = "".join(self._busy(cell) for cell in self._picture.cells)
            return [Segment(busy, self.pen("order-view--busy"))]
        if y == self.size.height - 1 and self.size.height >= _LEAST_ROWS:
            return [Segment(self._axis_text(width), self.pen("order-view--muted"))]
        depth = y - _HEADING_ROWS + self._first
        row: Row = []
        reached = 0
        selected = self._selected
        for block in self._picture.rows[depth] if depth < len(self._picture.rows) else ():
            if block.first > reached:
                row.append(Segment(" " * (block.first - reached), self.pen()))
            self._draw_block(Spot(depth, block), selected, row)
            reached = block.end
        return self._marked(row, y, reached, width)

    def _title(self, width: int) -> Row:
        facts, axis = self._facts, self._picture.axis
        unknown = self._picture.cells.count(None)
        name = f" {clean(facts.name)}" + (f"  {facts.number}/{facts.of} [ ]" if facts.of > 1 else "")
        wide = width >= _WIDE
        cell = f"{format_seconds(axis.step_s)} a cell{', the stack seen most' if wide else ': seen most'}"
        reading = f"reading… {100 * (axis.cells - unknown) // axis.cells} %" if unknown else ""
        parts = [part for part in (reading, facts.note, cell) if part]
        found = name
        for part in (*parts, _HONEST if wide else "moments even"):
            if width_of(found) + width_of(part) + 5 <= width:
                found += f"  ·  {part}"
        return [Segment(fit(found, width), self.pen("order-view--title"))]

    def _busy(self, cell: CellSeen | None) -> str:
        if cell is None:
            return "·"
        share = min(1.0, cell.busy_s / self._picture.axis.step_s)
        return _BUSY[max(int(share * (len(_BUSY) - 1) + 0.5), int(cell.samples > 0))]

    def _axis_text(self, width: int) -> str:
        axis = self._picture.axis
        start_s = max(0.0, axis.start_s)
        first, last = format_seconds(start_s), format_seconds(axis.end_s)
        middle = format_seconds((start_s + axis.end_s) / 2)
        # A recording that is younger than the axis is long begins somewhere on it.
        before = round((start_s - axis.start_s) / axis.step_s)
        text = " " * max(0, min(before, width - width_of(f"{first} {last}"))) + first
        left = max(1, (before + width) // 2 - len(text) - width_of(middle) // 2)
        if len(text) + left + width_of(f"{middle} {last}") <= width:
            text += f"{' ' * left}{middle}"
        return text + fit(last, max(0, width - width_of(text)), right=True)

    def _draw_block(self, spot: Spot, selected: Spot | None, row: Row) -> None:
        assert self._facts.thread is not None
        tree, block = self._facts.thread.tree, spot.block
        function = tree.function[block.node]
        frame = tree.functions[function]
        state = HOVERED if spot == self._hovered else 0
        if spot == selected:
            state = SELECTED if self.has_focus else QUIET
        elif function_key(frame) == self._facts.function:
            state |= KIN
        edge, text = self._paint.box(function + 1, frame, state)
        row.append(Segment(_EDGE, edge))
        if block.end - block.first > 1:
            label = self._labels.box(function, frame, block.end - block.first - 1, (), self._facts.cwd)
            row.append(Segment(label, text))

    def _marked(self, row: Row, y: int, reached: int, width: int) -> Row:
        last = _HEADING_ROWS + self._chart_rows - 1
        mark = ""
        if y == _HEADING_ROWS and self._first:
            mark = f" ▲ {self._first} "
        elif y == last and self._first + self._chart_rows < len(self._picture.rows):
            mark = " ▼ "
        if not mark or width < _LEAST_WITH_MARK:
            return row
        padded = [*row, Segment(" " * (width - reached), self.pen())]
        return [*cut(padded, width - len(mark)), Segment(mark, self.pen("order-view--more"))]

    def forget(self) -> None:
        """Drop everything that was made from colours."""
        super().forget()
        self._paint.forget()

    def on_resize(self) -> None:
        """Lay out for the new size."""
        super().on_resize()
        self._lay_out()

    def on_focus(self) -> None:
        """Show the selection as the one that keys move."""
        self.redraw()

    def on_blur(self) -> None:
        """Show the selection as a quiet one."""
        self.redraw()

    # Where things are.

    @property
    def _selected(self) -> Spot | None:
        """The block that is selected."""
        return self._picture.of_path(self._facts.selected, self._at_s)

    def _under(self, event: events.MouseEvent) -> Spot | None:
        row = event.y - _HEADING_ROWS
        return self._picture.at(event.x, row + self._first) if 0 <= row < self._chart_rows else None

    # What a person does.

    def action_along(self, step: int) -> None:
        """Select the next block of the row, or the one before."""
        at = self._selected
        self._select(self._picture.longest_in(self._first) if at is None else self._picture.beside(at, step))

    def action_deeper(self, step: int) -> None:
        """Select what the block called for longest, or what called it."""
        at = self._selected
        if at is None:
            self._select(self._picture.longest_in(self._first))
        else:
            self._select(self._picture.below(at) if step > 0 else self._picture.above(at))

    def action_zoom(self, step: int) -> None:
        """Show less time about what is selected, or more."""
        at = self._selected
        start_s, end_s = self._zoom.span
        middle = (start_s + end_s) / 2 if at is None else self._picture.middle_s(at.block)
        self._zoom.about(max(start_s, min(middle, end_s)), step)
        self._draw_anew()

    def action_zoom_to_block(self) -> None:
        """Show the time of the selected block."""
        at = self._selected
        if at is not None:
            self._zoom.to(self._picture.begin_s(at.block), self._picture.end_s(at.block))
            self._draw_anew()

    def action_back(self) -> None:
        """Show what was shown before the last zoom."""
        if self._zoom.back():
            self._draw_anew()

    def action_whole(self) -> None:
        """Show everything."""
        self._zoom.whole()
        self._draw_anew()

    def action_pan(self, step: int) -> None:
        """Show what comes after, or what came before."""
        self._zoom.pan(step * _PAN)
        self._draw_anew()

    def action_scroll_rows(self, step: int) -> None:
        """Scroll by most of a page."""
        most = max(0, len(self._picture.rows) - self._chart_rows)
        self._first_depth = max(0, min(self._first + step * max(1, self._chart_rows - 1), most))
        self.redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave Escape to the screen where nothing was zoomed."""
        return not (action == "back" and self._zoom.is_whole)

    def on_click(self, event: events.Click) -> None:
        """Select; a double click zooms to the block."""
        at = self._under(event)
        if at is not None and event.chain > 1 and at == self._selected:
            self.action_zoom_to_block()
        else:
            self._select(at, at_s=self._moment(event.x))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light up the block below the mouse and tell what it is."""
        self._hover(self._under(event))

    def on_leave(self) -> None:
        """Put the light out."""
        self._hover(None)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Show more time."""
        event.stop()
        self._wheel(event.x, -1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Show less time about the mouse."""
        event.stop()
        self._wheel(event.x, 1)

    def _wheel(self, x: int, step: int) -> None:
        self._zoom.about(self._moment(x), step)
        self._draw_anew()

    def _draw_anew(self) -> None:
        self._lay_out()
        self.redraw()

    def _moment(self, x: int) -> float:
        axis = self._picture.axis
        return axis.begin_of(x) + axis.step_s / 2

    def _hover(self, at: Spot | None) -> None:
        if at != self._hovered:
            self._hovered = at
            self.redraw()
            self.post_message(self.Hovered(self, self._picture.told(at, cwd=self._facts.cwd)))

    def _select(self, spot: Spot | None, *, at_s: float | None = None) -> None:
        if spot is None or self._facts.thread is None:
            return
        depth, block = spot
        path = self._facts.thread.tree.path(block.node)
        self._at_s = self._picture.middle_s(block) if at_s is None else at_s
        self._facts = self._facts._replace(selected=path, function=path[-1])
        first = self._first
        if not first <= depth < first + self._chart_rows:
            self._first_depth = depth if depth < first else depth - self._chart_rows + 1
        self.redraw()
        self.post_message(self.Selected(self, path))
