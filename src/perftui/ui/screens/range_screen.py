"""The range of time that is looked at: drawn on the strip with the mouse, moved with the keys."""

from __future__ import annotations

import gc

from perftui.analysis.outline import outline
from perftui.analysis.range_moves import moved, widened
from perftui.analysis.scope import Between, Fading, Last, TimePart
from perftui.analysis.time_index import MOST_CELLS_LIVE, TimeIndex
from perftui.recording.playback import SavedTimes
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.ui.screens.explorer import ExplorerScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.event_log import EventLog
from perftui.ui.widgets.meter import MeterPanel
from perftui.ui.widgets.output_log import OutputLog
from perftui.ui.widgets.time_strip import Range, TimeStrip

WORST_S = 5.0
_LEAST_HEIGHT = 32
"""Rows of a terminal from which the strip has room; in a lower one it comes when it is asked for."""
_ADVANCE_S = 0.03
_ADVANCE_WINDOWS = 32
"""Windows that are summed up at once while nobody waits: a few milliseconds."""
_NO_SAMPLES = "no samples yet: nothing was busier than anything else"
NO_TIMES = "nothing is known of when this happened: the import holds sums alone"
_STANDS_STILL = (
    "live modes are for what is being recorded: r looks at the busiest seconds of a saved session, L at its last ones"
)


class RangeScreen(ExplorerScreen):
    """Flames, tables and source of a range of time."""

    ALLOW_IN_MAXIMIZED_VIEW = f"{ExplorerScreen.ALLOW_IN_MAXIMIZED_VIEW},TimeStrip"

    def __init__(self, view: ViewState, model: SessionModel, times: SavedTimes | None) -> None:
        super().__init__(view)
        self._model = model
        self._saved_times = times
        self._times = TimeIndex(most_cells=MOST_CELLS_LIVE) if times is None else times.index
        self._strip_asked = False
        self._wanted: Range | None = None
        """What the mouse drew and is not looked at yet."""
        self._told_of_damage = False
        self._drawn_between: Range | None = None
        """The range that output, meters and events show."""

    def _sum_up(self) -> None:
        """Sum up what a saved session has while nobody waits, so that long ranges come at once."""
        if self._saved_times is not None:
            self._summing = self.set_interval(_ADVANCE_S, self._advance)

    def _advance(self) -> None:
        if not self._times.advance(_ADVANCE_WINDOWS):
            self._summing.stop()
            outline(self._model.aggregate.tree)
            # What a saved session is made of stays as long as its screen: nobody should wait while it is searched for
            # garbage.
            gc.freeze()
        self._tell_of_damage()

    def on_unmount(self) -> None:
        """Let what this screen held be collected again."""
        gc.unfreeze()

    def _tell_of_damage(self) -> None:
        times = self._saved_times
        if times is not None and times.damaged and not self._told_of_damage:
            self._told_of_damage = True
            self.notify(
                "a part of the samples cannot be read by time: ranges leave it out, the whole has it",
                severity="warning",
                markup=False,
            )

    # Drawing.

    def on_resize(self) -> None:
        """Show the strip where there is room now."""
        if self.is_mounted:
            self._draw_strip()

    def _draw_in_time(self) -> None:
        """Let output, meters and events follow the range, wherever it came from."""
        between = self._range
        if between == self._drawn_between:
            return
        self._drawn_between = between
        self.query_one(OutputLog).show_between(between)
        self.query_one(EventLog).show(self._model.events, between=between)
        self._show_meters()

    def _show_meters(self) -> None:
        """Draw the meters as of now, or those of the range."""
        model = self._model
        for panel in self.query(MeterPanel):
            panel.show(
                end_s=model.elapsed_s,
                verdicts=model.verdicts,
                whole=model.phase is Phase.DONE,
                between=self._range,
            )

    def _draw_strip(self) -> None:
        """Draw how busy the run was, where there is room for it, and everything else that follows the range."""
        self._draw_in_time()
        strip = self.query_one(TimeStrip)
        roomy = self._strip_asked or self.size.height >= _LEAST_HEIGHT
        strip.display = roomy and self._knows_times
        if not strip.display:
            return
        end_s = self._run_s
        strip.show(
            lambda parts: self._busy_of(parts, end_s),
            end_s=end_s,
            happened=self._model.events,
            chosen=self._range,
        )

    def _busy_of(self, parts: int, end_s: float) -> list[float]:
        """Return what the strip draws of each of so many equal parts of the run."""
        return self._times.busy(0.0, end_s, parts)

    @property
    def _knows_times(self) -> bool:
        return self._model.phase is not Phase.DONE or self._model.meta.knows_times

    @property
    def _run_s(self) -> float:
        return max(self._times.end_s, self._model.elapsed_s) if self._knows_times else 0.0

    @property
    def _range(self) -> Range | None:
        """What is looked at, as a range of the recording."""
        match self._view.scope.time:
            case Between(start_s, end_s):
                return start_s, end_s
            case Last(seconds):
                # Samples come some time after the moment that they are of; memory is seen as it is now.
                end_s = self._times.end_s if self._view.lens is None else self._run_s
                return max(0.0, end_s - seconds), end_s
            case Fading() | None:
                return None

    # What a person does.

    def on_time_strip_brushed(self, message: TimeStrip.Brushed) -> None:
        """Look at the range that the mouse draws, as soon as there is time: of many steps the latest counts."""
        waits = self._wanted is not None
        self._wanted = message.start_s, message.end_s
        if not waits:
            self.call_after_refresh(self._brush)

    def on_time_strip_cleared(self) -> None:
        """Look at all of the time again."""
        self._wanted = None
        self._look_at(self._view.scope.timeless())

    def _brush(self) -> None:
        if self._wanted is not None:
            self._look_between(*self._wanted)
        self._wanted = None

    def action_worst_range(self) -> None:
        """Look at the busiest seconds, and give the strip the keys."""
        worst = self._worst_range(WORST_S) if self._knows_times else None
        if worst is None:
            self.notify(_NO_SAMPLES if self._knows_times else NO_TIMES, markup=False)
        else:
            self._ask_for_strip()
            self._look_between(*worst)

    def action_last_range(self) -> None:
        """Look at the last seconds, or at all of the time again."""
        self._look_in_time(Last(self.settings.view.window_s), toggle=True)

    def action_live_mode(self) -> None:
        """Look at all of the time, at the last seconds, or, of CPU, at what fades away: one after the other."""
        options, time = self.settings.view, self._view.scope.time
        fades = self._view.lens is None
        if self._model.phase is Phase.DONE and not isinstance(time, Last | Fading):
            self.notify(_STANDS_STILL, markup=False)
        elif isinstance(time, Fading) or (isinstance(time, Last) and not fades):
            self._look_at(self._view.scope.timeless())
        else:
            self._look_in_time(Fading(options.half_life_s) if isinstance(time, Last) else Last(options.window_s))

    def settings_changed(self) -> None:
        """Let a live mode follow the length that is set for it."""
        super().settings_changed()
        options = self.settings.view
        match self._view.scope.time:
            case Last():
                self._look_in_time(Last(options.window_s))
            case Fading():
                self._look_in_time(Fading(options.half_life_s))
            case _:
                return

    def _worst_range(self, seconds: float) -> Range | None:
        """Return the busiest seconds, so many of them; None without any."""
        return self._times.worst(seconds)

    def action_move_range(self, step: int) -> None:
        """Move the range; without one it begins with the busiest seconds."""
        known = self._range
        if known is None:
            self.action_worst_range()
            return
        self._look_between(*moved(known, step, self._run_s))

    def action_widen_range(self, step: int) -> None:
        """Move the end of the range, and at the end of the run its beginning; without one it begins somewhere."""
        known = self._range
        if known is None:
            self.action_worst_range()
            return
        self._look_between(*widened(known, step, self._run_s))

    def action_clear_range(self) -> None:
        """Look at all of the time again; without a range the keys go back to the flames."""
        if self._view.scope.time is None:
            self._flames.focus()
        else:
            self._look_at(self._view.scope.timeless())

    def _ask_for_strip(self) -> None:
        self._strip_asked = True
        strip = self.query_one(TimeStrip)
        strip.display = True
        strip.focus()

    def _look_between(self, start_s: float, end_s: float) -> None:
        self._look_in_time(Between(start_s, end_s))

    def _look_in_time(self, part: TimePart, *, toggle: bool = False) -> None:
        if not self._knows_times:
            self.notify(NO_TIMES, markup=False)
            return
        scope = self._view.scope
        scope = scope.toggled(part) if toggle else scope.added(part)
        if scope != self._view.scope:
            self._look_at(scope)
            self._tell_of_damage()
