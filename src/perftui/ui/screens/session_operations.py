"""The operations of one session, held against what it was told to be held against or its workload's baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual import work
from textual.widget import Widget
from textual.worker import get_current_worker

from perftui.model.operation import Operation
from perftui.model.run_figures import RunFigures
from perftui.model.verdict import RuleVerdict
from perftui.recording.update import Phase, Update
from perftui.sources.base import SourceState
from perftui.text import printable
from perftui.ui.screens.operations_screen import NO_OPERATIONS, OPERATIONS, OperationsScreen
from perftui.ui.screens.table_screen import TableScreen
from perftui.ui.widgets.body import Panes
from perftui.ui.widgets.cells import clean, fit_middle, width_of
from perftui.ui.widgets.operation_text import name_of
from perftui.ui.widgets.status_line import StatusLine

FindBaseline = Callable[[], RunFigures | None]
_NO_BASELINE: Mapping[str, Operation] = {}
_NOT_YET = "operations are read when the run has ended, from what its benchmark tool wrote (--ingest FORMAT)"


class SessionOperationsScreen(OperationsScreen, TableScreen):
    """One session, live or saved, with its operations."""

    _find_baseline: FindBaseline | None = None
    """What finds what operations are held against; None where that was asked already."""
    _baseline: RunFigures | None = None
    _told_of_operations = False

    @property
    def _measured_operations(self) -> Sequence[Operation]:
        return self._model.operations

    @property
    def _operation_verdicts(self) -> Sequence[RuleVerdict]:
        return self._model.verdicts

    @property
    def _baseline_ref(self) -> str:
        return "" if self._baseline is None else self._baseline.ref

    @property
    def _no_operations(self) -> str:
        trouble = self._model.statuses.get(OPERATIONS)
        if trouble is not None and trouble.state is SourceState.FAILED:
            return trouble.told
        return NO_OPERATIONS if self._model.phase is Phase.DONE else _NOT_YET

    @property
    def _operations_room(self) -> Widget:
        return self.query_one(Panes)

    def _follow_operations(self, update: Update) -> None:
        """Take in operations that are new."""
        if update.operations and not self._told_of_operations:
            self._told_of_operations = True
            self._tell_of_operations(len(update.operations))
        news = update.operations is not None or update.verdicts is not None
        if news or update.phase is Phase.DONE:
            self._offer_operations()
            self._draw_operations()

    def _tell_of_operations(self, count: int) -> None:
        """Say that operations have come while somebody watched; of a saved session the panes' names say it."""
        if self._model.phase is not Phase.DONE:
            noun = "operation" if count == 1 else "operations"
            self.notify(f"{count} {noun} were measured: O shows them", timeout=4, markup=False)

    def action_sort(self) -> None:
        """Sort what has the keys by the next column."""
        if self._has_operations_keys:
            self._sort_operations()
        else:
            super().action_sort()

    # Where there is nothing else.

    @property
    def _has_operations_alone(self) -> bool:
        """Whether nothing was sampled or traced, so that what is said of the session is about its operations."""
        model = self._model
        return bool(model.operations) and model.phase is Phase.DONE and not (model.aggregate.samples or model.heap)

    @property
    def _operations_sentence(self) -> str:
        """Return whose operations these are, what they are held against, and the one that is selected in full."""
        against = f" against {clean(self._baseline_ref)}" if self._baseline_ref else ""
        whose = f"{clean(self._model.meta.name)}{against}"
        look = self._operations
        operation = next((each for each in self._measured_operations if each.key == look.key), None)
        tail = "" if operation is None else name_of(operation)[1]
        room = self.size.width - width_of(whose) - 7
        selected = clean(look.key) or clean(look.group)
        return f"{whose}  ·  {fit_middle(selected, min(width_of(selected), room), tail=tail)}" if selected else whose

    def _draw_operations(self) -> None:
        super()._draw_operations()
        if self._has_operations_alone:
            self.query_one(StatusLine).show(self._operations_sentence)

    # What they are held against.

    def hold_against(self, baseline: RunFigures) -> None:
        """Hold the operations against those of a side that is known, and not against the pinned baseline."""
        self._find_baseline, self._baseline = None, baseline

    @property
    def _baseline_operations(self) -> Mapping[str, Operation]:
        """What operations are held against, by their keys; it is looked for once, when it is asked for first."""
        find, self._find_baseline = self._find_baseline, None
        if find is not None:
            self._look_for_baseline(find)
        return _NO_BASELINE if self._baseline is None else self._baseline.operations

    @work(thread=True, exit_on_error=False, group="operations-baseline", exclusive=True)
    def _look_for_baseline(self, find: FindBaseline) -> None:
        worker = get_current_worker()
        try:
            found = find()
        except Exception as error:  # noqa: BLE001 (a worker's edge: whatever it is, the person is told)
            if not worker.is_cancelled:
                said = f"the baseline of the operations could not be read: {printable(str(error))}"
                self.app.call_from_thread(self.notify, said, severity="warning", markup=False)
            return
        if found is not None and not worker.is_cancelled:
            self.app.call_from_thread(self._take_baseline, found)

    def _take_baseline(self, found: RunFigures) -> None:
        self._baseline = found
        self._draw_operations()
