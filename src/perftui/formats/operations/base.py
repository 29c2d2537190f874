"""What a benchmark tool's result becomes: operations with every raw value, checked and told apart by their keys."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from perftui.errors import OperationFormatError
from perftui.model.operation import MOST_OPERATIONS, MOST_RUNS, MOST_VALUES, TOLD, Operation
from perftui.text import printable
from perftui.units import Unit

MOST_BYTES = 256 << 20
"""Larger results are refused before they fill the memory."""
LONGEST_NAME = 2_000
"""Characters of a group, a name or a parameter; what is longer is no name."""
GREATEST_VALUE = 1e18
"""The age of the universe, or a thousand petabytes; what is more is not a measurement."""
_MOST_COUNT = 1 << 62
_NOT_NEGATIVE = (Unit.SECONDS, Unit.BYTES, Unit.PER_SECOND, Unit.BYTES_PER_SECOND)
_SHOWN = 80

TIME_FACTORS = {
    "ps": 1e-12,
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "milliseconds": 1e-3,
    "microseconds": 1e-6,
    "nanoseconds": 1e-9,
}
"""Names that tools give to units of time, and how many seconds they are."""

OtherName = tuple[str, str]
"""(group, name) that an operation goes by where its own are taken."""


@dataclass(frozen=True, slots=True)
class ToolReport:
    """One result of one tool."""

    operations: tuple[Operation, ...]
    """With keys that differ."""
    name: str = ""
    """What a session of it may be called; empty where it does not say."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What it says of the machine and the interpreter, by the names that a session has for it."""
    notes: tuple[str, ...] = ()
    """What could not be taken over, one sentence each."""


class Collected:
    """Operations on their way into a report: each is checked where it comes, so that a complaint has its place."""

    def __init__(self, tool: str) -> None:
        self.notes: list[str] = []
        self._tool = tool
        self._found: list[tuple[Operation, Sequence[OtherName]]] = []
        self._values = 0

    def add(self, operation: Operation, *, place: str, others: Sequence[OtherName] = ()) -> None:
        """Take an operation, or raise `OperationFormatError` with the place where it stands."""
        _check_names(operation, place)
        _check_values(operation, place)
        self._values += sum(map(len, operation.runs))
        if self._values > MOST_VALUES:
            raise OperationFormatError(
                f"{place}: more than {MOST_VALUES} values in one result",
                hint="measure fewer rounds, or ingest it in parts",
            )
        if len(self._found) >= MOST_OPERATIONS:
            raise OperationFormatError(f"{place}: more than {MOST_OPERATIONS} operations", hint="ingest it in parts")
        self._found.append((replace(operation, tool=self._tool), others))

    def report(self, *, name: str = "", facts: Mapping[str, str] | None = None, nothing: str = "") -> ToolReport:
        """Return what was taken; raises `OperationFormatError` where there is nothing, with `nothing` as its hint."""
        if not self._found:
            told = f": {self.notes[0]}" if self.notes else ""
            raise OperationFormatError(f"no benchmark in it was measured{told}", hint=nothing)
        facts = {key: value for key, value in (facts or {}).items() if value}
        return ToolReport(told_apart(self._found), name, facts, tuple(self.notes))


def told_apart(found: Sequence[tuple[Operation, Sequence[OtherName]]]) -> tuple[Operation, ...]:
    """Return operations whose keys differ: where two are alike, both take their other names, and at last numbers."""
    operations = [operation for operation, _ in found]
    for depth in range(max((len(others) for _, others in found), default=0)):
        taken = Counter(operation.key for operation in operations)
        for i, (_, others) in enumerate(found):
            if taken[operations[i].key] > 1 and depth < len(others):
                group, name = others[depth]
                operations[i] = replace(operations[i], group=group, name=name)
    used: set[str] = set()
    for i, operation in enumerate(operations):
        number, numbered = 1, operation
        while numbered.key in used:
            number += 1
            numbered = replace(operation, name=f"{operation.name} #{number}")
        used.add(numbered.key)
        operations[i] = numbered
    return tuple(operations)


def shown(name: str) -> str:
    """Return a name from outside as it can stand in a sentence."""
    text = printable(name)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def parted(name: str) -> tuple[str, str]:
    """Return (name, parameter) of `name[parameter]`."""
    base, bracket, rest = name.partition("[")
    return (base, rest[:-1]) if bracket and base and len(rest) > 1 and rest.endswith("]") else (name, "")


def _check_names(operation: Operation, place: str) -> None:
    if not operation.name.strip():
        raise OperationFormatError(f"{place}: a benchmark without a name")
    if max(map(len, (operation.group, operation.name, operation.parameter))) > LONGEST_NAME:
        raise OperationFormatError(f"{place}: a name of more than {LONGEST_NAME} characters")


def _check_values(operation: Operation, place: str) -> None:
    if len(operation.runs) > MOST_RUNS:
        raise OperationFormatError(f"{place}: more than {MOST_RUNS} processes")
    least = 0.0 if operation.unit in _NOT_NEGATIVE else -GREATEST_VALUE
    for run in operation.runs:
        # Looked at all together first: there may be millions.
        if not (
            all(map(math.isfinite, run)) and least <= min(run, default=0.0) and max(run, default=0.0) <= GREATEST_VALUE
        ):
            for at, value in enumerate(run, start=1):
                _check_number(value, operation.unit, f"{place}, value {at}")
    for name, told in operation.told.items():
        assert name in TOLD, name
        _check_number(told, operation.unit, f"{place}, {name}")
    for weight in chain.from_iterable(operation.weights):
        if not 0 < weight < _MOST_COUNT:
            raise OperationFormatError(f"{place}: a value of {weight} executions")
    for count in (operation.ok or 0, operation.failed or 0, *operation.errors.values()):
        if not 0 <= count < _MOST_COUNT:
            raise OperationFormatError(f"{place}: {count} executions")
    if operation.work is not None and not 0 < operation.work <= GREATEST_VALUE:
        raise OperationFormatError(f"{place}: a throughput of {operation.work}")


def _check_number(value: float, unit: Unit, place: str) -> None:
    if not math.isfinite(value) or abs(value) > GREATEST_VALUE:
        raise OperationFormatError(f"{place}: {value} is no measurement", hint="run the benchmark again")
    if value < 0 and unit in _NOT_NEGATIVE:
        raise OperationFormatError(f"{place}: {value} is less than nothing", hint="run the benchmark again")
