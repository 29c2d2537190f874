"""The operations of a session on its screen: what is selected of them, sorted, filtered, and worked out in steps."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import monotonic

from textual import work
from textual.widget import Widget
from textual.worker import get_current_worker

from perftui.analysis.operation_sheet import OperationLine, OperationSheet, SortOperations
from perftui.errors import UsageError
from perftui.model.operation import Operation
from perftui.model.verdict import RuleVerdict
from perftui.ui.operations_look import OperationsLook, Picture
from perftui.ui.screens.flame_screen import FlameScreen
from perftui.ui.widgets.operation_detail import OperationDetail
from perftui.ui.widgets.operation_sections import OperationFacts, facts_of
from perftui.ui.widgets.operation_table import OperationTable
from perftui.ui.widgets.operations_view import OperationsView
from perftui.ui.widgets.pane_strip import PaneStrip
from perftui.ui.widgets.search_bar import SearchBar

OPERATIONS = "operations"
_DRAWN_EVERY_S = 0.25
"""While something is worked out."""
NO_OPERATIONS = (
    "no operations were measured: `perftui ingest FORMAT FILE` reads what a benchmark tool wrote, "
    "`perftui run --ingest FORMAT` reads it after a run"
)
_SEARCHED = "regular expression over operations"


class OperationsScreen(FlameScreen):
    """A screen with the operations that benchmark tools have measured, and with what they are held against."""

    _operations = OperationsLook()
    _sheet: OperationSheet | None = None
    _sheet_of: tuple[object, object] = (None, None)
    """What the sheet was made of."""
    _judged_by: object = None
    """The verdicts that the sheet knows."""
    _facts: tuple[tuple[object, ...], OperationFacts | None] | None = None
    """All of the selected operation, and what it was made for."""
    _filtering = False
    """The line at the bottom filters operations, and does not search functions."""

    # What a screen says of itself.

    @property
    @abstractmethod
    def _measured_operations(self) -> Sequence[Operation]:
        """The operations, the same object as long as they are the same."""

    @property
    @abstractmethod
    def _baseline_operations(self) -> Mapping[str, Operation]:
        """What they are held against by their keys, the same object as long as it is the same."""

    @property
    @abstractmethod
    def _operation_verdicts(self) -> Sequence[RuleVerdict]:
        """What a budget says, the same object as long as it says the same."""

    @property
    @abstractmethod
    def _baseline_ref(self) -> str:
        """What the baseline is called."""

    @property
    @abstractmethod
    def _no_operations(self) -> str:
        """Why there are no operations, and how to get some."""

    @property
    @abstractmethod
    def _operations_room(self) -> Widget:
        """What is given the whole screen when all of an operation is asked for."""

    # Drawing.

    def _offer_operations(self) -> None:
        """Name the pane among the others as soon as there is something in it."""
        self.query_one(PaneStrip).offer(
            OPERATIONS, offered=bool(self._measured_operations or self._baseline_operations)
        )

    def _draw_operations(self) -> None:
        """Draw the operations, as long as they are seen."""
        view = self.query_one(OperationsView)
        if view.display:
            sheet = self._sheet_now()
            view.show(sheet, self._operations, empty=self._no_operations)
            if self._operations.detail:
                view.show_detail(None if sheet is None else self._facts_of(sheet))

    def _facts_of(self, sheet: OperationSheet) -> OperationFacts | None:
        """Return all that is known of the selected operation; None where a group is selected."""
        look = self._operations
        smooth = look.picture is Picture.DENSITY
        key = look.key or ("" if look.group else next(iter(sheet.keys), ""))
        made_for = (sheet, key, sheet.version if not sheet.is_complete else 0, self._judged_by, smooth)
        known = self._facts
        if known is None or not _same(known[0], made_for):
            known = self._facts = made_for, facts_of(sheet, key, ref=self._baseline_ref, smooth=smooth)
        return known[1]

    def on_operations_view_arranged(self) -> None:
        """Draw what has room now."""
        self._draw_operations()

    def _sheet_now(self) -> OperationSheet | None:
        operations, baseline = self._measured_operations, self._baseline_operations
        verdicts = self._operation_verdicts
        if not operations and not baseline:
            return None
        made_of = (operations, baseline)
        if self._sheet is None or any(now is not then for now, then in zip(made_of, self._sheet_of, strict=True)):
            self._sheet, self._sheet_of = OperationSheet(operations, baseline), made_of
            self._judged_by = None
            if not self._sheet.is_complete:
                # What is in sight is known once it was drawn.
                self.call_after_refresh(self._begin_to_work_out, self._sheet)
        if self._judged_by is not verdicts:
            self._judged_by = verdicts
            self._sheet.judge(verdicts)
        return self._sheet

    def _begin_to_work_out(self, sheet: OperationSheet) -> None:
        self._work_out(sheet, self.query_one(OperationTable).seen_keys)

    @work(thread=True, exit_on_error=False, group="operations", exclusive=True)
    def _work_out(self, sheet: OperationSheet, seen: Sequence[str]) -> None:
        """Work out what takes long, what is in sight first; what comes is drawn now and then."""
        worker = get_current_worker()
        try:
            drawn_s = monotonic()
            for _ in sheet.work(seen):
                if worker.is_cancelled:
                    return
                if monotonic() - drawn_s > _DRAWN_EVERY_S:
                    self.app.call_from_thread(self._draw_operations)
                    drawn_s = monotonic()
        except Exception as error:  # noqa: BLE001 (a worker's edge: whatever it is, the person is told)
            if not worker.is_cancelled:
                said = f"internal error while operations were worked out: {error!r}"
                self.app.call_from_thread(self.notify, said, severity="error", markup=False)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._draw_operations)

    def _open_operations(self) -> None:
        """Give the operations the whole screen."""
        self.maximize(self._operations_room)
        self.query_one(OperationTable).focus()
        self._draw_operations()

    # What a person does.

    @property
    def _has_operations_keys(self) -> bool:
        """Whether keys are about operations: their pane has the focus."""
        focused = self.focused
        return focused is not None and any(isinstance(each, OperationsView) for each in focused.ancestors)

    @property
    def holds_escape(self) -> bool:
        """Whether Escape gives a filter up that is being typed, or goes back from one operation to all of them."""
        if self._filtering:
            return True
        return isinstance(self.focused, OperationDetail) or (self._has_operations_keys and self._is_narrowed)

    @property
    def _is_narrowed(self) -> bool:
        return self._operations.detail or bool(self._operations.pattern)

    def action_leave_operations(self) -> None:
        """Go back to the table, then to all operations, then to the flames."""
        table = self.query_one(OperationTable)
        if isinstance(self.focused, OperationDetail) or self._operations.detail:
            self._look_at_operations(detail=False)
            table.focus()
        elif self._operations.pattern:
            self._look_at_operations(pattern="")
        elif self.maximized is not None:
            self.minimize()
        else:
            self._flames.focus()

    def on_operation_table_chosen(self, message: OperationTable.Chosen) -> None:
        """Show all of an operation on the whole screen; where it stands beside the table already, give it the keys."""
        known = self._operations.detail
        if self.maximized is None:
            self.maximize(self._operations_room)
        self._look_at_operations(key=message.key, group=message.group, detail=True)
        self.call_after_refresh(self._focus_operations, known)

    def _focus_operations(self, known: bool) -> None:
        """Give the keys to what is seen, or to the detail where that was asked for once more."""
        view = self.query_one(OperationsView)
        (view.detail if known or not view.is_wide else view.table).focus()

    def on_operation_detail_stepped(self, message: OperationDetail.Stepped) -> None:
        """Show the next operation, or the one before."""
        self.query_one(OperationTable).action_step(message.step)

    def _look_at_operations(self, **changes: object) -> None:
        self._catch_up_with_cursor()
        self._operations = replace(self._operations, **changes)  # type: ignore[arg-type]
        self._draw_operations()

    def _catch_up_with_cursor(self) -> None:
        """Take over where the cursor is: keys that were typed ahead have not been told of yet."""
        key, group = self.query_one(OperationTable).selected
        self._operations = replace(self._operations, key=key, group=group)

    def on_operation_table_selected(self, message: OperationTable.Selected) -> None:
        """Select an operation, or the heading of a group, unless the cursor has gone on since."""
        if self.query_one(OperationTable).selected == (message.key, message.group):
            self._look_at_operations(key=message.key, group=message.group)

    def on_operation_table_toggled(self, message: OperationTable.Toggled) -> None:
        """Close a group, or open it again."""
        self._catch_up_with_cursor()
        self._operations = self._operations.toggled(message.group)
        self._draw_operations()

    def on_operation_table_sorted(self, message: OperationTable.Sorted) -> None:
        """Sort by the column that was clicked, or as it was measured again."""
        again = message.sort is self._operations.sort
        self._look_at_operations(sort=SortOperations.MEASURED if again else message.sort)

    def _sort_operations(self) -> None:
        """Sort the operations by the next column."""
        sheet = self._sheet
        left_out = {
            *(() if sheet is not None and sheet.has_baseline else (SortOperations.CHANGE,)),
            *(() if sheet is not None and sheet.has_rules else (SortOperations.VERDICT,)),
        }
        order = [each for each in SortOperations if each not in left_out]
        at = order.index(self._operations.sort) if self._operations.sort in order else -1
        self._look_at_operations(sort=order[(at + 1) % len(order)])
        self.notify(f"operations by {self._operations.sort.value}", timeout=2, markup=False)

    def action_density(self) -> None:
        """Draw distributions in the next way."""
        order = list(Picture)
        picture = order[(order.index(self._operations.picture) + 1) % len(order)]
        self._look_at_operations(picture=picture)
        self.notify(picture.value, timeout=2, markup=False)

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


def _same(before: tuple[object, ...], now: tuple[object, ...]) -> bool:
    """Say whether two tuples hold the same things, by identity or as plain values."""
    return all(a is b or (isinstance(a, str | int) and a == b) for a, b in zip(before, now, strict=True))
