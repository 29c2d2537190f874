"""A comparison as Markdown for a pull request: the verdict, what is clear, and everything else folded away.

Names come from outside. They stand in code spans, or where they hold what ends one, as text of which every character
that means something is an entity: nothing in a name can become a link, a mention, a tag or another column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from string import ascii_letters, digits

from perftui.analysis.change_words import chance_text, interval_text
from perftui.model.change import FunctionChange
from perftui.reports.cells import shortened
from perftui.reports.comparison_report import ComparisonReport, ReportLens, ReportSide
from perftui.reports.wording import (
    beyond_text,
    budget_rows,
    commits_text,
    counts_text,
    dates_text,
    figure_rows,
    lengths_text,
    own_meters,
    plural,
    runs_text,
    sides_of,
    smallest_text,
    summary_text,
    told_of,
    total_doubt,
    totals_of,
    verdict_text,
)
from perftui.text import printable
from perftui.units import format_value

MOST_BYTES = 60_000
"""A comment on GitHub holds 65,536 characters, and other tools have room beside ours."""
_MOST_ROWS = 500
_LONGEST_NAME = 100
_LONGEST_REMARK = 300
_MOST_REMARKS, _MOST_CONDITIONS = 10, 20
_LONGEST_CONDITION = 40
_MOST_BUDGETS = 30
_ENDS_A_CODE_SPAN = re.compile(r"[`|\\]")
_HARMLESS = frozenset(f"{ascii_letters}{digits} ,%;?/().-")
"""What means nothing within a line; a dash or a number means something where one begins."""
_LINKED = re.compile(r"((?<=\w)(?=&#64;)|&#(?:64|35|58);(?=[\w/&])|www(?=\.))", re.IGNORECASE)
_LEGEND = (
    "*change (95 %)* is the interval that holds the true change, *shows* the smallest change that would have been "
    "seen. *Within noise* does not mean that nothing changed."
)
_FIXED = str.maketrans(" ", "\N{NO-BREAK SPACE}")
"""Figures stay on one line."""
_HEADINGS = ("", "function", "baseline", "current", "delta", "change (95 %)", "q", "samples", "shows")


def comparison_markdown(report: ComparisonReport, *, top: int = 20) -> str:
    """Return a report of at most `MOST_BYTES`; `top` functions of each kind at most, and fewer where names are long."""
    top = min(top, _MOST_ROWS)
    while True:
        text = "\n\n".join(part for part in _parts(report, top) if part) + "\n"
        if len(text.encode()) <= MOST_BYTES or not top:
            return text
        top //= 2


def code(text: str, *, longest: int = _LONGEST_NAME) -> str:
    """Return a text from outside as code that cannot be ended from within."""
    safe = shortened(printable(text).strip(), longest)
    if not safe:
        return ""
    if _ENDS_A_CODE_SPAN.search(safe) is None:
        return f"`{safe}`"
    return f"<code>{_entities(safe)}</code>"


def plain(text: str, *, longest: int = _LONGEST_REMARK) -> str:
    """Return a sentence with names in it as text in which nothing is markup."""
    return _entities(shortened(printable(text).strip(), longest))


def _entities(text: str) -> str:
    escaped = "".join(letter if letter in _HARMLESS or not letter.isascii() else f"&#{ord(letter)};" for letter in text)
    # Addresses, mentions, numbers of issues and emoji are looked for in the text that comes out of all this: a space
    # without a width keeps the pieces of one apart.
    return _LINKED.sub(r"\1&#8203;", escaped)


def _parts(report: ComparisonReport, top: int) -> Iterable[str]:
    lens = report.lens
    names = f"{plain(report.baseline.name)} → {plain(report.current.name)}"
    yield f"## {names}: {verdict_text(lens.total.verdict, lens.unit)}"
    yield _totals(report)
    yield f"Mode: {plain(_mode(lens))}."
    yield "\n".join(f"> - {plain(remark)}" for remark in report.notes[:_MOST_REMARKS])
    matter = [one.sentence for one in report.different if one.matters and one.sentence]
    if matter:
        told = "\n".join(f"> - {plain(sentence)}" for sentence in matter[:_MOST_REMARKS])
        yield f"> **Not under the same conditions:**\n>\n{told}"
    for each in report.lenses:
        yield from _lens(each, top)
    yield "\n".join(f"- more runs: {code(command)}" for command in report.deciding)
    yield _folded("Whole runs and meters", _meters(report))
    yield _folded("Budgets", _budgets(report))
    yield _folded("Runs and conditions", _surroundings(report))
    yield f"<sub>{_LEGEND}</sub>"


def _mode(lens: ReportLens) -> str:
    what = "share of each side" if lens.by_share else "absolute, a run each"
    return f"{what} ({lens.why})" if lens.why else what


def _totals(report: ComparisonReport) -> str:
    rows = [
        (
            name,
            format_value(total.baseline, unit),
            format_value(total.current, unit),
            f"**{verdict_text(total.verdict, unit)}**",
            plain(total_doubt(total, unit)),
            summary_text(lens) if total is lens.total else "",
        )
        for lens in report.lenses
        for name, total, unit in totals_of(lens)
    ]
    return _table(("", "baseline", "current", "verdict", "", "functions"), rows, right=(1, 2))


def _lens(lens: ReportLens, top: int) -> Iterable[str]:
    groups = lens.groups
    beyond = plain(beyond_text(lens))
    if groups.clear:
        yield f"### {lens.name}: {len(groups.clear)} {plural('function', len(groups.clear))} clearly changed"
        yield _changes(groups.clear, lens, top)
    else:
        yield f"### {lens.name}: no function clearly changed"
    yield f"{beyond[:1].upper()}{beyond[1:]}." if beyond else ""
    if groups.doubtful:
        title = f"{len(groups.doubtful)} inconclusive that might matter"
        yield _folded(title, _changes(groups.doubtful, lens, top // 2))
    quiet = [
        f"{len(groups.slight)} inconclusive that cannot matter much" if groups.slight else "",
        f"{len(groups.quiet)} {verdict_text(groups.quiet[0].verdict, lens.unit)[2:]}" if groups.quiet else "",
    ]
    if any(quiet):
        yield f"Not listed: {', '.join(part for part in quiet if part)}."


def _changes(rows: Sequence[FunctionChange], lens: ReportLens, top: int) -> str:
    if not top:
        return f"*The table does not fit here: {len(rows)} functions.*"
    headings = [lens.counted if heading == "samples" else heading for heading in _HEADINGS]
    table = _table(headings, [_cells(row, lens) for row in rows[:top]], right=(2, 3, 4, 6))
    left = len(rows) - top
    return table + (f"\n\n*and {left} more*" if left > 0 else "")


def _cells(row: FunctionChange, lens: ReportLens) -> tuple[str, ...]:
    before, after, delta = sides_of(row, lens)
    name = code(row.frame.function)
    if row.frame.file:
        name += f"<br>{code(row.frame.file)}"
    if told := told_of(row, lens):
        name += f"<br><sub>{plain(told)}</sub>"
    certainty = row.certainty
    figures = (interval_text(certainty), chance_text(certainty.q), counts_text(row), smallest_text(certainty))
    return (
        verdict_text(row.verdict, lens.unit).translate(_FIXED),
        name,
        *(escape(cell).translate(_FIXED) for cell in (before, after, delta, *figures)),
    )


def _meters(report: ComparisonReport) -> str:
    rows = figure_rows(report, own_meters(report.meters))
    headings = ("", "mean, baseline", "current", "peak, baseline", "current")
    return _table(headings, rows, right=(1, 2, 3, 4)) if rows else ""


def _budgets(report: ComparisonReport) -> str:
    rows = [[plain(cell, longest=_LONGEST_NAME) for cell in row] for row in budget_rows(report.budgets[:_MOST_BUDGETS])]
    return _table(("budget", "baseline", "current"), rows) if rows else ""


def _surroundings(report: ComparisonReport) -> str:
    sides = [_side(side) for side in (report.baseline, report.current)]
    runs = _table(("", "name", "runs", "made", "length", "commit"), sides)
    if not report.conditions:
        return runs
    different = report.different[:_MOST_CONDITIONS]
    same = sum(one.same for one in report.conditions)
    rows = [
        (
            plain(one.name, longest=_LONGEST_CONDITION),
            code(one.baseline) or "not known",
            code(one.current) or "not known",
            "yes" if one.matters and one.sentence else "",
        )
        for one in different
    ]
    table = _table(("condition", "baseline", "current", "matters"), rows) if rows else ""
    return "\n\n".join(part for part in (runs, table, f"Conditions that are the same: {same}.") if part)


def _side(side: ReportSide) -> tuple[str, ...]:
    name = f"{code(side.name)}{runs_text(side)}"
    ids = code(side.runs[0].id) if len(side.runs) == 1 else f"{len(side.runs)} runs"
    return (side.word, name, ids, plain(dates_text(side)), lengths_text(side), code(commits_text(side)))


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>" if text else ""


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    rule = ["---:" if i in right else "---" for i in range(len(headings))]
    lines = (headings, rule, *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
