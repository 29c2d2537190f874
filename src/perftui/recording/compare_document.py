"""A comparison as one JSON document: every number that the screen and the reports show."""

from __future__ import annotations

from collections import Counter
from typing import Any

from perftui.model.change import Certainty, ChangeVerdict, Condition, FunctionChange, TotalChange
from perftui.model.heap import HeapView
from perftui.recording.comparison import Comparison, memory_lens
from perftui.recording.redaction import redaction_of
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
    if redacted:
        redaction = redaction_of(comparison)
        comparison, cpu, memory = (
            redaction.comparison(comparison),
            *(None if lens is None else redaction.comparison(lens) for lens in (cpu, memory)),
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
        "memory": None if memory is None else _memory(memory, top),
        "remarks": list(comparison.remarks),
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
        "matters": condition.matters,
        "sentence": condition.sentence,
    }


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
        "shared_ratio": round(cpu.noise.shared, _DIGITS) if cpu.noise else None,
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


def _memory(memory: Comparison, top: int | None) -> dict[str, Any]:
    assert memory.view is not None
    before, after = memory.baseline.heap[memory.view], memory.current.heap[memory.view]
    return {
        "view": memory.view.value,
        "exact": memory.exact,
        "baseline_bytes": before.total_bytes,
        "current_bytes": after.total_bytes,
        "delta_bytes": after.total_bytes - before.total_bytes,
        "verdict": memory.total.verdict.value,
        "allocations": [before.allocations, after.allocations],
        "mode": _mode(memory),
        "deltas": [_memory_row(row) for row in memory.changes[:top]],
        "summary": _summary(memory),
    }


def _memory_row(row: FunctionChange) -> dict[str, Any]:
    return {
        **_named(row),
        "baseline_bytes": int(row.baseline),
        "current_bytes": int(row.current),
        "delta_bytes": int(row.delta),
        "baseline_share": round(row.baseline_share, _DIGITS),
        "current_share": round(row.current_share, _DIGITS),
        "baseline_total_bytes": int(row.baseline_total),
        "current_total_bytes": int(row.current_total),
        "baseline_count": row.baseline_count,
        "current_count": row.current_count,
        "reason": row.reason,
    }
