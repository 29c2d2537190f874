"""memray's own reports of a capture, made by memray in a process of its own: a damaged capture may bring that down."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from perftui.errors import ImportFormatError, ObserveError, UsageError
from perftui.model.heap import HeapView
from perftui.sources.heap.reader_process import ReaderProcess, wait_for
from perftui.sources.recorder_process import ToolStarter

FLAMEGRAPH, TABLE = "flamegraph", "table"
REPORTS = {"memray-flamegraph": FLAMEGRAPH, "memray-table": TABLE}
"""Name of a format to memray's name of its report."""

_VIEWS = {
    HeapView.HIGH_WATERMARK: (),
    HeapView.LEAKED: ("--leaks",),
    HeapView.TEMPORARY: ("--temporary-allocations",),
}
_ROUND_S = 0.2


def check_view(view: HeapView) -> None:
    """Refuse a view that memray makes no report of."""
    if view not in _VIEWS:
        known = ", ".join(each.value for each in _VIEWS)
        raise UsageError(f"memray makes no report of what is {view.value}", hint=f"choose one of {known}")


def memray_report(
    capture: Path, kind: str, *, view: HeapView, keeper: ToolStarter, on_wait: Callable[[], object] = lambda: None
) -> str:
    """Return a report as HTML that loads nothing from anywhere.

    Args:
        capture: A raw or a compressed one; it is only read.
        kind: `FLAMEGRAPH` or `TABLE`.
        view: Which allocations it is about.
        keeper: Starts memray, which ends with perftui.
        on_wait: Called several times a second while it is made.

    Raises:
        UsageError: memray makes no report of this view.
        ImportFormatError: memray cannot read the capture.
        ObserveError: memray cannot be started.
    """
    check_view(view)
    with tempfile.TemporaryDirectory(prefix="perftui-") as directory:
        out = Path(directory) / "report.html"
        # Without --no-web a page fetches its scripts from other people's servers, and tells them of itself.
        orders = [kind, "--no-web", *_VIEWS[view], "-o", str(out), str(capture.absolute())]
        try:
            reader = ReaderProcess(keeper.start_recorder([sys.executable, "-I", "-m", "memray", *orders]))
        except OSError as error:
            raise ObserveError(f"memray cannot be started: {error.strerror}") from None
        try:
            _await_end(reader, on_wait)
        finally:
            code = reader.close().code
        # It ends with 0 after some of its complaints, too.
        if not out.is_file():
            raise ImportFormatError(_refusal(code, reader.last_words), hint="is the capture damaged?")
        return out.read_text(encoding="utf-8", errors="replace")


def _await_end(reader: ReaderProcess, on_wait: Callable[[], object]) -> None:
    while not reader.over:
        wait_for([reader], _ROUND_S)
        reader.lines()
        on_wait()


def _refusal(code: int, last_words: str) -> str:
    if code < 0 and not last_words:
        return f"memray was ended by signal {-code} while it read the capture"
    return f"memray makes no report of this capture: {last_words.removeprefix('Reason: ') or f'exit code {code}'}"
