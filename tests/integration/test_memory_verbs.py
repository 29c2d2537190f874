"""Memory by the text interface, with real workloads: what is recorded, shown, compared and exported."""

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

from perftui.sources import processes
from perftui.sources.heap.header import writer_of

pytestmark = pytest.mark.integration

WORK = """
import sys, time
kept = []
def cache(size):
    kept.append(bytearray(size))
def load():
    return bytearray(20_000_000)
def main():
    held = load()
    cache(int(sys.argv[1]))
    end = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < end:
        sum(range(2000))
        bytes(70_000)
main()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "work.py").write_text(WORK)
    return tmp_path


def perftui(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "perftui", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=home,
        env={**os.environ, "PERFTUI_HOME": str(home)},
        check=False,
    )


def recorded(home: Path, *options: str, leak: int = 3_000_000, seconds: float = 0.6) -> dict[str, Any]:
    done = perftui(home, "record", "--json", *options, "--", sys.executable, "work.py", leak, seconds)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def self_bytes(document: dict[str, Any], view: str) -> dict[str, int]:
    return {row["function"]: row["self_bytes"] for row in document["memory"]["views"][view]["top"]}


def test_memory_is_recorded_shown_compared_and_exported(home: Path) -> None:
    first = recorded(home, "--mode", "memory", "--name", "first")
    memory = first["memory"]
    assert (first["mode"], first["cpu"]["perturbed"], first["cpu"]["samples"]) == ("memory", True, 0)
    assert (memory["exact"], memory["view"], memory["processes"]) == (True, "high_watermark", 1)
    assert memory["leaked_bytes"] == pytest.approx(3_000_000, rel=0.02)
    assert self_bytes(first, "high_watermark")["load"] == pytest.approx(20_000_000, rel=0.02)
    assert self_bytes(first, "leaked")["cache"] == pytest.approx(3_000_000, rel=0.02)
    assert memory["total_allocated_bytes"] > memory["high_watermark_bytes"] > 23_000_000
    files = {row["file"] for view in memory["views"].values() for row in view["top"]}
    assert not [file for file in files if "perftui" in Path(file).parts], "nothing of ours is the program's"
    assert Path(memory["capture"]).is_file()
    shown = json.loads(perftui(home, "show", "first", "--json").stdout)["memory"]
    assert {key: shown[key] for key in memory if key != "views"} == {
        key: memory[key] for key in memory if key != "views"
    }
    recorded(home, "--mode", "memory", "--name", "second", leak=8_000_000)
    compared = json.loads(perftui(home, "compare", "first", "second", "--json").stdout)
    (cache,) = [row for row in compared["memory"]["deltas"] if row["function"] == "cache"]
    assert (cache["delta_bytes"], cache["kind"]) == (5_000_000, "grew")
    assert compared["deltas"] == []
    out = home / "it.speedscope.json"
    assert perftui(home, "export", "first", "-f", "speedscope", "--memory-view", "leaked", "-o", out).returncode == 0
    (profile,) = json.loads(out.read_text())["profiles"]
    assert (profile["unit"], profile["endValue"]) == ("bytes", shown["leaked_bytes"])
    page = home / "it.html"
    assert perftui(home, "export", "first", "-f", "memray-flamegraph", "-o", page).returncode == 0
    assert "load" in page.read_text(encoding="utf-8")


def test_a_capture_that_is_not_to_be_kept_leaves_nothing(home: Path) -> None:
    document = recorded(home, "--mode", "memory", "--capture", "drop", "--trace-pymalloc", seconds=0.1)
    memory = document["memory"]
    assert (memory["capture"], memory["exact"], memory["pymalloc_traced"]) == (None, True, True)
    assert list((home / "sessions" / "captures").iterdir()) == []


def test_both_in_one_run_marks_the_seconds_and_two_runs_do_not(home: Path) -> None:
    both = recorded(home, "--mode", "both", "--name", "both")
    assert both["cpu"]["samples"] > 10
    assert both["cpu"]["perturbed"]
    assert both["memory"]["exact"]
    assert "hold what tracing costs" in perftui(home, "show", "both").stdout
    apart = recorded(home, "--two-pass", "--name", "apart")
    assert (apart["two_pass"], apart["cpu"]["perturbed"]) == (True, False)
    assert apart["cpu"]["samples"] > 10
    assert self_bytes(apart, "leaked")["cache"] == pytest.approx(3_000_000, rel=0.02)
    told = perftui(home, "compare", "both", "apart", "--text").stdout
    assert "CPU seconds of the baseline hold what tracing allocations costs" in told


READ = """
import sys
size = len(sys.stdin.buffer.read())
def keep():
    return bytearray(1000 * size)
kept = keep()
"""


def test_two_runs_read_the_same_file_and_a_pipe_is_said_to_be_read_once(home: Path) -> None:
    (home / "read.py").write_text(READ)
    command = [sys.executable, "-m", "perftui", "record", "--two-pass", "--json", "--", sys.executable, "read.py"]
    (home / "input").write_bytes(b"x" * 9_000)
    env = {**os.environ, "PERFTUI_HOME": str(home)}
    with (home / "input").open("rb") as file:
        done = subprocess.run(command, stdin=file, capture_output=True, cwd=home, env=env, timeout=60, check=True)
    assert self_bytes(json.loads(done.stdout), "leaked")["keep"] == pytest.approx(9_000_000, rel=0.01)
    assert b"read by the first run alone" not in done.stderr
    done = subprocess.run(command, input=b"x" * 9_000, capture_output=True, cwd=home, env=env, timeout=60, check=True)
    assert b"read by the first run alone" in done.stderr


@pytest.mark.parametrize("kept", [True, False])
def test_what_a_killed_recording_left_unread_is_read_when_it_is_shown(kept: bool, home: Path) -> None:
    options = ["--mode", "memory", "--name", "cut", "--capture", "keep" if kept else "drop"]
    command = [sys.executable, "-m", "perftui", "record", *options, "--"]
    with subprocess.Popen(
        [*command, sys.executable, "work.py", "3000000", "30"],
        cwd=home,
        env={**os.environ, "PERFTUI_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + 20
        captures = home / "sessions" / "captures"
        while not any(path.stat().st_size > 5_000 for path in captures.glob("*.bin")) and time.monotonic() < deadline:
            time.sleep(0.1)
        # Long enough for the session to be committed.
        time.sleep(1.5)
        process.send_signal(signal.SIGKILL)
    # That it was written a moment ago is no reason to wait once its writer is gone.
    (raw,) = captures.glob("*.bin")
    while processes.alive(writer_of(raw)) and time.monotonic() < deadline:
        time.sleep(0.02)
    done = perftui(home, "show", "cut", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["state"] == "interrupted"
    assert document["memory"]["exact"]
    assert self_bytes(document, "high_watermark")["load"] == pytest.approx(20_000_000, rel=0.02)
    (capture,) = document["memory"]["captures"]
    assert 0 <= capture["high_watermark_at_s"] <= document["duration_s"] + 1
    if kept:
        assert Path(document["memory"]["capture"]).is_file()
    else:
        assert document["memory"]["capture"] is None
        assert list(captures.iterdir()) == []
