"""Threads and processes, each with its own share; idle and GIL ratios are estimates and say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment

from perftui.analysis.aggregate import ThreadShare
from perftui.ui.widgets.cells import clean, fit, width_of
from perftui.ui.widgets.line_canvas import Row
from perftui.ui.widgets.scrolled_canvas import ScrolledCanvas
from perftui.units import Unit, format_bytes, format_count, format_percent, format_seconds

_TIME = (("seen running", 13), ("share", 8), ("samples", 9), ("idle", 8), ("GIL", 8))
_MEMORY = (("bytes", 13), ("share", 8), ("allocations", 14))
_IDS_CELLS = 16
_LEAST_NAME = 14
_LEAST_LOOKS = 5


class ThreadTable(ScrolledCanvas, can_focus=True):
    """A row a thread, the busiest first; threads of child processes stand below their process."""

    HEADING_ROWS = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {"thread-table--heading", "thread-table--muted"}
    DEFAULT_CSS = """
    ThreadTable {
        .thread-table--heading { color: $text-muted; text-style: bold; }
        .thread-table--muted { color: $text-muted; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._threads: list[ThreadShare] = []
        self._whole = 1.0
        self._unit = Unit.SECONDS

    def show(self, threads: Sequence[ThreadShare], whole: float, *, unit: Unit = Unit.SECONDS) -> None:
        """Show figures of threads; `whole` is the weight of the profile, in its unit."""
        self._unit = unit
        by_process: dict[int, float] = {}
        for share in threads:
            by_process[share.thread.pid] = by_process.get(share.thread.pid, 0.0) + share.weight
        self._threads = sorted(
            threads, key=lambda s: (-by_process[s.thread.pid], s.thread.pid, -s.weight, s.thread.tid)
        )
        self._whole = whole or 1.0
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
        row: Row = [Segment("  " + fit(clean(name), self._name_cells(width)), self.pen())]
        if self._has_ids(width):
            ids = fit(f"{thread.pid}/{thread.tid}", _IDS_CELLS, right=True)
            row.append(Segment(ids, self.pen("thread-table--muted")))
        columns = zip(self._values(share), self._columns, strict=True)
        cells = "".join(fit(value, size, right=True) for value, (_, size) in columns)
        return [*row, Segment(cells, self.pen())]

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


def _ratio(ratio: float | None, looks: int) -> str:
    # A look a second tells halves from tenths, no more: no digits after the point, and nothing from a handful.
    return "–" if ratio is None or looks < _LEAST_LOOKS else f"{100 * ratio:.0f} %"
