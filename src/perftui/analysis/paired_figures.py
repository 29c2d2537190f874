"""Meters, memory and budgets of two sides: of several runs the median, and between what all of them lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median, median_low

from perftui.analysis.measures import Measures, MeterFigures
from perftui.analysis.run_holdings import span_of
from perftui.model.change import Span
from perftui.model.reading import METERS, Meter
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.units import Unit

Verdicts = Iterable[RuleVerdict]
"""What one run was judged by."""
_WORST_FIRST = (
    *(Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.MISSING),
    *(Verdict.PASS, Verdict.INFO, Verdict.UNBUDGETED),
)


@dataclass(frozen=True, slots=True)
class FigurePair:
    """One figure of both sides, of several runs their median; None where a side did not measure it."""

    label: str
    unit: Unit
    baseline: float | None
    current: float | None
    spans: tuple[Span | None, Span | None] = (None, None)
    """Between what the runs of baseline and current lie; None of a single run."""

    @property
    def delta(self) -> float | None:
        """Current less baseline, where both are known."""
        return None if self.baseline is None or self.current is None else self.current - self.baseline

    @property
    def ratio(self) -> float | None:
        """Current over baseline, where both are known and the baseline is not nothing."""
        return self.current / self.baseline if self.baseline and self.current is not None else None


@dataclass(frozen=True, slots=True)
class MeterPair:
    """A meter of both sides: its mean and its peak over each run, of several runs the median of those."""

    meter: Meter
    mean: FigurePair
    peak: FigurePair


@dataclass(frozen=True, slots=True)
class BudgetPair:
    """One rule of a budget held against both sides; None where a side was not judged by it.

    Of several runs it is the verdict of the one that kept it worst: a side keeps to a limit where all of its runs do.
    """

    rule: str
    subject: str
    unit: Unit
    baseline: RuleVerdict | None
    current: RuleVerdict | None
    alike: tuple[tuple[int, int], tuple[int, int]] = ((1, 1), (1, 1))
    """Of baseline and current: how many of how many runs have this verdict."""
    across: bool = False
    """The verdict of the current side is about both: it says what that side is beside the baseline."""


def figure_pair(
    label: str,
    unit: Unit,
    baseline: Iterable[float | None],
    current: Iterable[float | None],
    *,
    of_one_run: bool = False,
) -> FigurePair:
    """Return a figure of all runs of both sides.

    The median of an even number of runs lies between the two in the middle; `of_one_run` it is the smaller of them.
    """
    sides = [[value for value in side if value is not None] for side in (baseline, current)]
    middle = median_low if of_one_run else median
    before, after = (middle(values) if values else None for values in sides)
    return FigurePair(label, unit, before, after, (span_of(sides[0]), span_of(sides[1])))


def meter_pairs(baseline: Sequence[Measures], current: Sequence[Measures]) -> list[MeterPair]:
    """Return the meters that any run of either side measured, in their usual order."""
    pairs = []
    for meter in METERS:
        before, after = ([run.figures(meter.metric) for run in side] for side in (baseline, current))
        if any(figures.peak is not None for figures in (*before, *after)):
            pairs.append(_meter_pair(meter, before, after))
    return pairs


def budget_pairs(baseline: Sequence[Verdicts], current: Sequence[Verdicts]) -> list[BudgetPair]:
    """Return the rules that any run of either side was judged by, those of the current side first."""
    before, after = _by_rule(baseline), _by_rule(current)
    pairs = []
    for rule in dict.fromkeys((*after, *before)):
        one, other = (_worst(side.get(rule, ())) for side in (before, after))
        known = other or one
        assert known is not None
        alike = _alike(before.get(rule, ())), _alike(after.get(rule, ()))
        pairs.append(BudgetPair(rule, known.subject, known.unit, one, other, alike))
    return pairs


def _by_rule(runs: Sequence[Verdicts]) -> dict[str, list[RuleVerdict]]:
    found: dict[str, list[RuleVerdict]] = {}
    for verdict in chain.from_iterable(runs):
        found.setdefault(verdict.rule, []).append(verdict)
    return found


def _worst(verdicts: Sequence[RuleVerdict]) -> RuleVerdict | None:
    """Return the verdict that says the worst, and of equal ones that of the worst value."""
    return max(verdicts, key=_badness, default=None)


def _badness(verdict: RuleVerdict) -> tuple[int, float]:
    value = 0.0 if verdict.current is None else verdict.current
    return -_WORST_FIRST.index(verdict.verdict), value if verdict.lower_is_better else -value


def _alike(verdicts: Sequence[RuleVerdict]) -> tuple[int, int]:
    worst = _worst(verdicts)
    return sum(worst is not None and each.verdict is worst.verdict for each in verdicts), len(verdicts)


def _meter_pair(meter: Meter, before: Sequence[MeterFigures], after: Sequence[MeterFigures]) -> MeterPair:
    return MeterPair(
        meter,
        figure_pair(meter.label, meter.unit, (run.mean for run in before), (run.mean for run in after)),
        figure_pair(meter.label, meter.unit, (run.peak for run in before), (run.peak for run in after)),
    )
