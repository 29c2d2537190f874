"""Results that are no results: one sentence with the place, and never a traceback."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perftui.errors import ExitCode, NoDataError, OperationFormatError, PerftuiError, UsageError
from perftui.formats.operations import base
from perftui.formats.operations.registry import FORMATS, Kept, format_named, read_data, read_path
from tests.formats.operations.results import (
    CARGO_CRITERION,
    HYPERFINE,
    PYTEST_BENCHMARK,
    TEXTS,
    as_json,
    criterion_result,
)

READERS = [item for item in FORMATS if item.kept is not Kept.DIRECTORY]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def complaint(data: bytes, tool: str | None = None) -> str:
    with pytest.raises(OperationFormatError) as error:
        read_data(data, format_named(tool) if tool else None)
    assert error.value.exit_code is ExitCode.USAGE
    assert "\n" not in error.value.message
    return error.value.message


@pytest.mark.parametrize(
    ("data", "tool", "says"),
    [
        (b"", None, "the input is empty"),
        (b"SQLite format 3\0....", None, "the input is a database, not a result"),
        (b"hello", None, "is no result of a benchmark tool that is known"),
        (b"{", "hyperfine", "line 1, column 2: not JSON"),
        (b"\xff\xfe", "pyperf", "byte 0: not UTF-8"),
        (b"\x1f\x8b\x08junk", "pyperf", "the file is not whole"),
        (b"[" * 100_000, "asv", "nested too deeply"),
        (b"[" * 5_000_000, "asv", "more values than any result has"),
        (b'{"benchmarks": ' + b"9" * 5_000 + b"}", "pyperf", "a number of too many digits"),
        (b"[]", "hyperfine", "an object should stand here, not an array"),
        (b"{}", "pytest-benchmark", "benchmarks: an array should stand here, not nothing"),
        (b'{"results": []}', "hyperfine", "no benchmark in it was measured"),
        (b'{"results": [{"command": 1}]}', "hyperfine", "results[0].command: a text should stand here, not 1"),
        (b"test a ... bench: fast ns/iter", "bencher", "line 1: not a result of a benchmark"),
        (b"test a ... bench: 1 parsecs/iter (+/- 1)", "bencher", "line 1: an unknown unit, parsecs/iter"),
        (b"BenchmarkX 10 fast ns/op", "go", "line 1: fast is no number"),
        (b"BenchmarkX 10 -3 ns/op", "go", "is less than nothing"),
        (b"BenchmarkX 10 1e999 ns/op", "go", "inf is no measurement"),
        (b"BenchmarkX 10 1e40 ns/op 1e300 MB/s", "go", "1e+31 is no measurement"),
        (b"perftui", "criterion", "criterion keeps its results in a directory"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(data: bytes, tool: str | None, says: str) -> None:
    assert says in complaint(data, tool)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, "1", None, True, [1]])
def test_values_that_are_none_are_named(value: Any) -> None:
    times = {"results": [{"command": "x", "times": [0.1, value], "mean": 1.0}]}
    assert "results[0]" in complaint(json.dumps(times).encode())
    rounds = [{"name": "test_a", "stats": {"data": [value], "iterations": 1}}]
    assert "benchmarks[0]" in complaint(as_json({**PYTEST_BENCHMARK, "benchmarks": rounds}))


def test_executions_that_do_not_fit_are_named() -> None:
    assert "2 values of 1 counts" in complaint(CARGO_CRITERION.replace(b"[10,20]", b"[10]"))
    assert "counts of iterations" in complaint(CARGO_CRITERION.replace(b"[10,20]", b"[10,0]"))


def test_names_and_numbers_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"results": [{**HYPERFINE["results"][2], "command": "x" * 3000}]}
    assert "a name of more than 2000 characters" in complaint(json.dumps(named).encode())
    monkeypatch.setattr(base, "MOST_VALUES", 3)
    assert "more than 3 values in one result" in complaint(TEXTS["pytest-benchmark"])
    monkeypatch.setattr(base, "MOST_OPERATIONS", 2)
    assert "more than 2 operations" in complaint(TEXTS["bencher"])


def test_a_name_that_acts_on_a_terminal_is_only_shown() -> None:
    said = complaint(json.dumps({"results": [{"command": "\x1b[2Jrm", "times": [-1.0]}]}).encode(), "hyperfine")
    assert "␛[2Jrm" in said


@pytest.mark.parametrize("file", ["benchmark.json", "estimates.json", "sample.json"])
@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"times": [1], "iters": [], "mean": 1}', '{"mean": {"point_estimate": ""}}']
)
def test_a_broken_file_of_criterion_is_named(tmp_path: Path, file: str, content: str) -> None:
    folder = criterion_result(tmp_path, "g", "f", "1", times=[1, 2], iters=[1, 1])
    (folder / file).write_text(content)
    with pytest.raises(OperationFormatError) as error:
        read_path(tmp_path)
    assert "g/f/1/new" in error.value.message


def test_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    folder = criterion_result(tmp_path / "c", "g", None, None, times=[1], iters=[1])
    (folder / "sample.json").unlink()
    os.mkfifo(folder / "sample.json")
    with pytest.raises(OperationFormatError, match="is no file"):
        read_path(tmp_path / "c")
    (folder / "sample.json").unlink()
    (folder / "sample.json").symlink_to("nowhere")
    with pytest.raises(OperationFormatError, match=r"cannot read .*: No such file"):
        read_path(tmp_path / "c")
    (tmp_path / "d").mkdir()
    os.mkfifo(tmp_path / "d" / "a.json")
    (tmp_path / "d" / "b.json").symlink_to("nowhere")
    (tmp_path / "d" / "loop").symlink_to(".")
    with pytest.raises(NoDataError, match="holds no results"):
        read_path(tmp_path / "d")


@pytest.mark.parametrize("name", ["a" * 300, "x/" * 3000, "a\0b"])
def test_a_name_that_no_file_can_have_is_a_sentence(name: str) -> None:
    for tool in (None, *FORMATS):
        with pytest.raises(PerftuiError) as error:
            read_path(Path(name), tool)
        assert error.value.exit_code in (ExitCode.USAGE, ExitCode.NO_DATA)


def test_places_that_hold_nothing_are_said(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match="there is no file"):
        read_path(tmp_path / "none.json")
    with pytest.raises(NoDataError, match="holds no results of a benchmark tool"):
        read_path(tmp_path)
    with pytest.raises(NoDataError, match="holds no results of criterion"):
        read_path(tmp_path, format_named("criterion"))
    with pytest.raises(UsageError, match="only criterion"):
        read_path(tmp_path / "none.json", saved="main")
    with pytest.raises(UsageError) as error:
        format_named("hyperfin")
    assert error.value.hint == "did you mean hyperfine?"


@settings(max_examples=200)
@given(st.sampled_from(READERS), st.binary(max_size=300), st.integers(0, 2**32))
def test_mutated_results_are_read_or_refused(reader: Any, noise: bytes, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(TEXTS[reader.name])
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(content))
        match chance.randrange(4):
            case 0:
                del content[at : at + chance.randrange(1, 40)]
            case 1:
                content[at : at + 1] = noise[: chance.randrange(len(noise) + 1)]
            case 2:
                content[at:at] = chance.choice([b"-", b"1e999", b"null", b"[", b"{", b'"', b"NaN", b"9" * 400])
            case _:
                content[at] = chance.randrange(256)
        if not content:
            break
    read_or_refused(bytes(content), reader)


@settings(max_examples=200)
@given(st.sampled_from(READERS), st.data())
def test_documents_of_other_values_are_read_or_refused(reader: Any, data: st.DataObject) -> None:
    try:
        document = json.loads(TEXTS[reader.name])
    except ValueError:
        return
    at: Any = document
    for _ in range(data.draw(st.integers(0, 5))):
        places = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not places:
            break
        place = data.draw(st.sampled_from(places))
        if not isinstance(at[place], dict | list) or data.draw(st.booleans()):
            at[place] = data.draw(json_values)
            break
        at = at[place]
    read_or_refused(json.dumps(document).encode(), reader)


def read_or_refused(data: bytes, reader: Any) -> None:
    for wanted in (reader, None):
        try:
            report = read_data(data, wanted)
        except PerftuiError as error:
            assert "\n" not in (error.message or "\n")  # noqa: PT017 (both ends are right)
        else:
            assert report.operations
