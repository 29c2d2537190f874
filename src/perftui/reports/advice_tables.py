"""Advice as tables of a sheet and as figures: findings, each with what was measured, and bottlenecks."""

from __future__ import annotations

from collections.abc import Iterator

from perftui.analysis.operation_count import MANY
from perftui.model.finding import Bottleneck
from perftui.model.frame import Frame
from perftui.recording.advising import Advice
from perftui.reports.sheet import Column, Row, SheetTable
from perftui.units import format_count, format_percent, format_seconds, format_short_seconds

_FINDINGS = (
    Column("finding"),
    Column("what"),
    Column("place", names=True),
    Column("samples", right=True, from_width=100),
)


def advice_tables(advice: Advice) -> tuple[SheetTable, ...]:
    """Return findings, bottlenecks and where threads wait; a table without rows is none."""
    findings = tuple(
        Row(
            (
                finding.severity.value.upper(),
                finding.title,
                place_of(finding.place) if finding.place is not None else "",
                format_count(finding.samples) if finding.samples else "",
            ),
            finding.severity.value,
            f"{finding.evidence}; {finding.suggestion}",
        )
        for finding in advice.findings
    )
    return SheetTable("Findings", _FINDINGS, findings), _bottleneck_table(advice), _waiting_table(advice)


def _bottleneck_table(advice: Advice) -> SheetTable:
    counted = advice.operations is not None
    columns = (
        Column("function", names=True),
        Column("place", names=True, from_width=100),
        Column("total %", right=True),
        Column("self %", right=True),
        Column("self", right=True, from_width=100),
        Column("samples", right=True, from_width=100),
        *((Column("per operation", right=True), Column(f"× {MANY:,}", right=True, from_width=100)) if counted else ()),
        Column(f"{advice.times:g}× faster", right=True),
        Column("saves", right=True),
    )
    rows = tuple(
        Row(
            (
                row.frame.function,
                place_of(row.frame),
                format_percent(100 * row.total_share),
                format_percent(100 * row.self_share),
                format_seconds(row.self_s),
                format_count(row.samples),
                *((_for_each(row, 1), _for_each(row, MANY)) if counted else ()),
                f"{format_seconds(advice.sampled_s)} → {format_seconds(row.whole_after_s)}",
                format_percent(100 * row.gain),
            )
        )
        for row in advice.bottlenecks
    )
    return SheetTable("Bottlenecks: were one alone faster (totals overlap)", columns, rows)


def _waiting_table(advice: Advice) -> SheetTable:
    columns = (
        Column("threads wait", right=True),
        Column("looks", right=True),
        Column("at least 2", right=True),
        Column("function", names=True),
        Column("place", names=True),
        Column("in", names=True, from_width=100),
    )
    rows = []
    for row in advice.waiting:
        place = row.own or row.leaf
        inner = row.leaf.function if row.own not in (None, row.leaf) else ""
        share = f"{row.found} ({format_percent(100 * row.found / advice.looks)})"
        rows.append(Row((f"{row.threads:.2f}", share, str(row.crowded), place.function, place_of(place), inner)))
    return SheetTable(f"Waiting, by {advice.looks} looks, about one a second", columns, tuple(rows))


def _for_each(row: Bottleneck, operations: int) -> str:
    return "" if row.per_operation_s is None else format_short_seconds(operations * row.per_operation_s)


def place_of(frame: Frame) -> str:
    """Return file and line."""
    return f"{frame.file}:{frame.line}" if frame.line else frame.file


def found_in(advice: Advice, why_none: str) -> str:
    """Return in a few words what was found, or why nothing was."""
    counts: dict[str, int] = {}
    for finding in advice.findings:
        counts[finding.severity.value] = counts.get(finding.severity.value, 0) + 1
    return ", ".join(f"{count} {word}" for word, count in counts.items()) or why_none


def advice_figures(advice: Advice) -> Iterator[tuple[str, str, str, float | int | str | None, str]]:
    """Yield the figures of advice: what it is of, its name, the figure, value and unit."""
    for finding in advice.findings:
        name = finding.rule if finding.place is None else f"{finding.rule} {place_of(finding.place)}"
        yield "finding", name, "severity", finding.severity.value, ""
        yield "finding", name, "share", finding.share, ""
        yield "finding", name, "samples", finding.samples or None, ""
    for row in advice.bottlenecks:
        name = f"{row.frame.file}:{row.frame.function}"
        yield "bottleneck", name, "total_share", row.total_share, ""
        yield "bottleneck", name, "per_operation", row.per_operation_s, "s"
        yield "bottleneck", name, f"whole_{advice.times:g}x_faster", row.whole_after_s, "s"
        yield "bottleneck", name, "gain", row.gain, ""
    for each in advice.waiting:
        name = place_of(each.own or each.leaf)
        yield "waiting", name, "threads", each.threads, ""
        yield "waiting", name, "looks", each.found, ""
        yield "waiting", name, "crowded_looks", each.crowded, ""
