"""A period as a sheet, a document and CSV: runs and verdicts of each workload, changes, what took longest, trends."""

from __future__ import annotations

import csv
import io
from typing import Any

from perftui.recording.period import PeriodChange, PeriodReport, PeriodWorkload
from perftui.reports.csv_cells import cell
from perftui.reports.sheet import Column, Row, Sheet, SheetTable
from perftui.reports.trend_sheet import change_text, commit_text, direction, trend_document, value_text
from perftui.units import format_percent, format_seconds

SCHEMA = "perftui.period/1"
_SLOWEST = 10
_RUNS = (
    Column("workload", names=True),
    Column("machine", names=True),
    Column("sessions", right=True),
    Column("newest"),
    Column("median", right=True),
    Column("fail", right=True),
    Column("warn", right=True),
    Column("pass", right=True),
)
_CHANGES = (
    Column("workload", names=True),
    Column("figure", names=True),
    Column("before", right=True),
    Column("after", right=True),
    Column("change", right=True),
    Column("changed with"),
    Column("commit", from_width=90),
)
_LONGEST = (
    Column("session", names=True),
    Column("workload", names=True),
    Column("recorded"),
    Column("lasted", right=True),
)
_TRENDS = (
    Column("workload", names=True),
    Column("figure", names=True),
    Column("newest", right=True),
    Column("noise", right=True),
    Column("sessions", right=True),
    Column("last change", right=True),
    Column("since"),
)


def period_sheet(report: PeriodReport) -> Sheet:
    """Return what is said of a period."""
    worse = sum(change.is_worse for change in report.changes)
    failed = sum(workload.verdicts.get("fail", 0) for workload in report.workloads)
    sessions = sum(workload.sessions for workload in report.workloads)
    remarks = ["Changes are judged over all sessions of a workload on one machine, also those before the period."]
    if report.unreadable:
        remarks.append(f"{report.unreadable} files could not be read")
    return Sheet(
        title=f"the last {report.period}",
        facts=(("sessions", str(sessions)), ("workloads", str(len(report.workloads)))),
        tables=(
            SheetTable("Workloads", _RUNS, tuple(map(_workload_row, report.workloads))),
            SheetTable("Changes", _CHANGES, tuple(map(_change_row, report.changes))),
            SheetTable("Longest sessions", _LONGEST, tuple(_longest(report))),
            SheetTable("Trends", _TRENDS, tuple(_trend_rows(report)), folded=True),
        ),
        summary=f"{_count(worse, 'figure')} became worse, {_count(len(report.changes) - worse, 'figure')} better, "
        f"{_count(failed, 'session')} failed a budget",
        remarks=tuple(remarks),
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _workload_row(workload: PeriodWorkload) -> Row:
    counts = (workload.verdicts.get(word, 0) for word in ("fail", "warn", "pass"))
    return Row(
        (
            workload.workload,
            workload.host,
            str(workload.sessions),
            workload.points[-1].created[:16].replace("T", " ") if workload.points else "",
            format_seconds(workload.median_s) if workload.points else "",
            *(str(count) if count else "" for count in counts),
        )
    )


def _change_row(change: PeriodChange) -> Row:
    trend = change.trend
    return Row(
        (
            trend.workload,
            trend.subject,
            value_text(change.change.before, trend.unit),
            value_text(change.change.after, trend.unit),
            f"{change_text(change.change)} {direction(change.change, trend)}",
            change.point.created[:16].replace("T", " "),
            commit_text(change.point),
        )
    )


def _longest(report: PeriodReport) -> list[Row]:
    rows = [(point, workload) for workload in report.workloads for point in workload.points]
    rows.sort(key=lambda row: -row[0].value)
    return [
        Row((point.name, workload.workload, point.created[:16].replace("T", " "), format_seconds(point.value)))
        for point, workload in rows[:_SLOWEST]
    ]


def _trend_rows(report: PeriodReport) -> list[Row]:
    rows = []
    for trend in (trend for workload in report.workloads for trend in workload.trends):
        last = trend.changes[-1] if trend.changes else None
        rows.append(
            Row(
                (
                    trend.workload,
                    trend.subject,
                    value_text(trend.points[-1].value, trend.unit),
                    "" if trend.noise_pct is None else f"±{format_percent(trend.noise_pct)}",
                    str(len(trend.points)),
                    "" if last is None else f"{change_text(last)} {direction(last, trend)}",
                    "" if last is None else trend.points[last.at].created[:10],
                )
            )
        )
    return rows


def period_document(report: PeriodReport) -> dict[str, Any]:
    """Return the same as JSON; values in base units."""
    return {
        "schema": SCHEMA,
        "period": report.period,
        "unreadable": report.unreadable,
        "workloads": [
            {
                "workload": workload.workload,
                "host": workload.host or None,
                "sessions": workload.sessions,
                "median_s": workload.median_s if workload.points else None,
                "verdicts": dict(workload.verdicts),
                "runs": [
                    {"session": point.id, "name": point.name, "created": point.created, "wall_s": point.value}
                    for point in workload.points
                ],
                "trends": [trend_document(trend) for trend in workload.trends],
            }
            for workload in report.workloads
        ],
        "changes": [
            {
                "workload": change.trend.workload,
                "subject": change.trend.subject,
                "unit": change.trend.unit.value,
                "before": change.change.before,
                "after": change.change.after,
                "change_pct": change.change.change_pct,
                "better": not change.is_worse,
                "session": change.point.id,
                "created": change.point.created,
                "commit": change.point.commit or None,
            }
            for change in report.changes
        ],
    }


def period_csv(report: PeriodReport) -> str:
    """Return one figure of a workload a line: its newest value, its noise, and its last change."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = (
        "workload",
        "machine",
        "figure",
        "unit",
        "sessions",
        "newest",
        "noise_pct",
        "before",
        "after",
        "change_pct",
    )
    writer.writerow((*heads, "changed", "commit"))
    for trend in (trend for workload in report.workloads for trend in workload.trends):
        last = trend.changes[-1] if trend.changes else None
        at = trend.points[last.at] if last is not None else None
        change = (None,) * 3 if last is None else (last.before, last.after, last.change_pct)
        when = (None, None) if at is None else (at.created, at.commit)
        row = (
            trend.workload, trend.host, trend.subject, trend.unit.value, len(trend.points), trend.points[-1].value,
            trend.noise_pct, *change, *when,
        )  # fmt: skip
        writer.writerow(map(cell, row))
    return out.getvalue()
