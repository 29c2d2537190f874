"""Processes and their readings come back as they were given, and what is spoiled is refused."""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import SessionError
from perftui.model.process import Process, ProcessReading, ProcessReadings
from perftui.storage import process_shelf
from perftui.storage.chunks import ChunkError
from perftui.storage.process_chunks import PackedLook, pack_looks, unpack_looks
from perftui.storage.schema import create_schema
from perftui.storage.session_file import open_session, verify
from tests.storage.sessions import as_stored, begin, finish, meta, process_looks, saved

values = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))
rows = st.lists(st.tuples(st.integers(0, 9), st.tuples(values, values, values, values)), max_size=6)
looks = st.lists(
    st.builds(PackedLook, st.integers(0, 2**60), st.floats(0, 1e6), st.integers(0, 1000), rows.map(tuple)), max_size=6
)


@given(looks)
def test_looks_are_unpacked_as_they_were_packed(given_looks: list[PackedLook]) -> None:
    assert unpack_looks(pack_looks(given_looks), processes=10) == given_looks


@given(st.binary(max_size=80))
def test_any_content_is_unpacked_or_refused(raw: bytes) -> None:
    for data in (raw, zlib.compress(raw), zlib.compress(b"\1\0\0\0" + raw)):
        try:
            unpack_looks(data, processes=2)
        except ChunkError:
            continue


def test_many_looks_come_back_block_by_block_however_they_were_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_shelf, "LOOKS_A_BLOCK", 4)
    monkeypatch.setattr(process_shelf, "ROWS_A_BLOCK", 6)
    writer = begin(tmp_path)
    given_looks: list[ProcessReadings] = []
    for number in range(23):
        process = Process(200 + number, float(number), 200, "worker", ("python", f"{number}.py"))
        readings = tuple(ProcessReading((200 + i, float(i)), 1.0 * number) for i in range(number % 4) if i < number)
        given_looks.append(ProcessReadings(float(number), (process,), readings))
        writer.add_processes(given_looks[-1])
        if number % 3 == 0:
            writer.commit()
    growing = open_session(writer.path)
    assert growing.process_readings == tuple(given_looks[:22])
    session = open_session(finish(writer))
    assert session.process_readings == tuple(given_looks)
    assert [process.pid for process in session.processes] == list(range(200, 223))
    assert verify(session.path) == []


def test_a_process_that_is_known_better_later_is_stored_as_it_was_known_last(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    young = Process(7, 1.0, 1, "sh", ("sh",))
    writer.add_processes(ProcessReadings(1.0, (young,)))
    writer.commit()
    writer.add_processes(ProcessReadings(2.0, (replace(young, command=("python", "x" * 20_000)),)))
    writer.add_processes(ProcessReadings(3.0, (replace(young, command=("python",), ended_s=3.0, exit_code=1),)))
    session = open_session(finish(writer))
    [process] = session.processes
    assert process == Process(7, 1.0, 1, "sh", ("python",), 3.0, 1)
    first, _, last = session.process_readings
    assert first.news == (replace(process, ended_s=None, exit_code=None),)
    assert last.news == (process,)


def test_a_session_of_version_2_opens_without_processes_and_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "20260102-030405-abcd.perftui"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    create_schema(connection, 2)
    from perftui.storage.meta_table import write_meta

    write_meta(connection, meta())
    connection.execute("COMMIT")
    connection.close()
    before = path.read_bytes()
    session = open_session(path)
    assert (session.processes, session.process_readings) == ((), ())
    assert path.read_bytes() == before


def test_processes_of_a_look_that_the_disk_refused_for_too_long_are_told_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_shelf, "MOST_WAITING", 2)
    writer = begin(tmp_path)
    for pid in range(5):
        writer.add_processes(ProcessReadings(float(pid), (Process(pid, 0.0),), ()))
    session = open_session(finish(writer))
    assert [look.at_s for look in session.process_readings] == [3.0, 4.0]
    assert [process.pid for look in session.process_readings for process in look.news] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE process SET pid=-1", "impossible"),
        ("UPDATE process SET exit_code=9223372036854775807", "impossible"),
        ("UPDATE process SET created_s=9e999", "number"),
        ("UPDATE process SET command='{}'", "command"),
        ("UPDATE process SET command='['", "damaged"),
        ("UPDATE process SET command='[1]'", "command"),
        ("DELETE FROM process WHERE id=1", "does not hold"),
        ("UPDATE process_reading SET data=x'00'", "damaged"),
        ("UPDATE process_reading SET looks=2", "does not hold"),
        ("INSERT INTO process_reading SELECT id+1, looks, data FROM process_reading", "out of order"),
    ],
)
def test_tables_of_processes_that_are_not_what_they_should_be_are_refused_with_one_sentence(
    tmp_path: Path, statement: str, words: str
) -> None:
    path = saved(tmp_path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()
    with pytest.raises(SessionError, match=words):
        open_session(path)
    assert verify(path) != []


def test_what_was_stored_of_processes_is_vouched_for(tmp_path: Path) -> None:
    path = saved(tmp_path)
    assert open_session(path).process_readings == as_stored(process_looks())
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE process SET name='other'")
    connection.close()
    assert "table process is not as it was written" in verify(path)
