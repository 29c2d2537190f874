"""The text interface on real workloads: documents, exit codes, and what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration

BUSY = """
import sys, time
def leaf(n):
    return sum(i * i for i in range(n))
def branch(until):
    while time.monotonic() < until:
        leaf(2000)
print("begun", flush=True)
branch(time.monotonic() + float(sys.argv[1]))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def busy(tmp_path: Path) -> Path:
    script = tmp_path / "busy.py"
    script.write_text(BUSY)
    return script


def perftui(home: Path, *words: str | Path, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "perftui", *map(str, words)],
        env={**os.environ, "PERFTUI_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def recorded(home: Path, *words: str | Path) -> dict[str, Any]:
    done = perftui(home, "record", "--json", *words)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert isinstance(document, dict)
    return document


def test_a_recording_says_what_the_interface_promises(home: Path, busy: Path) -> None:
    document = recorded(home, "--name", "first", "--", sys.executable, busy, "2")
    assert document["schema"] == "perftui.session/1"
    assert document["name"] == "first"
    assert document["exit_code"] == 0
    assert document["command"][1:] == [str(busy), "2"]
    assert 2.0 <= document["duration_s"] < 6
    cpu = document["cpu"]
    assert cpu["samples"] > 100
    assert cpu["requested_hz"] == 100
    assert cpu["coverage"] > 0.9, "time at the gate is nobody's"
    assert document["readings"]["peak_rss_bytes"] > 1_000_000
    shown = json.loads(perftui(home, "show", "first", "--json", "--top", "5").stdout)
    assert shown["cpu"] == cpu, "a saved session says what the recording said"
    by_function = {row["function"]: row for row in shown["hotspots"]}
    branch = by_function["branch"]
    assert branch["total_share"] > 0.9
    assert {"file", "line", "self_s", "total_s", "self_share", "samples"} <= branch.keys()
    rounding = 0.5e-6 * len(shown["hotspots"])  # shares have six places
    assert sum(row["self_share"] for row in shown["hotspots"]) <= 1.0 + rounding + 1e-9


def test_what_the_workload_prints_goes_to_stderr_and_into_the_session(home: Path, busy: Path) -> None:
    done = perftui(home, "record", "--", sys.executable, busy, "0.5")
    assert "begun" in done.stderr
    assert "begun" not in done.stdout
    assert "samples" in done.stdout


@pytest.mark.parametrize(
    ("code", "expected"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", -9), ("1 / 0", 1)]
)
def test_a_workload_that_fails_is_exit_code_3_and_its_own_code_is_kept(home: Path, code: str, expected: int) -> None:
    done = perftui(home, "record", "--json", "--", sys.executable, "-c", code)
    assert done.returncode == 3
    assert json.loads(done.stdout)["exit_code"] == expected


def test_a_workload_of_no_time_is_a_session_too(home: Path) -> None:
    assert recorded(home, "--", sys.executable, "-c", "pass")["exit_code"] == 0


def test_a_command_without_python_has_meters_and_output_and_says_so(home: Path) -> None:
    done = perftui(home, "record", "--json", "--", "/bin/sh", "-c", "echo hello; sleep 1.5")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["cpu"]["samples"] == 0
    assert document["readings"]["count"] >= 1
    assert "hello" in done.stderr


def test_a_broken_budget_is_exit_code_1(home: Path, busy: Path, tmp_path: Path) -> None:
    budget = tmp_path / "tight.toml"
    budget.write_text('[resources.wall]\nlimit = "10ms"\n[functions."busy.py:branch"]\nmax_share_pct = 5\n')
    done = perftui(home, "record", "--json", "--budget", budget, "--", sys.executable, busy, "1.5")
    verdicts = {row["rule"]: row for row in json.loads(done.stdout)["verdicts"]}
    assert done.returncode == 1
    assert {row["verdict"] for row in verdicts.values()} == {"fail"}
    assert {"rule", "subject", "metric", "unit", "current", "warn", "fail", "reason"} <= next(
        iter(verdicts.values())
    ).keys()


def test_duration_ends_the_workload_and_that_is_no_failure(home: Path, busy: Path) -> None:
    document = recorded(home, "--duration", "1", "--", sys.executable, busy, "60")
    assert document["duration_s"] < 5


def test_attach_observes_and_leaves_the_target_alive(home: Path, busy: Path) -> None:
    with subprocess.Popen([sys.executable, busy, "30"], stdout=subprocess.PIPE) as target:
        assert target.stdout is not None
        target.stdout.readline()
        done = perftui(home, "attach", str(target.pid), "--headless", "--duration", "1.5", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["cpu"]["samples"] > 50
        assert target.poll() is None
        target.kill()


def test_what_cannot_be_observed_is_exit_code_5_with_a_hint(home: Path) -> None:
    with subprocess.Popen(["/bin/sleep", "30"]) as target:
        done = perftui(home, "attach", str(target.pid), "--headless")
        target.kill()
    assert done.returncode == 5
    assert "not a Python" in done.stderr
    assert "try:" in done.stderr
    gone = perftui(home, "attach", str(target.pid), "--headless")
    assert gone.returncode == 5


def test_a_killed_recording_is_recovered_with_every_committed_second(home: Path, busy: Path) -> None:
    command = [sys.executable, "-m", "perftui", "record", "--name", "cut", "--", sys.executable, str(busy), "60"]
    with subprocess.Popen(
        command, env={**os.environ, "PERFTUI_HOME": str(home)}, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as recorder:
        time.sleep(4)
        recorder.send_signal(signal.SIGKILL)
    shown = json.loads(perftui(home, "show", "cut", "--json").stdout)
    assert shown["state"] == "interrupted"
    assert shown["cpu"]["samples"] > 100
    assert not left_behind(str(busy))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_saves_the_session_and_ends_the_workload(home: Path, busy: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "perftui", "record", "--json", "--", sys.executable, str(busy), "60"]
    with subprocess.Popen(
        command,
        env={**os.environ, "PERFTUI_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as recorder:
        time.sleep(2.5)
        recorder.send_signal(number)
        out, _ = recorder.communicate(timeout=20)
    assert recorder.returncode == 128 + number
    assert json.loads(out)["state"] == "complete"
    assert not left_behind(str(busy))


def test_export_import_and_compare_hold_the_same_weights(home: Path, busy: Path, tmp_path: Path) -> None:
    recorded(home, "--name", "one", "--", sys.executable, busy, "1.5")
    before = json.loads(perftui(home, "show", "one", "--json").stdout)
    for name in ("speedscope", "collapsed"):
        target = tmp_path / f"one.{name}"
        assert perftui(home, "export", "one", "--format", name, "--output", target).returncode == 0
        assert perftui(home, "import", target, "--name", name).returncode == 0
        after = json.loads(perftui(home, "show", name, "--json").stdout)
        assert after["cpu"]["samples"] == before["cpu"]["samples"]
    done = perftui(home, "compare", "one", "speedscope", "--json")
    deltas = json.loads(done.stdout)["deltas"]
    assert deltas
    assert all(abs(row["delta_s"]) < 1e-6 for row in deltas)
    assert {"function", "file", "baseline_s", "current_s", "baseline_share", "current_share", "kind"} <= deltas[
        0
    ].keys()
    listed = json.loads(perftui(home, "sessions", "list", "--json").stdout)
    assert len(listed["sessions"]) == 3


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("record", "--", "no-such-command-here"), 2, "not found"),
        (("record", "no-such-profile"), 2, "no workload profile"),
        (("record",), 2, "say what to run"),
        (("recrod",), 2, "did you mean"),
        (("record", "--rate", "0", "--", "true"), 2, "--rate"),
        (("record", "--rate", "nan", "--", "true"), 2, "--rate"),
        (("open", "nothing"), 4, "no session"),
        (("show", "nothing"), 4, "no session"),
        (("show", "/etc/hostname"), 6, "not a perftui session"),
        (("compare", "a", "b", "--json"), 4, "no session"),
        (("import", "/nowhere"), 4, "no file"),
        (("import", "/etc/hostname"), 6, "no format"),
        (("export", "nothing", "--format", "collapsed"), 4, "no session"),
        (("attach", "0"), 2, "0"),
        (("attach", "4194000"), 5, "no process"),
        (("record", "--budget", "/nowhere.toml", "--", "true"), 2, "nowhere"),
    ],
)
def test_bad_input_is_one_sentence_with_a_hint_and_the_right_code(
    home: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    done = perftui(home, *words)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def left_behind(mark: str) -> list[str]:
    """Processes whose command line holds a mark, after a moment to end."""
    for _ in range(50):
        found = [line for line in _commands() if mark in line]
        if not found:
            return []
        time.sleep(0.1)
    return found


def _commands() -> list[str]:
    listed = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                listed.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                continue
    return listed
