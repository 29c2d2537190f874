"""A real workload tells metrics of itself; they are in the model, in the file and in what is printed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from perftui.model.series import Series, SeriesKind
from perftui.model.workload import RecordMode, Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.playback import open_playback
from perftui.recording.recorder import Recorder
from perftui.recording.summary import document
from perftui.storage.session_file import verify
from perftui.telling import VARIABLE

pytestmark = pytest.mark.integration
WORKLOAD = Path(__file__).parents[1] / "workloads" / "tells.py"


def test_what_a_workload_and_its_children_tell_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    workload = Workload((sys.executable, str(WORKLOAD)), cwd=tmp_path)
    recorder = Recorder(RecordingPlan(tmp_path / "sessions", workload, mode=RecordMode.CPU))
    recorder.start()
    assert recorder.wait(100)
    assert recorder.path is not None
    live = recorder.result().series
    saved = open_playback(recorder.path).model
    assert verify(recorder.path) == []
    orders = Series("orders", kind=SeriesKind.COUNTER)
    for histories in (live, saved.series):
        assert histories.all[orders].last == 1_115.0
        queue = histories.all[Series("queue")]
        assert (queue.last, queue.peak) == (5 * 1_024.0, 5 * 1_024.0)
        assert 2 <= queue.count <= 5
        assert histories.all[Series("progress_done")].last == 5.0
    told = document(saved, recorder.path)
    # The child that was started anew says so too.
    assert [each["name"] for each in told["marks"]] == ["begin", "begin", "end"]
    moments = [each["at_s"] for each in told["marks"]]
    assert moments[2] - moments[0] > 0.5
    assert "metrics" not in saved.statuses
    assert list((tmp_path / "home" / "scratch").iterdir()) == []
    # What leads to the pipe is no part of what was recorded.
    assert VARIABLE not in json.dumps(told)
