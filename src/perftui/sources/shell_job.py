"""A job of the shell that can be stopped while what it does goes on.

A shell takes its terminal back when the process that it started stops; a process that stops does nothing any more. So
a stand-in stays behind for the shell to wait for, and perftui goes on in a child of it, which gives the terminal away
and lives on. Without a shell with job control nothing of this happens.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_LOOK_EVERY_S = 0.05
_GIVEN_BACK_S = 0.5
"""A shell gives the terminal back before it wakes a job up, or after so long at the most."""

_stand_in = 0
"""Process id of what the shell waits for; 0 without one."""


def stand_in() -> int:
    """Return the process that stands in for perftui before the shell; 0 where there is none."""
    return _stand_in


def stay_behind() -> None:
    """Leave a stand-in behind, where a shell with job control waits; to be called before there are threads.

    It returns in the child. The stand-in hands signals on, and ends as the child ends.
    """
    global _stand_in
    if _stand_in or not _shell_waits():
        return
    sys.stdout.flush()
    sys.stderr.flush()
    behind = os.getpid()
    try:
        child = os.fork()
    except OSError:
        # Then it cannot be suspended; everything else works.
        return
    if child:
        _wait_for(child)
    _stand_in = behind


def can_be_suspended() -> bool:
    """Tell whether there is a stand-in whose stopping would give the terminal to a shell."""
    return bool(_stand_in) and os.getppid() == _stand_in


def stand_in_is_gone() -> bool:
    """Tell whether the stand-in was killed: then the shell has its terminal back, and nobody waits any more."""
    return bool(_stand_in) and os.getppid() != _stand_in


def stop_job(*, until: Callable[[], bool]) -> None:
    """Stop everything of the job but this process, and return when the terminal is ours again.

    The terminal has to be left as the shell wants it. `until` ends the wait early.
    """
    woken = _Woken()
    before = {
        signal.SIGTSTP: signal.signal(signal.SIGTSTP, signal.SIG_IGN),
        signal.SIGTTOU: signal.signal(signal.SIGTTOU, signal.SIG_IGN),
        signal.SIGCONT: signal.signal(signal.SIGCONT, woken),
    }
    try:
        while not until() and can_be_suspended():
            woken.at_s = 0.0
            # All of it: a shell that waits for what started perftui would not notice the stand-in.
            os.killpg(os.getpgrp(), signal.SIGTSTP)
            if _is_given_back(woken, until):
                return
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Woken:
    """Remembers when the shell woke the job up."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.at_s = time.monotonic()


def _is_given_back(woken: _Woken, until: Callable[[], bool]) -> bool:
    """Wait for the shell; say whether it gave the terminal back: in the background there is nothing to draw on."""
    while not until() and can_be_suspended():
        time.sleep(_LOOK_EVERY_S)
        if woken.at_s:
            if _has_terminal():
                return True
            if time.monotonic() - woken.at_s > _GIVEN_BACK_S:
                return False
    return False


def _shell_waits() -> bool:
    """Tell whether this was started by a shell with job control, on a terminal that it has now."""
    try:
        return os.isatty(0) and os.getsid(0) != os.getpgrp() and _has_terminal()
    except OSError:
        return False


def _has_terminal() -> bool:
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _wait_for(child: int) -> None:
    """Hand signals on to a child until it ends, and end in the same way; never returns."""

    def hand_on(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    code = 1
    try:
        for number in _PASSED_ON:
            signal.signal(number, hand_on)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            ended_by = os.WTERMSIG(status)
            code = 128 + ended_by
            with contextlib.suppress(OSError, ValueError):
                signal.signal(ended_by, signal.SIG_DFL)
            os.kill(os.getpid(), ended_by)
        else:
            code = os.waitstatus_to_exitcode(status)
    finally:
        os._exit(code)
