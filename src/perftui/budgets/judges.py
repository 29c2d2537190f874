"""Judges: each holds one rule against measures over the time of a run, and remembers when it was first broken."""

from __future__ import annotations

from dataclasses import dataclass

from perftui.analysis.measures import FunctionFigures, Measures, MeterFigures, SustainedLevel
from perftui.analysis.sampling_error import share_interval
from perftui.budgets.spec import (
    HEAP,
    Aggregation,
    FunctionFigure,
    FunctionRule,
    ResourceRule,
    Rule,
)
from perftui.model.reading import ResourceReading
from perftui.model.verdict import HeldAgainst, RuleVerdict, Verdict
from perftui.text import printable
from perftui.units import Unit, format_seconds, format_value

FEWEST_SAMPLES = 20
"""Below it a share says nothing, whatever its interval."""
NOT_TRACED = "allocations were not traced: record with --mode memory"
NOT_METERED = "was not measured: `perftui record -- COMMAND` reads the meters while it runs"
_NO_METERS = "memory was traced in the second run, which is not metered: [memory] has limits for it"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look at one rule found."""

    verdict: Verdict
    current: float | None = None
    reason: str = ""
    held_against: HeldAgainst | None = None


class Judge:
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
            held_against=finding.held_against,
        )

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        """Find what the measures say."""
        raise NotImplementedError

    @property
    def _lower_is_better(self) -> bool:
        return True

    def _note(self, verdict: Verdict, at_s: float) -> None:
        if verdict is Verdict.FAIL and self._failed_at_s is None:
            self._failed_at_s = at_s
        if verdict in (Verdict.WARN, Verdict.FAIL) and self._warned_at_s is None:
            self._warned_at_s = at_s

    def _past(self, finding: Finding) -> str:
        """Tell of a limit that was broken and is no longer, so that the moment beside the verdict is understood."""
        first_s = self._breached_at_s(finding.verdict)
        over = finding.verdict is Verdict.PASS and first_s is not None
        return f"was above it at {format_seconds(first_s or 0.0)}" if over else ""

    def _breached_at_s(self, verdict: Verdict) -> float | None:
        return self._failed_at_s if verdict is Verdict.FAIL else self._warned_at_s


class WallJudge(Judge):
    """How long the run lasts; its limits are broken at the very moment that they name."""

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        del measures, final
        return Finding(above(at_s, self.rule), at_s)

    def _breached_at_s(self, verdict: Verdict) -> float | None:
        rule = self.rule
        first = rule.fail if rule.warn is None else rule.warn
        return rule.fail if verdict is Verdict.FAIL else first if verdict is Verdict.WARN else None


class ReadingsJudge(Judge):
    """A rule about the readings of a meter, each of which is judged at its own time."""

    def __init__(self, rule: Rule, metric: str) -> None:
        super().__init__(rule)
        self._metric = metric
        self._figures = MeterFigures()
        self._seen = 0
        self._before_s = 0.0
        self._unread = NOT_METERED

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        if self._metric == HEAP:
            self._unread = _why_no_heap(measures)
        if measures.oldest_kept > self._seen:
            self._catch_up(measures, at_s)
        for reading in measures.readings_after(self._seen):
            self._take(reading)
            self._note(above(self._level, self.rule), reading.at_s)
        self._seen = measures.reading_count
        return self._finding(final=final)

    def _catch_up(self, measures: Measures, at_s: float) -> None:
        """Begin with the figures of the run so far, whose readings are no longer kept."""
        self._figures = measures.figures(self._metric).copy()
        self._seen = measures.reading_count
        self._before_s = at_s
        self._note(above(self._level, self.rule), at_s)

    def _take(self, reading: ResourceReading) -> None:
        self._figures.add(getattr(reading, self._metric), max(0.0, reading.at_s - self._before_s))
        self._before_s = max(self._before_s, reading.at_s)

    @property
    def _level(self) -> float | None:
        """What is held against the limits, as of the readings that were taken."""
        return self._figures.peak

    def _finding(self, *, final: bool) -> Finding:
        level = self._level
        if level is None:
            return Finding(Verdict.MISSING, reason=self._unread if final else "not measured yet")
        return Finding(above(level, self.rule), level, self._remark)

    @property
    def _remark(self) -> str:
        """What a reader of the verdict has to know of the measurement."""
        return ""


def _why_no_heap(measures: Measures) -> str:
    if not measures.is_traced:
        return NOT_TRACED
    return _NO_METERS if measures.memory_apart else NOT_METERED


class MeterJudge(ReadingsJudge):
    """A figure of a meter over all readings."""

    def __init__(self, rule: ResourceRule) -> None:
        super().__init__(rule, rule.metric)
        self._rule = rule

    @property
    def _remark(self) -> str:
        return self._rule.note

    @property
    def _level(self) -> float | None:
        match self._rule.aggregation:
            case Aggregation.MAX:
                return self._figures.peak
            case Aggregation.MEAN:
                return self._figures.mean
            case Aggregation.P95:
                return self._figures.p95


class SustainedJudge(MeterJudge):
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

    def _finding(self, *, final: bool) -> Finding:
        held, level = self._sustained.held, self._sustained.level
        if held is None and level is None:
            return super()._finding(final=final)
        verdict = above(level, self.rule)
        spanned_s, lowest = held or (0.0, 0.0)
        if level is None and final:
            return Finding(verdict, reason=f"was not watched for {format_seconds(self._rule.for_s)}")
        if held is not None and _rank(above(lowest, self.rule)) > _rank(verdict):
            limit = self.rule.fail if above(lowest, self.rule) is Verdict.FAIL else self.rule.warn
            shown = format_value(limit or 0.0, self.rule.unit)
            return Finding(verdict, level, f"above {shown} for {format_seconds(spanned_s)} now")
        return Finding(verdict, level if level is not None else lowest, self._remark)


class FunctionJudge(Judge):
    """What a function costs, as far as the samples can tell."""

    def __init__(self, rule: FunctionRule) -> None:
        super().__init__(rule)
        self._rule = rule

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        profile = measures.profile
        if profile is None or not profile.count or profile.weight <= 0:
            return Finding(Verdict.MISSING, reason="there are no samples" if final else "there are no samples yet")
        in_seconds = self._rule.figure in (FunctionFigure.SELF_S, FunctionFigure.TOTAL_S)
        if in_seconds and profile.unit is not Unit.SECONDS:
            return Finding(Verdict.MISSING, reason=f"the profile counts {profile.unit.value}, not seconds")
        figures = measures.function(self._rule.function)
        if figures is None:
            unseen = f"was not seen in any sample{meant_instead(measures, self._rule)}"
            return Finding(Verdict.MISSING, reason=unseen if final else "not seen in a sample yet")
        share = min(1.0, self._weight(figures) / profile.weight)
        scale = profile.weight if in_seconds else 100.0
        low, high = share_interval(share, profile.count)
        finding = self._judged(share * scale, low * scale, high * scale, profile.count)
        self._note(finding.verdict, at_s)
        return finding

    def _weight(self, figures: FunctionFigures) -> float:
        own = self._rule.figure in (FunctionFigure.SELF_S, FunctionFigure.SELF_SHARE)
        return figures.self_weight if own else figures.total_weight

    def _judged(self, value: float, low: float, high: float, samples: int) -> Finding:
        if samples < FEWEST_SAMPLES:
            return Finding(Verdict.INCONCLUSIVE, value, f"{samples} samples are too few to tell")
        spread = f"±{format_value((high - low) / 2, self.rule.unit)}, {samples} samples"
        return between(value, low, high, self.rule, spread)


def meant_instead(measures: Measures, rule: FunctionRule) -> str:
    """Return a question about the function that may have been meant, or nothing."""
    meant = measures.similar(rule.function)
    return f"; did you mean {printable(meant)}?" if meant else ""


_RANKS = {Verdict.PASS: 0, Verdict.WARN: 1, Verdict.FAIL: 2}


def _rank(verdict: Verdict) -> int:
    return _RANKS[verdict]


def above(value: float | None, rule: Rule) -> Verdict:
    """Return the verdict of a value that had better be low; exactly at a limit passes."""
    if value is not None and rule.fail is not None and value > rule.fail:
        return Verdict.FAIL
    if value is not None and rule.warn is not None and value > rule.warn:
        return Verdict.WARN
    return Verdict.PASS


def below(value: float | None, rule: Rule) -> Verdict:
    """Return the verdict of a value that had better be high; exactly at a limit passes."""
    if value is not None and rule.fail is not None and value < rule.fail:
        return Verdict.FAIL
    if value is not None and rule.warn is not None and value < rule.warn:
        return Verdict.WARN
    return Verdict.PASS


def between(value: float, low: float, high: float, rule: Rule, spread: str) -> Finding:
    """Return what an estimate with an interval tells; `spread` says how sure it is."""
    # From the worst down: whatever is surely above a limit has it broken, wherever it stands to the next one.
    for limit, verdict in ((rule.fail, Verdict.FAIL), (rule.warn, Verdict.WARN)):
        if limit is None or high <= limit:
            continue
        if low > limit:
            return Finding(verdict, value, spread)
        return Finding(Verdict.INCONCLUSIVE, value, f"too close to {format_value(limit, rule.unit)}: {spread}")
    return Finding(Verdict.PASS, value, spread)
