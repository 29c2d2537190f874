from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from perftui.errors import UsageError
from perftui.storage.kept_view import VIEW_KEY, write_view
from perftui.storage.listing import read_meta
from perftui.storage.session_file import open_session, verify
from tests.storage.sessions import begin, fill, finish

VIEW = json.dumps({"version": 1})
VERSION_1 = Path(__file__).parent / "version_1"


def saved(folder: Path) -> Path:
    writer = begin(folder)
    fill(writer)
    return finish(writer)


def test_a_view_is_kept_and_taken_away_and_the_file_vouches_for_itself(tmp_path: Path) -> None:
    path = saved(tmp_path)
    before = open_session(path)
    write_view(path, VIEW)
    after = open_session(path)
    assert after.view == VIEW
    assert after.meta == before.meta
    assert after.totals() == before.totals()
    assert verify(path) == []
    write_view(path, "")
    assert open_session(path).view == ""
    assert verify(path) == []


def test_a_file_that_keeps_the_same_already_is_not_touched(tmp_path: Path) -> None:
    path = saved(tmp_path)
    write_view(path, VIEW)
    content, moment = path.read_bytes(), path.stat().st_mtime_ns
    write_view(path, VIEW)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, moment)


def test_the_view_of_a_recording_is_stored_with_it_even_where_it_is_killed(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    fill(writer)
    writer.set_view(VIEW)
    writer.commit()
    with pytest.raises(UsageError, match="not finished"):
        write_view(writer.path, "other")
    assert open_session(writer.path).view == VIEW
    writer.close()
    recovered = open_session(writer.path)
    assert recovered.view == VIEW
    assert verify(recovered.path) == []


@pytest.mark.parametrize("value", ["x" * (2 << 20), "]]]", b"\xff\xfe{", "[" * 70_000])
def test_whatever_stands_there_the_session_opens_and_is_listed(tmp_path: Path, value: str | bytes) -> None:
    path = saved(tmp_path)
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO meta(key, value) VALUES(?, CAST(? AS TEXT))", (VIEW_KEY, value))
    connection.commit()
    connection.close()
    assert len(open_session(path).view) <= (1 << 16) + 1
    assert read_meta(path).name == "demo"


def test_a_session_of_an_older_format_is_not_changed_for_it(tmp_path: Path) -> None:
    path = next(VERSION_1.glob("*.perftui"))
    copy = Path(shutil.copy(path, tmp_path))
    content = copy.read_bytes()
    with pytest.raises(UsageError, match="older format"):
        write_view(copy, VIEW)
    assert copy.read_bytes() == content
