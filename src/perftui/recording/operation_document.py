"""Operations for scripts: every figure with its unit and why there is none, and every raw value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perftui.analysis.operation_figures import executions, operation_figures
from perftui.analysis.scaling import scalings
from perftui.model.operation import Operation

Document = dict[str, Any]


def operation_document(operation: Operation, *, raw: bool = True) -> Document:
    """Return what is known of an operation; its raw values are left out where they are not wanted."""
    figures = operation_figures(operation)
    document: Document = {
        "key": operation.key,
        "group": operation.group or None,
        "name": operation.name,
        "parameter": operation.parameter or None,
        "unit": operation.unit.value,
        "tool": operation.tool or None,
        "tool_version": operation.tool_version or None,
        "n": figures["mean"].n,
        "executions": executions(operation),
        "lower_is_better": operation.lower_is_better,
        "figures": {name: figure.value for name, figure in figures.items()},
        "units": {name: figures[name].unit.value for name in ("success_pct", "throughput")},
        "missing": {name: figure.reason for name, figure in figures.items() if figure.value is None},
        "told": dict(operation.told),
        "figures_are_told": any(figure.told for figure in figures.values()),
        "ok": operation.ok,
        "failed": operation.failed,
        "errors": dict(operation.errors),
        "work": operation.work,
        "work_unit": operation.work_unit.value,
    }
    if raw:
        document["runs"] = [list(run) for run in operation.runs]
        document["weights"] = [list(run) for run in operation.weights]
    return document


def scaling_documents(operations: Sequence[Operation]) -> list[Document]:
    """Return how operations grow with their sizes."""
    return [
        {
            "key": scaling.key,
            "exponent": scaling.exponent,
            "ci": [scaling.low, scaling.high] if scaling.has_interval else None,
            "words": scaling.words,
            "points": [{"size": p.size, "value": p.value, "key": p.key} for p in scaling.points],
        }
        for scaling in scalings(operations)
    ]
