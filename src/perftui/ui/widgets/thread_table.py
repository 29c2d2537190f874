"""Processes with their threads below, each with its share, what it does now and what it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.split import Branch, Split
from perftui.analysis.thread_rows import ThreadRow, ThreadSort
from perftui.ui.widgets.cells import bar, clean, fit, width_of
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.ui.widgets.thread_columns import (
    LEAST_LOOKS,
    LEAST_NAME,
    MARK_CELLS,
    MOST_NAME,
    Column,
    Placed,
    columns_of,
    sort_of,
    value_of,
)
from perftui.units import Unit

_SEEN, _LEFT_OUT = "●", "○"
"""Marks of what is looked at, and of what is not."""
_SIGNS = {True: "▾ ", False: "▸ ", None: "  "}
_SIGN_CELLS = 2
Ranking = Callable[[ThreadSort, Mapping[int, bool]], list[ThreadRow]]
"""Gives the rows by what they are ranked by, and which processes a person has opened or closed."""


class ThreadTable(ScrolledCanvas, can_focus=True):
    """A row a process and below it one a thread, or a row for all threads of one name; one has the cursor."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "thread-table--heading",
        "thread-table--sorted",
        "thread-table--muted",
        "thread-table--text",
        "thread-table--process",
        "thread-table--bar",
        "thread-table--trough",
        "thread-table--cursor",
    }
    DEFAULT_CSS = """
    ThreadTable {
        .thread-table--heading { background: $foreground 6%; color: $text-muted; }
        .thread-table--sorted { background: $foreground 6%; color: $text; text-style: bold; }
        .thread-table--muted { color: $text-muted; }
        .thread-table--text { color: $text; }
        .thread-table--process { color: $text; text-style: bold; }
        .thread-table--bar { color: $accent; }
        .thread-table--trough { color: $foreground 10%; }
        .thread-table--cursor { background: $primary 30%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next thread", show=False, id="threads.down"),
        Binding("up", "move(-1)", "Previous thread", show=False, id="threads.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="threads.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="threads.page_up"),
        Binding("right", "open(True)", "List the threads of a process", show=False, id="threads.open"),
        Binding("left", "open(False)", "Close a process, or go to it", show=False, id="threads.close"),
        Binding("enter", "choose", "Keep it alone", show=False, id="threads.choose"),
        Binding("s", "sort", "Sort by share, name or pid", show=False, id="threads.sort"),
    ]

    class Toggled(Message):
        """A mark was clicked: leave what it stands for out, or take it in again."""

        def __init__(self, thread_table: ThreadTable, branch: Branch) -> None:
            super().__init__()
            self.thread_table = thread_table
            self.branch = branch

        @property
        def control(self) -> ThreadTable:
            """The widget that posted it."""
            return self.thread_table

    class Chosen(Toggled):
        """A row was chosen: keep what it stands for alone, or look at all again."""

    class Moved(Message):
        """The cursor is on another row, or was shown or hidden."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._rank: Ranking = _nothing
        self._rows_shown: list[ThreadRow] = []
        self._whole = 1.0
        self._unit = Unit.SECONDS
        self._now_s = 0.0
        self._recent = False
        self._note = ""
        self._cursor: Branch | None = None
        self._sort = ThreadSort.SHARE
        self._opened: dict[int, bool] = {}

    def show(
        self,
        rank: Ranking,
        whole: float,
        *,
        unit: Unit = Unit.SECONDS,
        now_s: float = 0.0,
        recent: bool = False,
        note: str = "",
    ) -> None:
        """Show figures of threads and processes.

        Args:
            rank: Gives the rows.
            whole: Weight of what is looked at, which shares are of.
            unit: Unit of the weights.
            now_s: Moment of the recording, which ages are told at.
            recent: Ratios are of the last looks, otherwise of all.
            note: What has to be known of the rows, in a few words.
        """
        self._rank, self._whole, self._unit, self._now_s = rank, whole or 1.0, unit, now_s
        self._recent, self._note = recent, note
        self._rank_again()

    @property
    def current(self) -> ThreadRow | None:
        """The row below the cursor."""
        return self._rows_shown[self._at] if self._rows_shown else None

    @property
    def chosen(self) -> Branch | None:
        """The process, thread or name below the cursor."""
        row = self.current
        return None if row is None else row.branch

    @property
    def _at(self) -> int:
        """The row of the cursor, which stays on its thread wherever that is ranked."""
        return next((i for i, row in enumerate(self._rows_shown) if row.branch == self._cursor), 0)

    @property
    def _is_merged(self) -> bool:
        return bool(self._rows_shown) and self._rows_shown[0].branch.split is Split.NAME

    def _rank_again(self) -> None:
        self._rows_shown = self._rank(self._sort, self._opened)
        self.redraw()

    # What a person does.

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._go(self._at + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self._go(self._at + step * max(1, self.page_rows - 1))

    def action_open(self, is_open: bool) -> None:
        """List the threads of a process, or close it; from a thread go to its process."""
        if not self._rows_shown:
            return
        row = self._rows_shown[self._at]
        if row.depth and not is_open:
            owner = Branch(Split.PROCESS, pid=row.branch.pid)
            self._go(next(i for i, each in enumerate(self._rows_shown) if each.branch == owner))
        elif row.is_open is not None and row.is_open is not is_open:
            self._open(row, is_open=is_open)

    def action_choose(self) -> None:
        """Keep what has the cursor alone, or look at all again."""
        if (branch := self.chosen) is not None:
            self.post_message(self.Chosen(self, branch))

    def action_sort(self) -> None:
        """Sort by the next column."""
        order = list(ThreadSort)
        self._sort_by(order[(order.index(self._sort) + 1) % len(order)])

    def on_focus(self) -> None:
        """Show the cursor."""
        self.redraw()
        self.post_message(self.Moved())

    def on_blur(self) -> None:
        """Show no cursor."""
        self.redraw()
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        """Move the cursor there; on the mark leave it out, on the sign open it, on a heading sort, twice keep it."""
        if event.y < self.HEADING_ROWS:
            self._sort_at(event.x)
            return
        index = self.first_line + event.y - self.HEADING_ROWS
        if index >= len(self._rows_shown):
            return
        row = self._rows_shown[index]
        self._go(index)
        if event.x < MARK_CELLS:
            self.post_message(self.Toggled(self, row.branch))
        elif event.x < MARK_CELLS + _SIGN_CELLS and row.is_open is not None:
            self._open(row, is_open=not row.is_open)
        elif event.chain > 1:
            self.post_message(self.Chosen(self, row.branch))

    def _go(self, index: int) -> None:
        if self._rows_shown:
            index = max(0, min(index, len(self._rows_shown) - 1))
            self._cursor = self._rows_shown[index].branch
            self.reveal(index)
            self.redraw()
            self.post_message(self.Moved())

    def _open(self, row: ThreadRow, *, is_open: bool) -> None:
        self._opened[row.branch.pid] = is_open
        self._rank_again()

    def _sort_by(self, sort: ThreadSort) -> None:
        self._sort = sort
        self._rank_again()
        self.reveal(self._at)

    def _sort_at(self, x: int) -> None:
        at = MARK_CELLS + self._name_cells(self._columns())
        if x < at:
            self._sort_by(ThreadSort.NAME)
            return
        for placed in self._columns():
            at += placed.cells
            if x < at:
                if (sort := sort_of(placed.column)) is not None:
                    self._sort_by(sort)
                return

    # Drawing.

    def line_count(self) -> int:
        """Return the number of rows."""
        return max(1, len(self._rows_shown))

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return the names of the columns; what they are sorted by is marked."""
        columns = self._columns()
        names = "thread name" if self._is_merged else "process, thread"
        row: Row = [self._title(f"  {names}", MARK_CELLS + self._name_cells(columns), ThreadSort.NAME, right=False)]
        marked = self._sort is ThreadSort.NAME
        for placed in columns:
            # Share and weight rank alike: one mark is enough.
            sort = None if marked else sort_of(placed.column)
            marked = marked or sort is self._sort
            row.append(self._title(placed.title, placed.cells, sort))
        used = sum(segment.cell_length for segment in row)
        estimated = any(placed.title.endswith("~") for placed in columns)
        looks = "~ estimated, last looks" if self._recent else "~ estimated"
        few = f"– fewer than {LEAST_LOOKS} looks" if estimated and self._has_few_looks else ""
        notes = [note for note in (self._note, few, looks if estimated else "") if note]
        note = next((text for text in (" · ".join(notes), *notes) if width_of(text) + 3 <= width - used), "")
        return [*row, Segment(fit(f"   {note}" if note else "", width - used), self.pen("thread-table--heading"))]

    def _title(self, title: str, cells: int, sort: ThreadSort | None, *, right: bool = True) -> Segment:
        is_sorted = sort is self._sort
        text = f"{title} {'▾' if sort is ThreadSort.SHARE else '▴'}" if is_sorted else title
        return Segment(fit(text, cells, right=right), self.pen(f"thread-table--{'sorted' if is_sorted else 'heading'}"))

    def draw_line(self, index: int, width: int) -> Row:
        """Return one process, thread or name."""
        if not self._rows_shown:
            nobody = "no thread holds memory yet" if self._of_memory else "no thread was seen running yet"
            return [Segment(fit(f"  {nobody}", width), self.pen("thread-table--muted"))]
        shown = self._rows_shown[index]
        on = "thread-table--cursor" if self.has_focus and index == self._at else ""
        muted = self.pen("thread-table--muted", on=on)
        pen = muted if shown.is_left_out or shown.is_gone else self.pen("thread-table--text", on=on)
        columns = self._columns()
        row: Row = [Segment(fit(_LEFT_OUT if shown.is_left_out else _SEEN, MARK_CELLS), muted)]
        row += self._named(shown, self._name_cells(columns), on)
        for placed in columns:
            row += self._cell(shown, placed, pen, on)
        used = sum(segment.cell_length for segment in row)
        return [*row, Segment(" " * max(0, width - used), pen)]

    def _named(self, shown: ThreadRow, cells: int, on: str) -> Row:
        muted = self.pen("thread-table--muted", on=on)
        dimmed = shown.is_left_out or shown.is_gone
        is_process = shown.branch.split is Split.PROCESS
        pen = muted if dimmed else self.pen(f"thread-table--{'process' if is_process else 'text'}", on=on)
        sign = ("  " if shown.depth else "") + (_SIGNS[shown.is_open] if is_process or not self._is_merged else "")
        name = clean(shown.name)
        if self._is_merged and len(shown.shares) > 1:
            name = f"{name} ×{len(shown.shares)}"
        if shown.unlisted:
            name = f"{name} +{shown.unlisted:,} threads"
        return [Segment(sign, muted), Segment(fit(name, max(0, cells - len(sign) - 1)) + " ", pen)]

    def _cell(self, shown: ThreadRow, placed: Placed, pen: Style, on: str) -> Row:
        column, cells = placed.column, placed.cells
        if column is Column.BAR:
            filled, empty = bar(shown.weight / self._whole, cells - 2)
            return [
                Segment("  ", self.pen("thread-table--muted", on=on)),
                Segment(filled, self.pen("thread-table--bar", on=on)),
                Segment(empty, self.pen("thread-table--trough", on=on)),
            ]
        text = value_of(shown, column, whole=self._whole, unit=self._unit, now_s=self._now_s, recent=self._recent)
        if shown.is_left_out and column is Column.SHARE:
            text = "left out"
        style = self.pen("thread-table--muted", on=on) if column in (Column.IDS, Column.STATE) else pen
        return [Segment(fit(text, cells, right=True), style)]

    @property
    def _has_few_looks(self) -> bool:
        return any(row.looks < LEAST_LOOKS for row in self._rows_shown if row.shares and not row.is_gone)

    @property
    def _of_memory(self) -> bool:
        return self._unit is Unit.BYTES

    def _columns(self) -> list[Placed]:
        of_samples = self._unit is Unit.SAMPLES
        return columns_of(self.size.width - 1, of_memory=self._of_memory, merged=self._is_merged, of_samples=of_samples)

    def _name_cells(self, columns: list[Placed]) -> int:
        taken = MARK_CELLS + sum(placed.cells for placed in columns)
        return min(MOST_NAME, max(LEAST_NAME, self.size.width - 1 - taken))


def _nothing(_sort: ThreadSort, _opened: Mapping[int, bool]) -> list[ThreadRow]:
    return []
