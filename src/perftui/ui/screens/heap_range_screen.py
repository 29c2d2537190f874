"""Memory in a range of time: what was held at its end or grew in it, and what the range does not concern."""

from __future__ import annotations

from dataclasses import replace

from perftui.analysis.heap_profile import HeapProfile
from perftui.analysis.heap_timeline import summed
from perftui.analysis.meter_history import MeterHistory
from perftui.model.heap import HeapView
from perftui.recording.heap_in_range import HeapInRange
from perftui.recording.playback import SavedTimes
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Update
from perftui.ui.lens import Lens, Wording, headlines, notes_of
from perftui.ui.screens.range_screen import RangeScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.lens_strip import LensStrip
from perftui.ui.widgets.time_strip import Range
from perftui.units import format_bytes, format_seconds

_OF_THE_WHOLE = Wording(
    "this view is of the whole run: a range of time is looked at in CPU and in held",
    "of the whole run, not of the range",
)
_PICTURES = Wording(
    "pictures are kept every 2 s, in long runs less often: what is shown is of the last one before each end",
    "as of the last picture before each end",
)


class HeapRangeScreen(RangeScreen):
    """A range of time for both kinds of lenses."""

    def __init__(self, view: ViewState, model: SessionModel, times: SavedTimes | None) -> None:
        super().__init__(view, model, times)
        self._heap_in_range = HeapInRange(model.pictures)
        self._heap_readings, self._heap_captured = MeterHistory(), MeterHistory(holds=True)
        self._told_of_pictures = False

    # What is looked at.

    @property
    def _is_held_in_range(self) -> bool:
        """Whether the range says which picture of the heap is looked at."""
        return self._view.lens is HeapView.HELD and self._range is not None

    def _heap_looked_at(self) -> HeapProfile | None:
        """Return what was held in the range or grew in it; None where that is not what is looked at."""
        between = self._range
        if between is None or not self._is_held_in_range:
            return None
        look = self._heap_in_range
        look.look(*between)
        if look.damaged and not self._told_of_pictures:
            self._told_of_pictures = True
            self.notify("a picture of the heap cannot be read: ranges leave it out", severity="warning", markup=False)
        return look.grown if self._view.grown else look.held

    def _heap_in_time(self) -> tuple[str, ...]:
        """Return how the range concerns memory, from the longest wording to the shortest."""
        view, between = self._view, self._range
        if view.lens is None or between is None:
            return ()
        if view.lens is not HeapView.HELD:
            return (_OF_THE_WHOLE.short, "of the whole run")
        if view.grown:
            return ("allocated in the range and still held at its end", "grown in the range")
        return ("held at the end of the range; M: what grew in it", "at the end of the range")

    # Drawing.

    def _draw_lens_strip(self, lenses: tuple[Lens, ...]) -> None:
        """Draw the strip of lenses with what is looked at."""
        view, model, strip = self._view, self._model, self.query_one(LensStrip)
        what, notes = headlines(model, view.lens, by_count=view.by_count), notes_of(model, view.lens)
        if self._is_held_in_range:
            self._heap_looked_at()
            what, notes = self._headlines_in_range(), (_PICTURES, *notes)
        elif view.lens is not None and self._range is not None:
            notes = (_OF_THE_WHOLE, *notes)
        strip.show(lenses, view.lens, what=what, notes=notes, grown=view.grown if self._is_held_in_range else None)

    def _headlines_in_range(self) -> tuple[str, ...]:
        look, view = self._heap_in_range, self._view
        if look.to_s is None:
            return ("no picture of the heap was taken up to the end of this range", "no picture yet")
        at = format_seconds(look.to_s)
        if not view.grown:
            size, count = format_bytes(look.held.total_bytes), f"{look.held.allocations:,}"
            return f"held at {at} · {size} in {count} allocations", f"held at {at} · {size}", size
        if look.from_s == look.to_s:
            return (f"no picture was taken in this range, the last one at {at}", "no picture in this range")
        since = "the beginning" if look.from_s is None else format_seconds(look.from_s)
        grown, freed = format_bytes(look.grown.total_bytes), format_bytes(look.freed_bytes)
        net = f"net {'+' if look.net_bytes >= 0 else ''}{format_bytes(look.net_bytes)}"
        return (
            f"from {since} to {at} · +{grown} grown · -{freed} freed · {net}",
            f"+{grown} · -{freed} · {net}",
            f"+{grown} · {net}",
            f"+{grown}",
        )

    def _busy_of(self, parts: int, end_s: float) -> list[float]:
        if self._view.lens is None:
            return super()._busy_of(parts, end_s)
        columns = self._heap_history.columns(parts, start_s=0.0, end_s=end_s)
        return [column or 0.0 for column in columns]

    @property
    def _heap_history(self) -> MeterHistory:
        return self._heap_captured if self._heap_captured.is_measured else self._heap_readings

    def _remember_heap(self, update: Update) -> None:
        """Take in what readings and captures say of the heap over time."""
        for reading in update.readings:
            self._heap_readings.append(reading.at_s, reading.heap_bytes)
        if update.timelines:
            self._heap_captured = MeterHistory(holds=True)
            for at_s, heap_bytes, _ in summed(self._model.timelines):
                self._heap_captured.append(at_s, heap_bytes)

    # What a person does.

    def _worst_range(self, seconds: float) -> Range | None:
        """Return the busiest seconds; of memory those up to the moment when most was held."""
        history = self._heap_history
        if self._view.lens is None or not history.is_measured:
            return super()._worst_range(seconds)
        end_s = max(history.peak_at_s, seconds)
        return end_s - seconds, end_s

    def action_heap_view(self) -> None:
        """Look at the next view of the heap; of what is held in a range, what grew comes next."""
        if self._is_held_in_range and not self._view.grown:
            self._look_at_growth(True)
        else:
            self._view = replace(self._view, grown=False)
            before = self._view.lens
            super().action_heap_view()
            if self._view.lens is before:
                self._look_at_growth(False)

    def on_lens_strip_chosen(self, message: LensStrip.Chosen) -> None:
        """Look through the lens that was clicked."""
        self._view = replace(self._view, grown=message.grown)
        if message.lens is self._view.lens:
            self._look_at_growth(message.grown)
        else:
            super().on_lens_strip_chosen(message)

    def _look_at_growth(self, grown: bool) -> None:
        self._view = replace(self._view, grown=grown)
        self._find_again()
