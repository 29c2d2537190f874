"""A dashboard that is suspended gives the shell its terminal back, and what it records goes on."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

pytestmark = pytest.mark.integration

PROMPT = "at-the-prompt:"
LIMIT_S = 60
COUNTS = """
import pathlib, sys, time
for number in range(100_000):
    print("number", number, "x" * 1_000, flush=True)
    pathlib.Path(sys.argv[1]).write_text(str(number))
    time.sleep(0.01)
"""


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with job control")
def test_ctrl_z_gives_the_prompt_back_and_fg_the_dashboard_while_the_workload_never_waits(tmp_path: Path) -> None:
    counted, script = tmp_path / "counted", tmp_path / "counts.py"
    script.write_text(COUNTS)
    shell = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        env={**os.environ, "PERFTUI_HOME": str(tmp_path), "TERM": "xterm-256color", "PS1": PROMPT},
        dimensions=(40, 140),
        encoding="utf-8",
        timeout=LIMIT_S,
    )
    try:
        shell.expect_exact(PROMPT)
        shell.sendline(f"{sys.executable} -m perftui run -- {sys.executable} {script} {counted}")
        shell.expect("RUNNING")
        until(lambda: counted.exists() and bool(counted.read_text()))
        shell.send("\x1a")
        shell.expect("Stopped")
        shell.expect_exact(PROMPT)
        at = int(counted.read_text() or 0)
        # More than a terminal or a pipe holds, so that somebody has to read it.
        until(lambda: int(counted.read_text() or 0) > at + 100)
        shell.sendline("echo still-$((40 + 2))")
        shell.expect("still-42")
        shell.sendline("fg")
        shell.expect("RUNNING")
        shell.send("\x03")
        shell.expect("perftui open")
        shell.expect_exact(PROMPT)
        shell.sendline("echo code-$?")
        shell.expect("code-130")
    finally:
        with contextlib.suppress(pexpect.ExceptionPexpect, OSError):
            shell.close(force=True)
