"""A comparison as one JSON document: every number that the screen and the reports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from perftui.analysis.call_tree import function_key
from perftui.analysis.change_groups import grouped
from perftui.analysis.change_words import shared_text
from perftui.analysis.deciding import deciding_commands, runs_to_decide
from perftui.analysis.paired_figures import BudgetPair, FigurePair, MeterPair
from perftui.model.change import Certainty, ChangeVerdict, Condition, FunctionChange, Span, TotalChange
from perftui.model.heap import HeapView
from perftui.recording.comparison import Comparison, memory_lens
from perftui.recording.comparison_figures import budgets_of, meters_of, run_pairs
from perftui.recording.held_document import held_document
from perftui.recording.redaction import Redaction, redaction_of
from perftui.recording.side_runs import SideRuns

SCHEMA = "perftui.compare/2"
_DIGITS = 9
"""After the point: what is shown has three significant ones, and rounding twice must not change them."""


def compare_document(
    comparison: Comparison, *, top: int | None = None, view: HeapView | None = None, redacted: bool = False
) -> dict[str, Any]:
    """Return the JSON document of a comparison; `view` is the one of the heap, the most telling by default.

    Where it is `redacted`, only what may be told to strangers is in it.

    Raises:
        NoDataError: Not both sessions hold this view.
    """
    memory_view = view or memory_lens(comparison)
    cpu = comparison.of(None) if None in comparison.lenses else None
    memory = comparison.of(memory_view) if memory_view else None
    counted = comparison.of(memory_view, by_count=True) if memory_view else None
    measured = comparison
    redaction = redaction_of(comparison) if redacted else None
    if redaction is not None:
        comparison, cpu, memory, counted = (
            redaction.comparison(comparison),
            *(None if lens is None else redaction.comparison(lens) for lens in (cpu, memory, counted)),
        )
    return {
        "schema": SCHEMA,
        "baseline": _side(comparison.sides[0], cpu.baseline_weight if cpu else None),
        "current": _side(comparison.sides[1], cpu.current_weight if cpu else None),
        "mode": cpu and _mode(cpu),
        "unit": cpu and cpu.unit.value,
        "conditions": [_condition(condition) for condition in comparison.conditions],
        "totals": cpu and _totals(cpu),
        "cpu_time": _cpu_time(cpu.cpu_time) if cpu and cpu.cpu_time else None,
        "deltas": [_row(row) for row in cpu.changes[:top]] if cpu else [],
        "summary": _summary(cpu or comparison),
        "memory": None if memory is None or counted is None else _memory(memory, counted, top),
        "figures": [_figure(pair) for pair in run_pairs(measured)],
        "meters": [_meter(pair) for pair in meters_of(measured)],
        "budgets": [_budget(pair, redaction) for pair in budgets_of(measured)],
        "remarks": list(comparison.remarks),
        "deciding": list(_deciding(cpu or comparison)),
    }


def kind_of_change(change: FunctionChange) -> str:
    """Return what the figures of a function did, whatever may be said of it: one of five words."""
    if not change.baseline_count and change.baseline_total == 0:
        return "appeared"
    if not change.current_count and change.current_total == 0:
        return "vanished"
    return "grew" if change.delta > 0 else "shrank" if change.delta < 0 else "same"


def _side(side: SideRuns, weight: float | None) -> dict[str, Any]:
    meta = side.model.meta
    return {
        "id": meta.id,
        "name": meta.name,
        "runs": [run.meta.id for run in side.runs],
        "total_s": None if weight is None else round(weight, _DIGITS),
        "perturbed": meta.perturbed,
    }


def _mode(comparison: Comparison) -> str:
    return "share" if comparison.by_share else "absolute"


def _condition(condition: Condition) -> dict[str, Any]:
    return {
        "name": condition.name,
        "baseline": condition.baseline,
        "current": condition.current,
        "same": condition.same,
        "mixed": condition.mixed,
        "matters": condition.matters,
        "sentence": condition.sentence,
    }


def _deciding(lens: Comparison) -> tuple[str, ...]:
    """Return what to type for more runs, where those would decide."""
    before, after = (side.metas[-1] for side in lens.sides)
    doubtful = grouped(lens.changes, by_share=lens.by_share).doubtful
    return deciding_commands(before, after, runs_to_decide([lens.cpu_time or lens.total], doubtful))


def _figure(pair: FigurePair) -> dict[str, Any]:
    return {"name": pair.label, "unit": pair.unit.value, **_both(pair)}


def _both(pair: FigurePair) -> dict[str, Any]:
    """Return the median of each side's runs, and between what they lie."""
    return {"baseline": pair.baseline, "current": pair.current, **_ranges(pair.spans)}


def _ranges(spans: tuple[Span | None, Span | None]) -> dict[str, Any]:
    before, after = (None if span is None else list(span) for span in spans)
    return {"baseline_range": before, "current_range": after}


def _meter(pair: MeterPair) -> dict[str, Any]:
    meter = pair.meter
    return {
        "name": meter.label,
        "metric": meter.metric,
        "unit": meter.unit.value,
        "mean": _both(pair.mean),
        "peak": _both(pair.peak),
    }


def _budget(pair: BudgetPair, redaction: Redaction | None) -> dict[str, Any]:
    told: Callable[[str], str] = redaction.text if redaction else str
    sides = {
        name: verdict and {"verdict": verdict.verdict.value, "value": verdict.current, "runs": list(alike)}
        for name, verdict, alike in zip(("baseline", "current"), (pair.baseline, pair.current), pair.alike, strict=True)
    }
    held = pair.current.held_against if pair.current is not None and pair.across else None
    change = {"change": held_document(held)} if held is not None else {}
    return {"rule": told(pair.rule), "subject": told(pair.subject), "unit": pair.unit.value, **sides, **change}


def _totals(cpu: Comparison) -> dict[str, Any]:
    total: TotalChange = cpu.total
    return {
        "baseline_s": round(cpu.baseline_weight, _DIGITS),
        "current_s": round(cpu.current_weight, _DIGITS),
        "delta_s": round(cpu.current_weight - cpu.baseline_weight, _DIGITS),
        **_certainty(total.certainty),
        "verdict": total.verdict.value,
        "runs": list(total.runs),
        "samples": [side.tree.count for side in cpu.sides],
        "reason": total.reason,
        "shared_ratio": None if cpu.shared is None else round(cpu.shared, _DIGITS),
        "intervals_beyond_shared": bool(shared_text(cpu.shared)),
    }


def _cpu_time(total: TotalChange) -> dict[str, Any]:
    return {
        "baseline_s": round(total.baseline, _DIGITS),
        "current_s": round(total.current, _DIGITS),
        **_certainty(total.certainty),
        "verdict": total.verdict.value,
        "reason": total.reason,
    }


def _summary(lens: Comparison) -> dict[str, Any]:
    counted = Counter(change.verdict for change in lens.changes)
    words = {verdict.value.replace(" ", "_"): counted[verdict] for verdict in ChangeVerdict}
    return {"functions": len(lens.changes), **words, "advisory": lens.advisory}


def _certainty(certainty: Certainty) -> dict[str, Any]:
    detectable = certainty.smallest_detectable
    return {
        "ci": None if certainty.ci is None else [round(end, _DIGITS) for end in certainty.ci],
        "p": certainty.p,
        "q": certainty.q,
        "smallest_detectable_pct": None if detectable is None else round(100 * detectable, 2),
        "more_runs": certainty.more_runs,
    }


def _row(row: FunctionChange) -> dict[str, Any]:
    return {
        **_named(row),
        "baseline_s": round(row.baseline, _DIGITS),
        "current_s": round(row.current, _DIGITS),
        "delta_s": round(row.delta, _DIGITS),
        "baseline_share": round(row.baseline_share, _DIGITS),
        "current_share": round(row.current_share, _DIGITS),
        "baseline_total_s": round(row.baseline_total, _DIGITS),
        "current_total_s": round(row.current_total, _DIGITS),
        "samples": [row.baseline_count, row.current_count],
        **_certainty(row.certainty),
        "reason": row.reason,
    }


def _named(row: FunctionChange) -> dict[str, Any]:
    was = row.was
    return {
        "function": row.frame.function,
        "file": row.frame.file,
        "was": None if was is None else {"function": was.function, "file": was.file},
        "match": row.match.value,
        "kind": kind_of_change(row),
        "verdict": row.verdict.value,
    }


def _memory(memory: Comparison, counted: Comparison, top: int | None) -> dict[str, Any]:
    assert memory.view is not None
    before, after = memory.baseline_weight, memory.current_weight
    counts = {function_key(row.frame): row for row in counted.changes}
    return {
        "view": memory.view.value,
        "exact": memory.exact,
        "runs": list(memory.total.runs),
        "baseline_bytes": int(before),
        "current_bytes": int(after),
        "delta_bytes": int(after - before),
        "verdict": memory.total.verdict.value,
        "reason": memory.total.reason,
        **_ranges(memory.total.spans),
        "allocations": [int(counted.baseline_weight), int(counted.current_weight)],
        "by_count": _by_count(counted),
        "mode": _mode(memory),
        "deltas": [_memory_row(row, counts.get(function_key(row.frame))) for row in memory.changes[:top]],
        "summary": _summary(memory),
    }


def _by_count(counted: Comparison) -> dict[str, Any]:
    """Return the whole by number of allocations."""
    return {
        "verdict": counted.total.verdict.value,
        "reason": counted.total.reason,
        **_ranges(counted.total.spans),
        "summary": _summary(counted),
    }


def _memory_row(row: FunctionChange, counted: FunctionChange | None) -> dict[str, Any]:
    return {
        **_named(row),
        "baseline_bytes": int(row.baseline),
        "current_bytes": int(row.current),
        "delta_bytes": int(row.delta),
        "baseline_share": round(row.baseline_share, _DIGITS),
        "current_share": round(row.current_share, _DIGITS),
        "baseline_total_bytes": int(row.baseline_total),
        "current_total_bytes": int(row.current_total),
        **_ranges(row.spans),
        "baseline_count": row.baseline_count,
        "current_count": row.current_count,
        "by_count": counted and _counted(counted),
        "reason": row.reason,
    }


def _counted(row: FunctionChange) -> dict[str, Any]:
    """Return a function by number of allocations."""
    return {
        "baseline": int(row.baseline),
        "current": int(row.current),
        "delta": int(row.delta),
        "baseline_share": round(row.baseline_share, _DIGITS),
        "current_share": round(row.current_share, _DIGITS),
        "baseline_total": int(row.baseline_total),
        "current_total": int(row.current_total),
        **_ranges(row.spans),
        "verdict": row.verdict.value,
        "reason": row.reason,
    }
