"""Holds a budget against measures: the same code live, at the end of a run, and over a saved session."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from perftui.analysis.aggregate import Aggregate
from perftui.analysis.measures import FunctionFigures, Measures, MeterFigures, SustainedLevel
from perftui.analysis.sampling_error import share_interval
from perftui.budgets.spec import (
    WALL,
    Aggregation,
    Budget,
    FunctionFigure,
    FunctionRule,
    Gate,
    MemoryPerTaskRule,
    OperationRule,
    ResourceRule,
    Rule,
    ThroughputRule,
)
from perftui.model.reading import METER_BY_METRIC, ResourceReading
from perftui.model.sample import ProfileDelta
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.text import printable
from perftui.units import Unit, format_seconds, format_value

FEWEST_SAMPLES = 20
"""Below it a share says nothing, whatever its interval."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one look at one rule found."""

    verdict: Verdict
    current: float | None = None
    reason: str = ""


class _Judge:
    """One rule over the time of a run: what it has seen, and when its limits were first broken."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._warned_at_s: float | None = None
        self._failed_at_s: float | None = None

    def look(self, measures: Measures, at_s: float, *, final: bool) -> RuleVerdict:
        """Return the verdict as it stands now."""
        rule = self.rule
        finding = self._find(measures, at_s, final=final)
        return RuleVerdict(
            rule=rule.name,
            subject=printable(rule.subject),
            metric=rule.metric,
            unit=rule.unit,
            current=finding.current,
            warn=rule.warn,
            fail=rule.fail,
            verdict=finding.verdict if rule.gate or finding.verdict is Verdict.MISSING else Verdict.INFO,
            reason="; ".join(part for part in (finding.reason, self._past(finding), printable(rule.reason)) if part),
            lower_is_better=self._lower_is_better,
            breached_at_s=self._breached_at_s(finding.verdict),
        )

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> _Finding:
        """Find what the measures say; here: nothing measures it."""
        del measures, at_s, final
        return _Finding(Verdict.MISSING, reason=_why_missing(self.rule))

    @property
    def _lower_is_better(self) -> bool:
        return True

    def _note(self, verdict: Verdict, at_s: float) -> None:
        if verdict is Verdict.FAIL and self._failed_at_s is None:
            self._failed_at_s = at_s
        if verdict in (Verdict.WARN, Verdict.FAIL) and self._warned_at_s is None:
            self._warned_at_s = at_s

    def _past(self, finding: _Finding) -> str:
        """Tell of a limit that was broken and is no longer, so that the moment beside the verdict is understood."""
        first_s = self._breached_at_s(finding.verdict)
        over = finding.verdict is Verdict.PASS and first_s is not None
        return f"was above it at {format_seconds(first_s or 0.0)}" if over else ""

    def _breached_at_s(self, verdict: Verdict) -> float | None:
        return self._failed_at_s if verdict is Verdict.FAIL else self._warned_at_s


def _why_missing(rule: Rule) -> str:
    match rule:
        case OperationRule():
            return "no operation of that name was measured"
        case ThroughputRule():
            return "no throughput of that name was measured"
        case MemoryPerTaskRule(tasks=None):
            return "the number of tasks is not known"
        case MemoryPerTaskRule():
            return "the memory before the tasks was not measured"
        case FunctionRule(figure=FunctionFigure.INCREASE):
            return "there is no baseline to compare with"
        case _:
            return "the heap was not measured"


class _UpwardJudge(_Judge):
    """A rule that nothing measures and that wants more instead of less."""

    @property
    def _lower_is_better(self) -> bool:
        return False


class _WallJudge(_Judge):
    """How long the run lasts; its limits are broken at the very moment that they name."""

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> _Finding:
        del measures, final
        return _Finding(_above(at_s, self.rule), at_s)

    def _breached_at_s(self, verdict: Verdict) -> float | None:
        rule = self.rule
        first = rule.fail if rule.warn is None else rule.warn
        return rule.fail if verdict is Verdict.FAIL else first if verdict is Verdict.WARN else None


class _MeterJudge(_Judge):
    """A figure of a meter over all readings, each of which is judged at its own time."""

    def __init__(self, rule: ResourceRule) -> None:
        super().__init__(rule)
        self._rule = rule
        self._figures = MeterFigures()
        self._seen = 0
        self._before_s = 0.0

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> _Finding:
        if measures.oldest_kept > self._seen:
            self._catch_up(measures, at_s)
        for reading in measures.readings_after(self._seen):
            self._take(reading)
            self._note(_above(self._level, self.rule), reading.at_s)
        self._seen = measures.reading_count
        return self._finding(final=final)

    def _catch_up(self, measures: Measures, at_s: float) -> None:
        """Begin with the figures of the run so far, whose readings are no longer kept."""
        self._figures = measures.figures(self._rule.metric).copy()
        self._seen = measures.reading_count
        self._before_s = at_s
        self._note(_above(self._level, self.rule), at_s)

    def _take(self, reading: ResourceReading) -> None:
        self._figures.add(getattr(reading, self._rule.metric), max(0.0, reading.at_s - self._before_s))
        self._before_s = max(self._before_s, reading.at_s)

    @property
    def _level(self) -> float | None:
        match self._rule.aggregation:
            case Aggregation.MAX:
                return self._figures.peak
            case Aggregation.MEAN:
                return self._figures.mean
            case Aggregation.P95:
                return self._figures.p95

    def _finding(self, *, final: bool) -> _Finding:
        level = self._level
        if level is None:
            return _Finding(Verdict.MISSING, reason="was not measured" if final else "not measured yet")
        return _Finding(_above(level, self.rule), level, self._rule.note)


class _SustainedJudge(_MeterJudge):
    """A limit of a meter that has to be exceeded for a time without a break."""

    def __init__(self, rule: ResourceRule) -> None:
        super().__init__(rule)
        self._sustained = SustainedLevel(rule.for_s)

    def _catch_up(self, measures: Measures, at_s: float) -> None:
        """Begin with the readings that are kept: figures do not tell how long a level was held."""

    def _take(self, reading: ResourceReading) -> None:
        self._before_s = max(self._before_s, reading.at_s)
        self._sustained.add(reading.at_s, getattr(reading, self._rule.metric))

    @property
    def _level(self) -> float | None:
        return self._sustained.level

    def _finding(self, *, final: bool) -> _Finding:
        held, level = self._sustained.held, self._sustained.level
        if held is None and level is None:
            return super()._finding(final=final)
        verdict = _above(level, self.rule)
        spanned_s, lowest = held or (0.0, 0.0)
        if level is None and final:
            return _Finding(verdict, reason=f"was not watched for {format_seconds(self._rule.for_s)}")
        if held is not None and _rank(_above(lowest, self.rule)) > _rank(verdict):
            limit = self.rule.fail if _above(lowest, self.rule) is Verdict.FAIL else self.rule.warn
            shown = format_value(limit or 0.0, self.rule.unit)
            return _Finding(verdict, level, f"above {shown} for {format_seconds(spanned_s)} now")
        return _Finding(verdict, level if level is not None else lowest)


class _FunctionJudge(_Judge):
    """What a function costs, as far as the samples can tell."""

    def __init__(self, rule: FunctionRule) -> None:
        super().__init__(rule)
        self._rule = rule

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> _Finding:
        profile = measures.profile
        if profile is None or not profile.count or profile.weight <= 0:
            return _Finding(Verdict.MISSING, reason="there are no samples" if final else "there are no samples yet")
        in_seconds = self._rule.figure in (FunctionFigure.SELF_S, FunctionFigure.TOTAL_S)
        if in_seconds and profile.unit is not Unit.SECONDS:
            return _Finding(Verdict.MISSING, reason=f"the profile counts {profile.unit.value}, not seconds")
        figures = measures.function(self._rule.function)
        if figures is None:
            return _Finding(Verdict.MISSING, reason=self._unseen(measures, final=final))
        share = min(1.0, self._weight(figures) / profile.weight)
        scale = profile.weight if in_seconds else 100.0
        low, high = share_interval(share, profile.count)
        finding = self._judged(share * scale, low * scale, high * scale, profile.count)
        self._note(finding.verdict, at_s)
        return finding

    def _weight(self, figures: FunctionFigures) -> float:
        own = self._rule.figure in (FunctionFigure.SELF_S, FunctionFigure.SELF_SHARE)
        return figures.self_weight if own else figures.total_weight

    def _unseen(self, measures: Measures, *, final: bool) -> str:
        if not final:
            return "not seen in a sample yet"
        meant = measures.similar(self._rule.function)
        return "was not seen in any sample" + (f"; did you mean {printable(meant)}?" if meant else "")

    def _judged(self, value: float, low: float, high: float, samples: int) -> _Finding:
        if samples < FEWEST_SAMPLES:
            return _Finding(Verdict.INCONCLUSIVE, value, f"{samples} samples are too few to tell")
        spread = f"±{format_value((high - low) / 2, self.rule.unit)}, {samples} samples"
        # From the worst down: whatever is surely above a limit has it broken, wherever it stands to the next one.
        for limit, verdict in ((self.rule.fail, Verdict.FAIL), (self.rule.warn, Verdict.WARN)):
            if limit is None or high <= limit:
                continue
            if low > limit:
                return _Finding(verdict, value, spread)
            return _Finding(
                Verdict.INCONCLUSIVE, value, f"too close to {format_value(limit, self.rule.unit)}: {spread}"
            )
        return _Finding(Verdict.PASS, value, spread)


_RANKS = {Verdict.PASS: 0, Verdict.WARN: 1, Verdict.FAIL: 2}


def _rank(verdict: Verdict) -> int:
    return _RANKS[verdict]


def _above(value: float | None, rule: Rule) -> Verdict:
    """Return the verdict of a value that had better be low; exactly at a limit passes."""
    if value is not None and rule.fail is not None and value > rule.fail:
        return Verdict.FAIL
    if value is not None and rule.warn is not None and value > rule.warn:
        return Verdict.WARN
    return Verdict.PASS


def _judge_of(rule: Rule) -> _Judge:
    match rule:
        case ResourceRule(metric=metric) if metric == WALL:
            return _WallJudge(rule)
        case ResourceRule(metric=metric) if metric in METER_BY_METRIC:
            return _SustainedJudge(rule) if rule.for_s else _MeterJudge(rule)
        case FunctionRule() if rule.figure is not FunctionFigure.INCREASE:
            return _FunctionJudge(rule)
        case ThroughputRule() | OperationRule(lower_is_better=False):
            return _UpwardJudge(rule)
        case _:
            return _Judge(rule)


class Evaluator:
    """A budget over the time of a run: it remembers when limits were first broken.

    How often `update` is called changes no verdict, and the moment of a breach only for functions, whose samples are
    judged as they stand then.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._judges = {rule: _judge_of(rule) for rule in budget.rules}

    def update(self, measures: Measures, at_s: float, *, final: bool = False) -> list[RuleVerdict]:
        """Return a verdict for each rule, in the order of the budget; `at_s` is how long the run has lasted."""
        return [judge.look(measures, at_s, final=final) for judge in self._judges.values()]

    def reload(self, budget: Budget) -> None:
        """Go on with another budget; rules that it keeps keep what they remember."""
        self.budget = budget
        self._judges = {rule: self._judges.get(rule) or _judge_of(rule) for rule in budget.rules}


def evaluate(
    budget: Budget,
    *,
    readings: Iterable[ResourceReading] = (),
    deltas: Iterable[ProfileDelta] = (),
    wall_s: float,
    unit: Unit = Unit.SECONDS,
) -> list[RuleVerdict]:
    """Return the final verdicts of a saved session, by going through it in the order of time."""
    aggregate = Aggregate(unit)
    measures = Measures(aggregate.tree)
    evaluator = Evaluator(budget)
    moments: Iterable[ResourceReading | ProfileDelta] = heapq.merge(readings, deltas, key=_moment)
    for news in moments:
        if isinstance(news, ResourceReading):
            measures.reading(news)
        else:
            aggregate.apply(news)
        evaluator.update(measures, min(_moment(news), wall_s))
    measures.wall_s = wall_s
    return evaluator.update(measures, wall_s, final=True)


def _moment(news: ResourceReading | ProfileDelta) -> float:
    return news.at_s if isinstance(news, ResourceReading) else news.end_s


def overall(verdicts: Sequence[RuleVerdict], on_inconclusive: Gate = Gate.WARN) -> Verdict:
    """Return `FAIL`, `WARN` or `PASS`: the worst of the verdicts, where inconclusive means what the budget says."""
    meant = {Verdict.INCONCLUSIVE: Verdict(on_inconclusive.value)}
    found = {meant.get(verdict.verdict, verdict.verdict) for verdict in verdicts}
    return next((verdict for verdict in (Verdict.FAIL, Verdict.WARN) if verdict in found), Verdict.PASS)
