"""pyperf: the JSON of `-o FILE`, plain or gzipped, with the values of each process."""

from __future__ import annotations

import gzip
import io
import zlib

from perftui.errors import OperationFormatError
from perftui.formats.operations.base import MOST_BYTES, Collected, ToolReport, parted, shown
from perftui.formats.operations.json_values import JsonValue, parse_json
from perftui.model.operation import Operation
from perftui.units import Unit

NAME = "pyperf"
_UNITS = {"": Unit.SECONDS, "second": Unit.SECONDS, "byte": Unit.BYTES, "integer": Unit.COUNT}
_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 65_536


def looks_like(head: bytes) -> bool:
    """Say whether a file that begins like this can be one."""
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(31).decompress(head, _HEAD_BYTES)
        except zlib.error:
            return False
    is_object = head.lstrip()[:1] == b"{"
    return is_object and b'"benchmarks"' in head and b'"runs"' in head and (b'"warmups"' in head or b'"values"' in head)


def read(data: bytes) -> ToolReport:
    """Read a result; raises `OperationFormatError` where it is none.

    Values are those that pyperf told, for one execution each; warm-ups and calibration are left out.
    """
    document = parse_json(_unpacked(data) if data.startswith(_GZIP) else data)
    collected = Collected(NAME)
    shared = document["metadata"]
    for number, benchmark in enumerate(document["benchmarks"].items(), start=1):
        _add(collected, benchmark, shared, number)
    return collected.report(facts=_facts(shared), nothing="did pyperf finish?")


def _add(collected: Collected, benchmark: JsonValue, shared: JsonValue, number: int) -> None:
    own = benchmark["metadata"]
    title = _said("name", own, shared) or f"benchmark {number}"
    unit_name = _said("unit", own, shared)
    place = f"{benchmark.place} ({shown(title)})"
    if unit_name not in _UNITS:
        raise OperationFormatError(f"{place}: an unknown unit, {shown(unit_name)}")
    runs: list[tuple[float, ...]] = []
    weights: list[tuple[int, ...]] = []
    for run in benchmark["runs"].items():
        values = run["values"].numbers() if run["values"] else ()
        if values:
            runs.append(values)
            weights.append((_executions(run, own, shared),) * len(values))
    name, parameter = parted(title)
    weighted = any(weight[0] > 1 for weight in weights)
    collected.add(
        Operation(
            "",
            name,
            parameter,
            unit=_UNITS[unit_name],
            runs=tuple(runs),
            weights=tuple(weights) if weighted else (),
            tool_version=_said("perf_version", own, shared),
        ),
        place=place,
    )


def _executions(run: JsonValue, *others: JsonValue) -> int:
    """Return how many executions each value of a process is the mean of."""
    total = 1
    for key in ("loops", "inner_loops"):
        found = next((place[key] for place in (run["metadata"], *others) if place and place[key]), None)
        total *= max(1, found.count()) if found is not None else 1
    return total


def _said(key: str, *places: JsonValue) -> str:
    return next((word for place in places if place and (word := place[key].word())), "")


def _facts(shared: JsonValue) -> dict[str, str]:
    python = _said("python_version", shared).partition(" ")[0]
    return {"workload_python": python, "cpu": _said("cpu_model_name", shared)}


def _unpacked(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise OperationFormatError("the file is not whole", hint="gunzip -t says where it ends") from None
