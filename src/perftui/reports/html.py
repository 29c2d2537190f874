"""A comparison as one page of HTML that asks nothing of any other place and works without a network.

Names are data: they stand as JSON in a block that no browser runs, and the page puts them in as text. What it may do
is said by its content security policy: run this one script, use this one style sheet, fetch nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from importlib.resources import files
from typing import Any

from perftui.reports.comparison_report import ComparisonReport
from perftui.reports.page_data import page_data
from perftui.text import printable

MOST_BYTES = 2 << 20
_MOST_NODES, _MOST_ROWS = 10_000, 2_000
_FEWEST_NODES = 200


def comparison_html(report: ComparisonReport) -> str:
    """Return the page; it is at most `MOST_BYTES` long, and says what had to be left out for that."""
    style, script = _asset("page.css"), _asset("page_flames.js") + _asset("page.js")
    nodes, rows = _MOST_NODES, _MOST_ROWS
    while True:
        data = _embedded(page_data(report, nodes=nodes, rows=rows))
        page = _page(_title(report), style, script, data)
        if len(page.encode()) <= MOST_BYTES or nodes < _FEWEST_NODES:
            return page
        nodes, rows = nodes // 2, rows // 2


def _title(report: ComparisonReport) -> str:
    return printable(f"{report.baseline.name} → {report.current.name}")


def _page(title: str, style: str, script: str, data: str) -> str:
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    pieces = {"policy": escape(policy), "title": escape(title), "style": style, "script": script, "data": data}
    # Cut at the marks first: what is put in may look like another mark.
    parts = _asset("page.html").split("@@")
    return "".join(pieces[part] if at % 2 else part for at, part in enumerate(parts))


def _embedded(data: dict[str, Any]) -> str:
    """Return JSON in which nothing can end the block that it stands in, nor begin a comment there."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _asset(name: str) -> str:
    return files("perftui.reports").joinpath(name).read_text(encoding="utf-8")
