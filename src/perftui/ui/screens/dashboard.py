"""The dashboard: one session, live or saved, with flames, tables, meters, budget and the workload's output."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import ClassVar, Self

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import ContentSwitcher

from perftui.analysis.call_tree import CallTree
from perftui.analysis.flame_layout import Order
from perftui.analysis.hotspots import SortBy, hotspots
from perftui.model.sample import SamplingQuality
from perftui.model.session import SessionState
from perftui.recording.base import Recording
from perftui.recording.playback import Playback
from perftui.recording.ledger import DISK
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.sources.base import SourceState
from perftui.text import printable
from perftui.ui.commands import DASHBOARD, bindings_of
from perftui.ui.screens.dialogs import AskYes
from perftui.ui.screens.flame_screen import FlameScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.budget_panel import BudgetPanel
from perftui.ui.widgets.event_log import EventLog
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.header_bar import HeaderBar, HeaderFacts
from perftui.ui.widgets.hotspot_table import HotspotTable
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.meter import MeterPanel
from perftui.ui.widgets.output_log import OutputLog
from perftui.ui.widgets.pane_strip import PaneStrip
from perftui.ui.widgets.search_bar import SearchBar
from perftui.ui.widgets.status_line import StatusLine
from perftui.ui.widgets.thread_table import ThreadTable

REFRESH_S = 0.25
"""Four refreshes a second: a new window of samples comes twice a second, and a person reads no faster."""
TABLE_ROWS = 200
"""Rows of the table that are ranked at each refresh; nobody scrolls further while it is live."""
_NO_SAMPLES = "No Python samples: no interpreter ran long enough to be seen. Meters, budget and output are there."
_LEAST_PANE_ROWS = 2
"""A pane with less room gets the whole screen when it is asked for."""
_PANES = (
    ("hotspots", "Hotspots"),
    ("output", "Output"),
    ("threads", "Threads"),
    ("meters", "Meters"),
    ("budget", "Budget"),
)


class Panes(ContentSwitcher):
    """The panes below the flames; given the whole screen, another may still come to its front."""

    ALLOW_MAXIMIZE = True


class FocusedMeters(MeterPanel, can_focus=True):
    """Meters that are a pane of their own."""


class DashboardScreen(FlameScreen):
    """Shows a session; the recording, where there is one, never waits for it."""

    SCREEN = DASHBOARD
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(DASHBOARD)]

    def __init__(
        self,
        model: SessionModel,
        *,
        recorder: Recording | None = None,
        whole: Update | None = None,
        refresh_s: float = REFRESH_S,
    ) -> None:
        super().__init__(ViewState(cwd=model.meta.cwd))
        self._model = model
        self._recorder = recorder
        self._whole = whole
        self._refresh_s = refresh_s

    @classmethod
    def live(cls, recorder: Recording, *, refresh_s: float = REFRESH_S) -> Self:
        """Show a recording."""
        return cls(SessionModel(recorder.meta), recorder=recorder, refresh_s=refresh_s)

    @classmethod
    def saved(cls, playback: Playback) -> Self:
        """Show a saved session."""
        return cls(playback.model, whole=playback.update)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield HeaderBar()
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield FlameGraph(id="flames")
                yield PaneStrip(_PANES)
                with Panes(initial="hotspots", id="panes"):
                    yield HotspotTable(id="hotspots", empty="no function was seen running yet")
                    yield OutputLog(id="output")
                    yield ThreadTable(id="threads")
                    yield FocusedMeters(id="meters")
                    with Vertical(id="budget"):
                        yield BudgetPanel(id="budget-large")
                        yield EventLog(id="events")
            with Vertical(id="side"):
                yield BudgetPanel(id="budget-side")
                yield MeterPanel(id="meters-side")
        yield StatusLine()
        yield SearchBar()
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw what is there, and keep drawing while there is more to come."""
        self.query_one(KeyBar).show(DASHBOARD)
        self.query_one(SearchBar).display = False
        self.query_one("#flames").focus()
        if self._recorder is not None:
            self._ticking = self.set_interval(self._refresh_s, self.tick)
            self.tick()
        elif self._whole is not None:
            self._view = replace(self._view, order=Order.WEIGHT)
            self._draw(self._whole)

    # What comes from the recording.

    def tick(self) -> None:
        """Take what has come, and draw what it changed."""
        if self._view.frozen or self._recorder is None:
            self._draw_header()
            return
        update = self._recorder.feed.take()
        if update is None:
            return
        self._model.apply(update)
        self._draw(update)
        if update.phase is Phase.DONE:
            self._ticking.stop()

    def _draw(self, update: Update) -> None:
        """Draw what an update changed."""
        self._draw_header()
        if update.delta is not None or update.phase is Phase.DONE:
            self._draw_view()
        if update.looks or update.delta is not None:
            self._draw_threads()
        if update.output:
            self.query_one(OutputLog).write(update.output)
        if update.readings or update.verdicts is not None:
            self._draw_meters(update)
        if update.verdicts is not None:
            for panel in self.query(BudgetPanel):
                panel.show(self._model.verdicts, trouble=_budget_trouble(self._model))
        if update.events or update.phase is Phase.DONE:
            self.query_one(EventLog).show(self._model.events)
        if not self._model.aggregate.samples:
            self._flames.show_empty(self._why_empty())

    def _draw_header(self) -> None:
        self.query_one(HeaderBar).show(header_of(self._model, frozen=self._view.frozen))

    def _draw_view(self) -> None:
        if not self._model.aggregate.samples:
            return
        tree = self._named_tree
        if self._search is not None:
            self._search.update()
            self._tell_found()
        self._flames.show(tree, view=self._view, search=self._search)
        self._draw_table()
        self._draw_status()

    def _draw_table(self) -> None:
        tree = self._model.aggregate.tree
        rows = hotspots(tree, sort=self._view.sort, top=TABLE_ROWS, line_counts=self._model.aggregate.line_counts)
        search = None if self._view.by_thread else self._search
        self.query_one(HotspotTable).show(
            rows,
            sort=self._view.sort,
            unit=tree.unit,
            selected=self._view.function,
            cwd=self._view.cwd,
            search=search,
        )

    def _draw_threads(self) -> None:
        self.query_one(ThreadTable).show(self._model.aggregate.thread_shares(), self._model.aggregate.tree.weight)

    def _draw_meters(self, update: Update) -> None:
        for panel in self.query(MeterPanel):
            panel.add(update.readings)
            panel.show(
                end_s=self._model.elapsed_s, verdicts=self._model.verdicts, whole=self._model.phase is Phase.DONE
            )

    def _draw_status(self) -> None:
        self.query_one(StatusLine).show(self._flames.describe(self._flames.selected))

    def _why_empty(self) -> str:
        for status in self._model.statuses.values():
            if status.source == "cpu" and status.message:
                return f"{status.message} {status.hint}".strip()
        if self._model.phase is Phase.DONE:
            return self._model.meta.trouble or _NO_SAMPLES
        return "waiting for the first samples…"

    @property
    def _named_tree(self) -> CallTree:
        aggregate = self._model.aggregate
        return aggregate.by_thread() if self._view.by_thread else aggregate.tree

    @property
    def _flames(self) -> FlameGraph:
        return self.query_one("#flames", FlameGraph)

    # What a person does.

    def on_hotspot_table_selected(self, message: HotspotTable.Selected) -> None:
        """Let the flames follow the table: the heaviest frame of the function."""
        self._select_function(message.function)

    def on_hotspot_table_sorted(self, message: HotspotTable.Sorted) -> None:
        """Sort the table by the clicked column."""
        self._look(sort=message.sort)

    def on_hotspot_table_chosen(self, message: HotspotTable.Chosen) -> None:
        """Go to the function in the flames."""
        self.on_hotspot_table_selected(message)
        self._flames.focus()

    def on_pane_strip_chosen(self, message: PaneStrip.Chosen) -> None:
        """Bring a pane to the front."""
        self.action_pane(message.pane)

    def action_pane(self, pane: str) -> None:
        """Bring a pane to the front, and give it the keys."""
        panes = self.query_one(Panes)
        panes.current = pane
        self.query_one(PaneStrip).show(pane)
        if self.maximized is not None or not self._has_room(panes):
            self.maximize(panes)
        shown = self.query_one(f"#panes > #{pane}")
        taker = next((widget for widget in (shown, *shown.query("*")) if widget.can_focus), None)
        if taker is not None:
            taker.focus()

    def _has_room(self, panes: Panes) -> bool:
        """Tell whether a low terminal leaves the panes a heading and a line."""
        return self.query_one("#left").region.intersection(panes.region).height >= _LEAST_PANE_ROWS

    def action_freeze(self) -> None:
        """Freeze the view, or let it run again; what came meanwhile is there at once."""
        if self._recorder is None:
            self.notify("a saved session stands still already", markup=False)
            return
        self._view = replace(self._view, frozen=not self._view.frozen)
        self.tick()

    def action_sort(self) -> None:
        """Sort the table by the next column."""
        order = list(SortBy)
        self._look(sort=order[(order.index(self._view.sort) + 1) % len(order)])

    def action_by_thread(self) -> None:
        """Split the flames by thread, or merge them."""
        split = not self._view.by_thread
        # Paths by thread begin with the thread: the selection is carried over where it can be.
        selected = () if split else self._view.selected[1:]
        self._view = replace(self._view, by_thread=split, selected=selected, zoom=())
        self._search_anew()
        self._draw_view()

    # Leaving.

    async def action_quit(self) -> None:
        """Close; ask first where that would end a workload."""
        if not self._would_end_workload():
            self._leave()
            return

        def answer(yes: bool | None) -> None:
            if yes:
                self._leave()

        name = printable(self._model.meta.name)
        self.app.push_screen(
            AskYes(f"End {name} and save the session?", yes="end it", no="keep watching", asked_by="q"), answer
        )

    def _would_end_workload(self) -> bool:
        return self._recorder is not None and self._recorder.ends_workload

    def _leave(self) -> None:
        if self._recorder is not None:
            self._recorder.stop()
        self._go()


def header_of(model: SessionModel, *, frozen: bool) -> HeaderFacts:
    """Return what the header says of a session."""
    meta = model.meta
    return HeaderFacts(
        title=meta.name,
        command=shlex.join(meta.command),
        pid=meta.pid,
        state=_state_word(model),
        frozen=frozen,
        elapsed_s=model.elapsed_s,
        quality=_quality_to_show(model),
        exit_code=None if meta.ended_by_us else meta.exit_code,
        trouble=_trouble(model),
        note=" ".join(meta.tags),
        own_cpu_percent=None if model.phase is Phase.DONE else model.own_cpu_percent,
    )


def _budget_trouble(model: SessionModel) -> str:
    status = model.statuses.get("budget")
    return f"{status.message} {status.hint}".strip() if status is not None and status.message else ""


def _quality_to_show(model: SessionModel) -> SamplingQuality:
    # Before the first window there is nothing to be alarmed about.
    waiting = model.phase is not Phase.DONE and not model.aggregate.sampled_s
    return SamplingQuality() if waiting else model.quality


def _state_word(model: SessionModel) -> str:
    if model.phase is not Phase.DONE:
        return str(model.phase.value)
    return "saved" if model.meta.state is SessionState.COMPLETE else model.meta.state.value


def _trouble(model: SessionModel) -> str:
    for status in model.statuses.values():
        # What works, only not as asked, is an event and a colour in the header; the numbers stay in sight.
        if status.state is SourceState.FAILED or (status.source == DISK and status.message):
            return f"{status.message} {status.hint}".strip()
    return model.meta.trouble
