"""The attach picker: every Python process that runs, as a tree that renews itself, and why one may not be observed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from perftui.analysis.process_tree import SortProcesses, process_rows
from perftui.errors import ObserveError, PerftuiError
from perftui.model.running import RunningProcess
from perftui.model.workload import RecordMode
from perftui.recording.plan import RecordingPlan
from perftui.recording.starter import Starter
from perftui.sources.heap.attachable import named, risks, why_not
from perftui.sources.observable import ObservableProcesses
from perftui.text import printable
from perftui.ui.commands import PICKER, bindings_of
from perftui.ui.later import later
from perftui.ui.screens.base import BaseScreen
from perftui.ui.screens.dialogs import AskYes
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.line_input import LineInput
from perftui.ui.widgets.process_table import ProcessTable
from perftui.ui.widgets.session_text import listed

RENEW_S = 2.0
_LOOKING = "looking for Python processes…"
_NONE = "no Python process runs here"


class PickerScreen(BaseScreen):
    """Chooses a process, and observes it."""

    SCREEN = PICKER
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(PICKER),
        Binding("escape", "back", "Back", show=False, id="picker.back"),
    ]

    def __init__(self, plan: RecordingPlan, starter: Starter, *, processes: ObservableProcesses | None = None) -> None:
        """Make the screen.

        Args:
            plan: How to observe; which process follows from what is chosen.
            starter: What begins the recording.
            processes: Where they come from.
        """
        super().__init__()
        self._plan = plan
        self._starter = starter
        self._source = processes or ObservableProcesses(mode=plan.sampling.mode)
        self._processes: Sequence[RunningProcess] | None = None
        self._sort = SortProcesses.CPU
        self._order: dict[int, int] | None = None
        """Rank of each process; rows keep still until a person asks for another order."""
        self._looking = self._attaching = False
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static(id="picker-title")
        yield LineInput(
            placeholder="words of command, user, directory, environment or pid", id="picker-filter", compact=True
        )
        yield ProcessTable(id="picker-table")
        with VerticalScroll(id="picker-details", can_focus=False):
            yield Static(id="picker-text")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one("#picker-filter").display = False
        self.query_one(KeyBar).show(PICKER)
        self.query_one(ProcessTable).focus()
        self._draw()
        self._renew()
        self._timer = self.set_interval(RENEW_S, self._renew)

    # Looking.

    def _renew(self) -> None:
        """Look again, unless the last look still goes on or nobody sees it."""
        if not self._looking and (self.is_current or self._processes is None):
            self._looking = True
            self._look()

    @work(thread=True, exit_on_error=False, group="processes")
    def _look(self) -> None:
        worker = get_current_worker()
        found = self._source.look()
        if not worker.is_cancelled:
            self.app.call_from_thread(self._take, found)

    def _take(self, processes: Sequence[RunningProcess]) -> None:
        first = self._processes is None
        self._processes, self._looking = processes, False
        self._draw()
        if first:
            # Processor time takes two looks to be told.
            self._rank_anew()
            later(self, RENEW_S / 4, self._renew)
        elif self._order is None:
            rows = process_rows(processes, sort=self._sort)
            self._order = {row.process.pid: rank for rank, row in enumerate(rows)}

    def _rank_anew(self) -> None:
        """Let the next look say which process comes first."""
        self._order = None
        self._draw()

    def _draw(self) -> None:
        wanted = self.query_one("#picker-filter", Input).value
        processes = self._processes or ()
        empty = _LOOKING if self._processes is None else _NONE if not processes else f"no process holds {wanted!r}"
        rows = process_rows(processes, sort=self._sort, wanted=wanted, order=self._order)
        self.query_one(ProcessTable).show(rows, sort=self._sort, empty=printable(empty))
        observable = sum(not process.refusal for process in processes)
        counted = f"{observable} of {len(processes)} may be observed" if processes else ""
        memory = "" if self._plan.mode.cpu else "  allocations"
        title = Text.assemble((" attach", "bold"), memory, "  ", (counted, "dim"), (f"  by {self._sort.value}", "dim"))
        self.query_one("#picker-title", Static).update(title, layout=False)
        self._draw_details()

    def _draw_details(self) -> None:
        process = self.query_one(ProcessTable).chosen
        self.query_one("#picker-text", Static).update(Text("") if process is None else _details(process))

    # What a person does.

    def on_process_table_moved(self, message: ProcessTable.Moved) -> None:
        """Say more of what is under the cursor."""
        if not isinstance(message, ProcessTable.Chosen):
            self._draw_details()

    def on_process_table_chosen(self, message: ProcessTable.Chosen) -> None:
        """Observe it."""
        if message.process is not None:
            self._observe(message.process, self._plan.mode)

    def on_process_table_sorted(self, message: ProcessTable.Sorted) -> None:
        """Sort by the clicked column."""
        self._sort = message.sort
        self._rank_anew()

    def on_key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        """Run the command whose key was clicked."""
        self.run_worker(self.run_action(message.command.action), exclusive=False)

    def action_attach(self) -> None:
        """Observe the process below the cursor."""
        self.query_one(ProcessTable).action_choose()

    def action_attach_memory(self) -> None:
        """Observe the allocations of the process below the cursor."""
        process = self.query_one(ProcessTable).chosen
        if process is not None:
            self._observe(process, RecordMode.MEMORY)

    def action_sort(self) -> None:
        """Sort by the next column."""
        order = list(SortProcesses)
        self._sort = order[(order.index(self._sort) + 1) % len(order)]
        self._rank_anew()

    def action_filter(self) -> None:
        """Show the filter."""
        field = self.query_one("#picker-filter", LineInput)
        field.display = True
        field.focus_now()

    def on_input_changed(self, _event: Input.Changed) -> None:
        """Filter while the person types."""
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go back to the list."""
        event.input.display = bool(event.value)
        self.query_one(ProcessTable).focus()

    def action_refresh(self) -> None:
        """Look at once, and rank anew."""
        self._rank_anew()
        self._renew()

    def action_back(self) -> None:
        """Take the filter away; without one, leave."""
        field = self.query_one("#picker-filter", Input)
        if not field.display:
            self._go_back()
            return
        field.value = ""
        field.display = False
        self.query_one(ProcessTable).focus()

    async def action_quit(self) -> None:
        """Leave."""
        self._go_back()

    def _go_back(self) -> None:
        self.leave()

    # Attaching.

    def _observe(self, process: RunningProcess, mode: RecordMode) -> None:
        if process.refusal and mode.cpu:
            self.tell(ObserveError(process.why, hint=process.remedy), severity="warning")
        elif not self._attaching:
            self._attaching = True
            plan = replace(self._plan, attach_pid=process.pid, mode=mode, terminal=True)
            if mode.memory:
                self._ask_before_memory(plan)
            else:
                self._begin(plan)

    @work(thread=True, exit_on_error=False, group="attach", exclusive=True)
    def _ask_before_memory(self, plan: RecordingPlan) -> None:
        """Say what attaching memray risks, and ask."""
        pid = plan.attach_pid or 0
        problem = why_not(pid)
        if problem is not None:
            self.app.call_from_thread(self._stay, problem)
            return
        told = "\n".join(f"- {printable(risk)}" for risk in risks(pid))
        question = f"Attach memray to {printable(named(pid))}?\n\n{told}"
        self.app.call_from_thread(self._ask, question, plan)

    def _ask(self, question: str, plan: RecordingPlan) -> None:
        def answer(agreed: bool | None) -> None:
            if agreed:
                self._begin(plan)
            else:
                self._attaching = False

        self.app.push_screen(AskYes(question, yes="attach", no="leave it alone", asked_by="m"), answer)

    @work(thread=True, exit_on_error=False, group="attach", exclusive=True)
    def _begin(self, plan: RecordingPlan) -> None:
        from perftui.ui.screens.dashboard import DashboardScreen  # noqa: PLC0415 (loaded while this screen answers)

        try:
            recorder = self._starter.start(plan)
        except PerftuiError as error:
            self.app.call_from_thread(self._stay, error)
            return
        if recorder is not None:
            self.app.call_from_thread(
                lambda: self.app.switch_screen(DashboardScreen.live(recorder, starter=self._starter))
            )

    def _stay(self, error: PerftuiError) -> None:
        self._attaching = False
        self.tell(error)


def _details(process: RunningProcess) -> Text:
    """Return all that is known of a process, what keeps it from being observed first."""
    text = Text()
    if process.why:
        text.append(f"{printable(process.why)}\n", "bold")
        text.append(f"{printable(process.remedy)}\n")
    elif process.remark:
        text.append(f"{printable(process.remark)}\n", "bold")
    facts = {
        "command": shlex.join(process.command),
        "in": process.cwd,
        "python": " ".join(part for part in (process.version, process.venv) if part),
        "user": process.user,
    }
    return text.append(listed(facts))
