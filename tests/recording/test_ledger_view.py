from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perftui.errors import NoDataError
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
