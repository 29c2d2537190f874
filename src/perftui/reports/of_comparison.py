"""The way of a comparison into a report."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from perftui.analysis.paired_figures import BudgetPair
from perftui.analysis.paired_times import SideName
from perftui.analysis.timeline import RUNNING
from perftui.model.heap import HeapView
from perftui.model.session import SessionKind
from perftui.recording.comparison import Comparison, memory_lens
from perftui.recording.comparison_figures import budgets_of, meters_of, paired_times, run_pairs
from perftui.recording.redaction import Redaction, redaction_of
from perftui.reports.comparison_report import ComparisonReport, ReportCurve, ReportLens, ReportSide
from perftui.units import Unit

_CURVES = (RUNNING, "cpu_percent", "rss_bytes", "heap_bytes")
_MOST_POINTS = 240
_LEAST_STEP_S = 1.0
"""The meters are looked at once a second."""
# Seconds in which threads ran, or wanted to: on a busy machine more than those that the kernel gave them.
_SAMPLED = {Unit.SECONDS: "running threads", Unit.SAMPLES: "samples", Unit.BYTES: "bytes"}
_VIEWS = {
    HeapView.HIGH_WATERMARK: "held at the high watermark",
    HeapView.HELD: "held at the end",
    HeapView.LEAKED: "leaked",
    HeapView.TEMPORARY: "temporary allocations",
    HeapView.ALLOCATED: "allocated",
}


def report_of(
    comparison: Comparison, *, view: HeapView | None = None, redacted: bool = False, flames: bool = True
) -> ComparisonReport:
    """Return what is reported of a comparison; `view` is the one of the heap, the most telling by default.

    Where it is `redacted`, only what may be told to strangers is in it; without `flames` it has no trees.

    Raises:
        NoDataError: Not both sides hold this view.
    """
    memory = view or memory_lens(comparison)
    seen = ([None] if None in comparison.lenses else []) + ([memory] if memory else [])
    redaction = redaction_of(comparison) if redacted else None
    whole = redaction.comparison(comparison) if redaction else comparison
    return ComparisonReport(
        baseline=ReportSide("baseline", whole.sides[0].metas),
        current=ReportSide("current", whole.sides[1].metas),
        lenses=tuple(_lens(comparison.of(each), redaction, flames=flames) for each in seen),
        conditions=whole.conditions,
        remarks=whole.remarks,
        # How long imported profiles took is not known.
        figures=tuple(pair for pair in run_pairs(comparison) if pair.baseline or pair.current),
        meters=tuple(meters_of(comparison)),
        budgets=_budgets(comparison, redaction),
        curves=_curves(comparison),
        redacted=redacted,
    )


def _lens(lens: Comparison, redaction: Redaction | None, *, flames: bool) -> ReportLens:
    tree = lens.tree(share=lens.by_share) if flames else None
    return ReportLens(
        name=_SAMPLED.get(lens.unit, lens.unit.value) if lens.view is None else _VIEWS[lens.view],
        unit=lens.unit,
        by_share=lens.by_share,
        why=_why(lens),
        total=replace(lens.total, baseline=lens.baseline_weight, current=lens.current_weight),
        changes=lens.changes if redaction is None else tuple(map(redaction.change, lens.changes)),
        cpu_time=lens.cpu_time,
        advisory=lens.advisory,
        shared=lens.shared,
        tree=redaction.tree(tree) if redaction and tree else tree,
    )


def _budgets(comparison: Comparison, redaction: Redaction | None) -> tuple[BudgetPair, ...]:
    pairs = budgets_of(comparison)
    if redaction is None:
        return tuple(pairs)
    return tuple(replace(pair, subject=redaction.text(pair.subject)) for pair in pairs)


def _why(lens: Comparison) -> str:
    """Return why figures are held against each other as they are, in half a sentence."""
    if lens.by_share:
        return "a side was attached to, and how long one looked is arbitrary"
    if SessionKind.IMPORTED in {meta.kind for side in lens.sides for meta in side.metas}:
        return "as the imported profiles count"
    if SessionKind.ATTACHED in {meta.kind for side in lens.sides for meta in side.metas}:
        return "what is held does not depend on how long one looked"
    return "both sides were launched, so their time is that of the work"


def _curves(comparison: Comparison) -> tuple[ReportCurve, ...]:
    pair = paired_times(comparison)
    step_s = max(_LEAST_STEP_S, pair.span_s / _MOST_POINTS)
    count = ceil(pair.span_s / step_s)
    curves = []
    for lane in pair.lanes() if count else ():
        if lane.key not in _CURVES:
            continue
        baseline, current = (side.columns(lane, count, end_s=count * step_s).mean for side in map(pair.side, SideName))
        if any(value is not None for value in (*baseline, *current)):
            curves.append(ReportCurve(lane.label, lane.unit, step_s, baseline, current))
    return tuple(curves)
