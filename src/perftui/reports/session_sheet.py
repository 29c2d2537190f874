"""A session as a sheet: what ran, how well it was seen, its verdicts, what cost most, and what was measured."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from perftui.analysis.hotspots import SortBy, hotspots
from perftui.analysis.operation_count import count_words
from perftui.analysis.operation_figures import OperationFigure, operation_figures
from perftui.budgets.gate import worst_first
from perftui.model.operation import Operation
from perftui.model.reading import METERS
from perftui.model.session import SessionKind
from perftui.recording.advising import USUAL_TOP, Advice, advice_of, why_no_finding, why_no_waiting
from perftui.recording.check import Check
from perftui.recording.memory_summary import leading_view, memory_figures, was_traced
from perftui.recording.session_model import SessionModel
from perftui.reports.advice_tables import advice_tables, found_in
from perftui.reports.check_sheet import check_sheet, verdict_tables
from perftui.reports.series_cells import HEAD, mark_rows, series_remark, series_rows
from perftui.reports.sheet import Column, Row, Sheet, SheetTable
from perftui.units import (
    Unit,
    format_bytes,
    format_count,
    format_figure,
    format_measured,
    format_percent,
    format_seconds,
    format_value,
)

_FIGURES = ("mean", "median", "stddev", "p95", "p99")
_HOTSPOTS = (
    Column("function", names=True),
    Column("place", names=True),
    Column("self", right=True),
    Column("self %", right=True),
    Column("total", right=True),
    Column("total %", right=True),
    Column("samples", right=True, from_width=100),
)
_ALLOCATIONS = (
    Column("function", names=True),
    Column("place", names=True),
    Column("self", right=True),
    Column("total", right=True),
    Column("total %", right=True),
    Column("allocations", right=True),
)
_OPERATIONS = (
    Column("operation", names=True),
    Column("n", right=True),
    *(Column(figure, right=True, from_width=0 if figure in ("mean", "median", "p95") else 100) for figure in _FIGURES),
    Column("success", right=True),
)


def session_sheet(model: SessionModel, path: Path, check: Check | None, *, top: int, wide: bool = True) -> Sheet:
    """Return what a session holds, with its stored verdicts or those of a check; `top` functions at most."""
    meta = model.meta
    judged = check_sheet(check, wide=wide) if check is not None else None
    advice = advice_of(model, top=min(top, USUAL_TOP))
    findings, bottlenecks, waiting = advice_tables(advice)
    verdicts = judged.tables if judged is not None else verdict_tables(worst_first(model.verdicts), "", wide=wide)
    return Sheet(
        title=meta.title or meta.id,
        word=judged.word if judged is not None else "",
        tone=judged.tone if judged is not None else "",
        facts=(
            *_facts(model, path, check),
            ("advice", found_in(advice, why_no_finding(model))),
            *_unknown_waiting(advice),
        ),
        warnings=(*((meta.trouble,) if meta.trouble else ()), *(judged.warnings if judged is not None else ())),
        tables=(
            *verdicts,
            findings,
            _operation_table(model.operations),
            bottlenecks,
            waiting,
            _hotspot_table(model, top),
            _allocation_table(model, top),
            *_metric_tables(model),
            _meter_table(model),
        ),
        summary=judged.summary if judged is not None else "",
        remarks=(
            *_counted(advice),
            *(judged.remarks if judged is not None else ()),
            *(f"application metrics: {remark}" for remark in (series_remark(model),) if remark),
        ),
    )


def _facts(model: SessionModel, path: Path, check: Check | None) -> Iterator[tuple[str, str]]:
    meta, quality = model.meta, model.quality
    if meta.command:
        yield "command", shlex.join(meta.command)
    yield "recorded", meta.created
    if meta.knows_times:
        used = "" if meta.cpu_s is None else f", {format_seconds(meta.cpu_s)} of CPU"
        launched = meta.kind is SessionKind.LAUNCHED and meta.exit_code is not None and not meta.ended_by_us
        yield (
            "duration",
            f"{format_seconds(meta.duration_s)}{used}" + (f", exit code {meta.exit_code}" if launched else ""),
        )
    if quality.samples and meta.kind is not SessionKind.IMPORTED:
        covered = f"{format_percent(100 * quality.coverage)} of the time covered"
        yield "CPU", f"{format_count(quality.samples)} samples, {quality.achieved_hz:.1f} Hz, {covered}"
    if was_traced(model):
        yield "memory", _memory(model)
    yield from ((name, fact) for name, fact in (("commit", meta.environment.get("git_commit", "")),) if fact)
    yield "session", path.name
    if check is not None:
        yield "budget", str(check.budget.path or check.budget.name)
        if check.baseline is not None:
            yield "baseline", check.baseline.ref


def _unknown_waiting(advice: Advice) -> tuple[tuple[str, str], ...]:
    return () if advice.waiting or not advice.samples else (("waiting", why_no_waiting(advice)),)


def _counted(advice: Advice) -> tuple[str, ...]:
    """Return what costs for each operation are worked out from."""
    return (count_words(advice.operations, advice.sampled_s),) if advice.operations is not None else ()


def _memory(model: SessionModel) -> str:
    figures = memory_figures(model)
    amounts = (
        ("high watermark", figures.high_watermark_bytes),
        ("allocated", figures.total_allocated_bytes),
        ("leaked", figures.leaked_bytes),
    )
    words = [f"{name} {format_bytes(value)}" for name, value in amounts if value is not None]
    return ", ".join(words) + ("" if figures.exact else " (not all of it read)")


def _operation_table(operations: Sequence[Operation]) -> SheetTable:
    return SheetTable("Operations", _OPERATIONS, tuple(map(_operation_row, operations)))


def _operation_row(operation: Operation) -> Row:
    figures = operation_figures(operation)
    cells = [_figure_text(figures[name]) for name in _FIGURES]
    success = figures["success_pct"].value
    return Row(
        (
            operation.key,
            f"{len(operation.values):,}",
            *cells,
            "" if success is None else format_percent(success),
        )
    )


def _figure_text(figure: OperationFigure) -> str:
    return figure.reason if figure.value is None else format_measured(figure.value, figure.unit)


def _hotspot_table(model: SessionModel, top: int) -> SheetTable:
    tree = model.aggregate.tree
    rows = hotspots(tree, sort=SortBy.SELF, top=top, line_counts=model.aggregate.line_counts)
    cells = (
        (
            row.frame.function,
            _place(row.frame.file, row.frame.line),
            format_figure(row.self_weight, tree.unit),
            format_percent(100 * row.self_share),
            format_figure(row.total_weight, tree.unit),
            format_percent(100 * row.total_share),
            format_count(row.self_count),
        )
        for row in rows
    )
    return SheetTable(_dearest("Hotspots, by self time", tree.unit), _HOTSPOTS, tuple(map(Row, cells)))


def _dearest(title: str, unit: Unit) -> str:
    return title if unit is Unit.SECONDS else "Hotspots, by self"


def _allocation_table(model: SessionModel, top: int) -> SheetTable:
    view = leading_view(model)
    rows = model.heap[view].rows(top=top) if view is not None else ()
    cells = (
        (
            row.frame.function,
            _place(row.frame.file, row.frame.line),
            format_bytes(row.self_weight),
            format_bytes(row.total_weight),
            format_percent(100 * row.total_share),
            format_count(row.self_count),
        )
        for row in rows
    )
    name = "" if view is None else view.value.replace("_", " ")
    return SheetTable(f"Memory: {name}", _ALLOCATIONS, tuple(map(Row, cells)))


def _place(file: str, line: int) -> str:
    return f"{file}:{line}" if line else file


def _metric_tables(model: SessionModel) -> tuple[SheetTable, SheetTable]:
    columns = (
        Column(HEAD[0], names=True),
        Column(HEAD[1], from_width=100),
        *(Column(heading, right=True, from_width=0 if heading in ("last", "max") else 80) for heading in HEAD[2:]),
    )
    rows = tuple(Row(tuple(row)) for row in series_rows(model))
    marks = tuple(map(Row, mark_rows(model)))
    mark_columns = (Column("at", right=True), Column("mark", names=True))
    return SheetTable("Application metrics", columns, rows), SheetTable("Marks", mark_columns, marks)


def _meter_table(model: SessionModel) -> SheetTable:
    columns = (Column("meter"), Column("mean", right=True), Column("peak", right=True))
    return SheetTable("Meters", columns, tuple(_meter_rows(model)), folded=True)


def _meter_rows(model: SessionModel) -> Iterable[Row]:
    for meter in METERS:
        figures = model.measures.figures(meter.metric)
        if figures.mean is not None and figures.peak is not None and meter.of_target:
            yield Row((meter.label, format_value(figures.mean, meter.unit), format_value(figures.peak, meter.unit)))
