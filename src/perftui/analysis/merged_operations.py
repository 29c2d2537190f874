"""Operations of several sessions of one side as those of the side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from perftui.model.operation import Operation

_MIDDLE = ("mean", "median")
"""Of an operation without raw values these stand for a session, the first that its tool told."""


def merged_operations(sessions: Iterable[Iterable[Operation]]) -> dict[str, Operation]:
    """Return the operations of sessions by their keys: runs follow each other, executions and failures add up.

    What another session counts in another unit is not the same operation, and is left out. A tool's own figures stand
    for one session: of several they are left out, and one of them is the value of a session without raw ones.
    """
    found: dict[str, list[Operation]] = {}
    for operations in sessions:
        for operation in operations:
            known = found.setdefault(operation.key, [])
            if not known or (known[0].unit is operation.unit):
                known.append(operation)
    return {key: _merged(of_sessions) for key, of_sessions in found.items()}


def _merged(operations: Sequence[Operation]) -> Operation:
    first = operations[0]
    if len(operations) == 1:
        return first
    runs, weights = _values(operations)
    work = {(operation.work, operation.work_unit) for operation in operations}
    return replace(
        first,
        runs=runs,
        weights=weights,
        told={},
        ok=_sum(operation.ok for operation in operations),
        failed=_sum(operation.failed for operation in operations),
        errors=_errors(operation.errors for operation in operations),
        work=first.work if len(work) == 1 else None,
    )


Values = tuple[tuple[float, ...], ...]
Weights = tuple[tuple[int, ...], ...]


def _values(operations: Sequence[Operation]) -> tuple[Values, Weights]:
    """Return the raw values of all sessions, and of how many executions each is the mean where any is of several."""
    runs: list[tuple[float, ...]] = []
    weights: list[tuple[int, ...]] = []
    for operation in operations:
        own = runs_of(operation)
        runs += own
        weights += operation.weights or [(1,) * len(values) for values in own]
    return tuple(runs), tuple(weights) if any(operation.weights for operation in operations) else ()


def runs_of(operation: Operation) -> Values:
    """Return the values of an operation, run by run; without raw ones the one that its tool told."""
    if operation.values:
        return operation.runs
    value = next((operation.told[name] for name in _MIDDLE if name in operation.told), None)
    return () if value is None else ((value,),)


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _errors(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return dict(found)
