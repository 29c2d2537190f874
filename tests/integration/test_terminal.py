"""The dashboard in a real terminal: moving flames, and a terminal that is as it was, however it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import psutil
import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parent.parent.parent
SPIN = ROOT / "tests" / "workloads" / "spin.py"
LEFT_ALTERNATE_SCREEN, CURSOR_SHOWN, MOUSE_OFF = "\x1b[?1049l", "\x1b[?25h", "\x1b[?1000l"


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[pexpect.spawn[str]]:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "perftui", "run", "--", sys.executable, str(SPIN), "60"],
        env={**os.environ, "PERFTUI_HOME": str(tmp_path), "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        dimensions=(40, 140),
        encoding="utf-8",
        timeout=20,
    )
    child.expect("RUNNING")
    child.expect("coverage")
    yield child
    with contextlib.suppress(pexpect.ExceptionPexpect, OSError):
        child.close(force=True)


def rest_of(child: pexpect.spawn[str]) -> str:
    """Everything that is printed until the end."""
    child.expect(pexpect.EOF)
    child.wait()
    return str(child.before)


def pid_of(child: pexpect.spawn[str]) -> int:
    assert child.pid is not None
    return int(child.pid)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)], ids=str
)
def test_a_signal_leaves_the_terminal_as_it_was(dashboard: pexpect.spawn[str], number: int, code: int) -> None:
    time.sleep(1)
    os.kill(pid_of(dashboard), number)
    printed = rest_of(dashboard)
    assert LEFT_ALTERNATE_SCREEN in printed
    assert CURSOR_SHOWN in printed
    assert MOUSE_OFF in printed
    assert "perftui open" in printed, "the session was saved and told"
    assert dashboard.exitstatus == code


def test_keys_select_zoom_search_and_quit(dashboard: pexpect.spawn[str]) -> None:
    time.sleep(1)
    for keys in ("\x1b[B", "\x1b[B", "\r", "/", "spin", "\r", "2", "1", "f", "f", "q"):
        dashboard.send(keys)
        time.sleep(0.15)
    dashboard.expect("End spin")
    dashboard.send("q")
    printed = rest_of(dashboard)
    assert LEFT_ALTERNATE_SCREEN in printed
    assert "samples" in printed
    assert dashboard.exitstatus == 0


def test_ctrl_c_ends_at_once(dashboard: pexpect.spawn[str]) -> None:
    time.sleep(1)
    dashboard.send("\x03")
    printed = rest_of(dashboard)
    assert LEFT_ALTERNATE_SCREEN in printed
    assert dashboard.exitstatus == 130


def test_a_killed_dashboard_leaves_the_terminal_as_it_was_too(dashboard: pexpect.spawn[str]) -> None:
    time.sleep(1)
    os.kill(pid_of(dashboard), signal.SIGKILL)
    printed = ""
    deadline = time.monotonic() + 10
    while CURSOR_SHOWN not in printed and time.monotonic() < deadline:
        with contextlib.suppress(pexpect.TIMEOUT, pexpect.EOF):
            printed += dashboard.read_nonblocking(65_536, timeout=1)
    assert LEFT_ALTERNATE_SCREEN in printed
    assert MOUSE_OFF in printed


def test_a_window_that_closes_ends_it(dashboard: pexpect.spawn[str]) -> None:
    time.sleep(1)
    pid = pid_of(dashboard)
    # The master side goes away, as when a terminal's window is closed.
    os.dup2(os.open(os.devnull, os.O_RDWR), dashboard.child_fd)
    for _ in range(150):
        ended, _ = os.waitpid(pid, os.WNOHANG)
        if ended:
            break
        time.sleep(0.1)
    assert ended == pid


def test_a_window_that_closes_over_a_shell_that_stays_ends_it_too(tmp_path: Path) -> None:
    # Of a terminal that goes away the kernel tells the first program only; `make`, for one, then waits for the others.
    child = pexpect.spawn(
        "/bin/sh",
        ["-c", f"trap '' HUP; {sys.executable} -m perftui run -- {sys.executable} {SPIN} 60; true"],
        env={**os.environ, "PERFTUI_HOME": str(tmp_path), "TERM": "xterm-256color"},
        dimensions=(40, 140),
        encoding="utf-8",
        timeout=20,
    )
    child.expect("RUNNING")
    child.expect("coverage")
    shell = psutil.Process(pid_of(child))
    below = shell.children(recursive=True)
    assert any(str(SPIN) in process.cmdline() for process in below)
    os.dup2(os.open(os.devnull, os.O_RDWR), child.child_fd)
    _, left = psutil.wait_procs(below, timeout=15)
    assert not left


def test_a_workload_that_cannot_start_is_one_sentence(tmp_path: Path) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "perftui", "run", "--", "no-such-command-here"],
        env={**os.environ, "PERFTUI_HOME": str(tmp_path), "TERM": "xterm-256color"},
        encoding="utf-8",
        timeout=20,
    )
    printed = rest_of(child)
    assert "Command not found: no-such-command-here" in printed
    assert "Traceback" not in printed
    assert child.exitstatus == 2
