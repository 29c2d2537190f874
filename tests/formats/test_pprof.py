"""pprof files: what other tools write is read, and whatever else is in one is refused in a sentence."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import ImportFormatError, PerftuiError
from perftui.formats import pprof
from perftui.formats.base import StackProfile
from perftui.formats.registry import recognise
from perftui.model.frame import Frame
from perftui.model.sample import Thread
from perftui.units import Unit
from tests.formats.profiles import totals

CPU = (("samples", "count"), ("cpu", "nanoseconds"))
HEAP = (("alloc_objects", "count"), ("alloc_space", "bytes"), ("inuse_objects", "count"), ("inuse_space", "bytes"))
Sample = tuple[str, Sequence[int]]
"""(stack, root first, `;` between functions and `+` before one that was inlined; values)."""


def varint(number: int) -> bytes:
    found = bytearray()
    number &= 2**64 - 1
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def number(at: int, value: int) -> bytes:
    return varint(at << 3) + varint(value)


def block(at: int, data: bytes) -> bytes:
    return varint(at << 3 | 2) + varint(len(data)) + data


def encoded(
    samples: Iterable[Sample],
    types: Sequence[tuple[str, str]] = CPU,
    *,
    packed: bool = True,
    default: str = "",
    thread: str = "",
) -> bytes:
    """A profile as pprof's schema says; functions lie in `app.py`, and begin at line 7."""
    texts: dict[str, int] = {"": 0}

    def text(word: str) -> int:
        return texts.setdefault(word, len(texts))

    functions: dict[str, int] = {}
    places: dict[str, int] = {}
    body = b"".join(block(1, number(1, text(kind)) + number(2, text(unit))) for kind, unit in types)
    for stack, values in samples:
        ids = [places.setdefault(place, len(places) + 1) for place in reversed(stack.split(";"))]
        if packed:
            message = block(1, b"".join(map(varint, ids))) + block(2, b"".join(map(varint, values)))
        else:
            message = b"".join(number(1, each) for each in ids) + b"".join(number(2, each) for each in values)
        if thread:
            message += block(3, number(1, text("thread_name")) + number(2, text(thread)))
        body += block(2, message)
    for place, at in places.items():
        lines = b""
        # The innermost function comes first.
        for name in reversed(place.split("+")):
            function = functions.setdefault(name, len(functions) + 1)
            lines += block(4, number(1, function) + number(2, 7))
        body += block(4, number(1, at) + number(3, 0x4000 + at) + lines)
    for name, function in functions.items():
        body += block(5, number(1, function) + number(2, text(name)) + number(4, text("app.py")))
    kind = text(default)
    body += b"".join(block(6, word.encode()) for word in texts)
    return body + number(10, 10**9) + (number(14, kind) if default else b"")


def read(data: bytes) -> StackProfile:
    return pprof.read(data, name="x")


def frames(text: str) -> tuple[Frame, ...]:
    return tuple(Frame(name, "app.py", 7) for name in text.split(";"))


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "one by one"])
def test_stacks_are_turned_and_nanoseconds_become_seconds(packed: bool) -> None:
    data = encoded([("main;work", [3, 30_000_000]), ("main", [1, 10_000_000])], packed=packed, thread="worker")
    found = read(gzip.compress(data))
    assert (found.unit, found.samples) == (Unit.SECONDS, 4)
    assert totals(found) == pytest.approx({frames("main;work"): 0.03, frames("main"): 0.01})
    assert {row.thread for row in found.rows} == {Thread(0, 0, "worker")}
    assert found.notes == ()


def test_what_was_inlined_stands_below_what_it_was_inlined_into() -> None:
    found = read(encoded([("main+small;work", [1, 5])]))
    assert [frame.function for frame in found.rows[0].stack] == ["main", "small", "work"]


def test_of_several_values_the_last_is_taken_or_the_one_that_the_file_names() -> None:
    samples = [("main;load", [9, 900, 4, 400])]
    held = read(encoded(samples, HEAP))
    assert (held.unit, held.weight, held.samples) == (Unit.BYTES, 400, 4)
    assert held.notes == ("only inuse_space is taken over, not alloc_objects, alloc_space",)
    allocated = read(encoded(samples, HEAP, default="alloc_space"))
    assert (allocated.weight, allocated.samples) == (900, 9)
    counted = read(encoded(samples, HEAP, default="alloc_objects"))
    assert (counted.unit, counted.weight, counted.samples) == (Unit.SAMPLES, 9, 9)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (encoded([("main", [1, -5])]), "less than nothing"),
        (encoded([("main", [1])]), "1 values, and not 2"),
        (encoded([("main", [1, 1])], (("cpu", "seconds"),)), "2 values"),
        (encoded([("main", [1])], (("cpu", "parsecs"),)), "'parsecs'"),
        (block(2, number(1, 1)), "what its samples count"),
        (encoded([("main", [1, 1])]) + block(2, number(1, 99) + number(2, 1) + number(2, 1)), "no location 99"),
        (encoded([("main", [1, 1])])[:-9], "no text|ends|longer"),
        (gzip.compress(encoded([("main", [1, 1])]))[:-12], "cut off"),
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "does not end"),
    ],
    ids=["negative", "few values", "many values", "unit", "no types", "location", "cut", "cut within gzip", "number"],
)
def test_what_is_wrong_is_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(ImportFormatError, match=words):
        read(data)


def test_what_unpacks_to_more_than_anybody_has_is_refused_before_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pprof, "MOST_BYTES", 1 << 16)
    with pytest.raises(ImportFormatError, match="unpacks to more"):
        read(gzip.compress(bytes(1 << 20)))


def test_it_is_recognised_packed_or_not_and_nothing_else_is() -> None:
    data = encoded([(f"main;f{at}", [1, at]) for at in range(1, 400)])
    for name, head in (("a.pb.gz", gzip.compress(data)), ("a", data[:500]), ("profile", gzip.compress(data)[:2_000])):
        assert recognise(name, head).name == "pprof"
    for name, text in (
        ("a.pb", b"\nmain;work 3\n"),
        ("a", b"2 main 3\n"),
        ("a.pprof", b'{"shared": {}, "profiles": []}'),
    ):
        assert recognise(name, text).name != "pprof"
    with pytest.raises(ImportFormatError, match="compressed"):
        recognise("a.pb.gz", gzip.compress(b"main;work 3\n"))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for given_bytes in (data, gzip.compress(data), encoded([("main", [1, 1])]) + data):
        pprof.looks_like(given_bytes)
        try:
            read(given_bytes)
        except PerftuiError:
            continue


def test_spoiled_files_are_read_or_refused() -> None:
    chance = random.Random(20261120)
    whole = encoded([("main;work+small", [3, 30]), ("main;load", [1, 10])], thread="worker")
    refused = 0
    for _ in range(2_000):
        spoiled = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(spoiled))
            spoiled[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        try:
            found = read(bytes(spoiled))
        except PerftuiError:
            refused += 1
        else:
            assert all(row.weight > 0 and row.samples > 0 and row.stack for row in found.rows)
    assert refused > 200
