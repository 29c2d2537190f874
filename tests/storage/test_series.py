"""Application metrics: stored in blocks, read back as they were, and refused where they do not add up."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
import struct
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import SessionError
from perftui.model.derivation import DERIVED, MOST_DERIVED
from perftui.model.series import Series, SeriesKind, SeriesValues
from perftui.storage import series_table
from perftui.storage.schema import SCHEMA_VERSION, VERSION_6_DDL, version_of
from perftui.storage.series_table import LOOKS_A_BLOCK, SeriesShelf, read_series
from perftui.storage.session_file import open_session, verify
from perftui.units import Unit
from tests.storage.sessions import begin, finish, series_values

DEMO_SESSION = Path(__file__).parents[1] / "fixtures" / "sessions" / "demo.perftui"
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
series = st.builds(
    Series,
    names,
    st.sampled_from(["", "shop"]),
    st.sampled_from(SeriesKind),
    st.lists(st.tuples(names, names), max_size=2, unique_by=lambda pair: pair[0]).map(tuple),
    st.sampled_from(Unit),
)
values = st.floats(-1e100, 1e100)
looks = st.lists(
    st.builds(SeriesValues, values, st.lists(st.tuples(series, values), min_size=1, max_size=4).map(tuple)), max_size=6
)


@given(looks)
def test_values_come_back_as_they_were_whatever_is_committed_when(seen: list[SeriesValues]) -> None:
    numbers = iter(range(len(seen)))
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in VERSION_6_DDL:
            connection.execute(statement)
        shelf = SeriesShelf(lambda: next(numbers))
        for at, look in enumerate(seen):
            shelf.add(look)
            shelf.store(connection)
            if at % 2:
                connection.commit()
                shelf.forget_stored()
            else:
                # The disk has refused: the same is stored again with the next commit.
                connection.rollback()
        shelf.store(connection)
        found = read_series(connection)
    assert tuple(found) == tuple(seen)
    assert len(found) == len(seen)
    assert [seq for seq, _ in found.numbered()] == list(range(len(seen)))


def test_a_session_holds_metrics_and_verifies(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    given_looks = [series_values(float(at)) for at in range(3 * LOOKS_A_BLOCK // 2)]
    for at, look in enumerate(given_looks):
        writer.add_series(look)
        if at % 50 == 0:
            writer.commit()
    growing = open_session(writer.path)
    path = finish(writer)
    session = open_session(path)
    assert list(growing.series) == given_looks[: len(growing.series)] != []
    assert list(session.series) == given_looks
    assert [one.unit for one in session.series.named] == [Unit.BYTES, Unit.COUNT]
    assert verify(path) == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM application_chunk").fetchone() == (2,)


def test_what_cannot_be_read_back_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_table, "MOST_SERIES", 1 + MOST_DERIVED)
    derived = Series("p95", DERIVED)
    writer = begin(tmp_path)
    kept = Series("kept")
    writer.add_series(
        SeriesValues(1.0, ((Series("half \udc80"), 1.0), (Series("x" * 20_000), 1.0), (kept, math.nan), (kept, -1e101)))
    )
    writer.add_series(SeriesValues(math.inf, ((kept, 1.0),)))
    writer.add_series(SeriesValues(2.0, ((kept, 2.0), (Series("one too many"), 1.0), (derived, 4.0))))
    assert writer.series_left_out == 3
    assert tuple(open_session(finish(writer)).series) == (SeriesValues(2.0, ((kept, 2.0), (derived, 4.0))),)


def test_while_the_disk_refuses_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_table, "MOST_WAITING", 3)
    numbers = iter(range(10))
    shelf = SeriesShelf(lambda: next(numbers))
    for at in range(5):
        shelf.add(SeriesValues(float(at), ((Series("queue"), 1.0),)))
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in VERSION_6_DDL:
            connection.execute(statement)
        shelf.store(connection)
        assert [look.at_s for look in read_series(connection)] == [2.0, 3.0, 4.0]


def test_a_session_of_the_version_before_opens_without_metrics_and_is_not_touched(tmp_path: Path) -> None:
    path = Path(shutil.copy(DEMO_SESSION, tmp_path))
    before = path.read_bytes()
    assert list(open_session(path).series) == []
    assert path.read_bytes() == before
    with closing(sqlite3.connect(path)) as connection:
        assert version_of(connection) < SCHEMA_VERSION


def block(looks: list[tuple[int, float, int]], rows: list[tuple[int, float]], *, layout: int = 1) -> bytes:
    return zlib.compress(
        struct.pack("<BxxxII", layout, len(looks), len(rows))
        + b"".join(struct.pack("<qdI", *look) for look in looks)
        + b"".join(struct.pack("<I", number) for number, _ in rows)
        + b"".join(struct.pack("<d", value) for _, value in rows)
    )


ONE = [(0, 1.0)]


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE application_chunk SET data = ?", b"nothing"),
        ("UPDATE application_chunk SET data = ?", zlib.compress(b"\1")),
        ("UPDATE application_chunk SET data = ?", zlib.compress(b"\0" * 50_000_000)),
        ("UPDATE application_chunk SET data = ?", block([(1, 1.0, 1)], ONE, layout=9)),
        ("UPDATE application_chunk SET data = ?", block([(1, 1.0, 2)], ONE)),
        ("UPDATE application_chunk SET data = ?", block([(1, 1.0, 0)], ONE)),
        ("UPDATE application_chunk SET data = ?", block([(1, math.nan, 1)], ONE)),
        ("UPDATE application_chunk SET data = ?", block([(1, 1.0, 1)], [(7, 1.0)])),
        ("UPDATE application_chunk SET data = ?", block([(1, 1.0, 1)], [(0, math.nan)])),
        ("UPDATE application_chunk SET looks = 1, data = ?", block([(2, 1.0, 1), (1, 1.0, 0)], ONE)),
        ("UPDATE application_chunk SET looks = ?", 9),
        ("UPDATE application_chunk SET id = ?", 3),
        ("UPDATE application_series SET id = ? WHERE id = 1", 9),
        ("UPDATE application_series SET kind = ?", "colour"),
        ("UPDATE application_series SET unit = ?", "furlong"),
        ("UPDATE application_series SET labels = ?", "{}"),
        ("UPDATE application_series SET labels = ?", "[[1, 2]]"),
        ("UPDATE application_series SET labels = ?", "["),
        ("UPDATE application_series SET labels = ?", "[" * 100_000),
        ("UPDATE application_series SET labels = ?", json.dumps([["a", "b"]] * 100)),
        ("UPDATE application_series SET name = 'same', origin = '', kind = 'gauge', labels = ?", "[]"),
    ],
)
def test_rows_that_do_not_add_up_are_damage(tmp_path: Path, statement: str, value: object) -> None:
    writer = begin(tmp_path)
    writer.add_series(series_values())
    path = finish(writer)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, (value,))
    with pytest.raises(SessionError, match="damaged"):
        open_session(path)


def test_a_day_of_twenty_series_stays_small(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    names = [Series(f"series_{i}", "shop", SeriesKind.COUNTER if i % 2 else SeriesKind.GAUGE) for i in range(20)]
    for at in range(720):
        readings = tuple(
            (one, math.sin(at / 40 + i) * 100 if i % 2 else float(at * i * 37)) for i, one in enumerate(names)
        )
        writer.add_series(SeriesValues(at * 5.0 + 0.001 * (at % 7), readings))
        if at % 6 == 0:
            writer.commit()
    hour = finish(writer).stat().st_size - finish(begin(tmp_path, "20260102-030405-none")).stat().st_size
    assert 24 * hour < 10 << 20
