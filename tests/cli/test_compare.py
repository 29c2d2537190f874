"""Two sessions as text."""

from __future__ import annotations

import pytest

from perftui.cli.compare import comparison_text
from perftui.errors import NoDataError
from perftui.model.heap import HeapView
from perftui.recording.comparison import compare_models
from tests.heaps import heap
from tests.recording.test_comparison import CPU, KIB, peak, session


def test_both_tables_are_printed_where_both_sessions_hold_both() -> None:
    text = comparison_text(
        compare_models(session(peak(200 * KIB), samples=CPU), session(peak(300 * KIB), samples=CPU)), None, 5
    )
    heading, cpu, memory = text.split("\n\n")
    assert "baseline  run (20260101-000000-aaaa)  30.0 ms, 210 KiB high watermark" in heading
    assert cpu.splitlines()[0].split()[-2:] == ["function", "file"]
    assert "function (high watermark, exact)" in memory
    (load,) = [line for line in memory.splitlines() if "load" in line]
    assert load.split() == ["+100", "KiB", "200", "KiB", "300", "KiB", "95.2", "%", "96.8", "%", "2", "→", "2",
                            "slower", "load", "app.py"]  # fmt: skip


def test_what_one_session_lacks_is_a_note() -> None:
    text = comparison_text(compare_models(session(samples=CPU, mode="cpu"), session(peak(5), samples=CPU)), None, 5)
    assert "note      the baseline holds no memory" in text
    assert "KiB" not in text


def test_another_view_of_the_heap_can_be_asked_for() -> None:
    leak = heap("main;cache 30 1", HeapView.LEAKED)
    found = compare_models(session(leak, mode="memory"), session(leak, peak(5), mode="memory"))
    assert "function (leaked, exact)" in comparison_text(found, HeapView.LEAKED, 5)
    with pytest.raises(NoDataError, match="not both sessions hold memory: high_watermark"):
        comparison_text(found, HeapView.HIGH_WATERMARK, 5)
