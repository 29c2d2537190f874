from __future__ import annotations

import hashlib
import random
import sqlite3
from pathlib import Path

import pytest

from perftui.errors import PerftuiError, SessionError
from perftui.storage.integrity import table_digest
from perftui.storage.session_file import open_session, verify
from tests.storage.sessions import saved


def flipped(content: bytes, chance: random.Random) -> bytes:
    spoiled = bytearray(content)
    bit = chance.randrange(len(spoiled) * 8)
    spoiled[bit // 8] ^= 1 << (bit % 8)
    return bytes(spoiled)


def mutated(content: bytes, chance: random.Random) -> bytes:
    spoiled = bytearray(content)
    page = 4096
    match chance.randrange(5):
        case 0:
            del spoiled[chance.randrange(len(spoiled)) :]
        case 1:
            for _ in range(chance.randrange(1, 40)):
                spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        case 2:
            one, other = (chance.randrange(len(spoiled) // page) * page for _ in range(2))
            spoiled[one : one + page], spoiled[other : other + page] = (
                spoiled[other : other + page],
                spoiled[one : one + page],
            )
        case 3:
            for _ in range(3):
                spoiled[chance.randrange(100)] = chance.randrange(256)
        case _:
            at = chance.randrange(len(spoiled))
            spoiled[at : at + chance.randrange(1, 3000)] = chance.randbytes(chance.randrange(3000))
    return bytes(spoiled)


def every_flip_is_noticed(directory: Path, flips: int) -> None:
    path = saved(directory)
    content = path.read_bytes()
    chance = random.Random(20260102)
    for _ in range(flips):
        path.write_bytes(flipped(content, chance))
        assert verify(path) != []


def every_mutation_is_a_sentence(directory: Path, mutations: int) -> None:
    path = saved(directory)
    content = path.read_bytes()
    chance = random.Random(20260103)
    refused = 0
    for _ in range(mutations):
        path.write_bytes(mutated(content, chance))
        try:
            list(open_session(path).history())
        except PerftuiError:
            refused += 1
        for beside in directory.glob("*-journal"):
            beside.unlink()
    assert refused > mutations // 4


def test_every_flipped_bit_is_noticed(tmp_path: Path) -> None:
    every_flip_is_noticed(tmp_path, 400)


def test_a_mutated_file_is_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    every_mutation_is_a_sentence(tmp_path, 600)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_every_flipped_bit_is_noticed_at_length(tmp_path: Path) -> None:
    every_flip_is_noticed(tmp_path, 10_000)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_mutated_file_is_read_or_refused_at_length(tmp_path: Path) -> None:
    every_mutation_is_a_sentence(tmp_path, 10_000)


def test_a_session_copied_in_the_middle_of_a_seal_is_still_vouched_for_by_its_tables(tmp_path: Path) -> None:
    from perftui.storage.connection import connect_editing
    from perftui.storage.integrity import write_digests

    path = saved(tmp_path)
    connection = connect_editing(path)
    write_digests(connection)
    connection.close()
    assert verify(path) == []


@pytest.mark.parametrize(("table", "batch"), [("frame", 1_000), ("source", 16)])
@pytest.mark.parametrize("rows", [0, 1, 9, 16, 1_000, 1_001, 2_000])
def test_a_digest_is_that_of_rows_in_lists_of_as_many_as_the_file_format_says(
    table: str, batch: int, rows: int
) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE {table}(id INTEGER PRIMARY KEY, text TEXT, data BLOB)")
    content = [(number, f"f\u00fcnf {number}", bytes([number % 256])) for number in range(rows)]
    connection.executemany(f"INSERT INTO {table} VALUES(?, ?, ?)", content)
    lists = "".join(ascii(content[at : at + batch]) for at in range(0, rows, batch))
    assert table_digest(connection, table) == hashlib.sha256(lists.encode("ascii")).digest()
    connection.close()


def test_a_torn_log_gives_the_session_as_it_was_at_an_earlier_commit(tmp_path: Path) -> None:
    import shutil

    from tests.storage.sessions import Recording, begin

    writer = begin(tmp_path / "live")
    recording = Recording()
    records = [recording.window("main;work", f"main;{i}") for i in range(30)]
    for record in records:
        writer.add_window(record)
        writer.commit()
    log = writer.path.with_name(f"{writer.path.name}-wal").read_bytes()
    chance = random.Random(20260106)
    for number in range(40):
        part = tmp_path / str(number) / writer.path.name
        part.parent.mkdir()
        shutil.copy(writer.path, part)
        torn = log[: chance.randrange(len(log))] + chance.randbytes(chance.choice((0, 3000)))
        part.with_name(f"{part.name}-wal").write_bytes(torn)
        session = open_session(part)
        assert list(session.records()) == records[: len(session.windows)]
        assert verify(session.path) == []
    writer.close()


def test_an_edit_that_was_cut_off_is_undone_on_opening(tmp_path: Path) -> None:
    import shutil
    import sqlite3

    path = saved(tmp_path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size=1")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE frame SET function=?", ("x" * 100_000,))
    # A copy of the file and its journal is what a kill at this moment would leave.
    copy = tmp_path / "copy.perftui"
    shutil.copy(path, copy)
    shutil.copy(f"{path}-journal", f"{copy}-journal")
    connection.execute("ROLLBACK")
    connection.close()

    assert open_session(copy).frames == open_session(path).frames


@pytest.mark.parametrize("change", ["count=9223372036854775807", "weight=1e308"])
def test_totals_that_no_sum_can_hold_are_damage(tmp_path: Path, change: str) -> None:
    path = saved(tmp_path)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(f"UPDATE cpu_total SET {change}")
    connection.close()
    with pytest.raises(SessionError, match="larger than any recording"):
        open_session(path)
