from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perftui.errors import NoDataError
from perftui.model.reading import ResourceReading
from perftui.model.session import SessionState
from perftui.recording.feed import Feed
from perftui.recording.ledger import Ledger
from perftui.recording.plan import RecordingPlan
from perftui.storage.session_file import open_session, verify
from tests.storage.sessions import meta

VIEW = '{"version":1}'


def begun(folder: Path) -> Ledger:
    return Ledger(RecordingPlan(sessions=folder), meta(), feed=Feed(), clock=lambda: 1.0, gated=lambda: False)


def test_what_a_person_chose_to_see_is_in_the_session_however_the_recording_ends(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ledger.keep_view("before")
    ledger.save()
    assert open_session(ledger.writer.path).view == "before"
    ledger.keep_view(VIEW)
    ledger.finish(replace(ledger.meta, state=SessionState.COMPLETE))
    assert ledger.path is not None
    assert open_session(ledger.path).view == VIEW
    ledger.keep_view("")
    assert open_session(ledger.path).view == ""
    assert verify(ledger.path) == []


def test_a_session_that_is_gone_says_that_it_keeps_nothing(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ledger.finish(replace(ledger.meta, state=SessionState.COMPLETE))
    assert ledger.path is not None
    ledger.path.unlink()
    with pytest.raises(NoDataError, match="there is no session file"):
        ledger.keep_view(VIEW)


def test_where_nothing_comes_the_disk_is_left_alone_for_a_while(tmp_path: Path) -> None:
    now_s = [0.0]
    ledger = Ledger(RecordingPlan(sessions=tmp_path), meta(), feed=Feed(), clock=lambda: now_s[0], gated=lambda: False)

    def saved_s(at_s: float) -> float:
        now_s[0] = at_s
        ledger.save()
        return open_session(ledger.writer.path).meta.duration_s

    assert saved_s(1.0) == 1.0
    assert [saved_s(2.0), saved_s(9.0)] == [1.0, 1.0]
    ledger.take(ResourceReading(9.5, cpu_percent=1.0))
    assert saved_s(10.0) == 10.0, "what came is stored at once"
    assert [saved_s(19.0), saved_s(20.0)] == [10.0, 20.0]
    ledger.writer.close()
