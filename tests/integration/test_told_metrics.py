"""A real workload tells metrics of itself; they are in the model, in the file and in what is printed."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest

from perftui.model.scrape import Scrape
from perftui.model.series import Series, SeriesKind
from perftui.model.workload import RecordMode, Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.playback import open_playback
from perftui.recording.recorder import Recorder
from perftui.recording.rerun import plan_of_session
from perftui.recording.summary import document
from perftui.storage.session_file import verify
from perftui.telling import VARIABLE

pytestmark = pytest.mark.integration
WORKLOADS = Path(__file__).parents[1] / "workloads"
WORKLOAD, SERVICE = WORKLOADS / "tells.py", WORKLOADS / "exposes.py"


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


def test_what_a_service_exposes_and_prints_is_recorded_and_another_run_takes_it_too(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    workload = Workload((sys.executable, str(SERVICE), str(port)), cwd=tmp_path)
    scrape = Scrape("svc", f"http://127.0.0.1:{port}/metrics", 0.1)
    plan = RecordingPlan(tmp_path / "sessions", workload, mode=RecordMode.CPU, scrapes=(scrape,), lines=True)
    recorder = Recorder(plan)
    recorder.start()
    assert recorder.wait(100)
    assert recorder.path is not None
    model = open_playback(recorder.path).model
    requests = model.series.all[Series("requests_total", "svc", SeriesKind.COUNTER, (("code", "200"),))]
    assert requests.count >= 3
    assert requests.last == requests.peak == requests.count
    assert model.series.all[Series("queue_size", "svc")].last == 3.0
    assert model.series.all[Series("answers")].last >= 4.0  # type: ignore[operator]
    assert model.meta.trouble == ""
    again = plan_of_session(model.meta, tmp_path)
    assert (again.scrapes, again.lines) == ((scrape,), True)
