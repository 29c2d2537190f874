"""What the source files were while they ran: read once, looked at again, within bounds."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from perftui.model.frame import Frame
from perftui.model.source_file import MOST_BYTES, SourceFile
from perftui.recording import source_notes
from perftui.recording.source_notes import SourceNotes
from perftui.storage.source_table import unpack_source

LATER = 4e9
"""Seconds since 1970, long after everything that a test writes."""


def noted(notes: SourceNotes, *files: str) -> dict[str, SourceFile]:
    """What is known once everything that these files' frames asked for was read."""
    notes.see([Frame("work", file, 1) for file in files])
    return {source.file: source for source in notes.finish()}


def written(path: Path, text: bytes) -> str:
    path.write_bytes(text)
    return str(path)


def test_own_files_are_known_by_their_digest_and_nothing_else_is_read(tmp_path: Path) -> None:
    own = written(tmp_path / "shop.py", b"x = 1\n")
    notes = SourceNotes(cwd=str(tmp_path), began_epoch_s=LATER)
    found = noted(notes, own, "shop.py", "<string>", "", os.__file__, str(tmp_path), str(tmp_path / "gone.py"), "\0.py")
    digest = hashlib.sha256(b"x = 1\n").hexdigest()
    assert found == {name: SourceFile(name, digest, 6, True) for name in (own, "shop.py")}
    assert notes.shortfall == ""
    assert notes.finish() == []


def test_the_text_is_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    own = written(tmp_path / "shop.py", b"x = 1\n")
    found = noted(SourceNotes(cwd="/", began_epoch_s=LATER, keep=True), own)
    assert unpack_source(found[own]) == b"x = 1\n"


def test_a_file_that_was_written_when_the_program_ran_is_not_steady(tmp_path: Path) -> None:
    own = written(tmp_path / "shop.py", b"x = 1\n")
    assert not noted(SourceNotes(cwd="/", began_epoch_s=1.0), own)[own].steady


def test_a_file_that_becomes_another_one_is_found_at_the_end_and_what_was_first_is_kept(tmp_path: Path) -> None:
    changed, touched, gone = (written(tmp_path / f"{name}.py", b"x = 1\n") for name in ("changed", "touched", "gone"))
    notes = SourceNotes(cwd="/", began_epoch_s=LATER, keep=True)
    notes.see([Frame("work", file, 1) for file in (changed, touched, gone)])
    first: list[SourceFile] = []
    while len(first) < 3:
        first += notes.take()
    Path(changed).write_bytes(b"x = 22\n")
    os.utime(touched, (1, 1))
    Path(gone).unlink()
    (last,) = notes.finish()
    assert (last.file, last.steady) == (changed, False)
    assert unpack_source(last) == b"x = 1\n"


def test_what_is_beyond_the_bounds_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = written(tmp_path / "long.py", b"#" * (MOST_BYTES + 1))
    small = [written(tmp_path / f"{i}.py", b"x" * 10) for i in range(4)]
    monkeypatch.setattr(source_notes, "MOST_KEPT_BYTES", 25)
    monkeypatch.setattr(source_notes, "MOST_FILES", 3)
    notes = SourceNotes(cwd="/", began_epoch_s=LATER, keep=True)
    for file in (long, *small):
        notes.see([Frame("work", file, 1)])
    found = {source.file: source for source in notes.finish()}
    assert [found[file].packed is not None for file in small[:3]] == [True, True, False]
    assert set(found) == set(small[:3])
    assert notes.shortfall.startswith("3 source files were not kept")


def test_a_disk_that_hangs_holds_the_end_up_no_longer_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    release = threading.Event()

    def hang(_path: str) -> None:
        release.wait(30)

    monkeypatch.setattr(source_notes, "_content", hang)
    notes = SourceNotes(cwd="/", began_epoch_s=LATER)
    notes.see([Frame("work", str(tmp_path / "shop.py"), 1)])
    assert notes.finish(0.01) == []
    release.set()
