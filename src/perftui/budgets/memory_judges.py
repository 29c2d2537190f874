"""Judges of memory: exact where the capture was read, and plain about what was only sampled, or never traced."""

from __future__ import annotations

from dataclasses import replace

from perftui.analysis.heap_figures import (
    FunctionHeapFigure,
    HeapFigure,
    allocated_bytes,
    allocations,
    first_held,
    function_heap,
    growth_slope,
    heap_growth,
    high_watermark,
    leaked_bytes,
    per_second,
)
from perftui.analysis.measures import Measures
from perftui.analysis.operation_figures import counted
from perftui.budgets.judges import NOT_METERED, NOT_TRACED, Finding, Judge, ReadingsJudge, above, between, meant_instead
from perftui.budgets.spec import (
    HEAP,
    RSS,
    RSS_NOTE,
    FunctionFigure,
    FunctionRule,
    GrowthRule,
    HeapPeakRule,
    MemoryFigure,
    MemoryPerTaskRule,
    MemoryRule,
    MemorySource,
)
from perftui.model.heap import HeapView
from perftui.model.verdict import RuleVerdict, Verdict
from perftui.text import printable
from perftui.units import Unit, format_seconds, format_value

_SAMPLED = "sampled, exact when the capture has been read"
_ONLY_SAMPLED = "only sampled: the capture was not read"
_NO_TASKS = "the number of tasks is not known: write tasks = N beside it, or ingest what a benchmark tool counted"
_SECOND_RUN = "in the second run"


class TracedJudge(Judge):
    """A rule about what was traced, which may have been in a run of its own."""

    def look(self, measures: Measures, at_s: float, *, final: bool) -> RuleVerdict:
        """Return the verdict as it stands now; it says so where its moment is not one of the run that is metered."""
        verdict = super().look(measures, at_s, final=final)
        if verdict.breached_at_s is None or not (measures.memory_apart and self._of_heap):
            return verdict
        return replace(verdict, reason=f"{_SECOND_RUN}; {verdict.reason}" if verdict.reason else _SECOND_RUN)

    @property
    def _of_heap(self) -> bool:
        return True


class HeapPeakJudge(TracedJudge, ReadingsJudge):
    """The most bytes that were held: sampled while the run lasts, exact when its capture has been read."""

    def __init__(self, rule: HeapPeakRule) -> None:
        super().__init__(rule, HEAP)

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        sampled = super()._find(measures, at_s, final=final)
        peak = high_watermark(measures)
        if peak is None:
            return sampled
        verdict = above(peak.value, self.rule)
        self._note(verdict, at_s if peak.at_s is None else peak.at_s)
        return Finding(verdict, peak.value, _remark(peak, final=final))


class PerTaskJudge(TracedJudge, ReadingsJudge):
    """What each task has added to the memory that there was before the first of them."""

    def __init__(self, rule: MemoryPerTaskRule) -> None:
        super().__init__(rule, HEAP if rule.source is MemorySource.HEAP else RSS)
        self._rule = rule
        self._tasks: float | None = rule.tasks

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        told = self._rule.tasks is not None
        self._tasks = self._rule.tasks or _tasks_done(measures)
        sampled = super()._find(measures, at_s, final=final)
        if self._tasks is None:
            return Finding(Verdict.MISSING, reason=_NO_TASKS)
        finding = self._exact(measures, at_s, sampled, final=final)
        if told or finding.current is None:
            return finding
        counted = f"{self._tasks:g} tasks"
        return replace(finding, reason=f"{finding.reason}; {counted}" if finding.reason else counted)

    def _exact(self, measures: Measures, at_s: float, sampled: Finding, *, final: bool) -> Finding:
        """Return what the captures say where they say something, or else what was sampled."""
        # A run that is over before its meters are read has its first moments in its captures.
        first = first_held(measures) if self._figures.first is None else self._figures.first
        peak = high_watermark(measures)
        if not self._of_heap or first is None or peak is None:
            return sampled
        if not peak.exact:
            remark = _ONLY_SAMPLED if final else _SAMPLED
            return sampled if sampled.current is None else replace(sampled, reason=remark)
        value = (peak.value - first) / (self._tasks or 1)
        self._note(above(value, self.rule), at_s if peak.at_s is None else peak.at_s)
        return Finding(above(value, self.rule), value)

    @property
    def _of_heap(self) -> bool:
        return self._metric == HEAP

    @property
    def _level(self) -> float | None:
        peak, first = self._figures.peak, self._figures.first
        return None if peak is None or first is None or self._tasks is None else (peak - first) / self._tasks

    @property
    def _remark(self) -> str:
        return "" if self._of_heap else RSS_NOTE


class AllocationsJudge(TracedJudge):
    """What a whole run allocates, or leaves behind: known when its capture has been read."""

    def __init__(self, rule: MemoryRule) -> None:
        super().__init__(rule)
        self._rule = rule

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        figure = None if self._too_early(final=final) else self._figure(measures)
        if figure is None:
            return Finding(Verdict.MISSING, reason=self._why_missing(measures, final=final))
        verdict = above(figure.value, self.rule)
        self._note(verdict, _moment(measures, at_s))
        if verdict is Verdict.PASS and not figure.whole:
            return Finding(Verdict.INCONCLUSIVE, figure.value, "at least so much: not every capture was read")
        return Finding(verdict, figure.value, _remark(figure, final=final))

    def _too_early(self, *, final: bool) -> bool:
        return self._rule.figure is MemoryFigure.LEAKED and not final

    def _figure(self, measures: Measures) -> HeapFigure | None:
        match self._rule.figure:
            case MemoryFigure.ALLOCATED:
                return allocated_bytes(measures)
            case MemoryFigure.ALLOCATIONS:
                return allocations(measures)
            case MemoryFigure.ALLOCATED_RATE:
                return per_second(allocated_bytes(measures), measures.wall_s)
            case MemoryFigure.ALLOCATION_RATE:
                return per_second(allocations(measures), measures.wall_s)
            case MemoryFigure.LEAKED:
                return leaked_bytes(measures)

    def _why_missing(self, measures: Measures, *, final: bool) -> str:
        if final:
            return _unread(measures) if measures.is_traced else NOT_TRACED
        if self._rule.figure is MemoryFigure.LEAKED:
            return "is judged when the workload has ended"
        return "is known when the capture has been read"


class GrowthJudge(Judge):
    """How fast memory grows after the warm-up, as far as its readings can tell."""

    def __init__(self, rule: GrowthRule) -> None:
        super().__init__(rule)
        self._rule = rule

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        source = self._source(measures)
        growth = measures.growths[RSS]
        if source is MemorySource.HEAP:
            growth = heap_growth(measures) if final else measures.growths[HEAP]
        if not growth.is_measured:
            unread = NOT_TRACED if source is MemorySource.HEAP else NOT_METERED
            return Finding(Verdict.MISSING, reason=unread if final else "not measured yet")
        slope = growth_slope(growth, final=final)
        if slope is None:
            return Finding(Verdict.INCONCLUSIVE, reason="too short a run to tell" if final else "too early to tell")
        low, high = (format_value(end, self.rule.unit) for end in (slope.low, slope.high))
        spread = f"{low} to {high} over {format_seconds(slope.span_s)}"
        finding = between(slope.per_s, slope.low, slope.high, self.rule, spread)
        of_heap = source is MemorySource.HEAP
        self._note(finding.verdict, _moment(measures, at_s) if of_heap else at_s)
        note = "" if of_heap and not measures.memory_apart else f"; {_SECOND_RUN if of_heap else RSS_NOTE}"
        return Finding(finding.verdict, finding.current, f"{finding.reason}{note}")

    def _source(self, measures: Measures) -> MemorySource:
        if self._rule.source is not None:
            return self._rule.source
        return MemorySource.HEAP if measures.is_traced else MemorySource.RSS


_VIEWS = {
    FunctionFigure.HEAP: HeapView.HIGH_WATERMARK,
    FunctionFigure.HEAP_COUNT: HeapView.HIGH_WATERMARK,
    FunctionFigure.ALLOCATED: HeapView.ALLOCATED,
}


class FunctionHeapJudge(TracedJudge):
    """What a function holds when most is held, or has allocated, with what it calls."""

    def __init__(self, rule: FunctionRule) -> None:
        super().__init__(rule)
        self._rule = rule

    def _find(self, measures: Measures, at_s: float, *, final: bool) -> Finding:
        view = _VIEWS[self._rule.figure]
        if view not in measures.heap:
            return Finding(Verdict.MISSING, reason=self._no_view(measures, final=final))
        figure = function_heap(measures, self._rule.function, view)
        if figure is None:
            unseen = f"was not seen allocating{meant_instead(measures, self._rule)}"
            return Finding(Verdict.MISSING, reason=unseen if final else "not seen allocating yet")
        value = figure.count if self._rule.unit is Unit.COUNT else figure.size
        verdict = above(value, self.rule)
        # What is held at most is as of the moment when it was held, whenever somebody looks.
        now_s = _moment(measures, at_s)
        self._note(verdict, min(now_s, measures.heap[view].at_s) if view is HeapView.HIGH_WATERMARK else now_s)
        if verdict is Verdict.PASS and figure.own_only:
            return Finding(Verdict.INCONCLUSIVE, value, "without what it calls: the capture does not tell the stacks")
        return Finding(verdict, value, _function_remark(figure, final=final))

    def _no_view(self, measures: Measures, *, final: bool) -> str:
        if final:
            return _unread(measures) if measures.is_traced else NOT_TRACED
        known_live = _VIEWS[self._rule.figure] is HeapView.HIGH_WATERMARK
        return "not measured yet" if known_live else "is known when the capture has been read"


def _tasks_done(measures: Measures) -> float | None:
    """Return how many executions of operations a run has done, as far as a tool counted them; None where none did."""
    if measures.current is None or not measures.current.runs:
        return None
    return sum(map(counted, measures.current.operations.values())) / measures.current.runs or None


def _moment(measures: Measures, at_s: float) -> float:
    """Return the moment of a look on the clock of the run in which memory was traced."""
    return measures.memory_until_s if measures.memory_apart else at_s


def _function_remark(figure: FunctionHeapFigure, *, final: bool) -> str:
    if figure.own_only:
        return "without what it calls"
    return "" if figure.exact else _ONLY_SAMPLED if final else _SAMPLED


def _remark(figure: HeapFigure, *, final: bool) -> str:
    if not figure.exact:
        return _ONLY_SAMPLED if final else _SAMPLED
    return f"{figure.processes} processes added up" if figure.processes > 1 else ""


def _unread(measures: Measures) -> str:
    trouble = next((capture.trouble for capture in measures.captures if capture.trouble), "")
    return f"the capture was not read{f': {printable(trouble)}' if trouble else ''}"
