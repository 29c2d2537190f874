"""A drawn widget that shows a part of many lines: wheel, page keys, and a thumb that says which part."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events

from perftui.ui.widgets.line_canvas import LineCanvas, Row, cut

_WHEEL_LINES = 3


class ScrolledCanvas(LineCanvas):
    """Lines below a fixed heading; the last column belongs to the thumb."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"scrolled-canvas--track", "scrolled-canvas--thumb"}
    DEFAULT_CSS = """
    ScrolledCanvas {
        .scrolled-canvas--track { color: $foreground 12%; }
        .scrolled-canvas--thumb { color: $foreground 45%; }
    }
    """
    HEADING_ROWS: ClassVar[int] = 0

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._first_line = 0

    @property
    def heading_rows(self) -> int:
        """Rows of the heading, which do not scroll."""
        return self.HEADING_ROWS

    def line_count(self) -> int:
        """Return how many lines there are."""
        raise NotImplementedError

    def draw_line(self, index: int, width: int) -> Row:
        """Return one line."""
        raise NotImplementedError

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002
        """Return a row of the heading."""
        return []

    def content_rows(self, width: int) -> int:  # noqa: ARG002
        """Return the heading and all lines."""
        return self.heading_rows + self.line_count()

    @property
    def page_rows(self) -> int:
        """Lines that are seen at once."""
        return max(1, self.size.height - self.heading_rows)

    @property
    def first_line(self) -> int:
        """First line that is seen."""
        return max(0, min(self._first_line, self.line_count() - self.page_rows))

    def draw_row(self, y: int, width: int) -> Row:
        """Return a row of the heading or a line, with the thumb beside it."""
        room = max(0, width - 1)
        if y < self.heading_rows:
            return self.draw_heading(y, room)
        index = self.first_line + y - self.heading_rows
        row = cut(self.draw_line(index, room), room) if index < self.line_count() else []
        thumb = self._thumb(y - self.heading_rows)
        if thumb is None:
            return row
        used = sum(segment.cell_length for segment in row)
        return [*row, Segment(" " * (room - used), self.pen()), thumb] if used < room else [*row, thumb]

    def scroll_lines(self, step: int) -> bool:
        """Scroll; say whether there was anywhere to go."""
        before = self.first_line
        self._first_line = max(0, min(before + step, self.line_count() - self.page_rows))
        if self._first_line != before:
            self.redraw()
        return self._first_line != before

    def reveal(self, index: int) -> None:
        """Scroll as little as need be to show a line."""
        first = self.first_line
        self._first_line = max(index - self.page_rows + 1, min(first, index))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.scroll_lines(_WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.scroll_lines(-_WHEEL_LINES)

    def _thumb(self, y: int) -> Segment | None:
        count, page = self.line_count(), self.page_rows
        if count <= page:
            return None
        length = max(1, page * page // count)
        top = (page - length) * self.first_line // max(1, count - page)
        on = top <= y < top + length
        return Segment("▐", self.pen("scrolled-canvas--thumb" if on else "scrolled-canvas--track"))
