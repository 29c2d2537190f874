"""Figures are kept after a recording, so that the first trend finds them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perftui.recording import remembering
from perftui.recording.remembering import Remembering
from perftui.recording.session_figures import Column, read_column, unknown_sessions
from perftui.storage.catalogue import Catalogue
from perftui.storage.catalogue_cache import CACHE
from tests.storage.sessions import saved


def sessions(home: Path, count: int) -> list[Path]:
    paths = [saved(home, f"20260101-12000{number}-aaa{number}") for number in range(count)]
    for path in paths:
        # What was written this moment may be written again within one tick of the clock.
        os.utime(path, (1e9, 1e9))
    return paths


def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perftui.recording.session_figures.is_settled", lambda _stamp: True)


def test_what_was_remembered_is_not_worked_out_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(monkeypatch)
    monkeypatch.setattr(remembering, "FEW", 1)
    sessions(tmp_path, 3)
    (tmp_path / "broken.perftui").write_bytes(b"no session")
    assert len(unknown_sessions(tmp_path)) == 4
    Remembering(tmp_path).end(60.0)
    assert [path.name for path in unknown_sessions(tmp_path)] == ["broken.perftui"]
    told: list[tuple[int, int]] = []
    entries = [entry for entry in Catalogue(tmp_path).list() if entry.meta is not None]
    found = read_column(entries, Column.FIGURES, lambda done, whole: told.append((done, whole)))
    assert (len(found.columns), told) == (3, [])


def test_a_few_sessions_are_read_as_fast_as_a_cache_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(monkeypatch)
    sessions(tmp_path, 2)
    Remembering(tmp_path).end(60.0)
    assert not (tmp_path / CACHE).exists()
    Remembering(tmp_path / "nowhere").end(60.0)
