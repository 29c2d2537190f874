"""Operations and what verdicts were held against: stored, read back, and refused where they do not add up."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import SessionError
from perftui.model.operation import Operation
from perftui.model.verdict import HeldAgainst
from perftui.storage.chunks import ChunkError
from perftui.storage.kept_view import write_view
from perftui.storage.listing import entry_of
from perftui.storage.migrations import bring_up_to_date
from perftui.storage.operation_table import pack_values, unpack_values
from perftui.storage.outline import read_outline
from perftui.storage.schema import SCHEMA_VERSION, version_of
from perftui.storage.session_file import open_session, renew_verdicts, verify
from perftui.units import Unit
from tests.storage.sessions import begin, finish, held_verdict, operations, saved, verdict

BEFORE = Path(__file__).parents[1] / "fixtures" / "sessions" / "packaging" / "20261120-144217-2srk.perftui"
"""A session of version 3."""
runs = st.lists(st.lists(st.tuples(st.floats(-1e300, 1e300), st.integers(1, 1 << 61)), min_size=1), max_size=5)


def spoiled(path: Path, statement: str, *values: object) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, values)
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return version_of(connection)


def test_operations_come_back_as_they_were_with_every_raw_value(tmp_path: Path) -> None:
    path = saved(tmp_path)
    assert open_session(path).operations == operations()
    assert verify(path) == []
    assert entry_of(path).operations == 2


def test_operations_are_replaced_and_a_session_without_any_has_none(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.set_operations(operations())
    writer.commit()
    writer.set_operations(operations()[1:])
    path = finish(writer)
    assert open_session(path).operations == operations()[1:]
    assert entry_of(path).operations == 1
    assert open_session(finish(begin(tmp_path, "20260102-030405-abce"))).operations == ()


def test_what_a_recorder_was_killed_after_storing_is_kept(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.set_operations(operations())
    writer.commit()
    writer.close()
    assert open_session(writer.path).operations == operations()


@given(runs)
def test_values_are_unpacked_as_they_were_packed(measured: list[list[tuple[float, int]]]) -> None:
    values = tuple(tuple(value for value, _ in run) for run in measured)
    weights = tuple(tuple(weight for _, weight in run) for run in measured)
    count = sum(map(len, values))
    assert unpack_values(pack_values(values, weights), runs=len(values), values=count, weighted=True) == (
        values,
        weights,
    )
    assert unpack_values(pack_values(values, ()), runs=len(values), values=count, weighted=False) == (values, ())
    with pytest.raises(ChunkError):
        unpack_values(pack_values(values, ()), runs=len(values), values=count + 1, weighted=False)


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE operation SET data = ? WHERE id = 0", pack_values([[1.0, nan, 2.0]], ())),
        ("UPDATE operation SET data = ? WHERE id = 0", b"nothing"),
        ("UPDATE operation SET value_count = ? WHERE id = 1", 1 << 40),
        ("UPDATE operation SET run_count = ? WHERE id = 0", -1),
        ("UPDATE operation SET unit = ? WHERE id = 0", "parsecs"),
        ("UPDATE operation SET told = ? WHERE id = 0", json.dumps({"mode": 1.0})),
        ("UPDATE operation SET told = ? WHERE id = 0", '{"mean": Infinity}'),
        ("UPDATE operation SET errors = ? WHERE id = 0", "[]"),
        ("UPDATE operation SET errors = ? WHERE id = 0", "{"),
        ("UPDATE operation SET ok = ? WHERE id = 0", -1),
        ("UPDATE operation SET work = ? WHERE id = 0", inf),
        ("UPDATE operation SET id = ? WHERE id = 1", 7),
        ("UPDATE held_against SET id = ?", 9),
        ("UPDATE held_against SET baseline_runs = ?", -1),
        ("UPDATE held_against SET unit = ?", "parsecs"),
        ("UPDATE held_against SET p = ?", inf),
    ],
)
def test_rows_that_do_not_add_up_are_damage(tmp_path: Path, statement: str, value: object) -> None:
    path = spoiled(saved(tmp_path), statement, value)
    with pytest.raises(SessionError, match="damaged"):
        open_session(path)
    assert verify(path)


def test_verdicts_keep_what_they_were_held_against(tmp_path: Path) -> None:
    path = saved(tmp_path)
    assert open_session(path).verdicts == (verdict(), held_verdict())
    path = renew_verdicts(path, [held_verdict()])
    assert open_session(path).verdicts == (held_verdict(),)
    assert verify(path) == []


def test_a_change_without_an_end_is_stored_as_unknown(tmp_path: Path) -> None:
    held = HeldAgainst(0.0, Unit.SECONDS, 1.0, "x.json", inf, (-inf, inf), nan, (1, 1))
    writer = begin(tmp_path)
    writer.set_verdicts([replace(verdict(), held_against=held)])
    (found,) = open_session(finish(writer)).verdicts
    assert found.held_against == HeldAgainst(0.0, Unit.SECONDS, 1.0, "x.json", None, None, None, (1, 1))


def test_a_session_of_the_version_before_opens_as_it_is_and_is_brought_up_by_an_edit(tmp_path: Path) -> None:
    path = Path(shutil.copyfile(BEFORE, tmp_path / BEFORE.name))
    content = path.read_bytes()
    before = open_session(path)
    assert (before.operations, version(path)) == ((), 3)
    assert verify(path) == []
    assert read_outline(path) is not None
    assert path.read_bytes() == content

    write_view(path, "what was looked at")
    assert (open_session(path).view, version(path)) == ("what was looked at", 3)
    assert bring_up_to_date(path)
    after = open_session(path)
    assert (after.windows, after.verdicts, after.operations) == (before.windows, before.verdicts, ())
    assert version(path) == SCHEMA_VERSION
    assert verify(path) == []


def test_what_no_file_can_hold_is_left_out_or_made_storable(tmp_path: Path) -> None:
    odd = Operation("", "x\udc80", told={"mean": nan, "mode": 1.0, "p50": 2.0}, runs=((), (1.0,)))
    writer = begin(tmp_path)
    writer.set_operations([odd])
    path = finish(writer)
    (found,) = open_session(path).operations
    assert (found.runs, found.told) == (((1.0,),), {"p50": 2.0})
    assert verify(path) == []
