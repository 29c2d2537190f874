from __future__ import annotations

import os
from pathlib import Path

from perftui.storage.lock import SessionLock, is_recorded, lock_path


def test_one_lock_is_held_at_a_time(tmp_path: Path) -> None:
    part = tmp_path / "a.perftui.part"
    first = SessionLock.take(part)
    assert first is not None
    assert is_recorded(part)
    assert SessionLock.take(part) is None
    first.release()
    first.release()
    assert not is_recorded(part)
    assert not lock_path(part).exists()
    assert SessionLock.take(part) is not None


def test_a_lock_ends_with_its_holder(tmp_path: Path) -> None:
    part = tmp_path / "a.perftui.part"
    child = os.fork()
    if child == 0:
        os._exit(0 if SessionLock.take(part) is not None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert lock_path(part).exists()
    assert not is_recorded(part)
    assert SessionLock.take(part) is not None


def test_looking_whether_a_session_is_recorded_takes_nothing(tmp_path: Path) -> None:
    part = tmp_path / "a.perftui.part"
    lock_path(part).touch()
    assert not is_recorded(part)
    assert not is_recorded(part)
    assert not is_recorded(tmp_path / "none.perftui.part")


def test_the_lock_file_that_a_holder_took_away_is_no_lock(tmp_path: Path) -> None:
    part = tmp_path / "a.perftui.part"
    first = SessionLock.take(part)
    assert first is not None
    lock_path(part).unlink()
    second = SessionLock.take(part)
    assert second is not None
    second.release()
