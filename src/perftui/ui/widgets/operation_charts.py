"""The charts of one operation: its distribution, shares below, values in the order of measuring, growth with size.

Each is rows of parts, as wide as it is asked to be; what a part stands for is a word that the widget has a pen for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from math import log

from perftui.analysis.distribution import bins_for, counts, density, extent, in_order, shares_below, within
from perftui.analysis.measured_operation import MeasuredOperation
from perftui.analysis.operation_rules import RuleLimit
from perftui.analysis.scaling import Scaling
from perftui.analysis.value_axis import ValueAxis, axis_of
from perftui.ui.widgets.braille import area
from perftui.ui.widgets.cells import fit
from perftui.ui.widgets.distribution_strip import Limit, Part, limits_on, scale_of, strip_of, tick_text
from perftui.ui.widgets.dot_grid import DotGrid
from perftui.units import Unit, format_count, format_measured

Row = list[Part]
LABEL_CELLS = 11
"""What stands left of a chart."""
_TICK_CELLS = 12
_BAR_ROWS = 5
_CURVE_ROWS = 6
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_BREAK = "│"
"""Between the runs of an operation."""
CURRENT, BASELINE = "current", "baseline"


def scale_row(axis: ValueAxis, cells: int, unit: Unit) -> Row:
    """Return the values below an axis."""
    ticks = axis.ticks(max(1, cells // _TICK_CELLS))
    labels = [tick_text(tick, unit) for tick in ticks]
    return [Part(" " * LABEL_CELLS, "blank"), Part(scale_of(axis, cells, labels, ticks=ticks), "muted")]


def distribution_rows(
    side: MeasuredOperation, axis: ValueAxis, cells: int, *, whose: str, limits: Sequence[RuleLimit], smooth: bool
) -> list[Row]:
    """Return a histogram of one side (or its density), its box below, with limits through both."""
    marks = [] if whose == BASELINE else limits_on(limits)
    rows: list[Row] = []
    if side.ordered:
        drawn = _smooth(side, axis, cells) if smooth else _bars(side, axis, cells)
        labels = [whose, f"n {format_count(len(side.ordered))}", *[""] * (_BAR_ROWS - 2)]
        for label, line in zip(labels, drawn, strict=True):
            rows.append([_label(label, whose), *_with_marks(line, whose, axis, marks)])
    strip = strip_of(side.box, side.ordered, axis, cells, reach=side.reach, limits=marks)
    named = [part._replace(what=whose) if part.what == "box" else part for part in strip]
    return [*rows, [_label("" if rows else whose, whose), *named]]


def _label(text: str, whose: str) -> Part:
    return Part(fit(f" {text}", LABEL_CELLS), whose if text == whose else "muted")


def _bars(side: MeasuredOperation, axis: ValueAxis, cells: int) -> list[str]:
    shown = within(side.ordered, axis) or side.ordered
    bins = bins_for(side.ordered, axis, cells)
    in_bins = counts(shown, axis, bins)
    most = max(in_bins)
    found = [in_bins[cell * bins // cells] for cell in range(cells)]
    # What is there at all is seen.
    heights = [max(1, round(count / most * _BAR_ROWS * 8)) if count else 0 for count in found]
    return [
        "".join(_EIGHTHS[max(0, min(8, height - 8 * row))] for height in heights)
        for row in range(_BAR_ROWS - 1, -1, -1)
    ]


def _smooth(side: MeasuredOperation, axis: ValueAxis, cells: int) -> list[str]:
    found = density(within(side.ordered, axis) or side.ordered, axis, 2 * cells)
    most = max(found)
    return area([value if value > most / 500 else None for value in found], most, _BAR_ROWS)


def _with_marks(line: str, whose: str, axis: ValueAxis, marks: Sequence[Limit]) -> Row:
    row, at = [], 0
    for cell, what in sorted(
        {(axis.cell(mark.value, len(line)), mark.what) for mark in marks if axis.holds(mark.value)}
    ):
        if cell >= at and line[cell] in " \u2800":
            row += [Part(line[at:cell], whose), Part("╎" if what == "warn" else "║", what)]
            at = cell + 1
    return [*row, Part(line[at:], whose)]


def share_rows(sides: Sequence[tuple[MeasuredOperation, str]], axis: ValueAxis, cells: int) -> list[Row]:
    """Return which share of the values of each side lies below each value of an axis."""
    grid = DotGrid(cells, _CURVE_ROWS)
    for side, whose in sides:
        shares = shares_below(side.ordered, axis, grid.across)
        grid.curve([grid.level(share) for share in shares], whose)
    labels = {0: "100 %", _CURVE_ROWS // 2: "50 %", _CURVE_ROWS - 1: "0 %"}
    return _labelled(grid, labels)


def order_rows(runs: Sequence[Sequence[float]], unit: Unit, cells: int) -> list[Row]:
    """Return values in the order of measuring, run by run; several in a column span from least to greatest."""
    runs = [run for run in runs if run]
    values = sum(map(len, runs))
    breaks = len(runs) - 1
    if len(runs) > cells // 2:
        # More runs than there is room to tell apart.
        runs, breaks = [list(chain.from_iterable(runs))], 0
    everything = list(chain.from_iterable(runs))
    axis = axis_of([extent(everything)])
    assert axis is not None
    grid = DotGrid(cells, _CURVE_ROWS)
    room, at = cells - breaks, 0
    shared = 0
    for number, run in enumerate(runs):
        shared += len(run)
        end = number + max(1, round(room * shared / values))
        end = min(cells - (len(runs) - 1 - number) * 2, max(end, at + 1))
        _spread(grid, run, axis, 2 * at, 2 * end)
        if number < len(runs) - 1:
            for row in range(_CURVE_ROWS):
                grid.sign(2 * end, 4 * row, _BREAK, "muted")
        at = end + 1
    top = "≥" if max(everything) > axis.high else ""
    labels = {0: top + format_measured(axis.high, unit), _CURVE_ROWS - 1: format_measured(axis.low, unit)}
    return _labelled(grid, labels)


def _spread(grid: DotGrid, run: Sequence[float], axis: ValueAxis, start: int, end: int) -> None:
    columns = in_order(run, end - start)
    step = (end - start) / len(columns)
    for column, (low, high) in enumerate(columns):
        grid.rise(
            start + int(column * step + step / 2), grid.level(axis.place(low)), grid.level(axis.place(high)), CURRENT
        )


def growth_rows(growths: Sequence[tuple[Scaling, str]], unit: Unit, cells: int) -> list[Row]:
    """Return the sizes of an operation and what they take, both logarithmic, with the line through them."""
    points = [point for growth, _ in growths for point in growth.points]
    sizes = [point.size for point in points]
    low, high = min(sizes), max(sizes)
    values = axis_of([(point.value, point.value) for point in points])
    assert values is not None
    values = ValueAxis(values.low, values.high, log=True)
    grid = DotGrid(cells, _CURVE_ROWS + 2)

    def across(size: float) -> int:
        return round((grid.across - 2) * log(size / low) / log(high / low)) if high > low else grid.across // 2

    for growth, whose in growths:
        for x in range(0, grid.across, 2):
            value = growth.value_at(low * (high / low) ** (x / max(1, grid.across - 2)))
            if values.holds(value):
                grid.dot(x, grid.level(values.place(value)), "muted" if whose == CURRENT else whose)
    for growth, whose in growths:
        for point in growth.points:
            sign = "●" if whose == CURRENT else "○"
            grid.sign(across(point.size), grid.level(values.place(point.value)), sign, whose)
    labels = {0: format_measured(values.high, unit), grid.rows - 1: format_measured(values.low, unit)}
    return [*_labelled(grid, labels), _sizes(sorted(set(sizes)), across, cells)]


def _sizes(sizes: Sequence[float], across: Callable[[float], int], cells: int) -> Row:
    row, free = [" "] * cells, 0
    for size in sizes:
        text = f"{size:,.0f}" if size == int(size) else f"{size:g}"
        start = max(0, min(across(size) // 2 - len(text) // 2, cells - len(text)))
        if start >= free and len(text) <= cells:
            row[start : start + len(text)] = text
            free = start + len(text) + 1
    return [Part(fit(" size", LABEL_CELLS), "muted"), Part("".join(row), "muted")]


def _labelled(grid: DotGrid, labels: dict[int, str]) -> list[Row]:
    return [
        [Part(fit(labels.get(number, ""), LABEL_CELLS - 1, right=True) + " ", "muted"), *row]
        for number, row in enumerate(grid.drawn())
    ]
