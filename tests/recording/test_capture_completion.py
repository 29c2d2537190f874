"""What was left unread is read, and dated by the clock of the run that wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.model.heap import Capture
from perftui.recording.capture_completion import CaptureContent, clock_zero_of, complete_captures
from perftui.storage.captures import captures_directory
from perftui.storage.session_file import open_session
from tests.sources.heap.test_header import raw
from tests.storage.sessions import begin, finish, meta

CREATED_S = 1_767_323_045


@pytest.mark.parametrize(
    ("after_s", "two_pass", "zero_s"),
    [(0.75, False, 0.75), (1.5, False, 1.0), (4.0, True, 4.0)],
)
def test_a_clock_begins_when_its_run_did(after_s: float, two_pass: bool, zero_s: float, tmp_path: Path) -> None:
    capture = tmp_path / "it.bin"
    capture.write_bytes(raw(start_ms=round((CREATED_S + after_s) * 1000)))
    known = meta(created="2026-01-02T03:04:05+0000", two_pass=two_pass)
    assert clock_zero_of(known, capture) == CREATED_S + zero_s


def test_a_capture_that_its_recording_never_spoke_of_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = finish(begin(tmp_path), exit_code=0)
    (captures_directory(tmp_path) / f"{path.stem}.bin").write_bytes(raw())
    found = CaptureContent(captures=[Capture(321, complete=True, leaked_bytes=7)])
    monkeypatch.setattr("perftui.recording.capture_completion.read_captures", lambda *_: found)
    assert complete_captures(path, on_progress=lambda _: None)
    assert open_session(path).captures == tuple(found.captures)
    assert not complete_captures(path, on_progress=lambda _: None), "it is known now"


def test_a_capture_that_says_nothing_leaves_what_the_session_says(tmp_path: Path) -> None:
    capture = tmp_path / "it.bin"
    capture.write_bytes(b"memray\0")
    assert clock_zero_of(meta(created="2026-01-02T03:04:05+0000"), capture) == CREATED_S
