"""Whether one figure of whole runs, or the time of an operation, has become greater, and whether that may be said.

Values of one process depend on those before them, so they tell of that run alone. Where there are several runs of each
side, each gives one value, its median, and these are compared: by their order, and by the ratio of the sides' medians.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, log, log1p, pi, sqrt
from statistics import fmean, median

from perftui.analysis.statistics import student
from perftui.analysis.statistics.median_ratio import ratio_interval
from perftui.analysis.statistics.normal import quantile
from perftui.analysis.statistics.power import ALPHA, POWER, more_runs
from perftui.analysis.statistics.ranks import mann_whitney
from perftui.model.verdict import Verdict

NEEDED = 5
"""Values a side, below which no order of them is rare enough to tell."""
_EFFICIENCY = 3 / pi
"""Of a test of ranks, beside one of means, where values are normal (Lehmann, Nonparametrics, 1975, section 2.4)."""
_MOST_VALUES = 2_000
"""Of more values of one run evenly chosen ones tell as much, and sooner."""
_NOTHING = 1e-30
"""In base units: what is less was not measured, and ratios of it are beyond every number."""
_GREATEST_PCT = 1e18
_DIGITS = 9
"""Of a percentage: what a limit that is just met differs by from itself is rounding."""

Runs = Sequence[Sequence[float]]
"""The values of one side: an inner sequence for each process."""


@dataclass(frozen=True, slots=True)
class MeasuredChange:
    """How far the current side lies from the baseline, and how sure that is."""

    baseline: float
    """Median of the side's values."""
    current: float
    change_pct: float | None
    """(current / baseline - 1) * 100; None where the baseline is nothing."""
    counts: tuple[int, int]
    """How many values were compared: of baseline and current."""
    runs: tuple[int, int]
    """How many processes they come from."""
    of_runs: bool = False
    """Each value is what a run of its own says; otherwise they are those of too few runs to tell how runs differ."""
    interval_pct: tuple[float, float] | None = None
    """95 % interval of the change; None where there are too few values for one."""
    p: float | None = None
    """Two-sided; None where it was not tested."""
    error: float | None = None
    """Standard error of the logarithm of the ratio."""
    detectable_pct: float | None = None
    """Smallest increase that would have been found, with a chance of four fifths."""

    @property
    def is_few(self) -> bool:
        """Whether a side has too few values to tell anything; with enough of them there is a zero where p is None."""
        return min(self.counts) < NEEDED


def percent(ratio: float) -> float:
    """Return what a ratio is more than one, in percent: a number even where the ratio is beyond every number."""
    return min(round(100 * (ratio - 1), _DIGITS) + 0.0, _GREATEST_PCT)


def measured_change(baseline: Runs, current: Runs) -> MeasuredChange:
    """Return what is known of a change; each side has at least one value."""
    before, after = ([tuple(run) for run in side if run] for side in (baseline, current))
    runs = (len(before), len(after))
    of_runs = min(runs) >= NEEDED
    sides = [[median(run) for run in side] if of_runs else _pooled(side) for side in (before, after)]
    old, new = (median(side) for side in sides)
    counts = (len(sides[0]), len(sides[1]))
    if min((*sides[0], *sides[1])) <= _NOTHING:
        change = 0.0 if old == new else percent(new / old) if old > _NOTHING else None
        if len({*sides[0], *sides[1]}) == 1 and min(counts) >= NEEDED:
            # Zero again and again, as of allocations, is as sure as any other number that never changes.
            return MeasuredChange(old, new, 0.0, counts, runs, of_runs, interval_pct=(0.0, 0.0), p=1.0)
        return MeasuredChange(old, new, change, counts, runs, of_runs)
    change = percent(new / old)
    if min(counts) < NEEDED:
        return MeasuredChange(old, new, change, counts, runs, of_runs)
    error, freedom = _error(*sides)
    low, high = ratio_interval(*sides)
    return MeasuredChange(
        old,
        new,
        change,
        counts,
        runs,
        of_runs,
        interval_pct=(percent(low), percent(high)),
        p=mann_whitney(*sides).p,
        error=error,
        detectable_pct=_detectable_pct(error, freedom),
    )


def verdict_of_change(change: MeasuredChange, warn: float | None, fail: float | None) -> Verdict:
    """Return what limits of an increase, in percent, say of a change; exactly at `fail` passes, at `warn` warns.

    What is surely above a limit breaks it. What is not passes where it surely lies below, or where so much would have
    been seen; everything else is open.
    """
    if change.change_pct is None or change.p is None or change.interval_pct is None:
        return Verdict.INCONCLUSIVE
    low, high = change.interval_pct
    sure = change.p < ALPHA and change.change_pct > 0 and low > 0
    if sure and fail is not None and change.change_pct > fail:
        return Verdict.FAIL
    if sure and warn is not None and change.change_pct >= warn:
        return Verdict.WARN
    below = high < warn if warn is not None else fail is None or high <= fail
    return Verdict.PASS if below or (not sure and _would_have_shown(change, warn, fail)) else Verdict.INCONCLUSIVE


def verdict_of_point(change_pct: float, warn: float | None, fail: float | None) -> Verdict:
    """Return what limits of an increase say of two plain numbers; exactly at `fail` passes, at `warn` warns."""
    if fail is not None and change_pct > fail:
        return Verdict.FAIL
    return Verdict.WARN if warn is not None and change_pct >= warn else Verdict.PASS


def runs_to_decide(change: MeasuredChange, limit_pct: float, *, at_least: int = NEEDED) -> int | None:
    """Return about how many more runs a side would decide; None where too many would be needed to say."""
    fewest = min(change.runs)
    lacking = max(0, at_least - fewest)
    if not change.of_runs or change.error is None:
        return lacking or None
    ratio = 1 + (change.change_pct or 0.0) / 100
    # What lies near the limit is decided by what lies between both, and that takes many.
    apart = abs(log(ratio) - log1p(limit_pct / 100)) if ratio > 0 and limit_pct > -100 else 0.0
    needed = more_runs(max(apart, log1p(0.01)), change.error, fewest)
    return None if needed is None else max(lacking, needed)


def _would_have_shown(change: MeasuredChange, warn: float | None, fail: float | None) -> bool:
    limit = fail if fail is not None else warn
    first = warn if warn is not None else fail
    if limit is None or first is None or change.detectable_pct is None or change.change_pct is None:
        return limit is None
    return change.detectable_pct <= limit and verdict_of_point(change.change_pct, warn, fail) is Verdict.PASS


def _pooled(side: Runs) -> list[float]:
    values = [value for run in side for value in run]
    if len(values) <= _MOST_VALUES:
        return values
    return [values[place * len(values) // _MOST_VALUES] for place in range(_MOST_VALUES)]


def _error(before: Sequence[float], after: Sequence[float]) -> tuple[float, int]:
    """Return the standard error of the log ratio of two medians, and its degrees of freedom."""
    sides = [[log(value) for value in side] for side in (before, after)]
    freedom = len(before) + len(after) - 2
    means = [fmean(side) for side in sides]
    squares = fsum((value - mean) ** 2 for side, mean in zip(sides, means, strict=True) for value in side)
    per_value = 1 / len(before) + 1 / len(after)
    return sqrt(squares / freedom * per_value / _EFFICIENCY), freedom


def _detectable_pct(error: float, freedom: int) -> float:
    # Few values do not know their own spread well, so it takes a greater change than a normal distribution says.
    return percent(exp(min(700.0, (student.quantile(1 - ALPHA / 2, freedom) + quantile(POWER)) * error)))
