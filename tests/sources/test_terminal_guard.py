"""The terminal of a program that is killed is put back as it was, and of one that ends in order left alone."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import termios
import time

import pytest

from perftui.sources.terminal_guard import TerminalGuard

LIMIT_S = 20.0

SCREEN_PROGRAM = """
import os, sys, termios, time
from perftui.sources.terminal_guard import TerminalGuard
with TerminalGuard(0):
    settings = termios.tcgetattr(0)
    settings[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(0, termios.TCSANOW, settings)
    os.write(1, b"\\x1b[?1049h up")
    if sys.argv[1] == "is killed":
        time.sleep(300)
os.write(1, b" down")
"""


@pytest.mark.parametrize("ending", ["is killed", "ends"])
def test_the_terminal_of_a_program_that_was_killed_is_restored_and_only_then(ending: str) -> None:
    ours, theirs = os.openpty()
    before = termios.tcgetattr(ours)
    process = subprocess.Popen([sys.executable, "-c", SCREEN_PROGRAM, ending], stdin=theirs, stdout=theirs)
    os.close(theirs)
    shown = read_terminal(ours, until=b" up")
    if ending == "is killed":
        process.kill()
        process.wait()
        shown += read_terminal(ours, until=b"\x1b[0m")
        assert b"\x1b[?1049l" in shown
        deadline = time.monotonic() + LIMIT_S
        while termios.tcgetattr(ours) != before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert termios.tcgetattr(ours) == before
    else:
        shown += read_terminal(ours, until=b" down")
        assert process.wait() == 0
        assert b"\x1b[?1049l" not in shown
    os.close(ours)


def test_the_guard_outlives_what_ends_the_session_and_goes_when_it_is_let_go() -> None:
    ours, theirs = os.openpty()
    with TerminalGuard(theirs) as guard:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            time.sleep(0.05)
            os.kill(guard.pid, number)
        time.sleep(0.1)
        assert os.waitpid(guard.pid, os.WNOHANG) == (0, 0)
    with pytest.raises(ChildProcessError):
        os.waitpid(guard.pid, os.WNOHANG)
    assert not select.select([ours], [], [], 0)[0]
    os.close(ours)
    os.close(theirs)


def test_what_is_no_terminal_needs_no_guard() -> None:
    reader, writer = os.pipe()
    with TerminalGuard(reader) as guard:
        assert guard.pid == 0
    os.close(reader)
    os.close(writer)


def read_terminal(descriptor: int, *, until: bytes) -> bytes:
    shown = b""
    deadline = time.monotonic() + LIMIT_S
    while until not in shown and time.monotonic() < deadline:
        if select.select([descriptor], [], [], 0.1)[0]:
            try:
                shown += os.read(descriptor, 4096)
            except OSError:
                # The other side has ended.
                break
    return shown
