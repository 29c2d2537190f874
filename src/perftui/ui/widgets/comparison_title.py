"""The first line of a comparison: both sides, what each weighs, and the change."""

from __future__ import annotations

from rich.text import Text

from perftui.model.session import SessionMeta
from perftui.recording.comparison import Comparison
from perftui.text import printable
from perftui.ui.widgets.cells import fit, width_of
from perftui.units import format_percent, format_value

_NAME_CELLS = (None, 24, 16, 10, 6)
"""Names become shorter where there is no room for them; None: as long as they are."""


def comparison_title(comparison: Comparison, width: int) -> Text:
    """Return the line for so many cells: dates, then counts, then the ends of names go before a figure does."""
    before, after = comparison.baseline_weight, comparison.current_weight
    change = f" ({format_percent(100 * (after / before - 1))})" if before else ""
    sign = "+" if after > before else ""
    delta = f"   Δ {sign}{format_value(after - before, comparison.unit)}{change}"
    clear = sum(1 for change in comparison.changes if change.verdict.clear)
    count = f"   {clear} clear changes of {len(comparison.changes)} functions"
    for dated, counted in ((True, True), (True, False), (False, True)):
        text = _sides(comparison, dated=dated, cells=None).append(delta, "bold").append(count if counted else "", "dim")
        if text.cell_len <= width:
            return text
    for cells in _NAME_CELLS:
        text = _sides(comparison, dated=False, cells=cells).append(delta, "bold")
        if text.cell_len <= width:
            break
    return text


def _sides(comparison: Comparison, *, dated: bool, cells: int | None) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    for label, meta, weight in (
        (" baseline ", comparison.baseline.meta, comparison.baseline_weight),
        ("   current ", comparison.current.meta, comparison.current_weight),
    ):
        text.append(label, "dim").append(_who(meta, dated=dated, cells=cells), "bold")
        text.append(f" {format_value(weight, comparison.unit)}")
    return text


def _who(meta: SessionMeta, *, dated: bool, cells: int | None) -> str:
    name = printable(meta.name)
    if dated:
        return f"{name} ({meta.created[:16].replace('T', ' ')})"
    return name if cells is None or width_of(name) <= cells else fit(name, cells)
