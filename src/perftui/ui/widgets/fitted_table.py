"""A table of rows whose last column takes the room that its others leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.text import Text
from textual import events
from textual.widgets import DataTable

_LEAST_LAST = 10
"""The last column is at least as wide, in cells, however little room is left."""


class FittedTable(DataTable[Text]):
    """Rows to choose from; columns have their widths at once, and none is cut while there is room."""

    def __init__(self, *, widths: Callable[[int], Mapping[str, int]] | None = None, **options: Any) -> None:
        """Make a table; `widths` gives widths of columns, by key, for the cells that the table is wide."""
        super().__init__(**options)
        self._widths = widths

    def on_resize(self, event: events.Resize) -> None:
        """Let columns have the widths for this room, and the last one what they leave."""
        if self._widths is not None and event.size.width:
            widths = self._widths(event.size.width)
            for key, column in self.columns.items():
                column.width = widths.get(key.value or "", column.width)
        self._fit_last()

    def fill(self, rows: Iterable[Sequence[Text]], *, measured: bool = False) -> None:
        """Put other rows in place of these; the cursor stays. Measured columns are as wide as their widest cell."""
        rows, at = list(rows), self.cursor_row
        self.clear()
        if measured:
            for index, column in enumerate(self.ordered_columns):
                column.width = max((row[index].cell_len for row in rows), default=1)
        # A column that measures itself would do so only after the last one is fitted beside it.
        for column in self.ordered_columns:
            column.auto_width = False
        for row in rows:
            self.add_row(*row)
        self.move_cursor(row=min(at, max(0, len(rows) - 1)))
        self._fit_last()

    def _fit_last(self) -> None:
        """Fit the last column beside the others and the scrollbar; one that is not shown is fitted when it is."""
        columns = self.ordered_columns
        if not columns or not self.size.width:
            return
        *others, last = columns
        scrolls = self.row_count + self.show_header > self.size.height
        used = sum(column.width + 2 for column in others) + 2 + 2 * scrolls
        width = max(_LEAST_LAST, self.size.width - used)
        if width != last.width:
            last.width = width
            self._require_update_dimensions = True
            self.refresh(layout=True)
