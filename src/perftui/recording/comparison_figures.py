"""What stands beside the flames of a comparison: the axes of both sides, how long the runs took, and what they held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from statistics import fmean

from perftui.analysis.paired_figures import FigurePair
from perftui.analysis.paired_times import PairedTimes, RunTimes, SideTimes
from perftui.analysis.timeline import Timeline
from perftui.model.heap import HeapView
from perftui.recording.comparison import Comparison
from perftui.recording.side_runs import SideRuns
from perftui.units import Unit

_HEAP_NAMES = {view: view.value.replace("_", " ") for view in HeapView}


def paired_times(comparison: Comparison) -> PairedTimes:
    """Return what both sides saw when; of several runs what ran is their mean, and meters are those of the first."""
    baseline, current = (SideTimes(tuple(_run_times(side))) for side in comparison.sides)
    return PairedTimes(baseline, current)


def run_pairs(comparison: Comparison) -> list[FigurePair]:
    """Return how long the runs of both sides took, the mean of several, and what their views of the heap held."""
    before, after = comparison.sides
    pairs = [
        FigurePair(
            "wall time", Unit.SECONDS, *(_mean(run.meta.duration_s for run in side.runs) for side in (before, after))
        ),
        FigurePair("CPU time", Unit.SECONDS, *(_mean(run.meta.cpu_s for run in side.runs) for side in (before, after))),
    ]
    for view in comparison.lenses:
        if view is not None:
            pairs.extend(_heap_pairs(view, before, after))
    return [pair for pair in pairs if pair.baseline is not None or pair.current is not None]


def _heap_pairs(view: HeapView, before: SideRuns, after: SideRuns) -> Iterator[FigurePair]:
    profiles = [side.model.heap[view] for side in (before, after)]
    name = _HEAP_NAMES[view]
    yield FigurePair(name, Unit.BYTES, *(float(profile.total_bytes) for profile in profiles))
    yield FigurePair(f"{name}, count", Unit.COUNT, *(float(profile.allocations) for profile in profiles))


def _run_times(side: SideRuns) -> Iterator[RunTimes]:
    # What is known by its model alone has no times.
    for number, (run, timed) in enumerate(zip(side.runs, side.timed, strict=False)):
        times = timed.times.index
        # Only of the first run are the meters kept; what ran is known of all of them.
        timeline = Timeline() if number else side.model.timeline
        yield RunTimes(timeline, times, max(run.meta.duration_s, times.end_s))


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
