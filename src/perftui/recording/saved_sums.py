"""What a saved session adds up to: the same sums that were made while it ran, without a model of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from perftui.analysis.aggregate import covered_s, looks_in
from perftui.analysis.heap_fold import HeapFold, merged_heap
from perftui.model.heap import HeapDelta, HeapSnapshot, HeapView
from perftui.model.sample import ProfileDelta
from perftui.storage.session_file import SavedSession, StoredWindow


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
