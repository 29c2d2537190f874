"""What a session says of memory: the document is exact, and the text says how sure it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perftui.cli.report import session_text
from perftui.errors import NoDataError
from perftui.model.heap import Capture, HeapSnapshot, HeapView
from perftui.recording.memory_summary import memory_figures
from perftui.recording.session_model import SessionModel
from perftui.recording.summary import document
from perftui.recording.update import Phase, Update
from tests.heaps import SHA256, capture, heap, heap_deltas
from tests.recording.test_summary import META

PEAK = heap("main@app.py:9;load@app.py:3 200 2\nmain@app.py:9;parse@app.py:5 50 7\nmain@app.py:9;cache@app.py:7 30 1")
LEAK = heap("main;cache 30 1", HeapView.LEAKED)
MEMORY = replace(META, mode="memory", pid=100)


def traced(*snapshots: HeapSnapshot, captures: tuple[Capture, ...] = (), mode: str = "memory") -> SessionModel:
    """A finished session with these views."""
    meta = replace(MEMORY, mode=mode)
    made = SessionModel(meta)
    made.apply(Update(meta, Phase.DONE, 2.0, heap=heap_deltas(*snapshots), captures=captures))
    return made


def test_a_session_without_memory_says_none() -> None:
    made = SessionModel(META)
    made.apply(Update(META, Phase.DONE, 1.0))
    assert document(made, None)["memory"] is None
    assert "memory" not in session_text(made, None, top=3)


def test_the_document_holds_the_figures_of_the_capture_and_the_functions_of_the_high_watermark(tmp_path: Path) -> None:
    (tmp_path / "captures").mkdir()
    kept = tmp_path / "captures" / f"{SHA256}.bin"
    kept.write_bytes(b"x")
    memory = document(traced(PEAK, LEAK, captures=(capture(),)), tmp_path / "it.perftui", top=2)["memory"]
    figures = {key: value for key, value in memory.items() if key not in {"views", "captures", "top"}}
    assert figures == {
        "high_watermark_bytes": 280,
        "total_allocated_bytes": 900,
        "allocations": 12,
        "leaked_bytes": 30,
        "leaked_allocations": 1,
        "exact": True,
        "processes": 1,
        "native": False,
        "pymalloc_traced": False,
        "capture": str(kept),
        "view": "high_watermark",
    }
    assert memory["top"] == [
        {
            "function": "load",
            "file": "app.py",
            "line": 3,
            "self_bytes": 200,
            "total_bytes": 200,
            "self_share": 0.714286,
            "total_share": 0.714286,
            "count": 2,
            "total_count": 2,
        },
        {
            "function": "parse",
            "file": "app.py",
            "line": 5,
            "self_bytes": 50,
            "total_bytes": 50,
            "self_share": 0.178571,
            "total_share": 0.178571,
            "count": 7,
            "total_count": 7,
        },
    ]
    assert list(memory["views"]) == ["high_watermark", "leaked"]
    assert {key: value for key, value in memory["views"]["leaked"].items() if key != "top"} == {
        "bytes": 30,
        "allocations": 1,
        "stacks": 1,
        "exact": True,
        "at_s": 1.0,
    }
    assert memory["captures"] == [
        {
            "pid": 100,
            "path": str(kept),
            "file": f"{SHA256}.bin",
            "sha256": SHA256,
            "size_bytes": 4_000,
            "complete": True,
            "high_watermark_bytes": 280,
            "high_watermark_at_s": 1.5,
            "total_allocated_bytes": 900,
            "allocations": 12,
            "leaked_bytes": 30,
            "leaked_allocations": 1,
            "stackless_bytes": 0,
            "python_allocator": "pymalloc",
            "native": False,
            "pymalloc_traced": False,
            "trouble": "",
        }
    ]


def test_a_capture_that_was_dropped_has_no_path(tmp_path: Path) -> None:
    memory = document(traced(PEAK, captures=(capture(file=""),)), tmp_path / "it.perftui")["memory"]
    assert (memory["capture"], memory["captures"][0]["path"], memory["captures"][0]["file"]) == (None, None, None)
    assert memory["high_watermark_bytes"] == 280


def test_a_session_whose_tracing_failed_says_so_with_nulls() -> None:
    memory = document(traced(), None)["memory"]
    assert (memory["high_watermark_bytes"], memory["allocations"], memory["view"]) == (None, None, None)
    assert (memory["top"], memory["views"], memory["captures"], memory["exact"]) == ([], {}, [], False)
    assert "memory    no allocations seen" in session_text(traced(), None, top=3)


def test_without_a_high_watermark_what_is_held_speaks_for_the_session() -> None:
    memory = document(traced(heap("main;load 5 1", HeapView.HELD)), None)["memory"]
    assert (memory["view"], memory["top"][0]["function"], memory["high_watermark_bytes"]) == ("held", "load", None)


def test_a_high_watermark_that_was_only_sampled_is_called_so() -> None:
    unread = capture(complete=False, high_watermark_bytes=None, trouble="the capture ends in the middle")
    made = traced(replace(PEAK, exact=False), captures=(unread,))
    figures = memory_figures(made)
    assert (figures.high_watermark_bytes, figures.exact) == (280, False)
    text = session_text(made, None, top=3)
    assert "high watermark 280 B (sampled)" in text
    assert "process 100: the capture ends in the middle" in text


def test_processes_are_added_up_and_one_that_was_not_read_makes_the_sum_inexact() -> None:
    child = heap("main;work 1000 1", pid=200)
    both = traced(PEAK, captures=(capture(), capture(200, high_watermark_bytes=1000)))
    both.apply(Update(MEMORY, Phase.DONE, 2.0, heap=heap_deltas(child)))
    assert (memory_figures(both).high_watermark_bytes, memory_figures(both).processes) == (1280, 2)
    assert memory_figures(both).exact
    assert "of 2 processes together" in session_text(both, None, top=3)
    both.apply(Update(MEMORY, Phase.DONE, 2.0, captures=(capture(), capture(200, complete=False))))
    assert (memory_figures(both).high_watermark_bytes, memory_figures(both).exact) == (1280, False)


def test_the_text_names_figures_functions_and_what_arenas_mean(tmp_path: Path) -> None:
    (tmp_path / "captures").mkdir()
    (tmp_path / "captures" / f"{SHA256}.bin").write_bytes(b"x")
    text = session_text(traced(PEAK, captures=(capture(),)), tmp_path / "it.perftui", top=1)
    assert "high watermark 280 B (exact), allocated 900 B in 12 allocations in all, leaked 30 B in 1 allocation" in text
    assert "small objects count as the arenas that hold them" in text
    assert f"capture   {tmp_path}/captures/{SHA256}.bin (3.91 KiB)" in text
    assert "function (held at the high watermark)" in text
    assert "app.py:3" in text
    assert "parse" not in text
    assert "CPU" not in text
    one_by_one = session_text(traced(PEAK, captures=(capture(pymalloc=True),)), None, top=1)
    assert "arenas" not in one_by_one


def test_another_view_can_be_asked_for() -> None:
    text = session_text(traced(PEAK, LEAK), None, top=9, view=HeapView.LEAKED)
    assert "function (leaked)" in text
    assert "load" not in text
    memory = document(traced(PEAK, LEAK), None, view=HeapView.LEAKED)["memory"]
    assert (memory["view"], memory["top"][0]["function"]) == ("leaked", "cache")
    with pytest.raises(NoDataError, match="no memory: temporary") as caught:
        session_text(traced(PEAK, LEAK), None, top=9, view=HeapView.TEMPORARY)
    assert caught.value.hint == "it holds high_watermark, leaked"


def test_cpu_seconds_of_a_traced_run_are_called_perturbed() -> None:
    for mode, two_pass, perturbed in (("cpu", False, False), ("both", False, True), ("both", True, False)):
        meta = replace(META, mode=mode, two_pass=two_pass, cpu_s=1.0)
        made = SessionModel(meta)
        made.apply(Update(meta, Phase.DONE, 1.0))
        assert document(made, None)["cpu"]["perturbed"] is perturbed
        assert ("tracing allocations included" in session_text(made, None, top=1)) is perturbed
