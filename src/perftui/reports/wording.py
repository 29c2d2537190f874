"""Figures of a comparison in words, the same in every report."""

from __future__ import annotations

from collections.abc import Iterable

from perftui.analysis.change_words import (
    chance_text,
    detectable_text,
    interval_text,
    mark_of,
    shared_text,
    signed_text,
    span_text,
    spans_text,
    value_text,
    word_of,
)
from perftui.analysis.paired_figures import BudgetPair, FigurePair, MeterPair
from perftui.analysis.ranked_changes import counted, effect_of
from perftui.model.change import Certainty, ChangeVerdict, FunctionChange, MatchKind, Span, TotalChange
from perftui.model.session import SessionMeta
from perftui.model.verdict import RuleVerdict
from perftui.reports.check_words import change_text, sides_text
from perftui.reports.comparison_report import ComparisonReport, ReportLens, ReportSide
from perftui.units import Unit, format_seconds, format_value


def verdict_text(verdict: ChangeVerdict, unit: Unit = Unit.SECONDS) -> str:
    """Return a verdict with its sign, so that nothing rests on a colour."""
    return f"{mark_of(verdict)} {word_of(verdict, unit)}"


def sides_of(row: FunctionChange, lens: ReportLens) -> tuple[str, str, str]:
    """Return baseline, current and difference of a function's self weight, or of its share."""
    share = lens.by_share
    before, after = (row.baseline_share, row.current_share) if share else (row.baseline, row.current)
    return (
        value_text(before, lens.unit, share=share),
        value_text(after, lens.unit, share=share),
        signed_text(effect_of(row, share=share), lens.unit, share=share),
    )


def measured_text(value: float | None, unit: Unit) -> str:
    """Return a figure of a meter."""
    return "not measured" if value is None else format_value(value, unit)


def spanned_text(value: float | None, span: Span | None, unit: Unit) -> str:
    """Return a figure of a side, of several runs with what they lie between: `10.1 MiB (9.98 … 10.3 MiB)`."""
    runs = span_text(span, unit)
    return f"{measured_text(value, unit)} ({runs})" if runs else measured_text(value, unit)


def _sides(pair: FigurePair) -> list[str]:
    return [
        spanned_text(value, span, pair.unit)
        for value, span in zip((pair.baseline, pair.current), pair.spans, strict=True)
    ]


def figure_rows(report: ComparisonReport, meters: Iterable[MeterPair]) -> list[list[str]]:
    """Return name, mean and peak of both sides of everything that was measured of whole runs."""
    rows = [[each.label, *_sides(each), "", ""] for each in report.figures]
    return rows + [[pair.meter.label, *_sides(pair.mean), *_sides(pair.peak)] for pair in meters]


def budget_rows(pairs: Iterable[BudgetPair]) -> list[list[str]]:
    """Return what is judged, and the verdict of both sides with what was measured."""
    return [[pair.subject, *_judged_sides(pair)] for pair in pairs]


def _judged_sides(pair: BudgetPair) -> list[str]:
    held = pair.current.held_against if pair.current is not None and pair.across else None
    if pair.current is not None and held is not None and held.value is not None:
        before, after = sides_text(pair.current)
        change = change_text(held)
        return [before, f"{pair.current.verdict.value.upper()}  {after}{f' ({change})' if change else ''}"]
    return [
        _judged(verdict, pair.unit, alike)
        for verdict, alike in zip((pair.baseline, pair.current), pair.alike, strict=True)
    ]


def _judged(verdict: RuleVerdict | None, unit: Unit, alike: tuple[int, int]) -> str:
    if verdict is None:
        return "not judged"
    those, runs = alike
    of_runs = f"  {those} of {runs} runs" if runs > 1 else ""
    return f"{verdict.verdict.value.upper()}  {measured_text(verdict.current, unit)}{of_runs}"


def own_meters(pairs: Iterable[MeterPair]) -> list[MeterPair]:
    """Return the meters of the target, without those of the whole machine."""
    return [pair for pair in pairs if pair.meter.of_target]


def counts_text(row: FunctionChange) -> str:
    """Return the samples (or allocations) of both sides."""
    return f"{row.baseline_count:,} → {row.current_count:,}"


def smallest_text(certainty: Certainty) -> str:
    """Return the smallest change that would have been seen: `12.3 %`; empty where that is not known."""
    smallest = certainty.smallest_detectable
    return "" if smallest is None else detectable_text(smallest)


def decide_text(certainty: Certainty) -> str:
    """Return what would decide; empty where nothing is left to decide, or nothing would."""
    runs = certainty.more_runs
    return f"about {runs:,} more {plural('run', runs)} a side would decide" if runs else ""


def told_of(row: FunctionChange, lens: ReportLens) -> str:
    """Return what is to be said of a function beside its figures.

    Between what the runs of each side lie, why nothing is told, what would decide, and how it was found.
    """
    runs = "" if lens.by_share else spans_text(row.spans, lens.unit)
    words = (
        f"runs {runs}" if runs else "",
        row.reason,
        "" if row.verdict.clear else decide_text(row.certainty),
        match_text(row),
    )
    return "; ".join(word for word in words if word)


def match_text(row: FunctionChange) -> str:
    """Return how a function was found on the other side, where that was not by its name."""
    if row.match is MatchKind.RENAMED and row.was is not None:
        place = f" ({row.was.file})" if row.was.file != row.frame.file else ""
        return f"was {row.was.function}{place}"
    return "matched by its bare name" if row.match is MatchKind.AMBIGUOUS else ""


def totals_of(lens: ReportLens) -> list[tuple[str, TotalChange, Unit]]:
    """Return what is said of whole runs: the weight of all samples, and CPU time where that is known."""
    return [(lens.name, lens.total, lens.unit)] + (
        [("CPU time", lens.cpu_time, Unit.SECONDS)] if lens.cpu_time is not None else []
    )


def total_text(total: TotalChange, unit: Unit) -> str:
    """Return the whole of both sides, a run each."""
    sides = f"{format_value(total.baseline, unit)} → {format_value(total.current, unit)}"
    return f"{sides}  {signed_text(total.current - total.baseline, unit)}"


def total_doubt(total: TotalChange, unit: Unit) -> str:
    """Return the interval, the chance and what would decide of a total, or between what its runs lie."""
    certainty = total.certainty
    smallest = smallest_text(certainty)
    runs = spans_text(total.spans, unit)
    words = (
        f"95 %: {interval_text(certainty)}" if certainty.ci else "",
        f"runs {runs}" if runs else "",
        f"p {chance_text(certainty.p)}" if certainty.p is not None else "",
        f"a change of {smallest} would have been seen" if smallest and not total.reason else "",
        "" if total.verdict.clear else decide_text(certainty),
        total.reason,
    )
    return ", ".join(word for word in words if word)


def runs_text(side: ReportSide) -> str:
    """Return how many runs a side has: empty for one."""
    return f" ×{len(side.runs)}" if len(side.runs) > 1 else ""


def dates_text(side: ReportSide) -> str:
    """Return when the runs of a side were made, without the offset of the time zone."""
    first, last = (_moment(run) for run in (side.runs[0], side.runs[-1]))
    if first == last:
        return first
    return f"{first} to {last.removeprefix(first[:11])}"


def commits_text(side: ReportSide) -> str:
    """Return what was checked out; empty where that is not known."""
    seen = dict.fromkeys(_commit(run) for run in side.runs)
    return ", ".join(commit for commit in seen if commit)


def lengths_text(side: ReportSide) -> str:
    """Return how long the runs of a side took; empty where that is not known, as of imported profiles."""
    if not any(run.duration_s for run in side.runs):
        return ""
    lengths = sorted(run.duration_s for run in side.runs)
    shortest, longest = format_seconds(lengths[0]), format_seconds(lengths[-1])
    return shortest if shortest == longest else f"{shortest} to {longest}"


def summary_text(lens: ReportLens) -> str:
    """Return how many functions each verdict is given to: `2 slower, 1 faster, 57 within noise`."""
    words = [f"{count} {word_of(verdict, lens.unit)}" for verdict, count in counted(lens.changes).items()]
    return ", ".join(words) or "no function on either side"


def beyond_text(lens: ReportLens) -> str:
    """Say what the intervals of functions lie around, where all of them became slower or faster; else nothing."""
    shared = shared_text(lens.shared)
    if not shared or not any(row.certainty.ci for row in lens.changes):
        return ""
    return f"all functions share {shared}: intervals (95 %) are of what a function did beyond that"


def plural(word: str, count: int) -> str:
    """Return a noun for so many."""
    return word if count == 1 else f"{word}s"


def _moment(run: SessionMeta) -> str:
    return run.created[:16].replace("T", " ")


def _commit(run: SessionMeta) -> str:
    facts = run.environment
    commit = facts.get("git_commit", "")
    branch = facts.get("git_branch", "")
    changed = " with changes" if facts.get("git_changes") == "yes" else ""
    return (f"{commit} ({branch})" if commit and branch else commit or branch) + changed
