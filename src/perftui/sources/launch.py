"""Starting and ending the workload and its recorders. Everything started here ends with perftui, even by SIGKILL.

The workload lives below a keeper process (see `keeper`), recorders are started directly and guarded by it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from perftui.errors import WorkloadError
from perftui.model.workload import Workload
from perftui.sources import keeper as keeper_script
from perftui.sources.gate import Gate, high
from perftui.sources.launch_refusal import check_command, refusal
from perftui.sources.recorder_process import RECORDER_TOKEN, RecorderProcess

if TYPE_CHECKING:
    from perftui.sources.heap.tracing import Tracing

TERMINAL_COLUMNS, TERMINAL_LINES = 120, 40
END_GRACE_S = 2.0
# The keeper answers within milliseconds; this is for a machine that swaps.
_ANSWER_LIMIT_S = 10.0
# Beyond the grace: the keeper's own limit for those that survive SIGKILL, and some air.
_END_LIMIT_S = keeper_script.KILL_LIMIT_S + 1.0
_READ_BYTES = 1 << 16
_ROUND_S = 0.02
_MACOS_RSS_UNIT, _LINUX_RSS_UNIT = 1, 1024


@dataclass(frozen=True, slots=True)
class Exit:
    """How a command ended, and what it used together with the children it waited for."""

    code: int
    """Exit status; minus the signal's number where a signal ended it."""
    user_s: float
    system_s: float
    max_rss_bytes: int


class Launched:
    """A command that runs below the keeper."""

    def __init__(self, keeper: Keeper, pid: int, output_fd: int, gate: Gate) -> None:
        self._keeper = keeper
        self.pid = pid
        """The command itself."""
        self.output_fd = output_fd
        """Read end of what it prints, both streams in order; does not block."""
        self.gate = gate
        """Where its first Python interpreter waits for the sampler."""

    def read_output(self) -> bytes | None:
        """Return what was printed: empty when there is nothing now, None when nothing can come any more."""
        try:
            return os.read(self.output_fd, _READ_BYTES) or None
        except BlockingIOError:
            return b""
        except OSError as error:
            # A terminal whose other side is closed says EIO instead of the end.
            if error.errno == errno.EIO:
                return None
            raise

    def poll(self) -> Exit | None:
        """Return how the command ended, or None while it runs; raises `WorkloadError` when the keeper was lost."""
        return self._keeper.poll_exit(0.0)

    def end(self, *, grace_s: float = END_GRACE_S) -> Exit:
        """End the command and its whole tree, by force after the grace, and return how the command ended."""
        return self._keeper.end(grace_s=grace_s)

    def hasten(self) -> None:
        """Cut the grace of an end that is under way; may be called from any thread."""
        self._keeper.hasten()


class Keeper:
    """Starts one workload and any number of recorders, and ends them with itself.

    One thread launches, polls, ends and closes; others may start and reap recorders, or hasten an end, meanwhile.
    """

    def __init__(self, *, keep_target: bool = False) -> None:
        self._keep_target = keep_target
        self._process: subprocess.Popen[bytes] | None = None
        self._control = -1
        self._report = -1
        self._inbox = keeper_script.Inbox()
        self._token = f"{RECORDER_TOKEN}={secrets.token_hex(16)}"
        self._recorders: dict[int, RecorderProcess] = {}
        self._launched: Launched | None = None
        self._exit: Exit | None = None
        self._answer: int | tuple[str, int] | None = None
        """The command's pid, or the stage and the errno at which it failed to start."""
        self._empty = True
        self._lost = False
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def keep_target(self) -> bool:
        """Whether the workload lives on when perftui ends."""
        return self._keep_target

    @keep_target.setter
    def keep_target(self, keep: bool) -> None:
        self._keep_target = keep
        self._say("keep", keep)

    def launch(
        self, workload: Workload, *, terminal: bool = False, stdin: int | None = None, tracing: Tracing | None = None
    ) -> Launched:
        """Start a command, on a terminal of its own or with its output in a pipe, its allocations traced or not.

        Raises:
            WorkloadError: It could not be started; the message says why.
        """
        if self._launched is not None:
            raise WorkloadError("A keeper starts one command only.")
        check_command(workload)
        gate = Gate()
        output_out, output_in = high(_open_terminal() if terminal else os.pipe())
        os.set_blocking(output_out, False)
        # A copy, because the keeper's own standard streams take the place of ours.
        (given,) = high([os.open(os.devnull, os.O_RDONLY) if stdin is None else os.dup(stdin)])
        stdio = [given, output_in, output_in]
        try:
            self._start(output_out, (*stdio, *gate.passed_on))
            self._say("launch", _launch_order(workload, stdio, gate, tracing))
            pid = self._await_start(workload)
        except WorkloadError:
            os.close(output_out)
            gate.close()
            raise
        finally:
            os.close(given)
            os.close(output_in)
        gate.seal()
        self._launched = Launched(self, pid, output_out, gate)
        return self._launched

    def start_recorder(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> RecorderProcess:
        """Start a tool that observes the target; `env` is added to the environment. Raises `OSError`."""
        if self._closed:
            raise OSError(errno.ESHUTDOWN, os.strerror(errno.ESHUTDOWN))
        if self._process is None:
            self._start(-1, ())
        name, _, value = self._token.partition("=")
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, **(env or {}), name: value},
            start_new_session=True,
        )
        self._say("guard", process.pid, keeper_script.start_time(process.pid))
        recorder = RecorderProcess(process, self.forget)
        self._recorders[process.pid] = recorder
        return recorder

    def forget(self, recorder: RecorderProcess) -> None:
        """Stop guarding a recorder that has ended."""
        if self._recorders.pop(recorder.pid, None) is not None:
            self._say("release", recorder.pid)

    def poll_exit(self, timeout_s: float) -> Exit | None:
        """Return how the command ended; waits at most `timeout_s`. Raises `WorkloadError` when the keeper was lost."""
        deadline = time.monotonic() + timeout_s
        while self._exit is None:
            self._check_kept()
            if not self._receive(deadline - time.monotonic()) and not self._lost:
                break
        return self._exit

    def end(self, *, grace_s: float = END_GRACE_S) -> Exit:
        """End the command and its whole tree. Raises `WorkloadError` when the keeper was lost."""
        self._say("end", grace_s)
        deadline = time.monotonic() + grace_s + _END_LIMIT_S
        while not self._empty and not self._lost and self._receive(deadline - time.monotonic()):
            pass
        self._check_kept()
        if self._exit is None:
            raise WorkloadError("The command does not end, not even by force.", hint="It may wait for a device.")
        return self._exit

    def hasten(self) -> None:
        """End the command by force now; whoever waits in `end` sees it."""
        self._say("end", 0.0)

    def close(self) -> None:
        """End everything that is left, unless the target is to be kept; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        for recorder in list(self._recorders.values()):
            recorder.close()
        if self._launched is not None:
            self._launched.gate.close()
            if not self._keep_target and not self._empty:
                # What can be ended is ended, and nobody is left to hear about the rest.
                with contextlib.suppress(WorkloadError):
                    self.end()
        self._let_go()

    def _start(self, output: int, passed_on: Sequence[int]) -> None:
        """Start the keeper process with its pipes and the descriptors that the command will inherit."""
        control_out, self._control = high(os.pipe())
        self._report, report_in = high(os.pipe())
        os.set_blocking(self._report, False)
        numbers = (control_out, report_in, output, *dict.fromkeys(passed_on))
        self._process = subprocess.Popen(
            # -I and -S: nothing of the user's Python settings may slow it down or break it.
            [sys.executable, "-I", "-S", keeper_script.__file__, *map(str, numbers)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            pass_fds=[each for each in numbers if each >= 0],
        )
        os.close(control_out)
        os.close(report_in)
        self._say("token", self._token.encode())
        self._say("keep", self._keep_target)

    def _await_start(self, workload: Workload) -> int:
        deadline = time.monotonic() + _ANSWER_LIMIT_S
        while self._answer is None and not self._lost and self._receive(deadline - time.monotonic()):
            pass
        match self._answer:
            case int(pid):
                return pid
            case (str(stage), int(number)):
                raise refusal(workload, stage, number)
        raise WorkloadError("The process that starts commands does not answer.", hint="Is the machine out of memory?")

    def _say(self, *message: object) -> None:
        if self._process is None or self._lost:
            return
        data = keeper_script.frame(message)
        try:
            while data:
                data = data[os.write(self._control, data) :]
        except BrokenPipeError:
            self._lose()

    def _receive(self, timeout_s: float) -> bool:
        """Take in what the keeper reports; tells whether it reported anything in time."""
        messages = self._messages(timeout_s)
        for message in messages:
            match message:
                case ("started", pid):
                    self._empty = False
                    self._answer = pid
                case ("refused", stage, number):
                    self._answer = (stage, number)
                case ("exit", code, user_s, system_s, max_rss):
                    unit = _MACOS_RSS_UNIT if sys.platform == "darwin" else _LINUX_RSS_UNIT
                    self._exit = Exit(code, user_s, system_s, max_rss * unit)
                case ("empty",):
                    self._empty = True
        return bool(messages)

    def _messages(self, timeout_s: float) -> list[Any]:
        if self._process is None or self._lost:
            return []
        poll = select.poll()
        poll.register(self._report, select.POLLIN)
        if not poll.poll(max(0.0, timeout_s) * 1000):
            return []
        data = os.read(self._report, _READ_BYTES)
        if not data:
            self._lose()
        return self._inbox.feed(data)

    def _check_kept(self) -> None:
        if self._lost and self._exit is None:
            raise WorkloadError(
                "The process that keeps the command was killed, so its exit status is lost.",
                hint="The command lives on." if self._keep_target else "The command was ended; start it again.",
            )

    def _lose(self) -> None:
        """The keeper died: end by hand what it kept."""
        self._lost = True
        if self._launched is None or self._empty:
            return
        self._empty = True
        if self._exit is None and not self._keep_target:
            _end_session(self._launched.pid)

    def _let_go(self) -> None:
        if self._process is None:
            return
        # A recorder that is reaped late has nobody to report to.
        lost, self._lost = self._lost, True
        os.close(self._control)
        if self._keep_target and not self._empty and not lost:
            # It lives on as the reader of the command's output, and must not be waited for.
            self._process.returncode = 0
        else:
            try:
                self._process.wait(END_GRACE_S + _END_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        os.close(self._report)


def _open_terminal() -> tuple[int, int]:
    """Return both sides of a new terminal; it is nobody's controlling terminal, so its end hangs nobody up."""
    ours, theirs = os.openpty()
    size = TERMINAL_LINES.to_bytes(2, sys.byteorder) + TERMINAL_COLUMNS.to_bytes(2, sys.byteorder) + bytes(4)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
    settings = termios.tcgetattr(theirs)
    # Bytes arrive as they were written: no carriage return before each newline.
    settings[1] &= ~termios.ONLCR
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    return ours, theirs


def _launch_order(workload: Workload, stdio: list[int], gate: Gate, tracing: Tracing | None) -> dict[str, object]:
    env = {**os.environ, **workload.env}
    env |= gate.environment(env)
    if tracing is not None:
        env |= tracing.environment()
    return {
        "argv": list(workload.argv),
        "cwd": str(workload.cwd or Path.cwd()),
        "env": env,
        "stdio": stdio,
        "pass": list(gate.passed_on),
    }


def _end_session(session: int) -> None:
    """End the processes that still belong to a command's session; those that left it cannot be told any more."""
    while members := _session_members(session):
        for pid in members:
            keeper_script.send_signal(pid, signal.SIGKILL)
        time.sleep(_ROUND_S)


def _session_members(session: int) -> list[int]:
    if not os.path.isdir("/proc/self"):  # noqa: PTH112
        keeper_script.send_group(session, signal.SIGKILL)
        return []
    found = []
    for entry in os.listdir("/proc"):  # noqa: PTH208
        fields = keeper_script.stat_fields(int(entry)) if entry.isdigit() else []
        if len(fields) > 3 and int(fields[3]) == session and fields[0] not in (b"Z", b"X"):
            found.append(int(entry))
    return found
