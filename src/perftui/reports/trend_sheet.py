"""A trend as a sheet: the figure over its sessions, its changes, and each session with its commit and verdict."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from perftui.model.trend import Trend, TrendChange, TrendPoint
from perftui.reports.csv_cells import cell
from perftui.reports.sheet import Column, Row, Sheet, SheetTable
from perftui.reports.trend_chart import trend_chart
from perftui.units import Unit, format_measured, format_percent

SCHEMA = "perftui.trend/1"
USUAL_ROWS = 20
_COMMIT = 10
_COLUMNS = (
    Column("recorded"),
    Column("session", names=True),
    Column("value", right=True),
    Column("noise", right=True, from_width=90),
    Column("runs", right=True),
    Column("commit"),
    Column("branch", names=True, from_width=90),
    Column("verdict"),
)
_CHANGES = (
    Column("changed with"),
    Column("session", names=True),
    Column("before", right=True),
    Column("after", right=True),
    Column("change", right=True),
    Column("commit"),
)


def trend_sheet(trend: Trend, *, width: int, rows: int | None = USUAL_ROWS, blank: str = " ") -> Sheet:
    """Return what a trend says; of its sessions the newest `rows`, or all; `blank` is what fills its chart."""
    shown = trend.points if rows is None else trend.points[len(trend.points) - rows :] if rows else ()
    if rows is not None and rows >= len(trend.points):
        shown = trend.points
    table = SheetTable(
        "Sessions, the newest first",
        _COLUMNS,
        tuple(_row(point, trend) for point in reversed(shown)),
        left_out=len(trend.points) - len(shown),
    )
    changes = SheetTable("Changes", _CHANGES, tuple(_change_row(change, trend) for change in reversed(trend.changes)))
    return Sheet(
        title=f"{trend.subject} of {trend.workload}",
        facts=tuple(_facts(trend)),
        picture=trend_chart(trend, width=width, blank=blank),
        tables=(changes, table),
        summary=summary(trend),
        remarks=trend.remarks,
    )


def summary(trend: Trend) -> str:
    """Return one sentence: where it stands, and since when."""
    last = trend.points[-1]
    count = len(trend.points)
    stands = f"{value_text(last.value, trend.unit)} in the newest of {count} session{'' if count == 1 else 's'}"
    if not trend.changes:
        return f"{stands}; no change that noise does not explain"
    change = trend.changes[-1]
    at = trend.points[change.at]
    since = f"{at.created[:10]}{f', commit {at.commit[:_COMMIT]}' if at.commit else ''}"
    return f"{stands}; {change_text(change)} {direction(change, trend)} since {since}"


def change_text(change: TrendChange) -> str:
    """Return a change as `+6.0 %`; `from nothing` where there was nothing before."""
    if change.change_pct is None:
        return "from nothing"
    return f"{'+' if change.change_pct > 0 else '-'}{format_percent(abs(change.change_pct))}"


def direction(change: TrendChange, trend: Trend) -> str:
    """Return the word for a change."""
    better = (change.after < change.before) is trend.lower_is_better
    return "better" if better else "worse"


def value_text(value: float, unit: Unit) -> str:
    """Return a value with its unit."""
    return format_measured(value, unit)


def noise_text(point: TrendPoint, unit: Unit) -> str:
    """Return where the noise of a point lies; empty where nothing tells."""
    if point.low is None or point.high is None:
        return ""
    return f"{value_text(point.low, unit)} to {value_text(point.high, unit)}"


def commit_text(point: TrendPoint) -> str:
    """Return a commit, with `*` where files were changed beside it."""
    return f"{point.commit[:_COMMIT]}{'*' if point.dirty else ''}"


def _facts(trend: Trend) -> Iterator[tuple[str, str]]:
    yield trend.kind.value, trend.subject
    yield "workload", trend.workload
    if trend.host:
        yield "machine", trend.host
    if trend.noise_pct is not None:
        yield "noise", f"±{format_percent(trend.noise_pct)} between sessions of the last level"


def _row(point: TrendPoint, trend: Trend) -> Row:
    return Row(
        (
            point.created[:16].replace("T", " "),
            point.name,
            value_text(point.value, trend.unit),
            noise_text(point, trend.unit),
            str(point.runs),
            commit_text(point),
            point.branch,
            point.verdict,
        ),
        tone=point.verdict,
    )


def _change_row(change: TrendChange, trend: Trend) -> Row:
    point = trend.points[change.at]
    return Row(
        (
            point.created[:16].replace("T", " "),
            point.name,
            value_text(change.before, trend.unit),
            value_text(change.after, trend.unit),
            f"{change_text(change)} {direction(change, trend)}",
            commit_text(point),
        )
    )


def trend_document(trend: Trend) -> dict[str, Any]:
    """Return a trend as JSON: values in base units."""
    return {
        "schema": SCHEMA,
        "subject": trend.subject,
        "kind": trend.kind.value,
        "unit": trend.unit.value,
        "workload": trend.workload,
        "host": trend.host or None,
        "lower_is_better": trend.lower_is_better,
        "noise_pct": trend.noise_pct,
        "changes": [
            {
                "at": change.at,
                "session": trend.points[change.at].id,
                "commit": trend.points[change.at].commit or None,
                "before": change.before,
                "after": change.after,
                "change_pct": change.change_pct,
                "better": direction(change, trend) == "better",
            }
            for change in trend.changes
        ],
        "points": [
            {
                "session": point.id,
                "name": point.name,
                "created": point.created,
                "value": point.value,
                "low": point.low,
                "high": point.high,
                "runs": point.runs,
                "commit": point.commit or None,
                "branch": point.branch or None,
                "dirty": point.dirty,
                "verdict": point.verdict or None,
            }
            for point in trend.points
        ],
        "remarks": list(trend.remarks),
    }


def trend_csv(trend: Trend) -> str:
    """Return the points of a trend as CSV: values in base units, `change_pct` where a new level begins."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = ("created", "session", "name", "value", "unit", "low", "high", "runs", "commit", "branch", "dirty")
    writer.writerow((*heads, "verdict", "change_pct"))
    changes = {change.at: change.change_pct for change in trend.changes}
    for number, point in enumerate(trend.points):
        row = (
            point.created, point.id, point.name, point.value, trend.unit.value, point.low, point.high, point.runs,
            point.commit, point.branch, "yes" if point.dirty else "no", point.verdict, changes.get(number),
        )  # fmt: skip
        writer.writerow(map(cell, row))
    return out.getvalue()
