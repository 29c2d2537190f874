"""A session on its screen: what is looked at, and all that shows it, drawn in steps that keys come between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from perftui.analysis.call_tree import ROOT
from perftui.analysis.neighbours import SteadyNeighbours
from perftui.analysis.thread_states import idle_is_recorded
from perftui.model.heap import HeapView
from perftui.model.session import SessionState
from perftui.recording.base import Recording
from perftui.recording.playback import SavedTimes
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.ui.commands import DASHBOARD
from perftui.ui.in_steps import PAUSE_S, InSteps
from perftui.ui.later import later
from perftui.ui.lens import Lens, has_memory, lenses_of, telling_view
from perftui.ui.screens.advice_screen import AdviceScreen
from perftui.ui.screens.alerting import AlertingScreen
from perftui.ui.screens.heap_range_screen import HeapRangeScreen
from perftui.ui.screens.leaving_screen import LeavingScreen
from perftui.ui.screens.looked_at import LookedAt, aggregate_of
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
from perftui.ui.widgets.body import Panes
from perftui.ui.widgets.budget_panel import BudgetPanel
from perftui.ui.widgets.cells import clean
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
from perftui.ui.widgets.sandwich import Sandwich
from perftui.ui.widgets.source_view import SourceView
from perftui.ui.widgets.status_line import StatusLine
from perftui.ui.widgets.thread_sentence import thread_sentence
from perftui.ui.widgets.thread_table import ThreadTable
from perftui.units import Unit

_AT_ONCE = 20_000
"""Nodes of a profile that is drawn in another way at once; a larger one first in the flames, then in the panes."""
_OF_SAMPLES = ("difference", "threads", "scope.own", "scope.menu", "invert")
_OF_OPERATIONS = ("pane.operations", "operations.density")
"""Commands that the key bar names where there are samples, and where there are operations alone."""
_NO_FUNCTION = "select a function: who calls it and what it calls stand here"


class DrawingScreen(
    AdviceScreen,
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
    """Draws a session, live or saved: each part where it has changed, or where what is looked at has."""

    SCREEN = DASHBOARD

    def __init__(
        self,
        view: ViewState,
        model: SessionModel,
        times: SavedTimes | None,
        *,
        recorder: Recording | None,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(view, model, times)
        self._recorder = recorder
        self._clock = clock
        self._frozen_at_s = 0.0
        """By the clock; it tells how long a frozen view stands still already."""
        self._scoped: dict[Lens, ScopedView] = {}
        """The lenses that were looked through."""
        self._heap_looks = 0
        """The look at the heap in a range that its lens was drawn for."""
        self._between: object = None
        """What callers and callees were drawn for."""
        self._steady_neighbours = SteadyNeighbours()
        # A key goes through several queues until it is answered: in a pause it gets through all of them.
        self._rounds = InSteps(partial(later, self, PAUSE_S))
        self._selection_waits = False
        """Whether what follows the selection is still to be drawn."""

    # What is looked at.

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

    @property
    def _lenses(self) -> tuple[Lens, ...]:
        return lenses_of(self._model)

    @property
    def _telling_view(self) -> HeapView | None:
        return telling_view(self._model)

    @property
    def _is_recorded(self) -> bool:
        return self._recorder is not None and self._model.phase is not Phase.DONE

    @property
    def _watermark_bytes(self) -> float | None:
        """The exact peak of the heap; of several processes each has its own, at another moment."""
        captures = self._model.captures
        return captures[0].high_watermark_bytes if len(captures) == 1 else None

    # What the recording brings.

    def _draw(self, update: Update) -> None:
        """Draw what an update changed."""
        for _ in self._draw_in_steps(update):
            self._flames.take_note(self._view)

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
        self._draw_advice()
        if update.readings or update.timelines or update.verdicts is not None or update.phase is Phase.DONE:
            yield
            self._draw_meters(update)
            yield
        if update.verdicts is not None:
            for panel in self.query(BudgetPanel):
                trouble, has_budget = _budget_trouble(self._model), bool(self._model.meta.budget)
                panel.show(self._model.verdicts, trouble=trouble, has_budget=has_budget)
        if update.events or update.phase is Phase.DONE:
            self._draw_events()
        if self._shown.is_empty:
            self._flames.show_empty(self._shown.why_empty())
        self._draw_strip()

    def _concerns_view(self, update: Update) -> bool:
        lens = self._view.lens
        looked = bool(update.looks) and self._view.scope.is_estimate
        changed = update.delta is not None or looked if lens is None else lens in update.heap
        return changed or update.phase is Phase.DONE

    def _draw_events(self) -> None:
        self.query_one(EventLog).show(self._model.events, between=self._range)

    def _draw_header(self) -> None:
        frozen_s = self._clock() - self._frozen_at_s if self._view.frozen else None
        ended = self._recorder is not None and self._recorder.meta.state is not SessionState.RECORDING
        self.query_one(HeaderBar).show(header_of(self._model, self._view, frozen_s=frozen_s, recording=not ended))

    def _draw_progress(self) -> None:
        progress = self._model.progress
        strip = self.query_one(ProgressStrip)
        strip.display = progress is not None and bool(progress.text)
        if progress is not None:
            strip.show(progress.text, progress.share)

    def _draw_meters(self, update: Update) -> None:
        for panel in self.query(MeterPanel):
            panel.add(update.readings)
            panel.add_timelines(update.timelines, watermark_bytes=self._watermark_bytes)
        self._remember_heap(update)
        processes = self._model.processes
        self.query_one(ProcessMeters).show_processes(processes.by_key.values(), processes.commands)
        self._show_meters()

    # What follows what is looked at.

    def _draw_view(self) -> None:
        for _ in self._draw_view_in_steps():
            self._flames.take_note(self._view)

    def _draw_selection(self) -> None:
        """Say at once what is selected; tables and source follow when the keys that were typed have been answered."""
        if self._shown.is_empty:
            self._draw_view()
            return
        if self._flames.selected_path == self._view.selected:
            self._flames.take_note(self._view)
        else:
            self._draw_flames()
        self._draw_status()
        if not self._selection_waits:
            self._selection_waits = True
            later(self, PAUSE_S, self._draw_rest_of_selection)

    def _draw_rest_of_selection(self) -> None:
        if self._selection_waits:
            self._draw_view()

    def _draw_view_in_steps(self) -> Iterator[None]:
        # What is selected between two steps is drawn once more.
        self._selection_waits = False
        if self._shown.is_empty:
            self._flames.show_empty(self._shown.why_empty())
        else:
            self._draw_flames()
            if self._search is not None:
                self._tell_found()
        self._draw_chips()
        self._draw_strip()
        yield
        self._draw_table()
        yield
        self._draw_callers()
        self._draw_source()
        self._draw_tree()
        self._draw_status()

    def _draw_flames(self) -> None:
        # Some trees take in what is new when they are asked for: what is searched must be what is drawn.
        tree, named = self._weighed_tree, self._named_tree
        if self._search is not None and self._searched is named:
            self._search.update()
        elif self._search is not None:
            self._search_anew()
        self._flames.show(tree, view=self._view, search=self._search)

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

    def _draw_status(self) -> None:
        if self._has_operations_alone:
            self.query_one(StatusLine).show(self._operations_sentence)
            return
        view, flames = self._view, self._flames
        text = flames.describe(flames.selected)
        if view.inverted and view.function is not None and flames.selected == ROOT:
            text = f"{clean(view.function[1])}  ·  nothing of its own: inverted, it stands only among callers"
        elif view.function is not None and flames.selected == ROOT:
            text = f"{clean(view.function[1])}  ·  not in the flames: its stacks are among the small ones"
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

    # What follows the lens.

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
            *((command, self._has_operations_alone) for command in _OF_SAMPLES),
        )
        also = _OF_OPERATIONS if self._has_operations_alone else ()
        self.query_one(KeyBar).show(DASHBOARD, without=[command for command, without in idle if without], also=also)
        if strip.display:
            self._draw_lens_strip(lenses_of(model))

    def _name_panes(self) -> None:
        self.query_one(PaneStrip).entitle("hotspots", "Hotspots" if self._view.lens is None else "Allocations")


def _budget_trouble(model: SessionModel) -> str:
    status = model.statuses.get("budget")
    return status.told if status is not None and status.message else ""
