"""The dashboard: one session, live or saved, with flames, tables, meters, budget and the workload's output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Self

from textual.app import ComposeResult
from textual.binding import BindingType

from perftui.analysis.flame_layout import Order
from perftui.analysis.saved_scopes import SavedScopes
from perftui.recording.base import Recording
from perftui.recording.held_operations import operations_of_baseline, pinned_operations
from perftui.recording.playback import Playback, SavedTimes
from perftui.recording.session_model import SessionModel
from perftui.recording.starter import Starter
from perftui.recording.update import Update
from perftui.ui.commands import DASHBOARD, bindings_of
from perftui.ui.lens import first_lens
from perftui.ui.screens.following_screen import FollowingScreen
from perftui.ui.screens.next_run import view_of_next_run
from perftui.ui.screens.operations_screen import OPERATIONS
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.body import Body, Panes
from perftui.ui.widgets.breadcrumb import Breadcrumb
from perftui.ui.widgets.chip_strip import ChipStrip
from perftui.ui.widgets.header_bar import HeaderBar
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.lens_strip import LensStrip
from perftui.ui.widgets.pane_strip import PaneStrip
from perftui.ui.widgets.progress_strip import ProgressStrip
from perftui.ui.widgets.run_strip import RunStrip
from perftui.ui.widgets.search_bar import SearchBar
from perftui.ui.widgets.status_line import StatusLine
from perftui.ui.widgets.time_strip import TimeStrip

if TYPE_CHECKING:
    from perftui.recording.recorder import Recorder

_LEAST_PANE_ROWS = 2
"""A pane with less room gets the whole screen when it is asked for."""


class DashboardScreen(FollowingScreen):
    """Shows a session; the recording, where there is one, never waits for it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(DASHBOARD)]
    NO_CPU = "CPU was not sampled in this session: --mode both does both"
    NO_MEMORY = "allocations were not traced in this session: --mode memory traces them"
    ONE_VIEW = "the other views are there once the capture has been read"

    def __init__(
        self,
        model: SessionModel,
        *,
        recorder: Recording | None = None,
        whole: Update | None = None,
        times: SavedTimes | None = None,
        scopes: SavedScopes | None = None,
        keep: Callable[[str], None] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        scopes = scopes or SavedScopes()
        view = ViewState(cwd=model.meta.cwd, lens=first_lens(model), scopes=scopes.by_lens)
        super().__init__(view, model, times, recorder=recorder, clock=clock)
        self._keep_with(scopes, keep)
        self._whole = whole
        self._first_pane = "hotspots"
        self._sessions: Path | None = None
        """Where the file of a saved session lies."""

    @classmethod
    def live(
        cls, recorder: Recording, *, starter: Starter | None = None, clock: Callable[[], float] = monotonic
    ) -> Self:
        """Show a recording; its starter can run the workload again."""
        screen = cls(SessionModel(recorder.meta), recorder=recorder, keep=recorder.keep_view, clock=clock)
        screen._starter = starter
        screen._find_baseline = partial(operations_of_baseline, recorder)
        return screen

    @classmethod
    def saved(
        cls, playback: Playback, *, starter: Starter | None = None, keep: Callable[[str], None] | None = None
    ) -> Self:
        """Show a saved session; a starter can run its workload again, and `keep` takes what is looked at in the end."""
        screen = cls(playback.model, whole=playback.update, times=playback.times, scopes=playback.scopes, keep=keep)
        screen._find_baseline = partial(pinned_operations, playback.path.parent, playback.model.meta)
        screen._sessions = playback.path.parent
        if playback.model.operations and not (playback.model.aggregate.samples or playback.model.heap):
            screen._first_pane = OPERATIONS
        elif playback.model.meta.only_metered:
            screen._first_pane = "time"
        if starter is not None:
            # What is only looked at is neither run again nor renamed.
            screen._starter, screen._path = starter, playback.path
        return screen

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield HeaderBar()
        yield RunStrip()
        yield LensStrip()
        yield TimeStrip()
        yield ChipStrip()
        yield Body(id="body")
        yield ProgressStrip()
        yield Breadcrumb()
        yield StatusLine()
        yield SearchBar()
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw what is there, and keep drawing while there is more to come."""
        self.query_one(SearchBar).display = False
        self.query_one(ProgressStrip).display = False
        self.query_one(ChipStrip).display = False
        self._name_panes()
        self._offer_operations()
        self._show_pane(self._first_pane)
        self._draw_run()
        self._draw_lens()
        self.query_one("#flames").focus()
        if self._recorder is not None:
            self._draw_header()
            self._flames.show_empty(self._shown.why_empty())
            self._begin_to_follow()
        elif self._whole is not None:
            self._view = replace(self._view, order=Order.WEIGHT)
            self._draw(self._whole)
            if self._first_pane == OPERATIONS:
                # There is nothing else: it has the screen.
                self.call_after_refresh(self._open_operations)
            self._sum_up()
            self._tell_of_scopes()

    # Panes.

    def on_pane_strip_chosen(self, message: PaneStrip.Chosen) -> None:
        """Bring a pane to the front."""
        self.action_pane(message.pane)

    def action_pane(self, pane: str) -> None:
        """Bring a pane to the front, and give it the keys."""
        panes = self.query_one(Panes)
        if pane == "order":
            self._take_thread()
        self._show_pane(pane)
        if self.maximized is not None or not self._has_room(panes):
            self.maximize(panes)
        shown = self.query_one(f"#panes > #{pane}")
        taker = next((widget for widget in (shown, *shown.query("*")) if widget.can_focus), None)
        if taker is not None:
            # At once: the next key may have been typed already.
            self.set_focus(taker)
        self._draw_table()
        self._draw_callers()
        self._draw_threads()
        self._draw_source(anew=True)
        self._draw_tree()
        self._draw_time()
        self._draw_order()
        self._draw_operations()
        self._draw_advice()

    def _show_pane(self, pane: str) -> None:
        self.query_one(Panes).current = pane
        self.query_one(PaneStrip).show(pane)

    def _has_room(self, panes: Panes) -> bool:
        """Tell whether a low terminal leaves the panes a heading and a line."""
        return self.query_one("#left").region.intersection(panes.region).height >= _LEAST_PANE_ROWS

    # Lenses.

    def action_by_count(self) -> None:
        """Give the widths of memory the other meaning: bytes, or number of allocations."""
        if self._view.lens is None:
            self.notify("CPU has one weight: m looks at memory", markup=False)
            return
        self._look(by_count=not self._view.by_count)
        self._draw_lens()

    # History.

    def action_trend(self) -> None:
        """Show the figures of the workload over its sessions."""
        from perftui.ui.screens.trend_screen import TrendScreen  # noqa: PLC0415 (from there one comes here, too)

        started = self._started
        directory = self._sessions if started is None else started.plan.sessions
        if directory is None:
            self.notify("this is played again: there are no other sessions beside it", markup=False)
        else:
            self.app.push_screen(TrendScreen(directory, self._model.meta))

    # The next run.

    def _following(self, recorder: Recorder) -> DashboardScreen:
        following = DashboardScreen.live(recorder, starter=self._starter)
        following._view = view_of_next_run(self._view, following._model)
        following._first_pane = self.query_one(Panes).current or following._first_pane
        return following
