"""A range of time that is moved and widened by keys: round steps, and never beyond the run."""

from __future__ import annotations

from math import floor, log10

from perftui.analysis.timeline import Range

_SHORTEST_S = 0.2
"""About as long as a window of samples takes to come; less says nothing."""
_STEPS_ACROSS = 5
"""Key presses that move a range by its own length."""
_SHORTEST_STEP_S = 0.1
_SAME_LENGTH = 0.9
"""Share of the longer of two ranges that the shorter one has."""


def moved(known: Range, step: int, run_s: float) -> Range:
    """Return a range so many steps further in a run of `run_s` seconds; at either end it keeps its length."""
    start_s, end_s = known
    by = step * step_of(end_s - start_s)
    by = max(-start_s, min(by, run_s - end_s)) if end_s <= run_s else min(0.0, by)
    return start_s + by, end_s + by


def widened(known: Range, step: int, run_s: float) -> Range:
    """Return a range whose end is a step later (a negative step: earlier); at the end of the run it begins earlier."""
    start_s, end_s = known
    length_s = end_s - start_s
    by = step_of(length_s) if step > 0 else -min(step_of(length_s), max(0.0, length_s - _SHORTEST_S))
    until_s = min(end_s + by, max(run_s, end_s))
    if by > 0 and until_s - end_s < by:
        start_s = max(0.0, start_s - (by - (until_s - end_s)))
    return start_s, until_s


def same_length(one: Range | None, other: Range | None) -> bool:
    """Say whether two ranges are of about one length; None is all of the time, of which each run has its own."""
    if one is None or other is None:
        return one is other
    shorter_s, longer_s = sorted(end_s - start_s for start_s, end_s in (one, other))
    return shorter_s >= _SAME_LENGTH * longer_s


def step_of(length_s: float) -> float:
    """Return the greatest round number of seconds, 1, 2 or 5 with zeros, that goes into a range several times."""
    most = max(length_s / _STEPS_ACROSS, _SHORTEST_STEP_S) * (1 + 1e-9)
    power = 10.0 ** floor(log10(most))
    return next(digit * power for digit in (5, 2, 1) if digit * power <= most or digit == 1)
