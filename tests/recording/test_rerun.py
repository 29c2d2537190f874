"""Another run has the same plan, or says what it is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perftui.errors import WorkloadError
from perftui.model.session import SessionKind
from perftui.model.workload import RecordMode, SamplingMode, Workload
from perftui.recording.plan import RecordingPlan
from perftui.recording.rerun import duration_to_equal, plan_again, plan_of_session, what_differs
from tests.storage.sessions import meta


def test_a_process_that_was_attached_to_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError, match="attached to"):
        plan_again(RecordingPlan(sessions=tmp_path, attach_pid=77))
    with pytest.raises(WorkloadError, match="attached to"):
        plan_of_session(meta(kind=SessionKind.ATTACHED), tmp_path)


def test_input_from_a_file_is_read_again_and_from_a_pipe_it_is_gone(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("x")
    workload = Workload(("cat",))
    with (tmp_path / "in").open() as file:
        plan = plan_again(RecordingPlan(sessions=tmp_path, workload=workload, stdin=file.fileno()))
        assert plan.stdin == Path(f"/dev/fd/{file.fileno()}")
    reader, writer = os.pipe()
    assert plan_again(RecordingPlan(sessions=tmp_path, workload=workload, stdin=reader)).stdin is None
    os.close(reader)
    os.close(writer)


def test_a_saved_session_is_recorded_as_it_was(tmp_path: Path) -> None:
    saved = meta(
        cwd=str(tmp_path), requested_hz=50.0, sampling_mode="nonblocking", mode="both", two_pass=True, tags=("slow",)
    )
    plan = plan_of_session(saved, tmp_path / "sessions")
    assert plan.workload == Workload(("python", "demo.py"), tmp_path)
    assert (plan.sampling.rate_hz, plan.sampling.mode) == (50, SamplingMode.NONBLOCKING)
    assert (plan.mode, plan.two_pass, plan.tags, plan.terminal) == (RecordMode.BOTH, True, ("slow",), True)
    assert "variables" in what_differs(saved)


def test_a_profile_that_still_starts_the_same_command_brings_its_variables(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    profile = tmp_path / "profiles/api.toml"
    profile.write_text('[workload]\ncommand = ["python", "demo.py"]\n[workload.env]\nSPEED = "9"\n')
    saved = meta(cwd=str(tmp_path), workload="api")
    plan = plan_of_session(saved, tmp_path)
    assert plan.workload is not None
    assert plan.workload.env == {"SPEED": "9"}
    assert what_differs(saved) == ""
    profile.write_text('[workload]\ncommand = ["python", "other.py"]\n')
    other = plan_of_session(saved, tmp_path).workload
    assert other is not None
    assert other.argv == ("python", "demo.py"), "what ran is run, whatever the profile says by now"


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError, match="is gone"):
        plan_of_session(meta(cwd=str(tmp_path / "gone")), tmp_path)
    with pytest.raises(WorkloadError, match="secret"):
        plan_of_session(meta(command=("curl", "--token", "***")), tmp_path)
    with pytest.raises(WorkloadError, match="imported"):
        plan_of_session(meta(kind=SessionKind.IMPORTED), tmp_path)


def test_a_run_that_was_ended_by_hand_sets_the_length_of_the_next() -> None:
    assert duration_to_equal(meta(duration_s=12.0, ended_by_us=True)) == 12.0
    assert duration_to_equal(meta(duration_s=0.1, ended_by_us=True)) == 0.5, "nothing could be seen in less"
    assert duration_to_equal(meta(duration_s=12.0)) is None
