from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import ExitCode, ImportFormatError
from perftui.formats.base import StackProfile, StackRow
from perftui.formats.collapsed import frame_text, looks_like, parse_frame, read, write
from perftui.model.frame import Frame, Stack
from perftui.model.sample import Thread
from perftui.units import Unit
from tests.formats.profiles import MAIN, frames, profile, stack, stacks, totals


def written(rows: StackProfile) -> str:
    return "".join(write(rows))


def parsed(text: str) -> StackProfile:
    return read(text.encode(), name="test")


@given(st.lists(st.tuples(stacks, st.integers(1, 10**6)), min_size=1, max_size=8))
def test_samples_come_back_as_they_were_written(rows: list[tuple[Stack, int]]) -> None:
    original = StackProfile("x", Unit.SAMPLES, [StackRow(MAIN, path, float(n), n) for path, n in rows])
    assert totals(parsed(written(original))) == totals(original)


@given(st.lists(st.tuples(stacks, st.floats(1e-9, 1e12)), min_size=1, max_size=8))
def test_weights_that_are_no_whole_numbers_come_back_to_the_last_digit(rows: list[tuple[Stack, float]]) -> None:
    distinct = dict(rows)
    original = StackProfile("x", Unit.BYTES, [StackRow(MAIN, path, weight, 1) for path, weight in distinct.items()])
    assert totals(parsed(written(original))) == distinct


@given(frames)
def test_any_frame_survives_its_text(frame: Frame) -> None:
    text = frame_text(frame)
    assert parse_frame(text) == Frame(frame.function, frame.file, frame.line if frame.file else 0)
    assert not {";", "\n", "\r"} & set(text)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("work (app.py:12)", Frame("work", "app.py", 12)),
        ("K.method.<locals>.<lambda> (/a b/c.py:3)", Frame("K.method.<locals>.<lambda>", "/a b/c.py", 3)),
        ("<module> (<string>:1)", Frame("<module>", "<string>", 1)),
        ("<module> (<frozen runpy>)", Frame("<module>", "<frozen runpy>")),
        ("poll (libc.so.6)", Frame("poll", "libc.so.6")),
        ("work", Frame("work")),
        ("work (inlined)", Frame("work (inlined)")),
        ("operator() (int)", Frame("operator() (int)")),
        ("100%", Frame("100%")),
        ("a%3Bb", Frame("a;b")),
        ("work (app.py:99999999999)", Frame("work", "app.py:99999999999")),
    ],
)
def test_a_frame_is_read_as_the_tools_write_it(text: str, frame: Frame) -> None:
    assert parse_frame(text) == frame


def test_a_plain_line_of_perf_is_read() -> None:
    (row,) = parsed("main;work;leaf 3").rows
    assert (row.stack, row.weight, row.samples) == (stack("main;work;leaf"), 3.0, 3)


def test_blank_lines_and_line_ends_of_windows_do_no_harm() -> None:
    assert totals(parsed("\ufeff\r\n\nmain;a 1\r\nmain;a 2.5 \n\n")) == {stack("main;a"): 3.5}


def test_names_may_hold_blanks_and_numbers() -> None:
    assert totals(parsed("a b 1;c 2 3")) == {(Frame("a b 1"), Frame("c 2")): 3.0}


def test_threads_and_processes_of_py_spy_are_threads() -> None:
    rows = parsed(
        'process 7:"python -m app";process 9:"x";thread (0x1F): worker;main (a.py:1) 4\nthread (5);main 1'
    ).rows
    assert [row.thread for row in rows] == [Thread(9, 31, "worker"), Thread(0, 5, "")]
    assert [row.stack for row in rows] == [(Frame("main", "a.py", 1),), (Frame("main"),)]


@pytest.mark.parametrize("name", ["thread (5)", "thread (5): x", 'process 9:"x"', "f (a.py:3)"])
def test_a_function_that_is_called_like_something_else_stays_a_function(name: str) -> None:
    original = StackProfile("x", Unit.SAMPLES, [StackRow(MAIN, (Frame(name), Frame("leaf")), 2.0, 2)])
    (row,) = parsed(written(original)).rows
    assert row.stack == (Frame(name), Frame("leaf"))
    assert row.thread == Thread(0, 0)


def test_a_weight_that_is_no_whole_number_stands_for_as_many_samples_as_it_is_near_to() -> None:
    rows = parsed("main;a 110.4\nmain;b 0.2\nmain;c 2.5e2").rows
    assert [(row.weight, row.samples) for row in rows] == [(110.4, 110), (0.2, 1), (250.0, 250)]


def test_sampled_seconds_are_written_as_numbers_of_samples() -> None:
    rows = [StackRow(MAIN, stack("main;a"), 0.37, 37), StackRow(MAIN, stack("main;b"), 0.01, 1)]
    assert written(StackProfile("x", Unit.SECONDS, rows)) == "main;a 37\nmain;b 1\n"


def test_where_the_rate_changed_samples_are_those_of_the_highest_rate() -> None:
    rows = [
        StackRow(MAIN, stack("a"), 0.5, 50),
        StackRow(MAIN, stack("a"), 0.5, 10),
        StackRow(MAIN, stack("b"), 1, 100),
    ]
    assert totals(parsed(written(StackProfile("x", Unit.SECONDS, rows)))) == {stack("a"): 100.0, stack("b"): 100.0}


def test_all_threads_are_written_together() -> None:
    rows = [StackRow(Thread(1, i), stack("main"), 1.0, 1) for i in range(3)]
    assert written(StackProfile("x", Unit.SAMPLES, rows)) == "main 3\n"


def test_a_sample_without_frames_is_read_as_py_spy_writes_it() -> None:
    found = parsed("main (app.py:3);work (app.py:9) 7\n 2\n")
    assert [(row.stack[-1].function, row.samples) for row in found.rows] == [("work", 7), ("(no frames)", 2)]


def test_a_sample_without_frames_is_not_lost() -> None:
    assert written(StackProfile("x", Unit.SAMPLES, [StackRow(MAIN, (), 2.0, 2)])) == "(no frames) 2\n"


@pytest.mark.parametrize(
    "line",
    [
        "main;work",
        "main 1,5",
        "main -3",
        "main nan",
        "main inf",
        "main 0x10",
        "main 1_000",
        "main ٣",
        "42",
        "main 1e999",
    ],
)
def test_a_line_that_is_none_is_named_by_its_number(line: str) -> None:
    with pytest.raises(ImportFormatError, match="line 2") as caught:
        parsed(f"main;work 1\n{line}\n")
    assert caught.value.exit_code is ExitCode.SESSION_UNREADABLE
    assert caught.value.hint


@pytest.mark.parametrize("data", [b"", b"\n \n", b"main 0\n", b"\xff\xfem\0a\0i\0n\0", b"main \xff 1"])
def test_a_file_without_a_stack_is_one_sentence(data: bytes) -> None:
    with pytest.raises(ImportFormatError):
        read(data, name="x")


def test_the_format_is_told_by_its_first_line() -> None:
    assert looks_like(b"main;work 3\nmain;cut of")
    assert looks_like(b"\n\nmain 1.5\n")
    assert not looks_like(b"once upon a time\n")
    assert not looks_like(b'{"a": 1}')
    assert not looks_like(b"")


def test_equal_stacks_are_one_object() -> None:
    rows = parsed("a;b 1\na;b 1\n" + profile("c 1").name + " 2").rows
    assert rows[0].stack is rows[1].stack
