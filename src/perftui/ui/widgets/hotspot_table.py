"""The table of hotspots: a cursor that stays on its function, and what keys and mouse ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from perftui.analysis.call_tree import FunctionKey, function_key
from perftui.analysis.hotspots import SortBy
from perftui.analysis.search import Search
from perftui.model.hotspot import Hotspot
from perftui.ui.widgets.hotspot_columns import NO_NOTES, Ranking, RowNotes
from perftui.ui.widgets.hotspot_rows import HotspotRows
from perftui.units import Unit


class HotspotTable(HotspotRows, can_focus=True):
    """A ranked table of functions; the screen ranks, the table draws and asks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next function", show=False, id="table.down"),
        Binding("up", "move(-1)", "Previous function", show=False, id="table.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="table.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="table.page_up"),
        Binding("home", "edge(-1)", "First function", show=False, id="table.first"),
        Binding("end", "edge(1)", "Last function", show=False, id="table.last"),
        Binding("enter", "choose", "Show in the flames", show=False, id="table.choose"),
    ]

    class Selected(Message):
        """The cursor was moved onto a function."""

        def __init__(self, hotspot_table: HotspotTable, function: FunctionKey) -> None:
            super().__init__()
            self.hotspot_table = hotspot_table
            self.function = function

        @property
        def control(self) -> HotspotTable:
            """The widget that posted it."""
            return self.hotspot_table

    class Chosen(Selected):
        """A function was asked for: Enter, or a click on the one that has the cursor."""

    class Sorted(Message):
        """A heading was clicked."""

        def __init__(self, hotspot_table: HotspotTable, sort: Ranking) -> None:
            super().__init__()
            self.hotspot_table = hotspot_table
            self.sort = sort

        @property
        def control(self) -> HotspotTable:
            """The widget that posted it."""
            return self.hotspot_table

    def __init__(self, *, empty: str = "", id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._given: FunctionKey | None = None
        self._empty = empty

    def show(
        self,
        hotspots: Sequence[Hotspot],
        *,
        sort: Ranking = SortBy.SELF,
        unit: Unit = Unit.SECONDS,
        selected: FunctionKey | None = None,
        cwd: str = "",
        search: Search | None = None,
        empty: str = "",
        notes: RowNotes = NO_NOTES,
    ) -> None:
        """Draw functions in the order given; the one with the cursor keeps its line where the list can be moved.

        Args:
            hotspots: Rows, ranked already.
            sort: What they are ranked by; its column is marked, and a ranking of memory gives the columns of memory.
            unit: Unit of the weights.
            selected: The function with the cursor, where the screen has chosen another one.
            cwd: Places are shown relative to it.
            search: What does not match it steps back.
            empty: Why there are no rows.
            notes: What stands beside the rows and below them.
        """
        stays = selected == self._given and sort is self._sort
        if selected != self._given:
            self._function = self._given = selected
        before = self.cursor if stays else None
        self._hotspots, self._sort, self._unit, self._cwd, self._search = hotspots, sort, unit, cwd, search
        self._notes = notes
        self._greatest = max(map(self._length, hotspots), default=0.0)
        self._empty = empty or self._empty
        self._keep_line(before)
        self.redraw()

    @property
    def cursor(self) -> int | None:
        """Index of the selected function among the rows; None where it is not one of them."""
        return next((i for i, row in enumerate(self._hotspots) if function_key(row.frame) == self._function), None)

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self.redraw()

    def on_blur(self) -> None:
        """Show the cursor as a quiet one."""
        self.redraw()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        at = self.cursor
        self._go(self.first_line if at is None else at + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        at = self.cursor
        self._go((self.first_line if at is None else at) + step * max(1, self.page_rows - 1))

    def action_edge(self, step: int) -> None:
        """Move the cursor to the first or the last function."""
        self._go(0 if step < 0 else len(self._hotspots) - 1)

    def action_choose(self) -> None:
        """Ask for the selected function."""
        if self.cursor is not None and self._function is not None:
            self.post_message(self.Chosen(self, self._function))

    def on_click(self, event: events.Click) -> None:
        """Select a function, or ask for another order."""
        if event.y < self.HEADING_ROWS:
            at = 0
            for column in self._columns(self.size.width - 1):
                at += column.width
                if event.x < at:
                    if column.sort is not None:
                        self.post_message(self.Sorted(self, column.sort))
                    return
            return
        index = self.first_line + event.y - self.HEADING_ROWS
        if index >= len(self._hotspots):
            return
        if index == self.cursor:
            self.action_choose()
        else:
            self._go(index)

    def _go(self, index: int) -> None:
        if not self._hotspots:
            return
        index = max(0, min(index, len(self._hotspots) - 1))
        self._function = function_key(self._hotspots[index].frame)
        # With the last function comes the line that says how many more there are.
        self.reveal(index + (self._has_rest and index == len(self._hotspots) - 1))
        self.reveal(index)
        self.redraw()
        # To the screen at once: a key that was typed right after this one must find the function selected.
        self.screen.post_message(self.Selected(self, self._function))

    def _keep_line(self, before: int | None) -> None:
        """Scroll by as much as the selected row moved in the list, where it is seen."""
        after = self.cursor
        if before is None or after is None or not 0 <= before - self.first_line < self.page_rows:
            return
        self._first_line = max(0, self.first_line + after - before)
