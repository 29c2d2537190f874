"""hyperfine: the JSON of `--export-json`, with every time and exit code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from perftui.formats.operations.base import LONGEST_NAME, Collected, ToolReport, shown
from perftui.formats.operations.json_values import JsonValue, parse_json
from perftui.model.operation import Operation
from perftui.units import Unit

NAME = "hyperfine"
_TOLD = ("mean", "median", "stddev", "min", "max")
_MEMORY = "peak memory"
_MOST_PARAMETERS, _MOST_PLACES, _MOST_TEMPLATES = 8, 12, 400


def looks_like(head: bytes) -> bool:
    """Say whether a file that begins like this can be one."""
    return re.match(rb'\s*\{\s*"results"\s*:\s*\[\s*\{\s*"command"\s*:', head) is not None


def read(data: bytes) -> ToolReport:
    """Read a result; raises `OperationFormatError` where it is none.

    Commands that differ in their parameters alone share a name in which these stand in braces: `sleep {n}`.
    """
    collected = Collected(NAME)
    results = [(result, _parameters(result)) for result in parse_json(data)["results"].items()]
    common: dict[tuple[str, ...], set[str]] = {}
    for result, parameters in results:
        found = _templates(result["command"].text(), parameters)
        keys = tuple(sorted(parameters))
        common[keys] = common[keys] & found if keys in common else found
    for result, parameters in results:
        shared = common[tuple(sorted(parameters))] if parameters else set()
        _add(collected, result, max(shared, default=result["command"].text(), key=_braces), parameters)
    return collected.report(nothing="write the result with `hyperfine --export-json FILE`")


def _add(collected: Collected, result: JsonValue, name: str, parameters: dict[str, str]) -> None:
    values = parameters.values() if len(parameters) == 1 else (f"{key}={value}" for key, value in parameters.items())
    parameter = ",".join(values)
    times = result["times"].numbers() if result["times"] else ()
    told = {key: value for key in _TOLD if (value := result[key].maybe_number()) is not None}
    errors = Counter(_error(code) for code in result["exit_codes"].items()) if result["exit_codes"] else None
    ok = errors.pop("", 0) if errors is not None else None
    operation = Operation(
        "",
        name,
        parameter,
        runs=(times,) if times else (),
        told=told,
        ok=ok,
        failed=None if errors is None else errors.total(),
        errors=dict(errors or {}),
    )
    place = f"{result.place} ({shown(result['command'].text())})"
    collected.add(operation, place=place)
    memory = result["memory_usage_byte"]
    if memory and (peaks := memory.numbers()) and any(peaks):
        collected.add(Operation("", f"{name} ({_MEMORY})", parameter, unit=Unit.BYTES, runs=(peaks,)), place=place)


def _parameters(result: JsonValue) -> dict[str, str]:
    parameters = {key: value.word() for key, value in result["parameters"].members()}
    return dict(list(parameters.items())[:_MOST_PARAMETERS])


def _templates(command: str, parameters: dict[str, str]) -> set[str]:
    """Return all commands with braces of which this one can be made; a parameter stands in it once, or everywhere."""
    found = {command}
    if len(command) > LONGEST_NAME:
        return found
    for key, value in parameters.items():
        if value:
            found |= {template for one in found for template in _with_braces(one, key, value)}
    return set(sorted(found, key=_braces, reverse=True)[:_MOST_TEMPLATES])


def _with_braces(text: str, key: str, value: str) -> Iterator[str]:
    places = [match.start() for match in re.finditer(re.escape(value), text)][:_MOST_PLACES]
    for at in places:
        yield f"{text[:at]}{{{key}}}{text[at + len(value) :]}"
    if len(places) > 1:
        yield text.replace(value, f"{{{key}}}")


def _braces(template: str) -> tuple[int, str]:
    return template.count("{"), template


def _error(code: JsonValue) -> str:
    """Return what an execution failed with; empty where it succeeded."""
    if code.raw is None:
        return "ended by a signal"
    number = int(code.number())
    return f"exit code {number}" if number else ""
