"""What the page of a comparison is given: figures as numbers to sort and draw by, and as the text that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from perftui import __version__
from perftui.analysis.change_groups import ChangeGroups
from perftui.analysis.change_words import chance_text, interval_text, mark_of, word_of
from perftui.analysis.delta_tree import DeltaTree
from perftui.analysis.pruned_delta import pruned_delta
from perftui.model.change import ChangeVerdict, Condition, FunctionChange, TotalChange
from perftui.model.frame import Frame
from perftui.reports.cells import shortened
from perftui.reports.comparison_report import ComparisonReport, ReportCurve, ReportLens, ReportSide
from perftui.reports.wording import (
    beyond_text,
    budget_rows,
    commits_text,
    counts_text,
    dates_text,
    figure_rows,
    lengths_text,
    sides_of,
    smallest_text,
    summary_text,
    told_of,
    total_doubt,
    total_text,
    totals_of,
)
from perftui.text import printable
from perftui.units import Unit, format_percent, format_seconds, format_value

_LONGEST_NAME = 300
_MOST_RUNS = 100
_DIGITS = 9
"""Significant ones of a number; the text beside it has three."""
_CODES = dict(zip(ChangeVerdict, "sfwiav", strict=True))
Data = dict[str, Any]


def page_data(report: ComparisonReport, *, nodes: int, rows: int) -> Data:
    """Return a report as JSON can hold it, with so many nodes of each tree and functions of each lens at most."""
    return {
        "tool": f"perftui {__version__}",
        "sides": [_side(report.baseline), _side(report.current)],
        "remarks": [_text(remark) for remark in report.notes],
        "deciding": [_text(command) for command in report.deciding],
        "conditions": [_condition(one) for one in report.conditions],
        "lenses": [_lens(lens, nodes, rows) for lens in report.lenses],
        "meters": figure_rows(report, report.meters),
        "budgets": [[_text(cell) for cell in row] for row in budget_rows(report.budgets)],
        "curves": [_curve(curve) for curve in report.curves],
    }


class _Names:
    """Functions and files that are told once and meant by their numbers."""

    def __init__(self) -> None:
        self._functions: dict[tuple[str, int], int] = {}
        self._files: dict[str, int] = {}

    def of(self, frame: Frame) -> int:
        file = self._files.setdefault(_text(frame.file), len(self._files))
        return self._functions.setdefault((_text(frame.function), file), len(self._functions))

    def data(self) -> Data:
        return {"files": list(self._files), "names": [list(name) for name in self._functions]}


def _side(side: ReportSide) -> Data:
    runs = [
        [
            _text(run.id),
            _text(run.name),
            _text(run.created[:19].replace("T", " ")),
            format_seconds(run.duration_s) if run.duration_s else "",
            "" if run.cpu_s is None else format_seconds(run.cpu_s),
        ]
        for run in side.runs[:_MOST_RUNS]
    ]
    return {
        "word": side.word,
        "name": _text(side.name),
        "count": len(side.runs),
        "made": _text(dates_text(side)),
        "length": lengths_text(side),
        "commit": _text(commits_text(side)),
        "runs": runs,
    }


def _condition(one: Condition) -> list[Any]:
    return [
        _text(one.name),
        _text(one.baseline),
        _text(one.current),
        one.same,
        bool(one.matters and one.sentence),
        _text(one.sentence),
    ]


def _lens(lens: ReportLens, nodes: int, rows: int) -> Data:
    names = _Names()
    groups = lens.groups
    ranked = _ranked(groups)
    return {
        "name": lens.name,
        "unit": lens.unit.value,
        "mode": lens.mode,
        "why": lens.why,
        "beyond": beyond_text(lens),
        "totals": [_total(name, each, unit) for name, each, unit in totals_of(lens)],
        "words": {_CODES[verdict]: [mark_of(verdict), word_of(verdict, lens.unit)] for verdict in ChangeVerdict},
        "summary": summary_text(lens),
        "counted": lens.counted,
        "rows": [_row(row, lens, names) for row in ranked[:rows]],
        "rows_left_out": max(0, len(ranked) - rows),
        "tree": None if lens.tree is None else _tree(lens.tree, lens.total.verdict, names, nodes),
        **names.data(),
    }


def _total(name: str, total: TotalChange, unit: Unit) -> Data:
    return {
        "name": name,
        "baseline": _number(total.baseline),
        "current": _number(total.current),
        "verdict": _CODES[total.verdict],
        "ci": _pair(total.certainty.ci),
        "p": _number(total.certainty.p),
        "text": total_text(total, unit),
        "doubt": total_doubt(total, unit),
    }


def _ranked(groups: ChangeGroups) -> Sequence[FunctionChange]:
    return (*groups.clear, *groups.doubtful, *groups.slight, *groups.quiet)


def _row(row: FunctionChange, lens: ReportLens, names: _Names) -> Data:
    certainty = row.certainty
    before, after, delta = sides_of(row, lens)
    return {
        "verdict": _CODES[row.verdict],
        "name": names.of(row.frame),
        "numbers": [
            _number(each)
            for each in (
                row.baseline,
                row.current,
                row.baseline_share,
                row.current_share,
                row.baseline_total,
                row.current_total,
                row.baseline_count,
                row.current_count,
                *(certainty.ci or (None, None)),
                certainty.p,
                certainty.q,
                certainty.smallest_detectable,
            )
        ],
        "texts": [
            before,
            after,
            delta,
            interval_text(certainty),
            chance_text(certainty.p),
            chance_text(certainty.q),
            counts_text(row),
            f"{format_percent(100 * row.baseline_share)} → {format_percent(100 * row.current_share)}",
            f"{format_value(row.baseline_total, lens.unit)} → {format_value(row.current_total, lens.unit)}",
            smallest_text(certainty),
        ],
        "told": _text(told_of(row, lens), 600),
    }


def _tree(tree: DeltaTree, whole: ChangeVerdict, names: _Names, most: int) -> Data:
    pruned = pruned_delta(tree, most)
    own = range(len(pruned.parent) - len(pruned.rests))
    return {
        "parent": list(pruned.parent),
        "name": [-1 if not node else names.of(tree.functions[tree.function[pruned.source[node]]]) for node in own],
        "verdict": "".join(_CODES[tree.verdict(pruned.source[node]) if node else whole] for node in own),
        "counts": [
            [int(column[pruned.source[node]]) for node in own]
            for column in (tree.baseline_total_count, tree.current_total_count)
        ],
        "baseline": [_number(weight) for weight in pruned.baseline],
        "current": [_number(weight) for weight in pruned.current],
        "rests": [[rest.nodes, _number(rest.larger), _number(rest.larger_share)] for rest in pruned.rests.values()],
        "nodes": len(tree),
        "left_out": pruned.left_out,
    }


def _curve(curve: ReportCurve) -> Data:
    highest = max((value for value in (*curve.baseline, *curve.current) if value is not None), default=0.0)
    length_s = curve.step_s * max(len(curve.baseline), len(curve.current))
    return {
        "label": curve.label,
        "unit": curve.unit.value,
        "step_s": _number(curve.step_s),
        "highest": _number(highest),
        "highest_text": format_value(highest, curve.unit),
        "length_text": format_seconds(length_s),
        "sides": [_numbers(curve.baseline), _numbers(curve.current)],
    }


def _numbers(values: Iterable[float | None]) -> list[float | int | None]:
    return [_number(value) for value in values]


def _number(value: float | None) -> float | int | None:
    if value is None or not isfinite(value):
        return None
    return int(value) if value == int(value) else float(f"{value:.{_DIGITS}g}")


def _pair(ends: tuple[float, float] | None) -> list[float | int | None] | None:
    return None if ends is None else [_number(end) for end in ends]


def _text(text: str, longest: int = _LONGEST_NAME) -> str:
    return shortened(printable(text), longest)
