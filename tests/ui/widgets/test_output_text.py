"""Output of a workload becomes lines that are safe to draw, wherever its bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.ui.widgets.output_text import MAX_LINE_CHARACTERS, OutputText

PIECES = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from(
            [
                b"plain", b"\n", b"\r", b"\r\n", b"\b", b"\t", b"\x1b", b"\x1b[31m", b"\x1b[2K", b"\x1b[K", b"\x1b[1K",
                b"\x1b]0;title\x07", b"\x1b]8;;http://x\x1b\\", b"\x1bP1;2q", b"\x1b\\", b"\x1b[", b"\x1b]", b"\x1b[1;",
                b"\x9b31m", b"\xc2\x9b", "日本語".encode(), "é".encode()[:1], b"\x07", b"\x00", b"\x1b(B", b"\x1b=",
                b"\x1b[?25l", b"\x1b[" + b"1" * 5000 + b"m", b"\x1b]" + b"x" * 5000, b"\x1b[G", b"\xff\xfe",
            ]
        ),
    ),
    max_size=25,
)  # fmt: skip


def text(*chunks: bytes, max_lines: int = 100) -> list[str]:
    made = OutputText(max_lines=max_lines)
    for chunk in chunks:
        made.feed(chunk)
    made.finish()
    return made.lines


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\r\ntwo", ["one", "two"]),
        (b"10 %\r20 %\r100 %\n", ["100 %"]),
        (b"100 %\r9 %\n", ["9 % %"]),
        (b"100 %\r\x1b[K9 %\n", ["9 %"]),
        (b"abc\b\bX\n", ["aXc"]),
        (b"a\tb\n", ["a       b"]),
        (b"\x1b[1;31mred\x1b[0m\n", ["red"]),
        (b"\x1b]0;title\x07text\x1b]8;;u\x1b\\link\n", ["textlink"]),
        (b"\x1bPq...\x1b\\after\n", ["after"]),
        (b"\x1b[?25lhidden\x1b[?25h\n", ["hidden"]),
        (b"bell\x07nul\x00\n", ["bellnul"]),
        (b"\x01\n", ["␁"]),
        (b"\xc2\x9b31m\n", ["�31m"]),
        (b"caf\xc3\xa9 \xff\n", ["café �"]),
        (b"\x1b]never ended\nnext\n", ["␛]never ended", "next"]),
        (b"no end", ["no end"]),
        (b"\x1b[31", ["␛[31"]),
        (b"\n\n", ["", ""]),
        (b"", []),
    ],
)
def test_a_workload_s_output_becomes_lines(data: bytes, lines: list[str]) -> None:
    assert text(data) == lines


@settings(max_examples=300)
@given(PIECES, st.lists(st.integers(0, 400), max_size=12))
def test_bytes_may_be_cut_anywhere(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[a:b] for a, b in pairwise(edges)]
    assert text(*chunks) == text(data)


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_single_bytes_are_the_same_as_all_at_once(data: bytes) -> None:
    assert text(*(data[i : i + 1] for i in range(len(data)))) == text(data)


@given(PIECES)
def test_no_line_holds_anything_that_acts_on_a_terminal(pieces: list[bytes]) -> None:
    for line in text(b"".join(pieces)):
        assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in line)


def test_old_lines_are_dropped_and_counted() -> None:
    made = OutputText(max_lines=10)
    made.feed(b"".join(b"%d\n" % i for i in range(25)) + b"rest")
    assert made.dropped == 15
    assert made.lines[0] == "15"
    assert made.lines[-1] == "rest"
    assert made.line(9) == "24"


def test_a_line_without_an_end_stays_small() -> None:
    made = OutputText()
    for _ in range(100):
        made.feed(b"x" * 10_000)
    assert len(made.lines[0]) == MAX_LINE_CHARACTERS


def test_a_sequence_without_an_end_stays_small() -> None:
    made = OutputText()
    for _ in range(200):
        made.feed(b"\x1b]" + b"y" * 500)
    assert len(made._waiting) <= 5000
