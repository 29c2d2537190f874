"""A committed baseline: the figures of one side as small JSON that people review, the same bytes for the same runs.

Keys are sorted, numbers have twelve significant digits, lists of them are filled lines, and the file ends with a line
feed. Beside its raw values each operation has its summary for readers; whoever reads the file works it out again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from math import isfinite
from typing import Any

from perftui.analysis.operation_figures import operation_figures
from perftui.model.operation import Operation
from perftui.model.run_figures import FigureRuns, FunctionRuns, RunFigures

SCHEMA = "perftui.baseline/1"
MOST_VALUES = 1_000
"""Raw values that are kept of an operation, taken evenly from all of its runs."""
_ALWAYS = ("unit", "work_unit")
"""What counts something is written also where it is called nothing, as plain numbers are."""
_BEGINS = re.compile(rb'\s*\{\s*"created"\s*:\s*"[^"]*"\s*,\s*"environment"\s*:')
"""Its schema stands near the end, which a file that was cut off has not."""
_DIGITS = 12
_WIDTH = 100
_INDENT = "  "


def write_baseline(figures: RunFigures) -> str:
    """Return the text of a baseline file."""
    return "".join(_lines(document(figures))) + "\n"


def document(figures: RunFigures) -> dict[str, Any]:
    """Return what a baseline file says, for JSON."""
    return {
        "created": figures.created,
        "environment": dict(figures.environment),
        "figures": {name: _figure(figure) for name, figure in figures.figures.items()},
        "functions": [_function(function) for function in sorted(figures.functions, key=_by_name)],
        "name": figures.name,
        "operations": {key: _operation(operation) for key, operation in figures.operations.items()},
        "runs": figures.runs,
        "samples": list(figures.samples),
        "schema": SCHEMA,
        "seconds": _numbers(figures.seconds),
    }


def looks_like_baseline(data: bytes) -> bool:
    """Say whether a file is meant to be a baseline, of any version, whole or not, or with both sides of a merge."""
    return _BEGINS.match(data) is not None or (data.lstrip()[:1] in (b"{", b"<") and b'"perftui.baseline/' in data)


def thinned(operation: Operation, most: int = MOST_VALUES) -> Operation:
    """Return an operation with at most so many raw values: of each run as many as its share, evenly taken."""
    total, filled = len(operation.values), sum(map(bool, operation.runs))
    if total <= most:
        return operation
    if filled > most:
        # More processes than values may stay: evenly taken processes, each with the value in its middle.
        wanted = set(_evenly(filled, most))
        ranks = _ranks(operation.runs)
        quotas = [int(bool(run) and ranks[place] in wanted) for place, run in enumerate(operation.runs)]
    else:
        spare = most - filled
        quotas = [1 + (len(run) - 1) * spare // (total - filled) if run else 0 for run in operation.runs]
    kept = [_evenly(len(run), quota) for run, quota in zip(operation.runs, quotas, strict=True)]
    return replace(
        operation,
        runs=tuple(tuple(run[at] for at in places) for run, places in zip(operation.runs, kept, strict=True) if places),
        weights=tuple(
            tuple(run[at] for at in places)
            for run, places in zip(operation.weights, kept, strict=bool(operation.weights))
            if places
        ),
    )


def _ranks(runs: Sequence[Sequence[float]]) -> list[int]:
    """Return for each run how many runs with values come before it."""
    ranks, rank = [], 0
    for run in runs:
        ranks.append(rank)
        rank += bool(run)
    return ranks


def _evenly(number: int, quota: int) -> list[int]:
    """Return so many places of a series of `number`, each in the middle of its part."""
    return [(2 * place + 1) * number // (2 * quota) for place in range(quota)]


def _figure(figure: FigureRuns) -> dict[str, Any]:
    return {"unit": figure.unit.value, "values": _numbers(figure.values)}


def _function(function: FunctionRuns) -> dict[str, Any]:
    return {
        "dispersion": _number(function.dispersion),
        "file": function.file,
        "function": function.function,
        "samples": list(function.samples),
        "self_s": _numbers(function.self_s),
        "total_s": _numbers(function.total_s),
    }


def _operation(operation: Operation) -> dict[str, Any]:
    kept = thinned(operation)
    said: dict[str, Any] = {
        "errors": dict(operation.errors),
        "failed": operation.failed,
        "group": operation.group,
        "lower_is_better": operation.lower_is_better,
        "name": operation.name,
        "ok": operation.ok,
        "parameter": operation.parameter,
        "runs": [_numbers(run) for run in kept.runs],
        "summary": _summary(operation, kept),
        "told": {name: _number(value) for name, value in operation.told.items()},
        "tool": operation.tool,
        "tool_version": operation.tool_version,
        "unit": operation.unit.value,
        "weights": [list(run) for run in kept.weights],
        "work": None if operation.work is None else _number(operation.work),
        "work_unit": operation.work_unit.value,
    }
    # What is not known is not there: a reviewer reads what is.
    return {name: value for name, value in said.items() if name in _ALWAYS or value not in (None, "", [], {})}


def _summary(operation: Operation, kept: Operation) -> dict[str, Any]:
    """Return the figures of all raw values that were measured, and how many of them are kept here."""
    values = len(operation.values)
    found: dict[str, Any] = {
        name: _number(figure.value) for name, figure in operation_figures(operation).items() if figure.value is not None
    }
    found["values"] = values
    if len(kept.values) < values:
        found["values_kept"] = len(kept.values)
    return found


def _numbers(values: Iterable[float]) -> list[float]:
    return [_number(value) for value in values]


def _number(value: float) -> float:
    """Return a number without the digits that adding in another order changes."""
    if not isfinite(value):
        raise ValueError(f"{value} is no measurement")
    return float(f"{value:.{_DIGITS}g}")


def _by_name(function: FunctionRuns) -> tuple[str, str]:
    return function.file, function.function


def _lines(value: Any, indent: str = "") -> Iterator[str]:
    inner = indent + _INDENT
    if isinstance(value, Mapping) and value:
        rows = (chain((f"{_text(key)}: ",), _lines(value[key], inner)) for key in sorted(value))
        yield from _block("{", rows, "}", indent)
    elif isinstance(value, list) and value and isinstance(value[0], dict | list):
        yield from _block("[", (_lines(each, inner) for each in value), "]", indent)
    elif isinstance(value, list) and value:
        yield from _filled([_text(each) for each in value], indent)
    else:
        yield _text(value)


def _block(opening: str, rows: Iterable[Iterable[str]], closing: str, indent: str) -> Iterator[str]:
    yield opening
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{indent}{_INDENT}"
        yield from row
    yield f"\n{indent}{closing}"


def _filled(words: Sequence[str], indent: str) -> Iterator[str]:
    """Yield a list of numbers in one line where it fits, and in filled lines otherwise."""
    lines: list[list[str]] = [[]]
    width = room = _WIDTH - len(indent) - len(_INDENT)
    for word in words:
        width -= len(word) + 2
        if width < 0 and lines[-1]:
            lines.append([])
            width = room - len(word) - 2
        lines[-1].append(word)
    if len(lines) == 1:
        yield f"[{', '.join(words)}]"
    else:
        rows = [[", ".join(line)] for line in lines]
        yield from _block("[", rows, "]", indent)


def _text(value: Any) -> str:
    """Return a plain value as JSON; letters that cannot be seen, or that turn a line around, are written as numbers."""
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    known = value.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(known, ensure_ascii=not known.isprintable())
