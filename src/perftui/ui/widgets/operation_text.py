"""What stands in the cells of the table of operations."""

from __future__ import annotations

from typing import NamedTuple

from perftui.analysis.change_words import BETTER, WORSE, mark_of, ratio_text
from perftui.analysis.measured_operation import MeasuredOperation
from perftui.analysis.operation_change import interval_words, percent_text, verdict_of, verdict_text
from perftui.analysis.operation_figures import OperationFigure, is_of_means
from perftui.analysis.operation_sheet import OperationLine, OperationSheet
from perftui.model.change import ChangeVerdict
from perftui.model.operation import Operation
from perftui.model.verdict import Verdict
from perftui.ui.widgets.cells import clean, width_of
from perftui.ui.widgets.operation_columns import Field, Shown
from perftui.units import format_count, format_measured, format_percent

NAME_MARGIN = 5
"""Cells beside a name: it stands below its group, and apart from its figures."""
_WAITS, _NONE = "…", "–"
_FIGURES = {
    Field.MEAN: "mean",
    Field.MEDIAN: "median",
    Field.P95: "p95",
    Field.P99: "p99",
    Field.SUCCESS: "success_pct",
    Field.RATE: "throughput",
}
_SIGNS = {
    Verdict.FAIL: "✘",
    Verdict.WARN: "▲",
    Verdict.INCONCLUSIVE: "?",
    Verdict.MISSING: "…",
    Verdict.PASS: "✔",
    Verdict.UNBUDGETED: "·",
    Verdict.INFO: "i",
}
_SHORT = {Verdict.INCONCLUSIVE: "INCONC"}
_TOLD = "told"
"""In place of a number of values, where a tool told figures alone."""


class Said(NamedTuple):
    """A text, and how it is meant: `worse`, `better`, `warn`, `fail`, `muted`, or empty."""

    text: str
    tone: str = ""


def shown_of(sheet: OperationSheet) -> Shown:
    """Return which columns have anything to say."""
    sides = (*sheet.current.values(), *sheet.baseline.values())
    return Shown(
        baseline=sheet.has_baseline,
        success=any(each.ok is not None or each.failed is not None for each in sides),
        rate=any(each.work is not None for each in sides),
        budget=sheet.has_rules,
        name=max((width_of(name_of(side)[0]) for side in sides), default=0) + NAME_MARGIN,
    )


def name_of(operation: Operation) -> tuple[str, str]:
    """Return what a row calls an operation of its group, and the end of that which tells it from its siblings."""
    parameter = f"[{clean(operation.parameter)}]" if operation.parameter else ""
    return f"{clean(operation.name)}{parameter}", parameter


def cell_text(sheet: OperationSheet, line: OperationLine, field: Field) -> Said:
    """Return what a column says of an operation of one side."""
    side = sheet.known(line.key, of_baseline=line.of_baseline)
    if side is None:
        return Said(_WAITS, "muted")
    match field:
        case Field.N:
            return Said(values_text(side))
        case Field.CHANGE | Field.INTERVAL | Field.VERDICT:
            return Said("") if line.of_baseline else _changed(sheet, line.key, field)
        case Field.BUDGET:
            return Said("") if line.of_baseline else _judged(sheet, line.key)
        case Field.SPREAD:
            return Said(spread_text(side))
        case Field.SUCCESS:
            figure = side.figures["success_pct"]
            failed = figure.value is not None and figure.value < 100
            return Said(figure_text(figure), "warn" if failed else "")
        case _:
            figure = side.figures[_FIGURES[field]]
            return Said(figure_text(figure), "" if figure.value is not None else "muted")


def values_text(side: MeasuredOperation) -> str:
    """Return how many values stand behind the figures, and of how many runs: `100`, `5×20`, `told`."""
    operation = side.operation
    if side.told:
        return _TOLD
    runs = [len(run) for run in operation.runs if run]
    if len(runs) > 1 and len(set(runs)) == 1:
        return f"{len(runs)}×{format_count(runs[0])}"
    return format_count(len(side.ordered)) + (f"/{len(runs)}" if len(runs) > 1 else "")


def figure_text(figure: OperationFigure) -> str:
    """Return a figure with its unit, or why there is none."""
    if figure.value is None:
        return figure.reason if figure.reason.startswith("n/a") else _NONE
    if figure.name == "success_pct":
        # What failed once is not all that there is.
        text = format_percent(figure.value)
        return "< 100 %" if figure.value < 100 and text == format_percent(100.0) else text
    return format_measured(figure.value, figure.unit)


def spread_text(side: MeasuredOperation) -> str:
    """Return the standard deviation in percent of the mean: `± 4.2 %`."""
    return _NONE if side.spread is None else f"± {format_percent(100 * side.spread)}"


def change_tone(verdict: ChangeVerdict) -> str:
    """Return how a verdict of a comparison is meant."""
    return "worse" if verdict in WORSE else "better" if verdict in BETTER else "muted"


def _changed(sheet: OperationSheet, key: str, field: Field) -> Said:
    before, after = sheet.known(key, of_baseline=True), sheet.known(key)
    if before is None or after is None:
        return Said("")
    if not sheet.is_compared(key):
        return Said(_WAITS, "muted")
    change = sheet.change(key)
    if change is None:
        # Of figures that were told nobody knows how sure they are.
        known = before.box is not None and after.box is not None and field is Field.CHANGE
        return Said(ratio_text(before.box.median, after.box.median) if known and before.box and after.box else "")
    verdict = verdict_of(change, after.operation)
    tone = change_tone(verdict)
    if field is Field.VERDICT:
        return Said(verdict_text(verdict, after.operation, within_run=not change.of_runs), tone)
    if field is Field.INTERVAL:
        return Said(interval_words(change), "muted")
    return Said(f"{mark_of(verdict)} {percent_text(change)}", tone)


def _judged(sheet: OperationSheet, key: str) -> Said:
    rules = sheet.rules(key)
    if not rules:
        return Said("")
    worst = rules[0].verdict
    return Said(rule_word(worst), rule_tone(worst))


def rule_word(verdict: Verdict) -> str:
    """Return sign and word of what a budget says."""
    return f"{_SIGNS[verdict]} {_SHORT.get(verdict, verdict.value.upper())}"


def rule_tone(verdict: Verdict) -> str:
    """Return how a verdict of a budget is meant."""
    return {Verdict.FAIL: "fail", Verdict.WARN: "warn", Verdict.PASS: "pass"}.get(verdict, "muted")


def provenance(side: MeasuredOperation) -> str:
    """Say where the figures of an operation come from."""
    if side.told:
        return "figures as the tool told them: no raw values"
    return "each value is the mean of several executions" if is_of_means(side.operation) else "raw values"
