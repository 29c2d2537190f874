"""Can this machine observe a process, and can this process be observed: asked before it fails, with the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from perftui.errors import ObserveError
from perftui.model.workload import SamplingMode
from perftui.sources.containment import container_kind
from perftui.sources.interpreter import Interpreter, Likeness, by_program_name, interpreter_of
from perftui.sources.permission import AS_ROOT, RUN_AS_ROOT, Permission, capabilities, permission, status_of
from perftui.sources.probe import Probe, SystemProbe
from perftui.sources.shell_job import stand_in
from perftui.text import printable
from perftui.units import format_bytes

_OLDEST_PYTHON = (3, 11)
_OLDEST_PYSPY = (0, 4, 1)
_NEXT_PYSPY = (0, 5)
_OLDEST_MEMRAY = (1, 20)
# What py-spy 0.4 knows: 2.3 to 2.7, and 3.3 to 3.14.
_NEWEST_SAMPLED = (3, 14)
_OLDEST_SAMPLED_3 = (3, 3)
# Finding its own stack takes py-spy some 20 ms on a quiet machine; a loaded one may need a hundred times that.
_RUN_LIMIT_S = 5.0
# A recording takes up to 16 MB an hour, and twice its size for the moment that it is put in order at its end.
_LITTLE_DISK_BYTES = 500 << 20
_TOO_LITTLE_DISK_BYTES = 50 << 20
REMOTE_EXEC_SINCE = (3, 14)
"""From this version on Python runs a script that another Python of the same version hands to it."""
_COLUMNS, _LINES = 80, 24
_BY_PACKAGES = "Install gdb (apt-get install gdb, dnf install gdb, apk add gdb)"
_BY_XCODE = "Install lldb (xcode-select --install)"
_KERNEL_THREAD = 0x0020_0000
"""PF_KTHREAD in the flags of a stat file."""
_32_BIT = 1
"""Class byte of an ELF file."""


class CheckVerdict(Enum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    """It works, but not everything does."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the diagnosis."""

    name: str
    verdict: CheckVerdict
    finding: str
    remedy: str = ""
    """One line; empty where there is nothing to mend."""


def diagnose_machine(*, sessions: Path, probe: Probe | None = None) -> list[Check]:
    """Check what observing and saving need: interpreter, tools, permission, disk."""
    probe = probe or SystemProbe()
    allowed = permission(probe)
    return [
        _check_python(probe),
        _check_pyspy(probe),
        _check_memray(probe),
        _check_debugger(probe),
        _check_permission(allowed),
        _check_container(probe),
        *_check_by_trial(probe, allowed),
        _check_disk(probe, sessions),
        _check_writable(probe, sessions),
    ]


def terminal_checks(
    *, environ: Mapping[str, str], is_terminal: bool, columns: int, lines: int, encoding: str
) -> list[Check]:
    """Check whether the dashboard can be drawn: colours, size, encoding."""
    if not is_terminal:
        finding = "the output is not a terminal: the dashboard needs one, recording without a screen does not"
        return [Check("terminal", CheckVerdict.WARN, finding, "Run perftui in a terminal, or use: perftui record")]
    return [_check_colours(environ), _check_size(columns, lines), _check_encoding(encoding)]


def explain_target(
    pid: int, *, mode: SamplingMode = SamplingMode.AUTO, probe: Probe | None = None
) -> ObserveError | None:
    """Return why the CPU of a running process cannot be sampled, or None where nothing speaks against trying."""
    probe = probe or SystemProbe()
    trouble = explain_reach(pid, probe=probe)
    if trouble is not None or not probe.platform.startswith("linux"):
        return trouble
    who = who_is(probe, pid)
    return _explain_pyspy(probe, pid, who) or _explain_tracer(who, status_of(probe, pid), mode)


def explain_reach(pid: int, *, probe: Probe | None = None) -> ObserveError | None:
    """Return why no tool could observe a running process as Python, or None where nothing speaks against trying."""
    probe = probe or SystemProbe()
    if pid in (probe.pid, stand_in() or probe.pid):
        return _error(f"Process {pid} is perftui itself.", "Give the pid of another process: pgrep -af python")
    if pid <= 0 or not probe.process_exists(pid):
        return _error(f"There is no process {pid}.", "List the running ones: pgrep -af python")
    if probe.platform.startswith("linux"):
        return _explain_on_linux(probe, pid)
    return _refusal(pid, permission(probe))


def who_is(probe: Probe, pid: int) -> str:
    """Return a process as a sentence begins with it: its number and its name."""
    return _who(pid, status_of(probe, pid))


def explain_launch(*, probe: Probe | None = None) -> ObserveError | None:
    """Return why nothing that perftui starts could be sampled, or None where nothing speaks against trying."""
    probe = probe or SystemProbe()
    pyspy = _check_pyspy(probe)
    if pyspy.verdict is CheckVerdict.FAIL:
        return _error(f"CPU samples need py-spy: {pyspy.finding}.", pyspy.remedy)
    allowed = permission(probe)
    return None if allowed.launched else _error(f"No process can be sampled here: {allowed.finding}.", allowed.remedy)


# The machine.


def _check_python(probe: Probe) -> Check:
    found = ".".join(str(part) for part in probe.python)
    if probe.python < _OLDEST_PYTHON:
        return Check("Python", CheckVerdict.FAIL, f"{found} is too old", "Install perftui with Python 3.11 or newer.")
    return Check("Python", CheckVerdict.OK, found)


def _check_pyspy(probe: Probe) -> Check:
    program = probe.executable("py-spy")
    if program is None:
        return Check("py-spy", CheckVerdict.FAIL, "not found", 'Install it: pip install "py-spy>=0.4.1,<0.5"')
    said = probe.run([program, "--version"], timeout_s=_RUN_LIMIT_S)
    if said is None:
        finding = f"{printable(program)} does not run"
        return Check("py-spy", CheckVerdict.FAIL, finding, "Install it anew: pip install --force-reinstall py-spy")
    version = said.strip().removeprefix("py-spy").strip()
    if not _OLDEST_PYSPY <= _numbers(version) < _NEXT_PYSPY:
        finding = f"{printable(version)} may print what perftui cannot read"
        return Check("py-spy", CheckVerdict.WARN, finding, 'Install another: pip install "py-spy>=0.4.1,<0.5"')
    return Check("py-spy", CheckVerdict.OK, f"{printable(version)} ({printable(program)})")


def _check_memray(probe: Probe) -> Check:
    version = probe.version_of("memray")
    if version is None:
        return Check(
            "memray", CheckVerdict.WARN, "not installed: no allocation profiles", "Install it: pip install memray"
        )
    if _numbers(version) < _OLDEST_MEMRAY:
        return Check("memray", CheckVerdict.WARN, f"{version} is old", "Renew it: pip install --upgrade memray")
    return Check("memray", CheckVerdict.OK, version)


def _check_debugger(probe: Probe) -> Check:
    """Check what gets memray into a process that runs already."""
    found = debugger(probe)
    if found is not None:
        return Check("debugger", CheckVerdict.OK, f"{found}: memray can be attached to a running process")
    version = ".".join(str(part) for part in probe.python[:2])
    else_to = f"to a process of Python {version}" if probe.python >= REMOTE_EXEC_SINCE else "to what perftui starts"
    finding = f"neither gdb nor lldb: memray can be attached only {else_to}"
    return Check("debugger", CheckVerdict.WARN, finding, f"{debugger_remedy(probe)}.")


def debugger(probe: Probe) -> str | None:
    """Return the debugger that memray would use on this machine, or None where there is none."""
    order = ("lldb", "gdb") if probe.platform == "darwin" else ("gdb", "lldb")
    return next((name for name in order if probe.executable(name)), None)


def debugger_remedy(probe: Probe) -> str:
    """Say how to get a debugger."""
    return _BY_XCODE if probe.platform == "darwin" else _BY_PACKAGES


def _check_permission(allowed: Permission) -> Check:
    if not allowed.launched:
        return Check("permission", CheckVerdict.FAIL, allowed.finding, allowed.remedy)
    verdict = CheckVerdict.OK if allowed.attached else CheckVerdict.WARN
    return Check("permission", verdict, allowed.finding, allowed.remedy)


def _check_container(probe: Probe) -> Check:
    container = container_kind(probe)
    return Check("container", CheckVerdict.OK, f"inside {printable(container)}" if container else "none")


def _check_by_trial(probe: Probe, allowed: Permission) -> list[Check]:
    """Let py-spy read our own stack: the one proof that no rule was overlooked."""
    program = probe.executable("py-spy")
    if program is None or not allowed.attached:
        return []
    said = probe.run([program, "dump", "--pid", str(probe.pid)], timeout_s=_RUN_LIMIT_S)
    if said is not None and "Thread" in said:
        return [Check("trial", CheckVerdict.OK, "py-spy can observe a running process")]
    finding = "py-spy could not observe a process of our own"
    return [Check("trial", CheckVerdict.FAIL, finding, f"See why: py-spy dump --pid PID. {RUN_AS_ROOT}")]


def _check_disk(probe: Probe, sessions: Path) -> Check:
    free_bytes = probe.free_bytes(sessions)
    if free_bytes is None:
        return Check("disk", CheckVerdict.WARN, f"the free space at {_shown(sessions)} cannot be told")
    finding = f"{format_bytes(free_bytes)} free for sessions"
    if free_bytes >= _LITTLE_DISK_BYTES:
        return Check("disk", CheckVerdict.OK, finding)
    verdict = CheckVerdict.FAIL if free_bytes < _TOO_LITTLE_DISK_BYTES else CheckVerdict.WARN
    return Check("disk", verdict, finding, "Free some space, or keep sessions elsewhere: --sessions-dir DIR")


def _check_writable(probe: Probe, sessions: Path) -> Check:
    if probe.writable(sessions):
        return Check("sessions", CheckVerdict.OK, _shown(sessions))
    remedy = "Keep sessions elsewhere: --sessions-dir DIR, or set PERFTUI_HOME"
    return Check("sessions", CheckVerdict.FAIL, f"{_shown(sessions)} cannot be written to", remedy)


# The terminal.


def _check_colours(environ: Mapping[str, str]) -> Check:
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        finding = f"TERM={printable(term)}: the dashboard cannot be drawn"
        return Check("colours", CheckVerdict.FAIL, finding, "Use a terminal emulator, and export TERM=xterm-256color")
    if environ.get("NO_COLOR"):
        return Check("colours", CheckVerdict.WARN, "none, because NO_COLOR is set", "To have colours: unset NO_COLOR")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Check("colours", CheckVerdict.OK, "16 million")
    number = "256" if "256color" in term else "16"
    remedy = "If the terminal can show more: export COLORTERM=truecolor"
    return Check("colours", CheckVerdict.WARN, f"{number} (TERM={printable(term)})", remedy)


def _check_size(columns: int, lines: int) -> Check:
    finding = f"{columns}x{lines}"
    if columns >= _COLUMNS and lines >= _LINES:
        return Check("size", CheckVerdict.OK, finding)
    return Check("size", CheckVerdict.WARN, finding, f"Enlarge the terminal to {_COLUMNS}x{_LINES} or more.")


def _check_encoding(encoding: str) -> Check:
    if encoding.lower().replace("-", "").replace("_", "") == "utf8":
        return Check("encoding", CheckVerdict.OK, "UTF-8")
    finding = f"{printable(encoding) or 'unknown'}: charts and flames are drawn with characters that it lacks"
    return Check("encoding", CheckVerdict.FAIL, finding, "Choose a UTF-8 locale: export LC_ALL=C.UTF-8")


# One process.


def _explain_on_linux(probe: Probe, pid: int) -> ObserveError | None:
    status = status_of(probe, pid)
    who = _who(pid, status)
    return (
        _explain_state(probe, pid, who, status)
        or _explain_program(probe, pid, who)
        or _explain_rights(probe, pid, who, status)
    )


def _explain_state(probe: Probe, pid: int, who: str, status: Mapping[str, str]) -> ObserveError | None:
    if status.get("State", "").startswith("Z"):
        parent = status.get("PPid", "?")
        return _error(
            f"{who} has ended already; its parent {parent} has not taken note of that (it is a zombie).",
            "Give the pid of a running process.",
        )
    if _is_kernel_thread(probe.text(f"/proc/{pid}/stat") or ""):
        return _error(f"{who} is a thread of the kernel, not a program.", "Give the pid of a Python process.")
    return None


def _explain_program(probe: Probe, pid: int, who: str) -> ObserveError | None:
    if interpreter_of(probe, pid).likeness is not Likeness.NO:
        return None
    child = _python_child(probe, pid)
    hint = f"Its child {child} is Python: perftui attach {child}" if child else "List what is: pgrep -af python"
    return _error(f"{who} is not a Python program.", hint)


def _explain_pyspy(probe: Probe, pid: int, who: str) -> ObserveError | None:
    if (probe.head(f"/proc/{pid}/exe") or b"")[:5] == b"\x7fELF" + bytes([_32_BIT]):
        return _error(f"{who} is a 32-bit program, which py-spy cannot read.", "Run it with a 64-bit Python.")
    return _explain_interpreter(who, interpreter_of(probe, pid))


def _explain_interpreter(who: str, found: Interpreter) -> ObserveError | None:
    if found.pypy:
        return _error(f"{who} runs PyPy, which py-spy cannot read.", "Run it with CPython.")
    if found.free_threaded:
        return _error(
            f"{who} runs a free-threaded Python, which py-spy cannot read.", "Run it with the usual build of Python."
        )
    if found.version is not None and not _is_sampled(found.version):
        version = ".".join(str(part) for part in found.version)
        return _error(
            f"{who} runs Python {version}, which py-spy 0.4 cannot read.", "Run it with Python 3.14 or an older one."
        )
    return None


def _explain_rights(probe: Probe, pid: int, who: str, status: Mapping[str, str]) -> ObserveError | None:
    allowed = permission(probe)
    as_root = f"Observe it as root: {AS_ROOT} attach {pid}"
    uids = _uids(status)
    if uids and any(uid != probe.uid for uid in uids) and not allowed.others:
        owner = printable(probe.user_name(next(uid for uid in uids if uid != probe.uid)))
        return _error(f"{who} belongs to {owner}.", as_root)
    if not allowed.attached:
        return _refusal(pid, allowed)
    ours = capabilities(status_of(probe, "self"), "CapPrm")
    if not allowed.others and capabilities(dict(status), "CapPrm") & ~ours:
        return _error(f"{who} has rights that we do not have, and so may not be observed by us.", as_root)
    if not allowed.others and uids and probe.owner(f"/proc/{pid}") not in (None, probe.uid):
        return _error(f"{who} does not let itself be observed (it is not dumpable).", as_root)
    return None


def _explain_tracer(who: str, status: Mapping[str, str], mode: SamplingMode) -> ObserveError | None:
    tracer = status.get("TracerPid", "0")
    if tracer == "0" or mode is not SamplingMode.BLOCKING:
        return None
    return _error(
        f"{who} is traced by process {tracer} already, and only one can stop it for exact samples.",
        "End the other tracer (a debugger, strace, a profiler), or sample without stopping: --sampling nonblocking",
    )


def _refusal(pid: int, allowed: Permission) -> ObserveError | None:
    if allowed.attached:
        return None
    remedy = (
        f"{allowed.remedy} Or start it through perftui: perftui run -- COMMAND" if allowed.launched else allowed.remedy
    )
    return _error(f"Process {pid} cannot be observed: {allowed.finding}.", remedy)


def _python_child(probe: Probe, pid: int) -> int | None:
    """Return a child that is certainly Python, as of a shell that started a script."""
    for name in probe.names("/proc"):
        if not name.isdigit() or int(name) == probe.pid or _parent(probe.text(f"/proc/{name}/stat") or "") != pid:
            continue
        program = probe.link(f"/proc/{name}/exe")
        if program is not None and by_program_name(program).likeness is Likeness.YES:
            return int(name)
    return None


def _stat_fields(stat: str) -> list[str]:
    """Return the fields of a stat file from the state on: the name before it may hold spaces and brackets."""
    return stat.rpartition(")")[2].split()


def _parent(stat: str) -> int | None:
    fields = _stat_fields(stat)
    return int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else None


def _is_kernel_thread(stat: str) -> bool:
    fields = _stat_fields(stat)
    return len(fields) > 6 and fields[6].isdigit() and bool(int(fields[6]) & _KERNEL_THREAD)


def _uids(status: Mapping[str, str]) -> list[int]:
    """Return the real, effective and saved user ids: tracing asks that all three are ours."""
    return [int(word) for word in status.get("Uid", "").split()[:3] if word.isdigit()]


def _who(pid: int, status: Mapping[str, str]) -> str:
    name = printable(status.get("Name", ""))
    return f"Process {pid} ({name})" if name else f"Process {pid}"


def _is_sampled(version: tuple[int, int]) -> bool:
    return version[0] == 2 or _OLDEST_SAMPLED_3 <= version <= _NEWEST_SAMPLED


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version; none where it does not begin with one."""
    found = re.match(r"\d{1,6}(?:\.\d{1,6})*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _shown(path: Path) -> str:
    return printable(str(path))


def _error(message: str, hint: str) -> ObserveError:
    return ObserveError(message, hint=hint)
