"""The measurements can fail: what they look for is found where it is planted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from harness.latency import answer_times, holds
from harness.processes import carrying, wait_until
from harness.table import Figure, show
from harness.terminal import Chunk, Terminal
from true_stacks import Function, impossible_pairs, sampled_stacks

TRACER = Path(__file__).parents[2] / "benchmarks" / "harness" / "tracer.py"
SCRIPT = """
def numbers():
    yield leaf()

def leaf():
    return 1

def main():
    return sum(numbers()) + sum([leaf() for _ in range(2)])

main()
"""


def traced(tmp_path: Path) -> set[tuple[str, str]]:
    script, output = tmp_path / "script.py", tmp_path / "pairs.json"
    script.write_text(SCRIPT, encoding="utf-8")
    subprocess.run([sys.executable, str(TRACER), str(output), str(script)], check=True, timeout=60)
    pairs = json.loads(output.read_text(encoding="utf-8"))
    return {(caller[1], callee[1]) for caller, callee in pairs if callee[0] == str(script)}


def test_the_trace_knows_calls_and_generators_that_are_resumed(tmp_path: Path) -> None:
    pairs = traced(tmp_path)
    assert {("<module>", "main"), ("main", "numbers"), ("numbers", "leaf")} <= pairs
    assert ("main", "leaf") not in pairs or sys.version_info >= (3, 12)


def functions(names: str) -> tuple[Function, ...]:
    return tuple(("app.py", name) for name in names.split(";"))


def test_a_stack_with_a_call_that_never_was_is_impossible() -> None:
    known = {
        pair
        for stack in ("main;work;leaf", "main;rest")
        for pair in zip(functions(stack), functions(stack)[1:], strict=False)
    }
    assert list(impossible_pairs(functions("main;work;leaf"), known)) == []
    assert list(impossible_pairs(functions("main;leaf"), known)) == [functions("main;leaf")]


def test_samples_of_a_speedscope_document_are_counted_by_weight() -> None:
    document: dict[str, Any] = {
        "shared": {"frames": [{"name": "main", "file": "app.py"}, {"name": "work", "file": "app.py"}]},
        "profiles": [{"samples": [[0, 1], [0]], "weights": [0.03, 0.01]}],
    }
    assert sampled_stacks(document) == {functions("main;work"): 3, functions("main"): 1}


def test_a_goal_that_is_missed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert not show("Title", [Figure("good", 1, at_least=1), Figure("bad", 2, at_most=1)])
    assert "MISSED" in capsys.readouterr().out


def terminal_after(script: str) -> list[str]:
    with Terminal([sys.executable, "-c", script], env=dict(os.environ), columns=80, rows=24) as terminal:
        assert terminal.wait(seconds=20) is not None
        return terminal.left_on()


def test_a_terminal_that_was_left_as_it_was_found_is_whole() -> None:
    assert terminal_after("print('\\x1b[?1049h\\x1b[?25l', '\\x1b[?25h\\x1b[?1049l')") == []


def test_a_terminal_with_the_mouse_on_and_no_echo_is_broken() -> None:
    left = terminal_after("import tty; tty.setraw(0); print('\\x1b[?1000h', end='')")
    assert "mouse clicks" in left
    assert "flags of local" in left


def test_a_daemon_is_found_by_its_mark() -> None:
    mark = uuid.uuid4().hex
    script = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(60)"
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "MARK": mark}, check=True, timeout=60)
    assert wait_until(lambda: len(carrying(mark)) == 1, seconds=20)
    os.kill(carrying(mark)[0].pid, signal.SIGKILL)
    assert wait_until(lambda: carrying(mark) == [], seconds=20)


def test_the_time_of_an_answer_is_that_of_the_first_screen_that_shows_it() -> None:
    chunks = [Chunk(1.0, b"/"), Chunk(2.01, b"q"), Chunk(2.5, b"\r\n other"), Chunk(3.2, b"\x1b[1;3Hx")]
    assert answer_times(chunks, [(2.0, holds("/q")), (3.0, holds("/qx"))]) == pytest.approx([0.01, 0.2])
