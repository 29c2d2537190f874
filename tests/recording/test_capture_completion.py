"""What was left unread is read, and dated by the clock of the run that wrote it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perftui.analysis.measures import Measures
from perftui.budgets.evaluate import Evaluator
from perftui.budgets.load import load_budget
from perftui.model.heap import Capture
from perftui.model.session import SessionState
from perftui.model.verdict import Verdict
from perftui.recording.capture_completion import CaptureContent, clock_zero_of, complete_captures
from perftui.recording.later_verdicts import judge_again
from perftui.storage.captures import captures_directory
from perftui.storage.session_file import SessionWriter, open_session, verify
from tests.sources.heap.test_header import raw
from tests.storage.sessions import begin, finish, meta, verdict

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


@pytest.mark.parametrize(
    ("leaked_bytes", "said"), [(7, Verdict.PASS), (7 << 20, Verdict.FAIL)], ids=["within the limit", "beyond it"]
)
def test_memory_is_judged_when_its_capture_is_read(
    leaked_bytes: int, said: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = tmp_path / "budget.toml"
    budget.write_text('[memory]\nmax_leaked = "1MB"\n[resources.cpu_percent]\nlimit = 4\n')
    known = meta(budget=str(budget), exit_code=0)
    writer = SessionWriter.create(tmp_path, known, clock=lambda: 0.0)
    before = Evaluator(load_budget(budget)).update(Measures(), 1.0, final=True)
    cpu = verdict()
    writer.set_verdicts([cpu, *(each for each in before if each.rule.startswith("memory"))])
    path = writer.finalise(replace(known, state=SessionState.COMPLETE, duration_s=2.0))
    (captures_directory(tmp_path) / f"{path.stem}.bin").write_bytes(raw())
    found = CaptureContent(captures=[Capture(321, complete=True, leaked_bytes=leaked_bytes)])
    monkeypatch.setattr("perftui.recording.capture_completion.read_captures", lambda *_: found)
    complete_captures(path, on_progress=lambda _: None)
    kept, leaked = open_session(path).verdicts
    assert kept == cpu, "what was seen of anything else stays as it was"
    assert (before[-1].verdict, leaked.verdict) == (Verdict.MISSING, said)
    assert verify(path) == []
    budget.unlink()
    assert not judge_again(path), "what was said without the budget stays"


def test_a_capture_that_says_nothing_leaves_what_the_session_says(tmp_path: Path) -> None:
    capture = tmp_path / "it.bin"
    capture.write_bytes(b"memray\0")
    assert clock_zero_of(meta(created="2026-01-02T03:04:05+0000"), capture) == CREATED_S
