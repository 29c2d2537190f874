"""Reads `[memory]` of a budget: peak, allocations, leaks and growth of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from perftui.budgets.rules import check_order, judged
from perftui.budgets.spec import (
    HEAP,
    RSS,
    RSS_NOTE,
    GrowthRule,
    HeapPeakRule,
    MemoryFigure,
    MemoryPerTaskRule,
    MemoryRule,
    MemorySource,
    ResourceRule,
    Rule,
)
from perftui.toml.table import Table
from perftui.units import Unit

_MOST_TASKS = 10**12
# Of a total and its rate only the total may be written without a unit in the key: `max_allocated = "1GB"`.
_TOTALS: tuple[tuple[str, MemoryFigure, Unit], ...] = (
    ("allocated", MemoryFigure.ALLOCATED, Unit.BYTES),
    ("allocations", MemoryFigure.ALLOCATIONS, Unit.COUNT),
    ("leaked", MemoryFigure.LEAKED, Unit.BYTES),
)
_RATES: tuple[tuple[str, MemoryFigure, Unit], ...] = (
    ("allocated", MemoryFigure.ALLOCATED_RATE, Unit.BYTES_PER_SECOND),
    ("allocations", MemoryFigure.ALLOCATION_RATE, Unit.PER_SECOND),
)


class _Limits(NamedTuple):
    """What the file says of one figure; its fields are those that every rule begins with."""

    name: str
    metric: str
    unit: Unit
    warn: float | None
    fail: float | None


def read_memory(table: Table) -> Iterator[Rule]:
    """Yield the rules of `[memory]`."""
    reason, gate = judged(table)
    source = MemorySource(table.choice("source", [item.value for item in MemorySource], MemorySource.RSS.value))
    tasks = table.whole("tasks", above_zero=True, at_most=_MOST_TASKS)
    yield from _peak(table, source, reason, gate=gate)
    for limits in _limits(table, "memory_per_task", "warn_memory_per_task", "memory_per_task", Unit.BYTES):
        yield MemoryPerTaskRule(*limits, reason=reason, gate=gate, tasks=tasks, source=source)
    for base, figure, unit in (*_TOTALS, *_RATES):
        bare = (base, figure, unit) in _TOTALS
        for limits in _limits(table, figure.value, f"warn_{base}", f"max_{base}", unit, bare=bare):
            yield MemoryRule(*limits, reason=reason, gate=gate, figure=figure)
    for limits in _limits(table, "growth", "warn_growth", "max_growth", Unit.BYTES_PER_MINUTE):
        yield GrowthRule(*limits, reason=reason, gate=gate, source=source if "source" in table else None)
    table.close()


def _peak(table: Table, source: MemorySource, reason: str, *, gate: bool) -> Iterator[ResourceRule]:
    from_heap = source is MemorySource.HEAP
    for limits in _limits(table, HEAP if from_heap else RSS, "warn_runtime_peak", "runtime_peak", Unit.BYTES):
        if from_heap:
            yield HeapPeakRule(*limits, reason=reason, gate=gate, label="peak heap")
        else:
            yield ResourceRule(*limits, reason=reason, gate=gate, label="peak memory", note=RSS_NOTE)


def _limits(
    table: Table, metric: str, warn_base: str, fail_base: str, unit: Unit, *, bare: bool = True
) -> Iterator[_Limits]:
    """Yield the limits of one figure, where the table states any."""
    # Of what is written without a unit only numbers of allocations are clear.
    plain = unit is Unit.COUNT
    warn = table.quantity(warn_base, unit, plain=plain, bare=bare)
    fail = table.quantity(fail_base, unit, plain=plain, bare=bare)
    check_order(table, warn_base, fail_base, warn, fail, unit, bare=bare)
    if warn is not None or fail is not None:
        key = table.key_of(warn_base if fail is None else fail_base, unit, bare=bare)
        yield _Limits(f"{table.name}.{key}", metric, unit, warn, fail)
