"""The operations of a session: the table, and all of the selected one beside it or in its place."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from perftui.analysis.operation_sheet import OperationSheet
from perftui.ui.operations_look import OperationsLook
from perftui.ui.widgets.operation_detail import OperationDetail
from perftui.ui.widgets.operation_sections import OperationFacts
from perftui.ui.widgets.operation_table import OperationTable

_BESIDE_COLUMNS, _BESIDE_ROWS = 140, 14
"""Columns and rows from which both have room."""


class OperationsView(Container):
    """A table, and the detail of its selected row."""

    ALLOW_MAXIMIZE = True
    DEFAULT_CSS: ClassVar[str] = """
    OperationsView { layout: horizontal; }
    OperationsView > OperationTable { width: 9fr; height: 1fr; }
    OperationsView > #all-of-one { width: 8fr; height: 1fr; border-left: vkey $foreground 15%; display: none; }
    OperationsView.-beside > #all-of-one { display: block; }
    OperationsView.-in-place > #all-of-one { display: block; border-left: none; width: 1fr; }
    OperationsView.-in-place > OperationTable { display: none; }
    """

    class Arranged(Message):
        """There is room for the detail now, or no more."""

    def compose(self) -> ComposeResult:
        """Lay out table and detail."""
        yield OperationTable()
        with Container(id="all-of-one"):
            yield OperationDetail()

    def show(self, sheet: OperationSheet | None, look: OperationsLook, *, empty: str = "") -> None:
        """Show operations, or say why there are none."""
        beside, in_place = look.detail and self.is_wide, look.detail and not self.is_wide
        if beside is not self.has_class("-beside") or in_place is not self.has_class("-in-place"):
            self.set_class(beside, "-beside")
            self.set_class(in_place, "-in-place")
        self.table.show(sheet, look, empty=empty)

    def show_detail(self, facts: OperationFacts | None) -> None:
        """Show all of an operation."""
        self.detail.show(facts)

    @property
    def table(self) -> OperationTable:
        """The table."""
        return self.query_one(OperationTable)

    @property
    def detail(self) -> OperationDetail:
        """All of the selected operation."""
        return self.query_one(OperationDetail)

    def on_resize(self) -> None:
        """Arrange both for the room that there is."""
        self.post_message(self.Arranged())

    @property
    def is_wide(self) -> bool:
        """Whether table and detail have room beside each other."""
        return self.size.width >= _BESIDE_COLUMNS and self.size.height >= _BESIDE_ROWS
