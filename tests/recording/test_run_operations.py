"""What a benchmark tool inside of a workload leaves: where it is looked for, and what counts as of this run."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from perftui.errors import NoDataError, OperationFormatError
from perftui.model.session import OutputChunk
from perftui.model.workload import BENCHMARK_TOOLS, BenchmarkResult, Workload
from perftui.recording import run_operations
from perftui.recording.run_operations import RunOperations
from tests.formats.operations.results import GO, HYPERFINE, PYTEST_BENCHMARK, as_json, criterion_result


def of(text: str, cwd: Path, **env: str) -> RunOperations:
    return RunOperations(BenchmarkResult.parse(text), Workload(("true",), cwd, env))


@pytest.mark.parametrize("text", ["criterion", "go", "bencher:out.txt", "hyperfine:C:/x.json", "asv:results/box"])
def test_a_result_is_written_as_it_was_read(text: str) -> None:
    assert str(BenchmarkResult.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("", "there is no benchmark tool called ''", "known are"),
        ("criterio", "there is no benchmark tool called 'criterio'", "did you mean criterion?"),
        ("hyperfine", "hyperfine writes its result where it is told to", "hyperfine:result.json"),
        ("pyperf:", "pyperf writes its result where it is told to", "pyperf:result.json"),
        ("go:\0", "a path with a zero byte", "name a file"),
    ],
)
def test_what_is_no_result_is_said(text: str, says: str, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as error:
        BenchmarkResult.parse(text)
    assert hint in error.value.args[1]


def test_the_tools_of_runs_are_those_that_are_read() -> None:
    from perftui.formats.operations.registry import NAMES

    assert sorted(BENCHMARK_TOOLS) == sorted(NAMES)


def test_what_is_printed_is_put_together_from_its_pieces(tmp_path: Path) -> None:
    run = of("go", tmp_path)
    for at in range(0, len(GO), 7):
        run.hear(OutputChunk(0.0, GO[at : at + 7]))
    assert len(run.read(time.time()).operations) == 7
    with pytest.raises(OperationFormatError, match="the workload's output: no benchmark in it was measured"):
        of("bencher", tmp_path).read(time.time())


def test_output_without_an_end_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_operations, "MOST_OUTPUT_BYTES", 100)
    run = of("go", tmp_path)
    for _ in range(10):
        run.hear(OutputChunk(0.0, GO[:60]))
    with pytest.raises(NoDataError, match="too much to look for results in") as error:
        run.read(time.time())
    assert error.value.hint == "write the result to a file: --ingest go:FILE"


def test_a_file_of_before_the_run_is_none_of_its_results(tmp_path: Path) -> None:
    (tmp_path / "h.json").write_bytes(as_json(HYPERFINE))
    began = time.time()
    os.utime(tmp_path / "h.json", (began - 10, began - 10))
    with pytest.raises(NoDataError, match="is from before this run"):
        of("hyperfine:h.json", tmp_path).read(began)
    os.utime(tmp_path / "h.json", (began + 1, began + 1))
    assert of("hyperfine:h.json", tmp_path).read(began).operations


def test_criterion_is_found_above_and_where_cargo_was_told_to_write(tmp_path: Path) -> None:
    (tmp_path / "crates" / "one").mkdir(parents=True)
    criterion_result(tmp_path / "target" / "criterion", "usual", None, None, times=[1.0], iters=[1])
    criterion_result(tmp_path / "other" / "criterion", "told", None, None, times=[1.0], iters=[1])
    inner = tmp_path / "crates" / "one"
    assert of("criterion", inner).read(0.0).operations[0].name == "usual"
    assert of("criterion", tmp_path, CARGO_TARGET_DIR="other").read(0.0).operations[0].name == "told"
    assert of("criterion:other/criterion", tmp_path).read(0.0).operations[0].name == "told"


def test_pytest_benchmark_is_read_from_its_storage(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match=r"there is no .benchmarks") as error:
        of("pytest-benchmark", tmp_path).read(0.0)
    assert "--ingest pytest-benchmark:PATH" in error.value.hint
    folder = tmp_path / ".benchmarks" / "Linux-CPython"
    folder.mkdir(parents=True)
    (folder / "0001_x.json").write_bytes(as_json(PYTEST_BENCHMARK))
    assert len(of("pytest-benchmark", tmp_path).read(0.0).operations) == 4
