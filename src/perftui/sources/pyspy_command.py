"""The command lines of py-spy, and what its error messages mean for a person."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from perftui.errors import ObserveError
from perftui.sources.pyspy_output import first_line
from perftui.text import printable

ENVIRONMENT = {"RUST_BACKTRACE": "0"}
"""Without it an error may be followed by a page of addresses."""
_MOST_QUOTED = 300


class FailureKind(Enum):
    """The classes of py-spy's failures that are treated differently."""

    GONE = "gone"
    PERMISSION = "permission"
    NOT_PYTHON = "not python"
    UNSUPPORTED = "unsupported"
    TRACED = "traced"
    """Another tracer holds the target, or it is stopped: it may be looked at without stopping it."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a recorder failed, in one sentence, and the remedy in another."""

    kind: FailureKind
    message: str
    hint: str


def find_pyspy() -> str:
    """Return the path of py-spy: beside this interpreter, or on PATH. Raises `ObserveError`."""
    beside = Path(sys.executable).with_name("py-spy")
    if os.access(beside, os.X_OK):
        return str(beside)
    found = shutil.which("py-spy")
    if found is None:
        raise ObserveError("py-spy is not installed, so CPU cannot be sampled.", hint="Try: pip install py-spy")
    return found


def record_argv(
    pyspy: str,
    pid: int,
    *,
    rate_hz: int,
    cap_s: int,
    subprocesses: bool,
    nonblocking: bool,
    native: bool,
    gil: bool = False,
) -> list[str]:
    """Return the command of one recorder."""
    argv = [pyspy, "record", "-p", str(pid), "-f", "speedscope", "-o", "/dev/stdout", "-r", str(rate_hz)]
    argv += ["-d", str(cap_s)]
    if subprocesses:
        argv.append("-s")
    if nonblocking:
        argv.append("--nonblocking")
    elif native:
        argv.append("--native")
    if gil:
        argv.append("--gil")
    return argv


def look_argv(pyspy: str, pid: int, *, subprocesses: bool) -> list[str]:
    """Return the command of one look at the threads."""
    return [pyspy, "dump", "--json", "--nonblocking", "-p", str(pid), *(["-s"] if subprocesses else [])]


def dump_argv(pyspy: str, pid: int) -> list[str]:
    """Return the command that prints the stacks of all threads, for people, without stopping them."""
    return [pyspy, "dump", "--nonblocking", "-s", "-p", str(pid)]


def explain_failure(stderr: str, pid: int) -> tuple[str, str]:
    """Return what py-spy's complaint about process `pid` means, and what would help."""
    failure = classify(stderr, pid)
    return failure.message, failure.hint


def classify(stderr: str, pid: int) -> Failure:
    """Return the failure behind py-spy's complaint about process `pid`."""
    text = stderr[:10_000]
    low = text.lower()
    if "no python processes found" in low:
        return _none_found(pid)
    if "docker container" in low and "sys_ptrace" in low:
        return _container(pid)
    if "permission denied" in low or ("operation not permitted" in low and "suspend" not in low):
        return _denied(pid)
    if "unsupported version of python" in low:
        version = printable(text[low.index("unsupported version of python") + 29 :].strip(": ").split("\n")[0][:20])
        return Failure(
            FailureKind.UNSUPPORTED,
            f"Process {pid} runs Python {version}, which this py-spy cannot read.",
            "A newer py-spy may: pip install --upgrade py-spy",
        )
    if "failed to suspend process" in low or "ptrace" in low:
        return _not_suspended(pid)
    if "failed to find python version" in low or "failed to locate" in low:
        return _not_python(pid)
    if "check that the process is running" in low or "no such process" in low or "os error 3)" in low:
        return _gone(pid)
    if "task_for_pid" in low or ("root" in low and sys.platform == "darwin"):
        return _denied(pid)
    said = printable(first_line(text, default="it said nothing")[:_MOST_QUOTED])
    return Failure(FailureKind.OTHER, f"py-spy failed on process {pid}: {said}", "perftui doctor tells more.")


def _none_found(pid: int) -> Failure:
    # With children asked for, py-spy says this for everything that can go wrong.
    if not _exists(pid):
        return _gone(pid)
    if _owner(pid) not in (None, os.geteuid()) and os.geteuid() != 0:
        return _denied(pid)
    if _yama_scope() in (1, 2, 3) and os.geteuid() != 0:
        return _denied(pid)
    return Failure(
        FailureKind.NOT_PYTHON,
        f"There is no Python interpreter in process {pid} or below it.",
        "Only Python processes can be sampled; meters and budgets work for all.",
    )


def _gone(pid: int) -> Failure:
    return Failure(FailureKind.GONE, f"There is no process {pid}.", "It may have ended: see `ps`.")


def _not_python(pid: int) -> Failure:
    return Failure(
        FailureKind.NOT_PYTHON,
        f"Process {pid} is not a Python interpreter.",
        "Give the pid of the interpreter itself, not of a shell or launcher above it.",
    )


def _not_suspended(pid: int) -> Failure:
    return Failure(
        FailureKind.TRACED,
        f"Process {pid} cannot be stopped for a look: a debugger or another profiler holds it, or it is suspended.",
        "End the other tracer or continue the process, or sample without stopping it (mode nonblocking).",
    )


def _container(pid: int) -> Failure:
    return Failure(
        FailureKind.PERMISSION,
        f"This container may not observe process {pid}.",
        "Start the container with: --cap-add SYS_PTRACE",
    )


def _denied(pid: int) -> Failure:
    message = f"No permission to observe process {pid}."
    owner = _owner(pid)
    if sys.platform == "darwin":
        hint = "On macOS only root may observe: run perftui with sudo."
    elif os.geteuid() == 0:
        hint = "Root alone is not enough here; in a container, start it with: --cap-add SYS_PTRACE"
    elif owner is not None and owner != os.geteuid():
        message = f"Process {pid} belongs to another user ({_user_name(owner)})."
        hint = "Run perftui as that user, or with sudo."
    elif _yama_scope() == 1:
        hint = "Launch the command through perftui, or allow it: sudo sysctl kernel.yama.ptrace_scope=0"
    elif _yama_scope() in (2, 3):
        hint = "This system lets only root observe (kernel.yama.ptrace_scope): run perftui with sudo."
    else:
        hint = 'Run perftui with sudo: sudo env "PATH=$PATH" perftui ...'
    return Failure(FailureKind.PERMISSION, message, hint)


def _exists(pid: int) -> bool:
    return not Path("/proc/self").exists() or Path(f"/proc/{pid}").exists()


def _owner(pid: int) -> int | None:
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return None


def _user_name(uid: int) -> str:
    import pwd  # noqa: PLC0415 - asks the system's user database only when it is needed

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _yama_scope() -> int | None:
    try:
        return int(Path("/proc/sys/kernel/yama/ptrace_scope").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
