"""What stands beside the flames of a comparison: the axes of both sides, how long the runs took, and what they held."""

from __future__ import annotations

from collections.abc import Iterator

from perftui.analysis.paired_figures import BudgetPair, FigurePair, MeterPair, budget_pairs, figure_pair, meter_pairs
from perftui.analysis.paired_times import PairedTimes, RunTimes, SideTimes
from perftui.model.heap import HeapView
from perftui.recording.compared_budget import with_changes_judged
from perftui.recording.comparison import Comparison
from perftui.recording.side_runs import SideRuns
from perftui.units import Unit

_HEAP_NAMES = {view: view.value.replace("_", " ") for view in HeapView}


def paired_times(comparison: Comparison) -> PairedTimes:
    """Return what both sides saw when; of several runs each lane is the mean of those that lasted so long."""
    baseline, current = (SideTimes(tuple(_run_times(side))) for side in comparison.sides)
    return PairedTimes(baseline, current)


def run_pairs(comparison: Comparison) -> list[FigurePair]:
    """Return how long the runs of both sides took, and what their views of the heap held."""
    before, after = comparison.sides
    pairs = [
        figure_pair("wall time", Unit.SECONDS, *([meta.duration_s for meta in side.metas] for side in (before, after))),
        figure_pair("CPU time", Unit.SECONDS, *([meta.cpu_s for meta in side.metas] for side in (before, after))),
    ]
    for view in comparison.lenses:
        if view is not None:
            pairs.extend(_heap_pairs(view, before, after))
    return [pair for pair in pairs if pair.baseline is not None or pair.current is not None]


def meters_of(comparison: Comparison) -> list[MeterPair]:
    """Return the meters of both sides."""
    before, after = ([run.model.measures for run in side.runs] for side in comparison.sides)
    return meter_pairs(before, after)


def budgets_of(comparison: Comparison) -> list[BudgetPair]:
    """Return the rules that runs of either side were judged by; those about changes are judged for these sides."""
    before, after = ([run.model.verdicts for run in side.runs] for side in comparison.sides)
    return with_changes_judged(budget_pairs(before, after), comparison.sides)


def _heap_pairs(view: HeapView, before: SideRuns, after: SideRuns) -> Iterator[FigurePair]:
    sides = [[model.heap[view] for model in side.holders(view)] for side in (before, after)]
    name = _HEAP_NAMES[view]
    held = ([float(profile.total_bytes) for profile in side] for side in sides)
    yield figure_pair(name, Unit.BYTES, *held, of_one_run=True)
    counts = ([float(profile.allocations) for profile in side] for side in sides)
    yield figure_pair(f"{name}, count", Unit.COUNT, *counts, of_one_run=True)


def _run_times(side: SideRuns) -> Iterator[RunTimes]:
    # What is known by its model alone has no times.
    for run, timed in zip(side.runs, side.timed, strict=False):
        times = timed.times.index
        yield RunTimes(run.model.timeline, times, max(run.meta.duration_s, times.end_s))
