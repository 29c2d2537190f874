"""Rules for calling a function changed: perftui's, and those that it is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf, log, sqrt
from statistics import fmean, median

from harness.verdict_runs import Judge
from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.judging import judge_functions, worth_testing
from perftui.analysis.noise import Trial, noise_of
from perftui.analysis.run_counts import RunCounts
from perftui.analysis.statistics.multiplicity import benjamini_hochberg
from perftui.analysis.statistics.normal import two_sided_p
from perftui.analysis.statistics.ranks import mann_whitney
from perftui.model.change import ChangeVerdict

Runs = Sequence[RunCounts]
_Q = 0.05
_WORSE = (ChangeVerdict.SLOWER, ChangeVerdict.APPEARED)


def perftui(before: Runs, after: Runs) -> Mapping[FunctionKey, int]:
    """Return what `perftui compare` says."""
    judged = judge_functions(before, after).functions
    return {key: 1 if found.verdict in _WORSE else -1 for key, found in judged.items() if found.verdict.clear}


def ten_percent(before: Runs, after: Runs) -> Mapping[FunctionKey, int]:
    """Call what differs by more than a tenth changed."""
    changes = {key: _change(trial) for key, trial in _trials(before, after).items()}
    return {key: 1 if change > 0 else -1 for key, change in changes.items() if abs(change) > log(1.1)}


def poisson(before: Runs, after: Runs) -> Mapping[FunctionKey, int]:
    """Take counts for those of independent events, and test all of them together."""
    return _tested(before, after, lambda trial: sqrt(sum(1 / (count + 0.5) for count in trial.samples)))


def quasi_poisson(before: Runs, after: Runs) -> Mapping[FunctionKey, int]:
    """Take the dispersion from seconds and the variance between runs from all functions; both are taken for known."""
    noise, trials = noise_of(before, after, worth_testing)
    logs = _steadied({key: _logs(key, (*before, *after)) for key in trials})
    weight = excess = 0.0
    for key, values in logs.items():
        counted = noise.dispersion * fmean(1 / (_count(run, key) + 0.5) for run in (*before, *after))
        sides = (values[: len(before)], values[len(before) :])
        squares = sum((value - fmean(side)) ** 2 for side in sides for value in side)
        excess += squares / (len(values) - 2) / counted - 1
        weight += 1 / counted
    between = max(0.02**2, excess / weight) * (1 / len(before) + 1 / len(after)) if weight else 0.0

    def error(trial: Trial) -> float:
        return sqrt(sum(noise.dispersion / (count + 0.5) for count in trial.samples) + between)

    return _tested(before, after, error)


def _logs(key: FunctionKey, runs: Runs) -> list[float]:
    return [log((_count(run, key) + 0.5) * run.interval_s) for run in runs]


def _steadied(logs: Mapping[FunctionKey, list[float]]) -> dict[FunctionKey, list[float]]:
    """Return logarithms without what makes a run slower as a whole: what its median function does."""
    means = {key: fmean(values) for key, values in logs.items()}
    runs = len(next(iter(logs.values()), ()))
    shifts = [median(values[run] - means[key] for key, values in logs.items()) for run in range(runs)]
    return {key: [value - shift for value, shift in zip(values, shifts, strict=True)] for key, values in logs.items()}


def _count(run: RunCounts, key: FunctionKey) -> int:
    counts = run.functions.get(key)
    return counts.samples if counts else 0


def ranks(before: Runs, after: Runs) -> Mapping[FunctionKey, int]:
    """Test the order of the runs' counts, function by function."""
    trials = _trials(before, after)
    p_values = []
    for key in trials:
        sides = [[_count(run, key) * run.interval_s for run in runs] for runs in (before, after)]
        p_values.append(mann_whitney(sides[0], sides[1]).p)
    return _called(trials, p_values)


RULES: Mapping[str, Judge] = {
    "more than 10 %": ten_percent,
    "Poisson, BH 0.05": poisson,
    "Mann-Whitney, BH 0.05": ranks,
    "quasi-Poisson, pooled, BH 0.05": quasi_poisson,
    "perftui": perftui,
}


def _trials(before: Runs, after: Runs) -> dict[FunctionKey, Trial]:
    return noise_of(before, after, worth_testing)[1]


def _change(trial: Trial) -> float:
    old, new = trial.weights
    return log(new / old) if old and new else inf if new else -inf


def _tested(before: Runs, after: Runs, error: Callable[[Trial], float]) -> Mapping[FunctionKey, int]:
    trials = _trials(before, after)
    return _called(trials, [two_sided_p(trial.log_ratio / error(trial)) for trial in trials.values()])


def _called(trials: Mapping[FunctionKey, Trial], p_values: Sequence[float]) -> Mapping[FunctionKey, int]:
    q_values = benjamini_hochberg(p_values)
    return {
        key: 1 if trial.log_ratio > 0 else -1
        for (key, trial), q in zip(trials.items(), q_values, strict=True)
        if q <= _Q
    }
