"""Cells of CSV that a spreadsheet takes for what they are."""

from __future__ import annotations

from perftui.text import printable

_BEGINS_A_FORMULA = ("=", "+", "-", "@")


def cell(value: object) -> str:
    """Return a cell; text that a spreadsheet would take for a formula begins with an apostrophe, None is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)
    safe = printable(value)
    return f"'{safe}" if safe.lstrip().startswith(_BEGINS_A_FORMULA) else safe
