"""Commands beside the workload: short tools, an editor that has the terminal, helpers that nobody may kill."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from perftui.sources.recorder_process import RECORDER_TOKEN


class UnguardedProcess:
    """A helper that nobody may kill, in its own session: it is asked to end by a control pipe that closes with us."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self.pid = process.pid
        self.stdout_fd = process.stdout.fileno()
        os.set_blocking(self.stdout_fd, False)

    def say(self, line: bytes) -> None:
        """Write to its control pipe; one that has ended hears nothing."""
        with contextlib.suppress(OSError, ValueError):
            os.write(self._process.stdin.fileno(), line)  # type: ignore[union-attr]

    def poll(self) -> int | None:
        """Return its exit status, or None while it runs; never waits."""
        return self._process.poll()

    def let_go(self) -> None:
        """Close the pipes, which asks it to end, and wait for nothing."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        if self._process.poll() is None:
            # It ends when it can, and must not be waited for.
            self._process.returncode = 0


def start_unguarded(argv: Sequence[str]) -> UnguardedProcess:
    """Start a helper that outlives perftui for as long as it needs, and is ended by nobody. Raises `OSError`."""
    # Without the token by which a keeper finds what it has to kill, be it one that we run below ourselves.
    env = {name: value for name, value in os.environ.items() if name != RECORDER_TOKEN}
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd="/",
        env=env,
        start_new_session=True,
    )
    return UnguardedProcess(process)


def run_tool(argv: Sequence[str], *, timeout_s: float) -> str | None:
    """Run a short command and return what it printed on stdout; None when it failed or took too long."""
    printed = tool_output(argv, timeout_s=timeout_s)
    return None if printed is None else printed.decode("utf-8", "replace")


def tool_output(argv: Sequence[str], *, timeout_s: float, env: Mapping[str, str] | None = None) -> bytes | None:
    """Run a short command and return the bytes it printed on stdout; None when it failed or took too long.

    `env` is its whole environment, ours by default.
    """
    try:
        answer = ask_tool(argv, timeout_s=timeout_s, env=env)
    except OSError:
        return None
    return answer.out if answer.code == 0 else None


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """How a short command ended."""

    code: int
    """Exit status; minus the signal's number where a signal ended it."""
    out: bytes
    err: bytes


def ask_tool(
    argv: Sequence[str], *, timeout_s: float, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> ToolAnswer:
    """Run a short command and return how it ended, with what it printed.

    Ctrl-C is for us and not for it; whatever ends us while it runs ends it, too, as far as we are asked.

    Args:
        argv: The command.
        timeout_s: It is killed when it takes longer.
        env: Its whole environment, ours by default.
        cwd: Where it runs, here by default.

    Raises:
        OSError: It cannot be started, or took too long (`TimeoutError`).
    """
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            start_new_session=True,
            env=env,
            cwd=cwd,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{argv[0]} took longer than {timeout_s:g} s") from None
    return ToolAnswer(done.returncode, done.stdout, done.stderr)


def run_on_terminal(argv: Sequence[str]) -> int:
    """Run a command that has the terminal to itself, an editor for instance, and return its exit status.

    Raises `OSError` where it cannot be started.
    """
    # Keys that interrupt are the command's while it has the terminal; it does not inherit handlers, only ignoring.
    before = {number: signal.signal(number, _leave_to_command) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        # Without the token by which a keeper finds what it has to kill: what is being written must not be lost.
        env = {name: value for name, value in os.environ.items() if name != RECORDER_TOKEN}
        return subprocess.run(argv, env=env, check=False).returncode
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def process_exists(pid: int) -> bool:
    """Tell whether there is a process of that number, a zombie included."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return pid > 0 and pid.bit_length() < 32
    return True


def _leave_to_command(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the signal was meant for the command that has the terminal."""
