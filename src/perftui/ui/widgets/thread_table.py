"""Threads and processes, each with its own share; idle and GIL ratios are estimates and say so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.aggregate import ThreadShare
from perftui.analysis.split import Branch, Split, branch_of
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import Unit, format_bytes, format_count, format_percent, format_seconds

_TIME = (("seen running", 13), ("share", 8), ("samples", 9), ("idle", 8), ("GIL", 8))
_MEMORY = (("bytes", 13), ("share", 8), ("allocations", 14))
_IDS_CELLS = 16
_LEAST_NAME = 14
_LEAST_LOOKS = 5
_MARK_CELLS = 2
_SEEN, _LEFT_OUT = "●", "○"
"""Marks of threads that are looked at, and of those that are not."""


class ThreadTable(ScrolledCanvas, can_focus=True):
    """A row a thread, the busiest first, one of them with the cursor; threads of a child process stand together."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "thread-table--heading",
        "thread-table--muted",
        "thread-table--text",
        "thread-table--cursor",
    }
    DEFAULT_CSS = """
    ThreadTable {
        .thread-table--heading { color: $text-muted; text-style: bold; }
        .thread-table--muted { color: $text-muted; }
        .thread-table--text { color: $text; }
        .thread-table--cursor { background: $primary 30%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next thread", show=False, id="threads.down"),
        Binding("up", "move(-1)", "Previous thread", show=False, id="threads.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="threads.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="threads.page_up"),
    ]

    class Toggled(Message):
        """The mark of a thread was clicked: leave it out, or take it in again."""

        def __init__(self, thread_table: ThreadTable, branch: Branch) -> None:
            super().__init__()
            self.thread_table = thread_table
            self.branch = branch

        @property
        def control(self) -> ThreadTable:
            """The widget that posted it."""
            return self.thread_table

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._threads: list[ThreadShare] = []
        self._whole = 1.0
        self._unit = Unit.SECONDS
        self._left_out: frozenset[tuple[int, int]] = frozenset()
        self._cursor: tuple[int, int] | None = None

    def show(
        self,
        threads: Sequence[ThreadShare],
        whole: float,
        *,
        unit: Unit = Unit.SECONDS,
        left_out: Collection[tuple[int, int]] = (),
    ) -> None:
        """Show figures of threads.

        Args:
            threads: Each of them once.
            whole: Weight of what is looked at, which shares are of.
            unit: Unit of the weights.
            left_out: (process id, thread id) of threads that are not looked at.
        """
        self._unit, self._left_out = unit, frozenset(left_out)
        by_process: dict[int, float] = {}
        for share in threads:
            by_process[share.thread.pid] = by_process.get(share.thread.pid, 0.0) + share.weight
        self._threads = sorted(
            threads, key=lambda s: (-by_process[s.thread.pid], s.thread.pid, -s.weight, s.thread.tid)
        )
        self._whole = whole or 1.0
        self.redraw()

    @property
    def chosen(self) -> Branch | None:
        """The thread below the cursor."""
        return branch_of(self._threads[self._at].thread, Split.THREAD) if self._threads else None

    @property
    def _at(self) -> int:
        """The row of the cursor, which stays on its thread wherever that is ranked."""
        return next((i for i, share in enumerate(self._threads) if _key(share) == self._cursor), 0)

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        self._go(self._at + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self._go(self._at + step * max(1, self.page_rows - 1))

    def on_focus(self) -> None:
        """Show the cursor."""
        self.redraw()

    def on_blur(self) -> None:
        """Show no cursor."""
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor there; a click on the mark leaves a thread out, or takes it in again."""
        index = self.first_line + event.y - self.HEADING_ROWS
        if event.y < self.HEADING_ROWS or index >= len(self._threads):
            return
        self._go(index)
        if event.x < _MARK_CELLS:
            self.post_message(self.Toggled(self, branch_of(self._threads[index].thread, Split.THREAD)))

    def _go(self, index: int) -> None:
        if self._threads:
            index = max(0, min(index, len(self._threads) - 1))
            self._cursor = _key(self._threads[index])
            self.reveal(index)
            self.redraw()

    def line_count(self) -> int:
        """Return the number of threads."""
        return max(1, len(self._threads))

    def draw_heading(self, y: int, width: int) -> Row:  # noqa: ARG002 (there is one)
        """Return the names of the columns."""
        text = "  " + fit("thread", self._name_cells(width))
        if self._has_ids(width):
            # memray counts the threads of a process itself.
            text += fit("pid/number" if self._of_memory else "pid/tid", _IDS_CELLS, right=True)
        text += "".join(
            fit(f"{name}~" if name in ("idle", "GIL") else name, cells, right=True) for name, cells in self._columns
        )
        note = "" if self._of_memory else "   ~ estimated"
        if width_of(text) + width_of(note) <= width:
            text += note
        return [Segment(fit(text, width), self.pen("thread-table--heading"))]

    def draw_line(self, index: int, width: int) -> Row:
        """Return one thread."""
        if not self._threads:
            nobody = "no thread holds memory yet" if self._of_memory else "no thread was seen running yet"
            return [Segment(fit(f"  {nobody}", width), self.pen("thread-table--muted"))]
        share = self._threads[index]
        thread = share.thread
        name = thread.name or ("MainThread" if thread.tid == thread.pid else f"thread {thread.tid}")
        out = _key(share) in self._left_out
        on = "thread-table--cursor" if self.has_focus and index == self._at else ""
        muted = self.pen("thread-table--muted", on=on)
        pen = muted if out else self.pen("thread-table--text", on=on)
        mark = fit(_LEFT_OUT if out else _SEEN, _MARK_CELLS)
        row: Row = [Segment(mark, muted), Segment(fit(clean(name), self._name_cells(width)), pen)]
        if self._has_ids(width):
            row.append(Segment(fit(f"{thread.pid}/{thread.tid}", _IDS_CELLS, right=True), muted))
        columns = zip(self._values(share), self._columns, strict=True)
        cells = "".join(fit(value, size, right=True) for value, (_, size) in columns)
        if out:
            cells = fit(fit("left out", self._columns[0][1], right=True), width_of(cells))
        used = sum(segment.cell_length for segment in row) + width_of(cells)
        return [*row, Segment(cells, pen), Segment(" " * max(0, width - used), pen)]

    @property
    def _of_memory(self) -> bool:
        return self._unit is Unit.BYTES

    @property
    def _columns(self) -> tuple[tuple[str, int], ...]:
        return _MEMORY if self._of_memory else _TIME

    def _values(self, share: ThreadShare) -> tuple[str, ...]:
        percent = format_percent(100 * share.weight / self._whole)
        if self._of_memory:
            return format_bytes(share.weight), percent, f"{share.count:,}"
        return (
            format_seconds(share.weight),
            percent,
            format_count(share.count),
            _ratio(share.idle_ratio, share.looks),
            _ratio(share.gil_ratio, share.looks),
        )

    def _has_ids(self, width: int) -> bool:
        return width >= 2 + _LEAST_NAME + _IDS_CELLS + sum(size for _, size in self._columns)

    def _name_cells(self, width: int) -> int:
        taken = 2 + sum(size for _, size in self._columns) + (_IDS_CELLS if self._has_ids(width) else 0)
        return min(40, max(_LEAST_NAME, width - taken))


def _key(share: ThreadShare) -> tuple[int, int]:
    return share.thread.pid, share.thread.tid


def _ratio(ratio: float | None, looks: int) -> str:
    # A look a second tells halves from tenths, no more: no digits after the point, and nothing from a handful.
    return "–" if ratio is None or looks < _LEAST_LOOKS else f"{100 * ratio:.0f} %"
