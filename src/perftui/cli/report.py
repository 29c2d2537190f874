"""A session as text for people."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from perftui.analysis.alerting import standings
from perftui.analysis.hotspots import SortBy, hotspots
from perftui.cli.console import table
from perftui.cli.memory_report import allocation_table, memory_text
from perftui.cli.operation_report import operations_text
from perftui.model.heap import HeapView
from perftui.model.session import Event, SessionKind
from perftui.model.verdict import RuleVerdict
from perftui.model.workload import RecordMode
from perftui.recording.session_model import SessionModel
from perftui.reports.series_cells import HEAD, mark_rows, series_remark, series_rows
from perftui.reports.verdict_words import against_limit, held_text, own_text
from perftui.text import printable
from perftui.units import Unit, format_bytes, format_count, format_figure, format_percent, format_seconds, format_value


def session_text(model: SessionModel, path: Path | None, *, top: int, view: HeapView | None = None) -> str:
    """Return what a session holds: what ran, how well it was sampled, meters, verdicts, hotspots and a view of memory.

    Raises:
        NoDataError: The session does not hold the view that is asked for.
    """
    parts = [_heading(model, path), _quality(model), memory_text(model, path), _meters(model)]
    if model.verdicts:
        parts.append(verdict_table(model.verdicts))
    parts.append(alert_table(model.events))
    parts.append(operations_text(model.operations))
    parts += metric_tables(model)
    if model.aggregate.samples:
        parts.append(hotspot_table(model, top=top))
    parts.append(allocation_table(model, top=top, view=view))
    return "\n\n".join(part for part in parts if part)


def metric_tables(model: SessionModel) -> list[str]:
    """Return application metrics and marks, one a line; nothing where there are none."""
    rows, marks, remark = list(series_rows(model)), mark_rows(model), series_remark(model)
    found = [table(HEAD, rows, right=tuple(range(2, len(HEAD))))] if rows else []
    if remark:
        found = ["\n".join((*found, remark))]
    return [*found, *([table(("at", "mark"), marks)] if marks else [])]


def verdict_table(verdicts: tuple[RuleVerdict, ...]) -> str:
    """Return the verdicts of a budget, one a line."""
    rows = [
        (
            verdict.verdict.value.upper(),
            verdict.subject,
            "not measured" if verdict.current is None else own_text(verdict, verdict.current),
            against_limit(verdict),
            "" if verdict.breached_at_s is None else f"at {format_seconds(verdict.breached_at_s)}",
            "; ".join(part for part in (held_text(verdict), verdict.reason) if part),
        )
        for verdict in verdicts
    ]
    return table(("budget", "of", "measured", "limit", "broken", ""), rows, right=(2,))


def alert_table(events: Iterable[Event]) -> str:
    """Return how the alerts that fired stand, or stood at the end; empty where none fired."""
    rows = [
        (
            standing.level.value.upper(),
            standing.series,
            f"since {format_seconds(standing.since_s)}",
            "once" if standing.fired == 1 else f"{standing.fired} times",
        )
        for standing in standings(events)
    ]
    return table(("alert", "of", "", "grew worse"), rows) if rows else ""


def hotspot_table(model: SessionModel, *, top: int) -> str:
    """Return the dearest functions by self time."""
    rows = hotspots(model.aggregate.tree, sort=SortBy.SELF, top=top, line_counts=model.aggregate.line_counts)
    unit = model.aggregate.tree.unit
    return table(
        ("self", "self %", "total %", "samples", "function", "place"),
        [
            (
                format_figure(row.self_weight, unit),
                format_percent(100 * row.self_share),
                format_percent(100 * row.total_share),
                format_count(row.self_count),
                row.frame.function,
                f"{row.frame.file}:{row.frame.line}" if row.frame.line else row.frame.file,
            )
            for row in rows
        ],
        right=(0, 1, 2, 3),
    )


def _heading(model: SessionModel, path: Path | None) -> str:
    meta = model.meta
    lines = [f"{printable(meta.title)}  ({meta.id}, {meta.state.value})"]
    if meta.command:
        lines.append(f"command   {printable(shlex.join(meta.command))}")
    ended = ""
    if meta.kind is SessionKind.LAUNCHED and meta.exit_code is not None:
        ended = ", ended with the recording" if meta.ended_by_us else f", exit code {meta.exit_code}"
    used = "" if meta.cpu_s is None else f", {format_seconds(meta.cpu_s)} of CPU"
    if used and meta.perturbed:
        used += " (tracing allocations included)"
    if meta.knows_times:
        lines.append(f"duration  {format_seconds(meta.duration_s)}{used}{ended}")
    if meta.trouble:
        lines.append(f"trouble   {printable(meta.trouble)}")
    if path is not None:
        lines.append(f"session   {printable(str(path))}")
    return "\n".join(lines)


def _quality(model: SessionModel) -> str:
    quality = model.quality
    if not quality.samples:
        only_operations = model.meta.kind is SessionKind.IMPORTED and bool(model.operations)
        unsampled = model.meta.mode == RecordMode.MEMORY.value or only_operations or model.meta.only_metered
        return "" if unsampled else "CPU       no Python samples"
    if model.meta.kind is SessionKind.IMPORTED:
        tree = model.aggregate.tree
        counted, weight = _samples(quality.samples), format_value(tree.weight, tree.unit)
        return f"profile   {counted}" + ("" if tree.unit is Unit.SAMPLES else f", {weight}")
    words = [
        f"{_samples(quality.samples)} ({format_seconds(model.aggregate.tree.weight)} of running threads)",
        f"{quality.achieved_hz:.1f} of {quality.requested_hz:.0f} Hz",
        f"{format_percent(100 * quality.coverage)} of the time covered",
        f"{quality.failed} failed",
        f"sampler {format_percent(quality.sampler_cpu_percent)} of a core",
    ]
    if quality.approximate:
        words.append("approximate (taken without stopping the target)")
    text = "CPU       " + ", ".join(words)
    if model.meta.perturbed:
        # A process that was attached to runs once.
        way_out = ": record apart (--two-pass) for true ones" if model.meta.kind is SessionKind.LAUNCHED else ""
        text += f"\n          the CPU seconds hold what tracing costs{way_out}"
    return text


def _samples(count: int) -> str:
    return f"{format_count(count)} sample{'' if count == 1 else 's'}"


def _meters(model: SessionModel) -> str:
    measures = model.measures
    cpu, rss = measures.figures("cpu_percent"), measures.figures("rss_bytes")
    threads = measures.figures("threads")
    if rss.peak is None:
        return ""
    words = [f"RSS peak {format_bytes(rss.peak)}"]
    if cpu.mean is not None and cpu.peak is not None:
        words.insert(0, f"CPU mean {format_percent(cpu.mean)}, peak {format_percent(cpu.peak)}")
    if threads.peak is not None:
        words.append(f"threads {threads.peak:.0f}")
    return "meters    " + ", ".join(words)
