"""How noisy the functions of a comparison are: what their counts do between seconds, and between runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, hypot, inf, log, pi, sqrt
from statistics import fmean, median

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.run_counts import FunctionCounts, RunCounts, waiting
from perftui.analysis.statistics.dispersion import FEW_BLOCKS, OWN_FROM, SUPPOSED_DISPERSION, Spread, pooled, spread_of
from perftui.analysis.statistics.moderation import Prior, prior_of

LEAST_BETWEEN = 0.02
"""Runs of one program differ by as much as 2 % in each function, however much is measured."""
SUPPOSED_BETWEEN = 0.05
"""What a function is supposed to differ by between runs where each side has only one, on a quiet host."""
_WAITING = 0.5
"""So much of the logarithm of what a run waited for a processor comes to that: waiting falls on some functions more."""
_BORROWED = 100
"""Pairs of seconds that a function's own dispersion must rest on to count as much as that of all functions."""
_SINGLE_RUNS = 2
"""Runs of both sides together where each has only one."""
_FEW_FUNCTIONS = 3
"""The median of fewer says nothing of how fast a run was as a whole."""
_MANY_FUNCTIONS = 8
"""Of fewer, half may have changed indeed."""
_TRUE_MEDIAN = 0.6745
"""Median of the distance from 0 of a standard normal value."""
_NOTHING = FunctionCounts(0)

Worth = Callable[[tuple[int, int], tuple[float, float]], bool]
"""Says of (samples on both sides, shares on both sides) whether a function is worth a test."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What is common to all functions of a comparison."""

    dispersion: float = SUPPOSED_DISPERSION
    """Variance over mean of counts, of all functions together."""
    between: float = SUPPOSED_BETWEEN
    """Standard deviation of a function's logarithm between runs of one side, beyond that of counts.

    It holds how uncertain the median function of a run is, too.
    """
    shared: float = 1.0
    """How many times longer the median function takes on the current side."""
    runs: tuple[int, int] = (1, 1)

    def error(self, baseline_samples: float, current_samples: float) -> float:
        """Return the standard error of the log ratio of two sums of counts, over all runs of both sides."""
        counted = self.dispersion * (1 / (baseline_samples + 0.5) + 1 / (current_samples + 0.5))
        return sqrt(counted + self.between**2 * sum(1 / runs for runs in self.runs))


@dataclass(frozen=True, slots=True)
class Trial:
    """What the test of one function goes by."""

    samples: tuple[int, int]
    """Of baseline and current, in all runs."""
    weights: tuple[float, float]
    """A run."""
    log_ratio: float
    """Beyond what all functions share."""
    error: float
    """Its standard error."""
    freedom: float
    """Degrees of freedom of the error; infinite where it is supposed."""
    dispersion: float
    """Variance over mean of its samples in all runs, with what runs differ by."""
    shared: float
    """How many times longer the median function takes on the current side."""
    expected_share: float
    """Share of the samples that the baseline would have if nothing had changed."""


@dataclass(slots=True)
class _Row:
    """One function in all runs, those of the baseline first."""

    counts: list[int]
    spread: Spread
    logs: list[float]
    """Logarithms of its weights."""
    dispersion: float = SUPPOSED_DISPERSION
    counted: float = 0.0
    """Variance of a log weight in one run that comes of counting, on average."""
    measured: float = 0.0
    """Variance of its log weights between runs of one side."""


def noise_of(
    baseline: Sequence[RunCounts], current: Sequence[RunCounts], worth: Worth, *, apart: FunctionKey | None = None
) -> tuple[Noise, dict[FunctionKey, Trial]]:
    """Return the noise of a comparison, and a trial of each function that is worth one, by identity.

    The function `apart` has no say in how fast a run was as a whole.
    """
    runs, first = (*baseline, *current), len(baseline)
    sizes = (first, len(current))
    rows = {key: _row(key, runs, _intervals(runs)) for key in _keys_worth(baseline, current, worth)}
    if not rows:
        return Noise(runs=sizes), {}
    together = _disperse(rows, runs)
    common = _common([row for key, row in rows.items() if key != apart])
    shifts = _shifts(common, first, len(runs))
    for row in rows.values():
        row.logs = [value - shift for value, shift in zip(row.logs, shifts, strict=True)]
        row.measured = _within(row.logs, first)
    freedom = len(runs) - 2
    steadied = _median_error(common)
    between = _between(list(rows.values()), steadied) if freedom else SUPPOSED_BETWEEN + _WAITING * waiting(runs)
    between = hypot(between, steadied)
    shared = exp(fmean(shifts[first:]) - fmean(shifts[:first]))
    prior = prior_of([row.measured / (row.counted + between**2) for row in rows.values()], freedom) if freedom else None
    exposures = [exp(shift) / interval_s for shift, interval_s in zip(shifts, _intervals(runs), strict=True)]
    expected = sum(exposures[:first]) / sum(exposures)
    made = {
        key: _trial(row, runs, first, between=between, prior=prior, shared=shared, expected_share=expected)
        for key, row in rows.items()
    }
    if prior is None:
        made = _widened(made)
    return Noise(together, between, shared, sizes), made


def _keys_worth(baseline: Sequence[RunCounts], current: Sequence[RunCounts], worth: Worth) -> list[FunctionKey]:
    sums = [summed(runs) for runs in (baseline, current)]
    wholes = [sum(each.values()) or 1 for each in sums]
    keys = sorted(sums[0].keys() | sums[1].keys())
    found = []
    for key in keys:
        before, after = sums[0].get(key, 0), sums[1].get(key, 0)
        if worth((before, after), (before / wholes[0], after / wholes[1])):
            found.append(key)
    return found


def summed(runs: Sequence[RunCounts]) -> Mapping[FunctionKey, int]:
    """Return the samples of each function in all runs."""
    sums: dict[FunctionKey, int] = {}
    for run in runs:
        for key, counts in run.functions.items():
            sums[key] = sums.get(key, 0) + counts.samples
    return sums


def _intervals(runs: Sequence[RunCounts]) -> list[float]:
    """Return what a sample of each run weighs; what a run without samples would have weighed is supposed."""
    supposed = max((run.interval_s for run in runs), default=0.0) or 1.0
    return [run.interval_s or supposed for run in runs]


def _row(key: FunctionKey, runs: Sequence[RunCounts], intervals: Sequence[float]) -> _Row:
    counts, logs, spread = [], [], Spread()
    for run, interval_s in zip(runs, intervals, strict=True):
        seen = run.functions.get(key, _NOTHING)
        counts.append(seen.samples)
        logs.append(log((seen.samples + 0.5) * interval_s))
        spread += spread_of(seen.blocks)
    return _Row(counts, spread, logs)


def _disperse(rows: Mapping[FunctionKey, _Row], runs: Sequence[RunCounts]) -> float:
    """Give each row its dispersion and return that of all together."""
    blocks = sum(run.block_count for run in runs)
    told = pooled(row.spread for row in rows.values())
    together = max(1.0, told or 0.0)
    if told is None or blocks < FEW_BLOCKS:
        together = max(together, SUPPOSED_DISPERSION)
    for row in rows.values():
        own = row.spread.dispersion
        if own is None or blocks < FEW_BLOCKS or sum(row.counts) < OWN_FROM:
            row.dispersion = together
        else:
            pairs = row.spread.pairs
            row.dispersion = max(1.0, (_BORROWED * together + pairs * own) / (_BORROWED + pairs))
            if len(runs) == _SINGLE_RUNS:
                # No other run tells how much this function really varies.
                row.dispersion = max(row.dispersion, own)
        row.counted = row.dispersion * fmean(1 / (count + 0.5) for count in row.counts)
    return together


def _shifts(common: Sequence[_Row], first: int, number: int) -> list[float]:
    """Return by how much each run is slower than others as a whole, as a logarithm: what its median function says.

    The median of ratios to a common reference (Anders and Huber, Genome Biology 11, 2010): what only a few functions
    do leaves it alone.
    """
    if not common:
        return [0.0] * number
    references = [(fmean(row.logs[:first]) + fmean(row.logs[first:])) / 2 for row in common]
    return [
        median(row.logs[run] - reference for row, reference in zip(common, references, strict=True))
        for run in range(number)
    ]


def _common(rows: Sequence[_Row]) -> list[_Row]:
    """Return the functions that tell how fast a run was as a whole; none where they are too few."""
    common = [row for row in rows if all(row.counts)]
    return common if len(common) >= _FEW_FUNCTIONS else []


def _median_error(common: Sequence[_Row]) -> float:
    """Return by how much the median function of a run is itself uncertain, as a logarithm.

    The median of so many values varies pi/2 times as much as their mean (Laplace 1818; Stigler, Biometrika 60, 1973).
    """
    return sqrt(pi / 2 * median(row.counted for row in common) / len(common)) if common else 0.0


def _within(logs: Sequence[float], first: int) -> float:
    """Return the variance of runs around the mean of their side; 0 where no side has two."""
    sides = (logs[:first], logs[first:])
    squares = sum((value - fmean(side)) ** 2 for side in sides for value in side)
    return squares / max(1, len(logs) - 2)


def _between(rows: Sequence[_Row], steadied: float) -> float:
    """Return the standard deviation between runs that counting does not explain, of the median function."""
    return max(LEAST_BETWEEN, sqrt(max(0.0, median(row.measured - row.counted for row in rows) - steadied**2)))


def _trial(
    row: _Row,
    runs: Sequence[RunCounts],
    first: int,
    *,
    between: float,
    prior: Prior | None,
    shared: float,
    expected_share: float,
) -> Trial:
    sizes = (first, len(runs) - first)
    sides = (row.counts[:first], row.counts[first:])
    counted = sum(
        row.dispersion * fmean(1 / (count + 0.5) for count in side) / size
        for side, size in zip(sides, sizes, strict=True)
    )
    error = sqrt(counted + between**2 * sum(1 / size for size in sizes))
    freedom = inf
    if prior is not None:
        measured = len(runs) - 2
        error *= sqrt(prior.moderated(row.measured / (row.counted + between**2), measured))
        # Few runs may agree by luck: what independent samples differ by is there all the same.
        error = max(error, sqrt(sum(1 / seen for side in sides if (seen := sum(side)))))
        freedom = measured + prior.freedom
    weights = [count * run.interval_s for count, run in zip(row.counts, runs, strict=True)]
    return Trial(
        samples=(sum(sides[0]), sum(sides[1])),
        weights=(fmean(weights[:first]), fmean(weights[first:])),
        log_ratio=fmean(row.logs[first:]) - fmean(row.logs[:first]),
        error=error,
        freedom=freedom,
        dispersion=row.dispersion + between**2 * max(map(fmean, sides)),
        shared=shared,
        expected_share=expected_share,
    )


def _widened(trials: Mapping[FunctionKey, Trial]) -> dict[FunctionKey, Trial]:
    """Return trials of one run against one with errors as great as the functions together show them to be.

    Most functions did not change, so that the median of their distances from 0 tells the true error: the empirical
    null of Efron (Journal of the American Statistical Association 99, 2004), and genomic control before it.
    """
    distances = [abs(trial.log_ratio) / trial.error for trial in trials.values() if all(trial.samples)]
    if len(distances) < _MANY_FUNCTIONS:
        return dict(trials)
    factor = max(1.0, median(distances) / _TRUE_MEDIAN)
    return {key: replace(trial, error=factor * trial.error) for key, trial in trials.items()}
