"""A sheet as Markdown for a step summary or a pull request: names from outside are code, or text without markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perftui.reports.markdown import MOST_BYTES, code, plain
from perftui.reports.sheet import Column, Sheet, SheetTable
from perftui.text import printable

_LONGEST = 400
_FEWEST_ROWS = 5
_MARKS = {"pass": "✅", "warn": "⚠️", "fail": "❌", "inconclusive": "❔", "missing": "❔"}
"""Beside the words, never in place of them."""
_FIXED = str.maketrans(" ", "\N{NO-BREAK SPACE}")


def sheet_markdown(sheet: Sheet, *, most_rows: int = 500) -> str:
    """Return a report of at most `MOST_BYTES`; tables that are too long say how many rows they left out."""
    while True:
        text = "\n\n".join(part for part in _parts(sheet, most_rows) if part) + "\n"
        if len(text.encode()) <= MOST_BYTES or most_rows <= _FEWEST_ROWS:
            return text
        most_rows //= 2


def _parts(sheet: Sheet, most_rows: int) -> Iterable[str]:
    mark = _MARKS.get(sheet.tone, "")
    word = " ".join(part for part in (mark, sheet.word) if part)
    yield f"## {f'{word}: ' if word else ''}{plain(sheet.title)}"
    if sheet.summary:
        # Titles, summaries and the names of facts are our own words.
        yield f"**{sheet.summary}**"
    yield "\n".join(f"- {name}: {code(fact, longest=_LONGEST)}" for name, fact in sheet.facts if name)
    yield "\n".join(f"> - {plain(warning)}" for warning in sheet.warnings)
    if sheet.picture:
        yield "\n".join(("```text", *(printable(line).replace("`", "'") for line in sheet.picture), "```"))
    for table in sheet.tables:
        yield from _table(table, most_rows)
    yield "\n".join(f"- {plain(remark, longest=_LONGEST)}" for remark in sheet.remarks)


def _table(table: SheetTable, most_rows: int) -> Iterable[str]:
    if not table.rows:
        return
    told = any(row.told for row in table.rows[:most_rows])
    used = [at for at in range(len(table.columns)) if at == 0 or any(row.cells[at] for row in table.rows)]
    columns = [table.columns[at] for at in used]
    lines = [_line([plain(column.heading) for column in columns] + ([""] if told else []))]
    lines.append(_line(["---:" if column.right else "---" for column in columns] + (["---"] if told else [])))
    for row in table.rows[:most_rows]:
        cells = [_cell(row.cells[at], table.columns[at], row.tone) for at in used]
        lines.append(_line(cells + ([plain(row.told, longest=_LONGEST)] if told else [])))
    left = len(table.rows) - min(most_rows, len(table.rows)) + table.left_out
    text = "\n".join(lines) + (f"\n\n*and {left} more*" if left else "")
    if table.folded:
        yield f"<details><summary>{table.title}</summary>\n\n{text}\n\n</details>"
        return
    yield f"### {table.title}" if table.title else ""
    yield text


def _cell(text: str, column: Column, tone: str) -> str:
    if tone and text.lower() == tone:
        return f"{_MARKS.get(tone, '')} {text}".strip().translate(_FIXED)
    if column.names:
        return code(text)
    return plain(text).translate(_FIXED)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
