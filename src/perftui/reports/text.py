"""A comparison as lines of text: 80 columns are enough, and from 140 on each function is one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from perftui.analysis.change_words import chance_text, interval_text, span_text
from perftui.analysis.paired_figures import FigurePair
from perftui.model.change import FunctionChange
from perftui.reports.cells import broken, cells_of, shortened
from perftui.reports.comparison_report import ComparisonReport, ReportLens, ReportSide
from perftui.reports.wording import (
    beyond_text,
    budget_rows,
    commits_text,
    counts_text,
    dates_text,
    lengths_text,
    measured_text,
    own_meters,
    plural,
    runs_text,
    sides_of,
    smallest_text,
    summary_text,
    told_of,
    total_doubt,
    total_text,
    totals_of,
    verdict_text,
)
from perftui.text import printable

NARROWEST = 80
_ONE_LINE_FROM = 140
_GAP = "  "
_LEGEND = "change (95 %): the interval that holds the true change; shows: the smallest change that would have been seen"
_LONGEST_SUBJECT = 44
_LEAST_NAME, _GOOD_NAME = 32, 40
Row = tuple[str, ...]


def comparison_text(report: ComparisonReport, *, width: int = NARROWEST, top: int = 20) -> str:
    """Return a report with `top` functions of each kind at most; no line is wider than `width` cells."""
    width = max(NARROWEST, width)
    parts = [
        _heading(report),
        *(_lens(lens, width, top) for lens in report.lenses),
        [f"more runs {command}" for command in report.deciding],
        _meters(report),
        _budgets(report),
        _conditions(report),
        [_LEGEND] if any(row.certainty.ci for lens in report.lenses for row in lens.changes) else [],
    ]
    lines = (line for part in parts if part for line in (*part, ""))
    return "\n".join(_within(list(lines)[:-1], width))


def _heading(report: ComparisonReport) -> list[str]:
    lines = [*_side(report.baseline), *_side(report.current)]
    lines.append(f"mode      {_mode(report.lens)}")
    return lines + [f"note      {printable(note)}" for note in report.notes]


def _side(side: ReportSide) -> Iterator[str]:
    lengths = lengths_text(side)
    facts = [printable(side.runs[0].id), lengths] if len(side.runs) == 1 else [f"{lengths} each" if lengths else ""]
    about = ", ".join(fact for fact in facts if fact)
    yield f"{side.word:<8}  {printable(side.name)}{runs_text(side)}" + (f"  ({about})" if about else "")
    commit = commits_text(side)
    yield f"          {printable(dates_text(side))}" + (f", commit {printable(commit)}" if commit else "")


def _mode(lens: ReportLens) -> str:
    what = "share of each side" if lens.by_share else "absolute, a run each"
    return f"{what}: {lens.why}" if lens.why else what


def _lens(lens: ReportLens, width: int, top: int) -> list[str]:
    groups, lines = lens.groups, []
    for name, total, unit in totals_of(lens):
        lines.append(f"{name}: {verdict_text(total.verdict, unit)}  {total_text(total, unit)}")
        if doubt := total_doubt(total, unit):
            lines.append(f"          {doubt}")
    lines.append(f"          functions: {summary_text(lens)}")
    if beyond := beyond_text(lens):
        lines.append(f"          {beyond}")
    lines += _section("clear", groups.clear, lens, width, top)
    lines += _section("inconclusive, and it might matter", groups.doubtful, lens, width, top // 2)
    rest = [
        f"{len(groups.slight)} inconclusive that cannot matter much" if groups.slight else "",
        f"{len(groups.quiet)} {verdict_text(groups.quiet[0].verdict, lens.unit)[2:]}" if groups.quiet else "",
    ]
    if any(rest):
        lines += ["", f"not listed: {', '.join(part for part in rest if part)}"]
    return lines


def _section(title: str, rows: Sequence[FunctionChange], lens: ReportLens, width: int, top: int) -> list[str]:
    if not rows:
        return []
    shown = rows[:top]
    lines = ["", f"{title} ({len(rows)})"]
    lines += _table([_headings(lens), *(_cells(row, lens) for row in shown)], shown, lens, width)
    if len(rows) > len(shown):
        lines.append(f"  and {len(rows) - len(shown)} more {plural('function', len(rows) - len(shown))}")
    return lines


_CHANCE, _COUNTS = 6, 5
"""Columns: the chance is left out where names have little room, for the interval says as much."""
_HEADINGS: Row = ("", "baseline", "current", "delta", "change (95 %)", "samples", "q", "shows")


def _headings(lens: ReportLens) -> Row:
    return (*_HEADINGS[:_COUNTS], lens.counted, *_HEADINGS[_COUNTS + 1 :])


def _cells(row: FunctionChange, lens: ReportLens) -> Row:
    certainty = row.certainty
    return (
        verdict_text(row.verdict, lens.unit),
        *sides_of(row, lens),
        interval_text(certainty),
        counts_text(row),
        chance_text(certainty.q),
        smallest_text(certainty),
    )


def _table(cells: list[Row], rows: Sequence[FunctionChange], lens: ReportLens, width: int) -> list[str]:
    """Return a line for each function where there is room for its name beside the figures, and otherwise two."""
    used = [i for i in range(len(_HEADINGS)) if i == 0 or any(line[i] for line in cells[1:])]
    widths = {i: max(cells_of(line[i]) for line in cells) for i in used}
    crowded = sum(widths[i] + len(_GAP) for i in used) > width - _GOOD_NAME
    if width >= _ONE_LINE_FROM and crowded and _CHANCE in used:
        used.remove(_CHANCE)
    figures = [_GAP.join(_pad(line[i], widths[i], right=i > 0) for i in used) for line in cells]
    room = width - cells_of(figures[0]) - len(_GAP)
    one_line = width >= _ONE_LINE_FROM and room >= _LEAST_NAME
    lines = [f"{figures[0]}{_GAP}function" if one_line else _figures_line(cells[0], used, widths)]
    for line, figure, row in zip(cells[1:], figures[1:], rows, strict=True):
        if one_line:
            lines.append(f"{figure}{_GAP}{_name(row, room)}")
        else:
            lines.append(f"{line[0]}  {_name(row, width - cells_of(line[0]) - 2)}")
            lines.append(_figures_line(line, used, widths))
        if told := told_of(row, lens):
            lines.append(f"    {printable(told)}")
    return lines


def _figures_line(line: Row, used: Sequence[int], widths: dict[int, int]) -> str:
    return ("  " + _GAP.join(_pad(line[i], widths[i], right=True) for i in used[1:])).rstrip()


def _name(row: FunctionChange, room: int) -> str:
    """Return the function with its file, both shortened in the middle where there is not enough room."""
    function, file = printable(row.frame.function), printable(row.frame.file)
    if not file or cells_of(function) + 2 + cells_of(file) <= room:
        return shortened(f"{function}  {file}" if file else function, room)
    for_file = max(min(cells_of(file), room // 3), room - 2 - cells_of(function))
    for_function = room - 2 - for_file
    return f"{shortened(function, for_function)}  {shortened(file, for_file)}"


def _meters(report: ComparisonReport) -> list[str]:
    figures: list[tuple[str, tuple[FigurePair, ...]]] = [(each.label, (each,)) for each in report.figures]
    figures += [(pair.meter.label, (pair.mean, pair.peak)) for pair in own_meters(report.meters)]
    rows: list[Row] = []
    for label, pairs in figures:
        rows.append(_three(label, *map(_pair, pairs)))
        spans = [_spans(pair) for pair in pairs]
        rows += [_three("  runs", *spans)] if any(spans) else []
    several = any(any(each.spans) for each in report.figures)
    return _aligned(("median of the runs" if several else "a run", "mean", "peak"), rows) if rows else []


def _budgets(report: ComparisonReport) -> list[str]:
    rows = [tuple(shortened(printable(cell), _LONGEST_SUBJECT) for cell in row) for row in budget_rows(report.budgets)]
    several = max(len(report.baseline.runs), len(report.current.runs)) > 1
    heading = f"budget{' (worst run of each side)' if several else ''}"
    return _aligned((heading, "baseline", "current"), rows) if rows else []


def _pair(figures: FigurePair) -> str:
    return f"{measured_text(figures.baseline, figures.unit)} → {measured_text(figures.current, figures.unit)}"


def _three(*cells: str) -> Row:
    return (*cells, "")[:3]


def _spans(figures: FigurePair) -> str:
    """Return between what the runs of both sides lie; empty where they are alike."""
    before, after = (span_text(span, figures.unit).replace(" … ", "…") for span in figures.spans)
    return f"{before or 'all alike'} → {after or 'all alike'}" if before or after else ""


def _conditions(report: ComparisonReport) -> list[str]:
    if not report.conditions:
        return []
    different = report.different
    if not different:
        return [f"conditions: the same on both sides ({len(report.conditions)} looked at)"]
    lines = ["conditions that differ (! those that matter)"]
    longest = max(cells_of(one.name) for one in different)
    for one in different:
        matters = one.matters and one.sentence
        sides = f"{printable(one.baseline) or 'not known'} → {printable(one.current) or 'not known'}"
        lines.append(f"{'!' if matters else ' '} {_pad(printable(one.name), longest)}  {sides}")
        if matters:
            lines.append(f"    {printable(one.sentence)}")
    return lines


def _aligned(headings: Row, rows: Iterable[Row]) -> list[str]:
    lines = [headings, *rows]
    widths = [max(cells_of(line[i]) for line in lines) for i in range(len(headings))]
    return [_GAP.join(_pad(cell, widths[i]) for i, cell in enumerate(line)).rstrip() for line in lines]


def _pad(text: str, width: int, *, right: bool = False) -> str:
    blank = " " * max(0, width - cells_of(text))
    return blank + text if right else text + blank


def _within(lines: Iterable[str], width: int) -> Iterator[str]:
    """Yield lines, those that are too wide broken between words and continued below their text."""
    for line in lines:
        yield from broken(line.rstrip(), width)
