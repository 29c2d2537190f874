"""The cache of a catalogue is never believed against the files."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from perftui.storage import catalogue_cache, listing
from perftui.storage.catalogue import Catalogue
from perftui.storage.catalogue_cache import CACHE, figure_texts, heads, keep_figure_texts, stamp_of
from perftui.storage.editing import edit_meta
from perftui.storage.listing import scan
from tests.storage.sessions import saved

IDS = ("20260102-030405-abcd", "20260102-030406-abcd", "20260102-030407-abcd")


@pytest.fixture
def sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three sessions that a cache knows, whatever their number and age."""
    monkeypatch.setattr(listing, "FEW", 0)
    monkeypatch.setattr(catalogue_cache, "_SETTLED_NS", 0)
    for number, session_id in enumerate(IDS):
        saved(tmp_path, session_id, name=f"run-{number}")
    scan(tmp_path)
    assert len(heads(tmp_path)) == len(IDS)
    return tmp_path


def names(directory: Path) -> list[str]:
    return sorted(entry.name for entry in Catalogue(directory).list())


def test_a_list_from_the_cache_says_what_the_files_say(sessions: Path) -> None:
    from_cache = sorted(scan(sessions), key=lambda entry: entry.id)
    (sessions / CACHE).unlink()
    assert sorted(scan(sessions), key=lambda entry: entry.id) == from_cache


def test_nothing_is_read_again_that_the_cache_knows(sessions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(listing, "_read_head", refuse)
    assert names(sessions) == ["run-0", "run-1", "run-2"]


def test_what_was_renamed_edited_copied_or_deleted_is_seen(sessions: Path) -> None:
    paths = sorted(sessions.glob("*.perftui"))
    edit_meta(paths[0], lambda meta: replace(meta, name="other"))
    shutil.copy(paths[0], paths[2])
    paths[1].unlink()
    assert names(sessions) == ["other", "other"]
    assert set(heads(sessions)) == {paths[0].name, paths[2].name}


def test_a_file_in_the_place_of_another_is_read_even_with_its_time_and_size(sessions: Path) -> None:
    first, second, _ = sorted(sessions.glob("*.perftui"))
    times = first.stat()
    first.write_bytes(second.read_bytes())
    os.utime(first, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert names(sessions) == ["run-1", "run-1", "run-2"]


def test_a_session_written_this_moment_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FEW", 0)
    saved(tmp_path)
    assert len(scan(tmp_path)) == 1
    assert not heads(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\x00" + bytes(4000)])
def test_a_damaged_cache_is_made_anew(sessions: Path, damage: bytes) -> None:
    (sessions / CACHE).write_bytes(damage)
    assert names(sessions) == ["run-0", "run-1", "run-2"]
    assert len(heads(sessions)) == len(IDS)


@pytest.mark.parametrize("at", [20, 40, 100, 4096, 5000, 8192, 9000])
def test_flipped_bytes_in_a_cache_change_no_list(sessions: Path, at: int) -> None:
    cache = sessions / CACHE
    damaged = bytearray(cache.read_bytes())
    for place in range(at, min(at + 64, len(damaged))):
        damaged[place] ^= 0xFF
    cache.write_bytes(damaged)
    assert names(sessions) == ["run-0", "run-1", "run-2"]


def test_a_flipped_letter_in_a_name_is_not_believed(sessions: Path) -> None:
    cache = sessions / CACHE
    assert b"run-1" in cache.read_bytes()
    cache.write_bytes(cache.read_bytes().replace(b"run-1", b"rum-1"))
    assert names(sessions) == ["run-0", "run-1", "run-2"]


def test_facts_that_are_none_are_read_from_the_file(sessions: Path) -> None:
    path = sorted(sessions.glob("*.perftui"))[0]
    stamp = stamp_of(path.stat())
    catalogue_cache.keep_heads(sessions, {path.name: (stamp, {"id": 7})}, ())
    assert names(sessions) == ["run-0", "run-1", "run-2"]


def test_a_cache_behind_a_link_is_left_alone(sessions: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "file"
    elsewhere.write_text("mine", encoding="utf-8")
    (sessions / CACHE).unlink()
    (sessions / CACHE).symlink_to(elsewhere)
    assert len(names(sessions)) == len(IDS)
    assert elsewhere.read_text(encoding="utf-8") == "mine"


def test_figures_are_kept_beside_the_facts(sessions: Path) -> None:
    path = sorted(sessions.glob("*.perftui"))[0]
    stamp = stamp_of(path.stat())
    keep_figure_texts(sessions, {path.name: (stamp, ("[1]", "[2]", json.dumps("ä")))})
    assert figure_texts(sessions, 1) == {path.name: (stamp, "[2]")}
    assert len(heads(sessions)) == len(IDS)
