"""What one lens shows of a session: its trees, its rows, its threads, and why there is nothing where there is not."""

from __future__ import annotations

from dataclasses import dataclass

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.call_tree import CallTree
from perftui.analysis.heap_profile import HeapProfile
from perftui.analysis.hotspots import hotspots
from perftui.model.heap import HeapView
from perftui.model.hotspot import Hotspot
from perftui.recording.session_model import SessionModel
from perftui.recording.update import Phase
from perftui.ui.view_state import ViewState
from perftui.ui.widgets.flame_text import FlameTree

TABLE_ROWS = 200
"""Rows of the table that are ranked at each refresh; nobody scrolls further while it is live."""
_NO_SAMPLES = "No Python samples: no interpreter ran long enough to be seen. Meters, budget and output are there."
_NO_ALLOCATIONS = "No allocation was traced. Meters, budget and output are there."
_NOTHING_IN = {
    HeapView.HELD: "Nothing is held: all that was traced was freed again.",
    HeapView.HIGH_WATERMARK: "Nothing was ever held.",
    HeapView.LEAKED: "Nothing leaked: all that was traced was freed before the tracking ended.",
    HeapView.TEMPORARY: "No allocation was freed before the next one of its thread.",
    HeapView.ALLOCATED: "Nothing was allocated.",
}
_NOTHING_YET = HeapProfile()
"""A view without a picture; nothing is ever added to it."""


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A session through the lens of a view state."""

    model: SessionModel
    view: ViewState

    @property
    def profile(self) -> HeapProfile | None:
        """The view of the heap, without anything in it until there is a picture; None for CPU."""
        lens = self.view.lens
        return None if lens is None else self.model.heap.get(lens, _NOTHING_YET)

    @property
    def aggregate(self) -> Aggregate:
        """What everything is made from."""
        profile = self.profile
        return self.model.aggregate if profile is None else profile.aggregate

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        # What was all freed again leaves nodes without a weight.
        return not self.aggregate.samples

    @property
    def named_tree(self) -> CallTree:
        """The tree that names and paths are looked up in."""
        return self.aggregate.by_thread() if self.view.by_thread else self.aggregate.tree

    @property
    def weighed_tree(self) -> FlameTree:
        """The tree that widths are taken from."""
        profile = self.profile
        if profile is None:
            return self.named_tree
        return profile.flames(by_thread=self.view.by_thread, by_count=self.view.by_count)

    def rank(self) -> list[Hotspot]:
        """Return the rows of the table."""
        profile, aggregate = self.profile, self.aggregate
        if profile is not None:
            return profile.rows(sort=self.view.heap_sort, top=TABLE_ROWS)
        return hotspots(aggregate.tree, sort=self.view.sort, top=TABLE_ROWS, line_counts=aggregate.line_counts)

    def why_empty(self) -> str:
        """Return why there is nothing to draw."""
        lens, done = self.view.lens, self.model.phase is Phase.DONE
        if done and lens is not None and lens in self.model.heap:
            return _NOTHING_IN[lens]
        about = ("cpu",) if lens is None else ("heap", "capture")
        for status in self.model.statuses.values():
            if status.source in about and status.message:
                return f"{status.message} {status.hint}".strip()
        if not done:
            return "waiting for the first samples…" if lens is None else "waiting for the first picture of the heap…"
        return self.model.meta.trouble or (_NO_SAMPLES if lens is None else _NO_ALLOCATIONS)

    def no_rows(self) -> str:
        """Return what stands in the table where it is empty."""
        return "no function was seen running yet" if self.view.lens is None else "no allocation is in this view"
