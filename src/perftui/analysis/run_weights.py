"""What one function weighs in each run of a side: how far runs of the same program lie apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perftui.analysis.call_tree import FunctionKey
from perftui.analysis.run_counts import RunCounts


def weights_of(function: FunctionKey | None, runs: Iterable[RunCounts]) -> list[float]:
    """Return the self weight of a function in each run, in the unit of the runs; of None, all that was seen."""
    if function is None:
        return [run.weight for run in runs]
    return [
        counts.samples * run.interval_s if (counts := run.functions.get(function)) is not None else 0.0 for run in runs
    ]


def placed(values: Sequence[float], cells: int, *, low: float, high: float) -> dict[int, int]:
    """Return how many values fall into each cell of a scale from `low` to `high`; cells with any."""
    found: dict[int, int] = {}
    span = high - low
    for value in values:
        cell = min(cells - 1, max(0, round((value - low) / span * (cells - 1)))) if span > 0 else cells // 2
        found[cell] = found.get(cell, 0) + 1
    return found
