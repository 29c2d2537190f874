"""Whether a function that was named beforehand costs more than in a baseline: tested alone, by the counts of runs.

How much slower a run was as a whole is told by the median function and taken out, as in a comparison: what the host
does to all functions is no change of one of them. The function itself has no say in that: among few others it would
be the median, and no change of it would ever be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from perftui.analysis.measures import FunctionSubject
from perftui.analysis.noise import Trial, noise_of
from perftui.analysis.run_counts import FunctionCounts, RunCounts
from perftui.analysis.scalar_change import MeasuredChange, percent
from perftui.analysis.statistics import student
from perftui.analysis.statistics.power import smallest_detectable
from perftui.model.frame import Frame
from perftui.model.run_figures import FunctionRuns, RunFigures

FEWEST_SAMPLES = 20
"""On the side that has more; with fewer, no change can be told."""
_WORTH_SHARE = 0.005
"""Functions below this share of a side tell nothing of how fast its runs were."""
_NAMED = ("", "")
"""Stands for the function that is tested, with all that it calls; no function of a profile is called so."""


@dataclass(frozen=True, slots=True)
class FunctionChange:
    """What is said of one function; a change beyond what all functions share."""

    change: MeasuredChange
    """Medians are seconds a run, with what it calls."""
    samples: tuple[int, int]
    """That hold it, in all runs of baseline and current."""
    shared: float
    """How many times longer the median of the other functions takes on the current side."""


def named(subject: FunctionSubject, side: RunFigures) -> FunctionRuns | None:
    """Return what the functions of a subject cost in the runs of a side; None where none of them is known.

    Of several functions it is the one that costs most: samples that hold two of them would count twice.
    """
    found = [each for each in side.functions if _is_meant(subject, each)]
    return max(found, key=lambda each: (sum(each.total_s), each.file), default=None)


def _is_meant(subject: FunctionSubject, function: FunctionRuns) -> bool:
    """Say whether a function is meant, of whose file only the end may be kept."""
    if subject.matches(Frame(function.function, function.file)):
        return True
    kept = function.file.removeprefix("…/")
    return function.function == subject.function and subject.file.endswith(f"/{kept}")


def function_change(
    before: FunctionRuns, after: FunctionRuns, baseline: RunFigures, current: RunFigures
) -> FunctionChange | None:
    """Return how a function changed between two sides, or None where too few samples hold it to tell."""
    samples = (sum(before.samples), sum(after.samples))
    if max(samples) < FEWEST_SAMPLES or not baseline.runs or not current.runs:
        return None
    sides = (_counts(before, baseline), _counts(after, current))
    noise, trials = noise_of(*sides, worth=_is_worth, apart=_NAMED)
    trial = trials.get(_NAMED)
    if trial is None:
        return None
    return FunctionChange(_measured(trial, (baseline.runs, current.runs)), samples, noise.shared)


def _is_worth(samples: tuple[int, int], shares: tuple[float, float]) -> bool:
    return max(samples) >= FEWEST_SAMPLES and max(shares) >= _WORTH_SHARE


def _measured(trial: Trial, runs: tuple[int, int]) -> MeasuredChange:
    reach = student.quantile(0.975, trial.freedom) * trial.error
    old, new = trial.weights
    return MeasuredChange(
        baseline=old,
        current=new,
        change_pct=percent(exp(trial.log_ratio)),
        counts=runs,
        runs=runs,
        of_runs=True,
        interval_pct=(percent(exp(trial.log_ratio - reach)), percent(exp(trial.log_ratio + reach))),
        p=student.two_sided_p(trial.log_ratio / trial.error, trial.freedom),
        error=trial.error,
        detectable_pct=round(100 * smallest_detectable(trial.error), 9),
    )


def _counts(function: FunctionRuns, side: RunFigures) -> Sequence[RunCounts]:
    """Return the runs of a side: the other functions by what they do themselves, the named one with all it calls."""
    return [_run_counts(run, function, side) for run in range(len(function.samples))]


def _run_counts(run: int, function: FunctionRuns, side: RunFigures) -> RunCounts:
    whole = side.samples[run] if run < len(side.samples) else 0
    interval_s = side.seconds[run] / whole if whole and run < len(side.seconds) else 0.0
    counts = {
        (each.file, each.function): FunctionCounts(round(each.self_s[run] / interval_s) if interval_s else 0)
        for each in side.functions
        if each is not function
    }
    return RunCounts({**counts, _NAMED: FunctionCounts(function.samples[run])}, interval_s)
