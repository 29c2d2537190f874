"""The source of a function with what each of its lines costs; it follows the selection and keeps still otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from textwrap import wrap
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType

from perftui.analysis.line_heat import LineWeight
from perftui.ui.widgets.cells import bar, clean, fit, fit_end, width_of
from perftui.ui.widgets.flame_labels import short_name
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.ui.widgets.source_code import SourceCode, Word
from perftui.units import Unit, format_figure

_SHIFT = 8
_FIGURE = 10
_LEAST_PLACE = 9
"""Cells from which a cut file name still tells something."""
_TITLE = 20
"""Cells that the function and its file have before the longer words of a badge."""
_COMPONENTS = {word: f"source-pane--{word.value}" for word in Word}
_COLD = LineWeight(0.0, 0.0, 0, 0)
_NOTHING_SELECTED = "Select a function: its source is shown here, with what each line costs."


class SourceFacts(NamedTuple):
    """What is shown of a function's source, ready to be drawn."""

    selection: object = None
    """Identity of what is selected: the pane goes to the hottest line when it becomes another one."""
    function: str = ""
    place: str = ""
    """Name of the file for the heading."""
    code: SourceCode | None = None
    """None while it is read, and where there is none."""
    sentence: str = _NOTHING_SELECTED
    """Why there is no code."""
    badge: str = ""
    """Whether the lines are those that ran, in a few words; what stands before a colon says enough alone."""
    sure: bool = False
    """They are those that ran."""
    heat: Mapping[int, LineWeight] = {}
    """What lines of the file cost."""
    function_lines: Collection[int] = ()
    """Lines of the function that were seen running."""
    unit: Unit = Unit.SECONDS


class _Columns(NamedTuple):
    number: int
    self_bar: int
    total: int
    total_bar: int

    @property
    def taken(self) -> int:
        return 2 + self.number + _FIGURE + self.self_bar + self.total + self.total_bar + 1


class SourcePane(ScrolledCanvas, can_focus=True):
    """Lines of a source file with their figures, and a cursor: the hottest line of the function until it is moved."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "source-pane--heading",
        "source-pane--badge",
        "source-pane--sure",
        "source-pane--muted",
        "source-pane--figure",
        "source-pane--self-bar",
        "source-pane--total-bar",
        "source-pane--trough",
        "source-pane--mark",
        "source-pane--hottest",
        "source-pane--cursor",
        "source-pane--quiet-cursor",
        "source-pane--plain",
        "source-pane--keyword",
        "source-pane--definition",
        "source-pane--builtin",
        "source-pane--decorator",
        "source-pane--string",
        "source-pane--number",
        "source-pane--comment",
    }
    DEFAULT_CSS = """
    SourcePane {
        .source-pane--heading { background: $foreground 6%; color: $text-muted; }
        .source-pane--badge { background: $foreground 6%; color: $text-warning; text-style: bold; }
        .source-pane--sure { background: $foreground 6%; color: $text-success; }
        .source-pane--muted { color: $text-muted; }
        .source-pane--figure { color: $text; }
        .source-pane--self-bar { color: $accent; }
        .source-pane--total-bar { color: $secondary; }
        .source-pane--trough { color: $foreground 10%; }
        .source-pane--mark { color: $text-accent; text-style: bold; }
        .source-pane--hottest { background: $accent 18%; }
        .source-pane--cursor { background: $primary 30%; }
        .source-pane--quiet-cursor { background: $foreground 10%; }
        .source-pane--plain { color: $text; }
        .source-pane--keyword { color: $text-primary; }
        .source-pane--definition { color: $text; text-style: bold; }
        .source-pane--builtin { color: $text-secondary; }
        .source-pane--decorator { color: $text-accent; }
        .source-pane--string { color: $text-success; }
        .source-pane--number { color: $text-warning; }
        .source-pane--comment { color: $text-muted; text-style: italic; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next line", show=False, id="source.down"),
        Binding("up", "move(-1)", "Previous line", show=False, id="source.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="source.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="source.page_up"),
        Binding("home", "edge(-1)", "First line", show=False, id="source.first"),
        Binding("end", "edge(1)", "Last line", show=False, id="source.last"),
        Binding("right", "shift(1)", "Right", show=False, id="source.right"),
        Binding("left", "shift(-1)", "Left", show=False, id="source.left"),
        Binding("enter", "hottest", "Hottest line", show=False, id="source.hottest"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._facts = SourceFacts()
        self._hottest = 0
        """Line of the function that costs most; 0 where none is known."""
        self._moved_to = 0
        """Line that the cursor was moved to; 0 while it stays on the hottest one."""
        self._waits = True
        """The selection is new, and there was nothing to scroll yet."""
        self._put: tuple[int, int] | None = None
        """The cursor and the first line when the cursor was last put in the middle."""
        self._shifted = 0
        self._self_scale = self._total_scale = 1.0

    def show(self, facts: SourceFacts) -> None:
        """Draw a function's source; where it is another function than before, go to its hottest line."""
        if facts.selection != self._facts.selection:
            self._moved_to = self._shifted = 0
            self._waits = True
        self._facts = facts
        self._hottest = hottest_line(facts.heat, facts.function_lines)
        self._self_scale = max((each.self_weight for each in facts.heat.values()), default=0.0) or 1.0
        self._total_scale = max((each.total_weight for each in facts.heat.values()), default=0.0) or 1.0
        self._go_to_hottest_if_new()
        self.redraw()

    @property
    def cursor(self) -> int:
        """Line with the cursor, counted from 1; 0 where no code is shown."""
        line = self._moved_to or self._hottest or min(self._facts.function_lines, default=1)
        return min(max(1, line), self.line_count())

    @property
    def hottest(self) -> int:
        """Line of the function that costs most; 0 where none is known."""
        return self._hottest

    def line_count(self) -> int:
        """Return the number of lines of the file."""
        return len(self._facts.code or ())

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one row)
        """Return the names of the columns, the file and the function, and the doubt about them."""
        facts, columns = self._facts, self._columns(width)
        names = ""
        if facts.code is not None:
            names = " " * (2 + columns.number) + fit("self", _FIGURE, right=True) + " " * columns.self_bar
            names += fit("total" if columns.total else "", columns.total, right=True) + " " * (columns.total_bar + 1)
        room = max(0, width + 1 - width_of(names))
        badge = _badge(facts.badge, room - min(_TITLE, width_of(facts.function) + width_of(facts.place) + 4))
        room = max(0, room - width_of(badge))
        return [
            Segment(names, self.pen("source-pane--heading")),
            Segment(_title(clean(facts.place), clean(facts.function), room), self.pen("source-pane--heading")),
            Segment(badge, self.pen("source-pane--sure" if facts.sure else "source-pane--badge")),
        ]

    def draw_row(self, y: int, width: int) -> Row:
        """Return the heading, a line, or the sentence that says why there is none."""
        if self._facts.code is None and y > self.HEADING_ROWS:
            told = wrap(clean(self._facts.sentence), max(1, width - 3))
            at = y - self.HEADING_ROWS - 1
            return [Segment(fit(f"  {told[at]}" if at < len(told) else "", width), self.pen("source-pane--muted"))]
        return super().draw_row(y, width)

    def draw_line(self, index: int, width: int) -> Row:
        """Return one line with its figures."""
        line = index + 1
        on = self._ground(line)
        columns = self._columns(width)
        muted = self.pen("source-pane--muted", on=on)
        row: Row = [
            Segment("▶ " if line == self._hottest else "  ", self.pen("source-pane--mark", on=on)),
            Segment(fit(str(line), columns.number, right=True), muted),
            *self._figures(self._facts.heat.get(line, _COLD), columns, on),
            Segment(" ", muted),
            *self._code(line, max(0, width - columns.taken), on),
        ]
        used = sum(width_of(segment.text) for segment in row)
        return [*row, Segment(" " * max(0, width - used), muted)] if on else row

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self.redraw()

    def on_blur(self) -> None:
        """Show the cursor as a quiet one."""
        self.redraw()

    def on_resize(self) -> None:
        """Keep the cursor in the middle where nobody has moved it or scrolled since it was put there, else in sight."""
        super().on_resize()
        self._waits |= self._put == (self.cursor, self._first_line)
        self._go_to_hottest_if_new()
        if self.line_count() and not self._waits:
            self.reveal(self.cursor - 1)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to a line."""
        line = self.first_line + event.y - self.HEADING_ROWS + 1
        if event.y >= self.HEADING_ROWS and line <= self.line_count():
            self._go(line)

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._go(self.cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self._go(self.cursor + step * max(1, self.page_rows - 1))

    def action_edge(self, step: int) -> None:
        """Move the cursor to the first or the last line."""
        self._go(1 if step < 0 else self.line_count())

    def go_to(self, line: int) -> None:
        """Move the cursor to a line, as soon as it is there."""
        self._moved_to, self._waits = max(1, line), True
        self._go_to_hottest_if_new()
        self.redraw()

    def action_hottest(self) -> None:
        """Go back to the hottest line."""
        self._moved_to = 0
        self._waits = True
        self._go_to_hottest_if_new()
        self.redraw()

    def action_shift(self, step: int) -> None:
        """Move long lines sideways."""
        self._shifted = max(0, self._shifted + step * _SHIFT)
        self.redraw()

    def _go(self, line: int) -> None:
        if self.line_count():
            self._moved_to = max(1, min(line, self.line_count()))
            self.reveal(self._moved_to - 1)
            self.redraw()

    def _go_to_hottest_if_new(self) -> None:
        # Without a size yet there is no middle to put it in.
        if self._waits and self.line_count() and self.size:
            self._waits = False
            self._first_line = max(0, self.cursor - 1 - self.page_rows // 2)
            self._put = self.cursor, self._first_line

    def _columns(self, width: int) -> _Columns:
        number = max(4, len(str(self.line_count())))
        if width < 60:
            return _Columns(number, 0, 0, 0)
        if width < 90:
            return _Columns(number, 0, _FIGURE, 0)
        return _Columns(number, 9, _FIGURE, 0) if width < 130 else _Columns(number, 11, _FIGURE, 11)

    def _ground(self, line: int) -> str:
        if line == self.cursor and self.has_focus:
            return "source-pane--cursor"
        if line == self._hottest:
            return "source-pane--hottest"
        return "source-pane--quiet-cursor" if line == self.cursor else ""

    def _figures(self, heat: LineWeight, columns: _Columns, on: str) -> Row:
        row = [self._figure(heat.self_weight, _FIGURE, "source-pane--figure", on)]
        row += self._bar(heat.self_weight / self._self_scale, columns.self_bar, "source-pane--self-bar", on)
        row.append(self._figure(heat.total_weight, columns.total, "source-pane--muted", on))
        return row + self._bar(heat.total_weight / self._total_scale, columns.total_bar, "source-pane--total-bar", on)

    def _figure(self, weight: float, width: int, component: str, on: str) -> Segment:
        text = format_figure(weight, self._facts.unit) if weight > 0 else ""
        return Segment(fit(text, width, right=True), self.pen(component, on=on))

    def _bar(self, share: float, width: int, component: str, on: str) -> Row:
        if width <= 0:
            return []
        if share <= 0:
            return [Segment(" " * width, self.pen("source-pane--trough", on=on))]
        filled, empty = bar(share, width - 2)
        return [
            Segment(f" {filled}", self.pen(component, on=on)),
            Segment(f"{empty} ", self.pen("source-pane--trough", on=on)),
        ]

    def _code(self, line: int, room: int, on: str) -> Row:
        """Return what can be seen of a line; the last cell says where it goes on."""
        assert self._facts.code is not None
        row: Row = []
        skip, left = self._shifted, max(0, room - 1)
        for text, word in self._facts.code.pieces(line):
            seen = text[skip : skip + left + 1]
            skip = max(0, skip - len(text))
            pen = self.pen(_COMPONENTS[word], on=on)
            cells = width_of(seen)
            if cells > left:
                return [*row, Segment(fit(seen, left, ellipsis="") + "…", pen)]
            row.append(Segment(seen, pen))
            left -= cells
        return row


def hottest_line(heat: Mapping[int, LineWeight], lines: Collection[int]) -> int:
    """Return the line that costs most itself, among equals the one with the greatest total; 0 where none costs any."""
    seen = [line for line in lines if line > 0 and heat.get(line, _COLD).total_weight > 0]
    return max(seen, key=lambda line: (heat[line].self_weight, heat[line].total_weight, -line), default=0)


def _badge(words: str, room: int) -> str:
    """Return what the heading says of the lines: the words before the colon where there is room for no more."""
    if not words:
        return ""
    return f" {words} " if width_of(words) + 2 <= room else f" {words.partition(':')[0]} "


def _title(place: str, function: str, width: int) -> str:
    """Return a function and its file in exactly so many cells; the function goes first, and its file gives way."""
    room = width - width_of(function) - 4
    if not function or (place and room >= _LEAST_PLACE):
        return fit(f" {function}  {fit_end(place, min(room, width_of(place)))}" if function else f" {place}", width)
    return " " * (width > 0) + short_name(function, width - 1)
