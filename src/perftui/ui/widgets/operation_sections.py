"""All that is known of one operation, as sections of rows for a width: in words, figures and charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median
from textwrap import wrap

from perftui.analysis.change_words import chance_text
from perftui.analysis.distribution import within
from perftui.analysis.measured_operation import MeasuredOperation, extent_of
from perftui.analysis.operation_change import interval_words, percent_text, verdict_of, verdict_text
from perftui.analysis.operation_figures import PERCENTILES, executions, is_of_means
from perftui.analysis.operation_rules import RuleLimit
from perftui.analysis.operation_sheet import OperationSheet
from perftui.analysis.scalar_change import NEEDED, MeasuredChange
from perftui.analysis.scaling import Scaling
from perftui.analysis.value_axis import ValueAxis, axis_of
from perftui.model.verdict import RuleVerdict
from perftui.ui.widgets.cells import clean, fit, fit_middle, width_of
from perftui.ui.widgets.distribution_strip import Part
from perftui.ui.widgets.operation_charts import (
    BASELINE,
    CURRENT,
    LABEL_CELLS,
    Row,
    distribution_rows,
    growth_rows,
    order_rows,
    scale_row,
    share_rows,
)
from perftui.ui.widgets.operation_text import change_tone, figure_text, rule_tone, rule_word, values_text
from perftui.units import Unit, format_count, format_measured, format_percent, format_value

_FIGURES = ("mean", "median", "stddev", "min", *(name for name in PERCENTILES if name != "p50"), "max")
_ALSO = {"throughput": "per second", "success_pct": "succeeded"}
_FIGURE_CELLS = 14
_FIGURES_WIDTH = 60
"""What the figures of two sides take, with a gap."""
_MOST_VALUES = 50_000
_WORD_CELLS = 12
_MOST_RUNS = 12
_MOST_NAME_LINES = 6
_MOST_ERRORS = 8
_BESIDE_CELLS = 112
"""Width from which figures and charts stand beside each other."""
_LEAST_DRIFT = 8
"""Values of a run from which its halves tell something."""


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """What is known of one operation."""

    key: str
    current: MeasuredOperation | None
    baseline: MeasuredOperation | None = None
    change: MeasuredChange | None = None
    rules: Sequence[RuleVerdict] = ()
    limits: Sequence[RuleLimit] = ()
    growth: Scaling | None = None
    baseline_growth: Scaling | None = None
    ref: str = ""
    """What the baseline is called."""
    smooth: bool = False
    """Distributions are drawn as densities."""

    @property
    def side(self) -> MeasuredOperation:
        """The current side, or the baseline of what is gone."""
        found = self.current or self.baseline
        assert found is not None
        return found

    @property
    def sides(self) -> list[tuple[MeasuredOperation, str]]:
        """The sides that there are, the baseline first."""
        both = ((self.baseline, BASELINE), (self.current, CURRENT))
        return [(side, whose) for side, whose in both if side is not None]


def facts_of(sheet: OperationSheet, key: str, *, ref: str = "", smooth: bool = False) -> OperationFacts | None:
    """Return all that a sheet knows of an operation; None where it does not know it, or not yet."""
    current, baseline = sheet.known(key), sheet.known(key, of_baseline=True)
    if current is None and baseline is None:
        return None
    return OperationFacts(
        key,
        current,
        baseline,
        sheet.change(key),
        sheet.rules(key),
        sheet.limits(key),
        sheet.growth(key),
        sheet.growth(key, of_baseline=True),
        ref=ref,
        smooth=smooth,
    )


def sections(facts: OperationFacts, width: int) -> list[Row]:
    """Return all rows, the ones that tell most first."""
    halves = width >= _BESIDE_CELLS
    left = max(_FIGURES_WIDTH, width // 2) if halves else 0
    right = width - left - 1
    rows = [*_title(facts, width), *_judged(facts, width), [], *_distribution(facts, width)]
    figures = [*_figures(facts), *_errors(facts)]
    charts = [*_growth(facts, right), *_order(facts, right), *_shares(facts, right), *_runs(facts)]
    return [*rows, [], *(_beside(figures, charts, left) if halves else [*figures, [], *charts])]


def _beside(left: Sequence[Row], right: Sequence[Row], cells: int) -> list[Row]:
    """Return two columns of rows, the left one so many cells wide."""
    rows = []
    for number in range(max(len(left), len(right))):
        row = list(left[number]) if number < len(left) else []
        used = sum(width_of(part.text) for part in row)
        row.append(Part(" " * max(1, cells - used), "blank"))
        rows.append([*row, *(right[number] if number < len(right) else [])])
    return rows


def _heading(text: str, *said: str, width: int = 1_000) -> Row:
    """Return a heading, and beside it the first of some wordings that has room."""
    beside = next((each for each in said if width_of(text) + width_of(each) + 3 <= width), "")
    return [Part(f" {text}", "heading"), Part(f"  {beside}" if beside else "", "muted")]


def _sentences(text: str, width: int, what: str = "text") -> Iterator[Row]:
    for line in wrap(text, max(20, width - 2), subsequent_indent="  "):
        yield [Part(f" {line}", what)]


# In words.


def _title(facts: OperationFacts, width: int) -> Iterator[Row]:
    side = facts.side
    operation = side.operation
    tool = " ".join(filter(None, (clean(operation.tool), clean(operation.tool_version))))
    gone = "  only in the baseline" if facts.current is None else ""
    lines = _folded(clean(facts.key), max(20, width - 4))
    yield from ([Part(f" {line}", "heading")] for line in lines[:-1])
    yield [Part(f" {lines[-1]}", "heading"), Part(gone, "muted")]
    told = ["told by the tool, without raw values" if side.told else _values(side)]
    if operation.work is not None:
        told.append(f"one execution gets {format_value(operation.work, operation.work_unit)} done")
    yield from _sentences("  ·  ".join([*told, *([tool] if tool else [])]), width, "muted")


def _folded(name: str, width: int) -> list[str]:
    """Return the lines of a name that is told in full, or to its end where even that has no room."""
    lines = [""]
    for letter in fit_middle(name, min(width_of(name), width * _MOST_NAME_LINES)):
        if width_of(lines[-1] + letter) > width:
            lines.append("")
        lines[-1] += letter
    return lines


def _values(side: MeasuredOperation) -> str:
    runs = [run for run in side.operation.runs if run]
    values = len(side.ordered)
    text = f"{values:,} raw {'value' if values == 1 else 'values'} of {len(runs)} {'run' if len(runs) == 1 else 'runs'}"
    if is_of_means(side.operation):
        text += f", means of {format_count(executions(side.operation))} executions in all"
    return text


def _judged(facts: OperationFacts, width: int) -> Iterator[Row]:
    """Yield what the baseline and a budget say of it."""
    change, side = facts.change, facts.side
    if change is not None:
        verdict = verdict_of(change, side.operation)
        interval = interval_words(change)
        said = f"{percent_text(change)} median" + (f", 95 % interval {interval}" if interval else "")
        yield [
            Part(f" {verdict_text(verdict, side.operation, within_run=not change.of_runs)}", change_tone(verdict)),
            Part(f"  {said}", "text"),
        ]
        of = "runs" if change.of_runs else "values"
        chance = chance_text(change.p)
        parts = [f"p {chance}"] if chance else []
        parts.append(f"{change.counts[0]:,} and {change.counts[1]:,} {of}")
        parts += [f"against {clean(facts.ref)}"] if facts.ref else []
        yield from _sentences("  ·  ".join(parts), width, "muted")
        yield from _sentences(_caution(change), width, "muted")
    for rule in facts.rules:
        limit = rule.fail if rule.fail is not None else rule.warn
        figures = [] if rule.current is None else [format_measured(rule.current, rule.unit)]
        if limit is not None:
            figures.append(f"limit {format_measured(limit, rule.unit)}")
        said = clean("  ·  ".join([rule.metric, *figures, *([rule.reason] if rule.reason else [])]))
        word = fit(f" {rule_word(rule.verdict)}", _WORD_CELLS)
        for line in wrap(said, max(20, width - _WORD_CELLS)):
            yield [Part(word, rule_tone(rule.verdict)), Part(line, "text")]
            word = " " * _WORD_CELLS


def _caution(change: MeasuredChange) -> str:
    if change.of_runs:
        return ""
    if change.p is None and not change.is_few:
        return "a value is zero, so nothing can be said in percent"
    if change.p is None:
        return f"fewer than {NEEDED} values on a side: nothing tells chance from change"
    return f"* within one run only: values of one process depend on each other; {NEEDED} runs a side would tell"


# Charts.


def _distribution(facts: OperationFacts, width: int) -> Iterator[Row]:
    sides = [(side, whose) for side, whose in facts.sides if side.box is not None]
    axis = _axis(facts)
    cells = width - LABEL_CELLS - 1
    if axis is None or cells < 10:
        yield [Part(" no value is known of it", "muted")]
        return
    kind = "density of the values" if facts.smooth else "values in each bar"
    scale = ", logarithmic axis" if axis.log else ""
    yield _heading("distribution", f"{kind}{scale}")
    for side, whose in sides:
        yield from distribution_rows(side, axis, cells, whose=whose, limits=facts.limits, smooth=facts.smooth)
    yield scale_row(axis, cells, facts.side.operation.unit)
    for side, whose in sides:
        yield from _sentences(_beyond(side, whose, axis), width, "muted")
    said = [_limit_text(limit, axis, facts.side.operation.unit) for limit in facts.limits]
    yield from _sentences("   ".join(said), width, "muted")


def _axis(facts: OperationFacts) -> ValueAxis | None:
    """Return the axis of both sides, with the limits."""
    extents = (extent_of(side.operation) for side, _ in facts.sides)
    return axis_of((each for each in extents if each), limits=[limit.value for limit in facts.limits])


def _beyond(side: MeasuredOperation, whose: str, axis: ValueAxis) -> str:
    """Say which values lie beyond the axis; nothing where none does."""
    beyond = len(side.ordered) - len(within(side.ordered, axis))
    if not beyond:
        return ""
    far = side.ordered[-1] if side.ordered[-1] > axis.high else side.ordered[0]
    share = format_percent(100 * beyond / len(side.ordered))
    counted = f"{beyond:,} values ({share}) lie" if beyond > 1 else f"1 value ({share}) lies"
    return f"{whose}: {counted} beyond, as far as {format_measured(far, side.operation.unit)}"


def _limit_text(limit: RuleLimit, axis: ValueAxis, unit: Unit) -> str:
    sign = "║ fail" if limit.fails else "╎ warn"
    beyond = "" if axis.holds(limit.value) else ", beyond the axis"
    return f"{sign} {format_measured(limit.value, unit)} ({limit.metric}{beyond})"


def _shares(facts: OperationFacts, width: int) -> Iterator[Row]:
    sides = [(side, whose) for side, whose in facts.sides if len(side.ordered) > 1]
    axis, cells = _axis(facts) if sides else None, width - LABEL_CELLS
    if axis is not None and cells >= 10:
        yield _heading(
            "share of values at or below", " and ".join(whose for _, whose in sides) if len(sides) > 1 else ""
        )
        yield from share_rows(sides, axis, cells)
        yield scale_row(axis, cells, facts.side.operation.unit)
        yield []


def _order(facts: OperationFacts, width: int) -> Iterator[Row]:
    operation, cells = facts.side.operation, width - LABEL_CELLS
    if len(facts.side.ordered) < 2 or cells < 10:
        return
    yield _heading("in the order of measuring", *_drift(operation.runs, operation.unit), width=width)
    yield from order_rows(operation.runs, operation.unit, cells)
    yield []


def _drift(runs: Sequence[Sequence[float]], unit: Unit) -> tuple[str, ...]:
    """Say how the later half of the runs' values differs from the earlier one, from the longest wording on."""
    halves = [(run[: len(run) // 2], run[len(run) // 2 :]) for run in runs if len(run) >= _LEAST_DRIFT]
    if not halves:
        return ()
    first, second = (_middle(list(chain.from_iterable(half))) for half in zip(*halves, strict=True))
    change = f" ({100 * (second / first - 1):+.1f} %)" if first > 0 else ""
    figures = f"{format_measured(first, unit)}, second {format_measured(second, unit)}{change}"
    each = "each run's first half" if len(halves) > 1 else "first half"
    return f"median of {each} {figures}", f"first half {figures}", f"second half{change}"


def _middle(values: Sequence[float]) -> float:
    """Return the median; of very many values that of evenly chosen ones, which is the same but for its last digits."""
    return median(values[:: len(values) // _MOST_VALUES + 1])


def _growth(facts: OperationFacts, width: int) -> Iterator[Row]:
    cells = width - LABEL_CELLS
    both = [(facts.baseline_growth, BASELINE), (facts.growth, CURRENT)]
    growths = [(growth, whose) for growth, whose in both if growth is not None]
    if not growths or cells < 10:
        return
    yield _heading("growth with size", "both axes logarithmic")
    for growth, whose in reversed(growths):
        named = f"{whose}: " if len(growths) > 1 else ""
        yield [Part(f" {named}{growth_text(growth)}", "text" if whose == CURRENT else BASELINE)]
    yield from growth_rows(growths, facts.side.operation.unit, cells)
    yield []


def growth_text(growth: Scaling) -> str:
    """Return how an operation grows: `about linear: exponent 1.02, 0.97 to 1.07 (95 %), 4 sizes`."""
    interval = f", {growth.low:.2f} to {growth.high:.2f} (95 %)" if growth.has_interval else ""
    return f"{growth.words}: exponent {growth.exponent:.2f}{interval}, {len(growth.points)} sizes"


# Figures.


def _figures(facts: OperationFacts) -> Iterator[Row]:
    sides = list(reversed(facts.sides))
    columns = "".join(fit(f"{whose} ({values_text(side)})", _FIGURE_CELLS + 4, right=True) for side, whose in sides)
    change = fit("change", _FIGURE_CELLS - 4, right=True) if len(sides) > 1 else ""
    yield [Part(fit(" figure", LABEL_CELLS + 1), "heading"), Part(columns + change, "muted")]
    for name in _FIGURES:
        yield _figure(name, name, sides)
    for name, label in _ALSO.items():
        if any(side.value(name) is not None for side, _ in sides):
            yield _figure(name, label, sides)


def _figure(name: str, label: str, sides: Sequence[tuple[MeasuredOperation, str]]) -> Row:
    row = [Part(fit(f" {label}", LABEL_CELLS + 1), "text")]
    for side, _ in sides:
        figure = side.figures[name]
        text = figure_text(figure) + (" told" if figure.told else "")
        row.append(Part(fit(text, _FIGURE_CELLS + 4, right=True), "text" if figure.value is not None else "muted"))
    if len(sides) > 1:
        after, before = (side.value(name) for side, _ in sides)
        said = f"{100 * (after / before - 1):+.1f} %" if after is not None and before is not None and before > 0 else ""
        row.append(Part(fit(said, _FIGURE_CELLS - 4, right=True), "text"))
    return row


def _errors(facts: OperationFacts) -> Iterator[Row]:
    for side, whose in reversed(facts.sides):
        operation = side.operation
        if not operation.failed and not operation.errors:
            continue
        whole = (operation.ok or 0) + (operation.failed or 0)
        share = f" ({format_percent(100 * (operation.failed or 0) / whole)})" if whole else ""
        yield []
        yield _heading("errors", f"{whose}: {operation.failed or 0} of {whole} executions failed{share}")
        yield from _counted(operation.errors)


def _counted(errors: Mapping[str, int]) -> Iterator[Row]:
    ranked = sorted(errors.items(), key=lambda each: (-each[1], each[0]))
    for said, count in ranked[:_MOST_ERRORS]:
        yield [Part(fit(f"{count:,}×", 8, right=True), "warn"), Part(f" {clean(said)}", "text")]
    if len(ranked) > _MOST_ERRORS:
        yield [Part(f"  and {len(ranked) - _MOST_ERRORS} other errors", "muted")]


def _runs(facts: OperationFacts) -> Iterator[Row]:
    operation = facts.side.operation
    runs = [run for run in operation.runs if run]
    if len(runs) < 2:
        return
    yield _heading("runs", "median, least to greatest")
    for number, run in enumerate(runs[:_MOST_RUNS], 1):
        ends = f"{format_measured(min(run), operation.unit)} to {format_measured(max(run), operation.unit)}"
        yield [
            Part(fit(f"  {number}", 6) + fit(f"n {format_count(len(run))}", 9), "muted"),
            Part(fit(format_measured(_middle(run), operation.unit), 12, right=True), "text"),
            Part(f"   {ends}", "muted"),
        ]
    if len(runs) > _MOST_RUNS:
        yield [Part(f"  and {len(runs) - _MOST_RUNS} more", "muted")]
