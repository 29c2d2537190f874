"""cargo-criterion: the lines of `cargo criterion --message-format=json`."""

from __future__ import annotations

from collections.abc import Sequence

from perftui.errors import OperationFormatError
from perftui.formats.operations.base import TIME_FACTORS, Collected, ToolReport, shown
from perftui.formats.operations.json_values import JsonValue, parse_json
from perftui.formats.operations.text_lines import lines_of
from perftui.model.operation import Operation
from perftui.units import Unit

NAME = "cargo-criterion"
_COMPLETE = "benchmark-complete"
_LONGEST_LINE = 64 << 20


def looks_like(head: bytes) -> bool:
    """Say whether a file that begins like this can be one."""
    return b'"reason":"benchmark-complete"' in head or b'"reason": "benchmark-complete"' in head


def read(data: bytes) -> ToolReport:
    """Read the messages of a run; raises `OperationFormatError` where no benchmark is among them."""
    collected = Collected(NAME)
    groups: dict[str, str] = {}
    benchmarks: list[tuple[int, JsonValue]] = []
    for number, line in lines_of(data, longest=_LONGEST_LINE):
        if not line.startswith("{"):
            # What the benchmarks print themselves.
            continue
        message = parse_json(line.encode(), place=f"line {number}")
        match message["reason"].word():
            case "benchmark-complete":
                benchmarks.append((number, message))
            case "group-complete":
                group = message["group_name"].text()
                groups |= {item.text(): group for item in message["benchmarks"].items()}
    for number, message in benchmarks:
        _add(collected, message, groups, number)
    return collected.report(nothing="cargo criterion --message-format=json | perftui ingest cargo-criterion -")


def _add(collected: Collected, message: JsonValue, groups: dict[str, str], number: int) -> None:
    title = message["id"].text()
    place = f"line {number} ({shown(title)})"
    unit, factor = _unit(message["unit"].text() or "ns")
    totals, counts = message["measured_values"].numbers(), [int(c) for c in message["iteration_count"].numbers()]
    if len(totals) != len(counts) or 0 in counts:
        raise OperationFormatError(f"{place}: {len(totals)} values of {len(counts)} counts of iterations")
    told = {
        name: value * factor
        for name in ("mean", "median")
        if message[name] and (value := message[name]["estimate"].maybe_number()) is not None
    }
    group, name, parameter = criterion_name(title, groups.get(title, ""))
    work, work_unit = _work(message["throughput"])
    operation = Operation(
        group,
        name,
        parameter,
        unit=unit,
        runs=(tuple(total / count * factor for total, count in zip(totals, counts, strict=True)),) if totals else (),
        weights=(tuple(counts),) if counts else (),
        told=told,
        work=work,
        work_unit=work_unit,
    )
    collected.add(operation, place=place)


def criterion_name(title: str, group: str) -> tuple[str, str, str]:
    """Return (group, name, parameter) of criterion's `group/name/parameter`; `group` is empty where nobody told it."""
    if title == group:
        return "", title, ""
    if group and title.startswith(f"{group}/"):
        parts = title[len(group) + 1 :].split("/")
        if len(parts) > 1:
            return group, "/".join(parts[:-1]), parts[-1]
        return ("", group, parts[0]) if parts[0][:1].isdigit() else (group, parts[0], "")
    parts = title.split("/")
    if len(parts) > 2:
        return parts[0], "/".join(parts[1:-1]), parts[-1]
    if len(parts) == 1 or not all(parts):
        return "", title, ""
    # Criterion leaves out what there is not: a number is what it was done with, anything else what was done.
    return ("", parts[0], parts[1]) if parts[1][0].isdigit() else (parts[0], parts[1], "")


def _unit(name: str) -> tuple[Unit, float]:
    factor = TIME_FACTORS.get(name)
    return (Unit.COUNT, 1.0) if factor is None else (Unit.SECONDS, factor)


def _work(throughput: JsonValue) -> tuple[float | None, Unit]:
    found: Sequence[JsonValue] = list(throughput.items()) if throughput else ()
    for item in found:
        amount = item["per_iteration"].maybe_number()
        if amount:
            return amount, Unit.BYTES if item["unit"].word() == "bytes" else Unit.COUNT
    return None, Unit.COUNT
