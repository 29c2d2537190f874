"""A screen that follows its recording: what has come is taken in and drawn, unless the view is frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from perftui.model.heap import HeapView
from perftui.model.session import SessionKind
from perftui.recording.alerts import AlertWatch
from perftui.recording.base import Recording
from perftui.recording.playback import SavedTimes
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase, Update
from perftui.ui.screens.drawing_screen import DrawingScreen
from perftui.ui.screens.looked_at import aggregate_of
from perftui.ui.view_state import ViewState


class FollowingScreen(DrawingScreen):
    """Takes what a recording brings as often as is wanted; the recording never waits for it."""

    def __init__(
        self,
        view: ViewState,
        model: SessionModel,
        times: SavedTimes | None,
        *,
        recorder: Recording | None,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(view, model, times, recorder=recorder, clock=clock)
        self._alerts = AlertWatch()
        self._told_of_capture = False

    def _begin_to_follow(self) -> None:
        """Keep drawing while there is more to come."""
        self._ticking = self.set_interval(1 / self.settings.drawn_hz, self._beat)
        self.tick()

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
            elif lens is None and update.looks:
                scoped.look()
            elif lens is not None and lens in update.heap:
                scoped.apply(update.heap[lens].profile)

    def _draw_in_steps(self, update: Update) -> Iterator[None]:
        yield from super()._draw_in_steps(update)
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

    def action_freeze(self) -> None:
        """Freeze the view, or let it run again; what came meanwhile is there at once."""
        if self._recorder is None:
            self.notify("a saved session stands still already", markup=False)
            return
        self._view = replace(self._view, frozen=not self._view.frozen)
        self._frozen_at_s = self._clock()
        self.tick()
