"""A sheet as lines of text: 80 columns are enough, and wider ones show more of each row."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from perftui.reports.cells import broken, cells_of, shortened
from perftui.reports.sheet import Column, Row, Sheet, SheetTable
from perftui.text import printable

NARROWEST = 60
_GAP = "  "
_FACT = 10
_LEAST_NAME = 16
_STYLES = {
    "pass": "green",
    "warn": "yellow",
    "fail": "red",
    "inconclusive": "magenta",
    "missing": "magenta",
    "high": "red",
    "medium": "yellow",
    "low": "blue",
}
_QUIET = "dim"
Line = tuple[tuple[str, str], ...]
"""Pieces of a line, each with the name of a colour, `bold`, `dim` or nothing."""


def sheet_lines(sheet: Sheet, *, width: int) -> list[Line]:
    """Return the lines of a sheet; none is wider than `width` cells, and of names as much is shown as has room."""
    width = max(NARROWEST, width)
    picture: list[Line] = [((line, ""),) for line in sheet.picture]
    parts: list[list[Line]] = [
        list(_heading(sheet, width)),
        picture,
        *(list(_table(table, width)) for table in sheet.tables if table.rows or table.left_out),
        [piece for remark in sheet.remarks for piece in _wrapped(remark, width, style=_QUIET)],
        list(_wrapped(sheet.summary, width, style="bold")) if sheet.summary else [],
    ]
    lines: list[Line] = []
    for part in parts:
        if part:
            lines += [(), *part] if lines else part
    return lines


def sheet_text(sheet: Sheet, *, width: int) -> str:
    """Return the same without styles."""
    lines = ("".join(text for text, _ in line).rstrip() for line in sheet_lines(sheet, width=width))
    return "\n".join(lines) + "\n"


def _heading(sheet: Sheet, width: int) -> Iterator[Line]:
    word = f"{sheet.word}  " if sheet.word else ""
    title = shortened(printable(sheet.title), width - len(word))
    yield ((word, _STYLES.get(sheet.tone, "bold")), (title, "bold")) if word else ((title, "bold"),)
    for name, fact in sheet.facts:
        yield from _wrapped(f"{name:<{_FACT}}{fact}", width, indent=_FACT)
    for warning in sheet.warnings:
        yield from _wrapped(f"! {warning}", width, indent=2, style="yellow")


def _table(table: SheetTable, width: int) -> Iterator[Line]:
    if table.title:
        yield ((shortened(printable(table.title), width), "bold"),)
    shown = [at for at, column in enumerate(table.columns) if column.from_width <= width and _used(table, at)]
    columns = [table.columns[at] for at in shown]
    rows = [[_cell(row, at) for at in shown] for row in table.rows]
    widths = _widths(columns, rows, width)
    if rows:
        yield ((_line([column.heading for column in columns], columns, widths), _QUIET),)
    for row, cells in zip(table.rows, rows, strict=True):
        yield tuple(_pieces(row, cells, columns, widths))
        if row.told:
            yield from _wrapped(f"    {printable(row.told)}", width, indent=4, style=_QUIET)
    if table.left_out:
        yield ((f"  and {table.left_out} more", _QUIET),)


def _used(table: SheetTable, at: int) -> bool:
    """Say whether a column says anything; without rows none does, and headings alone are none."""
    return at == 0 or any(row.cells[at] for row in table.rows)


def _cell(row: Row, at: int) -> str:
    return printable(row.cells[at])


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    widths = [
        max(cells_of(column.heading), *(cells_of(row[at]) for row in rows), 0) for at, column in enumerate(columns)
    ]
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    # Names give way first, the widest of them first; where that is not enough every column does.
    for least, givers in (
        (_LEAST_NAME, [at for at, each in enumerate(columns) if each.names]),
        (4, range(len(widths))),
    ):
        while excess > 0:
            widest = max(givers, key=lambda at: widths[at], default=None)
            if widest is None or widths[widest] <= least:
                break
            widths[widest] -= 1
            excess -= 1
    return widths


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    padded = (
        _padded(cell, room, right=column.right) for cell, column, room in zip(cells, columns, widths, strict=True)
    )
    return _GAP.join(padded).rstrip()


def _pieces(
    row: Row, cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]
) -> Iterator[tuple[str, str]]:
    """Yield the cells of a row; the one that says its verdict has its colour."""
    for at, (cell, column, room) in enumerate(zip(cells, columns, widths, strict=True)):
        style = _STYLES.get(row.tone, "") if row.tone and cell.lower() == row.tone else ""
        yield (_GAP if at else "", "")
        yield (_padded(cell, room, right=column.right), style)


def _padded(text: str, width: int, *, right: bool) -> str:
    text = shortened(text, width)
    blank = " " * (width - cells_of(text))
    return blank + text if right else text + blank


def _wrapped(text: str, width: int, *, indent: int = 0, style: str = "") -> Iterator[Line]:
    text = printable(text)
    if cells_of(text) <= width:
        lines: Iterable[str] = (text,)
    elif text.isascii():
        begin = text[: len(text) - len(text.lstrip())]
        lines = textwrap.wrap(
            text.lstrip(), width, initial_indent=begin, subsequent_indent=" " * indent, break_on_hyphens=False
        )
    else:
        # Letters that take two cells, which textwrap does not know.
        lines = broken(text, width)
    for line in lines:
        yield ((line, style),)
