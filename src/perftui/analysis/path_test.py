"""Which paths of two sampled call trees differ: held against the noise of functions, as sure as these have to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, log, sqrt
from statistics import median

from perftui.analysis.judging import FEW, LEAST_CHANGE, LEAST_SAMPLES, TELLING
from perftui.analysis.noise import Noise
from perftui.analysis.statistics.binomial import conditional_p
from perftui.analysis.statistics.power import smallest_detectable
from perftui.model.change import ChangeVerdict, FunctionChange

_REACH = 1.959964
"""Standard errors that a 95 % interval reaches to each side."""
_SINGLE_P = 0.05
"""A change that would be one if nothing else had been looked at leaves the matter open."""
_CONTINUITY = 0.5
_NEXT_TO_NOTHING = 1e-300


@dataclass(frozen=True, slots=True)
class PathTest:
    """What the samples of one path, on both sides, are held against."""

    noise: Noise
    least_sure: float = 0.0
    """Greatest chance, p, of a function that is called changed: a path must be as sure. 0 where none is."""
    wider: float = 1.0
    """How many times the errors of functions are those that the noise of all of them makes."""
    exchange: float = 1.0
    """Samples of the baseline that weigh as much as one of the current side, where nothing changed."""

    def verdict(self, before: float, after: float) -> ChangeVerdict:
        """Return what so many samples of baseline and current, in all runs, tell of a path."""
        if max(before, after) < LEAST_SAMPLES:
            return ChangeVerdict.INCONCLUSIVE
        log_ratio = log((after + _CONTINUITY) / (before + _CONTINUITY) * self.exchange)
        chance = self._chance(before, after, log_ratio)
        sure = self.least_sure > 0 and chance <= self.least_sure
        if not sure or exp(abs(log_ratio)) - 1 < LEAST_CHANGE:
            error = self.wider * self.noise.error(before, after)
            would_have_shown = chance > _SINGLE_P and smallest_detectable(error) <= TELLING
            return ChangeVerdict.WITHIN_NOISE if sure or would_have_shown else ChangeVerdict.INCONCLUSIVE
        if not before:
            return ChangeVerdict.APPEARED
        if not after:
            return ChangeVerdict.VANISHED
        return ChangeVerdict.SLOWER if log_ratio > 0 else ChangeVerdict.FASTER

    def _chance(self, before: float, after: float, log_ratio: float) -> float:
        error = self.wider * self.noise.error(before, after)
        p = erfc(abs(log_ratio) / error / sqrt(2))
        if before + after >= FEW and before and after:
            return p
        varies = self.noise.dispersion + self.noise.between**2 * max(before, after) / min(self.noise.runs)
        few = [round(count / varies) for count in (before, after)]
        share = self.exchange / (1 + self.exchange)
        if before and after:
            exact = conditional_p(few[0], few[1], expected_share=share)
        else:
            # All of them on one side: of thousands, too, that is one chance, and the other tail adds as much at most.
            exact = min(1.0, 2 * (share if before else 1 - share) ** sum(few))
        # Where runs of one side were seen to differ, a single outlier of them is no change.
        return exact if max(self.noise.runs) == 1 else max(p, exact)


def path_test(changes: Sequence[FunctionChange], noise: Noise, *, per_sample: tuple[float, float]) -> PathTest:
    """Return the test of the paths of two sides whose functions were judged.

    Args:
        changes: What was said of the functions.
        noise: Their noise.
        per_sample: What a sample weighs, of baseline and current; divided by what all functions share where that is
            not to be called a change of each path.
    """
    # A chance so small that it is 0 here is still one.
    clear = [
        max(_NEXT_TO_NOTHING, change.certainty.p)
        for change in changes
        if change.verdict.clear and change.certainty.p is not None
    ]
    factors = [
        log(high / low) / 2 / _REACH / noise.error(change.baseline_count, change.current_count)
        for change in changes
        if (ci := change.certainty.ci) is not None
        for low, high in (ci,)
        if 0 < low < high
    ]
    before, after = per_sample
    return PathTest(
        noise,
        least_sure=max(clear, default=0.0),
        wider=max(1.0, median(factors)) if factors else 1.0,
        exchange=after / before if before > 0 and after > 0 else 1.0,
    )
