"""What each tool tells: names, parameters, raw values, executions, and its own figures."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from perftui.analysis.operation_figures import operation_figure
from perftui.errors import NoDataError, OperationFormatError
from perftui.formats.operations.base import ToolReport
from perftui.formats.operations.registry import format_named, read_data, read_path
from perftui.model.operation import Operation
from perftui.units import Unit
from tests.formats.operations.results import ASV, HYPERFINE, PYPERF, PYTEST_BENCHMARK, TEXTS, as_json, criterion_result


def of(tool: str) -> tuple[ToolReport, Mapping[str, Operation]]:
    report = read_data(TEXTS[tool])
    assert {operation.tool for operation in report.operations} == {tool}
    return report, {operation.key: operation for operation in report.operations}


def test_bencher_tells_medians_with_thousands_decimals_units_and_speeds() -> None:
    report, found = of("bencher")
    assert list(found) == [
        "sort::tests.bench_quick",
        "copy",
        "scheduler.build dag[100]",
        "scheduler.copy",
        "flat[1000]",
    ]
    assert found["sort::tests.bench_quick"].told == pytest.approx({"median": 1234.56e-9, "spread": 12e-9})
    assert found["flat[1000]"].told["median"] == pytest.approx(1.5e-6)
    copy = found["copy"]
    assert copy.work == pytest.approx(1024)
    assert copy.work_unit is Unit.BYTES
    assert operation_figure(copy, "throughput").value == pytest.approx(512e6)
    assert copy.runs == ()
    assert report.notes == ("line 5: broken failed",)


def test_go_lines_of_one_benchmark_are_values_of_one_operation_and_other_figures_stand_beside_it() -> None:
    report, found = of("go")
    sort = found["sched.Sort[size=100]"]
    assert sort.values == pytest.approx((3e-6, 3.5e-6))
    assert (sort.weights, sort.work, sort.work_unit) == (((20000, 40000),), 300.0, Unit.BYTES)
    assert (found["sched.Sort B/op[size=100]"].unit, found["sched.Sort B/op[size=100]"].runs) == (
        Unit.BYTES,
        ((896.0, 896.0),),
    )
    # Two packages end alike, so their benchmarks go by the whole path.
    assert found["example.com/sched.Plain"].values == pytest.approx((0.5e-9,))
    assert found["example.com/other/sched.Plain"].values == pytest.approx((2e-9,))
    assert not found["sched.Plain rows/s"].lower_is_better
    assert report.facts == {"cpu": "Example Processor"}
    assert report.notes == ("line 8: Broken failed",)


def test_pytest_benchmark_keeps_every_round_and_iteration() -> None:
    report, found = of("pytest-benchmark")
    build = found["test_build[100]"]
    assert (build.runs, build.weights) == (((1e-6, 2e-6, 3e-6, 4e-6),), ((10, 10, 10, 10),))
    assert build.told["stddev"] == 1.29e-6
    assert build.tool_version == "5.1.0"
    assert (found["memory.test_recall"].runs, found["memory.test_recall"].told["mean"]) == ((), 1.5)
    assert {key for key in found if "twice" in key} == {"test_a.TestX.test_twice", "test_b.TestX.test_twice"}
    assert report.facts["git_commit"] == "0123456789abcdef"
    assert "1 benchmark holds no raw values" in report.notes[0]


def test_hyperfine_counts_failures_and_gives_commands_of_one_template_one_name() -> None:
    _, found = of("hyperfine")
    first = found["python sort.py {n}[100]"]
    assert (first.runs, first.ok, first.failed) == (((0.1, 0.2, 0.3),), 1, 2)
    assert first.errors == {"exit code 1": 1, "ended by a signal": 1}
    assert operation_figure(first, "success_pct").value == pytest.approx(100 / 3)
    assert "stddev" not in found["python sort.py {n}[1000]"].told
    assert found["python sort.py {n} (peak memory)[100]"].runs == ((1000.0, 2000.0, 3000.0),)
    assert (found["true"].ok, found["true"].failed) == (None, None)


def test_pyperf_keeps_processes_apart_and_leaves_warm_ups_out() -> None:
    report, found = of("pyperf")
    sort = found["sort[100]"]
    assert (sort.runs, sort.weights) == (((1e-3, 2e-3), (3e-3,)), ((16, 16), (8,)))
    assert (found["peak"].unit, found["peak"].runs, found["peak"].weights) == (Unit.BYTES, ((4096.0,),), ())
    assert report.facts == {"workload_python": "3.12.1", "cpu": "Example Processor"}
    assert read_data(gzip.compress(json.dumps(PYPERF).encode())).operations == report.operations


def test_asv_gives_an_operation_for_each_combination_of_parameters() -> None:
    report, found = of("asv")
    assert found["dag.Suite.time_build[10,fast]"].runs == ((1e-6, 1e-6),)
    assert found["dag.Suite.time_build[1000,fast]"].weights == ((7,),)
    assert "dag.Suite.time_build[10,slow]" not in found
    assert (found["dag.peakmem_load"].unit, found["dag.peakmem_load"].runs) == (Unit.BYTES, ((1024.0,),))
    assert (found["dag.time_quick"].runs, found["dag.time_quick"].told) == ((), {"median": 2e-6})
    assert report.notes == ("3 benchmarks have no result: failed or skipped",)


def test_asv_takes_units_from_the_list_of_benchmarks_beside_its_results(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "0123-py.json").write_text(json.dumps(ASV))
    (tmp_path / "benchmarks.json").write_text(json.dumps({"dag.track_ratio": {"unit": "ms"}, "version": 2}))
    found = {operation.name: operation for operation in read_path(tmp_path).operations}
    assert (found["track_ratio"].unit, found["track_ratio"].runs) == (Unit.SECONDS, ((0.5e-3,),))


def test_cargo_criterion_divides_each_sample_by_its_iterations() -> None:
    _, found = of("cargo-criterion")
    build = found["scheduler.build_dag[100]"]
    assert build.values == pytest.approx((100e-9, 200e-9))
    assert (build.weights) == (((10, 20),))
    assert (build.work, build.work_unit) == (4096.0, Unit.BYTES)
    assert operation_figure(build, "mean").value == pytest.approx(build.told["mean"], rel=1e-9)
    assert found["a/b"].values == pytest.approx((2e-3,))


def test_criterion_reads_the_newest_of_every_benchmark_and_what_was_saved_by_name(tmp_path: Path) -> None:
    root = tmp_path / "target" / "criterion"
    criterion_result(
        root, "scheduler", "build_dag", "100", times=[1000, 4000], iters=[10, 20], throughput={"Elements": 5}
    )
    criterion_result(root, "scheduler", "build_dag", "100", times=[9], iters=[1], saved="main")
    criterion_result(root, "recall", None, None, times=[7], iters=[1], throughput={"Bytes": 64})
    criterion_result(root, "flat", None, "json-1000", times=[8], iters=[1])
    (root / "report").mkdir()
    for place in (tmp_path, root):
        found = {operation.key: operation for operation in read_path(place).operations}
        assert set(found) == {"scheduler.build_dag[100]", "recall", "flat[json-1000]"}
    build = found["scheduler.build_dag[100]"]
    assert build.values == pytest.approx((100e-9, 200e-9))
    assert (build.weights, build.work) == (((10, 20),), 5.0)
    assert found["recall"].work_unit is Unit.BYTES
    (saved,) = read_path(tmp_path, saved="main").operations
    assert saved.values == pytest.approx((9e-9,))
    with pytest.raises(NoDataError, match="no results called 'next'") as error:
        read_path(tmp_path, saved="next")
    assert error.value.hint == "there are main, new"


@pytest.mark.parametrize(
    ("throughput", "work", "unit"),
    [
        ({"Bytes": 64}, 64.0, Unit.BYTES),
        ({"BytesDecimal": 64}, 64.0, Unit.BYTES),
        ({"Bits": 64}, 8.0, Unit.BYTES),
        ({"Elements": 64}, 64.0, Unit.COUNT),
        ({"ElementsAndBytes": {"elements": 2, "bytes": 64}}, 64.0, Unit.BYTES),
        ({"Parsecs": 64}, None, Unit.COUNT),
        (None, None, Unit.COUNT),
    ],
)
def test_criterion_tells_what_an_execution_gets_done(
    tmp_path: Path, throughput: Mapping[str, Any], work: float | None, unit: Unit
) -> None:
    criterion_result(tmp_path, "copy", None, None, times=[8], iters=[1], throughput=throughput)
    (found,) = read_path(tmp_path).operations
    assert (found.work, found.work_unit) == (work, unit)


def test_pyperf_without_warm_ups_is_recognised() -> None:
    document = {"benchmarks": [{"runs": [{"values": [1.0, 2.0]}], "metadata": {"name": "x"}}], "version": "1.0"}
    assert read_data(json.dumps(document).encode()).operations[0].values == (1.0, 2.0)


def test_criterion_leaves_out_what_this_run_has_not_measured(tmp_path: Path) -> None:
    old = criterion_result(tmp_path, "old", None, None, times=[7], iters=[1])
    criterion_result(tmp_path, "fresh", None, None, times=[7], iters=[1])
    os.utime(old / "sample.json", (1000, 1000))
    report = read_path(tmp_path, newer_than_s=2000)
    assert [operation.key for operation in report.operations] == ["fresh"]
    assert report.notes == ("1 benchmark was not measured in this run, and left out",)
    with pytest.raises(NoDataError, match="nothing new"):
        read_path(tmp_path / "old", newer_than_s=2000)


@pytest.mark.parametrize("tool", TEXTS)
def test_every_tool_is_recognised_by_content_and_read_by_name(tool: str, tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_bytes(TEXTS[tool])
    report = read_path(path)
    assert report == read_data(TEXTS[tool], format_named(tool))
    assert len({operation.key for operation in report.operations}) == len(report.operations)


def test_a_directory_gives_its_newest_result(tmp_path: Path) -> None:
    folder = tmp_path / ".benchmarks" / "Linux-CPython-3.12-64bit"
    folder.mkdir(parents=True)
    for number, mean in enumerate((1.0, 2.0), start=1):
        document = {**PYTEST_BENCHMARK, "benchmarks": [{"name": "test_a", "stats": {"mean": mean}}]}
        (folder / f"000{number}_x.json").write_bytes(as_json(document))
        os.utime(folder / f"000{number}_x.json", (1000 * number, 1000 * number))
    (folder / "0003_other.json").write_text("{}")
    assert read_path(tmp_path / ".benchmarks").operations[0].told == {"mean": 2.0}
    with pytest.raises(NoDataError, match="holds no results of hyperfine"):
        read_path(folder, format_named("hyperfine"))


def test_output_with_pages_of_other_text_before_it_is_recognised() -> None:
    assert read_data(b"compiling a crate\n" * 20_000 + TEXTS["bencher"]).operations


def test_a_parameter_that_stands_in_the_command_twice_is_found_where_it_changes() -> None:
    results = [
        {"command": f"run1 --size {n} 1.log", "times": [1.0], "mean": 1.0, "parameters": {"n": n}} for n in ("1", "10")
    ]
    keys = [operation.key for operation in read_data(as_json({"results": results})).operations]
    assert keys == ["run1 --size {n} 1.log[1]", "run1 --size {n} 1.log[10]"]


def test_the_shape_of_hyperfine_is_told_from_other_documents_with_results() -> None:
    with pytest.raises(OperationFormatError, match="is no result of a benchmark tool"):
        read_data(json.dumps({"results": [1, 2]}).encode())
    assert read_data(json.dumps(HYPERFINE).encode()).operations
