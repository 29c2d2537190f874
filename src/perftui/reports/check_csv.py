"""A check as CSV: one line a rule, with the figures of the JSON document; nothing in it is a formula."""

from __future__ import annotations

import csv
import io
from typing import Any

from perftui.recording.check import Check
from perftui.reports.check_document import check_document
from perftui.reports.csv_cells import cell

COLUMNS = (
    "rule", "subject", "metric", "verdict", "baseline", "baseline_ref", "current", "unit", "change_pct", "ci_low",
    "ci_high", "p", "n_baseline", "n_current", "warn", "fail", "limit_unit", "breached_at_s", "reason",
)  # fmt: skip


def check_csv(check: Check) -> str:
    """Return the table, its headings first; what is not known is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for verdict in check_document(check)["verdicts"]:
        cells = {**verdict, **_parts(verdict)}
        writer.writerow([cell(cells[column]) for column in COLUMNS])
    return text.getvalue()


def _parts(verdict: dict[str, Any]) -> dict[str, Any]:
    low, high = verdict["ci"] or (None, None)
    baseline, current = verdict["n"]
    return {"ci_low": low, "ci_high": high, "n_baseline": baseline, "n_current": current}
