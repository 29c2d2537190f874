from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.errors import ImportFormatError
from perftui.formats.base import StackProfile, StackRow
from perftui.formats.speedscope import looks_like, read, write
from perftui.model.frame import Frame, Stack
from perftui.model.sample import Thread
from perftui.units import Unit
from tests.formats.profiles import MAIN, by_thread, profile, stack, stacks, threads, totals


def document(*profiles: dict[str, Any], frames: str = "abc") -> dict[str, Any]:
    return {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "shared": {"frames": [{"name": name} for name in frames]},
        "profiles": list(profiles),
    }


def sampled(samples: list[Any], weights: list[Any], **changes: Any) -> dict[str, Any]:
    end = sum(weights)
    return {
        "type": "sampled", "name": "t", "unit": "none", "startValue": 0, "endValue": end, "samples": samples,
        "weights": weights, **changes,
    }  # fmt: skip


def evented(*events: tuple[str, int, float], **changes: Any) -> dict[str, Any]:
    return {
        "type": "evented", "name": "t", "unit": "seconds", "startValue": 0, "endValue": 10,
        "events": [{"type": kind, "frame": frame, "at": at} for kind, frame, at in events], **changes,
    }  # fmt: skip


def parsed(content: object) -> StackProfile:
    return read(json.dumps(content).encode(), name="test")


def written(rows: StackProfile) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads("".join(write(rows)))
    return loaded


units = st.sampled_from([Unit.SAMPLES, Unit.SECONDS, Unit.BYTES])
rows = st.lists(st.tuples(threads, stacks, st.floats(1e-6, 1e9), st.integers(1, 4)), max_size=8)


@given(units, rows)
def test_every_sample_comes_back_in_its_order(unit: Unit, data: list[tuple[Thread, Stack, float, int]]) -> None:
    original = StackProfile("x", unit, [StackRow(t, s, each * n, n) for t, s, each, n in data], ordered=True)
    again = read("".join(write(original)).encode(), name="x")

    # A line without a file is not carried by the model's builders, so frames come back whole.
    assert by_thread(again).keys() == by_thread(original).keys()
    for thread, samples in by_thread(original).items():
        for (path, each, _), (path_again, each_again, _) in zip(samples, by_thread(again)[thread], strict=True):
            assert path_again == path
            assert each_again == pytest.approx(each, rel=1e-12)
    assert (again.unit if data else unit) is unit


@given(units, rows)
def test_every_export_holds_what_the_published_schema_asks_for(
    unit: Unit, data: list[tuple[Thread, Stack, float, int]]
) -> None:
    exported = written(StackProfile("x", unit, [StackRow(t, s, each * n, n) for t, s, each, n in data]))

    assert exported["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    assert isinstance(exported["name"], str)
    frame_count = len(exported["shared"]["frames"])
    for frame in exported["shared"]["frames"]:
        assert isinstance(frame["name"], str)
        assert set(frame) <= {"name", "file", "line"}
    for one in exported["profiles"]:
        assert one["type"] == "sampled"
        assert one["unit"] in {"none", "seconds", "bytes"}
        assert isinstance(one["name"], str)
        assert isinstance(one["startValue"], int | float)
        assert one["endValue"] == pytest.approx(sum(one["weights"]))
        assert len(one["samples"]) == len(one["weights"])
        assert all(0 <= i < frame_count for sample in one["samples"] for i in sample)


def test_a_sample_is_one_entry() -> None:
    exported = written(StackProfile("x", Unit.SECONDS, [StackRow(MAIN, stack("a;b"), 0.03, 3)]))
    (one,) = exported["profiles"]
    assert one["samples"] == [[0, 1]] * 3
    assert one["weights"] == [0.01] * 3
    assert one["name"] == 'Process 100 Thread 100 "MainThread"'


def test_a_profile_without_samples_is_written_and_read() -> None:
    assert parsed(written(StackProfile("x", Unit.SECONDS, []))).rows == []


@pytest.mark.parametrize(
    ("name", "thread"),
    [
        ('Thread 123 "MainThread"', Thread(0, 123, "MainThread")),
        ('Process 7 Thread 0x7F "we"ird"', Thread(7, 127, 'we"ird')),
        ('Process 7 Thread 8 "two\nlines"', Thread(7, 8, "two\nlines")),
        ("something else", Thread(0, 1, "something else")),
        (None, Thread(0, 1, "")),
    ],
)
def test_the_name_of_a_profile_is_its_thread(name: str | None, thread: Thread) -> None:
    (row,) = parsed(document(sampled([[0]], [1], name=name))).rows
    assert row.thread == thread


@pytest.mark.parametrize(
    ("unit", "expected", "weight"),
    [
        ("none", Unit.SAMPLES, 1500.0),
        ("seconds", Unit.SECONDS, 1500.0),
        ("milliseconds", Unit.SECONDS, 1.5),
        ("microseconds", Unit.SECONDS, 0.0015),
        ("nanoseconds", Unit.SECONDS, 0.0000015),
        ("bytes", Unit.BYTES, 1500.0),
    ],
)
def test_every_unit_is_read(unit: str, expected: Unit, weight: float) -> None:
    again = parsed(document(sampled([[0, 1]], [1500], unit=unit)))
    assert (again.unit, again.weight) == (expected, weight)


def test_frames_that_are_listed_twice_are_one() -> None:
    again = parsed(document(sampled([[0, 1], [2, 3]], [1, 2]), frames="abab"))
    assert totals(again) == {stack("a;b"): 3.0}


def test_files_and_lines_are_read_where_there_are_any() -> None:
    content = document(sampled([[0, 1]], [1]))
    content["shared"]["frames"] = [{"name": "f", "file": "a.py", "line": 3, "col": 1}, {"name": "g", "line": 1e300}]
    assert parsed(content).rows[0].stack == (Frame("f", "a.py", 3), Frame("g"))


def test_an_evented_profile_gives_the_time_spent_in_each_stack() -> None:
    again = parsed(document(evented(("O", 0, 1), ("O", 1, 2), ("C", 1, 5), ("C", 0, 6), ("O", 2, 8))))
    assert totals(again) == {stack("a"): 2.0, stack("a;b"): 3.0, stack("c"): 2.0}


def test_profiles_of_another_unit_are_left_out_and_said_so() -> None:
    again = parsed(document(sampled([[0]], [3], unit="seconds"), sampled([[1]], [9], unit="bytes")))
    assert totals(again) == {stack("a"): 3.0}
    assert "profiles[1]" in again.notes[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "the file"),
        ({}, "shared"),
        ({"shared": {"frames": [{"file": "x"}]}, "profiles": []}, r"shared.frames\[0\]"),
        ({"shared": {"frames": []}}, "profiles"),
        (document(sampled([[0]], [1], unit="furlongs")), r"profiles\[0\].unit"),
        (document(sampled([[0]], [1], type="other")), r"profiles\[0\].type"),
        (document(sampled([[0]], [1, 2])), "1 samples and 2 weights"),
        (document(sampled([[3]], [1])), r"samples\[0\]"),
        (document(sampled([[-1]], [1])), r"samples\[0\]"),
        (document(sampled([[0.0]], [1])), r"samples\[0\]"),
        (document(sampled([[[0]]], [1])), r"samples\[0\]"),
        (document(sampled([["a"]], [1])), r"samples\[0\]"),
        (document(sampled([0], [1])), r"samples\[0\]"),
        (document(sampled([[0]], [-1])), "negative"),
        (document(sampled([[0]], [True])), r"weights\[0\]"),
        (document(sampled([[0]], [10**400], endValue=1)), r"weights\[0\]"),
        (document(evented(("O", 0, 2), ("C", 0, 1))), "back in time"),
        (document(evented(("O", 0, 1), ("C", 1, 2))), "innermost"),
        (document(evented(("C", 0, 1))), "innermost"),
        (document(evented(("O", 9, 1))), r"events\[0\]"),
        (document(evented(("X", 0, 1))), r"events\[0\].type"),
        (document(evented(*[("O", 0, 1)] * 20_001)), "within each other"),
    ],
)  # fmt: skip
def test_what_the_format_does_not_allow_is_named_by_its_place(content: object, words: str) -> None:
    with pytest.raises(ImportFormatError, match=words):
        parsed(content)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b'{"shared": ', "line 1, column 12"),
        (b"[" * 200_000, "nested"),
        (b'{"shared": ' + b"9" * 5_000 + b"}", "number"),
        (b'{"shared": NaN}', "number"),
        (b"\xff\xfe{\0", "UTF-8"),
    ],
)
def test_what_is_no_json_is_named_by_its_place(data: bytes, words: str) -> None:
    with pytest.raises(ImportFormatError, match=words):
        read(data, name="x")


def test_deep_stacks_in_a_small_file_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perftui.formats.speedscope.MOST_STACK_FRAMES", 10_000)
    opened = [("O", 0, 0.0)] * 200
    turns = [event for i in range(100) for event in (("O", i % 3, i + 1.0), ("O", 1, i + 1.5))]
    with pytest.raises(ImportFormatError, match="deeper"):
        parsed(document(evented(*opened, *turns, endValue=1000)))


def test_the_format_is_told_by_its_keys() -> None:
    assert looks_like(b'\n{"$schema":"https://www.speedscope.app/file-format-schema.json",')
    assert looks_like(b'{"profiles": [')
    assert not looks_like(b'{"something": "else"}')
    assert not looks_like(b"main;speedscope 3\n")


def test_a_plain_profile_is_the_same_in_both_formats() -> None:
    from perftui.formats import collapsed

    original = profile("main;a 3\nmain;b 2")
    through = read("".join(write(original)).encode(), name="x")
    assert "".join(collapsed.write(through)) == "main;a 3\nmain;b 2\n"
