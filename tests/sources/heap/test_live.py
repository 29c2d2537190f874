"""How often the live reader looks."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from perftui.sources.heap.live import interval_s


@pytest.mark.parametrize(
    ("refresh_s", "cost_s", "interval"),
    [
        (0.5, 0.0, 0.5),
        (0.5, 0.01, 0.5),
        (0.5, 0.2, 0.8),
        (0.5, 0.3, 1.0),
        (0.5, 0.5, 1.0),
        (0.5, 1.0, 3.0),
        (5.0, 0.3, 5.0),
    ],
)
def test_dear_refreshes_come_less_often_and_once_a_second_as_long_as_that_is_bearable(
    refresh_s: float, cost_s: float, interval: float
) -> None:
    assert interval_s(refresh_s, cost_s) == pytest.approx(interval)


def test_beyond_that_a_refresh_takes_about_a_quarter_of_a_core() -> None:
    for cost_s in (5.0, 10.0, 100.0):
        assert cost_s / interval_s(0.5, cost_s) == pytest.approx(0.25, rel=0.06)


def test_memray_is_not_loaded_before_the_pump_is_forked() -> None:
    check = "import sys, perftui.sources.heap.live; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout.split()
    assert {"memray", "lz4", "textual", "psutil", "threading", "sqlite3"}.isdisjoint(loaded)


@pytest.mark.parametrize(("limit_bytes", "code"), [(1, 1), (1 << 40, -signal.SIGTERM)])
def test_a_reader_that_nobody_listens_to_waits_until_it_grows_too_large(limit_bytes: int, code: int) -> None:
    script = (
        "import os, sys; from perftui.sources.heap.live import say; os.set_blocking(1, False); "
        f"print('on', file=sys.stderr, flush=True); say({{'x': 'y' * 1_000_000}}, limit_bytes={limit_bytes})"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    assert process.stdout is not None
    assert process.stderr.readline() == b"on\n"
    if code < 0:
        process.terminate()
    assert process.wait(60) == code
    process.stderr.close()
    process.stdout.close()
