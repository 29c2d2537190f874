from __future__ import annotations

import os
import random
import sqlite3
from pathlib import Path

import pytest

from perftui.errors import SessionError
from perftui.storage.migrations import bring_up_to_date
from perftui.storage.schema import SCHEMA_VERSION
from perftui.storage.session_file import open_session, verify
from tests.storage.sessions import saved


def add_colour(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE colour(id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
    connection.execute("INSERT INTO colour VALUES(0, 'red')")


def columns(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_file_of_this_version_is_left_alone(tmp_path: Path) -> None:
    path = saved(tmp_path)
    before = path.read_bytes()
    assert not bring_up_to_date(path)
    assert path.read_bytes() == before


def test_an_older_file_is_replaced_by_its_migrated_copy(tmp_path: Path) -> None:
    path = saved(tmp_path)
    frames = columns(path, "SELECT * FROM frame")
    assert bring_up_to_date(path, migrations={SCHEMA_VERSION: add_colour}, version=SCHEMA_VERSION + 1)

    assert columns(path, "SELECT name FROM colour") == [("red",)]
    assert columns(path, "SELECT * FROM frame") == frames
    assert columns(path, "PRAGMA user_version") == [(SCHEMA_VERSION + 1,)]
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    # To a program of the version before, it is a newer file.
    with pytest.raises(SessionError, match="newer"):
        open_session(path)


def test_a_migration_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = saved(tmp_path)

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM frame")
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(SessionError, match="full"):
        bring_up_to_date(path, migrations={SCHEMA_VERSION: fail}, version=SCHEMA_VERSION + 1)
    assert verify(path) == []
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process to kill")
def test_a_migration_that_is_killed_leaves_the_old_file(tmp_path: Path) -> None:
    path = saved(tmp_path)

    def die(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM frame")
        os._exit(9)

    child = os.fork()
    if child == 0:
        bring_up_to_date(path, migrations={SCHEMA_VERSION: die}, version=SCHEMA_VERSION + 1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert verify(path) == []


def test_an_old_file_that_is_damaged_is_called_so_when_it_is_changed(tmp_path: Path) -> None:
    source = Path(__file__).parent / "version_1" / "20260102-030405-v1v1.perftui"
    path = tmp_path / source.name
    content = source.read_bytes()
    chance = random.Random(20260108)
    words: set[str] = set()
    for _ in range(60):
        spoiled = bytearray(content)
        for _ in range(30):
            spoiled[chance.randrange(4096, len(spoiled))] = chance.randrange(256)
        path.write_bytes(spoiled)
        try:
            bring_up_to_date(path)
        except SessionError as error:
            words.add(str(error).partition(":")[0])
        assert [item.name for item in tmp_path.iterdir()] == [path.name]
    assert words <= {f"{path} is damaged", f"{path} is not a perftui session"}
    assert words
