from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from perftui.errors import SessionError, SessionWriteError, UsageError
from perftui.model.frame import Frame
from perftui.model.heap import HeapSnapshot, HeapView
from perftui.model.sample import Thread
from perftui.model.session import Event, EventKind, SessionState
from perftui.storage import writer as writer_module
from perftui.storage.session_file import complete_heap, open_session, verify
from tests.storage.heap_sessions import capture, heap, large_heap, timeline
from tests.storage.sessions import begin, fill, finish

PEAK = HeapView.HIGH_WATERMARK


def with_heap(directory: Path, *snapshots: HeapSnapshot) -> Path:
    """A finished session with these snapshots, a timeline and a capture."""
    writer = begin(directory, mode="memory")
    for snapshot in snapshots:
        writer.add_heap(snapshot)
        writer.commit()
    writer.add_timeline(timeline())
    writer.set_captures([capture()])
    return finish(writer, duration_s=9.0)


def test_what_memray_observed_is_read_back_as_it_was(tmp_path: Path) -> None:
    snapshots = (
        heap("main;load 200 3", "main;parse;item 50 10", at_s=1.0),
        heap("main;load 100 1", at_s=2.0),
        heap("main;parse 7 1", at_s=2.0, pid=101, thread=Thread(101, 101)),
        heap("main;load 300 9", view=PEAK, at_s=3.0),
        heap(view=HeapView.LEAKED, at_s=3.0),
        large_heap(3_000, at_s=4.0),
    )
    session = open_session(with_heap(tmp_path, *snapshots))

    assert session.heap == snapshots
    assert session.timelines == (timeline(),)
    assert session.captures == (capture(),)
    assert session.heap_dropped == 0
    assert verify(session.path) == []


def test_history_holds_heap_snapshots_in_their_place(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.add_heap(heap("main 1 1", at_s=0.1))
    fill(writer, windows=1)
    kinds = [type(thing).__name__ for thing in open_session(finish(writer)).history()]

    kinds = [kind for kind in kinds if kind not in ("ProcessReadings", "SeriesValues")]
    assert kinds[0] == kinds[-1] == "HeapSnapshot"
    assert kinds.count("HeapSnapshot") == 2
    assert kinds.count("WindowRecord") == 1


def test_of_what_is_held_all_snapshots_stay_and_of_other_views_the_newest(tmp_path: Path) -> None:
    views = [HeapView.HELD, PEAK, HeapView.HELD, PEAK, HeapView.LEAKED]
    given = [heap(f"main {i} 1", view=view, at_s=float(i)) for i, view in enumerate(views)]
    other_process = heap("main 9 1", view=PEAK, at_s=0.5, pid=7)
    session = open_session(with_heap(tmp_path, other_process, *given))

    assert session.heap == (other_process, given[0], given[2], given[3], given[4])


def test_views_are_replaced_before_they_are_stored_too(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    for i in range(5):
        writer.add_heap(heap(f"main {i} 1", view=PEAK))
    assert [snapshot.total_bytes for snapshot in open_session(finish(writer)).heap] == [4]


def test_the_newest_of_each_view_and_process_is_found_without_unpacking_the_rest(tmp_path: Path) -> None:
    snapshots = [heap(f"main {i} 1", at_s=float(i)) for i in range(4)]
    child = heap("main 7 1", at_s=1.0, pid=101)
    path = with_heap(tmp_path, *snapshots, child)
    spoil(path, "UPDATE heap_snapshot SET data=x'00' WHERE at_s IN (0.0, 2.0)")
    session = open_session(path)

    assert set(session.latest_heap()) == {snapshots[3], child}
    assert set(session.latest_heap(until_s=1.5)) == {snapshots[1], child}
    with pytest.raises(SessionError, match="damaged"):
        _ = session.heap


def test_a_killed_recorder_leaves_the_heap_that_was_committed(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.add_heap(heap("main;load 200 3", at_s=7.5))
    writer.commit()
    writer.add_heap(heap("main 1 1", at_s=8.5))
    writer.close()
    session = open_session(writer.path)

    assert session.meta.state is SessionState.INTERRUPTED
    assert session.meta.duration_s == 7.5
    assert session.heap == (heap("main;load 200 3", at_s=7.5),)
    assert verify(session.path) == []


UNSOUND = [
    replace(heap("main 5 1"), total_bytes=6),
    replace(heap("main 5 1"), allocations=2),
    replace(heap("main 5 1"), cells=()),
    replace(heap("main 5 1"), cells=((1, 1, 5, 1),)),
    replace(heap("main 5 1"), cells=((0, 2, 5, 1),)),
    replace(heap("main 5 1"), cells=((0, 1, 3, 1), (0, 1, 2, 0))),
    replace(heap("main 5 1"), cells=((0, 1, 6, 1), (0, 0, -1, 0))),
    replace(heap("main 5 1"), nodes=((1, 0),)),
    replace(heap("main 5 1"), nodes=((0, 1),)),
    replace(heap("main 5 1"), nodes=((-1, 0),)),
    replace(heap("main 5 1"), frames=()),
    replace(heap("main 5 1"), frames=(Frame("main", "app.py", 1 << 70),)),
    replace(heap("main 5 1"), functions=(replace(heap("main 5 1").functions[0], self_bytes=6),)),
    replace(heap("main 5 1"), functions=(replace(heap("main 5 1").functions[0], total_bytes=6),)),
    replace(heap("main 5 1"), functions=(replace(heap("main 5 1").functions[0], frame=1),)),
    replace(heap("main 5 1"), threads=(Thread(1 << 70, 1),)),
    replace(heap("main 5 1"), pid=1 << 70),
    replace(heap("main 5 1"), at_s=float("nan")),
    replace(heap("main 5 1"), refresh_s=float("inf")),
    replace(heap("main 5 1"), stacks=1 << 70),
    replace(heap("main 5 1"), reader_rss_bytes=-1),
]


@pytest.mark.parametrize("unsound", UNSOUND)
def test_a_snapshot_that_could_not_be_read_back_is_never_stored(tmp_path: Path, unsound: HeapSnapshot) -> None:
    session = open_session(with_heap(tmp_path, heap("main 1 1"), unsound, heap("main 2 1")))
    assert [snapshot.total_bytes for snapshot in session.heap] == [1, 2]
    assert session.heap_dropped == 1


def test_names_from_outside_are_stored_whatever_they_hold(tmp_path: Path) -> None:
    name = "\ud800half\0 日本語" + "x" * 100_000
    snapshot = replace(heap("main 5 1"), frames=(Frame(name, name, 3),), threads=(Thread(1, 2, name),))
    (read_back,) = open_session(with_heap(tmp_path, snapshot)).heap

    assert read_back.frames[0].function.startswith("\ufffdhalf\0 日本語x")
    assert read_back.threads[0].name == read_back.frames[0].file == read_back.frames[0].function
    assert len(read_back.threads[0].name) < 20_000


def test_what_is_said_of_captures_is_replaced_as_a_whole(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.set_captures([capture(1), capture(2)])
    writer.commit()
    told = [
        capture(3, complete=False, high_watermark_bytes=None, high_watermark_at_s=None, trouble="it was cut off"),
        capture(4, file="", native=True),
    ]
    writer.set_captures(told)
    assert open_session(finish(writer)).captures == tuple(told)


@pytest.mark.parametrize(
    "changes",
    [
        {"file": "../../etc/passwd"},
        {"file": "a/b.bin"},
        {"file": ".hidden"},
        {"sha256": "rubbish"},
        {"size_bytes": -1},
        {"leaked_bytes": 1 << 70},
        {"high_watermark_at_s": float("nan")},
    ],
)
def test_a_capture_of_impossible_facts_is_stored_without_them(tmp_path: Path, changes: dict[str, object]) -> None:
    writer = begin(tmp_path)
    writer.set_captures([replace(capture(5), **changes)])  # type: ignore[arg-type]
    (stored,) = open_session(finish(writer)).captures
    assert (stored.pid, stored.file, stored.complete) == (5, "", False)
    assert stored.trouble


def test_while_the_disk_refuses_the_heap_waits_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MAX_WAITING_HEAP_BYTES", 60_000)
    writer = begin(tmp_path)
    peak = heap("main;load 200 3", view=PEAK)
    snapshots = [large_heap(3_000, at_s=float(i)) for i in range(9)]
    with monkeypatch.context() as patch:
        patch.setattr(writer, "_store", refuse)
        writer.add_heap(peak)
        for snapshot in snapshots:
            writer.add_heap(snapshot)
            with pytest.raises(SessionWriteError):
                writer.commit()
    session = open_session(finish(writer))

    assert session.heap_dropped == writer.heap_dropped > 0
    assert session.heap == (peak, *snapshots[writer.heap_dropped :])


def refuse() -> None:
    raise sqlite3.OperationalError("database or disk is full")


def test_a_finished_session_takes_in_what_was_read_from_its_capture_later(tmp_path: Path) -> None:
    held, sampled = heap("main;load 200 3", at_s=1.0), heap("main;load 150 3", view=PEAK, at_s=1.0)
    path = with_heap(tmp_path, held, sampled)
    exact = heap("main;load 220 4", "main;late 7 1", view=PEAK, at_s=1.5)
    leaked = heap("main;late 7 1", view=HeapView.LEAKED, at_s=2.0)
    child = capture(101, sha256="cd" * 32)
    whole = capture(100, allocations=7)
    completed = complete_heap(path, snapshots=[exact, leaked], timelines=[timeline(points=9)], captures=[child, whole])

    session = open_session(path)
    assert completed == path
    assert session.heap == (held, exact, leaked)
    assert session.timelines == (timeline(points=9),)
    assert session.captures == (child, whole)
    assert verify(path) == []
    # Once more changes nothing.
    complete_heap(path, snapshots=[exact, leaked], timelines=[timeline(points=9)], captures=[child, whole])
    assert open_session(path).heap == session.heap


def test_an_interrupted_session_is_finished_before_it_takes_anything_in(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.add_event(Event(0.5, EventKind.MARK, "half way"))
    writer.commit()
    with pytest.raises(UsageError, match="still being recorded"):
        complete_heap(writer.path, snapshots=[heap("main 1 1")])
    writer.close()
    path = complete_heap(writer.path, snapshots=[heap("main 1 1")], captures=[capture()])
    session = open_session(path)

    assert session.meta.state is SessionState.INTERRUPTED
    assert session.heap == (heap("main 1 1"),)
    assert [type(thing).__name__ for thing in session.history()][-1] == "HeapSnapshot"
    assert verify(path) == []


def spoil(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE heap_snapshot SET total_bytes=total_bytes+1", "add up"),
        ("UPDATE heap_snapshot SET allocations=-1", "impossible"),
        ("UPDATE heap_snapshot SET view='unheard of'", "damaged"),
        ("UPDATE heap_snapshot SET frame_end=frame_end+9", "frames"),
        ("UPDATE heap_snapshot SET frame_end=0", "frames"),
        ("UPDATE heap_snapshot SET raw_bytes=raw_bytes+1", "shorter"),
        ("UPDATE heap_snapshot SET raw_bytes=4000000000", "larger"),
        ("UPDATE heap_snapshot SET at_s=9e999", "number"),
        ("UPDATE heap_snapshot SET data=x'00'", "damaged"),
        ("DELETE FROM heap_frame WHERE id=0", "heap_frame"),
        ("DELETE FROM heap_frame", "frames"),
        ("UPDATE heap_timeline SET points=points+1", "damaged"),
        ("UPDATE heap_timeline SET points=4000000000", "points"),
        ("UPDATE heap_timeline SET points=-1", "points"),
        ("UPDATE heap_timeline SET data=x'00'", "damaged"),
        ("UPDATE attachment SET file='../x'", "name"),
        ("UPDATE attachment SET sha256='ABC'", "digest"),
        ("UPDATE attachment SET kind='virus'", "attachment"),
        ("UPDATE attachment SET leaked_bytes=-5", "figure"),
        ("UPDATE attachment SET high_watermark_at_s=9e999", "number"),
    ],
)
def test_memory_tables_that_are_not_what_they_should_be_are_refused_with_one_sentence(
    tmp_path: Path, statement: str, words: str
) -> None:
    path = with_heap(tmp_path, heap("main;load 200 3"))
    spoil(path, statement)
    with pytest.raises(SessionError, match=words):
        _ = open_session(path).heap
    assert verify(path) != []


OLD = Path(__file__).parent / "version_1"
OLD_DONE, OLD_PART = OLD / "20260102-030405-v1v1.perftui", OLD / "20260102-030406-v1v2.perftui.part"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A session that a program made which knew nothing of memory."""
    return Path(shutil.copy(OLD_DONE, tmp_path))


def test_an_old_session_opens_and_is_not_touched(old: Path) -> None:
    before = old.read_bytes(), old.stat().st_mtime_ns
    session = open_session(old)

    assert (session.meta.name, session.meta.mode, session.sample_count) == ("old", "cpu", 9)
    assert len(list(session.history())) == 8
    assert (session.heap, session.timelines, session.captures) == ((), (), ())
    assert verify(old) == []
    assert (old.read_bytes(), old.stat().st_mtime_ns) == before


def test_an_old_session_opens_where_nothing_can_be_written(old: Path) -> None:
    old.chmod(0o400)
    old.parent.chmod(0o500)
    try:
        assert open_session(old).sample_count == 9
    finally:
        old.parent.chmod(0o700)


def test_an_old_interrupted_session_is_finished_as_one_of_today(tmp_path: Path) -> None:
    part = Path(shutil.copy(OLD_PART, tmp_path))
    session = open_session(part)

    assert (session.meta.state, session.sample_count) == (SessionState.INTERRUPTED, 9)
    assert session.path == tmp_path / "20260102-030406-v1v2.perftui"
    assert verify(session.path) == []


def test_an_old_session_that_is_changed_becomes_one_of_today(old: Path) -> None:
    before = open_session(old)
    complete_heap(old, snapshots=[heap("main 5 1")], captures=[capture()])
    session = open_session(old)

    assert list(session.records()) == list(before.records())
    assert session.totals() == before.totals()
    assert session.heap == (heap("main 5 1"),)
    assert verify(old) == []


def test_an_old_session_that_is_damaged_is_refused_with_one_sentence(old: Path) -> None:
    spoil(old, "UPDATE node SET parent=99 WHERE id=2")
    with pytest.raises(SessionError, match="node 2"):
        open_session(old)
    spoil(old, "CREATE TABLE heap_frame(id INTEGER)")
    with pytest.raises(SessionError, match="file format 1"):
        open_session(old)


def test_a_session_without_memory_holds_none(tmp_path: Path) -> None:
    session = open_session(finish(begin(tmp_path)))
    assert (session.heap, session.latest_heap(), session.timelines, session.captures) == ((), (), (), ())
