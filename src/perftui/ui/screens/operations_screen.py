"""The operations of a session on its screen: what is selected of them, sorted, filtered, and worked out in steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from time import perf_counter

from perftui.analysis.operation_sheet import OperationLine, OperationSheet, SortOperations
from perftui.errors import UsageError
from perftui.model.operation import Operation
from perftui.recording.playback import SavedTimes
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.ui.in_steps import PAUSE_S, InSteps
from perftui.ui.later import later
from perftui.ui.operations_look import OperationsLook
from perftui.ui.screens.table_screen import TableScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.operation_table import OperationTable
from perftui.ui.widgets.operations_view import OperationsView
from perftui.ui.widgets.pane_strip import PaneStrip
from perftui.ui.widgets.search_bar import SearchBar

OPERATIONS = "operations"
_STEP_S = 0.015
"""What is worked out between two keys."""
_NONE = (
    "no operations were measured: `perftui ingest FORMAT FILE` reads what a benchmark tool wrote, "
    "`perftui run --ingest FORMAT` reads it after a run"
)
_NOT_YET = "operations are read when the run has ended, from what its benchmark tool wrote (--ingest FORMAT)"
_SEARCHED = "regular expression over operations"


class OperationsScreen(TableScreen):
    """A session with the operations that benchmark tools have measured in it."""

    def __init__(self, view: ViewState, model: SessionModel, times: SavedTimes | None) -> None:
        super().__init__(view, model, times)
        self._operations = OperationsLook()
        self._sheet: OperationSheet | None = None
        self._sheet_of: tuple[Operation, ...] = ()
        """What the sheet was made of."""
        self._filtering = False
        """The line at the bottom filters operations, and does not search functions."""
        self._sheet_steps = InSteps(partial(later, self, PAUSE_S))

    # Drawing.

    def _follow_operations(self, update: Update) -> None:
        """Take in operations that are new."""
        if update.operations is not None or update.phase is Phase.DONE:
            self._offer_operations()
            self._draw_operations()

    def _offer_operations(self) -> None:
        """Name the pane among the others as soon as there is something in it."""
        self.query_one(PaneStrip).offer(OPERATIONS, offered=bool(self._model.operations))

    def _draw_operations(self) -> None:
        """Draw the operations, as long as they are seen."""
        view = self.query_one(OperationsView)
        if view.display:
            sheet = self._sheet_now()
            done = self._model.phase is Phase.DONE
            view.show(sheet, self._operations, empty=_NONE if done else _NOT_YET)

    def _sheet_now(self) -> OperationSheet | None:
        operations = self._model.operations
        if not operations:
            return None
        if self._sheet is None or self._sheet_of is not operations:
            self._sheet, self._sheet_of = OperationSheet(operations), operations
            if not self._sheet.is_complete:
                self._sheet_steps.begin(self._worked_out(self._sheet), long=True)
        return self._sheet

    def _worked_out(self, sheet: OperationSheet) -> Iterator[None]:
        """Work out what takes long, what is in sight first; what comes is drawn now and then."""
        # The lines in sight are known once they were drawn.
        yield
        began_s = perf_counter()
        for step, _ in enumerate(sheet.work(self.query_one(OperationTable).seen_keys)):
            if perf_counter() - began_s > _STEP_S:
                if step % 8 == 0:
                    self._draw_operations()
                yield
                began_s = perf_counter()
        self._draw_operations()

    # What a person does.

    @property
    def _has_operations_keys(self) -> bool:
        """Whether keys are about operations: their pane has the focus."""
        focused = self.focused
        return focused is not None and any(isinstance(each, OperationsView) for each in focused.ancestors)

    @property
    def holds_escape(self) -> bool:
        """Whether Escape gives a filter up that is being typed."""
        return self._filtering or super().holds_escape

    def _look_at_operations(self, **changes: object) -> None:
        self._operations = replace(self._operations, **changes)  # type: ignore[arg-type]
        self._draw_operations()

    def on_operation_table_selected(self, message: OperationTable.Selected) -> None:
        """Select an operation, or the heading of a group."""
        self._look_at_operations(key=message.key, group=message.group)

    def on_operation_table_toggled(self, message: OperationTable.Toggled) -> None:
        """Close a group, or open it again."""
        self._operations = self._operations.toggled(message.group)
        self._draw_operations()

    def on_operation_table_sorted(self, message: OperationTable.Sorted) -> None:
        """Sort by the column that was clicked, or as it was measured again."""
        again = message.sort is self._operations.sort
        self._look_at_operations(sort=SortOperations.MEASURED if again else message.sort)

    def action_sort(self) -> None:
        """Sort the operations by the next column where they have the keys."""
        if not self._has_operations_keys:
            super().action_sort()
            return
        sheet = self._sheet
        order = [each for each in SortOperations if each is not SortOperations.CHANGE or (sheet and sheet.has_baseline)]
        at = order.index(self._operations.sort)
        self._look_at_operations(sort=order[(at + 1) % len(order)])
        self.notify(f"operations by {self._operations.sort.value}", timeout=2, markup=False)

    def action_density(self) -> None:
        """Draw distributions as densities, or as boxes again."""
        self._look_at_operations(density=not self._operations.density)

    # Filtering.

    def action_search(self) -> None:
        """Filter operations where they have the keys."""
        self._filtering = self._has_operations_keys
        if self._filtering:
            self.query_one(SearchBar).open(self._operations.pattern, over=_SEARCHED)
        else:
            super().action_search()

    def on_search_bar_changed(self, message: SearchBar.Changed) -> None:
        """Filter while the person types."""
        if self._filtering:
            # Else it would be searched for in the flames, too.
            message.prevent_default()
            self._filter(message.pattern)

    def on_search_bar_closed(self, message: SearchBar.Closed) -> None:
        """Keep the filter, or give it up."""
        if not self._filtering:
            return
        message.prevent_default()
        self._filter(message.pattern if message.keep else "")
        self.query_one(SearchBar).display = False
        self._filtering = False
        self.query_one(OperationTable).focus()

    def _filter(self, pattern: str) -> None:
        bar, sheet = self.query_one(SearchBar), self._sheet
        try:
            lines = [] if sheet is None else sheet.lines(pattern=pattern)
        except UsageError as error:
            bar.show_error(error.message)
            return
        found = {line.key for line in lines if isinstance(line, OperationLine)}
        whole = 0 if sheet is None else len(sheet.keys)
        bar.show_result(f"{len(found)} of {whole} operations" if pattern else "")
        self._look_at_operations(pattern=pattern)
