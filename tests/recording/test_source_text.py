"""Reading the source of what ran: files as they lie there now, whatever lies there."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.model.frame import Frame
from perftui.model.heap import NO_PYTHON, SMALLER
from perftui.model.session import SessionKind, SessionMeta, SessionState
from perftui.model.source_file import SourceFile
from perftui.recording.source_text import (
    MOST_BYTES,
    MOST_CHARACTERS,
    SourceText,
    Standing,
    read_source,
    standing_of,
    text_that_ran,
    why_no_file,
)
from perftui.storage.source_table import pack_source

BEGAN = "2026-05-01T12:00:00+0000"
BEGAN_EPOCH_S = 1_777_636_800.0
META = SessionMeta("20260501-120000-abcd", "shop", SessionKind.LAUNCHED, SessionState.COMPLETE, BEGAN, duration_s=60.0)


def written(folder: Path, data: bytes, name: str = "shop.py") -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def test_lines_are_those_that_python_counts(tmp_path: Path) -> None:
    text = read_source(written(tmp_path, b"one\r\ntwo\rthree\x0cstill three\n\nfive"))
    assert text.lines == ("one", "two", "three\x0cstill three", "", "five")
    assert text.trouble == ""


def test_a_relative_name_is_of_the_directory_that_the_session_ran_in(tmp_path: Path) -> None:
    written(tmp_path, b"x = 1\n")
    assert read_source("shop.py", cwd=str(tmp_path)).lines == ("x = 1",)
    assert "relative" in read_source("shop.py").trouble


def test_a_file_says_how_it_is_encoded(tmp_path: Path) -> None:
    data = "# -*- coding: latin-1 -*-\nname = 'Müller'\n".encode("latin-1")
    assert read_source(written(tmp_path, data)).lines[1] == "name = 'Müller'"
    assert read_source(written(tmp_path, "\ufeffname = 'Müller'\n".encode())).lines == ("name = 'Müller'",)


@pytest.mark.parametrize("cookie", [b"no-such-encoding", b"hex", b"punycode", b"utf-16", b"undefined", b"rot13"])
def test_a_file_that_lies_about_its_encoding_is_read_all_the_same(tmp_path: Path, cookie: bytes) -> None:
    lines = read_source(written(tmp_path, b"# coding: " + cookie + b"\nx = '\xff'\n")).lines
    assert len(lines) == 2
    assert lines[1].startswith("x = ")


def test_what_is_not_a_file_of_text_is_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "secret.py").write_bytes(b"x")
    (tmp_path / "secret.py").chmod(0)
    sentences = {
        str(tmp_path / "gone.py"): "no such file",
        str(tmp_path): "not a file",
        str(tmp_path / "pipe.py"): "not a file",
        "/dev/tty": "file",
        "/dev/zero": "not a file",
        written(tmp_path, b"PK\x03\x04\x00\x00", "a.zip") + "/inside.py": "archive",
        written(tmp_path, b"\x7fELF\x00\x01", "native.so"): "not text",
        written(tmp_path, b"", "empty.py"): "empty",
        written(tmp_path, b"#" * (MOST_BYTES + 1), "huge.py"): "longer than",
        "/tmp/nul\0name.py": "no file of that name",
        "/" + "x" * 5_000: "cannot be read",
    }
    if os.geteuid():
        sentences[str(tmp_path / "secret.py")] = "may not be read"
    for file, part in sentences.items():
        text = read_source(file)
        assert part in text.trouble, file
        assert text.trouble.endswith(".")
        assert text.lines == ()
        assert text.path == ""


def test_no_line_fills_the_memory(tmp_path: Path) -> None:
    (line,) = read_source(written(tmp_path, b"x" * 100_000)).lines
    assert line == "x" * MOST_CHARACTERS + "…"


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    file = written(tmp_path, b"x = 1\n")
    first = read_source(file)
    assert read_source(file, known=first) is first
    written(tmp_path, b"x = 22\n")
    assert read_source(file, known=first).lines == ("x = 22",)
    Path(file).unlink()
    assert read_source(file, known=first).trouble


@given(data=st.binary(max_size=300))
def test_any_bytes_are_lines_or_one_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    text = read_source(written(tmp_path_factory.getbasetemp(), data))
    assert bool(text.lines) != bool(text.trouble)
    assert not any("\n" in line or "\r" in line for line in text.lines)


def ran(data: bytes, *, steady: bool = True, kept: bool = True) -> SourceFile:
    packed = pack_source(data) if kept else None
    return SourceFile("/srv/shop.py", hashlib.sha256(data).hexdigest(), len(data), steady, packed)


def test_a_file_that_was_written_after_the_recording_began_is_doubted() -> None:
    text = SourceText("/srv/shop.py", ("a", "b"), written_epoch_s=BEGAN_EPOCH_S - 5)
    later, doubted = replace(text, written_epoch_s=BEGAN_EPOCH_S + 30), Standing("may have changed since")
    assert standing_of(text, META, last_line=2) == Standing()
    assert standing_of(replace(text, written_epoch_s=BEGAN_EPOCH_S + 0.5), META, last_line=2) == Standing()
    assert standing_of(later, META, last_line=2) == doubted
    assert standing_of(replace(text, written_epoch_s=BEGAN_EPOCH_S + 3_000), META, last_line=0) == doubted


def test_a_line_beyond_the_end_is_proof() -> None:
    text = SourceText("/srv/shop.py", ("a", "b"), written_epoch_s=BEGAN_EPOCH_S - 5)
    assert standing_of(text, META, last_line=3).words == "changed since: line 3 is beyond its end"


def test_of_an_import_nobody_knows_when_it_ran() -> None:
    text = SourceText("/srv/shop.py", ("a", "b"), written_epoch_s=0.0)
    assert standing_of(text, replace(META, kind=SessionKind.IMPORTED), last_line=2).words == "as it is now"


@pytest.mark.parametrize("created", ["", "yesterday", "0001-01-01T00:00:00", "9999-12-31T23:59:59-2359"])
def test_a_session_that_does_not_say_when_it_began_casts_no_doubt(created: str) -> None:
    text = SourceText("/srv/shop.py", ("a",), written_epoch_s=-1e12)
    assert standing_of(text, replace(META, created=created), last_line=1) == Standing()


def test_what_was_noted_while_it_ran_decides_whatever_the_time_of_writing_says(tmp_path: Path) -> None:
    text = replace(read_source(written(tmp_path, b"x = 1\n")), written_epoch_s=BEGAN_EPOCH_S + 3_000)
    for noted, standing in (
        (ran(b"x = 1\n", kept=False), Standing("as it ran", sure=True)),
        (ran(b"x = 1\n", steady=False), Standing("written while it ran: lines may be off")),
        (ran(b"x = 2\n"), Standing("changed since it ran: lines may be off")),
    ):
        assert standing_of(text, META, last_line=1, ran=noted) == standing
    assert standing_of(SourceText(trouble="gone."), META, last_line=1, ran=ran(b"x = 1\n")) == Standing()


def test_the_kept_text_is_shown_where_the_file_is_another_one_or_gone(tmp_path: Path) -> None:
    file = written(tmp_path, b"x = 1\ny = 2\n")
    noted = ran(b"x = 1\ny = 2\n")
    same = read_source(file)
    assert text_that_ran(same, noted) is same
    written(tmp_path, b"z = 3\n")
    changed = text_that_ran(read_source(file), noted)
    assert changed.lines == ("x = 1", "y = 2")
    assert standing_of(changed, META, last_line=2, ran=noted) == Standing("as it ran, kept: the file has changed", True)
    Path(file).unlink()
    gone = text_that_ran(read_source(file), noted, known=changed)
    assert (gone.lines, gone.kept) == (changed.lines, "the file is gone")
    assert text_that_ran(read_source(file), noted, known=gone) is gone
    assert "no such file" in text_that_ran(read_source(file), ran(b"x = 1\n", kept=False)).trouble
    doubted = standing_of(gone, META, last_line=2, ran=replace(noted, steady=False))
    assert doubted == Standing("kept; written while it ran: lines may be off")


@pytest.mark.parametrize(
    ("noted", "words"),
    [
        (replace(ran(b"x = 1\n"), packed=b"nothing"), "damaged"),
        (replace(ran(b"x = 1\n"), sha256="0" * 64), "damaged"),
        (replace(ran(b"x = 1\n"), packed=pack_source(bytes(MOST_BYTES))), "damaged"),
        (ran(b"\0\1"), "not text"),
    ],
)
def test_what_a_session_keeps_and_is_no_source_is_one_sentence(noted: SourceFile, words: str) -> None:
    text = text_that_ran(SourceText(trouble="There is no such file."), noted)
    assert words in text.trouble
    assert (text.lines, text.path) == ((), "")


def test_what_has_no_file_says_what_it_is() -> None:
    assert "without a Python frame" in why_no_file(Frame(NO_PYTHON))
    assert "too small" in why_no_file(Frame(SMALLER))
    assert "native" in why_no_file(Frame("PyEval_EvalFrame"))
    assert "frozen" in why_no_file(Frame("_find_and_load", "<frozen importlib._bootstrap>"))
    assert "given as text" in why_no_file(Frame("<module>", "<string>"))
    assert "given as text" in why_no_file(Frame("<module>", "<stdin>"))
    assert why_no_file(Frame("main", "/srv/shop.py")) == ""
    assert why_no_file(Frame("main", "shop.py")) == ""
