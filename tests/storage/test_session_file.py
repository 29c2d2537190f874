from __future__ import annotations

import sqlite3
import stat
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.analysis.aggregate import Aggregate, delta_of
from perftui.errors import ExitCode, NoDataError, SessionError, SessionWriteError
from perftui.model.frame import Frame
from perftui.model.reading import ResourceReading
from perftui.model.sample import Thread, WindowRecord
from perftui.model.session import Event, EventKind, OutputChunk, SessionState
from perftui.storage import writer as writer_module
from perftui.storage.session_file import SessionWriter, open_session, read_meta, verify
from tests.storage.heap_sessions import MAIN, capture, heap, timeline
from tests.storage.sessions import (
    Recording,
    as_stored,
    begin,
    fill,
    finish,
    held_verdict,
    looks,
    meta,
    operations,
    process_looks,
    saved,
    series_values,
    verdict,
)


def test_everything_that_was_written_is_read_back(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    records = fill(writer)
    session = open_session(finish(writer, duration_s=1.5))

    assert list(session.records()) == records
    assert session.readings == (
        ResourceReading(0.1, cpu_percent=50.0, rss_bytes=1e6),
        ResourceReading(0.9, threads=2.0),
    )
    assert session.looks == (looks(),)
    assert session.process_readings == as_stored(process_looks())
    assert session.events == (Event(0.5, EventKind.MARK, "half way", "demo"),)
    assert session.output == (OutputChunk(0.3, b"hello \xff\n"),)
    assert session.verdicts == (verdict(), held_verdict())
    assert session.operations == operations()
    assert tuple(session.series) == (series_values(),)
    assert session.heap == (heap("main;load 200 3", "main;parse;item 50 10", at_s=1.1),)
    assert session.timelines == (timeline(),)
    assert session.captures == (capture(),)
    assert session.meta == meta(state=SessionState.COMPLETE, duration_s=1.5)
    assert session.sample_count == 9


def test_history_is_in_the_order_in_which_things_were_stored(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    records = fill(writer)
    writer.commit()
    writer.add_reading(ResourceReading(2.0))
    session = open_session(finish(writer))

    kinds = [type(thing).__name__ for thing in session.history()]
    assert kinds == [
        "ResourceReading", *["WindowRecord"] * len(records), "ThreadLooks", "ResourceReading", "Event", "OutputChunk",
        "HeapSnapshot", *["ProcessReadings"] * 3, "SeriesValues", "ResourceReading",
    ]  # fmt: skip


def test_stored_totals_are_the_live_profiles_to_the_last_digit(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    live = Aggregate()
    recording = Recording()
    for i in range(50):
        record = recording.window("main;work", "main", f"main;{i % 7}", "main;work")
        live.apply(delta_of(record, after_s=live.end_s))
        assert writer.add_window(record).samples() == record.samples
    unfinished = open_session(writer_committed(writer))
    session = open_session(finish(writer))

    as_live = {(thread, leaf): (weight, count) for thread, leaf, weight, count in session.totals()}
    assert as_live == live.leaf_weights
    assert unfinished.totals() == session.totals()


def writer_committed(writer: SessionWriter) -> Path:
    writer.commit()
    return writer.path


def test_a_finished_session_is_one_private_file(tmp_path: Path) -> None:
    path = saved(tmp_path / "sessions")

    assert [item.name for item in path.parent.iterdir()] == ["20260102-030405-abcd.perftui"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert verify(path) == []


def test_a_session_that_is_being_recorded_opens_as_it_is_now(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    records = fill(writer)
    writer.commit()
    writer.add_event(Event(1.0, EventKind.MARK, "not yet stored"))

    session = open_session(writer.path)
    assert session.meta.state is SessionState.RECORDING
    assert list(session.records()) == records
    assert len(session.events) == 1
    assert verify(writer.path) == []
    # Reading it disturbed nothing.
    assert open_session(finish(writer)).meta.state is SessionState.COMPLETE


def test_a_recorder_that_died_leaves_an_interrupted_session(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    records = fill(writer)
    writer.commit()
    writer.close()
    part = writer.path

    assert read_meta(part).state is SessionState.INTERRUPTED
    session = open_session(part)
    assert session.path == tmp_path / "20260102-030405-abcd.perftui"
    assert not part.exists()
    assert session.meta.state is SessionState.INTERRUPTED
    assert session.meta.duration_s == records[-1].end_s
    assert list(session.records()) == records
    assert verify(session.path) == []
    # Either name finds it from now on.
    assert open_session(part).meta == session.meta


def test_a_recorder_that_died_after_its_last_transaction_left_a_complete_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = begin(tmp_path)
    fill(writer)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("perftui.storage.finish._fold_log", die)
        with pytest.raises(KeyboardInterrupt):
            finish(writer, duration_s=1.5)
    writer.close()

    session = open_session(writer.path)
    assert session.meta.state is SessionState.COMPLETE
    assert verify(session.path) == []


def test_a_discarded_session_leaves_nothing(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    fill(writer)
    writer.commit()
    writer.discard()
    assert list(tmp_path.iterdir()) == []
    # A finished one is not taken back.
    writer = begin(tmp_path)
    path = finish(writer)
    writer.discard()
    assert path.exists()


def test_a_file_system_without_shared_memory_holds_sessions_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_log(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode=TRUNCATE")

    monkeypatch.setattr("perftui.storage.connection._use_write_ahead_log", no_log)
    writer = begin(tmp_path)
    records = fill(writer)
    writer.commit()
    assert list(open_session(writer.path).records()) == records
    writer.close()
    interrupted = open_session(writer.path)
    assert interrupted.meta.state is SessionState.INTERRUPTED
    assert verify(interrupted.path) == []


def test_an_empty_session_is_a_session(tmp_path: Path) -> None:
    session = open_session(finish(begin(tmp_path)))

    assert session.sample_count == 0
    assert list(session.history()) == []
    assert session.totals() == ()
    assert verify(session.path) == []


def test_a_second_writer_of_the_same_session_is_refused(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    with pytest.raises(SessionWriteError, match="being recorded"):
        begin(tmp_path)
    finish(writer)
    with pytest.raises(SessionWriteError, match="already"):
        begin(tmp_path)


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    names = [begin(tmp_path, f"20260102-030405-aaa{i}").meta.name for i in range(3)]
    assert names == ["demo", "demo-2", "demo-3"]


def test_an_id_cannot_lead_out_of_the_directory(tmp_path: Path) -> None:
    with pytest.raises(SessionWriteError):
        begin(tmp_path, "../escaped")


def test_finishing_twice_is_finishing_once(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    assert finish(writer) == finish(writer) == writer.path


def test_names_from_outside_are_stored_whatever_they_hold(tmp_path: Path) -> None:
    names = ["a\0b", "\x1b[31m", "日本語", "\ud800half", "x" * 100_000, "'; DROP TABLE frame; --", ""]
    writer = begin(tmp_path, name="näme", note="\udcff", command=("\udcff",))
    frames = tuple(Frame(name, name, 2**31 - 1) for name in names)
    nodes = tuple((i, i) for i in range(len(names)))
    writer.add_window(
        WindowRecord(0, 1, 0.01, frames, nodes, (Thread(1, 2**40, "\ud800"),), ((0, array("I", [len(names)])),))
    )
    writer.add_event(Event(0, EventKind.SAMPLER, "\udcff", "x" * 100_000))
    stacks = "\n".join(f"work_{number} (app.py:1)" for number in range(20_000))
    writer.add_event(Event(1, EventKind.ALERT, stacks, "alerts.cpu"))
    session = open_session(finish(writer))

    read_back = [frame.function for frame in session.frames]
    assert read_back[:3] == names[:3]
    assert read_back[3] == "\ufffdhalf"
    assert len(read_back[4]) < 20_000
    assert read_back[5:] == names[5:]
    assert session.meta.note == "\udcff"
    assert session.events[1].text == stacks, "a snapshot of many threads is kept as a whole"


def test_output_is_kept_from_its_beginning_and_the_rest_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "MAX_OUTPUT_BYTES", 10)
    writer = begin(tmp_path)
    for i in range(5):
        writer.add_output(OutputChunk(float(i), b"abcd"))
        writer.commit()
    session = open_session(finish(writer))

    assert b"".join(chunk.data for chunk in session.output) == b"abcdabcdab"
    assert session.output_dropped_bytes == 10


def test_output_in_small_pieces_becomes_few_rows(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    for i in range(1_000):
        writer.add_output(OutputChunk(i / 10_000, b"x"))
    session = open_session(finish(writer))

    assert len(session.output) <= 3
    assert b"".join(chunk.data for chunk in session.output) == b"x" * 1_000


def test_many_readings_fill_blocks_and_none_is_lost_or_doubled(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    readings = [ResourceReading(float(i), cpu_percent=float(i)) for i in range(400)]
    for i, reading in enumerate(readings):
        writer.add_reading(reading)
        if i % 7 == 0:
            writer.commit()
    assert open_session(finish(writer)).readings == tuple(readings)


frames = st.builds(
    Frame,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.sampled_from(["", "a.py"]),
    st.integers(0, 9),
)


@st.composite
def recordings(draw: st.DrawFn) -> list[WindowRecord]:
    records = []
    frame_count = node_count = thread_count = 0
    at_s = 0.0
    for _ in range(draw(st.integers(0, 4))):
        new_frames = draw(st.lists(frames, max_size=3))
        frame_count += len(new_frames)
        new_nodes = []
        for _ in range(draw(st.integers(0, 4)) if frame_count else 0):
            new_nodes.append((draw(st.integers(0, node_count)), draw(st.integers(0, frame_count - 1))))
            node_count += 1
        new_threads = [Thread(1, thread_count + i) for i in range(draw(st.integers(0, 2)))]
        thread_count += len(new_threads)
        threads = draw(st.lists(st.integers(0, thread_count - 1), unique=True)) if thread_count else []
        leaves = st.lists(st.integers(0, node_count), max_size=8)
        records.append(
            WindowRecord(
                start_s=at_s,
                end_s=(at_s := at_s + draw(st.floats(0, 10))),
                interval_s=draw(st.floats(1e-6, 10)),
                frames=tuple(new_frames),
                nodes=tuple(new_nodes),
                threads=tuple(new_threads),
                samples=tuple((thread, array("I", draw(leaves))) for thread in threads),
                failed=draw(st.integers(0, 5)),
                late_s=draw(st.floats(0, 1)),
                approximate=draw(st.booleans()),
            )
        )
    return records


@settings(max_examples=40)
@given(recordings(), st.data())
def test_any_recording_survives_any_rhythm_of_commits(
    tmp_path_factory: pytest.TempPathFactory, records: list[WindowRecord], data: st.DataObject
) -> None:
    writer = begin(tmp_path_factory.mktemp("any"))
    for record in records:
        writer.add_window(record)
        if data.draw(st.booleans()):
            writer.commit()
    session = open_session(finish(writer))

    assert list(session.records()) == records
    assert verify(session.path) == []


class Faulty:
    """A database connection that refuses to commit while it is told to."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.refuse = True
        self._connection = connection

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def execute(self, sql: str, *arguments: tuple[str, ...]) -> sqlite3.Cursor:
        if self.refuse and sql == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(sql, *arguments)


def refused(writer: SessionWriter) -> Faulty:
    faulty = Faulty(writer._connection)
    writer._connection = faulty  # type: ignore[assignment]
    return faulty


def test_what_the_disk_refuses_waits_and_is_stored_later(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    faulty = refused(writer)
    records = fill(writer)
    for _ in range(3):
        with pytest.raises(SessionWriteError, match="full"):
            writer.commit()
    faulty.refuse = False
    writer.commit()
    session = open_session(finish(writer))

    assert list(session.records()) == records
    assert len(session.readings) == 2
    assert session.windows_dropped == 0


def test_what_waits_for_the_disk_is_bounded_and_the_loss_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "MAX_WAITING_BYTES", 200)
    writer = begin(tmp_path)
    faulty = refused(writer)
    recording = Recording()
    records = [recording.window("main;work", f"main;{i}") for i in range(50)]
    for record in records:
        writer.add_window(record)
        with pytest.raises(SessionWriteError):
            writer.commit()
    faulty.refuse = False
    session = open_session(finish(writer))

    kept = list(session.records())
    assert session.windows_dropped == 50 - len(kept) > 0
    # The newest are kept, and every stack in them can still be told.
    assert [record.samples for record in kept] == [record.samples for record in records[-len(kept) :]]
    assert session.nodes == tuple(node for record in records for node in record.nodes)


def test_a_recording_is_checkpointed_on_a_timer(tmp_path: Path) -> None:
    now = 0.0
    writer = SessionWriter.create(tmp_path, meta(), clock=lambda: now)
    log = writer.path.with_name(f"{writer.path.name}-wal")
    recording = Recording()
    size = 0
    for i in range(40):
        now += 1.0
        writer.add_window(recording.window(*(f"main;{i};{k}" for k in range(50))))
        writer.commit()
        size = max(size, log.stat().st_size)
        if i == 9:
            first_period = size
    # Once checkpointed, the log is written again from its beginning instead of growing.
    assert size < 2 * first_period
    writer.close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(b""), "not a perftui session"),
        (lambda path: path.write_bytes(b"just text, no database at all" * 100), "not a perftui session"),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), "damaged"),
        (lambda path: sql(path, "PRAGMA user_version=99"), "newer perftui"),
        (lambda path: sql(path, "PRAGMA application_id=1"), "not a perftui session"),
        (lambda path: sql(path, "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM meta; END"), "tables"),
        (lambda path: sql(path, "CREATE VIEW v AS SELECT 1"), "tables"),
        (lambda path: sql(path, "DROP TABLE event", "CREATE VIEW event AS SELECT 1 AS seq"), "tables"),
        (lambda path: sql(path, "DROP TABLE look"), "tables"),
        (
            lambda path: sql(
                path,
                "PRAGMA writable_schema=ON",
                "UPDATE sqlite_schema SET sql=CAST(x'ff' AS TEXT) WHERE name='look'",
            ),
            "damaged",
        ),
        (lambda path: sql(path, "DELETE FROM meta WHERE key='id'"), "no id"),
        (lambda path: sql(path, "UPDATE meta SET value='[[' WHERE key='name'"), "damaged"),
        (lambda path: sql(path, "UPDATE meta SET value='7' WHERE key='name'"), "name"),
        (lambda path: sql(path, "UPDATE meta SET value='NaN' WHERE key='duration_s'"), "duration_s"),
        (lambda path: sql(path, f"UPDATE meta SET value='{'[' * 100_000}' WHERE key='tags'"), "damaged"),
        (lambda path: sql(path, "UPDATE node SET parent=99 WHERE id=2"), "node 2"),
        (lambda path: sql(path, "UPDATE node SET frame=99 WHERE id=2"), "node 2"),
        (lambda path: sql(path, "UPDATE node SET parent=2 WHERE id=2"), "node 2"),
        (lambda path: sql(path, "DELETE FROM frame WHERE id=1"), "frame"),
        (lambda path: sql(path, "UPDATE cpu_chunk SET samples=samples+1"), "damaged"),
        (lambda path: sql(path, "UPDATE cpu_chunk SET samples=1000000000000"), "damaged"),
        (lambda path: sql(path, "UPDATE cpu_chunk SET node_end=node_end+100"), "window"),
        (lambda path: sql(path, "UPDATE cpu_chunk SET interval_s=0"), "window"),
        (lambda path: sql(path, "UPDATE cpu_chunk SET end_s=9e999"), "number"),
        (lambda path: sql(path, "UPDATE cpu_chunk SET data=x'00'"), "damaged"),
        (lambda path: sql(path, "UPDATE metric_chunk SET readings=4000000000"), "damaged"),
        (lambda path: sql(path, "UPDATE event SET kind='unheard of'"), "damaged"),
        (lambda path: sql(path, "UPDATE event SET text=CAST(x'ff' AS TEXT)"), "damaged"),
        (lambda path: sql(path, "UPDATE verdict SET unit='furlong'"), "damaged"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be_is_refused_with_one_sentence(
    tmp_path: Path, spoil: Callable[[Path], object], words: str
) -> None:
    path = saved(tmp_path)
    spoil(path)
    with pytest.raises(SessionError, match=words) as caught:
        list(open_session(path).records())
    assert caught.value.exit_code is ExitCode.SESSION_UNREADABLE
    assert verify(path) != []


def sql(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_a_decompression_bomb_goes_off_in_no_ones_memory(tmp_path: Path) -> None:
    import zlib

    path = saved(tmp_path)
    bomb = zlib.compress(bytes(200 << 20), 9)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE look SET data=?", (bomb,))
    connection.execute("UPDATE cpu_chunk SET data=?", (bomb,))
    connection.close()
    with pytest.raises(SessionError, match="longer"):
        open_session(path)


def test_a_missing_file_and_a_directory_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NoDataError):
        open_session(tmp_path / "none.perftui")
    with pytest.raises(SessionError, match="not a file"):
        open_session(tmp_path)


def test_a_file_name_with_url_characters_is_a_file_name(tmp_path: Path) -> None:
    path = saved(tmp_path).rename(tmp_path / "100% odd?mode=rwc#name.perftui")
    assert open_session(path).sample_count == 9


def test_opening_a_session_does_not_write_to_it(tmp_path: Path) -> None:
    path = saved(tmp_path)
    before = path.read_bytes(), path.stat().st_mtime_ns
    open_session(path)
    verify(path)
    read_meta(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_meta_data_that_a_recorder_sets_is_there_after_the_next_commit(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.set_meta(replace(writer.meta, pid=7, tags=("a",)))
    writer.commit()
    assert read_meta(writer.path).pid == 7
    assert MAIN.pid == 100
    writer.close()
