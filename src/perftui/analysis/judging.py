"""Which functions changed: each one's counts on both sides, held against what chance and the host do to them.

Counts of samples vary more than those of independent events, by a dispersion that neighbouring seconds tell. Runs are
faster or slower as a whole, which the median function tells; what is left between runs of one side is measured where
there are several, and supposed where there is one. docs/comparison.md holds the method with its proof.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, inf, log1p

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.change_words import too_small_to_show
from perftui.analysis.noise import Noise, Trial, noise_of, summed
from perftui.analysis.run_counts import RunCounts
from perftui.analysis.statistics import student
from perftui.analysis.statistics.binomial import conditional_interval, conditional_p
from perftui.analysis.statistics.multiplicity import benjamini_hochberg
from perftui.analysis.statistics.power import ALPHA, more_runs, smallest_detectable
from perftui.model.change import Certainty, ChangeVerdict

LIST_Q = 0.01
"""Of the functions that are called changed, at most this share in the long run is not; see docs/comparison.md."""
LEAST_SAMPLES = 20
"""On the side that has more; with fewer, no change can be told."""
LEAST_SHARE = 0.005
"""Of a side's time, on the side where it is greater; what is smaller does not matter, however it changes."""
LEAST_CHANGE = 0.05
"""A smaller change of a function is not worth speaking of, however certain it is."""
LEAST_SECONDS = 0.01
"""As above, in seconds a run."""
TELLING = 0.3
"""Data that would have shown a change by three tenths, and show none, say that there is none."""
TELLING_SHARE = 0.01
"""As above, for changes by this share of the whole time."""
FEW = 40
"""Samples of both sides together, from which on their logarithm is near enough to normal."""
_SINGLE_P = 0.05
"""A change that would be one if no other function had been looked at leaves the matter open."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of one function."""

    verdict: ChangeVerdict
    certainty: Certainty = field(default_factory=Certainty)
    reason: str = ""
    """Why nothing can be told; empty where something is."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of all functions, and how noisy they are."""

    functions: Mapping[FunctionKey, Judgement]
    noise: Noise = field(default_factory=Noise)


_TOO_SELDOM = Judgement(ChangeVerdict.INCONCLUSIVE, reason=f"fewer than {LEAST_SAMPLES} samples on either side")
_TOO_SMALL = Judgement(
    ChangeVerdict.INCONCLUSIVE, reason=f"less than {100 * LEAST_SHARE:g} % of the time on either side"
)


def judge_functions(
    baseline: Sequence[RunCounts], current: Sequence[RunCounts], *, named: Collection[FunctionKey] = ()
) -> Judged:
    """Return a judgement of every function that either side has, by identity; a side is one run or several.

    Functions of a list are judged together, by their q values; those that are `named` beforehand, as a budget does,
    each alone, by its p value.
    """
    noise, trials = noise_of(baseline, current, worth_testing)
    tests = {key: _tested(trial) for key, trial in trials.items()}
    q_values = dict(zip(tests, benjamini_hochberg([test.p for test in tests.values()]), strict=True))
    whole = max((_weight(runs) for runs in (baseline, current)), default=0.0)
    judged = {
        key: _judgement(trials[key], test, q_values[key], whole, min(noise.runs), alone=key in named)
        for key, test in tests.items()
    }
    before, after = summed(baseline), summed(current)
    for key in (before.keys() | after.keys()) - judged.keys():
        judged[key] = _TOO_SELDOM if max(before.get(key, 0), after.get(key, 0)) < LEAST_SAMPLES else _TOO_SMALL
    return Judged(judged, noise)


def worth_testing(samples: tuple[int, int], shares: tuple[float, float]) -> bool:
    """Say whether a function was seen often enough, of baseline and current, that something can be told of it."""
    return max(samples) >= LEAST_SAMPLES and max(shares) >= LEAST_SHARE


@dataclass(frozen=True, slots=True)
class _Test:
    log_ratio: float
    error: float
    """Standard error of the log ratio."""
    p: float
    ci: tuple[float, float]
    """95 % interval of the ratio."""


def _tested(trial: Trial) -> _Test:
    p = student.two_sided_p(trial.log_ratio / trial.error, trial.freedom)
    reach = student.quantile(0.975, trial.freedom) * trial.error
    low, high = exp(trial.log_ratio - reach), exp(trial.log_ratio + reach)
    before, after = trial.samples
    if before + after < FEW or not before or not after:
        # Counts that vary more than independent events do tell as much as fewer that do not.
        few = [round(count / trial.dispersion) for count in trial.samples]
        exact = conditional_p(few[0], few[1], expected_share=trial.expected_share)
        least, most = conditional_interval(few[0], few[1], expected_share=trial.expected_share)
        # How many times more than nothing something is cannot be told: then it is what half a sample would say.
        most = high if most == inf else most
        if trial.freedom < inf:
            # Where runs of one side were seen to differ, a single outlier of them is no change.
            p, low, high = max(p, exact), min(low, least), max(high, most)
        else:
            p, low, high = exact, least, most
    return _Test(trial.log_ratio, trial.error, p, (low, high))


def _judgement(trial: Trial, test: _Test, q: float, whole: float, runs: int, *, alone: bool) -> Judgement:
    detectable = smallest_detectable(test.error)
    low, high = test.ci
    clear = test.p <= ALPHA if alone else q <= LIST_Q
    large = _is_large(trial, whole)
    more: int | None = None
    reason = ""
    if clear and large:
        verdict = _direction(trial)
    elif clear or _is_small(low, high) or (test.p > _SINGLE_P and _would_have_shown(trial, detectable, whole)):
        verdict = ChangeVerdict.WITHIN_NOISE
    else:
        verdict = ChangeVerdict.INCONCLUSIVE
        target = max(abs(test.log_ratio), log1p(TELLING))
        more = more_runs(target, test.error, runs)
        reason = _open(test, detectable)
    certainty = Certainty(
        ci=(low, high),
        p=test.p,
        q=None if alone else q,
        smallest_detectable=detectable,
        more_runs=more,
    )
    return Judgement(verdict, certainty, reason)


def _direction(trial: Trial) -> ChangeVerdict:
    before, after = trial.samples
    if not before:
        return ChangeVerdict.APPEARED
    if not after:
        return ChangeVerdict.VANISHED
    return ChangeVerdict.SLOWER if trial.log_ratio > 0 else ChangeVerdict.FASTER


def _is_large(trial: Trial, whole: float) -> bool:
    """Say whether what changed, beyond what everything did, is worth speaking of."""
    before, after = trial.weights
    expected = before * trial.shared
    change = abs(after - expected)
    return change >= max(LEAST_SECONDS, LEAST_SHARE * whole) and change >= LEAST_CHANGE * min(
        weight for weight in (expected, after, inf) if weight > 0
    )


def _is_small(low: float, high: float) -> bool:
    """Say whether whatever the change is, it is not worth speaking of."""
    return low > 1 / (1 + LEAST_CHANGE) and high < 1 + LEAST_CHANGE


def _would_have_shown(trial: Trial, detectable: float, whole: float) -> bool:
    return detectable <= TELLING or detectable * max(trial.weights) <= TELLING_SHARE * whole


def _open(test: _Test, detectable: float) -> str:
    if test.p <= _SINGLE_P:
        return "it may have changed: of so many functions, one may differ so much by chance"
    return too_small_to_show(detectable)


def _weight(runs: Sequence[RunCounts]) -> float:
    return sum(run.weight for run in runs) / max(1, len(runs))
