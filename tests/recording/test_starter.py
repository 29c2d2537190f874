from __future__ import annotations

from pathlib import Path

import pytest

from perftui.errors import WorkloadError
from perftui.model.workload import Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.starter import Starter


def test_whoever_left_before_the_start_starts_nothing(tmp_path: Path) -> None:
    starter = Starter(RecordingPlan(sessions=tmp_path, workload=Workload(("true",))))
    assert starter.close()
    assert starter.start() is None
    assert starter.recorder is None
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_started_is_told_and_leaves_no_session(tmp_path: Path) -> None:
    starter = Starter(RecordingPlan(sessions=tmp_path / "sessions", workload=Workload(("no-such-command-here",))))
    with pytest.raises(WorkloadError, match="not found"):
        starter.start()
    assert starter.close()
    assert not (tmp_path / "sessions").exists()
