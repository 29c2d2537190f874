"""A sheet as a text of a format."""

from __future__ import annotations

from perftui.reports.sheet import Sheet


def sheet_in(sheet: Sheet, format_name: str) -> str:
    """Return a sheet as `md`, `html` or `text`."""
    match format_name:
        case "md":
            from perftui.reports.sheet_markdown import sheet_markdown

            return sheet_markdown(sheet)
        case "html":
            from perftui.reports.sheet_html import sheet_html

            return sheet_html(sheet)
        case _:
            from perftui.cli.report_files import line_width
            from perftui.reports.sheet_text import sheet_text

            return sheet_text(sheet, width=line_width())
