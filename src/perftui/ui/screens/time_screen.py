"""The time pane of a session: everything over one axis, ranges on it, and the worst second."""

from __future__ import annotations

from asyncio import TimerHandle
from collections.abc import Iterator
from math import ceil

from perftui.analysis.landmarks import WORKLOAD, landmarks, process_landmarks
from perftui.analysis.timeline import HEAP, RUNNING, Lane, Range
from perftui.model.session import Event
from perftui.recording.playback import SavedTimes
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.ui.later import later
from perftui.ui.screens.range_screen import NO_TIMES, RangeScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.axis_canvas import AxisCanvas
from perftui.ui.widgets.lane_sheet import TimeFacts
from perftui.ui.widgets.meter import limits_of
from perftui.ui.widgets.status_line import StatusLine
from perftui.ui.widgets.time_pane import TimePane

_WORST_S = 1.0
_SAID_S = 4.0
"""Long enough to be read; then the status line says what is selected again."""


class TimeScreen(RangeScreen):
    """A session over one axis of time."""

    def __init__(self, view: ViewState, model: SessionModel, times: SavedTimes | None) -> None:
        super().__init__(view, model, times)
        self._said: TimerHandle | None = None
        self._worst_of: Lane | None = None
        self._worst_shown: list[Range] = []
        """The worst seconds of a lane that were looked at one after the other."""

    def _draw_strip(self) -> None:
        super()._draw_strip()
        self._draw_time()

    def _draw_time(self) -> None:
        """Draw the time pane where it is in front."""
        pane = self.query_one(TimePane)
        if pane.display:
            pane.show(self._time_facts())

    def _time_facts(self) -> TimeFacts:
        model, times = self._model, self._times
        done = model.phase is Phase.DONE
        return TimeFacts(
            timeline=model.timeline,
            times=times,
            # While it grows the axis gets longer once a second: a curve that is never at rest cannot be read.
            run_s=self._run_s if done else float(ceil(self._run_s)),
            now_s=self._run_s,
            changed=(len(times), times.end_s, times.rewrites, model.timeline.version),
            happened=(*model.events, *self._landmarks(done=done)),
            chosen=self._range,
            limits=limits_of(model.verdicts),
            live=not done,
            empty="nothing has been seen yet"
            if not done
            else NO_TIMES
            if not self._knows_times
            else "nothing was seen",
        )

    def _landmarks(self, *, done: bool) -> Iterator[Event]:
        model, processes = self._model, self._model.processes
        # While it is watched, its end is told at once, and is an event.
        told = any(event.subject == WORKLOAD for event in model.events)
        yield from landmarks(model.meta, model.captures, done=done and not told)
        yield from process_landmarks((record.process for record in processes.by_key.values()), processes.commands)

    def on_axis_canvas_brushed(self, message: AxisCanvas.Brushed) -> None:
        """Look at the range that was chosen on the axis, as soon as there is time."""
        waits = self._wanted is not None
        self._wanted = message.start_s, message.end_s
        if not waits:
            self.call_after_refresh(self._brush)

    def action_bound_range(self, side: int) -> None:
        """Let the range begin or end where the axis is read."""
        self._look_between(*self.query_one(TimePane).bounded(side))

    def action_choose_seen(self) -> None:
        """Look at what the axis shows, in every view; where that is all of the run, at everything."""
        axis = self.query_one(TimePane).axis
        if axis.whole:
            self._look_at(self._view.scope.timeless())
        else:
            self._look_between(axis.start_s, axis.end_s)

    def action_leave_time(self) -> None:
        """Look at all of the time again; without a range, leave the pane."""
        if self._view.scope.time is not None:
            self.action_clear_range()
        elif self.maximized is not None:
            self.minimize()
        else:
            self._flames.focus()

    def action_worst_second(self) -> None:
        """Look at the busiest second, that of most memory, or the worst one of the chosen lane; again: at the next."""
        if not self._knows_times:
            self.notify(NO_TIMES, markup=False)
            return
        pane = self.query_one(TimePane)
        lane = pane.lane if pane.display else self._lane_of_lens
        shown = self._worst_shown if self._worst_of == lane and self._range in self._worst_shown[-1:] else []
        worst = self._model.timeline.worst(lane, _WORST_S, times=self._times, beside=shown)
        if worst is None and shown:
            # Round and round.
            shown, worst = [], self._model.timeline.worst(lane, _WORST_S, times=self._times)
        if worst is None:
            self.notify(f"{lane.label}: nothing has been seen yet", markup=False)
        else:
            self._worst_of, self._worst_shown = lane, [*shown, worst[0]]
            if pane.display:
                pane.reveal(*worst[0], read_s=worst[1])
            else:
                self._ask_for_strip()
            self._look_between(*worst[0])
            self._say(_nth_worst(lane, len(shown) + 1))

    @property
    def _lane_of_lens(self) -> Lane:
        """The lane of what is looked at: how much ran, or how much was held."""
        lanes = self._model.timeline.lanes()
        key = RUNNING if self._view.lens is None else HEAP
        return next((lane for lane in lanes if lane.key == key), lanes[0])

    def _say(self, text: str) -> None:
        """Say something in the status line for a while."""
        status = self.query_one(StatusLine)
        status.pass_by(text)
        if self._said is not None:
            self._said.cancel()
        self._said = later(self, _SAID_S, lambda: status.pass_by(""))


def _nth_worst(lane: Lane, number: int) -> str:
    what = "the busiest seconds" if lane.key == RUNNING else f"the seconds of most: {lane.label}"
    return f"no. {number} of {what}  ·  w goes to the next"
