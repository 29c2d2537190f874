"""Results of benchmark tools in the shapes that they write, small and written by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BENCHER = b"""
running 3 tests
test sort::tests::bench_quick ... bench:       1,234.56 ns/iter (+/- 12)
test copy ... bench:   2,000 ns/iter (+/- 1,000) = 512 MB/s
test broken ... FAILED
\x1b[32mtest scheduler/build dag/100 ... bench:          78 ns/iter (+/- 2)\x1b[0m\r
test scheduler/copy ... bench:          40 ns/iter (+/- 1)
test flat/1000 ... bench:           1.5 us/iter (+/- 0)

test result: FAILED. 1 failed; 0 ignored; 5 measured; 0 filtered out; finished in 0.51s
"""

GO = b"""goos: linux
goarch: amd64
pkg: example.com/sched
cpu: Example Processor
BenchmarkSort/size=100-4         	   20000	      3000 ns/op	 100.00 MB/s	     896 B/op	       1 allocs/op
BenchmarkSort/size=100-4         	   40000	      3500 ns/op	  85.71 MB/s	     896 B/op	       1 allocs/op
BenchmarkPlain-4                 	100000000	         0.5000 ns/op	        42.50 hits/op	   7 rows/s
--- FAIL: BenchmarkBroken
PASS
ok  	example.com/sched	1.646s
pkg: example.com/other/sched
BenchmarkPlain-4                 	 1000	         2.000 ns/op
"""

PYTEST_BENCHMARK: Mapping[str, Any] = {
    "machine_info": {"node": "somewhere", "python_version": "3.12.1", "cpu": {"brand_raw": "Example Processor"}},
    "commit_info": {"id": "0123456789abcdef", "dirty": False},
    "benchmarks": [
        {
            "group": None,
            "name": "test_build[100]",
            "fullname": "tests/test_dag.py::test_build[100]",
            "params": {"n": 100},
            "param": "100",
            "stats": {
                "min": 1e-6, "max": 4e-6, "mean": 2.5e-6, "stddev": 1.29e-6, "median": 2.5e-6, "rounds": 4,
                "data": [1e-6, 2e-6, 3e-6, 4e-6], "iterations": 10,
            },
        },
        {
            "group": "memory",
            "name": "test_recall",
            "fullname": "tests/test_memory.py::test_recall",
            "params": None,
            "param": None,
            "stats": {"min": 1.0, "max": 2.0, "mean": 1.5, "stddev": 0.5, "median": 1.5, "rounds": 2, "iterations": 1},
        },
        {
            "group": None,
            "name": "test_twice",
            "fullname": "tests/test_a.py::TestX::test_twice",
            "stats": {"data": [1.0], "iterations": 1, "mean": 1.0},
        },
        {
            "group": None,
            "name": "test_twice",
            "fullname": "tests/test_b.py::TestX::test_twice",
            "stats": {"data": [2.0], "iterations": 1, "mean": 2.0},
        },
    ],
    "datetime": "2026-01-02T03:04:05+00:00",
    "version": "5.1.0",
}  # fmt: skip

HYPERFINE: Mapping[str, Any] = {
    "results": [
        {
            "command": "python sort.py 100", "mean": 0.2, "stddev": 0.1, "median": 0.2, "min": 0.1, "max": 0.3,
            "times": [0.1, 0.2, 0.3], "exit_codes": [0, 1, None], "parameters": {"n": "100"},
            "memory_usage_byte": [1000, 2000, 3000],
        },
        {
            "command": "python sort.py 1000", "mean": 2.0, "stddev": None, "median": 2.0, "min": 2.0, "max": 2.0,
            "times": [2.0], "exit_codes": [0], "parameters": {"n": "1000"},
        },
        {"command": "true", "mean": 0.001, "stddev": 0.0, "median": 0.001, "times": [0.001]},
    ]
}  # fmt: skip

PYPERF: Mapping[str, Any] = {
    "benchmarks": [
        {
            "metadata": {"name": "sort[100]", "loops": 8, "inner_loops": 2},
            "runs": [
                {"metadata": {"calibrate_loops": 8}, "warmups": [[1, 0.5], [8, 0.25]]},
                {"values": [1e-3, 2e-3], "warmups": [[8, 1e-3]]},
                {"metadata": {"loops": 4}, "values": [3e-3], "warmups": [[8, 1e-3]]},
            ],
        },
        {"metadata": {"name": "peak", "unit": "byte"}, "runs": [{"values": [4096], "warmups": []}]},
    ],
    "metadata": {"cpu_model_name": "Example Processor", "python_version": "3.12.1 (64-bit)", "perf_version": "2.8"},
    "version": "1.0",
}

ASV: Mapping[str, Any] = {
    "commit_hash": "0123456789abcdef0123456789abcdef01234567",
    "env_name": "virtualenv-py3.12",
    "date": 1,
    "params": {"cpu": "Example Processor", "machine": "box"},
    "python": "3.12",
    "result_columns": [
        "result", "params", "version", "started_at", "duration", "stats_ci_99_a", "stats_ci_99_b", "stats_q_25",
        "stats_q_75", "stats_number", "stats_repeat", "samples", "profile",
    ],
    "results": {
        "dag.Suite.time_build": [
            [1e-6, None, 3e-6, float("nan")], [["10", "1000"], ["'fast'", "'slow'"]], "v", 1, 0.1,
            None, None, None, None, [5, None, 7, None], [1, None, 1, None], [[1e-6, 1e-6], None, [3e-6], None],
        ],
        "dag.peakmem_load": [[1024], [], "v", 1, 0.1],
        "dag.track_ratio": [[0.5], [], "v", 1, 0.1],
        "dag.time_broken": [None, [], "v", 1, 0.1],
        "dag.time_quick": [[2e-6], [], "v", 1, 0.1],
    },
    "version": 2,
}  # fmt: skip

CARGO_CRITERION = "\n".join(
    [
        "Compiling something",
        json.dumps(
            {
                "reason": "benchmark-complete", "id": "scheduler/build_dag/100",
                "iteration_count": [10, 20], "measured_values": [1000.0, 4000.0], "unit": "ns",
                "throughput": [{"per_iteration": 4096, "unit": "bytes"}],
                "typical": {"estimate": 150.0, "unit": "ns"}, "mean": {"estimate": 150.0, "unit": "ns"},
                "median": {"estimate": 150.0, "unit": "ns"}, "slope": None, "change": None,
            },
            separators=(",", ":"),
        ),
        json.dumps(
            {
                "reason": "benchmark-complete", "id": "a/b", "iteration_count": [1], "measured_values": [2.0],
                "unit": "ms", "throughput": [], "mean": {"estimate": 2.0}, "median": {"estimate": 2.0},
            },
            separators=(",", ":"),
        ),
        json.dumps({"reason": "group-complete", "group_name": "scheduler", "benchmarks": ["scheduler/build_dag/100"]}),
        json.dumps({"reason": "group-complete", "group_name": "a/b", "benchmarks": ["a/b"]}),
    ]
).encode()  # fmt: skip


def as_json(document: Mapping[str, Any]) -> bytes:
    """A document as its tool writes it."""
    return json.dumps(document, indent=4).encode()


def criterion_result(
    root: Path,
    group: str,
    function: str | None,
    value: str | None,
    *,
    times: list[float],
    iters: list[float],
    throughput: Mapping[str, Any] | None = None,
    saved: str = "new",
) -> Path:
    """A folder of results below `target/criterion`."""
    folder = root.joinpath(*filter(None, (group, function, value)), saved)
    folder.mkdir(parents=True)
    each = [time / count for time, count in zip(times, iters, strict=True)]
    benchmark = {"group_id": group, "function_id": function, "value_str": value, "throughput": throughput}
    mean = {"point_estimate": sum(each) / len(each)}
    for name, document in {
        "benchmark.json": benchmark,
        "estimates.json": {"mean": mean, "median": mean, "std_dev": {"point_estimate": 0.0}, "slope": None},
        "sample.json": {"sampling_mode": "Linear", "iters": iters, "times": times},
    }.items():
        (folder / name).write_text(json.dumps(document))
    return folder


TEXTS: Mapping[str, bytes] = {
    "bencher": BENCHER,
    "go": GO,
    "pytest-benchmark": as_json(PYTEST_BENCHMARK),
    "hyperfine": as_json(HYPERFINE),
    "pyperf": json.dumps(PYPERF).encode(),
    "asv": json.dumps(ASV).encode(),
    "cargo-criterion": CARGO_CRITERION,
}
"""A result of every tool that writes files or text."""
