"""Meters, memory and budgets of two sessions side by side: what each side measured, and how far they are apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perftui.analysis.measures import Measures, MeterFigures
from perftui.model.reading import METERS, Meter
from perftui.model.verdict import RuleVerdict
from perftui.units import Unit


@dataclass(frozen=True, slots=True)
class FigurePair:
    """One figure of both sides; None where a side did not measure it."""

    label: str
    unit: Unit
    baseline: float | None
    current: float | None

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
    """A meter of both sides: its mean and its peak over each run."""

    meter: Meter
    mean: FigurePair
    peak: FigurePair


@dataclass(frozen=True, slots=True)
class BudgetPair:
    """One rule of a budget held against both sides; None where a side was not judged by it."""

    rule: str
    subject: str
    unit: Unit
    baseline: RuleVerdict | None
    current: RuleVerdict | None


def meter_pairs(baseline: Measures, current: Measures) -> list[MeterPair]:
    """Return the meters that either side measured, in their usual order."""
    pairs = []
    for meter in METERS:
        before, after = baseline.figures(meter.metric), current.figures(meter.metric)
        if before.peak is not None or after.peak is not None:
            pairs.append(_meter_pair(meter, before, after))
    return pairs


def budget_pairs(baseline: Iterable[RuleVerdict], current: Iterable[RuleVerdict]) -> list[BudgetPair]:
    """Return the rules that either side was judged by, those of the current side first."""
    before = {verdict.rule: verdict for verdict in baseline}
    after = {verdict.rule: verdict for verdict in current}
    pairs = []
    for rule in dict.fromkeys((*after, *before)):
        known = after.get(rule) or before[rule]
        pairs.append(BudgetPair(rule, known.subject, known.unit, before.get(rule), after.get(rule)))
    return pairs


def _meter_pair(meter: Meter, before: MeterFigures, after: MeterFigures) -> MeterPair:
    return MeterPair(
        meter,
        FigurePair(meter.label, meter.unit, before.mean, after.mean),
        FigurePair(meter.label, meter.unit, before.peak, after.peak),
    )
