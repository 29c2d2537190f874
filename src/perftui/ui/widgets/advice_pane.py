"""What a session is advised: findings, the gravest first, and what a faster function would change."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.model.finding import Finding, Severity
from perftui.model.frame import Frame
from perftui.recording.advising import Advice
from perftui.ui.widgets.advice_lines import (
    SIGNS,
    WAITING_CELLS,
    WORD,
    Column,
    Line,
    Part,
    cell_of,
    columns_for,
    lines_of,
    name_of,
    waiting_cells,
    waiting_name,
    waiting_titles,
)
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import format_count

_Key = tuple[str, str, str]
"""Rule, file and function: what the cursor stays on while figures change. A bottleneck has no rule."""
_OF_MEMORY = frozenset({"growth"})
"""Rules whose place holds memory, and has not taken time."""


class AdvicePane(ScrolledCanvas, can_focus=True):
    """Findings and bottlenecks below each other; one of them has the cursor."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "advice-pane--heading",
        "advice-pane--columns",
        "advice-pane--high",
        "advice-pane--medium",
        "advice-pane--low",
        "advice-pane--title",
        "advice-pane--text",
        "advice-pane--place",
        "advice-pane--muted",
        "advice-pane--cursor",
        "advice-pane--quiet-cursor",
    }
    DEFAULT_CSS = """
    AdvicePane {
        .advice-pane--heading { background: $foreground 6%; color: $text-muted; }
        .advice-pane--columns { background: $foreground 6%; color: $text-muted; }
        .advice-pane--high { color: $text-error; text-style: bold; }
        .advice-pane--medium { color: $text-warning; text-style: bold; }
        .advice-pane--low { color: $text-primary; text-style: bold; }
        .advice-pane--title { color: $text; text-style: bold; }
        .advice-pane--text { color: $text; }
        .advice-pane--place { color: $text-accent; }
        .advice-pane--muted { color: $text-muted; }
        .advice-pane--cursor { background: $primary 30%; }
        .advice-pane--quiet-cursor { background: $foreground 10%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next", show=False, id="advice.down"),
        Binding("up", "move(-1)", "Previous", show=False, id="advice.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="advice.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="advice.page_up"),
        Binding("home", "edge(-1)", "First", show=False, id="advice.first"),
        Binding("end", "edge(1)", "Last", show=False, id="advice.last"),
        Binding("enter", "choose", "Go to its line", show=False, id="advice.choose"),
        Binding("x", "times(0)", "So many times faster", show=False, id="advice.times"),
        Binding("plus", "times(1)", "More times faster", show=False, id="advice.more_times"),
        Binding("minus", "times(-1)", "Fewer times faster", show=False, id="advice.fewer_times"),
    ]

    class Chosen(Message):
        """A finding or a bottleneck was chosen: go to its line."""

        def __init__(self, frame: Frame | None, *, of_memory: bool) -> None:
            super().__init__()
            self.frame = frame
            """None where no line is known."""
            self.of_memory = of_memory

    class Faster(Message):
        """Another speed was asked for: a step up or down, or 0 for the next one, after the last the first."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._advice: Advice | None = None
        self._empty = ""
        self._cwd = ""
        self._cursor: _Key | None = None
        self._lined: list[Line] = []
        self._lined_for: tuple[object, int] = (None, -1)

    def show(self, advice: Advice | None, *, empty: str, cwd: str = "") -> None:
        """Draw advice; `empty` says why there is no finding, or no advice at all."""
        if (advice, empty, cwd) != (self._advice, self._empty, self._cwd):
            self._advice, self._empty, self._cwd = advice, empty, cwd
            self._lined_for = (None, -1)
        self.redraw()

    # What a person does.

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._go(self._at + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by about a page."""
        lines, page = self._lines(), max(1, self.page_rows - 1)
        at = next((number for number, line in enumerate(lines) if line.item == self._at), 0)
        end = max(0, min(at + step * page, len(lines) - 1))
        there = [line.item for line in (lines[at : end + 1] if step > 0 else lines[end:at]) if line.item >= 0]
        if there:
            self._go(max(max(there), self._at + 1) if step > 0 else min(there))

    def action_edge(self, step: int) -> None:
        """Move the cursor to the first or the last."""
        self._go(0 if step < 0 else len(self._keys) - 1)

    def action_choose(self) -> None:
        """Ask for the line of what has the cursor."""
        advice = self._advice
        if advice is None or not self._keys:
            return
        findings = [(finding.place, finding.rule in _OF_MEMORY) for finding in advice.findings]
        others = [*(row.frame for row in advice.bottlenecks), *(row.own or row.leaf for row in advice.waiting)]
        frame, of_memory = [*findings, *((frame, False) for frame in others)][self._at]
        self.post_message(self.Chosen(frame, of_memory=of_memory))

    def action_times(self, step: int) -> None:
        """Ask for another speed."""
        self.post_message(self.Faster(step))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor there; go to the line of what has it already; on the head of the table change the speed."""
        index = self.first_line + event.y - self.HEADING_ROWS
        lines = self._lines()
        if event.y < self.HEADING_ROWS or index >= len(lines):
            return
        line = lines[index]
        if line.part is Part.HEADING:
            self.action_times(0)
        elif line.item == self._at:
            self.action_choose()
        elif line.item >= 0:
            self._go(line.item)

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self.redraw()

    def on_blur(self) -> None:
        """Show the cursor as a quiet one."""
        self.redraw()

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        super().on_resize()
        if self._cursor is not None:
            self._reveal(self._at)

    def _go(self, item: int) -> None:
        keys = self._keys
        if keys:
            item = max(0, min(item, len(keys) - 1))
            self._cursor = keys[item]
            self._reveal(item)
            self.redraw()

    def _reveal(self, item: int) -> None:
        """Show all lines of an item, its first one at any rate; with the last one what stands below it."""
        lines = self._lines()
        own = [number for number, line in enumerate(lines) if line.item == item]
        if not own:
            return
        self.reveal(len(lines) - 1 if item == len(self._keys) - 1 else own[-1])
        self.reveal(0 if item == 0 else own[0])

    @property
    def _keys(self) -> list[_Key]:
        advice = self._advice
        if advice is None:
            return []
        return [
            *map(_key_of, advice.findings),
            *(("", row.frame.file, row.frame.function) for row in advice.bottlenecks),
            *(("waiting", f"{row.own}", f"{row.leaf}") for row in advice.waiting),
        ]

    @property
    def _at(self) -> int:
        """The item with the cursor, which stays on it wherever that is ranked."""
        keys = self._keys
        return keys.index(self._cursor) if self._cursor in keys else 0

    # Drawing.

    def line_count(self) -> int:
        """Return the number of lines."""
        return len(self._lines())

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return how many findings there are of each severity, and what they are made from."""
        advice = self._advice
        if advice is None:
            return [Segment(fit(" advice", width + 1), self.pen("advice-pane--heading"))]
        counts = [(each, sum(finding.severity is each for finding in advice.findings)) for each in Severity]
        found = ", ".join(f"{count} {each.value.upper()}" for each, count in counts if count)
        told = f" findings: {found or 'none'}"
        notes = [
            f"of the whole session, {format_count(advice.samples)} samples",
            f"{format_count(advice.samples)} samples",
        ]
        note = next((note for note in notes if width_of(told) + width_of(note) + 5 <= width), "")
        return [Segment(fit(f"{told}  ·  {note}" if note else told, width + 1), self.pen("advice-pane--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return one line of a finding or of the table."""
        line = self._lines()[index]
        on = ""
        if self._cursor is not None or self.has_focus:
            cursor = "advice-pane--cursor" if self.has_focus else "advice-pane--quiet-cursor"
            on = cursor if line.item >= 0 and line.item == self._at else ""
        match line.part:
            case Part.TITLE:
                row = self._title(line, on)
            case Part.TEXT | Part.PLACE:
                component = "place" if line.part is Part.PLACE else "muted" if line.text[:1] in "→ " else "text"
                row = [Segment(" " * WORD + line.text, self.pen(f"advice-pane--{component}", on=on))]
            case Part.HEADING:
                return self._columns_line(width)
            case Part.ROW:
                row = self._bottleneck(line.item, width, on)
            case Part.WAITING_HEADING:
                return self._waiting_heading(width)
            case Part.WAITING:
                row = self._waiting(line.item, width, on)
            case Part.NOTE:
                row = [Segment(f" {line.text}", self.pen("advice-pane--muted"))]
            case Part.GAP:
                row = []
        used = sum(segment.cell_length for segment in row)
        return [*row, Segment(" " * max(0, width - used), self.pen("advice-pane--text", on=on))] if on else row

    def _lines(self) -> list[Line]:
        """Return the lines for the width that there is."""
        made_for = (self._advice, self.size.width)
        if self._lined_for != made_for:
            self._lined_for = made_for
            width = self.size.width - 1
            if self._advice is None:
                self._lined = [Line(Part.NOTE, clean(self._empty))]
            else:
                self._lined = lines_of(self._advice, width, cwd=self._cwd, none=clean(self._empty))
        return self._lined

    def _title(self, line: Line, on: str) -> Row:
        assert self._advice is not None
        severity = self._advice.findings[line.item].severity
        word = fit(f" {SIGNS[severity]} {severity.value.upper()}", WORD)
        return [
            Segment(word, self.pen(f"advice-pane--{severity.value}", on=on)),
            Segment(line.text, self.pen("advice-pane--title", on=on)),
        ]

    def _columns_line(self, width: int) -> Row:
        assert self._advice is not None
        columns = columns_for(width, self._advice)
        titles = "".join(fit(column.title, column.cells, right=True) for column in columns)
        left = max(0, width - width_of(titles))
        hints = ("  x + - change the speed", "  x + - faster", "  x + -", "")
        name = next(text for hint in hints if width_of(text := f"  function{hint}") <= left or not hint)
        return [Segment(fit(titles + fit(name, left), width + 1), self.pen("advice-pane--columns"))]

    def _bottleneck(self, item: int, width: int, on: str) -> Row:
        assert self._advice is not None
        advice = self._advice
        row, columns = advice.bottlenecks[item - len(advice.findings)], columns_for(width, advice)
        segments = [Segment(cell_of(column, row, advice.sampled_s), self._figure_pen(column, on)) for column in columns]
        room = width - sum(column.cells for column in columns) - 2
        name, where = name_of(row, max(0, room), self._cwd)
        return [
            *segments,
            Segment(f"  {name}", self.pen("advice-pane--text", on=on)),
            Segment(where, self.pen("advice-pane--muted", on=on)),
        ]

    def _waiting_heading(self, width: int) -> Row:
        assert self._advice is not None
        *figures, name = waiting_titles(self._advice)
        titles = "".join(fit(text, cells, right=True) for text, cells in zip(figures, WAITING_CELLS, strict=True))
        return [Segment(fit(titles + name, width + 1), self.pen("advice-pane--columns"))]

    def _waiting(self, item: int, width: int, on: str) -> Row:
        assert self._advice is not None
        advice = self._advice
        row = advice.waiting[item - len(advice.findings) - len(advice.bottlenecks)]
        words = zip(waiting_cells(row, advice.looks), WAITING_CELLS, strict=True)
        figures = "".join(fit(text, cells, right=True) for text, cells in words)
        name, where = waiting_name(row, max(0, width - sum(WAITING_CELLS) - 2), self._cwd)
        return [
            Segment(f"{figures}  {name}", self.pen("advice-pane--text", on=on)),
            Segment(where, self.pen("advice-pane--muted", on=on)),
        ]

    def _figure_pen(self, column: Column, on: str) -> Style:
        return self.pen(f"advice-pane--{'title' if column.title == 'saves' else 'text'}", on=on)


def _key_of(finding: Finding) -> _Key:
    place = finding.place
    return finding.rule, place.file if place else "", place.function if place else ""
