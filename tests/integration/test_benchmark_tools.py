"""Results that real benchmark tools write on the spot: every raw value, and figures that equal the tool's own."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perftui.analysis.operation_figures import operation_figure
from perftui.cli import main
from perftui.model.operation import Operation
from perftui.storage.session_file import open_session, verify

pytestmark = pytest.mark.integration

BENCHMARKS = """
import pytest

@pytest.mark.parametrize("size", [100, 1000])
def test_sort(benchmark, size):
    benchmark.pedantic(sorted, args=(list(range(size, 0, -1)),), rounds=120, iterations=5)

@pytest.mark.benchmark(group="memory")
def test_recall(benchmark):
    benchmark.pedantic(dict, rounds=6)
"""
DAG = """
use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion, Throughput};
use std::time::Duration;

fn build(n: u64) -> u64 {
    (0..n).fold(1, |sum, i| sum.wrapping_mul(31).wrapping_add(std::hint::black_box(i)))
}

fn dag(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scheduler");
    for n in [100u64, 1000] {
        group.throughput(Throughput::Elements(n));
        group.bench_with_input(BenchmarkId::new("build_dag", n), &n, |b, n| b.iter(|| build(*n)));
    }
    group.finish();
    criterion.bench_function("recall", |b| b.iter(|| build(50)));
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200));
    targets = dag
}
criterion_main!(benches);
"""
CARGO = """
[package]
name = "sched"
version = "0.1.0"
edition = "2021"

[dev-dependencies]
criterion = { version = "0.5", default-features = false }

[[bench]]
name = "dag"
harness = false
"""
GO_BENCHMARK = """
package sched

import "testing"

func BenchmarkFill(b *testing.B) {
	for i := 0; i < b.N; i++ {
		_ = make([]byte, 100)
	}
}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PERFTUI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.stdin", None)  # pytest's own has no descriptor
    monkeypatch.chdir(tmp_path)
    # The tests inside know nothing of those around them.
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def recorded(capsys: pytest.CaptureFixture[str], tool: str, *command: str) -> Any:
    """The document of a run with a benchmark tool in it."""
    assert main(["record", "--quiet", "--json", "--ingest", tool, "--", *command]) == 0
    return json.loads(capsys.readouterr().out)


def ingested(capsys: pytest.CaptureFixture[str], *words: str) -> Mapping[str, Operation]:
    assert main(["ingest", *words, "--json"]) == 0
    saved = open_session(Path(json.loads(capsys.readouterr().out)["path"]))
    assert verify(saved.path) == []
    return {operation.key: operation for operation in saved.operations}


def equal(operation: Operation, name: str, value: float) -> None:
    """A figure is the tool's own to nine digits."""
    assert operation_figure(operation, name).value == pytest.approx(value, rel=1e-9)


def run(*argv: str | Path, **env: str) -> str:
    done = subprocess.run(argv, check=True, capture_output=True, text=True, env={**os.environ, **env})
    return done.stdout


def test_pytest_benchmark_is_profiled_and_read_in_one_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "test_bench.py").write_text(BENCHMARKS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "--benchmark-json", "bench.json"]
    document = recorded(capsys, "pytest-benchmark:bench.json", *command)
    assert (document["exit_code"], document["trouble"]) == (0, "")
    saved = open_session(Path(document["path"]))
    written = json.loads((tmp_path / "bench.json").read_text())["benchmarks"]
    assert [operation.key for operation in saved.operations] == [
        "test_sort[100]",
        "test_sort[1000]",
        "memory.test_recall",
    ]
    for operation, benchmark in zip(saved.operations, written, strict=True):
        stats = benchmark["stats"]
        assert operation.values == tuple(stats["data"])
        for name in ("mean", "median", "stddev", "min", "max"):
            equal(operation, name, stats[name])
        assert operation.weights == (((stats["iterations"],) * len(stats["data"]),) if stats["iterations"] > 1 else ())
    equal(saved.operations[0], "p99", float(np.percentile(written[0]["stats"]["data"], 99)))
    assert saved.readings
    assert verify(saved.path) == []
    assert ingested(capsys, "bench.json") == {operation.key: operation for operation in saved.operations}


def test_a_run_whose_result_cannot_be_read_is_kept_and_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "--json", "--ingest", "go", "--", "true"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["trouble"] == "the workload's output: no benchmark in it was measured"
    assert captured.err.count("no benchmark in it was measured") == 1
    saved = open_session(Path(document["path"]))
    assert (saved.operations, saved.meta.exit_code, saved.meta.environment["ingests"]) == ((), 0, "go")


def test_pyperf_keeps_its_processes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    timeit = ["timeit", "-p", "2", "-n", "3", "-w", "1", "-l", "8", "--name", "sort[100]", "sorted(range(100))"]
    run(sys.executable, "-m", "pyperf", *timeit, "-q", "-o", "perf.json")
    operation = ingested(capsys, "perf.json")["sort[100]"]
    import pyperf

    benchmark = pyperf.Benchmark.load("perf.json")
    assert operation.values == benchmark.get_values()
    assert [len(run) for run in operation.runs] == [3, 3]
    assert operation.weights == ((8, 8, 8), (8, 8, 8))
    equal(operation, "mean", benchmark.mean())
    equal(operation, "median", benchmark.median())
    equal(operation, "stddev", benchmark.stdev())
    equal(operation, "mean", statistics.fmean(benchmark.get_values()))


@pytest.mark.peers
@pytest.mark.skipif(shutil.which("hyperfine") is None, reason="hyperfine is not installed")
def test_hyperfine_counts_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    run(
        "hyperfine", "-N", "-i", "--runs", "6", "-P", "code", "0", "1", "sh -c 'exit {code}'", "--export-json", "h.json"
    )
    found = ingested(capsys, "h.json")
    for operation, result in zip(found.values(), json.loads(Path("h.json").read_text())["results"], strict=True):
        assert operation.values == tuple(result["times"])
        for name in ("mean", "median", "stddev", "min", "max"):
            equal(operation, name, result[name])
    assert [(operation.ok, operation.failed) for operation in found.values()] == [(6, 0), (0, 6)]
    assert list(found) == ["sh -c 'exit {code}'[0]", "sh -c 'exit {code}'[1]"]


@pytest.mark.peers
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
def test_criterion_is_read_after_a_run_and_as_bencher_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Cargo.toml").write_text(CARGO)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "lib.rs").write_text("")
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "dag.rs").write_text(DAG)
    document = recorded(capsys, "criterion", "cargo", "bench", "--bench", "dag")
    found = {operation.key: operation for operation in open_session(Path(document["path"])).operations}
    assert set(found) == {"scheduler.build_dag[100]", "scheduler.build_dag[1000]", "recall"}
    for operation in found.values():
        parts = [operation.group, operation.name, operation.parameter]
        folder = tmp_path.joinpath("target", "criterion", *filter(None, parts), "new")
        sample, estimates = (json.loads((folder / name).read_text()) for name in ("sample.json", "estimates.json"))
        assert operation.weights == (tuple(map(int, sample["iters"])),)
        each = [1e-9 * time / count for time, count in zip(sample["times"], sample["iters"], strict=True)]
        assert operation.values == pytest.approx(each, rel=1e-12)
        for name, theirs in (("mean", "mean"), ("median", "median"), ("stddev", "std_dev")):
            equal(operation, name, 1e-9 * estimates[theirs]["point_estimate"])
    text = run("cargo", "bench", "--bench", "dag", "--", "--output-format", "bencher", "scheduler")
    Path("bencher.txt").write_text(text)
    assert set(ingested(capsys, "bencher", "bencher.txt")) == {"scheduler.build_dag[100]", "scheduler.build_dag[1000]"}


@pytest.mark.peers
@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("go") is None, reason="go is not installed")
def test_go_prints_one_value_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "go.mod").write_text("module example.com/sched\ngo 1.20\n")
    (tmp_path / "sched_test.go").write_text(GO_BENCHMARK)
    text = run("go", "test", "-bench", ".", "-benchmem", "-count", "3", "-benchtime", "1000x")
    Path("go.txt").write_text(text)
    found = ingested(capsys, "go.txt")
    lines = [line.split() for line in text.splitlines() if line.startswith("BenchmarkFill")]
    assert found["sched.Fill"].values == pytest.approx([1e-9 * float(line[2]) for line in lines], rel=1e-12)
    assert found["sched.Fill"].weights == ((1000, 1000, 1000),)
    assert len(found["sched.Fill allocs/op"].values) == 3
