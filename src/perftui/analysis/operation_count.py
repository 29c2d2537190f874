"""How many operations a profile did: what the cost for each of them is worked out from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum

from perftui.analysis.operation_figures import executions
from perftui.analysis.series_figures import SeriesFigures, series_figures
from perftui.analysis.series_histories import SeriesHistories
from perftui.model.finding import OperationCount
from perftui.model.operation import Operation
from perftui.model.series import SeriesKind
from perftui.units import Unit, format_seconds

MANY = 10_000
"""Operations that costs are told for beside those of one: what a batch of them would take."""
_PROGRESS = "progress_done"
"""The series of `perftui.progress`: how much of the work is done."""
_WORKLOAD = "the workload"


def operation_count(
    operations: Sequence[Operation], series: SeriesHistories | None = None, *, begins: bool = True
) -> OperationCount | None:
    """Return how many times the one operation of a session was done; None where none was counted, or several were.

    A benchmark tool is asked first, and where there is none the one thing that the workload counted of itself. Of
    several nobody knows which of them a sample belongs to, and a mean over all is the cost of none. The workload
    `begins` with the session, but for the later parts of a watch.
    """
    done = [each for each in operations if each.unit is Unit.SECONDS or _told(each)]
    if done:
        return _count(done[0]) if len(done) == 1 else None
    counted = [each for each in series_counts(series or SeriesHistories(), begins=begins) if each.tool == _WORKLOAD]
    return counted[0] if len(counted) == 1 else None


def series_counts(series: SeriesHistories, *, begins: bool = True) -> Iterator[OperationCount]:
    """Yield how far each counter of things came while it was recorded: told by the workload, or scraped."""
    for figures in series_figures(series):
        number = _counted(figures, begins=begins)
        if number:
            yield OperationCount(number, figures.series.text, figures.series.origin or _WORKLOAD)


def count_words(count: OperationCount, sampled_s: float) -> str:
    """Return what the cost for each operation is worked out from, as a sentence."""
    times = f"{count.number:,} operations" if count.number > 1 else "1 operation"
    if not count.of:
        return f"Per operation: all that was sampled over {times}, as you counted."
    counter = f" as {count.tool} counted" if count.tool else " as counted"
    measured = ""
    if count.measured_s is not None:
        measured = f" It measured {format_seconds(count.measured_s)} of the {format_seconds(sampled_s)} sampled;"
        measured += " the rest, as warming up, counts in."
    return f"Per operation: all that was sampled over {times} ({count.of}),{counter}.{measured}"


def _count(operation: Operation) -> OperationCount | None:
    """Return how many executions there were, those that failed among them; None where nobody told."""
    of_values = executions(operation) if operation.unit is Unit.SECONDS else 0
    number = max(of_values, _told(operation))
    if not number:
        return None
    measured_s = _measured_s(operation) if of_values == number else None
    return OperationCount(number, operation.key, operation.tool, measured_s)


def _told(operation: Operation) -> int:
    """Return how many executions somebody counted beside the values."""
    return (operation.ok or 0) + (operation.failed or 0)


def _measured_s(operation: Operation) -> float:
    """Return the seconds that a tool's measured executions took together."""
    weights = operation.weights or tuple((1,) * len(run) for run in operation.runs)
    return fsum(
        value * weight
        for run, of_run in zip(operation.runs, weights, strict=True)
        for value, weight in zip(run, of_run, strict=True)
    )


def _counted(figures: SeriesFigures, *, begins: bool) -> int:
    """Return how many things a series counted; 0 for one that counts something else, or began anew in between."""
    series, of_workload = figures.series, not figures.series.origin
    counts = series.kind is SeriesKind.COUNTER or (of_workload and series.name == _PROGRESS)
    if not counts or series.unit is not Unit.COUNT or figures.last < figures.high:
        return 0
    # What is scraped has counted before anybody looked, and so has a workload in the parts of a watch before.
    return round(figures.last if of_workload and begins else figures.last - figures.low)
