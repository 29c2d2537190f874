"""The operations of a session in groups, each with its figures and its distribution on the axis of the group."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.operation_sheet import GroupLine, OperationLine, OperationSheet, SheetLine, SortOperations
from perftui.errors import UsageError
from perftui.ui.operations_look import OperationsLook, Picture
from perftui.ui.widgets.cells import clean, fit, fit_middle, width_of
from perftui.ui.widgets.distribution_strip import limits_on, scale_of, strip_of, tick_text
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.operation_columns import Column, Field, Shown, columns_for
from perftui.ui.widgets.operation_text import NAME_MARGIN, cell_text, name_of, shown_of
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas

_OPEN, _CLOSED = "▾ ", "▸ "
_TICK_CELLS = 11
"""Room for a label below an axis."""
_WAITS = "…"


class OperationTable(ScrolledCanvas, can_focus=True):
    """A row an operation, and one below it for its baseline; only rows that are seen are put into words."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"operation-table--{name}"
        for name in (
            *("heading", "group", "name", "number", "muted", "cursor", "quiet-cursor"),
            *("line", "box", "median", "baseline", "pass", "warn", "fail", "worse", "better"),
        )
    }
    DEFAULT_CSS = """
    OperationTable {
        .operation-table--heading { color: $text-muted; text-style: bold; }
        .operation-table--group { color: $text; text-style: bold; }
        .operation-table--name { color: $text; }
        .operation-table--number { color: $text; }
        .operation-table--muted { color: $text-muted; }
        .operation-table--cursor { background: $primary 30%; }
        .operation-table--quiet-cursor { background: $foreground 12%; }
        .operation-table--line { color: $foreground 55%; }
        .operation-table--box { color: $primary; }
        .operation-table--median { color: $accent; text-style: bold; }
        .operation-table--baseline { color: $secondary; }
        .operation-table--pass { color: $success; }
        .operation-table--warn { color: $warning; text-style: bold; }
        .operation-table--fail { color: $error; text-style: bold; }
        .operation-table--worse { color: $text-error; text-style: bold; }
        .operation-table--better { color: $text-primary; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next operation", show=False, id="operations.down"),
        Binding("up", "move(-1)", "Previous operation", show=False, id="operations.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="operations.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="operations.page_up"),
        Binding("home", "edge(0)", "First line", show=False, id="operations.first"),
        Binding("end", "edge(-1)", "Last operation", show=False, id="operations.last"),
        Binding("left", "close_group", "Close the group", show=False, id="operations.close"),
        Binding("right", "open_group", "Open the group", show=False, id="operations.open"),
        Binding("enter", "choose", "All of the operation", show=False, id="operations.choose"),
        Binding("escape,backspace", "screen.leave_operations", "Back", show=False, id="operations.leave"),
    ]

    class Selected(Message):
        """The cursor is on another line."""

        def __init__(self, key: str, group: str) -> None:
            super().__init__()
            self.key = key
            """Of the operation; empty on the heading of a group."""
            self.group = group

    class Chosen(Selected):
        """All of the operation below the cursor is to be seen."""

    class Toggled(Message):
        """A group is to be closed, or opened again."""

        def __init__(self, group: str) -> None:
            super().__init__()
            self.group = group

    class Sorted(Message):
        """The heading of a column was clicked."""

        def __init__(self, sort: SortOperations) -> None:
            super().__init__()
            self.sort = sort

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._sheet: OperationSheet | None = None
        self._look = OperationsLook()
        self._empty = ""
        self._lines: list[SheetLine] = []
        self._places: dict[str, int] = {}
        self._headings: dict[str, int] = {}
        """Lines of operations by key, and of groups."""
        self._lined: object = None
        """What the lines were made for."""
        self._shown = Shown()

    def show(self, sheet: OperationSheet | None, look: OperationsLook, *, empty: str = "") -> None:
        """Show operations.

        Args:
            sheet: What was measured; None without anything.
            look: How it is looked at.
            empty: What stands there without any operation.
        """
        # What is known of operations has no part in most orders.
        known = sheet.version if sheet is not None and look.sort not in _PLAIN else 0
        judged = sheet is not None and sheet.has_rules
        made_for = (id(sheet), known, judged, look.sort, look.pattern, look.closed)
        if sheet is not self._sheet or made_for != self._lined:
            self._take(_lines_of(sheet, look))
        if sheet is not self._sheet or judged is not self._shown.budget:
            self._shown = Shown() if sheet is None else shown_of(sheet)
        moved = (look.key, look.group) != (self._look.key, self._look.group) or made_for != self._lined
        self._sheet, self._look, self._empty, self._lined = sheet, look, empty, made_for
        if moved and self._lines:
            self._reveal()
        self.redraw()

    @property
    def selected(self) -> tuple[str, str]:
        """Key and group of the line with the cursor; no key on the heading of a group."""
        return self._look.key, self._look.group

    @property
    def seen_keys(self) -> list[str]:
        """Keys of the operations in sight."""
        first = self.first_line
        seen = self._lines[first : first + self.page_rows]
        return [line.key for line in seen if isinstance(line, OperationLine)]

    def _take(self, lines: list[SheetLine]) -> None:
        self._lines = lines
        self._headings = {line.group: at for at, line in enumerate(lines) if isinstance(line, GroupLine)}
        # Of two lines of one operation the cursor is on the first.
        stops = ((at, line) for at, line in reversed(list(enumerate(lines))) if isinstance(line, OperationLine))
        self._places = {line.key: at for at, line in stops}

    # The cursor.

    def action_move(self, step: int) -> None:
        """Move the cursor to another operation or heading."""
        self._go(self._stop_from(self._at + step, step))

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self._go(self._stop_from(self._at + step * max(1, self.page_rows - 1), step))

    def action_step(self, step: int) -> None:
        """Move the cursor to another operation, past headings."""
        at = self._at
        while True:
            found = self._stop_from(at + step, step)
            if not self._lines or found == at:
                return
            at = found
            if isinstance(self._lines[at], OperationLine):
                self._go(at)
                return

    def action_edge(self, line: int) -> None:
        """Move the cursor to the first or the last line."""
        self._go(self._stop_from(0 if line == 0 else len(self._lines) - 1, 1 if line == 0 else -1))

    def action_close_group(self) -> None:
        """Close the group of the cursor."""
        if self._lines and self._group_at(self._at).is_open:
            self.post_message(self.Toggled(self._group_at(self._at).group))

    def action_open_group(self) -> None:
        """Open the group of the cursor."""
        if self._lines and not self._group_at(self._at).is_open:
            self.post_message(self.Toggled(self._group_at(self._at).group))

    def action_choose(self) -> None:
        """Show all of the operation below the cursor; open or close a group."""
        if not self._lines:
            return
        line = self._lines[self._at]
        if isinstance(line, GroupLine):
            self.post_message(self.Toggled(line.group))
        else:
            self.post_message(self.Chosen(line.key, line.group))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor, open or close a group, show all of an operation, or sort by a heading."""
        if event.y < self.HEADING_ROWS:
            sort = self._sort_at(event.x)
            if sort is not None:
                self.post_message(self.Sorted(sort))
            return
        index = self.first_line + event.y - self.HEADING_ROWS
        if index >= len(self._lines):
            return
        line = self._lines[index]
        if isinstance(line, GroupLine):
            self.post_message(self.Toggled(line.group))
        else:
            self._go(index)
            if event.chain == 2:
                self.post_message(self.Chosen(line.key, line.group))

    @property
    def _at(self) -> int:
        """The line of the cursor."""
        look = self._look
        at = self._places.get(look.key) if look.key else None
        if at is not None:
            return at
        # Before anybody chose a line, the first operation is the one.
        return self._headings.get(look.group, 0 if look.group else min(1, len(self._lines) - 1))

    def _stop_from(self, index: int, step: int) -> int:
        """Return the nearest line from one on where the cursor may be: a baseline belongs to the line above it."""
        if not self._lines:
            return 0
        index = max(0, min(index, len(self._lines) - 1))
        while 0 <= index < len(self._lines) and not self._is_stop(index):
            index += 1 if step > 0 else -1
        if index >= len(self._lines):
            return self._stop_from(len(self._lines) - 1, -1)
        return index

    def _is_stop(self, index: int) -> bool:
        line = self._lines[index]
        return isinstance(line, GroupLine) or not line.of_baseline or line.alone

    def _group_at(self, index: int) -> GroupLine:
        while not isinstance(line := self._lines[index], GroupLine):
            index -= 1
        return line

    def _go(self, index: int) -> None:
        if not self._lines:
            return
        line = self._lines[index]
        key = line.key if isinstance(line, OperationLine) else ""
        # At once: the next key may have been typed already.
        self._look = replace(self._look, key=key, group=line.group)
        self._reveal()
        self.redraw()
        self.post_message(self.Selected(key, line.group))

    def _reveal(self) -> None:
        at = self._at
        if at + 1 < len(self._lines) and not self._is_stop(at + 1):
            # What it is held against belongs into sight, too, and the axis.
            self.reveal(at + 1)
        if at and self.page_rows > 2 and isinstance(self._lines[at - 1], GroupLine):
            self.reveal(at - 1)
        self.reveal(at)

    # Drawing.

    def line_count(self) -> int:
        """Return the number of lines, or those that say how to get some."""
        return len(self._lines) or 1

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return the names of the columns; the one that is sorted by is marked."""
        row: Row = []
        pen = self.pen("operation-table--heading")
        if not self._lines:
            return row
        for column in self._columns(width):
            mark = "▾ " if column.sort is self._look.sort and column.field is not Field.VERDICT else ""
            title = f"{mark}{column.field.value}"
            if column.field is Field.NAME:
                row.append(Segment(fit(f"  {title}", column.cells), pen))
            elif column.field is Field.STRIP:
                titles = (f"{title}: {self._look.picture.value}", title)
                said = next((each for each in titles if len(each) <= column.cells), title)
                row.append(Segment(" " + fit(said, column.cells), pen))
            elif column.field in _WORDS:
                row.append(Segment(fit(f"  {title}", column.cells), pen))
            else:
                row.append(Segment(fit(title, column.cells, right=True), pen))
        return row

    def draw_line(self, index: int, width: int) -> Row:
        """Return the heading of a group, an operation, or its baseline."""
        if not self._lines:
            return [Segment(fit(f" {self._empty}", width), self.pen("operation-table--muted"))]
        line = self._lines[index]
        at = self._at
        below_cursor = index == at or (index == at + 1 and not self._is_stop(index))
        on = ("operation-table--cursor" if self.has_focus else "operation-table--quiet-cursor") if below_cursor else ""
        if isinstance(line, GroupLine):
            return self._group_row(line, width, on)
        row: Row = []
        for column in self._columns(width):
            row.extend(self._cell(line, column, on))
        used = sum(segment.cell_length for segment in row)
        return [*row, Segment(" " * max(0, width - used), self.pen(on=on))]

    def _group_row(self, line: GroupLine, width: int, on: str) -> Row:
        assert self._sheet is not None
        columns = self._columns(width)
        strip = columns[-1].cells if columns[-1].field is Field.STRIP else 0
        room = width - strip - (1 if strip else 0)
        sign = _OPEN if line.is_open else _CLOSED
        noun = "operation" if line.count == 1 else "operations"
        counted = f"  {line.count} {noun}"
        title = fit(clean(line.title), min(width_of(clean(line.title)), max(4, room - len(sign) - len(counted))))
        row = [
            Segment(sign + title, self.pen("operation-table--group", on=on)),
            Segment(fit(counted, room - len(sign) - width_of(title)), self.pen("operation-table--muted", on=on)),
        ]
        axis = self._sheet.axis(line.group)
        if not strip or axis is None or not line.is_open or self._look.picture is Picture.ALONE:
            return [*row, Segment(" " * (width - room), self.pen(on=on))]
        ticks = axis.ticks(max(1, strip // _TICK_CELLS))
        unit = self._sheet.unit(line.group)
        scale = scale_of(axis, strip, [tick_text(tick, unit) for tick in ticks], ticks=ticks)
        return [*row, Segment(f" {scale}", self.pen("operation-table--muted", on=on))]

    def _cell(self, line: OperationLine, column: Column, on: str) -> Row:
        assert self._sheet is not None
        muted = line.of_baseline
        plain = self.pen("operation-table--muted" if muted else "operation-table--number", on=on)
        match column.field:
            case Field.NAME:
                return [
                    Segment(
                        self._name_text(line, column.cells),
                        self.pen("operation-table--muted" if muted else "operation-table--name", on=on),
                    )
                ]
            case Field.STRIP:
                return self._strip(line, column.cells, on)
            case field:
                said = cell_text(self._sheet, line, field)
                pen = self.pen(f"operation-table--{said.tone}", on=on) if said.tone else plain
                if field in _WORDS:
                    return [Segment(fit(f"  {said.text}", column.cells), pen)]
                return [Segment(" " + fit(said.text, column.cells - 1, right=True), pen)]

    def _name_text(self, line: OperationLine, cells: int) -> str:
        assert self._sheet is not None
        if line.of_baseline and not line.alone:
            return fit("      baseline", cells)
        operation = self._sheet.operation(line.key, of_baseline=line.of_baseline)
        assert operation is not None
        name, tail = name_of(operation)
        aside = (" (gone)" if line.of_baseline else " (new)") if line.alone else ""
        room = min(width_of(name), cells - NAME_MARGIN - len(aside))
        return fit(f"    {fit_middle(name, room, tail=tail)}{aside}", cells)

    def _strip(self, line: OperationLine, cells: int, on: str) -> Row:
        assert self._sheet is not None
        side = self._sheet.known(line.key, of_baseline=line.of_baseline)
        alone = self._look.picture is Picture.ALONE
        axis = self._sheet.axis_of(line.key) if alone else self._sheet.axis(line.group)
        if side is None or axis is None:
            return [
                Segment(fit(f" {_WAITS}" if side is None else "", cells + 1), self.pen("operation-table--muted", on=on))
            ]
        limits = [] if line.of_baseline else limits_on(self._sheet.limits(line.key))
        smooth = self._look.picture is Picture.DENSITY
        parts = strip_of(side.box, side.ordered, axis, cells, reach=side.reach, smooth=smooth, limits=limits)
        row = [Segment(" ", self.pen(on=on))]
        for part in parts:
            name = "baseline" if line.of_baseline and part.what in ("box", "median") else part.what
            row.append(Segment(part.text, self.pen("" if name == "blank" else f"operation-table--{name}", on=on)))
        return row

    def _columns(self, width: int) -> tuple[Column, ...]:
        return columns_for(width, self._shown, self._look.sort)

    def _sort_at(self, x: int) -> SortOperations | None:
        end = 0
        for column in self._columns(max(0, self.size.width - 1)):
            end += column.cells
            if x < end:
                return column.sort
        return None

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        if self._lines:
            self._reveal()

    def on_focus(self) -> None:
        """Show that the cursor has the keys."""
        self.redraw()

    def on_blur(self) -> None:
        """Show that the cursor has the keys no more."""
        self.redraw()


_PLAIN = (SortOperations.MEASURED, SortOperations.NAME)
_WORDS = (Field.VERDICT, Field.BUDGET)


def _lines_of(sheet: OperationSheet | None, look: OperationsLook) -> list[SheetLine]:
    if sheet is None:
        return []
    try:
        return sheet.lines(sort=look.sort, pattern=look.pattern, closed=look.closed)
    except UsageError:
        # What is being typed is not yet a regular expression; the line that it is typed into says so.
        return sheet.lines(sort=look.sort, closed=look.closed)
