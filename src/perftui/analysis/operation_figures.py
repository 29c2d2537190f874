"""The figures of an operation: of its raw values where there are any, otherwise as its tool told them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isfinite, sqrt

from perftui.model.operation import Operation
from perftui.units import Unit

FEWEST_VALUES = {"p50": 1, "p90": 10, "p95": 20, "p99": 100}
"""How many values a percentile needs: with fewer it is the maximum under another name."""
PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0}
VALUE_FIGURES = ("mean", "median", "stddev", "min", "max", *PERCENTILES)
"""Figures in the unit of the operation's values, in the order in which they are shown."""
FIGURES = (*VALUE_FIGURES, "success_pct", "throughput")


@dataclass(frozen=True, slots=True)
class OperationFigure:
    """One figure of one operation."""

    name: str
    value: float | None
    """In base units; None where it cannot be said."""
    unit: Unit
    n: int
    """How many raw values stand behind it; executions for `success_pct`."""
    told: bool = False
    """Whether the tool told it and no raw values are there to work it out from."""
    reason: str = ""
    """Why there is no value, for a column: `n/a (n=20)`."""


def operation_figure(operation: Operation, name: str) -> OperationFigure:
    """Return one of `FIGURES`; raises `KeyError` for a name that is none."""
    if name == "success_pct":
        return _success(operation)
    if name == "throughput":
        return _throughput(operation)
    if name not in VALUE_FIGURES:
        raise KeyError(name)
    return _value_figure(operation, name, operation.values)


def operation_figures(operation: Operation) -> dict[str, OperationFigure]:
    """Return all `FIGURES` by their names, in their order."""
    ordered = sorted(operation.values)
    figures = {name: _value_figure(operation, name, ordered) for name in VALUE_FIGURES}
    return figures | {"success_pct": _success(operation), "throughput": _throughput(operation)}


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean of at least one value, summed without rounding."""
    try:
        return fsum(values) / len(values)
    except OverflowError:
        # The sum of large values may be beyond every number where their mean is not.
        return fsum(value / len(values) for value in values)


def stddev(values: Sequence[float]) -> float:
    """Return the standard deviation of a sample of at least two values (divided by n - 1)."""
    centre = mean(values)
    # Squares of what is divided by the greatest distance overflow never, and vanish where they do not matter.
    most = max(abs(value - centre) for value in values)
    if not most or not isfinite(most):
        return most
    return most * sqrt(fsum(((value - centre) / most) ** 2 for value in values) / (len(values) - 1))


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return a percentile of at least one value in ascending order, interpolated linearly between two of them.

    Hyndman and Fan's type 7 (The American Statistician 50, 1996), which is numpy's and most tools'.
    """
    place = (len(ordered) - 1) * percent / 100
    below = min(int(place), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    low, high = ordered[below], ordered[above]
    return min(max(low + (high - low) * (place - below), low), high)


def executions(operation: Operation) -> int:
    """Return how many executions stand behind the raw values of an operation."""
    if operation.weights:
        return sum(map(sum, operation.weights))
    return len(operation.values)


def counted(operation: Operation) -> int:
    """Return how many executions were done: those that succeeded where somebody counted, else those of the values."""
    return executions(operation) if operation.ok is None else operation.ok


def is_of_means(operation: Operation) -> bool:
    """Say whether values are means of several executions, so that percentiles are of such means."""
    return any(weight > 1 for run in operation.weights for weight in run)


def _value_figure(operation: Operation, name: str, values: Sequence[float]) -> OperationFigure:
    n, unit = len(values), operation.unit
    if not n:
        return _told(operation, name)
    if n < FEWEST_VALUES.get(name, 1) or (name == "stddev" and n < 2):
        return OperationFigure(name, None, unit, n, reason=f"n/a (n={n})")
    return OperationFigure(name, _worked_out(name, values), unit, n)


def _worked_out(name: str, values: Sequence[float]) -> float:
    match name:
        case "mean":
            return mean(values)
        case "stddev":
            return stddev(values)
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "median":
            return percentile(sorted(values), 50)
        case _:
            return percentile(sorted(values), PERCENTILES[name])


def _told(operation: Operation, name: str) -> OperationFigure:
    same = {"p50": "median", "median": "p50"}
    value = operation.told.get(name, operation.told.get(same.get(name, name)))
    reason = "" if value is not None else "not told"
    return OperationFigure(name, value, operation.unit, 0, told=value is not None, reason=reason)


def _success(operation: Operation) -> OperationFigure:
    if operation.ok is None and operation.failed is None:
        return OperationFigure("success_pct", None, Unit.PERCENT, 0, reason="not counted")
    ok, failed = operation.ok or 0, operation.failed or 0
    total = ok + failed
    value = 100 * ok / total if total else None
    return OperationFigure("success_pct", value, Unit.PERCENT, total, reason="" if total else "n/a (n=0)")


def _throughput(operation: Operation) -> OperationFigure:
    """Return what gets done in a second: of the tool's work, otherwise executions, by the mean of the values."""
    unit = Unit.BYTES_PER_SECOND if operation.work_unit is Unit.BYTES else Unit.PER_SECOND
    middle = _value_figure(operation, "mean", operation.values)
    if middle.value is None:
        middle = _value_figure(operation, "median", operation.values)
    if operation.unit in (Unit.PER_SECOND, Unit.BYTES_PER_SECOND):
        return OperationFigure("throughput", middle.value, operation.unit, middle.n, middle.told, middle.reason)
    if operation.unit is not Unit.SECONDS or middle.value is None or middle.value <= 0:
        reason = middle.reason or ("not a time" if operation.unit is not Unit.SECONDS else "no time was measured")
        return OperationFigure("throughput", None, unit, middle.n, reason=reason)
    work = 1.0 if operation.work is None else operation.work
    value = work / middle.value
    if not isfinite(value):
        return OperationFigure("throughput", None, unit, middle.n, reason="no time was measured")
    return OperationFigure("throughput", value, unit, middle.n, middle.told)
