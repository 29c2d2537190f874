"""The measurements of memory can fail: what memray is asked is what it says, and a wrong table is found."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.live import Look, at_rest
from harness.memray_truth import View, truth
from known_bytes import compared
from perftui.model.heap import HeapTotals

MB = 1_000_000
SCRIPT = """
import time
def keep():
    return bytearray(4_000_000)
def drop():
    return len(bytearray(2_000_000))
def main():
    drop()
    kept = keep()
    time.sleep(0.3)
    return kept
kept = main()
"""


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "-m", "memray", "run", "--quiet", "--output", "capture.bin", str(script)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    return tmp_path / "capture.bin"


@pytest.mark.integration
def test_the_truth_of_a_capture_is_told_by_view_and_function(capture: Path) -> None:
    said = truth(capture, [time.time() - 3600, time.time()])
    keep, drop, main = (f"script.py:{name}" for name in ("keep", "drop", "main"))
    for view in ("high_watermark", "leaked", "held@1"):
        assert said[view].self_bytes(keep) == pytest.approx(4 * MB, abs=1000), view
        assert said[view].self_bytes(drop) == pytest.approx(0, abs=1000), view
        assert said[view].total_bytes_of(main) >= 4 * MB
        assert said[view].self_bytes(main) == pytest.approx(0, abs=1000)
    assert said["allocated"].self_bytes(drop) == pytest.approx(2 * MB, abs=1000)
    assert said["held@0"].total_bytes == 0


def view(**functions: int) -> View:
    return View(
        sum(functions.values()), 1, {f"stages.py:{name}": [size, size, 1, 1] for name, size in functions.items()}
    )


def test_a_function_that_is_told_wrongly_is_apart() -> None:
    pairs = list(compared("held", {"stages.py:load": 90, "stages.py:parse": 50}, view(load=100, parse=50, cache=30), 1))
    assert [(pair.function, pair.apart_percent) for pair in pairs] == [("load", 10), ("parse", 0), ("cache", 100)]


def test_what_nobody_holds_is_not_compared() -> None:
    assert list(compared("held", {"stages.py:load": 5}, view(cache=5), 10)) == []


def looks(*sizes: int) -> list[Look]:
    return [
        Look(float(number), 0.0, HeapTotals(float(number), size, 1, 1, exact=True), {})
        for number, size in enumerate(sizes)
    ]


def test_a_heap_at_rest_is_looked_at_once_and_one_that_changes_is_not() -> None:
    found = at_rest(looks(0, 5_000, 9_000, 9_001, 9_000, 9_000, 7_000, 4_000, 4_000, 4_000))
    assert [(moment_s, look.totals.total_bytes) for moment_s, look in found] == [(2.5, 9_001), (7.5, 4_000)]
