"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from perftui.cli import main
from perftui.storage.catalogue import Catalogue
from perftui.storage.locations import sessions_directory
from perftui.storage.session_file import open_session

pytest_plugins = ["pytester"]

SLEEPS = """
import time
import pytest

@pytest.mark.budget({limits})
def test_sleeps():
    time.sleep(0.002)
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run the files here; without a plugin whose end would take the pictures of the run around this one away."""
    quiet = ("-o", "asyncio_default_fixture_loop_scope=function")
    return pytester.runpytest_inprocess("-p", "no:textual-snapshot", *quiet, *options)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the run around this one was told is not meant for the one inside it.
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ('max="1us"', "over budget: max *, limit ≤ 1.00 µs (n=5)"),
        ('p95="1us"', "over budget: p95 *, limit ≤ 1.00 µs (n=20)"),
        ("mean_ms=1, rounds=3", "over budget: mean_ms *, limit ≤ 1.00 ms (n=3)"),
        ('p50="1us", max="1h", rounds=2', "over budget: p50 *, limit ≤ 1.00 µs (n=2)"),
    ],
)
def test_a_test_that_takes_longer_than_it_may_fails_with_one_sentence(
    pytester: pytest.Pytester, limits: str, told: str
) -> None:
    pytester.makepyfile(SLEEPS.format(limits=limits))
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([told])
    assert "Traceback" not in str(result.stdout)


def test_a_test_within_its_budget_passes_and_says_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SLEEPS.format(limits='p95="1h", max="1h"'))
    result = run(pytester, "--strict-markers")
    result.assert_outcomes(passed=1)
    assert "perftui" not in "\n".join(line for line in result.outlines if not line.startswith("plugins:"))


def test_a_percentile_of_too_few_calls_is_open_and_said(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SLEEPS.format(limits='p95="1h", rounds=3'))
    result = run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_sleeps: INCONCLUSIVE: p95 not measured*n=3*20*"])


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ('"5ms"', "*takes its limits by name*"),
        ("rounds=3", "*has no limit*"),
        ('p95="fast"', '*"fast" is not a quantity*'),
        ('p96="5ms"', '*unknown key "p96"*did you mean "p9*'),
        ('p95="5ms", rounds=0', "*rounds of budget() is no whole number*"),
        ("max=True", "*must be a number*"),
    ],
)
def test_a_marker_that_is_wrong_fails_its_test_with_one_sentence(
    pytester: pytest.Pytester, limits: str, told: str
) -> None:
    pytester.makepyfile(SLEEPS.format(limits=limits))
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([told])
    assert "Error" not in str(result.stdout)
    assert "During handling" not in str(result.stdout)


TOGETHER = """
import asyncio
import unittest
import pytest

CALLS = []

@pytest.fixture
def once():
    CALLS.append("fixture")
    return 7

@pytest.mark.budget(max="1h", rounds=3, warmup=2)
@pytest.mark.parametrize("size", [10, 20])
def test_sizes(size, once):
    CALLS.append(size)

def test_a_fixture_is_set_up_once_for_all_calls_of_a_test():
    assert CALLS == ["fixture"] + [10] * 5 + ["fixture"] + [20] * 5

class TestClass:
    @pytest.mark.budget(max="1h")
    def test_method(self):
        assert True

@pytest.mark.budget(max="1h")
def test_fails():
    assert 1 == 2, "its own reason"

@pytest.mark.budget(max="1h")
def test_skips():
    pytest.skip("not here")

class Once:
    def __init__(self):
        self.left = 1

    def __call__(self):
        assert self.left, "used twice"
        self.left -= 1

@pytest.fixture
def benchmark():
    return Once()

def test_benchmark(benchmark):
    benchmark()

@pytest.mark.budget(max="1h")
def test_benchmark_with_a_budget(benchmark):
    benchmark()

@pytest.mark.budget(max="1h")
class TestCase(unittest.TestCase):
    def test_case(self):
        pass
"""


def test_fixtures_parameters_classes_failures_and_what_cannot_be_called_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TOGETHER)
    result = run(pytester, "--perftui", "-p", "no:benchmark")
    result.assert_outcomes(passed=5, failed=3, skipped=1)
    result.stdout.fnmatch_lines(["*its own reason*", "*its budget was not measured*"])
    listed = [line.split()[:2] for line in result.outlines if line.startswith("test_fixtures") and "n/a (n=" in line]
    ends = {name.rpartition(".")[2]: int(calls) for name, calls in listed}
    assert "used twice" not in str(result.stdout)
    assert ends == {"test_sizes[10]": 3, "test_sizes[20]": 3, "test_method": 5} | {
        name: 1 for name in ends if name.endswith("calls_of_a_test")
    }


def test_workers_hand_on_what_they_measured_and_a_session_keeps_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_one="import pytest\n\n@pytest.mark.budget(max='1us')\ndef test_slow():\n    sum(range(10_000))\n",
        test_two="import pytest\n\n@pytest.mark.parametrize('n', [1, 2, 3])\ndef test_sizes(n):\n    sum(range(n))\n",
    )
    result = pytester.runpytest_subprocess("-n", "2", "--perftui-rounds", "20", "--perftui-save", "suite")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["over budget: max *, limit ≤ 1.00 µs (n=20)", "session suite (*): perftui open *"])
    saved = open_session(Catalogue(sessions_directory(None)).resolve("suite"))
    assert sorted(operation.key for operation in saved.operations) == [
        "test_one.test_slow", "test_two.test_sizes[1]", "test_two.test_sizes[2]", "test_two.test_sizes[3]",
    ]  # fmt: skip
    assert {len(operation.values) for operation in saved.operations} == {20}


BUDGET = """
[operations.test_suite]
test_quick = { mean_ms = 3_600_000, baseline_ms = 3_600_000, max_increase_pct = 5 }
test_slow = { mean_ns = 1 }
test_gone = { mean_ms = 5 }
"""


def test_a_budget_of_the_whole_suite_fails_the_run_and_says_what_is_missing(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", limits=BUDGET)
    pytester.makepyfile(test_suite="def test_quick():\n    pass\n\ndef test_slow():\n    sum(range(10_000))\n")
    result = run(pytester, "--perftui-budget", "limits.toml")
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["test_suite.test_slow.mean_ns *FAIL*", "Missing: *", "Summary: *1 failed*"])
    pytester.makefile(".toml", limits=BUDGET.replace("test_slow = { mean_ns = 1 }", ""))
    assert run(pytester, "--perftui-budget", "limits.toml").ret == pytest.ExitCode.OK
    assert run(pytester, "--perftui-budget", "gone.toml").ret == pytest.ExitCode.USAGE_ERROR
    assert run(pytester, "--perftui-baseline", "main").ret == pytest.ExitCode.USAGE_ERROR
    assert run(pytester, "--perftui-save", "../one").ret == pytest.ExitCode.USAGE_ERROR


def test_a_suite_is_held_against_the_session_of_another(
    pytester: pytest.Pytester, capfd: pytest.CaptureFixture[str]
) -> None:
    pytester.makefile(".toml", limits="[operations.test_suite]\ntest_quick = { max_increase_pct = 900_000 }\n")
    pytester.makepyfile(test_suite="import time\n\ndef test_quick():\n    time.sleep(0.001)\n")
    options = ["--perftui-rounds", "20", "--perftui-budget", "limits.toml"]
    assert run(pytester, *options, "--perftui-save", "before").ret == pytest.ExitCode.TESTS_FAILED
    assert run(pytester, *options, "--perftui-baseline", "before").ret == pytest.ExitCode.OK
    assert main(["check", "before", "--baseline", "before", "--budget", "limits.toml", "--json"]) == 0
    out = capfd.readouterr().out
    assert json.loads(out[out.rindex('{\n  "schema"') :])["summary"]["pass"] == 1


def test_a_run_that_asks_for_nothing_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import sys\n\ndef test_plain():\n"
        "    ours = [name for name in sys.modules if name.partition('.')[0] == 'perftui']\n"
        "    assert sorted(ours) == ['perftui', 'perftui.pytest_plugin']\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
