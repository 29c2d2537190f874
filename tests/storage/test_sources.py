"""Source files come back as they were given, and what is spoiled is refused."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import SessionError
from perftui.model.source_file import MOST_BYTES, MOST_FILES, SourceFile
from perftui.storage.chunks import ChunkError
from perftui.storage.meta_table import write_meta
from perftui.storage.schema import create_schema
from perftui.storage.session_file import open_session, verify
from perftui.storage.source_table import SourceShelf, pack_source, unpack_source
from tests.storage.sessions import TEXT, begin, finish, meta, saved, source_files

EMPTY = hashlib.sha256(b"").hexdigest()


@given(data=st.binary(max_size=2_000))
def test_any_file_comes_back_as_it_was_packed(data: bytes) -> None:
    assert (
        unpack_source(SourceFile("a.py", hashlib.sha256(data).hexdigest(), len(data), True, pack_source(data))) == data
    )


@given(packed=st.binary(max_size=200), size=st.integers(0, MOST_BYTES))
def test_what_was_not_packed_is_refused(packed: bytes, size: int) -> None:
    with pytest.raises(ChunkError):
        unpack_source(SourceFile("a.py", EMPTY, size or 1, True, packed))


def test_sources_come_back_and_the_last_word_about_a_file_counts(tmp_path: Path) -> None:
    kept, known = source_files()
    writer = begin(tmp_path)
    writer.add_source(kept)
    writer.commit()
    writer.add_source(known)
    writer.add_source(replace(kept, steady=False))
    session = open_session(finish(writer))
    assert session.sources == (replace(kept, steady=False), known)
    assert unpack_source(session.sources[0]) == TEXT
    assert verify(session.path) == []


def test_no_session_tells_of_more_files_than_it_may(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    for number in range(MOST_FILES + 10):
        writer.add_source(SourceFile(f"/srv/{number}.py", EMPTY, 0, True))
    assert len(open_session(finish(writer)).sources) == MOST_FILES


def test_what_waits_for_a_disk_that_refuses_is_stored_later() -> None:
    shelf = SourceShelf()
    shelf.add(source_files()[0])
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError):
        shelf.store(connection)
    assert shelf.has_news
    create_schema(connection)
    shelf.store(connection)
    shelf.forget_stored()
    assert not shelf.has_news
    assert connection.execute("SELECT count(*) FROM source").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_session_opens_without_sources_and_is_not_touched(tmp_path: Path, version: int) -> None:
    path = tmp_path / "20260102-030405-abcd.perftui"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    create_schema(connection, version)
    write_meta(connection, meta())
    connection.execute("COMMIT")
    connection.close()
    before = path.read_bytes()
    assert open_session(path).sources == ()
    assert path.read_bytes() == before


def spoiled(directory: Path, statement: str, *values: object) -> Path:
    path = saved(directory)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement, values)
    connection.close()
    return path


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE source SET sha256='x'", "impossible"),
        ("UPDATE source SET sha256=upper(sha256)", "impossible"),
        ("UPDATE source SET size_bytes=-1", "impossible"),
        ("UPDATE source SET size_bytes=9223372036854775807", "impossible"),
        ("UPDATE source SET data=zeroblob(3000000)", "larger than it says"),
        ("UPDATE source SET id=id+1 WHERE id=1", "lacks"),
        (
            "WITH RECURSIVE n(i) AS (VALUES(2) UNION ALL SELECT i+1 FROM n WHERE i<40) "
            "INSERT INTO source SELECT i, i, sha256, 2097152, 1, x'00' FROM n, source WHERE id=0",
            "more source",
        ),
        (
            "WITH RECURSIVE n(i) AS (VALUES(2) UNION ALL SELECT i+1 FROM n WHERE i<2100) "
            "INSERT INTO source SELECT i, i, sha256, 1, 1, NULL FROM n, source WHERE id=0",
            "more than",
        ),
    ],
)
def test_a_table_of_sources_that_is_not_what_it_should_be_is_refused_with_one_sentence(
    tmp_path: Path, statement: str, words: str
) -> None:
    path = spoiled(tmp_path, statement)
    with pytest.raises(SessionError, match=words):
        open_session(path)
    assert verify(path) != []


@pytest.mark.parametrize(
    "data", [zlib.compress(bytes(50 << 20)), b"nothing", zlib.compress(TEXT.upper())], ids=["bomb", "rubbish", "other"]
)
def test_a_bomb_and_another_text_open_but_are_never_taken_for_what_ran(tmp_path: Path, data: bytes) -> None:
    path = spoiled(tmp_path, "UPDATE source SET data=?, size_bytes=? WHERE id=0", data, max(len(TEXT), len(data)))
    with pytest.raises(ChunkError):
        unpack_source(open_session(path).sources[0])
    troubles = verify(path)
    assert "the source that is kept of /srv/shop.py is not what ran" in troubles
    assert "table source is not as it was written" in troubles
