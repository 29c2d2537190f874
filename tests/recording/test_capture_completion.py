"""What was left unread is dated by the clock of the run that wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.recording.capture_completion import clock_zero_of
from tests.sources.heap.test_header import raw
from tests.storage.sessions import meta

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


def test_a_capture_that_says_nothing_leaves_what_the_session_says(tmp_path: Path) -> None:
    capture = tmp_path / "it.bin"
    capture.write_bytes(b"memray\0")
    assert clock_zero_of(meta(created="2026-01-02T03:04:05+0000"), capture) == CREATED_S
