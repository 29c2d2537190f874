"""Where threads wait: stored with the looks, read back, and refused where it does not add up."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import SessionError
from perftui.model.frame import Frame
from perftui.model.sample import Thread, ThreadLook, ThreadLooks
from perftui.storage import wait_table
from perftui.storage.session_file import open_session, verify
from perftui.storage.wait_table import DEEPEST, WaitShelf, read_waits
from tests.storage.sessions import begin, finish

frames = st.builds(Frame, st.sampled_from("abc"), st.sampled_from(["x.py", "y.py"]), st.integers(0, 3))
looks = st.lists(
    st.lists(st.lists(frames, max_size=4).map(tuple), min_size=1, max_size=4),
    max_size=5,
).map(
    lambda all_looks: [
        ThreadLooks(float(at), tuple(ThreadLook(Thread(1, i), not waits, False, waits) for i, waits in enumerate(look)))
        for at, look in enumerate(all_looks)
    ]
)
LOCKED = ThreadLooks(
    1.0,
    (
        ThreadLook(Thread(1, 2, "w"), False, False, (Frame("run", "t.py", 1), Frame("work", "w.py", 7))),
        ThreadLook(Thread(1, 3, "v"), True, True),
        ThreadLook(Thread(1, 4, "u"), False, False, (Frame("run", "t.py", 1), Frame("work", "w.py", 7))),
    ),
)


def stored(directory: Path, *seen: ThreadLooks) -> Path:
    writer = begin(directory)
    for look in seen:
        writer.add_looks(look)
    return finish(writer)


@given(looks)
def test_stacks_come_back_as_they_were_whatever_is_committed_when(seen: list[ThreadLooks]) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in wait_tables():
            connection.execute(statement)
        shelf = WaitShelf()
        for seq, look in enumerate(seen):
            shelf.add(seq, look)
            if seq % 2:
                shelf.store(connection)
                shelf.forget_stored()
        shelf.store(connection)
        found = read_waits(connection)
    for seq, look in enumerate(seen):
        waits = {place: each.waits for place, each in enumerate(look.threads) if each.waits}
        assert found.get(seq, {}) == waits


def wait_tables() -> tuple[str, ...]:
    from perftui.storage.schema import VERSION_5_DDL

    return VERSION_5_DDL


def test_looks_of_a_session_tell_where_threads_waited(tmp_path: Path) -> None:
    path = stored(tmp_path, LOCKED, LOCKED)
    assert open_session(path).looks[-2:] == (LOCKED, LOCKED)
    assert verify(path) == []
    with closing(sqlite3.connect(path)) as connection:
        # Equal stacks are stored once.
        assert connection.execute("SELECT count(*) FROM wait_stack").fetchone() == (1,)


def test_of_a_deep_stack_the_leaf_is_kept(tmp_path: Path) -> None:
    deep = tuple(Frame(f"f{depth}", "d.py", depth + 1) for depth in range(DEEPEST + 10))
    path = stored(tmp_path, ThreadLooks(1.0, (ThreadLook(Thread(1, 2), False, False, deep),)))
    assert open_session(path).looks[-1].threads[0].waits == deep[-DEEPEST:]


def test_beyond_the_bounds_a_stack_is_left_out_and_the_look_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait_table, "MOST_STACKS", 1)
    other = ThreadLooks(2.0, (ThreadLook(Thread(1, 2), False, False, (Frame("other", "o.py", 1),)),))
    path = stored(tmp_path, LOCKED, other)
    assert open_session(path).looks[-2] == LOCKED
    assert open_session(path).looks[-1].threads[0].waits == ()


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE wait_stack SET data = ?", b""),
        ("UPDATE wait_stack SET data = ?", b"\0\0\0"),
        ("UPDATE wait_stack SET data = ?", b"\x09\0\0\0"),
        ("UPDATE wait_stack SET data = ?", b"\0" * 4 * (DEEPEST + 1)),
        ("UPDATE wait_stack SET id = ?", 5),
        ("UPDATE wait_frame SET id = ? WHERE id = 1", 9),
        ("UPDATE wait SET data = ?", b"nothing"),
        ("UPDATE wait SET data = ?", zlib.compress(b"\1")),
        ("UPDATE wait SET data = ?", zlib.compress(b"\1\0\0\0\2\0\0\0" + b"\0" * 8)),
        ("UPDATE wait SET data = ?", zlib.compress(b"\7\0\0\0\1\0\0\0" + b"\0" * 8)),
        ("UPDATE wait SET data = ?", zlib.compress(b"\1\0\0\0\1\0\0\0" + b"\0" * 4 + b"\x09\0\0\0")),
    ],
)
def test_rows_that_do_not_add_up_are_damage(tmp_path: Path, statement: str, value: object) -> None:
    path = stored(tmp_path, LOCKED)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, (value,))
    with pytest.raises(SessionError, match="damaged"):
        open_session(path)
