"""Judges limits of application metrics, upward and downward, value by value."""

from __future__ import annotations

from perftui.analysis.measures import Measures, MeterFigures, SustainedLevel
from perftui.budgets.judges import Finding, Judge, above, below
from perftui.budgets.spec import MetricFigure, MetricRule
from perftui.model.derivation import DerivationKind
from perftui.model.verdict import Verdict
from perftui.text import printable
from perftui.units import format_seconds, format_value

_BROKEN = (Verdict.WARN, Verdict.FAIL)


class MetricJudge(Judge):
    """A figure of a series over all its values; what never came is missing, and never passes."""

    def __init__(self, rule: MetricRule) -> None:
        super().__init__(rule)
        self._rule = rule
        self._name = rule.derivation.name
        self._figures = MeterFigures()
        self._sign = 1.0 if rule.lower_is_better else -1.0
        # What has to be broken for a time is turned over, so that the worse is always the greater.
        self._sustained = SustainedLevel(rule.for_s) if rule.for_s else None
        self._seen = self._values = 0
        self._beyond = False
        """A value is that of the greatest bucket: it may be any more."""
        self._before_s: float | None = None

    @property
    def _lower_is_better(self) -> bool:
        return self._rule.lower_is_better

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        metrics = measures.metrics
        bound = metrics.greatest_bound(self._rule.derivation.of[0]) if self._is_quantile else None
        for moment_s, value in metrics.after(self._name, self._seen):
            self._take(moment_s, value)
            self._beyond = self._beyond or (bound is not None and value >= bound)
            # The mean of a few values is no verdict of a run, and the newest value of all of it is one at its end.
            if self._rule.figure in (MetricFigure.MAX, MetricFigure.MIN):
                self._note(self._verdict(self._level), moment_s)
        self._seen = metrics.count(self._name)
        level = self._level
        if level is None:
            return Finding(Verdict.MISSING, reason=self._why_missing(final=final))
        verdict, remarks = self._verdict(level), [self._counted]
        self._note(verdict, at_s)
        # A mean that such a value is part of may be any more, too.
        averaged = self._beyond and self._rule.figure is MetricFigure.MEAN
        if bound is not None and (level >= bound or averaged) and self._lower_is_better:
            remarks.insert(0, f"beyond the greatest bucket, {format_value(bound, self.rule.unit)}: it may be any more")
            verdict = Verdict.INCONCLUSIVE if verdict not in _BROKEN else verdict
        return Finding(verdict, level, "; ".join(remarks))

    def _take(self, moment_s: float, value: float) -> None:
        before_s = moment_s if self._before_s is None else self._before_s
        self._figures.add(value, max(0.0, moment_s - before_s))
        self._before_s = max(before_s, moment_s)
        self._values += 1
        if self._sustained is not None:
            self._sustained.add(moment_s, self._sign * value)

    @property
    def _level(self) -> float | None:
        """What is held against the limits, as of the values that came."""
        if self._sustained is not None:
            return None if self._sustained.level is None else self._sign * self._sustained.level
        match self._rule.figure:
            case MetricFigure.MAX:
                return self._figures.peak
            case MetricFigure.MEAN:
                return self._figures.mean
            case MetricFigure.P95:
                return self._figures.p95
            case MetricFigure.MIN:
                return self._figures.least
            case MetricFigure.LAST:
                return self._figures.last

    def _verdict(self, level: float | None) -> Verdict:
        return above(level, self.rule) if self._lower_is_better else below(level, self.rule)

    def _past(self, finding: Finding) -> str:
        said = super()._past(finding)
        return said if self._lower_is_better else said.replace("was above", "was below")

    @property
    def _is_quantile(self) -> bool:
        return self._rule.derivation.kind is DerivationKind.QUANTILE

    @property
    def _counted(self) -> str:
        values = "1 value" if self._values == 1 else f"{self._values:,} values"
        return f"{values}: {printable(self._rule.derivation.text)}"

    def _why_missing(self, *, final: bool) -> str:
        if self._values:
            return f"was not watched for {format_seconds(self._rule.for_s)}"
        if not final:
            return "no value has come yet"
        few = ", or too few observations for it" if self._is_quantile else ""
        return f"no value came: {printable(self._rule.derivation.text)}{few}"
