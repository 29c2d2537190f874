"""pytest-benchmark: the JSON of `--benchmark-json`, and of `--benchmark-save` with or without raw values."""

from __future__ import annotations

from perftui.formats.operations.base import Collected, OtherName, ToolReport, parted
from perftui.formats.operations.json_values import JsonValue, parse_json
from perftui.model.operation import Operation

NAME = "pytest-benchmark"
_TOLD = {"mean": "mean", "median": "median", "stddev": "stddev", "min": "min", "max": "max"}


def looks_like(head: bytes) -> bool:
    """Say whether a file that begins like this can be one."""
    return head.lstrip()[:1] == b"{" and b'"machine_info"' in head


def read(data: bytes) -> ToolReport:
    """Read a result; raises `OperationFormatError` where it is none.

    A benchmark is called as its test, without a group that no marker gave it; where two tests share a name, both are
    called by class and file.
    """
    document = parse_json(data)
    version = document["version"].word()
    collected = Collected(NAME)
    without_data = 0
    for benchmark in document["benchmarks"].items():
        without_data += not benchmark["stats"]["data"]
        _add(collected, benchmark, version)
    if without_data:
        plural = "s hold" if without_data > 1 else " holds"
        collected.notes.append(
            f"{without_data} benchmark{plural} no raw values, only figures: --benchmark-save keeps them with "
            "--benchmark-save-data, --benchmark-json always"
        )
    return collected.report(facts=_facts(document), nothing="did the benchmarks run? (`--benchmark-only`)")


def _add(collected: Collected, benchmark: JsonValue, version: str) -> None:
    name, parameter = parted(benchmark["name"].text())
    group, stats = benchmark["group"].text(), benchmark["stats"]
    place = f"{benchmark.place} ({benchmark['fullname'].text() or name})"
    runs: tuple[tuple[float, ...], ...] = ()
    weights: tuple[tuple[int, ...], ...] = ()
    if stats["data"]:
        values = stats["data"].numbers()
        runs = (values,) if values else ()
        iterations = stats["iterations"].count() if stats["iterations"] else 1
        weights = ((iterations,) * len(values),) if values and iterations > 1 else ()
    told = {ours: value for ours, theirs in _TOLD.items() if (value := stats[theirs].maybe_number()) is not None}
    operation = Operation(group, name, parameter, runs=runs, weights=weights, told=told, tool_version=version)
    collected.add(operation, place=place, others=_others(group, name, benchmark["fullname"].text()))


def _others(group: str, name: str, fullname: str) -> list[OtherName]:
    """Return the names by class, by file and class, and by path."""
    path, *rest = parted(fullname)[0].split("::")
    if not rest:
        return []
    inside = ".".join(rest)
    file = path.replace("\\", "/").rpartition("/")[2].removesuffix(".py")
    return (
        [(group, inside), (group or file, inside), (path, inside)]
        if group
        else [("", inside), (file, inside), (path, name)]
    )


def _facts(document: JsonValue) -> dict[str, str]:
    machine, commit = document["machine_info"], document["commit_info"]
    facts: dict[str, str] = {}
    if machine:
        cpu = machine["cpu"]
        facts = {
            "workload_python": machine["python_version"].word(),
            "cpu": cpu["brand_raw"].word() if isinstance(cpu.raw, dict) else "",
        }
    if commit and len(commit["id"].word()) >= 7 and commit["id"].word() != "unversioned":
        facts["git_commit"] = commit["id"].word()
    return facts
