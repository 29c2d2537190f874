"""The injector: attaches memray to a running process and detaches it again; nobody ever ends it by force.

A debugger that is killed while it waits for its target leaves breakpoints behind, and the target dies of them. So this
script runs in a process and a session of its own, with the standard library alone, and outlives perftui for as long as
it takes to leave the target as it was: it cancels what is pending, or detaches what is attached, and then ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import time
from typing import Any

ROUND_S = 0.05
# A debugger whose target ran on for this many rounds in a row waits for it, and no call in the target is under way.
SETTLED_ROUNDS = 10
# It answers to SIGINT within milliseconds; one that came between two of its steps may have been forgotten.
ASK_AGAIN_S = 2.0
# A sampler that stops the target for its looks holds off the debugger, for a millisecond at a time.
TRIES = 20
TRY_AGAIN_S = 0.25
READ_BYTES = 1 << 16
REFUSED_ACCESS = "Failed to attach a debugger"
REFUSED_BY_TARGET = "Failed to stop tracking"
"""What memray in the target has refused, it will refuse again."""
# What would end a debugger as well is kept from it. Of these it takes SIGTERM up again: nothing can be done about that.
SPARED = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
ASKED_TO_END = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Tool:
    """A run of memray's command line, up to its end."""

    def __init__(self, argv: list[str]) -> None:
        self.output, output_in = os.pipe()
        nowhere = os.open(os.devnull, os.O_RDONLY)
        self.pid = spawn(argv, nowhere, output_in)
        os.close(nowhere)
        os.close(output_in)
        self.said = b""
        self.code: int | None = None

    def read(self) -> None:
        """Take what it says; the end of that is the end of memray and of its debugger."""
        data = os.read(self.output, READ_BYTES)
        self.said = (self.said + data)[-READ_BYTES:]
        if not data:
            os.close(self.output)
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def spawn(argv: list[str], stdin: int, output: int) -> int:
    """Start a command with the signals that end processes ignored, and return its pid."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in SPARED}
    try:
        actions = [(os.POSIX_SPAWN_DUP2, stdin, 0), (os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)]
        return os.posix_spawn(argv[0], argv, environment(), file_actions=actions, setsigdef=[signal.SIGINT])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def environment() -> dict[str, str]:
    """Return an environment in which a debugger speaks English and asks no server for symbols."""
    env = {name: value for name, value in os.environ.items() if name not in ("DEBUGINFOD_URLS", "LANGUAGE")}
    return {**env, "LC_ALL": "C.UTF-8"}


class Injector:
    """One attachment to one process."""

    def __init__(self, pid: int, attach: list[str], detach: list[str]) -> None:
        self.pid = pid
        self.attach_argv = attach
        self.detach_argv = detach
        self.ending = False
        """Whether the attachment is not wanted any more."""
        self.orphaned = False
        """Whether nobody is left to talk to."""
        self.settled = 0
        self.was_entered = is_entered(pid)
        """Whether memray had loaded its way in before, so that another loading cannot be seen."""
        self.asked_at = -ASK_AGAIN_S
        self.target = open_target(pid)
        self.wake, wake_in = os.pipe()
        for end in (self.wake, wake_in):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
        for number in SPARED:
            signal.signal(number, lambda *_: None)
        for number in ASKED_TO_END:
            signal.signal(number, self.ask_to_end)

    def run(self) -> None:
        """Attach, wait until it is enough, detach."""
        self.wait(0.0)
        if self.attach():
            self.tell("tracing")
            while not self.ending and self.alive():
                # Without a descriptor of the target its end is seen by looking.
                self.wait(None if self.target >= 0 else 10 * ROUND_S)
            self.detach()

    def attach(self) -> bool:
        """Attach, or report why not; tells whether memray traces the target now."""
        for _ in range(TRIES):
            if self.ending or not self.alive():
                self.tell("detached", alive=self.alive())
                return False
            tool = self.finish(self.attach_argv, may_cancel=True)
            if tool.code == 0:
                return True
            if REFUSED_ACCESS.encode() not in tool.said:
                break
            self.wait(TRY_AGAIN_S)
        if self.ending or not self.alive():
            self.tell("detached", alive=self.alive())
        else:
            self.tell("refused", said=shown(tool.said))
        return False

    def detach(self) -> None:
        """Detach, however long the target takes to let that happen; report how it went."""
        said = ""
        for _ in range(TRIES):
            while self.alive() and is_stopped(self.pid):
                # A debugger gets nowhere with it.
                self.wait(10 * ROUND_S)
            if not self.alive():
                break
            tool = self.finish(self.detach_argv, may_cancel=False)
            said = "" if tool.code == 0 else shown(tool.said) or f"memray ended with {tool.code}"
            if not said or REFUSED_BY_TARGET in said:
                break
            time.sleep(TRY_AGAIN_S)
        self.tell("detached", alive=self.alive(), said=said)

    def finish(self, argv: list[str], *, may_cancel: bool) -> Tool:
        """Run memray to its end; a pending attachment that is not wanted any more is cancelled."""
        tool = Tool(argv)
        self.settled = 0
        while tool.code is None:
            cancel = may_cancel and self.ending
            if self.wait(ROUND_S if cancel else None, tool.output):
                tool.read()
            elif cancel:
                self.cancel(tool)
        return tool

    def cancel(self, tool: Tool) -> None:
        """Interrupt the debugger, but only while it waits for a target that runs on.

        memray must not be asked: it would kill its debugger. In between the debugger calls into the target, and what
        would happen to a call that is interrupted nobody can know.
        """
        debugger = debugger_below(tool.pid)
        is_let_in = not self.was_entered and is_entered(self.pid)
        if debugger is None or is_let_in or not runs_on(self.pid, debugger):
            self.settled = 0
            return
        self.settled += 1
        if self.settled >= SETTLED_ROUNDS and time.monotonic() - self.asked_at >= ASK_AGAIN_S:
            self.asked_at = time.monotonic()
            with contextlib.suppress(ProcessLookupError):
                os.kill(debugger, signal.SIGINT)

    def wait(self, timeout_s: float | None, output: int = -1) -> bool:
        """Sleep until something happens; tells whether there is output to read."""
        poll = select.poll()
        poll.register(self.wake, select.POLLIN)
        if not self.orphaned:
            poll.register(0, select.POLLIN)
        if output >= 0:
            poll.register(output, select.POLLIN)
        elif self.target >= 0:
            poll.register(self.target, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll(None if timeout_s is None else timeout_s * 1000)}
        if self.wake in ready:
            os.read(self.wake, 512)
        if 0 in ready:
            # Whatever is said, and the silence of a perftui that is gone, means the same.
            self.orphaned = not os.read(0, READ_BYTES)
            self.ending = True
        return output in ready

    def ask_to_end(self, *_: object) -> None:
        """Take a signal as the wish that this ends."""
        self.ending = True

    def alive(self) -> bool:
        """Tell whether the target still runs."""
        if self.target < 0:
            return exists(self.pid)
        poll = select.poll()
        poll.register(self.target, select.POLLIN)
        return not poll.poll(0)

    def tell(self, state: str, *, alive: bool = True, said: str = "") -> None:
        """Report to perftui, if it still listens."""
        line = json.dumps({"state": state, "alive": alive, "said": said}).encode() + b"\n"
        with contextlib.suppress(OSError):
            os.write(1, line)


def open_target(pid: int) -> int:
    """Return a descriptor that becomes readable when the process ends; -1 where there is no such thing."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return -1


def exists(pid: int) -> bool:
    """Tell whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def debugger_below(pid: int) -> int | None:
    """Return the gdb that this process of ours has started; what SIGINT does to another debugger is not known."""
    for child in children_of(pid):
        if text(f"/proc/{child}/comm").startswith("gdb"):
            return child
        found = debugger_below(child)
        if found is not None:
            return found
    return None


def children_of(pid: int) -> list[int]:
    """Return the children of a process; none where that cannot be told."""
    found = []
    for task in names(f"/proc/{pid}/task"):
        found += [int(word) for word in text(f"/proc/{pid}/task/{task}/children").split()]
    if found or os.path.exists("/proc/thread-self/children"):  # noqa: PTH110
        return found
    # The kernel keeps no lists of children.
    return [int(name) for name in names("/proc") if name.isdigit() and fields(f"/proc/{name}/stat")[1:2] == [str(pid)]]


def runs_on(pid: int, debugger: int) -> bool:
    """Tell whether a process is traced by the debugger, and none of its threads is stopped for it."""
    tracer = [line.split()[1] for line in text(f"/proc/{pid}/status").splitlines() if line.startswith("TracerPid:")]
    states = [fields(f"/proc/{pid}/task/{task}/stat")[:1] for task in names(f"/proc/{pid}/task")]
    return tracer == [str(debugger)] and bool(states) and all(state in (["R"], ["S"], ["D"]) for state in states)


def is_entered(pid: int) -> bool:
    """Tell whether a process has loaded the library through which memray gets in."""
    return "/memray/_inject." in text(f"/proc/{pid}/maps")


def is_stopped(pid: int) -> bool:
    """Tell whether a process was told to pause."""
    return fields(f"/proc/{pid}/stat")[:1] == ["T"]


def fields(path: str) -> list[str]:
    """Return the fields of a stat file from the state on."""
    return text(path).rpartition(")")[2].split()


def text(path: str) -> str:
    """Return what a file holds; nothing where it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - pathlib loads slowly
            return file.read()
    except OSError:
        return ""


def names(path: str) -> list[str]:
    """Return the names in a directory; none where it cannot be read."""
    try:
        return os.listdir(path)  # noqa: PTH208
    except OSError:
        return []


def shown(said: bytes) -> str:
    """Return the end of what memray said as text."""
    return said.decode("utf-8", "replace").strip()[-2000:]


def main(argv: list[str]) -> None:
    """Run with the target's pid, and the commands that attach and detach as JSON lists."""
    attach: Any = json.loads(argv[1])
    detach: Any = json.loads(argv[2])
    Injector(int(argv[0]), attach, detach).run()


if __name__ == "__main__":
    main(sys.argv[1:])
