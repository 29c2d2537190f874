"""How the figures of a run differ from those of a baseline: as a table, and for scripts."""

from __future__ import annotations

from typing import Any

from perftui.analysis.comparable import differences
from perftui.analysis.figure_changes import FigureChange, figure_changes
from perftui.analysis.scalar_change import NEEDED
from perftui.cli.console import table
from perftui.model.run_figures import RunFigures
from perftui.text import printable
from perftui.units import format_measured

_INTERVAL = 4


def changes_text(baseline: RunFigures, current: RunFigures) -> str:
    """Return what both sides measured, and what of it changed."""
    changes = figure_changes(baseline, current)
    title = f"against {printable(baseline.ref)}: {_runs(current)} against {_runs(baseline)}"
    rows = [_row(change) for change in changes]
    headings = ["figure", "baseline", "current", "change", "95 %", ""]
    if not any(row[_INTERVAL] for row in rows):
        rows = [(*row[:_INTERVAL], *row[_INTERVAL + 1 :]) for row in rows]
        del headings[_INTERVAL]
    shown = table(headings, rows, right=range(1, len(headings) - 1))
    notes = [f"note: {printable(note)}" for note in _notes(baseline, current)]
    if any(each.is_few for each in changes):
        notes.append(f"inconclusive: {NEEDED} runs of each side would tell (--repeat {NEEDED})")
    return "\n".join([title, *([shown] if rows else ["they measured nothing that both know"]), *notes])


def changes_document(baseline: RunFigures, current: RunFigures) -> dict[str, Any]:
    """Return the same for scripts."""
    return {
        "baseline": baseline.ref,
        "runs": [baseline.runs, current.runs],
        "notes": list(_notes(baseline, current)),
        "figures": [
            {
                "name": each.name,
                "unit": each.unit.value,
                "baseline": each.change.baseline,
                "current": each.change.current,
                "change_pct": each.change.change_pct,
                "ci": list(each.change.interval_pct) if each.change.interval_pct else None,
                "p": each.change.p,
                "n": list(each.change.counts),
                "verdict": each.word,
            }
            for each in figure_changes(baseline, current)
        ],
    }


def _row(each: FigureChange) -> tuple[str, ...]:
    change = each.change
    low_high = change.interval_pct
    return (
        each.label,
        format_measured(change.baseline, each.unit),
        format_measured(change.current, each.unit),
        "" if change.change_pct is None else f"{change.change_pct:+.1f} %",
        "" if low_high is None else f"{low_high[0]:+.1f} … {low_high[1]:+.1f}",
        each.word,
    )


def _runs(figures: RunFigures) -> str:
    return "1 run" if figures.runs == 1 else f"{figures.runs} runs"


def _notes(baseline: RunFigures, current: RunFigures) -> tuple[str, ...]:
    """Return why figures may differ that the code did not change."""
    found = differences(baseline.environment, current.environment)
    workloads = [side.environment.get("workload", "") for side in (baseline, current)]
    if all(workloads) and workloads[0] != workloads[1]:
        found = (f"another workload ({workloads[0]} against {workloads[1]})", *found)
    return found
