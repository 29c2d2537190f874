"""What every drawn widget shares: rows of segments, and damage that is a row whose segments came out different."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.color import Color
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from perftui.ui.themes import MONO
from perftui.ui.tips import tip_for
from perftui.ui.widgets.cells import fit, width_of

Row = list[Segment]


class LineCanvas(Widget):
    """A widget that draws its rows itself; subclasses say in `draw_row` what stands in each.

    It has neither border nor padding (a container around it may): so it can hand over its rows without the wrapping
    that is more than half of what a line costs otherwise.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LineCanvas { width: 1fr; height: 1fr; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = set()

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._rows: list[Row] = []
        self._tip = ""
        self._row_strips: list[Strip] = []
        self._drawn_size = Size(0, 0)
        self._pens: dict[object, Style] = {}
        self._shades: dict[str, Color] = {}
        self._paper: Color | None = None

    def draw_row(self, y: int, width: int) -> Row:
        """Return the segments of a row; they are cut or padded to `width` cells."""
        raise NotImplementedError

    def draw_rows(self, width: int, height: int) -> list[Row]:
        """Return all rows; for a subclass that draws several at once."""
        return [self.draw_row(y, width) for y in range(height)]

    def redraw(self, *ys: int) -> None:
        """Draw rows anew, all of them by default; only those that come out different are painted."""
        size = self.size
        if not size or not self.is_on_screen:
            self._drawn_size = Size(0, 0)
            return
        if size != self._drawn_size or self._background_changed():
            self._drawn_size = Size(0, 0)
            self.refresh()
            return
        changed = ((y, self.draw_row(y, size.width)) for y in ys if 0 <= y < size.height)
        for y, row in changed if ys else enumerate(self.draw_rows(size.width, size.height)):
            if row != self._rows[y]:
                self._rows[y] = row
                self._row_strips[y] = self._strip_of(row, size.width)
                self.refresh(Region(0, y, size.width, 1))

    def forget(self) -> None:
        """Drop everything drawn: colours changed."""
        self._pens.clear()
        self._shades.clear()
        self._paper = None
        self._drawn_size = Size(0, 0)

    @property
    def paper(self) -> Color:
        """The colour that the widget stands on."""
        if self._paper is None:
            self._paper = self.background_colors[1]
        return self._paper

    @property
    def is_mono(self) -> bool:
        """Whether nothing may be told by colour alone, because there are no colours."""
        return self.app.theme == MONO

    @property
    def is_dark(self) -> bool:
        """Whether light text is to be read on the paper."""
        return self.paper.brightness < 0.5

    def shade(self, component: str) -> Color:
        """Return the background colour of a component class where it has one, its text colour otherwise."""
        found = self._shades.get(component)
        if found is None:
            styles = self.get_component_styles(component)
            colour = styles.background if styles.background.a else styles.color
            found = self._shades[component] = self.paper + colour
        return found

    def pen(self, component: str = "", *, on: str = "") -> Style:
        """Return the style of a component class; plain text without one.

        It stands on its own background, or on that of the component `on`, or on the paper.
        """
        key = (component, on)
        found = self._pens.get(key)
        if found is None:
            found = self._pens[key] = self._pen_of(component, self.shade(on) if on else self.paper)
        return found

    def ink(self, colour: Color, background: Color | None = None, *, bold: bool = False) -> Style:
        """Return the style of a colour on another, or on the paper."""
        key = (colour, background, bold)
        found = self._pens.get(key)
        if found is None:
            below = self.paper if background is None else background
            found = Style(color=colour.rich_color, bgcolor=below.rich_color, bold=bold or None)
            self._pens[key] = found
        return found

    def content_rows(self, width: int) -> int:  # noqa: ARG002 (for subclasses)
        """Return how many rows there are to draw, for `height: auto`."""
        return 1

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Follow `content_rows`."""
        return self.content_rows(width)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        """Take all the width there is."""
        return container.width

    def notify_style_update(self) -> None:
        """Follow a change of theme or of style rules."""
        self.forget()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Return one row."""
        self._draw_all_if_needed()
        return self._row_strips[y] if y < len(self._row_strips) else Strip.blank(self.size.width, self.pen())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return rows as they were drawn, past the cache that would wrap each of them once more."""
        if self._background_changed():
            self.forget()
        strips = [self.render_line(y) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, self.paper) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def tip_at(self, x: int, y: int) -> str:
        """Return one sentence about what stands in a cell, by default what the table of tips says of it."""
        if not 0 <= y < len(self._rows):
            return ""
        text, at, cells = "".join(segment.text for segment in self._rows[y]), 0, 0
        while at < len(text) and cells + width_of(text[at]) <= x:
            cells += width_of(text[at])
            at += 1
        return tip_for(type(self).__name__, y, text, at)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say, once the mouse rests, what is below it."""
        tip = self.tip_at(event.x, event.y)
        if tip != self._tip:
            self._tip = tip
            # As text: what comes from outside is no markup.
            self.tooltip = Text(tip) if tip else None

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._drawn_size = Size(0, 0)

    def _pen_of(self, component: str, below: Color) -> Style:
        if not component:
            # A widget's own colour may come from one of the widgets around it.
            return Style(color=(below + self.colors[3]).rich_color, bgcolor=below.rich_color)
        styles = self.get_component_styles(component)
        background = below + styles.background
        colour = background.get_contrast_text(styles.color.a) if styles.auto_color else styles.color
        return Style(color=(background + colour).rich_color, bgcolor=background.rich_color) + styles.text_style

    def _background_changed(self) -> bool:
        return self._paper is not None and self.background_colors[1] != self._paper

    def _draw_all_if_needed(self) -> None:
        if self._drawn_size == self.size:
            return
        width, height = self.size
        self._rows = self.draw_rows(width, height)
        self._row_strips = [self._strip_of(row, width) for row in self._rows]
        self._drawn_size = self.size

    def _strip_of(self, row: Row, width: int) -> Strip:
        used = sum(width_of(segment.text) for segment in row)
        if used < width:
            return Strip([*row, Segment(" " * (width - used), self.pen())], width)
        return Strip(row, width) if used == width else Strip(cut(row, width), width)


def cut(row: Iterable[Segment], width: int) -> Row:
    """Return the segments cut to `width` cells; what would be half a wide character becomes a blank."""
    kept: Row = []
    left = width
    for segment in row:
        if left <= 0:
            break
        cells = width_of(segment.text)
        kept.append(segment if cells <= left else Segment(fit(segment.text, left, ellipsis=""), segment.style))
        left -= cells
    return kept
