"""The home screen: saved sessions and workload profiles, one key away from being opened, run or compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import DataTable, Input, Static
from textual.worker import get_current_worker

from perftui.errors import PerftuiError
from perftui.model.running import without_interpreter
from perftui.recording.plan import RecordingPlan, plan_of_profile, with_budget
from perftui.recording.playback import open_playback
from perftui.recording.recorder import Recorder
from perftui.recording.starter import Starter
from perftui.settings.preferences import read_settings
from perftui.settings.profiles import list_entries
from perftui.settings.spec import ProfileEntry, Settings
from perftui.sources.base import Progress
from perftui.sources.diagnosis import explain_target
from perftui.sources.processes_psutil import ProcessFacts, python_processes
from perftui.storage.captures import raw_captures
from perftui.storage.catalogue import Catalogue, SessionEntry
from perftui.storage.finish import final_path
from perftui.storage.groups import Runs
from perftui.text import printable
from perftui.ui.commands import HOME, bindings_of
from perftui.ui.screens.dashboard import DashboardScreen
from perftui.ui.screens.picker import PickerScreen
from perftui.ui.screens.session_actions import SessionActions
from perftui.ui.widgets.fitted_table import FittedTable
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.line_input import LineInput
from perftui.ui.widgets.progress_strip import ProgressStrip
from perftui.ui.widgets.session_list import Row, list_rows
from perftui.ui.widgets.session_text import (
    NAME_CELLS,
    cell,
    process_details,
    profile_details,
    repeats_text,
    runs_details,
)

_COLUMNS = (("", 1), ("name", 20), ("created", 16), ("duration", 8), ("mode", 6), ("tags", 9), ("command", 40))
_NARROW = {"name": NAME_CELLS, "tags": 4}
"""Widths where there are not enough columns for all of these and a command."""
_NARROW_CELLS = 100


class _NotWantedError(Exception):
    """Nobody waits for the capture any more."""


class HomeScreen(SessionActions):
    """Recent sessions on the left, workload profiles on the right."""

    SCREEN = HOME
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(HOME),
        Binding("escape", "end_search", "All sessions", show=False, id="home.search_end"),
    ]

    def __init__(self, sessions: Path, *, running: Callable[[], list[ProcessFacts]] = python_processes) -> None:
        super().__init__()
        self._list_running = running
        self._catalogue = Catalogue(sessions)
        self._entries: list[SessionEntry] = []
        self._shown: list[Row] = []
        self._unfolded: set[str] = set()
        """References to groups whose runs are shown one by one."""
        self._settings = Settings()
        self._profiles: list[ProfileEntry] = []
        self._processes: list[ProcessFacts] = []
        self._starter = Starter()

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static(Text.assemble(("perftui", "bold"), "  profile Python in the terminal"), id="home-title")
        with Horizontal(id="home-body"):
            with Vertical(id="home-sessions") as left:
                left.border_title = "sessions"
                yield LineInput(placeholder="search by name, command or tag", id="home-search", compact=True)
                yield Static("", id="home-empty")
                yield FittedTable(widths=_session_widths, id="sessions", cursor_type="row", zebra_stripes=True)
            with Vertical(id="home-side"):
                with Vertical(id="home-profiles") as right:
                    right.border_title = "workload profiles"
                    yield FittedTable(id="profiles", cursor_type="row", show_header=False)
                with Vertical(id="home-processes") as running:
                    running.border_title = "running Python processes"
                    yield FittedTable(id="processes", cursor_type="row", show_header=False)
                    yield Static(Text("none that may be watched", style="dim"), id="home-no-processes")
                with VerticalScroll(id="home-details", can_focus=False) as details:
                    details.border_title = "selected session"
                    yield Static(id="details")
        yield ProgressStrip()
        yield KeyBar()

    def on_mount(self) -> None:
        """Fill both lists."""
        self.query_one(ProgressStrip).display = False
        sessions = self.query_one("#sessions", DataTable)
        for label, width in _COLUMNS:
            sessions.add_column(label, width=width, key=label or "mark")
        profiles = self.query_one("#profiles", DataTable)
        profiles.add_columns("name", "description")
        self.query_one("#processes", DataTable).add_columns("pid", "user", "command")
        self.query_one("#home-search").display = False
        self.query_one(KeyBar).show(HOME, also=("trend",))
        sessions.focus()
        self.action_refresh_list()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Say more of what is under the cursor."""
        if event.data_table.id == "sessions" or event.data_table.has_focus:
            self._show_details()

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Say more of what is under the cursor of the list that has the keys."""
        self._show_details()

    def _show_details(self) -> None:
        title, text = self._described()
        self.query_one("#home-details").border_title = title
        self.query_one("#details", Static).update(text)

    def _described(self) -> tuple[str, Text]:
        """Return what is under the cursor of the list that has the keys, and all that is known of it."""
        profiles, processes = self.query_one("#profiles", DataTable), self.query_one("#processes", DataTable)
        if profiles.has_focus and 0 <= profiles.cursor_row < len(self._profiles):
            return "selected profile", profile_details(self._profiles[profiles.cursor_row])
        if processes.has_focus and 0 <= processes.cursor_row < len(self._processes):
            return "selected process", process_details(self._processes[processes.cursor_row])
        row = self._selected()
        if row is None:
            return "selected session", Text("")
        return "selected runs" if row.runs.times > 1 else "selected session", runs_details(row.runs)

    def on_screen_resume(self) -> None:
        """Show what has been saved in the meantime."""
        if self.is_mounted:
            self.action_refresh_list()
            if self._starter.busy:
                self._refresh_when_saved()

    @work(thread=True, exclusive=True, exit_on_error=False, group="saving")
    def _refresh_when_saved(self) -> None:
        """Show a session that was left while it was still being saved as it is in the end."""
        for recorder in list(self._starter.recorders):
            recorder.wait()
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self.action_refresh_list)

    # Lists.

    @work(thread=True, exclusive=True, exit_on_error=False, group="home")
    def action_refresh_list(self) -> None:
        """Read the sessions and the profiles again."""
        worker = get_current_worker()
        entries = self._catalogue.list()
        try:
            self._settings = read_settings()
            profiles = list_entries(settings=self._settings)
        except PerftuiError as error:
            profiles = []
            self.app.call_from_thread(self.tell, error)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._fill, entries, profiles, self._list_running())

    def _fill(self, entries: list[SessionEntry], profiles: list[ProfileEntry], processes: list[ProcessFacts]) -> None:
        self._entries, self._profiles, self._processes = entries, profiles, processes
        running = self.query_one("#processes", FittedTable)
        running.fill(
            (
                (
                    Text(str(facts.pid), justify="right"),
                    Text(printable(facts.username)),
                    cell(" ".join(without_interpreter(facts.command)) or facts.name),
                )
                for facts in processes
            ),
            measured=True,
        )
        running.display = bool(processes)
        self.query_one("#home-no-processes").display = not processes
        self.query_one("#profiles", FittedTable).fill(
            (
                (Text(printable(profile.name), style="bold"), cell(profile.description or profile.error))
                for profile in profiles
            ),
            measured=True,
        )
        self._show_sessions()

    def _show_sessions(self) -> None:
        wanted = self.query_one("#home-search", Input).value.lower()
        self._shown = list_rows(self._entries, wanted, self._unfolded)
        table = self.query_one("#sessions", FittedTable)
        table.fill(row.cells(self._baseline) for row in self._shown)
        self._show_details()
        empty = self.query_one("#home-empty", Static)
        empty.display = not self._shown
        table.display = bool(self._shown)
        empty.update(
            Text("No sessions yet: run a profile on the right, or `perftui run -- COMMAND`." if not wanted
                 else f"No session holds {wanted!r}.", style="dim")
        )  # fmt: skip

    # Acting on the selected row.

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Open a session, run a profile, or attach to a process."""
        event.stop()
        match event.data_table.id:
            case "profiles":
                self._run_profile(self._profiles[event.cursor_row])
            case "processes":
                self._watch_process(self._processes[event.cursor_row])
            case _:
                self._open_row(self._shown[event.cursor_row])

    def _open_row(self, row: Row) -> None:
        """Open a session; runs that were recorded together are shown one by one first, and folded again."""
        if row.runs.times == 1:
            self._open(row.runs.newest)
        else:
            self._unfolded ^= {row.runs.ref}
            self._show_sessions()

    def _open(self, entry: SessionEntry) -> None:
        if raw_captures(entry.path.parent, entry.id):
            self._read_and_show(entry)
        else:
            self._show(entry.path)

    def _show(self, path: Path) -> None:
        try:
            playback = open_playback(path)
            screen = DashboardScreen.saved(playback, keep=playback.keep_view, starter=self._starter)
            self.app.push_screen(screen)
        except PerftuiError as error:
            self.tell(error)

    @work(thread=True, exclusive=True, exit_on_error=False, group="captures")
    def _read_and_show(self, entry: SessionEntry) -> None:
        """Read what the recording left unread, then show the session; another one that is opened ends that."""
        from perftui.recording.capture_completion import complete_captures  # noqa: PLC0415 (seldom needed)

        worker = get_current_worker()

        def tell(progress: Progress) -> None:
            if worker.is_cancelled:
                raise _NotWantedError
            self.app.call_from_thread(self._show_progress, progress)

        try:
            complete_captures(entry.path, on_progress=tell)
        except _NotWantedError:
            return
        except PerftuiError as error:
            # What is there already can be looked at all the same.
            self.app.call_from_thread(self.tell, error)
        if not worker.is_cancelled:
            # A recording that was cut off gets its proper name when it is recovered.
            path = entry.path if entry.path.exists() else final_path(entry.path)
            self.app.call_from_thread(self._show_completed, path)

    def _show_progress(self, progress: Progress) -> None:
        strip = self.query_one(ProgressStrip)
        strip.display = bool(progress.text)
        strip.show(progress.text, progress.share)

    def _show_completed(self, path: Path) -> None:
        self.query_one(ProgressStrip).display = False
        if self.is_current:
            self._show(path)

    def _run_profile(self, entry: ProfileEntry) -> None:
        if entry.profile is None:
            self.notify(printable(entry.error), severity="error", markup=False)
            return
        try:
            plan = plan_of_profile(entry.profile, self._catalogue.directory, terminal=True)
        except PerftuiError as error:
            self.tell(error)
        else:
            if repeats := repeats_text(entry):
                self.notify(printable(f"{entry.name}: {repeats}"), markup=False)
            self._record(plan)

    def _watch_process(self, facts: ProcessFacts) -> None:
        problem = explain_target(facts.pid)
        if problem is not None:
            self.tell(problem)
        else:
            # Memory is never let into a running process without being asked for.
            plan = RecordingPlan(
                sessions=self._catalogue.directory,
                attach_pid=facts.pid,
                sampling=self._settings.sampling,
                keep_sources=self._settings.keep_sources,
            )
            self._record(plan)

    @work(thread=True, exclusive=True, exit_on_error=False, group="start")
    def _record(self, plan: RecordingPlan) -> None:
        """Start a recording without keeping the screen waiting, and show it."""
        try:
            recorder = self._starter.start(plan if plan.budget_path else with_budget(plan, self._settings.budget_file))
        except PerftuiError as error:
            self.app.call_from_thread(self.tell, error)
            return
        if recorder is not None:
            self.app.call_from_thread(self._show_live, recorder)

    def _show_live(self, recorder: Recorder) -> None:
        self.app.push_screen(DashboardScreen.live(recorder, starter=self._starter))

    def action_search(self) -> None:
        """Show the search field."""
        field = self.query_one("#home-search", LineInput)
        field.display = True
        field.focus_now()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter the list."""
        if event.input.id == "home-search":
            self._show_sessions()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go back to the list."""
        if not event.value:
            event.input.display = False
        self.query_one("#sessions").focus()

    def action_end_search(self) -> None:
        """Show all sessions again."""
        field = self.query_one("#home-search", Input)
        if field.display:
            field.value = ""
            field.display = False
            self._show_sessions()
            self.query_one("#sessions").focus()

    def action_open_selected(self) -> None:
        """Do what Enter does on the list that has the keys."""
        tables = [self.query_one(f"#{name}", DataTable) for name in ("profiles", "processes", "sessions")]
        table = next((table for table in tables if table.has_focus), tables[-1])
        if table.row_count:
            table.action_select_cursor()

    def action_attach(self) -> None:
        """Choose among all running Python processes."""
        settings = self.settings
        plan = RecordingPlan(
            sessions=self._catalogue.directory,
            sampling=settings.sampling,
            memory=settings.memory,
            keep_sources=settings.keep_sources,
        )
        self.app.push_screen(PickerScreen(plan, self._starter))

    def action_trend(self) -> None:
        """Show the figures of the selected session's workload over its sessions."""
        from perftui.ui.screens.trend_screen import TrendScreen  # noqa: PLC0415 (seldom needed)

        row = self._selected()
        meta = row.runs.newest.meta if row is not None else None
        self.app.push_screen(TrendScreen(self._catalogue.directory, meta))

    async def action_quit(self) -> None:
        """Leave; whatever is still recording is ended and saved."""
        self._starter.stop()
        self.app.exit()

    def wait_for_recorders(self) -> None:
        """Wait until everything that was started here is saved."""
        self._starter.close()

    def _selected(self) -> Row | None:
        row = self.query_one("#sessions", DataTable).cursor_row
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def _chosen(self) -> Runs | None:
        """Return what a command is for: only while the list of sessions has the keys."""
        if not self.query_one("#sessions", DataTable).has_focus:
            self.notify("select a session first (Tab goes from list to list)", markup=False)
            return None
        row = self._selected()
        return row.runs if row is not None else None


def _session_widths(cells: int) -> dict[str, int]:
    """Return the widths of the sessions' columns but the last, in a table of so many cells."""
    narrow = _NARROW if cells < _NARROW_CELLS else {}
    return {name or "mark": narrow.get(name, width) for name, width in _COLUMNS[:-1]}
