from __future__ import annotations

import hashlib
import os
import shutil
import stat
import time
from pathlib import Path

import pytest

from perftui.errors import NoDataError, SessionError, SessionWriteError, UsageError
from perftui.model.heap import Capture
from perftui.model.session import SessionState
from perftui.storage.captures import (
    CaptureSizes,
    capture_path,
    captures_directory,
    leftovers,
    missing_captures,
    raw_captures,
)
from perftui.storage.catalogue import Catalogue
from perftui.storage.dropping import drop, plan_drop, plan_drops_of_old, remove, unclaimed
from perftui.storage.session_file import complete_heap, open_session, read_meta, verify
from tests.storage.heap_sessions import capture, heap
from tests.storage.sessions import begin, finish

CONTENT = b"memray\0a capture of sorts"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
KEPT = f"{DIGEST}.bin"
OLD, NEW = "20260101-120000-aaaa", "20260102-120000-bbbb"


def kept(directory: Path, pid: int = 100, content: bytes = CONTENT) -> Capture:
    """A capture that lies beside the sessions of a directory."""
    digest = hashlib.sha256(content).hexdigest()
    (captures_directory(directory) / f"{digest}.bin").write_bytes(content)
    return capture(pid, sha256=digest, size_bytes=len(content))


def recorded(directory: Path, session_id: str = OLD, *captures: Capture, **changes: object) -> Path:
    """A finished session with these captures."""
    writer = begin(directory, session_id, mode="memory", **{"created": "2026-01-01T12:00:00+0000", **changes})
    writer.add_heap(heap("main;load 200 3"))
    writer.set_captures(captures)
    return finish(writer)


def interrupted(directory: Path, session_id: str = OLD) -> Path:
    """A session whose recorder was killed, with what its tracer left behind."""
    writer = begin(directory, session_id)
    writer.commit()
    writer.close()
    for ending in ("", ".boot", ".4711"):
        (captures_directory(directory) / f"{session_id}.bin{ending}").write_bytes(CONTENT)
    return writer.path


def names(directory: Path) -> list[str]:
    return sorted(item.name for item in directory.iterdir()) if directory.exists() else []


def test_captures_are_for_their_owners_eyes_only(tmp_path: Path) -> None:
    directory = captures_directory(tmp_path / "sessions")
    assert directory == tmp_path / "sessions" / "captures"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert captures_directory(tmp_path / "sessions") == directory


def test_a_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "captures").write_text("in the way")
    with pytest.raises(SessionWriteError, match="captures"):
        captures_directory(tmp_path)


def test_a_capture_is_found_beside_its_session_and_nowhere_else(tmp_path: Path) -> None:
    path = recorded(tmp_path, OLD, kept(tmp_path))
    (stored,) = open_session(path).captures
    assert capture_path(tmp_path, stored) == tmp_path / "captures" / KEPT
    # A copy of the session elsewhere has none, and opens all the same.
    copy = Path(shutil.copy(path, tmp_path / "captures"))
    assert capture_path(copy.parent, stored) is None
    assert missing_captures(copy.parent, open_session(copy).captures) == [KEPT]
    assert verify(copy) == []


@pytest.mark.parametrize("file", ["", "../secret", "/etc/passwd", "a/b", "..", ".", "\0", "x" * 300, "missing.bin"])
def test_what_a_session_says_never_leads_out_of_the_directory(tmp_path: Path, file: str) -> None:
    captures_directory(tmp_path)
    (tmp_path / "secret").write_text("secret")
    assert capture_path(tmp_path, Capture(1, file=file)) is None


def test_a_link_is_no_capture(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (captures_directory(tmp_path) / "linked.bin").symlink_to(tmp_path / "secret")
    assert capture_path(tmp_path, Capture(1, file="linked.bin")) is None


def test_what_a_recording_left_is_told_apart_from_that_of_others(tmp_path: Path) -> None:
    interrupted(tmp_path, OLD)
    for name in (f"{OLD}x.bin", f"{OLD}.bin.boot.part", f"{OLD}.bin.7x", KEPT):
        (captures_directory(tmp_path) / name).write_bytes(b"")
    assert [path.name for path in raw_captures(tmp_path, OLD)] == [f"{OLD}.bin", f"{OLD}.bin.4711"]
    assert f"{OLD}.bin.boot" in [path.name for path in leftovers(tmp_path, OLD)]
    assert f"{OLD}x.bin" not in [path.name for path in leftovers(tmp_path, OLD)]
    assert raw_captures(tmp_path / "none", OLD) == ()


def test_sizes_are_of_what_lies_there(tmp_path: Path) -> None:
    recorded(tmp_path, NEW, kept(tmp_path), capture(101, sha256="ee" * 32))
    interrupted(tmp_path, OLD)
    sizes = CaptureSizes(tmp_path)
    listed = {entry.id: sizes.of(entry.id, entry.captures) for entry in Catalogue(tmp_path).list()}
    assert listed == {NEW: len(CONTENT), OLD: 3 * len(CONTENT)}


def test_a_capture_that_changed_is_damage_and_one_that_is_gone_is_not(tmp_path: Path) -> None:
    path = recorded(tmp_path, OLD, kept(tmp_path))
    assert verify(path) == []
    (tmp_path / "captures" / KEPT).write_bytes(CONTENT + b"!")
    assert verify(path) == [f"its capture {KEPT} is not as it was written"]
    (tmp_path / "captures" / KEPT).unlink()
    assert verify(path) == []


def test_a_deleted_session_takes_its_capture_along_and_brings_it_back(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    path = recorded(tmp_path, OLD, kept(tmp_path))
    thrown = catalogue.delete("demo")
    (stored,) = open_session(thrown).captures

    assert capture_path(thrown.parent, stored) == tmp_path / "trash" / "captures" / KEPT
    assert names(tmp_path / "captures") == []
    assert catalogue.list() == []

    assert catalogue.restore("demo") == path
    assert capture_path(tmp_path, stored) is not None
    assert names(tmp_path / "trash") == ["captures"]
    assert names(tmp_path / "trash" / "captures") == []
    assert verify(path) == []


def test_a_capture_that_another_session_speaks_of_stays(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    shared = kept(tmp_path)
    recorded(tmp_path, OLD, shared, name="one")
    recorded(tmp_path, NEW, shared, name="other")

    catalogue.delete("one")
    assert names(tmp_path / "captures") == [KEPT]
    catalogue.delete("other")
    assert names(tmp_path / "captures") == []
    assert names(tmp_path / "trash" / "captures") == [KEPT]
    # Both come back whole, in whatever order.
    catalogue.restore("one")
    assert names(tmp_path / "captures") == names(tmp_path / "trash" / "captures") == [KEPT]
    catalogue.restore("other")
    assert names(tmp_path / "captures") == [KEPT]
    assert names(tmp_path / "trash" / "captures") == []
    assert all(verify(entry.path) == [] for entry in catalogue.list())


def test_an_interrupted_session_takes_along_what_its_tracer_left(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    interrupted(tmp_path)
    left = names(tmp_path / "captures")
    catalogue.delete(OLD)
    assert (names(tmp_path / "captures"), names(tmp_path / "trash" / "captures")) == ([], left)
    catalogue.restore("@latest")
    assert (names(tmp_path / "captures"), names(tmp_path / "trash" / "captures")) == (left, [])


def test_a_session_cannot_claim_what_another_recording_is_writing(tmp_path: Path) -> None:
    alive = begin(tmp_path, NEW)
    alive.commit()
    raw = captures_directory(tmp_path) / f"{NEW}.bin"
    raw.write_bytes(CONTENT)
    liar = recorded(tmp_path, OLD, capture(file=raw.name), name="liar")
    twin = Path(shutil.copy(recorded(tmp_path / "elsewhere", NEW, name="twin"), tmp_path / "twin.perftui"))

    drop(plan_drop(liar))
    drop(plan_drop(twin))
    Catalogue(tmp_path).delete("liar")
    Catalogue(tmp_path).delete("twin")
    assert raw.read_bytes() == CONTENT
    alive.close()


def test_what_came_to_the_trash_twice_comes_back_once(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    path = recorded(tmp_path, OLD, name="first")
    backup = shutil.copy(path, tmp_path.parent / "backup.perftui")
    catalogue.delete("first")
    shutil.copy(backup, path)
    with pytest.raises(UsageError, match="again"):
        catalogue.restore("first")
    catalogue.delete("first")
    with pytest.raises(UsageError, match="could mean"):
        catalogue.restore("first")
    assert catalogue.restore(str(tmp_path / "trash" / f"{OLD}-2.perftui")) == path


def test_a_name_that_was_given_away_gets_a_number_on_the_way_back(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    recorded(tmp_path, OLD, name="mine")
    catalogue.delete("mine")
    recorded(tmp_path, NEW, name="mine")
    path = catalogue.restore("mine")
    assert (path.name, read_meta(path).name) == (f"{OLD}.perftui", "mine-2")
    assert verify(path) == []


def test_an_id_that_is_none_leads_nowhere(tmp_path: Path) -> None:
    import sqlite3

    path = recorded(tmp_path, OLD)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("""UPDATE meta SET value='"../../escaped"' WHERE key='id'""")
    connection.close()
    catalogue = Catalogue(tmp_path)
    catalogue.delete(str(path))
    assert catalogue.restore("demo") == path


def test_nothing_comes_back_from_an_empty_trash(tmp_path: Path) -> None:
    with pytest.raises(NoDataError):
        Catalogue(tmp_path).restore("@latest")


def test_dropping_a_capture_keeps_the_figures(tmp_path: Path) -> None:
    path = recorded(tmp_path, OLD, kept(tmp_path), capture(101, sha256="ee" * 32))
    before = open_session(path)
    plan = plan_drop(path)
    assert (plan.size_bytes, plan.kept) == (len(CONTENT), "")
    assert names(tmp_path / "captures") == [KEPT]
    drop(plan)

    session = open_session(path)
    assert names(tmp_path / "captures") == []
    assert session.heap == before.heap
    assert [each.file for each in session.captures] == ["", before.captures[1].file]
    assert session.captures[0].sha256 == DIGEST
    assert session.captures[0].high_watermark_bytes == before.captures[0].high_watermark_bytes
    assert verify(path) == []
    assert Catalogue(tmp_path).list()[0].captures == (before.captures[1].file,)
    assert plan_drop(path).files == ()


def test_a_capture_that_another_session_speaks_of_is_not_dropped(tmp_path: Path) -> None:
    shared = kept(tmp_path)
    path = recorded(tmp_path, OLD, shared)
    recorded(tmp_path, NEW, shared)
    plan = plan_drop(path)
    assert (plan.files, plan.size_bytes) == ((), 0)
    assert "another session" in plan.kept


def test_a_capture_that_was_not_read_yet_stays_until_it_is(tmp_path: Path) -> None:
    path = open_session(interrupted(tmp_path)).path
    assert plan_drop(path).files == ()
    assert "not read yet" in plan_drop(path).kept

    # The main process was read, its child was not.
    complete_heap(path, captures=[kept(tmp_path, pid=100)])
    assert "not read yet" in plan_drop(path).kept
    complete_heap(path, captures=[capture(4711, file="")])
    plan = plan_drop(path)
    assert plan.kept == ""
    drop(plan)
    assert names(tmp_path / "captures") == []


def test_a_capture_of_which_nothing_is_known_yet_was_not_read(tmp_path: Path) -> None:
    writer = begin(tmp_path, OLD)
    raw = captures_directory(tmp_path) / f"{OLD}.bin"
    raw.write_bytes(CONTENT)
    writer.set_captures([Capture(100, file=raw.name)])
    writer.commit()
    writer.close()
    path = open_session(writer.path).path
    assert "not read yet" in plan_drop(path).kept
    assert plan_drop(path).files == ()

    # It was tried, and nothing could be read of it.
    complete_heap(path, captures=[Capture(100, file=raw.name, trouble="it is damaged")])
    drop(plan_drop(path))
    assert not raw.exists()
    assert open_session(path).captures[0].trouble == "it is damaged"


def test_a_capture_that_was_not_read_goes_where_that_is_asked_for(tmp_path: Path) -> None:
    path = interrupted(tmp_path)
    assert len(plan_drop(path, unread=True).files) == 3
    thrown = Catalogue(tmp_path).delete(OLD)
    drop(plan_drop(thrown))
    assert names(tmp_path / "trash" / "captures") == []


def test_what_is_recorded_or_cannot_be_read_keeps_its_capture(tmp_path: Path) -> None:
    alive = begin(tmp_path, NEW)
    alive.commit()
    (captures_directory(tmp_path) / f"{NEW}.bin").write_bytes(CONTENT)
    (tmp_path / "broken.perftui").write_bytes(b"rubbish")
    assert "being recorded" in plan_drop(alive.path, unread=True).kept
    assert "cannot be read" in plan_drop(tmp_path / "broken.perftui").kept
    alive.close()


def test_old_captures_are_dropped_unless_their_session_is_pinned(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    recorded(tmp_path, "old", kept(tmp_path, content=b"1"), name="old")
    recorded(tmp_path, "pinned", kept(tmp_path, content=b"2"), name="pinned", pinned=True)
    recorded(tmp_path, "new", kept(tmp_path, content=b"3"), name="new", created="2026-03-01T00:00:00+0000")
    recorded(tmp_path, "none", name="none")
    recorded(tmp_path, "thrown", kept(tmp_path, content=b"4"), name="thrown")
    catalogue.delete("thrown")
    before_s = 1_769_000_000.0  # January 2026
    plans = plan_drops_of_old(tmp_path, before_s)
    assert [(plan.entry.name, plan.size_bytes) for plan in plans] == [("old", 1), ("thrown", 1)]


def test_files_that_no_session_speaks_of_are_found_once_they_have_settled(tmp_path: Path) -> None:
    now_s = time.time()
    recorded(tmp_path, OLD, kept(tmp_path))
    interrupted(tmp_path, NEW)
    loose = kept(tmp_path, content=b"loose").file
    forgotten = "20250101-000000-gone.bin"
    for name in (forgotten, f"{forgotten}.boot"):
        (tmp_path / "captures" / name).write_bytes(b"x")

    assert unclaimed(tmp_path, now_s=now_s) == []
    found = unclaimed(tmp_path, now_s=now_s + 4_000)
    assert sorted(file.path.name for file in found) == sorted([forgotten, f"{forgotten}.boot", loose])
    for file in found:
        remove(file.path)
    assert unclaimed(tmp_path, now_s=now_s + 4_000) == []
    assert len(names(tmp_path / "captures")) == 4


def test_while_a_session_cannot_be_read_no_capture_is_called_unclaimed(tmp_path: Path) -> None:
    kept(tmp_path)
    (tmp_path / "broken.perftui").write_bytes(b"rubbish")
    assert unclaimed(tmp_path, now_s=time.time() + 4_000) == []
    (tmp_path / "broken.perftui").unlink()
    assert len(unclaimed(tmp_path, now_s=time.time() + 4_000)) == 1


def test_a_capture_that_a_failing_disk_holds_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = recorded(tmp_path, OLD, kept(tmp_path))
    plan = plan_drop(path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(SessionError, match="Input/output error"):
        drop(plan)


def test_where_nothing_can_be_linked_a_shared_capture_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue(tmp_path)
    shared = kept(tmp_path)
    for session_id in (OLD, NEW):
        recorded(tmp_path, session_id, shared, name=session_id[-4:])
        catalogue.delete(session_id)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    catalogue.restore("aaaa")
    assert (tmp_path / "captures" / KEPT).read_bytes() == CONTENT
    assert (tmp_path / "trash" / "captures" / KEPT).read_bytes() == CONTENT


def test_an_old_session_has_no_captures_and_is_deleted_as_ever(tmp_path: Path) -> None:
    kept(tmp_path)
    source = Path(__file__).parent / "version_1" / "20260102-030405-v1v1.perftui"
    path = Path(shutil.copy(source, tmp_path))
    catalogue = Catalogue(tmp_path)
    (entry,) = catalogue.list()
    assert (entry.name, entry.captures) == ("old", ())
    assert plan_drop(path).files == ()
    catalogue.rename("old", "older")
    catalogue.delete("older")
    restored = open_session(catalogue.restore("older"))
    assert (restored.meta.name, restored.meta.state) == ("older", SessionState.COMPLETE)
    assert names(tmp_path / "captures") == [KEPT]
    assert verify(restored.path) == []
