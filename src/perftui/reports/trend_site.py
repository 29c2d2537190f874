"""A static site of trends: an index, and a page for each workload on each machine, which need nothing else."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from perftui.model.trend import Trend
from perftui.reports.sheet import Column, Row, Sheet, SheetTable
from perftui.reports.sheet_html import sheets_html
from perftui.reports.trend_chart import EMPTY_CELL
from perftui.reports.trend_sheet import summary, trend_sheet

INDEX = "index.html"
_WIDTH = 100
_ROWS = 50
_LONGEST = 40
_TITLE = "Performance trends"
_COLUMNS = (Column("figure", names=True), Column("stands at"))


def site_pages(workloads: Sequence[tuple[str, str, Sequence[Trend]]]) -> Mapping[str, str]:
    """Return the pages of a site by the names of their files.

    Args:
        workloads: What each is called, its machine, and its trends, of which none is empty.
    """
    links, overviews, pages = [], [], {}
    for workload, host, trends in workloads:
        title = f"{workload} on {host}" if host else workload
        file = page_name(workload, host)
        rows = tuple(Row((trend.subject, summary(trend))) for trend in trends)
        links.append((title, file))
        overviews.append(Sheet(title=title, tables=(SheetTable("", _COLUMNS, rows),)))
        sheets = [_folded(trend_sheet(trend, width=_WIDTH, rows=_ROWS, blank=EMPTY_CELL)) for trend in trends]
        pages[file] = sheets_html(title, sheets, links=((_TITLE, INDEX),))
    return {INDEX: sheets_html(_TITLE, overviews, links=links), **pages}


def page_name(workload: str, host: str) -> str:
    """Return the file of a workload's page: always the same, and of letters that every server takes."""
    plain = re.sub(r"[^a-z0-9]+", "-", workload.lower()).strip("-")[:_LONGEST] or "workload"
    told_apart = zlib.crc32("\n".join((workload, host)).encode(errors="backslashreplace"))
    return f"{plain}-{told_apart:08x}.html"


def _folded(sheet: Sheet) -> Sheet:
    return replace(sheet, tables=(sheet.tables[0], *(replace(table, folded=True) for table in sheet.tables[1:])))
