"""Sessions and files of other tools: which part of a session goes out, and what a file counts when it comes in."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perftui.cli import main
from perftui.errors import ImportFormatError, NoDataError, UsageError
from perftui.model.heap import Capture, HeapSnapshot, HeapView
from perftui.model.session import SessionState
from perftui.recording.exchange import export_session, import_profile
from perftui.storage.session_file import SessionWriter, open_session
from perftui.units import Unit
from tests.heaps import SHA256, capture, heap
from tests.storage.sessions import Recording, meta

PEAK = heap("main;load 200 2\nmain;parse 50 7")
LEAK = heap("main;cache 30 1", HeapView.LEAKED)


def saved(
    directory: Path,
    *snapshots: HeapSnapshot,
    samples: Sequence[str] = (),
    captures: Sequence[Capture] = (),
) -> Path:
    """A finished session with these views of the heap and samples of CPU."""
    writer = SessionWriter.create(directory, meta(mode="both"), clock=time.monotonic)
    if samples:
        writer.add_window(Recording().window(*samples))
    for snapshot in snapshots:
        writer.add_heap(snapshot)
    writer.set_captures(captures)
    return writer.finalise(replace(writer.meta, state=SessionState.COMPLETE))


def text_of(path: Path, form: str = "collapsed", **options: Any) -> str:
    return "".join(export_session(path, form, **options).pieces)


def test_cpu_goes_out_unless_memory_is_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path, PEAK, LEAK, samples=["main;work", "main;work"])
    assert text_of(path) == "main (app.py:1);work (app.py:1) 2\n"
    assert text_of(path, view=HeapView.LEAKED) == "main (app.py);cache (app.py) 30\n"


def test_a_session_of_memory_alone_goes_out_as_memory(tmp_path: Path) -> None:
    found = export_session(saved(tmp_path, LEAK, PEAK), "collapsed")
    assert found.view is HeapView.HIGH_WATERMARK
    assert "".join(found.pieces).endswith("load (app.py) 200\nmain (app.py);parse (app.py) 50\n")


def test_of_what_is_held_the_newest_picture_goes_out(tmp_path: Path) -> None:
    early, late = (heap(f"main {size} 1", HeapView.HELD, at_s=at_s) for size, at_s in ((5, 1.0), (9, 2.0)))
    assert text_of(saved(tmp_path, early, late), view=HeapView.HELD) == "main (app.py) 9\n"


def test_a_view_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match="no memory: temporary") as caught:
        export_session(saved(tmp_path, PEAK, LEAK), "collapsed", view=HeapView.TEMPORARY)
    assert caught.value.hint == "it holds high_watermark, leaked"
    (tmp_path / "cpu").mkdir()
    with pytest.raises(NoDataError) as caught:
        export_session(saved(tmp_path / "cpu", samples=["main"]), "speedscope", view=HeapView.HELD)
    assert caught.value.hint == "record with --mode memory"


def test_memory_comes_back_with_its_unit_and_its_weight(tmp_path: Path) -> None:
    file = tmp_path / "it.speedscope.json"
    file.write_text(text_of(saved(tmp_path, PEAK), "speedscope"))
    path, found, notes = import_profile(file, tmp_path / "back")
    assert (found.unit, notes) == ("bytes", ())
    assert sum(weight for _, _, weight, _ in open_session(path).totals()) == 250


def test_what_collapsed_stacks_count_can_be_said(tmp_path: Path) -> None:
    file = tmp_path / "it.collapsed"
    file.write_text(text_of(saved(tmp_path, PEAK)))
    path, found, _ = import_profile(file, tmp_path / "back", unit=Unit.BYTES)
    assert found.unit == "bytes"
    totals = open_session(path).totals()
    assert sorted((weight, count) for _, _, weight, count in totals) == [(50, 1), (200, 1)]
    assert "main (app.py);load (app.py) 200" in text_of(path)


def test_a_file_that_says_what_it_counts_is_believed(tmp_path: Path) -> None:
    file = tmp_path / "it.json"
    file.write_text(text_of(saved(tmp_path, PEAK), "speedscope"))
    with pytest.raises(UsageError, match="says itself that it counts bytes"):
        import_profile(file, tmp_path / "back", unit=Unit.SECONDS)


def test_a_report_needs_the_capture(tmp_path: Path) -> None:
    for name, captures, told in (
        ("none", (), "the session holds no memory"),
        ("dropped", (capture(file=""),), "the capture of the session was dropped"),
        ("gone", (capture(),), "not beside it any more"),
    ):
        (tmp_path / name).mkdir()
        path = saved(tmp_path / name, PEAK, captures=captures)
        with pytest.raises(NoDataError, match=told):
            export_session(path, "memray-table")


def test_memray_reports_three_views(tmp_path: Path) -> None:
    path = saved(tmp_path, PEAK, captures=(capture(),))
    for view in (HeapView.HELD, HeapView.ALLOCATED):
        with pytest.raises(UsageError, match=f"no report of what is {view.value}"):
            export_session(path, "memray-flamegraph", view=view)


def test_a_slip_in_a_format_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        export_session(saved(tmp_path, PEAK), "memray-flamgraph")
    assert caught.value.hint == "did you mean memray-flamegraph?"


@pytest.mark.integration
def test_memray_makes_its_reports_of_a_kept_capture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "it.bin"
    script = "def load():\n    return bytearray(5_000_000)\nkept = load()\n"
    (tmp_path / "app.py").write_text(script)
    subprocess.run(
        [sys.executable, "-m", "memray", "run", "-q", "-o", made, tmp_path / "app.py"], check=True, capture_output=True
    )
    captures = tmp_path / "captures"
    captures.mkdir()
    path = saved(tmp_path, PEAK, captures=(capture(),))
    shutil.copy(made, captures / f"{SHA256}.bin")
    for form, view in (("memray-flamegraph", "high_watermark"), ("memray-table", "leaked")):
        out = tmp_path / f"{form}.html"
        words = ["export", str(path), "--format", form, "--memory-view", view, "-o", str(out)]
        assert main(words) == 0
        page = out.read_text(encoding="utf-8")
        assert "load" in page
        assert not any(f'{word}="http' in page for word in ("src", 'rel="stylesheet" href'))
        assert f"memory, {view.replace('_', ' ')}" in capsys.readouterr().err
    (captures / f"{SHA256}.bin").write_bytes(made.read_bytes()[:30])
    with pytest.raises(ImportFormatError, match="memray makes no report of this capture"):
        export_session(path, "memray-table")


def test_the_command_line_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path, PEAK)
    out = tmp_path / "it.json"
    assert main(["export", str(path), "-f", "speedscope", "-o", str(out), "--memory-view", "high_watermark"]) == 0
    assert json.loads(out.read_text())["profiles"][0]["unit"] == "bytes"
    assert "memory, high watermark" in capsys.readouterr().err
    assert main(["export", str(path), "-f", "collapsed", "--memory-view", "leaked"]) == 4
    assert main(["export", str(path), "-f", "collapsed", "--memory-view", "peak"]) == 2
