"""The dashboard: one session, live or saved, with flames, tables, meters, budget and the workload's output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Self

from textual.app import ComposeResult
from textual.binding import BindingType

from perftui.analysis.call_tree import ROOT
from perftui.analysis.flame_layout import Order
from perftui.analysis.neighbours import SteadyNeighbours
from perftui.analysis.saved_scopes import SavedScopes
from perftui.analysis.thread_states import idle_is_recorded
from perftui.model.heap import HeapView
from perftui.model.session import SessionKind, SessionState
from perftui.recording.alerts import AlertWatch
from perftui.recording.base import Recording
from perftui.recording.held_operations import operations_of_baseline, pinned_operations
from perftui.recording.playback import Playback, SavedTimes
from perftui.recording.session_model import SessionModel
from perftui.recording.starter import Starter
from perftui.recording.update import Phase, Update
from perftui.ui.commands import DASHBOARD, bindings_of
from perftui.ui.in_steps import PAUSE_S, InSteps
from perftui.ui.later import later
from perftui.ui.lens import Lens, first_lens, has_memory, lenses_of, telling_view
from perftui.ui.screens.alerting import AlertingScreen
from perftui.ui.screens.heap_range_screen import HeapRangeScreen
from perftui.ui.screens.leaving_screen import LeavingScreen
from perftui.ui.screens.looked_at import LookedAt, aggregate_of
from perftui.ui.screens.next_run import view_of_next_run
from perftui.ui.screens.operations_screen import OPERATIONS
from perftui.ui.screens.order_screen import OrderScreen
from perftui.ui.screens.run_screen import RunScreen
from perftui.ui.screens.scope_screen import ScopeScreen
from perftui.ui.screens.scoped_view import ScopedView
from perftui.ui.screens.session_header import header_of
from perftui.ui.screens.session_operations import SessionOperationsScreen
from perftui.ui.screens.source_screen import SourceScreen
from perftui.ui.screens.time_screen import TimeScreen
from perftui.ui.screens.tree_screen import TreeScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.body import Body, Panes
from perftui.ui.widgets.breadcrumb import Breadcrumb
from perftui.ui.widgets.budget_panel import BudgetPanel
from perftui.ui.widgets.cells import clean
from perftui.ui.widgets.chip_strip import ChipStrip
from perftui.ui.widgets.event_log import EventLog
from perftui.ui.widgets.flame_graph import FlameGraph
from perftui.ui.widgets.header_bar import HeaderBar
from perftui.ui.widgets.key_bar import KeyBar
from perftui.ui.widgets.lens_strip import LensStrip
from perftui.ui.widgets.meter import MeterPanel
from perftui.ui.widgets.output_log import OutputLog
from perftui.ui.widgets.pane_strip import PaneStrip
from perftui.ui.widgets.process_meters import ProcessMeters
from perftui.ui.widgets.progress_strip import ProgressStrip
from perftui.ui.widgets.run_strip import RunStrip
from perftui.ui.widgets.sandwich import Sandwich
from perftui.ui.widgets.search_bar import SearchBar
from perftui.ui.widgets.source_view import SourceView
from perftui.ui.widgets.status_line import StatusLine
from perftui.ui.widgets.thread_sentence import thread_sentence
from perftui.ui.widgets.thread_table import ThreadTable
from perftui.ui.widgets.time_strip import TimeStrip
from perftui.units import Unit

if TYPE_CHECKING:
    from perftui.recording.recorder import Recorder

_LEAST_PANE_ROWS = 2
"""A pane with less room gets the whole screen when it is asked for."""
_AT_ONCE = 20_000
"""Nodes of a profile that is drawn in another way at once; a larger one first in the flames, then in the panes."""
_NO_FUNCTION = "select a function: who calls it and what it calls stand here"


class DashboardScreen(
    SessionOperationsScreen,
    TimeScreen,
    OrderScreen,
    HeapRangeScreen,
    ScopeScreen,
    TreeScreen,
    SourceScreen,
    RunScreen,
    LeavingScreen,
    AlertingScreen,
):
    """Shows a session; the recording, where there is one, never waits for it."""

    SCREEN = DASHBOARD
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
        super().__init__(ViewState(cwd=model.meta.cwd, lens=first_lens(model), scopes=scopes.by_lens), model, times)
        self._keep_with(scopes, keep)
        self._clock = clock
        self._frozen_at_s = 0.0
        """By the clock; it tells how long a frozen view stands still already."""
        self._told_of_capture = False
        self._scoped: dict[Lens, ScopedView] = {}
        """The lenses that were looked through."""
        self._heap_looks = 0
        """The look at the heap in a range that its lens was drawn for."""
        self._between: object = None
        """What callers and callees were drawn for."""
        self._steady_neighbours = SteadyNeighbours()
        self._recorder = recorder
        self._alerts = AlertWatch()
        self._whole = whole
        self._first_pane = "hotspots"
        # A key goes through several queues until it is answered: in a pause it gets through all of them.
        self._rounds = InSteps(partial(later, self, PAUSE_S))

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
        if playback.model.operations and not (playback.model.aggregate.samples or playback.model.heap):
            screen._first_pane = OPERATIONS
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
            self._ticking = self.set_interval(1 / self.settings.drawn_hz, self._beat)
            self.tick()
        elif self._whole is not None:
            self._view = replace(self._view, order=Order.WEIGHT)
            self._draw(self._whole)
            if self._first_pane == OPERATIONS:
                # There is nothing else: it has the screen.
                self.call_after_refresh(self._open_operations)
            self._sum_up()
            self._tell_of_scopes()

    # What comes from the recording.

    def tick(self) -> None:
        """Take what has come, and draw what it changed, at once."""
        self._rounds.finish()
        for _ in self._round():
            pass

    def _beat(self) -> None:
        """Do what `tick` does; where that takes long, keys are answered in between."""
        if not self._rounds.busy:
            self._rounds.begin(self._round())

    def _round(self) -> Iterator[None]:
        if self._view.frozen or self._recorder is None:
            self._draw_header()
            return
        update = self._recorder.feed.take()
        if update is None:
            return
        for part in update.parts():
            # Between these two what is looked at would lack what all has.
            self._model.apply(part)
            self._follow(part)
            yield
        yield from self._draw_in_steps(update)
        self._draw_run()
        if self._tell_news(self._alerts):
            self._draw_events()
        if update.phase is Phase.DONE:
            self._ticking.stop()
            self._compare_when_ended()

    def settings_changed(self) -> None:
        """Draw as often as is wanted now."""
        super().settings_changed()
        if self._recorder is not None and self._model.phase is not Phase.DONE:
            self._ticking.stop()
            self._ticking = self.set_interval(1 / self.settings.drawn_hz, self._beat)

    def _follow(self, update: Update) -> None:
        """Let every scope take in what its lens has gained."""
        if update.delta is not None:
            self._times.follow(update.delta)
        self._follow_table(update)
        for lens, scoped in self._scoped.items():
            # What stood for a view that was not there yet is made anew when it is looked at.
            if scoped.aggregate is not aggregate_of(self._model, lens):
                continue
            if lens is None and update.delta is not None:
                scoped.apply(update.delta)
            elif lens is not None and lens in update.heap:
                scoped.apply(update.heap[lens].profile)

    def _draw(self, update: Update) -> None:
        """Draw what an update changed."""
        for _ in self._draw_in_steps(update):
            pass

    def _draw_in_steps(self, update: Update) -> Iterator[None]:
        self._draw_header()
        self._draw_lens()
        self._draw_progress()
        if self._concerns_view(update):
            self._rank_anew()
            yield from self._draw_view_in_steps()
        else:
            # Rows that are ahead for long enough come forward, and marks go, though nothing new came.
            self._draw_table()
        yield
        if update.looks or update.processes or self._concerns_view(update):
            self._draw_threads()
            yield
        self.query_one(OutputLog).show_empty(self._shown.why_no_output())
        if update.output:
            self.query_one(OutputLog).write(update.output)
        self._follow_operations(update)
        if update.readings or update.timelines or update.verdicts is not None or update.phase is Phase.DONE:
            self._draw_meters(update)
        if update.verdicts is not None:
            for panel in self.query(BudgetPanel):
                panel.show(self._model.verdicts, trouble=_budget_trouble(self._model))
        if update.events or update.phase is Phase.DONE:
            self._draw_events()
        if self._shown.is_empty:
            self._flames.show_empty(self._shown.why_empty())
        self._draw_strip()
        if self._recorder is not None:
            self._welcome(update)

    def _welcome(self, update: Update) -> None:
        """Say that the capture was read; of an import, show the best as soon as it is there."""
        peak = self._model.heap.get(HeapView.HIGH_WATERMARK)
        imported = self._model.meta.kind is SessionKind.IMPORTED
        untouched = not self._places and not self._view.selected and not self._view.zoom
        if imported and untouched and peak is not None and peak.exact:
            self._look_through(HeapView.HIGH_WATERMARK)
        if not self._told_of_capture and update.progress is None and HeapView.LEAKED in self._model.heap:
            self._told_of_capture = True
            self.notify("the capture was read: M steps through what it holds", timeout=4, markup=False)

    def _concerns_view(self, update: Update) -> bool:
        lens = self._view.lens
        changed = update.delta is not None if lens is None else lens in update.heap
        return changed or update.phase is Phase.DONE

    def _draw_events(self) -> None:
        self.query_one(EventLog).show(self._model.events, between=self._range)

    def _draw_header(self) -> None:
        frozen_s = self._clock() - self._frozen_at_s if self._view.frozen else None
        ended = self._recorder is not None and self._recorder.meta.state is not SessionState.RECORDING
        self.query_one(HeaderBar).show(header_of(self._model, self._view, frozen_s=frozen_s, recording=not ended))

    def _draw_lens(self) -> None:
        model, view = self._model, self._view
        strip = self.query_one(LensStrip)
        strip.display = has_memory(model)
        idle = (
            ("lens", not strip.display),
            ("scope.undo", view.scope.is_everything),
            ("freeze", self._recorder is None),
            ("live.mode", self._recorder is None),
            ("difference", view.lens is not None),
            ("range", not self._knows_times),
        )
        self.query_one(KeyBar).show(DASHBOARD, without=[command for command, without in idle if without])
        if strip.display:
            self._draw_lens_strip(lenses_of(model))

    def _draw_progress(self) -> None:
        progress = self._model.progress
        strip = self.query_one(ProgressStrip)
        strip.display = progress is not None and bool(progress.text)
        if progress is not None:
            strip.show(progress.text, progress.share)

    def _draw_view(self) -> None:
        for _ in self._draw_view_in_steps():
            pass

    def _draw_view_in_steps(self) -> Iterator[None]:
        if self._shown.is_empty:
            self._flames.show_empty(self._shown.why_empty())
        else:
            if self._search is not None:
                self._search.update()
                self._tell_found()
            self._flames.show(self._weighed_tree, view=self._view, search=self._search)
        self._draw_chips()
        self._draw_strip()
        yield
        self._draw_table()
        yield
        self._draw_callers()
        self._draw_source()
        self._draw_tree()
        self._draw_status()

    def _draw_callers(self) -> None:
        """Draw callers and callees, as long as they are seen and others than before."""
        view, shown, pane = self._view, self._shown, self.query_one(Panes).current
        beside = self.query_one(SourceView)
        if pane != "callers" and not beside.shows_neighbours:
            return
        of = (view.lens, view.grown, view.function, view.scope, view.by_count)
        drawn = (pane, beside.arrangement, *of, shown.scoped.stamp)
        if drawn == self._between:
            return
        self._between = drawn
        by_count = view.by_count and view.lens is not None
        unit = Unit.COUNT if by_count else shown.scoped.aggregate.tree.unit
        found = shown.neighbours()
        if found is not None and self._model.phase is not Phase.DONE:
            found = self._steady_neighbours.update(found, self._model.elapsed_s, of=of, sampled=view.lens is None)
        if pane == "callers":
            self.query_one("#callers", Sandwich).show(found, unit=unit, cwd=view.cwd, empty=_NO_FUNCTION)
        else:
            beside.show_neighbours(found, unit=unit, cwd=view.cwd, empty=_NO_FUNCTION)

    def on_source_view_arranged(self) -> None:
        """Draw callers and callees beside the source where there is room for them now."""
        self._draw_callers()

    def _draw_threads(self) -> None:
        """Draw threads and processes, as long as they are seen."""
        if self.query_one(Panes).current != "threads":
            return
        shown, left_out = self._shown, self._model.processes.left_out
        self.query_one(ThreadTable).show(
            shown.rank_threads,
            shown.scoped.profile.weight,
            unit=shown.scoped.aggregate.tree.unit,
            now_s=self._model.elapsed_s,
            recent=self._model.phase is not Phase.DONE,
            note=f"{left_out} small processes not read" if left_out else "",
        )
        if self.query_one(ThreadTable).has_focus:
            self._draw_status()

    def _draw_meters(self, update: Update) -> None:
        for panel in self.query(MeterPanel):
            panel.add(update.readings)
            panel.add_timelines(update.timelines, watermark_bytes=self._watermark_bytes)
        self._remember_heap(update)
        processes = self._model.processes
        self.query_one(ProcessMeters).show_processes(processes.by_key.values(), processes.commands)
        self._show_meters()

    @property
    def _is_recorded(self) -> bool:
        return self._recorder is not None and self._model.phase is not Phase.DONE

    @property
    def _watermark_bytes(self) -> float | None:
        """The exact peak of the heap; of several processes each has its own, at another moment."""
        captures = self._model.captures
        return captures[0].high_watermark_bytes if len(captures) == 1 else None

    def _draw_status(self) -> None:
        view, flames = self._view, self._flames
        text = flames.describe(flames.selected)
        if view.inverted and view.function is not None and flames.selected == ROOT:
            text = f"{clean(view.function[1])}  ·  nothing of its own: inverted, it stands only among callers"
        text = f"est.  {text}" if view.scope.is_estimate and text else text
        doubt = self._shown.doubt(flames.selected)
        table = self.query_one(ThreadTable)
        if table.has_focus and table.current is not None:
            text = thread_sentence(table.current, self._model.processes.commands, of_memory=self._view.lens is not None)
            doubt = None
        badge, reason = ("", "") if doubt is None else (doubt.badge, doubt.reason)
        self.query_one(StatusLine).show(text, badge=badge, reason=reason)
        self._draw_path()

    def on_thread_table_moved(self) -> None:
        """Say who has the cursor."""
        self._draw_status()

    @property
    def _shown(self) -> LookedAt:
        view = self._view
        heap = self._heap_looked_at()
        aggregate = aggregate_of(self._model, view.lens) if heap is None else heap.aggregate
        index, scope = (self._times, view.scope) if view.lens is None else (None, view.scope.timeless())
        scoped, looks = self._scoped.get(view.lens), self._heap_in_range.looks
        other_moment = heap is not None and looks != self._heap_looks
        if scoped is None or other_moment or scoped.aggregate is not aggregate:
            scoped = self._scoped[view.lens] = ScopedView(
                aggregate, scope, cwd=view.cwd, index=index, idle_recorded=idle_is_recorded(self._model.meta)
            )
            self._heap_looks = looks
        scoped.change(scope)
        return LookedAt(self._model, view, scoped, heap, self._heap_in_time())

    @property
    def _flames(self) -> FlameGraph:
        return self.query_one("#flames", FlameGraph)

    # What a person does.

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

    def _show_pane(self, pane: str) -> None:
        self.query_one(Panes).current = pane
        self.query_one(PaneStrip).show(pane)

    def _has_room(self, panes: Panes) -> bool:
        """Tell whether a low terminal leaves the panes a heading and a line."""
        return self.query_one("#left").region.intersection(panes.region).height >= _LEAST_PANE_ROWS

    def action_freeze(self) -> None:
        """Freeze the view, or let it run again; what came meanwhile is there at once."""
        if self._recorder is None:
            self.notify("a saved session stands still already", markup=False)
            return
        self._view = replace(self._view, frozen=not self._view.frozen)
        self._frozen_at_s = self._clock()
        self.tick()

    # Lenses.

    def action_by_count(self) -> None:
        """Give the widths of memory the other meaning: bytes, or number of allocations."""
        if self._view.lens is None:
            self.notify("CPU has one weight: m looks at memory", markup=False)
            return
        self._look(by_count=not self._view.by_count)
        self._draw_lens()

    @property
    def _lenses(self) -> tuple[Lens, ...]:
        return lenses_of(self._model)

    @property
    def _telling_view(self) -> HeapView | None:
        return telling_view(self._model)

    def _draw_through(self) -> None:
        if len(self._shown.scoped.aggregate.tree) > _AT_ONCE and not self._rounds.at_work:
            self._rounds.begin(self._draw_through_in_steps(), long=True)
        else:
            for _ in self._draw_through_in_steps():
                pass

    def _draw_through_in_steps(self) -> Iterator[None]:
        self._draw_header()
        self._name_panes()
        self._draw_lens()
        yield from self._draw_view_in_steps()
        yield
        self._draw_threads()

    def _name_panes(self) -> None:
        self.query_one(PaneStrip).entitle("hotspots", "Hotspots" if self._view.lens is None else "Allocations")

    # The next run.

    def _following(self, recorder: Recorder) -> DashboardScreen:
        following = DashboardScreen.live(recorder, starter=self._starter)
        following._view = view_of_next_run(self._view, following._model)
        following._first_pane = self.query_one(Panes).current or following._first_pane
        return following


def _budget_trouble(model: SessionModel) -> str:
    status = model.statuses.get("budget")
    return status.told if status is not None and status.message else ""
