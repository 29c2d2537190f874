"""What a saved session adds up to: the same sums that were made while it ran, without a model of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from perftui.analysis.aggregate import Aggregate, covered_s, looks_in
from perftui.analysis.call_tree import CallTree
from perftui.analysis.heap_fold import HeapFold, merged_heap
from perftui.analysis.measures import Measures
from perftui.model.heap import HeapDelta, HeapSnapshot, HeapView
from perftui.model.sample import ProfileDelta
from perftui.storage.session_file import SavedSession, StoredWindow
from perftui.units import Unit

if TYPE_CHECKING:
    from perftui.analysis.heap_profile import HeapProfile


def aggregate_of_saved(saved: SavedSession) -> Aggregate:
    """Return the profile of a saved session, added up."""
    aggregate = Aggregate(Unit(saved.meta.unit))
    aggregate.apply(delta_of_saved(saved))
    return aggregate


def heap_of_saved(saved: SavedSession) -> dict[HeapView, HeapProfile]:
    """Return the views of the heap that a saved session holds."""
    if not saved.stored_heap:
        return {}
    # Sessions without memory need nothing of this.
    from perftui.analysis.heap_profile import HeapProfile  # noqa: PLC0415

    profiles: dict[HeapView, HeapProfile] = {}
    for view, delta in heap_of_snapshots(saved.latest_heap()).items():
        profiles[view] = HeapProfile()
        profiles[view].apply(delta)
    return profiles


def measures_of_saved(saved: SavedSession, profile: CallTree) -> Measures:
    """Return what rules and baselines ask of a saved session, as it stood at its end."""
    measures = Measures(profile)
    measures.memory_apart = saved.meta.two_pass
    for reading in saved.readings:
        measures.reading(reading)
    measures.heap, measures.captures, measures.timelines = heap_of_saved(saved), saved.captures, saved.timelines
    measures.wall_s = saved.meta.duration_s
    return measures


def delta_of_saved(saved: SavedSession) -> ProfileDelta:
    """Return one delta with the whole profile of a saved session: the same sums that were made while it ran."""
    sampled_s = looks = end_s = 0.0
    for window in saved.windows:
        sampled_s += covered_s(window, window.sample_count, after_s=end_s)
        end_s = max(end_s, window.end_s)
        looks += looks_in(window, partial(_busiest, window))
    return ProfileDelta(
        frames=saved.frames,
        nodes=saved.nodes,
        threads=saved.threads,
        weights={(thread, leaf): (weight, count) for thread, leaf, weight, count in saved.totals()},
        end_s=end_s,
        sampled_s=sampled_s,
        looks=looks,
        failed=sum(window.failed for window in saved.windows),
        late_s=sum(window.late_s for window in saved.windows),
        sampler_cpu_s=sum(window.sampler_cpu_s for window in saved.windows),
        approximate=any(window.approximate for window in saved.windows),
    )


def heap_of_snapshots(snapshots: Iterable[HeapSnapshot]) -> dict[HeapView, HeapDelta]:
    """Return what pictures, one of each view and process, add to a model that holds none."""
    folds: dict[HeapView, HeapFold] = {}
    deltas: dict[HeapView, HeapDelta] = {}
    for snapshot in snapshots:
        view = snapshot.view
        delta = folds.setdefault(view, HeapFold(view)).fold(snapshot)
        deltas[view] = merged_heap(deltas[view], delta) if view in deltas else delta
    return deltas


def _busiest(window: StoredWindow) -> int:
    return max((len(leaves) for _, leaves in window.samples()), default=0)
