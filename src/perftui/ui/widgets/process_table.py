"""Running Python processes as a tree with the cursor on one; what may not be observed is grey, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.process_tree import ProcessRow, SortProcesses
from perftui.model.running import RunningProcess
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import format_bytes, format_seconds

_PID_CELLS = 9
_FIGURES: tuple[tuple[str, int, SortProcesses], ...] = (
    ("CPU", 8, SortProcesses.CPU),
    ("RSS", 11, SortProcesses.RSS),
    ("age", 9, SortProcesses.AGE),
)
_VERSION_CELLS = 8
_VENV_CELLS = 18
_USER_CELLS = 11
_LEAST_COMMAND = 26
_GAP = 2
_BRANCH = "└ "


class ProcessTable(ScrolledCanvas, can_focus=True):
    """A row a process; the cursor stays on its process wherever that is ranked."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "process-table--heading",
        "process-table--text",
        "process-table--muted",
        "process-table--refused",
        "process-table--remark",
        "process-table--cursor",
    }
    DEFAULT_CSS = """
    ProcessTable {
        .process-table--heading { color: $text-muted; text-style: bold; }
        .process-table--text { color: $text; }
        .process-table--muted { color: $text-muted; }
        .process-table--refused { color: $foreground 45%; }
        .process-table--remark { color: $warning; }
        .process-table--cursor { background: $primary 30%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next process", show=False, id="processes.down"),
        Binding("up", "move(-1)", "Previous process", show=False, id="processes.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="processes.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="processes.page_up"),
        Binding("home", "edge(0)", "First process", show=False, id="processes.first"),
        Binding("end", "edge(-1)", "Last process", show=False, id="processes.last"),
        Binding("enter", "choose", "Attach", show=False, id="processes.choose"),
    ]

    class Moved(Message):
        """The cursor is on another process."""

        def __init__(self, process_table: ProcessTable, process: RunningProcess | None) -> None:
            super().__init__()
            self.process_table = process_table
            self.process = process

        @property
        def control(self) -> ProcessTable:
            """The widget that posted it."""
            return self.process_table

    class Chosen(Moved):
        """The process below the cursor is to be observed."""

    class Sorted(Message):
        """The heading of a column was clicked."""

        def __init__(self, process_table: ProcessTable, sort: SortProcesses) -> None:
            super().__init__()
            self.process_table = process_table
            self.sort = sort

        @property
        def control(self) -> ProcessTable:
            """The widget that posted it."""
            return self.process_table

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._processes: Sequence[ProcessRow] = ()
        self._sort = SortProcesses.CPU
        self._empty = ""
        self._cursor = 0
        """Id of the process that the cursor is on."""
        self._line = 0
        """Its row, which the cursor stays in when that process has ended."""
        self._moved = False
        """Whether a person moved the cursor: before that it stays in the first row."""

    def show(self, rows: Sequence[ProcessRow], *, sort: SortProcesses, empty: str) -> None:
        """Show processes as they are now.

        Args:
            rows: Parents before children.
            sort: What siblings are ranked by.
            empty: What stands there without any.
        """
        self._processes, self._sort, self._empty = rows, sort, empty
        line = next((i for i, row in enumerate(rows) if row.process.pid == self._cursor), None) if self._moved else 0
        if line is None:
            line = max(0, min(self._line, len(rows) - 1))
        elif line != self._line:
            # The row that the eye is on stays where it is on the screen.
            self._first_line = max(0, self._first_line + line - self._line)
        self._line = line
        if rows:
            self._cursor = rows[line].process.pid
            self.reveal(line)
        self.redraw()

    @property
    def chosen(self) -> RunningProcess | None:
        """The process below the cursor."""
        return self._processes[self._line].process if self._processes else None

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._go(self._line + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self._go(self._line + step * max(1, self.page_rows - 1))

    def action_edge(self, line: int) -> None:
        """Move the cursor to the first or the last process."""
        self._go(line if line >= 0 else len(self._processes) - 1)

    def action_choose(self) -> None:
        """Ask for the process below the cursor to be observed."""
        if self._processes:
            self.post_message(self.Chosen(self, self.chosen))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor, observe with a double click, or sort by a heading."""
        if event.y < self.HEADING_ROWS:
            sort = self._heading_at(event.x)
            if sort is not None:
                self.post_message(self.Sorted(self, sort))
            return
        line = self.first_line + event.y - self.HEADING_ROWS
        if line < len(self._processes):
            self._go(line)
            if event.chain == 2:
                self.action_choose()

    def _go(self, line: int) -> None:
        if self._processes:
            self._moved = True
            self._line = max(0, min(line, len(self._processes) - 1))
            self._cursor = self._processes[self._line].process.pid
            self.reveal(self._line)
            self.redraw()
            self.post_message(self.Moved(self, self.chosen))

    # Drawing.

    def line_count(self) -> int:
        """Return the number of processes."""
        return max(1, len(self._processes))

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return the names of the columns, the one that is ranked by with a mark."""
        text = self._marked("pid", SortProcesses.PID).rjust(_PID_CELLS) + " " * _GAP
        if self._has_user(width):
            text += fit("user", _USER_CELLS)
        text += fit(self._marked("command", SortProcesses.COMMAND), self._command_cells(width))
        if self._has_venv(width):
            text += " " * _GAP + fit("environment", _VENV_CELLS)
        text += fit("Python", _VERSION_CELLS, right=True)
        for name, cells, sort in _FIGURES:
            text += fit(self._marked(name, sort), cells, right=True)
        return [Segment(fit(text, width), self.pen("process-table--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return one process."""
        if not self._processes:
            return [Segment(fit(f"  {self._empty}", width), self.pen("process-table--muted"))]
        row = self._processes[index]
        process = row.process
        on = "process-table--cursor" if index == self._line else ""
        muted = self.pen("process-table--muted", on=on)
        grey = bool(process.refusal) or not row.matches
        pen = self.pen("process-table--refused" if grey else "process-table--text", on=on)
        cells: Row = [Segment(str(process.pid).rjust(_PID_CELLS) + " " * _GAP, muted)]
        if self._has_user(width):
            cells.append(Segment(fit(clean(process.user), _USER_CELLS - 1) + " ", muted))
        branch = "  " * (row.depth - 1) + _BRANCH if row.depth else ""
        room = self._command_cells(width)
        branch = fit(branch, min(len(branch), room // 2))
        cells.append(Segment(branch, muted))
        cells.append(Segment(shortened(clean(process.what), room - width_of(branch)), pen))
        left = width - sum(segment.cell_length for segment in cells)
        if process.refusal:
            return [*cells, Segment(fit(f"{' ' * _GAP}{clean(process.refusal)}", left), pen)]
        return [*cells, Segment(fit(self._figures(process, width), left), pen)]

    def _figures(self, process: RunningProcess, width: int) -> str:
        text = " " * _GAP + fit(clean(process.venv), _VENV_CELLS) if self._has_venv(width) else ""
        text += fit(process.version, _VERSION_CELLS, right=True)
        percent = "–" if process.cpu_percent is None else f"{process.cpu_percent:.0f} %"
        rss = "–" if process.rss_bytes is None else format_bytes(process.rss_bytes)
        values = (percent, rss, format_seconds(round(process.age_s)))
        return text + "".join(fit(v, cells, right=True) for v, (_, cells, _) in zip(values, _FIGURES, strict=True))

    def _marked(self, name: str, sort: SortProcesses) -> str:
        return f"{name} ▾" if sort is self._sort else name

    def _command_cells(self, width: int) -> int:
        return max(_GAP, width - self._fixed_cells(width))

    def _fixed_cells(self, width: int) -> int:
        fixed = _PID_CELLS + _GAP + _VERSION_CELLS + sum(cells for _, cells, _ in _FIGURES)
        return fixed + self._has_user(width) * _USER_CELLS + self._has_venv(width) * (_VENV_CELLS + _GAP)

    def _has_venv(self, width: int) -> bool:
        return width >= _LEAST_COMMAND + _PID_CELLS + _VERSION_CELLS + _VENV_CELLS + 2 * _GAP + 28

    def _has_user(self, width: int) -> bool:
        return width >= _LEAST_COMMAND + _PID_CELLS + _VERSION_CELLS + _VENV_CELLS + 2 * _GAP + 28 + _USER_CELLS

    def _heading_at(self, x: int) -> SortProcesses | None:
        width = max(0, self.size.width - 1)
        if x < _PID_CELLS:
            return SortProcesses.PID
        at = width - sum(cells for _, cells, _ in _FIGURES)
        for _, cells, sort in _FIGURES:
            if at <= x < at + cells:
                return sort
            at += cells
        return SortProcesses.COMMAND if x < _PID_CELLS + self._command_cells(width) else None


def shortened(text: str, cells: int) -> str:
    """Return a text cut in the middle, or padded, to so many cells: a command is told by both of its ends."""
    if width_of(text) <= cells or cells < 8:
        return fit(text, cells)
    head, tail = text[: max(1, cells * 2 // 3 - 1)], text
    while width_of(head) > cells * 2 // 3 - 1:
        head = head[:-1]
    while width_of(tail) > cells - width_of(head) - 1:
        tail = tail[max(1, (len(tail) - cells) // 2) :]
    return fit(f"{head}…{tail}", cells)
