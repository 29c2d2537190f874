"""A workload that is run twice, once for CPU and once for memory: one session, one exit code, nothing told twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from perftui.model.heap import HeapView
from perftui.model.session import SessionState
from perftui.model.workload import Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.playback import open_playback
from perftui.recording.recorder import Recorder

pytestmark = pytest.mark.integration

WORK = """
import time
def load():
    return bytearray(20_000_000)
def spin():
    end = time.process_time() + 0.7
    while time.process_time() < end: pass
kept = load()
spin()
print("once")
"""


def recorded(tmp_path: Path, script: str) -> Recorder:
    path = tmp_path / "work.py"
    path.write_text(script)
    plan = RecordingPlan(
        sessions=tmp_path / "sessions", workload=Workload((sys.executable, str(path)), cwd=tmp_path), two_pass=True
    )
    recorder = Recorder(plan)
    recorder.start()
    assert recorder.wait(60)
    return recorder


def test_both_runs_are_one_session_and_the_output_is_told_once(tmp_path: Path) -> None:
    recorder = recorded(tmp_path, WORK)
    assert recorder.path is not None
    playback = open_playback(recorder.path)
    model = playback.model
    assert model.meta.state is SessionState.COMPLETE
    assert model.meta.two_pass
    assert not model.meta.perturbed
    assert b"".join(chunk.data for chunk in playback.update.output) == b"once\n"
    assert any(frame.function == "spin" for frame in model.aggregate.tree.functions)
    peak = model.heap[HeapView.HIGH_WATERMARK]
    assert peak.exact
    assert {row.frame.function: row.self_weight for row in peak.rows()}["load"] == pytest.approx(20_000_000, rel=0.001)
    assert (model.captures[0].complete, model.captures[0].trouble) == (True, "")


def test_a_workload_that_fails_is_not_run_again(tmp_path: Path) -> None:
    recorder = recorded(tmp_path, f"open('ran', 'a').write('x')\n{WORK}\nraise SystemExit(3)")
    meta = recorder.result().meta
    assert (tmp_path / "ran").read_text() == "x"
    assert meta.exit_code == 3
    assert "not run again for memory" in meta.trouble


def test_the_first_run_stays_when_the_second_fails(tmp_path: Path) -> None:
    script = f"import os, sys\nif os.path.exists('ran'): sys.exit(4)\nopen('ran', 'w').close()\n{WORK}"
    model = recorded(tmp_path, script).result()
    assert model.meta.exit_code == 0
    assert model.meta.trouble == "the second run, for memory, ended with exit code 4"
    assert model.aggregate.samples


def test_who_stops_in_the_first_run_gets_no_second(tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    path.write_text("import time\nopen('ran', 'a').write('x')\ntime.sleep(60)")
    recorder = Recorder(
        RecordingPlan(
            sessions=tmp_path / "sessions", workload=Workload((sys.executable, str(path)), cwd=tmp_path), two_pass=True
        )
    )
    recorder.start()
    assert not recorder.wait(1.5)
    recorder.stop()
    assert recorder.wait(30)
    assert (tmp_path / "ran").read_text() == "x"
    assert recorder.result().meta.ended_by_us
