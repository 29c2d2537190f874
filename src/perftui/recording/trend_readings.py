"""What a figure was in one session, as it is kept of each: of a metric, of an operation, of a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perftui.analysis.statistics.dispersion import SUPPOSED_DISPERSION
from perftui.analysis.trend import sampled_interval
from perftui.units import Unit

FUNCTION_FIGURES = ("total", "self", "total_share", "self_share")
"""What of a function is followed: seconds of a run, or percent of what was sampled."""
_HIGHER_IS_BETTER = ("throughput", "success_pct")


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of one session."""

    value: float
    unit: Unit
    interval: tuple[float, float] | None = None
    lower_is_better: bool = True
    seen: bool = True
    """False for a function that no sample saw, in a session of which all functions are known."""


def metric_of(values: Mapping[str, Any], *, name: str) -> Measured | None:
    """Return a metric of a session's figures; None where it has none of that name."""
    found = values.get("figures", {}).get(name)
    return None if found is None else Measured(float(found[1]), Unit(found[0]))


def operation_of(values: Mapping[str, Any], key: str, figure: str) -> Measured | None:
    """Return a figure of an operation, by its key; None where the session has none."""
    operation = values.get("operations", {}).get(key)
    found = None if operation is None else operation["figures"].get(figure)
    if found is None:
        return None
    interval = operation["median_interval"] if figure in ("median", "p50") else None
    lower = figure not in _HIGHER_IS_BETTER and bool(operation["lower_is_better"])
    return Measured(float(found[1]), Unit(found[0]), tuple(interval) if interval else None, lower)


def function_of(values: Mapping[str, Any], file: str, function: str, by: str) -> Measured | None:
    """Return one of `FUNCTION_FIGURES` of a function; None where nobody knows what it cost.

    Args:
        values: The functions of a session.
        file: Its file, or the end of it; empty for any.
        function: Its qualified name.
        by: Which figure.
    """
    rows = [row for row in rows_of(values) if row[1] == function and _is_file(row[0], file)]
    seconds = float(values.get("seconds", 0.0))
    if not rows:
        # Where all functions are known, one that no sample saw cost nothing; else nobody knows.
        unit = Unit.PERCENT if by.endswith("share") else Unit.SECONDS
        return Measured(0.0, unit, seen=False) if values.get("all") and seconds else None
    weight = sum(row[4] if by.startswith("self") else row[3] for row in rows)
    samples = 0 if by.startswith("self") else sum(row[2] for row in rows)
    interval = sampled_interval(weight, samples, dispersion=SUPPOSED_DISPERSION)
    if not by.endswith("share"):
        return Measured(weight, Unit.SECONDS, interval)
    scale = 100 / seconds if seconds else 0.0
    return Measured(
        weight * scale, Unit.PERCENT, None if interval is None else (interval[0] * scale, interval[1] * scale)
    )


def rows_of(values: Mapping[str, Any]) -> Sequence[Any]:
    """Return the functions of a session: file, qualified name, samples, total and self seconds of each."""
    rows: Sequence[Any] = values.get("functions", [])
    return rows


def _is_file(file: str, wanted: str) -> bool:
    return not wanted or file == wanted or file.endswith(f"/{wanted}")
