"""Baselines for people: a list of them, and the figures of one."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from statistics import fmean, median
from typing import Any

from perftui.analysis.operation_figures import operation_figures
from perftui.cli import console
from perftui.cli.console import table
from perftui.errors import PerftuiError
from perftui.formats.baseline_json import document
from perftui.model.run_figures import FunctionRuns, RunFigures
from perftui.model.session import BENCHMARK_TOOL
from perftui.storage.listing import SessionEntry
from perftui.text import printable
from perftui.units import format_measured, format_percent, format_seconds, format_value

Marked = Sequence[tuple[SessionEntry, ...]]
Files = Sequence[tuple[Path, RunFigures | PerftuiError]]
_LONGEST_COMMAND = 40
_SHOWN_FACTS = (
    *("workload", "kind", "mode", "rate_hz", "cpu", "cores", "cpu_limit_cores", "governor", "turbo", "container"),
    *("system", "host", "workload_python", "git_branch", "git_commit", "git_changes"),
)
"""The others are in the file, and in --json."""
_OF_METER = ("max", "mean", "p95")
_FIGURES = ("mean", "median", "stddev", "min", "max", "p95", "p99")


def list_document(marked: Marked, files: Files) -> dict[str, Any]:
    """Return all baselines for scripts."""
    return {
        "schema": "perftui.baselines/1",
        "baselines": [*map(_marked_document, marked), *(_file_document(path, figures) for path, figures in files)],
    }


def list_text(marked: Marked, files: Files) -> str:
    """Return all baselines as a table, those of sessions first."""
    rows: list[tuple[str, ...]] = [_marked_row(runs) for runs in marked] + [
        _file_row(path, figures) for path, figures in files
    ]
    headings: tuple[str, ...] = ("baseline", "runs", "newest", "workload", "where")
    projects = [_project(runs) for runs in marked]
    if len(set(projects)) > 1:
        # Which of several projects it is of; files are of the one that this is.
        headings = (*headings, "project")
        rows = [(*row, Path(project).name) for row, project in zip_longest(rows, projects, fillvalue="")]
    return table(headings, rows, right=(1,))


def show_figures(figures: RunFigures, *, top: int, as_json: bool) -> int:
    """Print the figures of one side, as text or as the document that a file of them is."""
    if as_json:
        console.document(document(figures))
        return 0
    console.data(figures_text(figures, top=top))
    console.next_command(f"perftui check @latest --baseline {shlex.quote(figures.ref.removeprefix('baseline:'))}")
    return 0


def figures_text(figures: RunFigures, *, top: int) -> str:
    """Return the figures of one side: what it is, its operations, whole runs, functions and surroundings."""
    parts = [_heading(figures), _operations(figures), _whole_runs(figures), _meters(figures)]
    parts += [_functions(figures, top), _facts(figures)]
    return "\n\n".join(part for part in parts if part)


def _marked_row(runs: tuple[SessionEntry, ...]) -> tuple[str, ...]:
    meta = runs[-1].meta
    assert meta is not None
    where = runs[-1].id if len(runs) == 1 else f"{runs[-1].id} +{len(runs) - 1}"
    workload = meta.workload or shlex.join(meta.command) or meta.environment.get(BENCHMARK_TOOL, "")
    return meta.baseline, str(len(runs)), _moment(meta.created), workload[:_LONGEST_COMMAND], where


def _project(runs: tuple[SessionEntry, ...]) -> str:
    meta = runs[-1].meta
    return "" if meta is None else meta.workload_key[0]


def _file_row(path: Path, figures: RunFigures | PerftuiError) -> tuple[str, ...]:
    where = os.path.relpath(path)
    if isinstance(figures, PerftuiError):
        return path.stem, "", "unreadable", "", str(figures)
    workload = figures.environment.get("workload", "")
    return figures.name or path.stem, str(figures.runs), _moment(figures.created), workload, where


def _marked_document(runs: tuple[SessionEntry, ...]) -> dict[str, Any]:
    meta = runs[-1].meta
    assert meta is not None
    return {
        "name": meta.baseline,
        "kind": "sessions",
        "runs": len(runs),
        "created": meta.created,
        "workload": meta.workload or None,
        "command": list(meta.command),
        "project": _project(runs),
        "sessions": [entry.id for entry in runs],
        "path": None,
        "trouble": None,
    }


def _file_document(path: Path, figures: RunFigures | PerftuiError) -> dict[str, Any]:
    said: dict[str, Any] = {"name": path.stem, "kind": "file", "runs": None, "created": None, "workload": None}
    trouble = None
    if isinstance(figures, PerftuiError):
        trouble = str(figures)
    else:
        said["name"] = figures.name or path.stem
        said["runs"], said["created"] = figures.runs, figures.created or None
        said["workload"] = figures.environment.get("workload")
    return {**said, "command": None, "project": None, "sessions": [], "path": os.path.relpath(path), "trouble": trouble}


def _heading(figures: RunFigures) -> str:
    runs = "1 run" if figures.runs == 1 else f"{figures.runs} runs"
    lines = [f"{printable(figures.ref)}  ({', '.join(filter(None, (printable(figures.name), runs)))})"]
    if figures.created:
        lines.append(f"created   {printable(_moment(figures.created))}")
    if figures.seconds:
        sampled = f"{sum(figures.samples):,} samples, {format_seconds(fmean(figures.seconds))} of running threads a run"
        lines.append(f"CPU       {sampled}")
    return "\n".join(lines)


def _operations(figures: RunFigures) -> str:
    if not figures.operations:
        return ""
    rows = []
    for key, operation in figures.operations.items():
        found = operation_figures(operation)
        cells = [
            found[name].reason if (value := found[name].value) is None else format_measured(value, operation.unit)
            for name in _FIGURES
        ]
        rows.append((key, str(len(operation.values)), *cells))
    headings = ("operation", "n", *("sd" if name == "stddev" else name for name in _FIGURES))
    notes = [
        f"{printable(key)}: {len(figures.operations[key].values):,} of {count:,} values are in the file, evenly taken: "
        "these figures are of them"
        for key, count in figures.measured.items()
    ]
    return "\n".join([table(headings, rows, right=tuple(range(1, len(headings)))), *notes])


def _whole_runs(figures: RunFigures) -> str:
    """Return the figures of whole runs: the median, and between what all of them lie."""
    rows = []
    for name, figure in figures.figures.items():
        if "." not in name:
            low, high = min(figure.values), max(figure.values)
            span = "" if low == high else f"{format_value(low, figure.unit)} … {format_value(high, figure.unit)}"
            rows.append((name, format_value(median(figure.values), figure.unit), span))
    return table(("of a run", "median", "range"), rows, right=(1,)) if rows else ""


def _meters(figures: RunFigures) -> str:
    """Return the meters: of several runs the median of what each had at most, on average and for 95 % of its time."""
    found: dict[str, dict[str, str]] = {}
    for name, figure in figures.figures.items():
        meter, dot, of = name.rpartition(".")
        if dot:
            found.setdefault(meter, {})[of] = format_value(median(figure.values), figure.unit)
    rows = [(meter, *(cells.get(of, "") for of in _OF_METER)) for meter, cells in found.items()]
    return table(("meter", *_OF_METER), rows, right=(1, 2, 3)) if rows else ""


def _functions(figures: RunFigures, top: int) -> str:
    ranked = sorted(figures.functions, key=lambda row: (-sum(row.self_s), -sum(row.total_s), row.file, row.function))
    rows = [tuple(_function_row(row, sum(figures.seconds) or 1.0)) for row in ranked[:top]]
    headings = ("self", "self %", "total %", "samples", "function", "file")
    return table(headings, rows, right=(0, 1, 2, 3)) if rows else ""


def _function_row(row: FunctionRuns, whole_s: float) -> Iterator[str]:
    yield format_seconds(fmean(row.self_s))
    yield format_percent(100 * sum(row.self_s) / whole_s)
    yield format_percent(100 * sum(row.total_s) / whole_s)
    yield f"{sum(row.samples):,}"
    yield row.function
    yield row.file


def _facts(figures: RunFigures) -> str:
    facts = [(name, figures.environment[name]) for name in _SHOWN_FACTS if name in figures.environment]
    return table(("surroundings", ""), facts) if facts else ""


def _moment(created: str) -> str:
    return created[:16].replace("T", " ")
