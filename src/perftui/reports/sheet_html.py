"""A sheet as one page of HTML without any script: it asks nothing of any other place and works without a network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from importlib.resources import files

from perftui.reports.sheet import Column, Row, Sheet, SheetTable
from perftui.text import printable


def sheet_html(sheet: Sheet) -> str:
    """Return the page; every text of it is escaped, and its policy lets nothing run and nothing be fetched."""
    title = " ".join(part for part in (sheet.word, sheet.title) if part)
    return _page(title, "\n".join(part for part in _parts(sheet) if part))


def sheets_html(title: str, sheets: Iterable[Sheet], *, links: Iterable[tuple[str, str]] = ()) -> str:
    """Return one page of several sheets below a list of links, each a text and the name of a file beside it."""
    items = "".join(f'<li><a href="{escape(file, quote=True)}">{_text(text)}</a></li>' for text, file in links)
    parts = [f"<h1>{_text(title)}</h1>", f"<ul>{items}</ul>" if items else ""]
    for sheet in sheets:
        heading, *rest = _parts(sheet)
        below = heading.replace("<h1>", "<h2>").replace("</h1>", "</h2>")
        parts.append("\n".join(part for part in ("<section>", below, *rest, "</section>") if part))
    return _page(title, "\n".join(part for part in parts if part))


def _page(title: str, body: str) -> str:
    style = files("perftui.reports").joinpath("sheet.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_text(title)} · perftui</title>",
        f"<style>{style}</style>",
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{chr(10).join(head)}\n</head>\n<body>\n{body}\n</body>\n</html>\n'
    )


def _parts(sheet: Sheet) -> Iterable[str]:
    word = f'<span class="word {_class(sheet.tone)}">{_text(sheet.word)}</span> ' if sheet.word else ""
    yield f"<h1>{word}{_text(sheet.title)}</h1>"
    if sheet.summary:
        yield f'<p class="summary">{_text(sheet.summary)}</p>'
    facts = "".join(f"<dt>{_text(name)}</dt><dd>{_text(fact)}</dd>" for name, fact in sheet.facts)
    yield f"<dl>{facts}</dl>" if facts else ""
    yield _list(sheet.warnings, "warnings")
    lines = "\n".join(map(_text, sheet.picture))
    yield f'<pre class="picture">{lines}</pre>' if lines else ""
    yield from (_table(table) for table in sheet.tables if table.rows)
    yield _list(sheet.remarks, "remarks")


def _list(sentences: tuple[str, ...], name: str) -> str:
    items = "".join(f"<li>{_text(sentence)}</li>" for sentence in sentences)
    return f'<ul class="{name}">{items}</ul>' if items else ""


def _table(table: SheetTable) -> str:
    used = [at for at in range(len(table.columns)) if at == 0 or any(row.cells[at] for row in table.rows)]
    headings = "".join(
        f'<th scope="col"{_side(table.columns[at])}>{_text(table.columns[at].heading)}</th>' for at in used
    )
    rows = "\n".join(_row(row, table, used) for row in table.rows)
    more = f'<p class="quiet">and {table.left_out} more</p>' if table.left_out else ""
    body = f'<div class="wide"><table><thead><tr>{headings}</tr></thead><tbody>\n{rows}\n</tbody></table></div>{more}'
    if table.folded:
        return f"<details><summary>{_text(table.title)}</summary>{body}</details>"
    title = f"<h2>{_text(table.title)}</h2>" if table.title else ""
    return f"<section>{title}{body}</section>"


def _row(row: Row, table: SheetTable, used: list[int]) -> str:
    cells = "".join(_cell(row, table.columns[at], row.cells[at]) for at in used)
    told = f'<tr class="told"><td colspan="{len(used)}">{_text(row.told)}</td></tr>' if row.told else ""
    return f"<tr>{cells}</tr>{told}"


def _cell(row: Row, column: Column, text: str) -> str:
    if row.tone and text.lower() == row.tone:
        return f'<td><span class="word {_class(row.tone)}">{_text(text)}</span></td>'
    inside = f"<code>{_text(text)}</code>" if column.names else _text(text)
    return f"<td{_side(column)}>{inside}</td>"


def _side(column: Column) -> str:
    return ' class="right"' if column.right else ""


def _class(tone: str) -> str:
    """Return a tone as the name of a class; it is one of our own words."""
    return tone if tone.isascii() and tone.isalpha() else "none"


def _text(text: str) -> str:
    return escape(printable(text), quote=True)
