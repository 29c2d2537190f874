from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from perftui.errors import NoDataError, PerftuiError, SessionError, UsageError
from perftui.model.session import WATCH, SessionKind, SessionState
from perftui.storage.catalogue import Catalogue
from perftui.storage.session_file import open_session, read_meta, verify
from tests.storage.sessions import begin, fill, finish, saved

OLD, MIDDLE, NEW = (f"2026010{day}-120000-aaa{day}" for day in (1, 2, 3))


@pytest.fixture
def three(tmp_path: Path) -> Catalogue:
    for day, (session_id, name) in enumerate(((OLD, "old"), (MIDDLE, "middle"), (NEW, "new")), start=1):
        saved(tmp_path, session_id, name=name, created=f"2026-01-0{day}T12:00:00+0000")
    return Catalogue(tmp_path)


def ids(catalogue: Catalogue) -> list[str]:
    return [entry.id for entry in catalogue.list()]


def test_the_newest_session_comes_first(three: Catalogue) -> None:
    assert ids(three) == [NEW, MIDDLE, OLD]


def test_sessions_are_in_the_order_of_time_whatever_their_time_zone(tmp_path: Path) -> None:
    saved(tmp_path, "a", created="2026-01-01T23:00:00-0500")
    saved(tmp_path, "b", created="2026-01-02T03:00:00+0000")
    saved(tmp_path, "c", created="not a time")
    assert [entry for entry in ids(Catalogue(tmp_path)) if entry != "c"] == ["a", "b"]


def test_a_missing_directory_holds_no_sessions(tmp_path: Path) -> None:
    assert Catalogue(tmp_path / "none").list() == []


def test_a_broken_file_is_listed_with_its_trouble_and_hides_no_other(three: Catalogue) -> None:
    (three.directory / "broken.perftui").write_bytes(b"rubbish")
    (three.directory / "empty.perftui.part").write_bytes(b"")
    (three.directory / "folder.perftui").mkdir()
    (three.directory / "notes.txt").write_text("not a session")
    listed = {entry.id: entry.trouble for entry in three.list()}

    assert set(listed) == {OLD, MIDDLE, NEW, "broken", "empty", "folder"}
    assert "not a perftui session" in listed["broken"]
    assert "not a file" in listed["folder"]
    assert listed[NEW] == ""


def test_a_file_that_changes_between_two_looks_is_read_again(three: Catalogue) -> None:
    assert [entry.name for entry in three.list()] == ["new", "middle", "old"]
    Catalogue(three.directory).rename("old", "ancient")
    (three.directory / f"{MIDDLE}.perftui").unlink()
    assert [entry.name for entry in three.list()] == ["new", "ancient"]


def test_sessions_that_are_recorded_and_that_were_killed_are_told_apart(tmp_path: Path) -> None:
    alive = begin(tmp_path, "alive")
    dead = begin(tmp_path, "dead")
    dead.commit()
    dead.close()
    states = {entry.id: entry.meta and entry.meta.state for entry in Catalogue(tmp_path).list()}
    assert states == {"alive": SessionState.RECORDING, "dead": SessionState.INTERRUPTED}
    alive.close()


def test_an_import_that_was_killed_is_no_session_and_goes_when_the_next_one_is_made(tmp_path: Path) -> None:
    reading = begin(tmp_path, "reading", kind=SessionKind.IMPORTED)
    dead = begin(tmp_path, "dead", kind=SessionKind.IMPORTED)
    recording = begin(tmp_path, "recording")
    for writer in (reading, dead, recording):
        writer.commit()
    dead.close()
    recording.close()
    assert set(ids(Catalogue(tmp_path))) == {"reading", "recording"}
    assert dead.path.exists(), "a list changes nothing"
    begin(tmp_path, "next").close()
    assert not dead.path.exists()
    assert list(tmp_path.glob("dead*")) == []
    assert recording.path.exists(), "what was recorded is never taken away"
    finish(reading)
    assert set(ids(Catalogue(tmp_path))) == {"reading", "recording", "next"}


@pytest.mark.parametrize(
    ("ref", "expected"),
    [("@latest", NEW), ("@latest~0", NEW), ("@latest~2", OLD), ("middle", MIDDLE), (MIDDLE, MIDDLE), ("20260101", OLD)],
)
def test_a_reference_finds_its_session(three: Catalogue, ref: str, expected: str) -> None:
    assert three.resolve(ref) == three.directory / f"{expected}.perftui"


def test_a_path_is_a_reference(three: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = saved(tmp_path_factory.mktemp("elsewhere"))
    assert three.resolve(str(elsewhere)) == elsewhere


def test_a_file_that_is_called_like_a_session_does_not_hide_it(
    three: Catalogue, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("work")
    monkeypatch.chdir(elsewhere)
    (elsewhere / "old").write_text("not a session")
    saved(elsewhere).rename(elsewhere / "copied")
    assert three.resolve("old") == three.directory / f"{OLD}.perftui"
    assert three.resolve("copied") == Path("copied")


def test_an_ambiguous_reference_names_the_candidates(three: Catalogue) -> None:
    with pytest.raises(UsageError, match="old") as caught:
        three.resolve("2026")
    assert all(session in caught.value.message for session in (OLD, MIDDLE, NEW))


@pytest.mark.parametrize("ref", ["mddle", "", "@latest~3", "@yesterday", "nothing/like/it", "\x1b[31m", "~\0x"])
def test_an_unknown_reference_is_one_sentence(three: Catalogue, ref: str) -> None:
    with pytest.raises(NoDataError) as caught:
        three.resolve(ref)
    assert "\x1b" not in caught.value.message
    assert caught.value.hint


def test_a_typing_error_is_answered_with_what_is_close(three: Catalogue) -> None:
    with pytest.raises(NoDataError) as caught:
        three.resolve("mddle")
    assert "middle" in caught.value.hint


def test_the_latest_of_no_sessions_is_no_session(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match="no sessions"):
        Catalogue(tmp_path).resolve("@latest")


def test_a_renamed_and_tagged_session_is_as_sound_as_before(three: Catalogue) -> None:
    path = three.rename("old", "a better name")
    three.tag("a better name", ["slow", "v1", "slow"])
    three.pin(OLD)
    meta = read_meta(path)

    assert (meta.name, meta.tags, meta.pinned) == ("a better name", ("slow", "v1"), True)
    assert verify(path) == []
    assert open_session(path).sample_count == 9
    three.unpin(OLD)
    three.tag(OLD, ())
    assert read_meta(path).tags == ()


def test_a_name_that_another_session_has_is_refused(three: Catalogue) -> None:
    with pytest.raises(UsageError, match="another session"):
        three.rename("old", "new")
    with pytest.raises(UsageError, match="another session"):
        three.rename("old", NEW)
    assert three.rename("old", "old") == three.resolve("old")


@pytest.mark.parametrize("name", ["", "  ", "@latest", "-x", "a/b", "a\nb", "\x1b[31m", "x" * 101])
def test_what_would_be_no_reference_is_no_name(three: Catalogue, name: str) -> None:
    with pytest.raises(UsageError):
        three.rename("old", name)
    assert read_meta(three.resolve("old")).name == "old"


def test_a_session_that_is_recorded_is_neither_renamed_nor_deleted(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    fill(writer)
    writer.commit()
    catalogue = Catalogue(tmp_path)
    with pytest.raises(UsageError, match="still being recorded"):
        catalogue.rename("demo", "other")
    with pytest.raises(UsageError, match="still being recorded"):
        catalogue.delete("demo")
    assert len(open_session(finish(writer)).windows) == 3


def test_a_watch_that_goes_on_is_changed_in_all_its_parts_or_in_none(tmp_path: Path) -> None:
    facts = {"name": "web", "group": "g-1", "environment": {WATCH: "yes"}}
    for number in (1, 2):
        saved(tmp_path, f"2026010{number}-120000-aaaa", repeat_index=number, **facts)
    writer = begin(tmp_path, "20260103-120000-aaaa", repeat_index=3, **facts)
    writer.commit()
    catalogue = Catalogue(tmp_path)
    for change in (
        lambda: catalogue.rename("web", "other"),
        lambda: catalogue.tag("web", ["old"]),
        lambda: catalogue.pin("web"),
        lambda: catalogue.unpin("web"),
        lambda: catalogue.delete_all(catalogue.all_of("web")),
    ):
        with pytest.raises(UsageError, match="still being recorded"):
            change()
    metas = [entry.meta for entry in catalogue.list() if entry.meta is not None]
    assert {(meta.name, meta.tags, meta.pinned) for meta in metas} == {("web", (), False)}
    assert len(metas) == 3
    finish(writer)
    catalogue.pin("20260101-120000-aaaa")
    with pytest.raises(UsageError, match="pinned"):
        catalogue.delete_all(reversed(catalogue.all_of("web")))
    assert len(catalogue.list()) == 3


def test_an_interrupted_session_is_finished_before_it_is_renamed(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    fill(writer)
    writer.commit()
    writer.close()
    path = Catalogue(tmp_path).rename("demo", "rescued")
    assert path.name.endswith("abcd.perftui")
    assert (read_meta(path).name, read_meta(path).state) == ("rescued", SessionState.INTERRUPTED)
    assert verify(path) == []


def test_a_deleted_session_lies_in_the_trash_and_opens_there(three: Catalogue) -> None:
    target = three.delete("middle")
    assert ids(three) == [NEW, OLD]
    assert target == three.directory / "trash" / f"{MIDDLE}.perftui"
    assert open_session(target).meta.name == "middle"


def test_nothing_in_the_trash_is_overwritten(three: Catalogue) -> None:
    backup = three.directory.parent / "backup.perftui"
    shutil.copy(three.resolve("old"), backup)
    targets = set()
    for _ in range(3):
        shutil.copy(backup, three.directory / f"{OLD}.perftui")
        targets.add(three.delete(OLD))
    assert len(targets) == 3
    assert all(open_session(target).meta.id == OLD for target in targets)


def test_what_cannot_be_read_can_be_deleted(tmp_path: Path) -> None:
    (tmp_path / "broken.perftui").write_bytes(b"rubbish")
    (tmp_path / "torn.perftui.part").write_bytes(b"rubbish too")
    catalogue = Catalogue(tmp_path)
    assert catalogue.delete("broken").read_bytes() == b"rubbish"
    assert catalogue.delete("torn").read_bytes() == b"rubbish too"
    assert catalogue.list() == []


def test_search_looks_at_names_commands_and_tags(three: Catalogue) -> None:
    three.tag("old", ["Nightly"])
    assert [entry.id for entry in three.list() if "nightly" in entry.search_text] == [OLD]
    assert all("demo.py" in entry.search_text for entry in three.list())


def test_a_thousand_sessions_are_listed(tmp_path: Path) -> None:
    template = saved(tmp_path, "template", name="same")
    for i in range(999):
        shutil.copy(template, tmp_path / f"20260101-000000-{i:04d}.perftui")
    (tmp_path / "broken.perftui").write_bytes(b"rubbish")
    catalogue = Catalogue(tmp_path)
    assert len(catalogue.list()) == len(catalogue.list()) == 1001


HASTY = """
import sys
from pathlib import Path
from perftui.errors import PerftuiError
from perftui.storage.catalogue import Catalogue

catalogue = Catalogue(Path(sys.argv[1]))
for i in range(int(sys.argv[3])):
    try:
        catalogue.tag("shared", [sys.argv[2], str(i)])
        entry = catalogue.list()[0]
        assert entry.meta is not None or "in use" in entry.trouble, entry
    except PerftuiError as error:
        assert "in use" in str(error) or "locked" in str(error), error
"""


def test_several_programs_at_one_session_leave_it_sound(tmp_path: Path) -> None:
    path = saved(tmp_path, name="shared")
    root = Path(__file__).parents[2]
    children = [
        subprocess.Popen(
            [sys.executable, "-c", HASTY, str(tmp_path), str(number), "15"], cwd=root, stderr=subprocess.PIPE, text=True
        )
        for number in range(4)
    ]
    troubles = [child.communicate()[1] for child in children]
    assert [child.returncode for child in children] == [0, 0, 0, 0], troubles
    assert verify(path) == []
    Catalogue(tmp_path).tag("shared", ["last"])
    assert verify(path) == []
    assert read_meta(path).tags == ("last",)


def test_several_programs_that_bring_an_old_session_up_to_date_lose_no_change(tmp_path: Path) -> None:
    source = Path(__file__).parent / "version_1" / "20260102-030405-v1v1.perftui"
    root = Path(__file__).parents[2]
    for number in range(3):
        directory = tmp_path / str(number)
        directory.mkdir()
        path = Path(shutil.copy(source, directory))
        children = [
            subprocess.Popen(
                [sys.executable, "-c", CHANGING, str(directory), change], cwd=root, stderr=subprocess.PIPE, text=True
            )
            for change in ("tag", "pin", "rename")
        ]
        troubles = [child.communicate()[1] for child in children]
        assert [child.returncode for child in children] == [0, 0, 0], troubles
        meta = read_meta(path)
        assert (meta.name, meta.tags, meta.pinned) == ("renamed", ("tagged",), True)
        assert verify(path) == []
        assert [item.name for item in directory.iterdir()] == [path.name]


CHANGING = """
import sys
from pathlib import Path
from perftui.storage.catalogue import Catalogue

catalogue = Catalogue(Path(sys.argv[1]))
match sys.argv[2]:
    case "tag":
        catalogue.tag("20260102", ["tagged"])
    case "pin":
        catalogue.pin("20260102")
    case _:
        catalogue.rename("20260102", "renamed")
"""


def test_a_directory_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SessionError, match="cannot read the directory"):
        Catalogue(tmp_path / "file").list()
    with pytest.raises(PerftuiError):
        Catalogue(tmp_path / "file").resolve("x")


def test_a_directory_in_place_of_a_session_is_called_one(
    three: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xyz").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoDataError) as caught:
        three.resolve("xyz")
    assert "--sessions-dir" in caught.value.hint


@pytest.mark.parametrize("ref", ["~nobody-of-that-name/x", "x" * 5_000, "/x" * 5_000, "\0", "\udcff"])
def test_a_reference_that_no_file_can_have_is_just_unknown(three: Catalogue, ref: str) -> None:
    with pytest.raises(NoDataError):
        three.resolve(ref)


def test_a_file_behind_a_closed_door_is_a_session_that_cannot_be_read(
    three: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", closed)
    with pytest.raises(SessionError, match="Permission denied"):
        read_meta(three.resolve("/closed/one.perftui"))
