"""asv: a file of results (`results/<machine>/<commit>-<environment>.json`), with samples where they were recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice, product
from math import prod
from pathlib import Path

from perftui.errors import OperationFormatError
from perftui.formats.operations.base import TIME_FACTORS, Collected, ToolReport, shown
from perftui.formats.operations.files import regular_content
from perftui.formats.operations.json_values import JsonValue, parse_json
from perftui.model.operation import MOST_OPERATIONS, Operation
from perftui.units import Unit

NAME = "asv"
_BYTES = {"bytes": 1.0, "B": 1.0, "kB": 1e3, "MB": 1e6}
_COLUMNS = ("result", "params", "stats_number", "samples")
_MOST_BESIDE_BYTES = 32 << 20
_TIMED = ("time_", "timeraw_")
_KINDS = (("time_", "seconds"), ("timeraw_", "seconds"), ("mem_", "bytes"), ("peakmem_", "bytes"))


def looks_like(head: bytes) -> bool:
    """Say whether a file that begins like this can be one."""
    return head.lstrip()[:1] == b"{" and b'"result_columns"' in head


def read(data: bytes, path: Path | None = None) -> ToolReport:
    """Read a result; raises `OperationFormatError` where it is none.

    Units stand in `benchmarks.json` two directories above; without it they follow from the names, as asv has them.
    """
    document = parse_json(data)
    columns = [column.text() for column in document["result_columns"].items()]
    units = _units_beside(path)
    collected = Collected(NAME)
    failed = 0
    for name, row in document["results"].members():
        cells = dict(zip(columns, row.items(), strict=False))
        failed += _add(collected, name, {key: cells.get(key, JsonValue(None, row.place)) for key in _COLUMNS}, units)
    if failed:
        collected.notes.append(f"{failed} benchmark{'s have' if failed > 1 else ' has'} no result: failed or skipped")
    params = document["params"]
    facts = {
        "git_commit": document["commit_hash"].word(),
        "cpu": params["cpu"].word() if params else "",
        "workload_python": document["python"].word() if "/" not in document["python"].word() else "",
    }
    return collected.report(facts=facts, nothing="`asv run` writes results")


def _add(collected: Collected, name: str, cells: Mapping[str, JsonValue], units: Mapping[str, str]) -> int:
    """Add the operations of one benchmark, one for each combination of its parameters; return how many have none."""
    if not cells["result"]:
        return 1
    results = list(cells["result"].items())
    samples_of, numbers_of = (_cells(cells[key], len(results)) for key in ("samples", "stats_number"))
    names = _combinations(cells["params"], len(results))
    group, _, own = name.rpartition(".")
    unit, factor = _unit(name, own, units)
    missing = 0
    for at, (result, parameter) in enumerate(zip(results, names, strict=True)):
        value = result.maybe_number()
        if value is None:
            missing += 1
            continue
        samples, number = samples_of[at], numbers_of[at]
        values = tuple(one * factor for one in samples.numbers()) if samples else ()
        weight = max(1, number.count()) if number else 1
        operation = Operation(
            group,
            own,
            parameter,
            unit=unit,
            # A benchmark that is no time measures once.
            runs=(values,) if values else () if own.startswith(_TIMED) else ((value * factor,),),
            weights=((weight,) * len(values),) if values and weight > 1 else (),
            told={"median": value * factor},
        )
        collected.add(operation, place=f"{shown(name)}[{shown(parameter)}]" if parameter else shown(name))
    return missing


def _combinations(params: JsonValue, count: int) -> Sequence[str]:
    """Return what each result of a benchmark was measured with, in asv's order: the last parameter changes first."""
    lists = [[value.text().strip("'\"") for value in one.items()] for one in params.items()] if params else []
    if not lists:
        return [""] * count if count == 1 else [str(number) for number in range(count)]
    if prod(map(len, lists)) != count or count > MOST_OPERATIONS:
        raise OperationFormatError(f"{shown(params.place)}: {count} results of {prod(map(len, lists))} combinations")
    return [",".join(words) for words in islice(product(*lists), count)]


def _cells(column: JsonValue, count: int) -> list[JsonValue]:
    """Return what a column has for each combination; older files and failed benchmarks have fewer."""
    found = list(column.items())[:count] if column else []
    return found + [JsonValue(None, column.place)] * (count - len(found))


def _unit(name: str, own: str, units: Mapping[str, str]) -> tuple[Unit, float]:
    word = units.get(name) or next((unit for prefix, unit in _KINDS if own.startswith(prefix)), "")
    if word in TIME_FACTORS:
        return Unit.SECONDS, TIME_FACTORS[word]
    return (Unit.BYTES, _BYTES[word]) if word in _BYTES else (Unit.COUNT, 1.0)


def _units_beside(path: Path | None) -> Mapping[str, str]:
    """Return the units of benchmarks by their names; none where asv's list of them is not there."""
    if path is None:
        return {}
    try:
        data = regular_content(path.parent.parent / "benchmarks.json", most=_MOST_BESIDE_BYTES)
        return {name: value["unit"].word() for name, value in parse_json(data).members() if isinstance(value.raw, dict)}
    except OperationFormatError:
        return {}
