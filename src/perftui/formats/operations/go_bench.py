"""The text of `go test -bench`: one line a measurement, with as many figures as the benchmark tells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from perftui.errors import OperationFormatError
from perftui.formats.operations.base import Collected, ToolReport, shown
from perftui.formats.operations.text_lines import lines_of
from perftui.model.operation import Operation
from perftui.units import Unit

NAME = "go"
_LINE = re.compile(r"^Benchmark(?P<name>\S{0,4000})\s+(?P<count>[0-9]{1,18})\s+(?P<figures>\S.*)$")
_HEAD = re.compile(
    rb"^Benchmark\S{0,4000}[ \t]{1,200}[0-9]{1,18}[ \t]{1,200}[0-9.]{1,40}(?:[eE][+-]?[0-9]{1,4})? \S{0,200}/op\b", re.M
)
_SUFFIX = re.compile(r"-[0-9]{1,4}$")
_FAILED = re.compile(r"^--- FAIL: Benchmark(\S{0,4000})")
_FACTS = {"cpu": "cpu"}
_SPEED = "MB/s"
_MOST_WORK = 1e18
_UNITS = {"ns/op": (Unit.SECONDS, 1e-9), "B/op": (Unit.BYTES, 1.0), "allocs/op": (Unit.COUNT, 1.0)}
_BETTER_WHEN_MORE = "/s"


def looks_like(head: bytes) -> bool:
    """Say whether a file that begins like this can be one."""
    return _HEAD.search(head) is not None


@dataclass(slots=True)
class _Series:
    """All measurements of one figure of one benchmark."""

    package: str
    name: str
    unit_name: str
    line: int
    values: list[float] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    speed: float = 0.0
    """Megabytes a second of the first measurement."""


def read(data: bytes) -> ToolReport:
    """Read the output of a run; raises `OperationFormatError` where no benchmark is in it.

    Lines of one benchmark (`-count`) are values of one operation; what it tells beside times are operations beside it.
    """
    series: dict[tuple[str, str, str], _Series] = {}
    facts: dict[str, str] = {}
    collected = Collected(NAME)
    package = ""
    for number, line in lines_of(data):
        key, colon, value = line.partition(": ")
        if colon and key == "pkg":
            package = value.strip()
        elif colon and key in _FACTS:
            facts[_FACTS[key]] = value.strip()
        elif (found := _LINE.match(line)) is not None:
            _measured(series, found, package, number)
        elif (failed := _FAILED.match(line)) is not None:
            collected.notes.append(f"line {number}: {shown(failed[1])} failed")
    _collect(collected, list(series.values()))
    return collected.report(facts=facts, nothing="go test -bench . | perftui ingest go -")


def _measured(series: dict[tuple[str, str, str], _Series], found: re.Match[str], package: str, number: int) -> None:
    words = found["figures"].split()
    figures = list(zip(words[::2], words[1::2], strict=False))
    if not any(unit.endswith("/op") or "/" in unit for _, unit in figures):
        # Something else that begins with the same word.
        return
    parsed = [(_number(value, number), unit) for value, unit in figures]
    speed = next((value for value, unit in parsed if unit == _SPEED), 0.0)
    for value, unit in parsed:
        if unit == _SPEED:
            continue
        key = (package, found["name"], unit)
        one = series.setdefault(key, _Series(package, found["name"], unit, number, speed=speed))
        one.values.append(value * _UNITS.get(unit, (Unit.COUNT, 1.0))[1])
        one.weights.append(int(found["count"]))


def _collect(collected: Collected, series: Iterable[_Series]) -> None:
    found = list(series)
    suffixes = {match[0] if (match := _SUFFIX.search(one.name)) else "" for one in found}
    # The number of processors stands behind every name, or behind none where there is one.
    suffix = suffixes.pop() if len(suffixes) == 1 else ""
    for one in found:
        name, _, parameter = one.name.removesuffix(suffix).partition("/")
        name = name or "Benchmark"
        unit, _ = _UNITS.get(one.unit_name, (Unit.COUNT, 1.0))
        seconds = unit is Unit.SECONDS
        title = name if seconds else f"{name} {one.unit_name}"
        work = one.speed * 1e6 * one.values[0] if seconds else 0.0
        work = float(round(work)) if 0 < work < _MOST_WORK else 0.0
        operation = Operation(
            one.package.rpartition("/")[2],
            title,
            parameter,
            unit=unit,
            runs=(tuple(one.values),),
            weights=(tuple(max(1, weight) for weight in one.weights),),
            work=work or None,
            work_unit=Unit.BYTES if work else Unit.COUNT,
            lower_is_better=not one.unit_name.endswith(_BETTER_WHEN_MORE),
        )
        collected.add(operation, place=f"line {one.line} ({shown(one.name)})", others=[(one.package, title)])


def _number(text: str, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        raise OperationFormatError(
            f"line {line}: {shown(text)} is no number", hint="a line reads `BenchmarkName-8  1000  1234 ns/op`"
        ) from None
