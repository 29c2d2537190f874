"""Ranges of time of a comparison: each side has its own axis, and what is chosen on it filters that side."""

from __future__ import annotations

import gc
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace

from perftui.analysis.paired_times import SideName
from perftui.analysis.range_moves import moved, widened
from perftui.analysis.timeline import Range
from perftui.recording.comparison import Comparison
from perftui.recording.comparison_figures import paired_times
from perftui.ui.compare_view import CompareView
from perftui.ui.lens import Lens
from perftui.ui.screens.flame_screen import FlameScreen
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.paired_strip import PairedStrip

RangeChange = Callable[[Range, float], Range]
"""From a range and the length of its run to another range."""
_WORST_S = 5.0
_ADVANCE_S = 0.03
_ADVANCE_WINDOWS = 32
"""Windows that are summed up at once while nobody waits: a few milliseconds."""
_BOTH = (SideName.BASELINE, SideName.CURRENT)
_CPU_ONLY = "a range of time is for CPU: what memory holds is of the whole run"
_NO_TIMES = "these sessions do not say when anything was seen"


class CompareRangeScreen(FlameScreen):
    """A comparison of all of the time of both sides, or of a range of either."""

    def __init__(self, view: ViewState, comparison: Comparison) -> None:
        super().__init__(view)
        self._whole = comparison
        """Both sides over all of their time."""
        self._comparison = comparison
        """What is looked at."""
        self._times = paired_times(comparison)
        self._chosen = CompareView(share=comparison.by_share)
        self._strip_asked = False
        self._wanted: CompareView | None = None
        """What the mouse drew and is not looked at yet."""

    def _sum_up(self) -> None:
        """Sum up what each run saw while nobody waits, so that long ranges come at once."""
        self._unsummed = [run for side in self._whole.sides for run in side.timed]
        if self._unsummed:
            self._summing = self.set_interval(_ADVANCE_S, self._advance)

    def _advance(self) -> None:
        if not self._unsummed[0].advance(_ADVANCE_WINDOWS):
            del self._unsummed[0]
        if not self._unsummed:
            self._summing.stop()
            # What saved sessions are made of stays as long as their screen: nobody should wait while it is searched
            # for garbage.
            gc.freeze()

    def on_unmount(self) -> None:
        """Let what this screen held be collected again."""
        gc.unfreeze()

    @abstractmethod
    def _draw_ranged(self) -> None:
        """Draw everything that follows the ranges."""

    @abstractmethod
    def _draw_strips(self) -> None:
        """Draw the axes with their ranges."""

    # What is drawn on the axes.

    def on_paired_strip_brushed(self, message: PairedStrip.Brushed) -> None:
        """Look at the range that the mouse draws, as soon as there is time: of many steps the latest counts."""
        waits = self._wanted is not None
        self._wanted = self._chosen.between(message.sides, (message.start_s, message.end_s))
        if not waits:
            self.call_after_refresh(self._brush)

    def on_paired_strip_cleared(self, message: PairedStrip.Cleared) -> None:
        """Look at all of the time of a side again."""
        self._wanted = None
        self._look_between(self._chosen.between(message.sides, None))

    def on_paired_strip_held(self, message: PairedStrip.Held) -> None:
        """Give the keys to another side."""
        self._chosen = replace(self._chosen, held=message.side)
        self._draw_strips()

    def _brush(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._look_between(wanted)

    # Keys.

    def action_worst_range(self) -> None:
        """Look at the busiest seconds of the side that has the keys, and give the axes the keys."""
        worst = self._times.side(self._chosen.held).worst(_WORST_S)
        if worst is None:
            self.notify(_NO_TIMES, markup=False)
            return
        self._ask_for_strip()
        self._look_at_range(worst)

    def action_same_range(self) -> None:
        """Look at the same seconds of both sides."""
        chosen = self._chosen.ranges[self._chosen.held] or self._chosen.ranges[self._chosen.held.other]
        if chosen is None:
            self.notify("no range yet: r looks at the busiest seconds, or drag over the axis", markup=False)
        else:
            self._look_between(self._chosen.between(_BOTH, chosen))

    def action_move_range(self, step: int) -> None:
        """Move the range of the side that has the keys; without one it begins with the busiest seconds."""
        self._change_range(lambda known, run_s: moved(known, step, run_s))

    def action_widen_range(self, step: int) -> None:
        """Move the end of the range; without one it begins with the busiest seconds."""
        self._change_range(lambda known, run_s: widened(known, step, run_s))

    def action_clear_range(self) -> None:
        """Look at all of the time of both sides again; without a range the keys go back to the flames."""
        if self._chosen.ranged:
            self._look_between(self._chosen.between(_BOTH, None))
        else:
            self._strip_asked = False
            self._draw_strips()
            self._flames.focus()

    def _change_range(self, change: RangeChange) -> None:
        held = self._chosen.held
        known = self._chosen.ranges[held]
        if known is None:
            self.action_worst_range()
        else:
            self._look_at_range(change(known, self._times.side(held).run_s))

    def _look_at_range(self, chosen: Range) -> None:
        self._look_between(self._chosen.between((self._chosen.held,), chosen))

    def _look_between(self, chosen: CompareView) -> None:
        if chosen.ranges == self._chosen.ranges:
            return
        self._chosen = chosen
        if chosen.ranged and self._view.lens is not None:
            self.notify(_CPU_ONLY, markup=False)
        self._comparison = self._ranged_through(self._view.lens)
        self._draw_ranged()

    def _ranged_through(self, lens: Lens) -> Comparison:
        """Return the comparison of the ranges, where a lens has any."""
        if lens is not None or not self._chosen.ranged:
            return self._whole
        return self._whole.between(self._chosen.baseline_range, self._chosen.current_range)

    def _ask_for_strip(self) -> None:
        self._strip_asked = True
        strip = self.query_one("#pair-strip", PairedStrip)
        strip.display = True
        strip.focus()
