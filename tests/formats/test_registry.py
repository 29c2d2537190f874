from __future__ import annotations

import random
from pathlib import Path

import pytest

from perftui.errors import ImportFormatError, NoDataError, PerftuiError, UsageError
from perftui.formats.base import StackProfile
from perftui.formats.bridge import to_window_records
from perftui.formats.registry import FORMATS, Format, format_named, read_profile, recognise
from perftui.model.session import SessionKind, SessionState
from perftui.storage.session_file import SessionWriter, open_session, verify
from perftui.units import Unit
from tests.formats.profiles import profile, totals
from tests.storage.sessions import finish, meta

SPEEDSCOPE = b'{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":[]},"profiles":[]}'


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.folded", b"main;work 3\n", "collapsed"),
        ("a.collapsed", b"main;work 3\n", "collapsed"),
        ("a.txt", b"main;work 3\n", "collapsed"),
        ("profile", b"main;work 3.5\n", "collapsed"),
        ("a.speedscope.json", SPEEDSCOPE, "speedscope"),
        ("a.json", SPEEDSCOPE, "speedscope"),
        ("a", SPEEDSCOPE, "speedscope"),
        # The content has the last word.
        ("a.folded", SPEEDSCOPE, "speedscope"),
        ("a.json", b"main;work 3\n", "collapsed"),
    ],
)
def test_a_file_is_recognised(name: str, head: bytes, expected: str) -> None:
    assert recognise(name, head).name == expected


@pytest.mark.parametrize(
    ("name", "head", "words"),
    [
        ("a.json", b'{"other": 1}', "speedscope JSON"),
        ("a.folded", b"no stack here\n", "collapsed"),
        ("a.bin", b"\0\1\2", "no format"),
        ("a.folded", b"", "empty"),
        ("a.perftui", b"SQLite format 3\0....", "database"),
        ("a.json.gz", b"\x1f\x8b\x08", "compressed"),
        ("\x1b[31m", b"?", "␛"),
    ],
)
def test_a_file_of_no_known_format_is_one_sentence_with_a_hint(name: str, head: bytes, words: str) -> None:
    with pytest.raises(ImportFormatError, match=words) as caught:
        recognise(name, head)
    assert caught.value.hint


def test_a_format_is_found_by_its_name() -> None:
    assert format_named("Speedscope").name == "speedscope"
    with pytest.raises(UsageError) as caught:
        format_named("colapsed")
    assert "collapsed" in caught.value.hint
    with pytest.raises(UsageError, match="pprof"):
        format_named("pprof")


def test_a_missing_file_and_a_directory_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoDataError):
        read_profile(tmp_path / "none.folded")
    with pytest.raises(ImportFormatError):
        read_profile(tmp_path)


def test_a_profile_is_called_like_its_file(tmp_path: Path) -> None:
    path = tmp_path / "nightly run.collapsed.txt"
    path.write_text("main 1\n")
    assert read_profile(path).name == "nightly run"


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_an_import_is_saved_like_a_recording(tmp_path: Path, form: Format) -> None:
    original = profile("main;work;leaf 3\nmain;idle 1\nmain;work;leaf 2")
    file = tmp_path / f"x{form.suffixes[0]}"
    file.write_text("".join(form.write(original)))

    imported = read_profile(file)
    begun = meta(kind=SessionKind.IMPORTED, unit=imported.unit.value)
    writer = SessionWriter.create(tmp_path, begun, clock=lambda: 0.0)
    for record in to_window_records(imported):
        writer.add_window(record)
    session = open_session(finish(writer))

    assert session.meta.state is SessionState.COMPLETE
    assert Unit(session.meta.unit) is Unit.SAMPLES
    assert sum(weight for _, _, weight, _ in session.totals()) == original.weight
    assert verify(session.path) == []


def mutated(content: bytes, chance: random.Random) -> bytes:
    spoiled = bytearray(content)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(spoiled) + 1)
        match chance.randrange(6):
            case 0:
                del spoiled[at:]
            case 1:
                spoiled[at : at + 1] = bytes([chance.randrange(256)])
            case 2:
                spoiled[at:at] = chance.choice(
                    [b"[", b"{", b"}", b"]", b"null", b"1e999", b"-1", b"true", b"\0", b";", b" "]
                )
            case 3:
                spoiled[at : at + chance.randrange(20)] = b""
            case 4:
                spoiled[at:at] = spoiled[at : at + chance.randrange(60)]
            case _:
                digit = next((i for i in range(at, len(spoiled)) if 48 <= spoiled[i] <= 57), None)
                if digit is not None:
                    spoiled[digit : digit + 1] = chance.choice([b"99999999999999999999", b"-7", b"0.5", b'"x"', b"[]"])
        if not spoiled:
            break
    return bytes(spoiled)


EVENTED = (
    b'{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":[{"name":"a","file":"b.py",'
    b'"line":3},{"name":"c"}]},"profiles":[{"type":"evented","name":"t","unit":"milliseconds","startValue":0,'
    b'"endValue":9,"events":[{"type":"O","frame":0,"at":1},{"type":"O","frame":1,"at":2},{"type":"C","frame":1,"at":4},'
    b'{"type":"C","frame":0,"at":9}]},{"type":"sampled","name":"Thread 7 \\"x\\"","unit":"milliseconds","startValue":0,'
    b'"endValue":3,"samples":[[0,1],[0]],"weights":[1,2]}]}'
)
COLLAPSED = b'process 7:"x";thread (9): w;main (app.py:3);work%3B (a b.py) 3\nmain;leaf 1.5\nmain;other 12\n'


@pytest.mark.parametrize(
    ("form", "content"), [("collapsed", COLLAPSED), ("speedscope", EVENTED)], ids=["collapsed", "speedscope"]
)
def test_ten_thousand_spoiled_files_are_read_or_refused(form: str, content: bytes) -> None:
    chance = random.Random(20260105)
    chosen = format_named(form)
    refused = 0
    for _ in range(10_000):
        try:
            imported: StackProfile = chosen.read(mutated(content, chance), name="x")
        except PerftuiError:
            refused += 1
            continue
        if imported.samples < 10_000:
            assert sum(r.interval_s * r.sample_count for r in to_window_records(imported)) == pytest.approx(
                sum(totals(imported).values()), rel=1e-9
            )
    assert 1_000 < refused < 10_000
