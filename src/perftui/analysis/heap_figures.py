"""What is known of memory in single figures: exact where captures were read, sampled or a lower bound otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perftui.analysis.growth import Growth, Slope, growth_of
from perftui.analysis.measures import FunctionSubject, Measures
from perftui.model.heap import Capture, HeapView

if TYPE_CHECKING:
    from perftui.analysis.heap_profile import HeapProfile

_HEAP = "heap_bytes"


@dataclass(frozen=True, slots=True)
class HeapFigure:
    """A figure with what is to be known of it."""

    value: float
    exact: bool = True
    """False where it was only looked at every now and then."""
    whole: bool = True
    """False where something is missing in it: it is at least so much."""
    at_s: float | None = None
    """When it was so, in seconds of the recording."""
    processes: int = 1


def high_watermark(measures: Measures) -> HeapFigure | None:
    """Return the most bytes that were held; those of several processes are added up, each at its own moment."""
    read = _read(measures, lambda capture: capture.high_watermark_bytes)
    if read and len(read) == len(measures.captures):
        greatest = max(measures.captures, key=lambda capture: capture.high_watermark_bytes or 0)
        return HeapFigure(sum(read), at_s=greatest.high_watermark_at_s, processes=len(read))
    peak = measures.heap.get(HeapView.HIGH_WATERMARK)
    if peak is not None and peak.exact and peak.totals.keys() >= {capture.pid for capture in measures.captures}:
        return HeapFigure(peak.total_bytes, at_s=peak.at_s, processes=len(peak.totals))
    sampled = [float(peak.total_bytes)] if peak is not None else []
    sampled += [value for value in (measures.figures(_HEAP).peak,) if value is not None]
    return HeapFigure(max(sampled), exact=False) if sampled else None


def first_held(measures: Measures) -> float | None:
    """Return what was held when the first of the captures began; None where none was read."""
    began = [(line.at_s[0], line.heap_bytes[0]) for line in measures.timelines if line.at_s]
    return min(began)[1] if began else None


def allocated_bytes(measures: Measures) -> HeapFigure | None:
    """Return how much was allocated in the whole run, freed or not."""
    return _total(measures, lambda capture: capture.total_allocated_bytes, HeapView.ALLOCATED, _bytes)


def allocations(measures: Measures) -> HeapFigure | None:
    """Return how often something was allocated in the whole run."""
    return _total(measures, lambda capture: capture.allocations, HeapView.ALLOCATED, _count)


def leaked_bytes(measures: Measures) -> HeapFigure | None:
    """Return what was not freed when the tracking ended."""
    return _total(measures, lambda capture: capture.leaked_bytes, HeapView.LEAKED, _bytes)


def per_second(figure: HeapFigure | None, wall_s: float) -> HeapFigure | None:
    """Return a figure of a whole run for each of its seconds."""
    if figure is None or wall_s <= 0:
        return None
    return HeapFigure(figure.value / wall_s, figure.exact, figure.whole, figure.at_s, figure.processes)


def heap_growth(measures: Measures) -> Growth:
    """Return the growth of the heap: from the capture where there is one of a single process, or from readings."""
    if len(measures.timelines) == 1 and len(measures.captures) <= 1:
        timeline = measures.timelines[0]
        return growth_of(timeline.at_s, timeline.heap_bytes)
    return measures.growths[_HEAP]


def growth_slope(growth: Growth, *, final: bool) -> Slope | None:
    """Return how fast a series grows, in its unit per minute; None where there is too little to tell."""
    slope = growth.slope(fresh=final)
    if slope is None:
        return None
    return Slope(60 * slope.per_s, 60 * slope.low, 60 * slope.high, slope.points, slope.span_s)


@dataclass(frozen=True, slots=True)
class FunctionHeapFigure:
    """What the functions of one subject hold, or have allocated, with what they call."""

    size: float
    """Bytes."""
    count: float
    """Allocations."""
    exact: bool = True
    own_only: bool = False
    """What they call is not in it: with which stacks they allocated is not known."""


def function_heap(measures: Measures, subject: FunctionSubject, view: HeapView) -> FunctionHeapFigure | None:
    """Return what the functions of a subject hold in a view that there is; None where they were never seen.

    Of several functions that the subject names, one that called another holds what that one holds.
    """
    profile = measures.heap[view]
    rows = profile.rows(accept=subject.matches)
    own_only = _is_flat(profile) and not all(map(_is_flat, measures.heap.values()))
    if len(rows) == 1 or (rows and own_only):
        size, count = sum(row.total_weight for row in rows), sum(row.total_count for row in rows)
        return FunctionHeapFigure(size, count, profile.exact, own_only)
    if rows:
        drawn = measures.function_in(subject, profile.tree)
        size, count = (drawn.total_weight, drawn.total_count) if drawn is not None else (0.0, 0)
        # What is too small to be drawn is not in the tree, but the functions of the table are whole.
        size, count = max(size, *(row.total_weight for row in rows)), max(count, *(row.total_count for row in rows))
        return FunctionHeapFigure(size, count, profile.exact)
    return FunctionHeapFigure(0.0, 0, profile.exact) if measures.has_seen(subject) else None


def _is_flat(profile: HeapProfile) -> bool:
    return profile.tree.max_depth <= 1


def _read(measures: Measures, figure: Callable[[Capture], int | None]) -> list[int]:
    found = (figure(capture) for capture in measures.captures)
    return [value for value in found if value is not None]


def _total(
    measures: Measures,
    figure: Callable[[Capture], int | None],
    view: HeapView,
    of: Callable[[HeapProfile], int],
) -> HeapFigure | None:
    read = _read(measures, figure)
    if read:
        return HeapFigure(sum(read), whole=len(read) == len(measures.captures), processes=len(read))
    profile = measures.heap.get(view)
    if profile is None:
        return None
    whole = profile.totals.keys() >= {capture.pid for capture in measures.captures}
    return HeapFigure(of(profile), profile.exact, whole, processes=len(profile.totals))


def _bytes(profile: HeapProfile) -> int:
    return profile.total_bytes


def _count(profile: HeapProfile) -> int:
    return profile.allocations
