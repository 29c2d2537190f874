"""The operations of a session: the table, and all of the selected one beside or below it, or in its place."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container

from perftui.analysis.operation_sheet import OperationSheet
from perftui.ui.operations_look import OperationsLook
from perftui.ui.widgets.operation_table import OperationTable


class OperationsView(Container):
    """The table of operations."""

    DEFAULT_CSS: ClassVar[str] = """
    OperationsView { layout: horizontal; }
    OperationsView > OperationTable { width: 1fr; height: 1fr; }
    """

    def compose(self) -> ComposeResult:
        """Lay out the table."""
        yield OperationTable()

    def show(self, sheet: OperationSheet | None, look: OperationsLook, *, empty: str = "") -> None:
        """Show operations, or say why there are none."""
        self.table.show(sheet, look, empty=empty)

    @property
    def table(self) -> OperationTable:
        """The table."""
        return self.query_one(OperationTable)
