"""What goes by itself: the oldest, beyond what was set, and never what is pinned, running, a baseline or the newest."""

from __future__ import annotations

from pathlib import Path

import pytest

from perftui.errors import SessionWriteError
from perftui.model.session import WATCH
from perftui.recording.tidying import Tidying, tidy_parts, tidy_sessions
from perftui.recording.watch_plan import Keep
from perftui.storage import retention, trash
from perftui.storage.session_file import SessionWriter, read_meta
from tests.storage.sessions import begin, saved

GROUP = "20260105-120000-gggg"


def part(home: Path, number: int, **facts: object) -> Path:
    session = f"20260105-12{number:02}00-ppp{number}"
    created = f"2026-01-05T12:{number:02}:00+0000"
    return saved(
        home,
        session,
        name="web",
        created=created,
        group=GROUP,
        repeat_index=number,
        environment={WATCH: "yes"},
        **facts,
    )


def recorded_now(home: Path, number: int) -> SessionWriter:
    """A part that is being recorded."""
    session, created = f"20260105-12{number:02}00-ppp{number}", f"2026-01-05T12:{number:02}:00+0000"
    facts = {"created": created, "group": GROUP, "repeat_index": number, "environment": {WATCH: "yes"}}
    writer = begin(home, session, **facts)
    writer.commit()
    return writer


def numbers(home: Path) -> list[int]:
    return sorted(read_meta(path).repeat_index for path in home.glob("*.perftui"))


def test_of_a_watch_the_oldest_parts_go_for_good_and_what_is_pinned_stays(tmp_path: Path) -> None:
    alone = saved(tmp_path, "20260101-120000-aaaa", name="alone")
    for number in range(1, 6):
        part(tmp_path, number, pinned=number == 2)
    said = tidy_parts(tmp_path, GROUP, Keep(parts=2))
    assert said.startswith("2 parts, up to part 3, removed (")
    assert numbers(tmp_path) == [0, 2, 4, 5]
    assert alone.exists(), "another session is none of its parts"
    assert not list((tmp_path / "trash").glob("*.perftui"))
    assert tidy_parts(tmp_path, GROUP, Keep(parts=2)) == ""


def test_a_size_and_an_age_are_limits_of_parts_too(tmp_path: Path) -> None:
    files = [part(tmp_path, number) for number in (1, 2, 3)]
    assert tidy_parts(tmp_path, GROUP, Keep(size_bytes=files[-1].stat().st_size)).startswith("2 parts")
    assert numbers(tmp_path) == [3]
    assert tidy_parts(tmp_path, GROUP, Keep(age_s=1.0)).startswith("part 3 removed")


def test_the_part_that_is_recorded_counts_and_stays(tmp_path: Path) -> None:
    for number in (1, 2):
        part(tmp_path, number)
    running = recorded_now(tmp_path, 3)
    assert tidy_parts(tmp_path, GROUP, Keep(parts=1)).startswith("2 parts")
    assert running.path.exists()
    running.close()


def test_without_a_limit_nothing_is_looked_at_and_nothing_goes(tmp_path: Path) -> None:
    missing = tmp_path / "none"
    assert Tidying(missing, Keep()).said(0.0) == ""
    assert tidy_sessions(missing, Keep()) == ""
    assert tidy_parts(missing, GROUP, Keep()) == ""


def test_the_settings_remove_old_sessions_but_never_the_newest_a_baseline_or_what_is_recorded(tmp_path: Path) -> None:
    kept = saved(tmp_path, "20260102-120000-aaaa", name="main", baseline="main", pinned=True)
    saved(tmp_path, "20260103-120000-bbbb", name="old")
    part(tmp_path, 1)
    running = recorded_now(tmp_path, 2)
    newest = saved(tmp_path, "20260106-120000-cccc", name="new", created="2026-01-06T12:00:00+0000")
    assert Tidying(tmp_path, Keep(age_s=60.0)).said(30.0).startswith("retention: 2 old sessions removed (")
    assert kept.exists()
    assert newest.exists()
    assert numbers(tmp_path) == [0, 0], "parts of a watch go one by one"
    assert running.path.exists()
    running.close()


def test_a_watch_makes_room_by_its_own_oldest_parts_and_not_by_all_other_sessions(tmp_path: Path) -> None:
    others = [
        saved(tmp_path, f"20260106-12000{n}-aaaa", name=f"mine {n}", created="2026-01-05T12:08:30+0000") for n in (1, 2)
    ]
    files = [part(tmp_path, number) for number in range(1, 9)]
    running = recorded_now(tmp_path, 9)
    room = running.path.stat().st_size + 4 * max(file.stat().st_size for file in files)
    assert "removed (" in tidy_sessions(tmp_path, Keep(size_bytes=room))
    assert all(file.exists() for file in others)
    assert numbers(tmp_path)[-2:] == [7, 8], "the oldest parts went"
    assert tidy_sessions(tmp_path, Keep(parts=1)).startswith("retention: 2 old sessions"), "all parts count as one"
    assert numbers(tmp_path)[-2:] == [7, 8]
    running.close()


def test_one_session_that_cannot_be_removed_holds_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2, 3, 4):
        saved(tmp_path, f"20260101-12000{number}-aaaa", name=f"s{number}", created=f"2026-01-01T12:00:0{number}+0000")
    real = trash.throw_away

    def refuse(path: Path) -> Path:
        if path.name.startswith("20260101-120001"):
            raise SessionWriteError("the disk refuses")
        if path.name.startswith("20260101-120002"):
            # Another perftui is as fast.
            real(path)
        return real(path)

    monkeypatch.setattr(retention, "throw_away", refuse)
    said = tidy_sessions(tmp_path, Keep(parts=1))
    assert said.startswith("retention: 1 old session removed (")
    assert said.endswith("; the disk refuses")
    assert sorted(path.name[:15] for path in tmp_path.glob("*.perftui")) == ["20260101-120001", "20260101-120004"]
    there = [path.stat().st_size for path in (tmp_path / "trash").glob("*.perftui")]
    assert all(there), "no name is left without a session"
