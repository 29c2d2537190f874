"""Whether the whole of a program became slower: judged apart from its functions, so that what all share is told."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, fsum, inf, log, log1p, pi, sqrt
from operator import ne
from statistics import fmean, median, median_low

from perftui.analysis.change_words import too_small_to_show
from perftui.analysis.compare import Tolerance
from perftui.analysis.run_counts import RunCounts
from perftui.analysis.run_holdings import judge_amounts, span_of
from perftui.analysis.statistics import student
from perftui.analysis.statistics.bootstrap import ratio_of_medians
from perftui.analysis.statistics.power import ALPHA, more_runs, smallest_detectable
from perftui.analysis.statistics.ranks import mann_whitney
from perftui.model.change import Certainty, ChangeVerdict, TotalChange

SUPPOSED_BETWEEN = 0.15
"""What the total of one program is supposed to differ by between runs: on busy hosts it was measured to."""
_SUPPOSED_CPU = 0.05
"""As above, of the CPU time that the kernel counts."""
_SUPPOSED_FREEDOM = 4
"""Degrees of freedom that this is worth beside what is measured."""
_FROM_RANKS = 5
"""Runs a side from which on their order alone can tell."""
LEAST_CHANGE = 0.01
"""A smaller change of the whole is not worth speaking of."""
TELLING = 0.1
"""Data that would have shown a change by a tenth, and show none, say that there is none."""
# Of a test of ranks, beside one of means, where values are normal (Lehmann, Nonparametrics, 1975, section 2.4).
_EFFICIENCY = 3 / pi
ONE_RUN = "a side is a single run: how far runs of it differ is not known"
ARBITRARY = "how long one looked decides how much was seen"


def judge_total(
    baseline: Sequence[float],
    current: Sequence[float],
    *,
    arbitrary: bool = False,
    supposed: float = SUPPOSED_BETWEEN,
) -> TotalChange:
    """Return what is said of the weights of whole runs, one for each run of each side.

    From five runs a side on by their ranks, with an interval of the ratio of medians; with fewer, by the logarithms
    and what runs are supposed to differ by.

    Args:
        baseline: Weights of the runs of the baseline.
        current: Weights of the runs of the current side.
        arbitrary: Runs were ended when somebody liked, so that nothing follows from their weights.
        supposed: What the logarithm of a run is supposed to differ by, where runs are few.
    """
    before, after = (fmean(side) if side else 0.0 for side in (baseline, current))
    runs = (len(baseline), len(current))
    if arbitrary:
        return TotalChange(before, after, ChangeVerdict.INCONCLUSIVE, runs=runs, reason=ARBITRARY)
    if min((*baseline, *current), default=0.0) <= 0:
        return TotalChange(before, after, _of_nothing(before, after), runs=runs, reason="a run has no samples at all")
    error, freedom = _error(baseline, current, supposed)
    if min(runs) >= _FROM_RANKS:
        log_ratio = log(median(current) / median(baseline))
        p, interval = mann_whitney(baseline, current).p, ratio_of_medians(baseline, current)
        error /= sqrt(_EFFICIENCY)
    else:
        log_ratio = fmean(map(log, current)) - fmean(map(log, baseline))
        reach = student.quantile(0.975, freedom) * error
        p, interval = student.two_sided_p(log_ratio / error, freedom), (exp(log_ratio - reach), exp(log_ratio + reach))
    detectable = smallest_detectable(error)
    clear = p <= ALPHA and not interval[0] <= 1 <= interval[1]
    if clear and abs(exp(log_ratio) - 1) >= LEAST_CHANGE:
        verdict, more = (ChangeVerdict.SLOWER if log_ratio > 0 else ChangeVerdict.FASTER), None
    elif clear or (p > ALPHA and detectable <= TELLING):
        verdict, more = ChangeVerdict.WITHIN_NOISE, None
    else:
        verdict, more = ChangeVerdict.INCONCLUSIVE, more_runs(max(abs(log_ratio), log1p(TELLING)), error, min(runs))
    is_open = verdict is ChangeVerdict.INCONCLUSIVE
    reason = too_small_to_show(detectable) if is_open else ""
    certainty = Certainty(ci=interval, p=p, smallest_detectable=detectable, more_runs=more)
    return TotalChange(before, after, verdict, certainty, runs, reason)


def judge_cpu_time(baseline: Sequence[RunCounts], current: Sequence[RunCounts]) -> TotalChange | None:
    """Return what is said of the CPU time that the kernel counted for each run; None where it is not known of all.

    A thread that waits for a processor is seen as running, but uses none: on a busy host this tells the sides apart.
    """
    sides = [[run.cpu_s for run in runs if run.cpu_s] for runs in (baseline, current)]
    if not (sides[0] and sides[1]) or any(map(ne, map(len, sides), map(len, (baseline, current)))):
        return None
    return judge_total(sides[0], sides[1], supposed=_SUPPOSED_CPU)


def judge_exact_total(before: Sequence[float], after: Sequence[float], tolerance: Tolerance) -> TotalChange:
    """Return what is said of figures that nothing was sampled for, one for each run: the medians, and their spans."""
    verdict, reason = judge_amounts(before, after, tolerance)
    return TotalChange(
        median_low(before),
        median_low(after),
        verdict,
        runs=(len(before), len(after)),
        reason=reason or (ONE_RUN if min(len(before), len(after)) == 1 else ""),
        spans=(span_of(before), span_of(after)),
    )


def _of_nothing(before: float, after: float) -> ChangeVerdict:
    return ChangeVerdict.WITHIN_NOISE if before == after == 0 else ChangeVerdict.INCONCLUSIVE


def _error(baseline: Sequence[float], current: Sequence[float], between: float) -> tuple[float, float]:
    """Return the standard error of the log ratio of two means of logs, and its degrees of freedom."""
    measured = len(baseline) + len(current) - 2
    squares = fsum((log(value) - fmean(map(log, side))) ** 2 for side in (baseline, current) for value in side)
    supposed = _SUPPOSED_FREEDOM * between**2
    variance = (supposed + squares) / (_SUPPOSED_FREEDOM + measured)
    per_run = sum(1 / len(side) for side in (baseline, current))
    return sqrt(variance * per_run), _SUPPOSED_FREEDOM + measured if measured else inf
