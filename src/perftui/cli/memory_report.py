"""A session's memory as text for people: how much, how surely, and who allocated it."""

from __future__ import annotations

from pathlib import Path

from perftui.cli.console import table
from perftui.model.heap import HeapView
from perftui.recording.memory_summary import MemoryFigures, kept_capture, leading_view, memory_figures, was_traced
from perftui.recording.session_model import SessionModel
from perftui.text import printable
from perftui.units import format_bytes, format_count, format_percent

ALSO = "          "
"""Stands before what continues a labelled line."""

_HEADINGS = {
    HeapView.HIGH_WATERMARK: "held at the high watermark",
    HeapView.HELD: "held at the end",
    HeapView.LEAKED: "leaked",
    HeapView.TEMPORARY: "temporary",
    HeapView.ALLOCATED: "allocated",
}


def memory_text(model: SessionModel, path: Path | None) -> str:
    """Return the figures of a session's memory; nothing where none was traced."""
    if not was_traced(model):
        return ""
    figures = memory_figures(model)
    lines = [f"memory    {_amounts(figures)}"]
    lines += [f"{ALSO}{remark}" for remark in _remarks(model, figures)]
    if (capture := kept_capture(model, path)) is not None:
        size = sum(each.size_bytes for each in model.captures)
        lines.append(f"capture   {printable(str(capture))} ({format_bytes(size)})")
    return "\n".join(lines)


def allocation_table(model: SessionModel, *, top: int, view: HeapView | None = None) -> str:
    """Return who allocated most of what a view shows, the leading one by default; nothing where there is none.

    Raises:
        NoDataError: The session does not hold the view that is asked for.
    """
    view = leading_view(model, view)
    if view is None:
        return ""
    return table(
        ("self", "self %", "total", "total %", "allocations", f"function ({_HEADINGS[view]})", "place"),
        [
            (
                format_bytes(row.self_weight),
                format_percent(100 * row.self_share),
                format_bytes(row.total_weight),
                format_percent(100 * row.total_share),
                format_count(row.self_count),
                row.frame.function,
                f"{row.frame.file}:{row.frame.line}" if row.frame.line else row.frame.file,
            )
            for row in model.heap[view].rows(top=top)
        ],
        right=(0, 1, 2, 3, 4),
    )


def _amounts(figures: MemoryFigures) -> str:
    words = []
    if figures.high_watermark_bytes is not None:
        surely = "exact" if figures.exact else "sampled" if figures.sampled else "as far as it was read"
        words.append(f"high watermark {format_bytes(figures.high_watermark_bytes)} ({surely})")
    if figures.total_allocated_bytes is not None:
        words.append(
            f"allocated {format_bytes(figures.total_allocated_bytes)}{_in_allocations(figures.allocations)} in all"
        )
    if figures.leaked_bytes is not None:
        words.append(f"leaked {format_bytes(figures.leaked_bytes)}{_in_allocations(figures.leaked_allocations)}")
    return ", ".join(words) or "no allocations seen"


def _in_allocations(count: int | None) -> str:
    if count is None:
        return ""
    return f" in {format_count(count)} allocation{'' if count == 1 else 's'}"


def _remarks(model: SessionModel, figures: MemoryFigures) -> list[str]:
    remarks = []
    if figures.processes > 1:
        remarks.append(f"of {figures.processes} processes together, each at its own highest moment")
    if model.captures and not figures.pymalloc:
        remarks.append("small objects count as the arenas that hold them, charged to whoever needed a new one")
    told = ("", model.meta.trouble)
    remarks += [f"process {each.pid}: {printable(each.trouble)}" for each in model.captures if each.trouble not in told]
    return remarks
