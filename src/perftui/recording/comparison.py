"""Two sessions put side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perftui.analysis.compare import DeltaTree, FunctionDelta, Side, Width, function_deltas
from perftui.errors import NoDataError
from perftui.model.session import SessionKind
from perftui.recording.playback import open_playback
from perftui.recording.session_model import SessionModel
from perftui.units import Unit

SCHEMA = "perftui.compare/1"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sessions and what differs between them."""

    baseline: SessionModel
    current: SessionModel
    deltas: tuple[FunctionDelta, ...]
    unit: Unit
    by_share: bool
    """Whether shares compare more honestly than absolute weights: a side was attached to, so its time is arbitrary."""

    @property
    def baseline_weight(self) -> float:
        """Weight of the whole baseline."""
        return self.baseline.aggregate.tree.weight

    @property
    def current_weight(self) -> float:
        """Weight of the whole current session."""
        return self.current.aggregate.tree.weight

    def tree(self, *, share: bool, width: Width = Width.LARGER) -> DeltaTree:
        """Return the union of both call trees, in absolute weights or in shares of each side."""
        return DeltaTree(_side(self.baseline), _side(self.current), share=share, width=width)


def compare_paths(baseline: Path, current: Path) -> Comparison:
    """Return the comparison of two session files."""
    return compare_models(open_playback(baseline).model, open_playback(current).model)


def compare_models(baseline: SessionModel, current: SessionModel) -> Comparison:
    """Return the comparison of two sessions; raises `NoDataError` where their units differ or both are empty."""
    before, after = baseline.aggregate.tree, current.aggregate.tree
    if before.unit is not after.unit:
        raise NoDataError(
            f"the sessions count different things: {before.unit.value} and {after.unit.value}",
            hint="compare two sessions of the same kind",
        )
    if not before.count and not after.count:
        raise NoDataError("neither session holds a sample", hint="record both again, for longer")
    return Comparison(
        baseline=baseline,
        current=current,
        deltas=tuple(function_deltas(_side(baseline), _side(current))),
        unit=before.unit,
        by_share=SessionKind.ATTACHED in (baseline.meta.kind, current.meta.kind),
    )


def compare_document(comparison: Comparison, *, top: int | None = None) -> dict[str, Any]:
    """Return the JSON document of a comparison."""
    before, after = comparison.baseline.meta, comparison.current.meta
    return {
        "schema": SCHEMA,
        "baseline": {"id": before.id, "name": before.name, "total_s": round(comparison.baseline_weight, 6)},
        "current": {"id": after.id, "name": after.name, "total_s": round(comparison.current_weight, 6)},
        "mode": "share" if comparison.by_share else "absolute",
        "unit": comparison.unit.value,
        "deltas": [_row(row) for row in comparison.deltas[:top]],
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


def _side(model: SessionModel) -> Side:
    return Side(model.aggregate.tree, model.meta.cwd)
