"""What keeps two sides from being compared in full, or on equal terms: one sentence each, looked for in every run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median

from perftui.model.heap import HeapView
from perftui.model.session import SessionKind
from perftui.recording.session_model import SessionModel
from perftui.recording.side_runs import SideRuns
from perftui.units import Unit, format_seconds

_SAME_LENGTH = 0.9
"""Runs that were ended by hand are of one length where the shorter has this share of the longer."""
_TIMELESS = "neither side tells when its samples were taken: how much they vary is supposed, not measured"
Sides = tuple[SideRuns, SideRuns]


def remarks_of(sides: Sides, lenses: Sequence[HeapView | None]) -> Iterator[str]:
    """Yield what is to be known of both sides before any figure is read.

    Args:
        sides: Baseline and current.
        lenses: What both hold: CPU (None), and views of the heap.
    """
    yield from _of_memory(sides)
    if None in lenses:
        yield from _of_samples(sides)
    elif any(_is_sampled(side) for side in sides):
        yield f"the {_first(sides, lambda side: not _is_sampled(side))} holds no CPU samples"
    peaks = [name for name, side in _named(sides) if not _peak_is_exact(side)]
    if HeapView.HIGH_WATERMARK in lenses and peaks:
        yield f"the high watermark of the {' and the '.join(peaks)} was only sampled"


def _of_memory(sides: Sides) -> Iterator[str]:
    traced = [any(run.model.heap for run in side.runs) for side in sides]
    if traced[0] is not traced[1]:
        lacking = "baseline" if traced[1] else "current session"
        yield f"the {lacking} holds no memory: record it with --mode memory to compare that, too"
    for name, side in _named(sides):
        views = {view for run in side.runs for view in run.model.heap}
        least = min((len(side.holders(view)) for view in views), default=len(side.runs))
        if least < len(side.runs):
            yield f"only {least} of {len(side.runs)} runs of the {name} hold all that is compared of memory"


def _of_samples(sides: Sides) -> Iterator[str]:
    lengths_s = [median(meta.duration_s for meta in side.metas) for side in sides]
    ended = any(meta.ended_by_us for side in sides for meta in side.metas)
    if ended and min(lengths_s) < _SAME_LENGTH * max(lengths_s):
        shown = " against ".join(map(format_seconds, lengths_s))
        yield f"a run was ended by perftui ({shown}): for that alone their seconds differ"
    if any(_tells_no_times(run.model) for side in sides for run in side.runs):
        yield _TIMELESS
    perturbed = [name for name, side in _named(sides) if any(meta.perturbed for meta in side.metas)]
    if perturbed:
        only = "" if len(perturbed) == len(sides) else ", and those of the other session do not"
        yield f"CPU seconds of the {' and the '.join(perturbed)} hold what tracing allocations costs{only}"


def _named(sides: Sides) -> Sequence[tuple[str, SideRuns]]:
    return (("baseline", sides[0]), ("current session", sides[1]))


def _first(sides: Sides, is_so: Callable[[SideRuns], bool]) -> str:
    return next((name for name, side in _named(sides) if is_so(side)), "baseline")


def _is_sampled(side: SideRuns) -> bool:
    return any(run.model.aggregate.samples for run in side.runs)


def _tells_no_times(model: SessionModel) -> bool:
    """Say whether a profile of another tool holds nothing but counts."""
    return model.meta.kind is SessionKind.IMPORTED and model.aggregate.tree.unit is not Unit.SECONDS


def _peak_is_exact(side: SideRuns) -> bool:
    peak = HeapView.HIGH_WATERMARK
    return all(model.heap[peak].exact for model in side.holders(peak))
