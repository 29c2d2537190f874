"""Operations as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.analysis.operation_figures import OperationFigure, is_of_means, operation_figures
from perftui.analysis.scaling import Scaling, scalings
from perftui.cli.console import table
from perftui.model.operation import Operation
from perftui.text import printable
from perftui.units import Unit, format_count, format_measured, format_percent

_COLUMNS = ("mean", "median", "stddev", "p95", "p99")


def operations_text(operations: Sequence[Operation]) -> str:
    """Return the figures of operations, what is to be known of them, and how they grow; empty where there are none."""
    if not operations:
        return ""
    return "\n\n".join(part for part in (_table(operations), _remarks(operations), _growth(operations)) if part)


def _table(operations: Sequence[Operation]) -> str:
    figures = [operation_figures(operation) for operation in operations]
    throughput = any(operation.work is not None for operation in operations)
    success = any(found["success_pct"].value is not None for found in figures)
    head = ["operation", "n", *_COLUMNS]
    head += [*(["throughput"] if throughput else []), *(["success"] if success else [])]
    rows = [
        (
            operation.key,
            format_count(found["mean"].n) if found["mean"].n else "told",
            *(_cell(found[name]) for name in _COLUMNS),
            *([_cell(found["throughput"]) if operation.work is not None else ""] if throughput else []),
            *([_cell(found["success_pct"])] if success else []),
        )
        for operation, found in zip(operations, figures, strict=True)
    ]
    return table(tuple(head), rows, right=tuple(range(1, len(head))))


def _cell(figure: OperationFigure) -> str:
    if figure.value is None:
        return "–" if figure.reason in ("not told", "not counted", "not a time") else figure.reason
    if figure.unit is Unit.PERCENT:
        return format_percent(figure.value)
    return format_measured(figure.value, figure.unit)


def _remarks(operations: Sequence[Operation]) -> str:
    lines = []
    if any(not operation.runs and operation.told for operation in operations):
        lines.append("told: figures of the tool, which kept no raw values; nothing can be tested on them")
    if any(map(is_of_means, operations)):
        lines.append("n counts values, of which each is the mean of several executions: percentiles are of such means")
    failed = [operation for operation in operations if operation.failed]
    for operation in failed[:5]:
        words = ", ".join(f"{text}: {format_count(count)}" for text, count in list(operation.errors.items())[:3])
        count = operation.failed or 0
        counted = f"{format_count(count)} execution{'' if count == 1 else 's'} failed"
        lines.append(printable(f"{operation.key}: {counted} ({words or 'no reason told'})"))
    return "\n".join(lines)


def _growth(operations: Sequence[Operation]) -> str:
    found = scalings(operations)
    if not found:
        return ""
    rows = [(one.key, str(len(one.points)), _exponent(one), one.words) for one in found]
    return table(("growth with size", "sizes", "size to the power of", "so"), rows, right=(1,))


def _exponent(scaling: Scaling) -> str:
    if not scaling.has_interval:
        return f"{scaling.exponent:.2f} (two sizes, no interval)"
    return f"{scaling.exponent:.2f} (95 % interval {scaling.low:.2f} to {scaling.high:.2f})"
