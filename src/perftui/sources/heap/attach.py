"""memray in a process that was running already: attached by the injector, followed by its words, detached again."""

from __future__ import annotations

import json
import os
import re
import select
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from perftui.errors import ObserveError
from perftui.model.workload import MemoryOptions
from perftui.sources.diagnosis import debugger_remedy
from perftui.sources.heap import inject as injector_script
from perftui.sources.heap.attachable import install_hint, method_for
from perftui.sources.permission import RUN_AS_ROOT
from perftui.sources.probe import Probe, SystemProbe
from perftui.sources.side_process import start_unguarded
from perftui.text import printable

# A debugger is done within a second or so; after this it waits for the target.
WAITING_AFTER_S = 3.0
# Detaching takes half a second where the target allocates; nobody waits for one that does not.
DETACH_LIMIT_S = 3.0
_READ_BYTES = 1 << 16
_RAISED = re.compile(r"\w+\((['\"])(.*)\1\)\Z")
"""How an exception of the target is shown."""
_LAUNCH = "Start the program through perftui instead: perftui run --mode memory -- COMMAND"


class State(Enum):
    """Where an attachment stands."""

    PENDING = "pending"
    """Not there yet: a debugger works, or waits until the target allocates."""
    TRACING = "tracing"
    REFUSED = "refused"
    """Nothing was attached; the message says why."""
    DETACHED = "detached"
    """Nothing is traced any more, or the target has ended."""


@dataclass(frozen=True, slots=True)
class AttachState:
    """How an attachment does."""

    state: State
    message: str = ""
    """One sentence for a person; empty where there is nothing to tell."""
    hint: str = ""
    """The remedy, in one sentence."""


class Injector(Protocol):
    """A process that attaches and detaches by itself, and that nobody ends."""

    stdout_fd: int

    def say(self, line: bytes) -> None:
        """Ask it to detach."""

    def let_go(self) -> None:
        """Leave it alone: it detaches, and ends."""


class HeapAttachment:
    """Attaches memray to a process, and detaches it; used by one thread.

    Whatever becomes of perftui, the process lives on, and is detached from as soon as it lets that happen.
    """

    def __init__(
        self,
        pid: int,
        capture: Path,
        *,
        options: MemoryOptions | None = None,
        probe: Probe | None = None,
        start: Callable[[Sequence[str]], Injector] = start_unguarded,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pid = pid
        self._capture = capture
        self._options = options or MemoryOptions()
        self._probe = probe or SystemProbe()
        self._start = start
        self._clock = clock
        self._injector: Injector | None = None
        self._since = 0.0
        self._partial = b""
        self._asked = False
        self._state = AttachState(State.PENDING)

    def start(self) -> None:
        """Begin to attach; raises `ObserveError` where that is impossible from the outset."""
        method = method_for(self._pid, probe=self._probe)
        if method is None:
            hint = f"{debugger_remedy(self._probe)}."
            raise ObserveError("Attaching memray to a running process takes gdb or lldb.", hint=hint)
        try:
            self._injector = self._start(_command(self._pid, self._capture.absolute(), self._options, method))
        except OSError as error:
            message = f"The process that attaches memray cannot be started: {error.strerror}."
            raise ObserveError(message, hint="Is the machine out of memory?") from error
        self._since = self._clock()

    def poll(self, timeout_s: float = 0.0) -> AttachState:
        """Return how the attachment does; waits at most `timeout_s` for news."""
        if self._injector is not None:
            poll = select.poll()
            poll.register(self._injector.stdout_fd, select.POLLIN)
            if poll.poll(timeout_s * 1000):
                self._receive(self._injector.stdout_fd)
        waited_s = self._clock() - self._since
        if self._state == AttachState(State.PENDING) and waited_s > WAITING_AFTER_S and not self._asked:
            message = (
                f"Process {self._pid} has not allocated since: the debugger waits for it, and tracing begins then."
            )
            return AttachState(State.PENDING, message)
        return self._state

    def detach(self) -> None:
        """Ask for the end of the tracing, or of the attempt; `poll` tells when it has come."""
        if self._injector is not None and not self._asked:
            self._asked = True
            self._injector.say(b"detach\n")

    def close(self, timeout_s: float = DETACH_LIMIT_S) -> AttachState:
        """Detach, wait for that for a while, and return how it stands; safe to call twice.

        A process that does not allocate cannot be detached from at once: that is done behind our back, when it can.
        """
        self.detach()
        deadline = self._clock() + timeout_s
        while self._injector is not None and (left_s := deadline - self._clock()) > 0:
            self.poll(left_s)
        self._let_go()
        return self._state

    def _receive(self, descriptor: int) -> None:
        data = os.read(descriptor, _READ_BYTES)
        if not data:
            self._lose()
            return
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._state = _state(self._pid, self._probe, line)

    def _lose(self) -> None:
        """The injector has ended; whatever it did not tell is not known."""
        self._let_go()
        if self._state.state is State.PENDING:
            message = "The process that attaches memray has ended without a word."
            hint = f"memray may still get in when the process allocates; end that: memray detach {self._pid}"
            self._state = AttachState(State.REFUSED, message, hint)
        elif self._state == AttachState(State.TRACING):
            message = f"The process that detaches memray from process {self._pid} was killed."
            self._state = AttachState(State.TRACING, message, _by_hand(self._pid))

    def _let_go(self) -> None:
        if self._injector is not None:
            self._injector.let_go()
            self._injector = None


def refusal(pid: int, said: str, probe: Probe) -> tuple[str, str]:
    """Return what memray said about a failed attachment as one sentence, and the remedy."""
    who = f"Process {pid}"
    sentences = (
        ("process ID does not exist", f"{who} has ended.", "List the running ones: pgrep -af python"),
        ("owned by a different user", f"{who} belongs to another user.", f"{RUN_AS_ROOT} attach {pid}"),
        (
            "permission to trace",
            f"The debugger may not stop process {pid}.",
            "End another debugger that has hold of it; whether tracing is allowed here, perftui doctor tells",
        ),
        ("running Python 3.7", f"The debugger finds no Python in process {pid}.", _LAUNCH),
        ("Cannot find a supported", "There is neither gdb nor lldb to attach memray by.", f"{debugger_remedy(probe)}."),
        ("requires Python 3.14", "This way of attaching takes Python 3.14.", f"{debugger_remedy(probe)}."),
        (
            "No module named 'memray'",
            f"memray is not installed in the Python of process {pid}.",
            install_hint(pid, probe),
        ),
        ("No module named memray", "memray is not installed beside perftui.", "Install it: pip install memray"),
        (
            "No more than one Tracker",
            f"memray traces process {pid} already.",
            "Let that recording end first.",
        ),
        ("already exists", "There is a capture of that name already.", "Record once more."),
        (
            "output file",
            f"{who} cannot write the capture: {_reason(said)}.",
            "Run perftui as the user that it belongs to, or keep sessions elsewhere: --sessions-dir DIR",
        ),
        (
            "memray shared library",
            f"{who} may not read the memray that perftui runs with.",
            "Install perftui where both users can read it.",
        ),
        (
            "Timed out waiting",
            f"{who} did not answer within ten seconds: its main thread runs no Python code.",
            "Try it again while it works.",
        ),
        (
            "unexpected error",
            f"The debugger did not get memray into process {pid}.",
            "Try it again: a signal to the process may have come between.",
        ),
        ("ImportError", f"memray cannot be loaded in process {pid}: {_reason(said)}.", install_hint(pid, probe)),
    )
    for sign, message, hint in sentences:
        if sign in said:
            return message, hint
    return f"memray could not be attached to process {pid}: {_reason(said)}.", _LAUNCH


def _command(pid: int, capture: Path, options: MemoryOptions, method: str) -> list[str]:
    # -P: the working directory is no place for modules.
    memray = [sys.executable, "-P", "-m", "memray"]
    target = ["--method", method, str(pid)]
    flags = [("--native", options.native), ("--trace-python-allocators", options.pymalloc)]
    flags.append(("--follow-fork", options.children))
    chosen = [flag for flag, wanted in flags if wanted]
    attach = [*memray, "attach", "--no-compress", "-o", str(capture), *chosen, *target]
    script = [sys.executable, "-I", "-S", injector_script.__file__]
    return [*script, str(pid), json.dumps(attach), json.dumps([*memray, "detach", *target])]


def _state(pid: int, probe: Probe, line: bytes) -> AttachState:
    word = json.loads(line)
    said = word["said"]
    match word["state"]:
        case "tracing":
            return AttachState(State.TRACING)
        case "refused":
            return AttachState(State.REFUSED, *refusal(pid, said, probe))
    if not word["alive"]:
        return AttachState(State.DETACHED, f"Process {pid} has ended.")
    if "no previous" in said:
        return AttachState(State.DETACHED, f"Somebody else has ended the tracing of process {pid}.")
    if said:
        message = f"memray could not be detached from process {pid}, which goes on tracing: {_reason(said)}."
        return AttachState(State.TRACING, message, _by_hand(pid))
    return AttachState(State.DETACHED)


def _by_hand(pid: int) -> str:
    return f"End the tracing by hand: memray detach {pid}"


def _reason(said: str) -> str:
    """Return the last line of what memray said, without what surrounds an error there."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = lines[-1] if lines else "it did not say why"
    bare = _RAISED.sub(r"\2", last.partition("remote process: ")[2] or last)
    return printable(bare)[:300].rstrip(".")
