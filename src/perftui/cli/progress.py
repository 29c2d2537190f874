"""How far something is, on one line."""

from __future__ import annotations

from perftui.sources.base import Progress

_CELLS = 24


def progress_bar(progress: Progress) -> str:
    """Return a bar with words; only words where it cannot be told how far it is."""
    if progress.share is None:
        return f"{progress.text} …"
    share = min(1.0, max(0.0, progress.share))
    done = round(share * _CELLS)
    return f"[{'#' * done}{'.' * (_CELLS - done)}] {100 * share:3.0f} % {progress.text}"
