"""Two sessions put side by side, looked at through one lens at a time: CPU, or a view of the heap."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perftui.analysis.call_tree import CallTree
from perftui.analysis.compare import FunctionDelta, Side, function_deltas
from perftui.analysis.delta_tree import DeltaTree, Width
from perftui.errors import NoDataError
from perftui.model.heap import HeapView
from perftui.model.session import SessionKind, SessionMeta
from perftui.model.workload import RecordMode
from perftui.recording.memory_summary import LEADING_VIEWS
from perftui.recording.playback import open_playback
from perftui.recording.session_model import SessionModel
from perftui.units import Unit, format_seconds

SCHEMA = "perftui.compare/1"
Lens = HeapView | None
"""What two sessions are compared by; None is CPU."""

_SAME_LENGTH = 0.9
"""Runs that were ended by hand are of one length where the shorter has this share of the longer."""
# What adds up over a run says as little of an attached process as its seconds do: both depend on how long one looked.
_CUMULATIVE = (None, HeapView.ALLOCATED, HeapView.TEMPORARY)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sessions and what differs between them through one lens."""

    baseline: SessionModel
    current: SessionModel
    deltas: tuple[FunctionDelta, ...]
    unit: Unit
    by_share: bool
    """Whether shares compare more honestly than absolute weights: a side was attached to, so its time is arbitrary."""
    view: Lens = None
    lenses: tuple[Lens, ...] = (None,)
    """Everything that both sessions hold, CPU first."""
    remarks: tuple[str, ...] = ()
    """What keeps the two from being compared in full, or on equal terms; one sentence each."""

    @property
    def baseline_weight(self) -> float:
        """Weight of the whole baseline."""
        return _tree(self.baseline, self.view).weight

    @property
    def current_weight(self) -> float:
        """Weight of the whole current session."""
        return _tree(self.current, self.view).weight

    @property
    def exact(self) -> bool:
        """Whether nothing was sampled on either side."""
        view = self.view
        return view is not None and all(model.heap[view].exact for model in (self.baseline, self.current))

    def of(self, view: Lens) -> Comparison:
        """Return the same two sessions through another lens; raises `NoDataError` where not both hold it."""
        if view is self.view:
            return self
        if view not in self.lenses:
            name = "CPU samples" if view is None else f"memory: {view.value}"
            raise NoDataError(f"not both sessions hold {name}", hint=f"both hold {_listed(self.lenses)}")
        return _through(view, self.baseline, self.current, self.lenses)

    def tree(self, *, share: bool, width: Width = Width.LARGER) -> DeltaTree:
        """Return the union of both call trees, in absolute weights or in shares of each side."""
        return DeltaTree(_side(self.baseline, self.view), _side(self.current, self.view), share=share, width=width)


def compare_paths(baseline: Path, current: Path) -> Comparison:
    """Return the comparison of two session files."""
    return compare_models(open_playback(baseline).model, open_playback(current).model)


def compare_models(baseline: SessionModel, current: SessionModel) -> Comparison:
    """Return the comparison of two sessions; raises `NoDataError` where they have nothing in common, or are empty."""
    lenses = _lenses(baseline, current)
    if not lenses:
        raise _nothing_in_common(baseline, current)
    return _through(lenses[0], baseline, current, lenses)


def memory_lens(comparison: Comparison) -> HeapView | None:
    """Return the view of the heap that two sessions are best compared by, or None where not both hold memory."""
    return next((view for view in comparison.lenses if view is not None), None)


def compare_document(comparison: Comparison, *, top: int | None = None, view: HeapView | None = None) -> dict[str, Any]:
    """Return the JSON document of a comparison; `view` is the one of the heap, the most telling by default.

    Raises:
        NoDataError: Not both sessions hold this view.
    """
    cpu = comparison.of(None) if None in comparison.lenses else None
    memory = view or memory_lens(comparison)
    before, after = comparison.baseline.meta, comparison.current.meta
    return {
        "schema": SCHEMA,
        "baseline": {
            "id": before.id,
            "name": before.name,
            "total_s": cpu and round(cpu.baseline_weight, 6),
            "perturbed": before.perturbed,
        },
        "current": {
            "id": after.id,
            "name": after.name,
            "total_s": cpu and round(cpu.current_weight, 6),
            "perturbed": after.perturbed,
        },
        "mode": cpu and ("share" if cpu.by_share else "absolute"),
        "unit": cpu and cpu.unit.value,
        "deltas": [_row(row) for row in cpu.deltas[:top]] if cpu else [],
        "memory": None if memory is None else _memory_document(comparison.of(memory), top),
        "remarks": list(comparison.remarks),
    }


def _memory_document(memory: Comparison, top: int | None) -> dict[str, Any]:
    assert memory.view is not None
    before, after = memory.baseline.heap[memory.view], memory.current.heap[memory.view]
    return {
        "view": memory.view.value,
        "exact": memory.exact,
        "baseline_bytes": before.total_bytes,
        "current_bytes": after.total_bytes,
        "delta_bytes": after.total_bytes - before.total_bytes,
        "allocations": [before.allocations, after.allocations],
        "mode": "share" if memory.by_share else "absolute",
        "deltas": [_memory_row(row) for row in memory.deltas[:top]],
    }


def _row(row: FunctionDelta) -> dict[str, Any]:
    return {
        "function": row.frame.function,
        "file": row.frame.file,
        "baseline_s": round(row.baseline, 6),
        "current_s": round(row.current, 6),
        "delta_s": round(row.delta, 6),
        "baseline_share": round(row.baseline_share, 6),
        "current_share": round(row.current_share, 6),
        "baseline_total_s": round(row.baseline_total, 6),
        "current_total_s": round(row.current_total, 6),
        "samples": [row.baseline_count, row.current_count],
        "z": round(row.z, 3),
        "kind": row.kind.value,
    }


def _memory_row(row: FunctionDelta) -> dict[str, Any]:
    return {
        "function": row.frame.function,
        "file": row.frame.file,
        "baseline_bytes": int(row.baseline),
        "current_bytes": int(row.current),
        "delta_bytes": int(row.delta),
        "baseline_share": round(row.baseline_share, 6),
        "current_share": round(row.current_share, 6),
        "baseline_total_bytes": int(row.baseline_total),
        "current_total_bytes": int(row.current_total),
        "baseline_count": row.baseline_count,
        "current_count": row.current_count,
        "kind": row.kind.value,
    }


def _through(view: Lens, baseline: SessionModel, current: SessionModel, lenses: tuple[Lens, ...]) -> Comparison:
    before, after = _side(baseline, view), _side(current, view)
    attached = SessionKind.ATTACHED in (baseline.meta.kind, current.meta.kind)
    return Comparison(
        baseline=baseline,
        current=current,
        deltas=tuple(function_deltas(before, after)),
        unit=before.tree.unit,
        by_share=attached and view in _CUMULATIVE,
        view=view,
        lenses=lenses,
        remarks=tuple(_remarks(baseline, current, lenses)),
    )


def _side(model: SessionModel, view: Lens) -> Side:
    if view is None:
        return Side(model.aggregate.tree, model.meta.cwd)
    return model.heap[view].side(model.meta.cwd)


def _tree(model: SessionModel, view: Lens) -> CallTree:
    return model.aggregate.tree if view is None else model.heap[view].tree


def _lenses(baseline: SessionModel, current: SessionModel) -> tuple[Lens, ...]:
    shared = tuple(view for view in LEADING_VIEWS if view in baseline.heap and view in current.heap)
    before, after = baseline.aggregate.tree, current.aggregate.tree
    sampled = before.unit is after.unit and bool(before.count or after.count)
    return (None, *shared) if sampled and _has_cpu(baseline) and _has_cpu(current) else shared


def _has_cpu(model: SessionModel) -> bool:
    """Say whether CPU was looked at; what was looked at and never seen running is something to compare, too."""
    return model.meta.mode != RecordMode.MEMORY.value or bool(model.aggregate.samples)


def _nothing_in_common(baseline: SessionModel, current: SessionModel) -> NoDataError:
    before, after = baseline.aggregate.tree, current.aggregate.tree
    if not (before.count or after.count or baseline.heap or current.heap):
        return NoDataError("neither session holds a sample", hint="record both again, for longer")
    if bool(baseline.heap) is bool(current.heap) and before.unit is not after.unit:
        return NoDataError(
            f"the sessions count different things: {before.unit.value} and {after.unit.value}",
            hint="compare two sessions of the same kind",
        )
    return NoDataError(
        f"the baseline holds {_holdings(baseline)}, the current session {_holdings(current)}",
        hint="record both in the same mode",
    )


def _holdings(model: SessionModel) -> str:
    held = ["CPU samples"] if model.aggregate.samples else []
    held += ["memory"] if model.heap else []
    return " and ".join(held) or "nothing"


def _remarks(baseline: SessionModel, current: SessionModel, lenses: tuple[Lens, ...]) -> list[str]:
    remarks = []
    sides = (("baseline", baseline), ("current session", current))
    if bool(baseline.heap) is not bool(current.heap):
        lacking = next(name for name, model in sides if not model.heap)
        remarks.append(f"the {lacking} holds no memory: record it with --mode memory to compare that, too")
    if None not in lenses and (baseline.aggregate.samples or current.aggregate.samples):
        lacking = next(name for name, model in sides if not model.aggregate.samples)
        remarks.append(f"the {lacking} holds no CPU samples")
    if None in lenses and _cut_short(baseline.meta, current.meta):
        lengths = " against ".join(format_seconds(model.meta.duration_s) for _, model in sides)
        remarks.append(f"a run was ended by perftui ({lengths}): for that alone their seconds differ")
    perturbed = [name for name, model in sides if model.meta.perturbed]
    if None in lenses and perturbed:
        only = "" if len(perturbed) == len(sides) else ", and those of the other session do not"
        remarks.append(f"CPU seconds of the {' and the '.join(perturbed)} hold what tracing allocations costs{only}")
    peaks = [name for name, model in sides if not _peak_is_exact(model)]
    if HeapView.HIGH_WATERMARK in lenses and peaks:
        remarks.append(f"the high watermark of the {' and the '.join(peaks)} was only sampled")
    return remarks


def _cut_short(before: SessionMeta, after: SessionMeta) -> bool:
    """Say whether the time of two runs differs because somebody ended one of them."""
    shorter_s, longer_s = sorted((before.duration_s, after.duration_s))
    return (before.ended_by_us or after.ended_by_us) and shorter_s < _SAME_LENGTH * longer_s


def _peak_is_exact(model: SessionModel) -> bool:
    peak = model.heap.get(HeapView.HIGH_WATERMARK)
    return peak is None or peak.exact


def _listed(lenses: tuple[Lens, ...]) -> str:
    return ", ".join("CPU" if view is None else view.value for view in lenses)
