"""Whether memray can be attached to a running process, by what, and what that risks: asked before anything is done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from perftui.errors import ObserveError
from perftui.sources.attach_remarks import remarks_on
from perftui.sources.diagnosis import REMOTE_EXEC_SINCE, debugger, debugger_remedy, explain_reach, who_is
from perftui.sources.interpreter import Likeness, by_program_name, interpreter_of
from perftui.sources.permission import status_of
from perftui.sources.probe import Probe, SystemProbe
from perftui.text import printable

REMOTE_EXEC = "sys.remote_exec"
# A sampler holds a process for a millisecond at a time; whoever holds it at each of so many looks keeps it.
_LOOKS = 5
_MAGIC = b"memray"
_NAMESPACES = ("mnt", "net")
_LAUNCH = "start the program through perftui: perftui run --mode memory -- COMMAND"

RISKS = (
    "A debugger stops the process for up to half a second and loads memray into it; that waits until the process next "
    "allocates.",
    "Killing the debugger meanwhile kills the process, so leave it alone: perftui cancels it safely, and detaches when "
    "it ends.",
    "Only allocations from now on are seen.",
    "Tracing slows the process until it is detached: up to 2.5 times where it allocates much, 4 times where it calls "
    "much.",
    "One capture at a time: where another `memray attach` is at work, it ends.",
)
"""What a person should know before agreeing; one sentence each."""


@dataclass(frozen=True, slots=True)
class TargetMemray:
    """What is known of the memray that a running process would import."""

    installed: bool | None
    """None where that cannot be told."""
    version: str = ""


def why_not(pid: int, *, probe: Probe | None = None) -> ObserveError | None:
    """Return why memray cannot be attached to a process, or None where nothing speaks against trying."""
    probe = probe or SystemProbe()
    return (
        _explain_ours(probe)
        or explain_reach(pid, probe=probe)
        or _explain_method(pid, probe)
        or _explain_place(pid, probe)
        or _explain_state(pid, probe)
        or _explain_memray(pid, probe)
    )


def risks(pid: int, *, probe: Probe | None = None) -> Sequence[str]:
    """Return what a person should know before memray is attached to this process; one sentence each."""
    probe = probe or SystemProbe()
    theirs, ours = memray_of(pid, probe).version, probe.version_of("memray") or ""
    known = (*RISKS, *remarks_on(pid, probe=probe))
    if not theirs or theirs == ours:
        return known
    remark = (
        f"The process has memray {printable(theirs)}, perftui {printable(ours)}: its capture may be unreadable here."
    )
    return (*known, remark)


def named(pid: int, *, probe: Probe | None = None) -> str:
    """Return a process as it is named within a sentence."""
    who = who_is(probe or SystemProbe(), pid)
    return f"p{who.removeprefix('P')}"


def method_for(pid: int, *, probe: Probe | None = None) -> str | None:
    """Return how memray gets into a process: `sys.remote_exec`, `gdb` or `lldb`; None where nothing can."""
    probe = probe or SystemProbe()
    ours = probe.python[:2]
    # Both sides must be of one version, and those who wait for nothing go first.
    if ours >= REMOTE_EXEC_SINCE and interpreter_of(probe, pid).version == ours:
        return REMOTE_EXEC
    return debugger(probe)


def memray_of(pid: int, probe: Probe) -> TargetMemray:
    """Look for memray where the interpreter of a process looks for it; only what is certain is called missing."""
    if "/memray/_memray." in (probe.text(f"/proc/{pid}/maps") or ""):
        return TargetMemray(True, _version_in(probe, _loaded_from(pid, probe)))
    places = list(_search_path(pid, probe))
    for place in places:
        if probe.exists(f"{place}/memray/__init__.py"):
            return TargetMemray(True, _version_in(probe, place))
    return TargetMemray(False if places and any(probe.names(place) for place in places) else None)


def _explain_ours(probe: Probe) -> ObserveError | None:
    if probe.version_of("memray") is not None:
        return None
    return _error("memray is not installed beside perftui.", "Install it: pip install memray")


def _explain_method(pid: int, probe: Probe) -> ObserveError | None:
    if method_for(pid, probe=probe) is not None:
        return None
    hint = f"{debugger_remedy(probe)}, or {_LAUNCH}"
    return _error("Attaching memray to a running process takes a debugger, and there is neither gdb nor lldb.", hint)


def _explain_place(pid: int, probe: Probe) -> ObserveError | None:
    for name in _NAMESPACES:
        theirs, ours = probe.link(f"/proc/{pid}/ns/{name}"), probe.link(f"/proc/self/ns/{name}")
        if theirs and ours and theirs != ours:
            return _error(
                f"{who_is(probe, pid)} runs in another container, which sees neither our memray nor the capture.",
                "Run perftui inside of that container.",
            )
    return None


def _explain_state(pid: int, probe: Probe) -> ObserveError | None:
    who = who_is(probe, pid)
    looks = [status_of(probe, pid) for _ in range(_LOOKS)]
    if all(look.get("State", "").startswith("T") for look in looks):
        return _error(f"{who} is stopped, so nothing can be attached to it.", f"Let it run on: kill -CONT {pid}")
    tracers = {look.get("TracerPid", "0") for look in looks}
    if "0" not in tracers and len(tracers) == 1:
        return _error(
            f"{who} is traced by process {printable(tracers.pop())} already, and only one can stop it.",
            "End the other tracer (a debugger, strace) first.",
        )
    capture = _capture_of(pid, probe)
    if capture is None:
        return None
    return _error(
        f"memray traces {named(pid, probe=probe)} already, into {printable(capture)}.",
        f"Let that end, or end it: memray detach {pid}",
    )


def _explain_memray(pid: int, probe: Probe) -> ObserveError | None:
    if memray_of(pid, probe).installed is not False:
        return None
    return _error(f"memray is not installed in the Python of {named(pid, probe=probe)}.", install_hint(pid, probe))


def install_hint(pid: int, probe: Probe) -> str:
    """Say how memray gets into the Python of a running process."""
    program = program_of(pid, probe) or "python"
    version = probe.version_of("memray")
    package = f"memray=={version}" if version else "memray"
    return printable(f"Install it there, no restart is needed: {program} -m pip install {package}")


def _capture_of(pid: int, probe: Probe) -> str | None:
    """Return the capture that a process is writing: a file that it has mapped, and that begins as captures do."""
    for line in (probe.text(f"/proc/{pid}/maps") or "").splitlines():
        parts = line.split(maxsplit=5)
        if len(parts) == 6 and parts[1] in ("-w-s", "rw-s") and (probe.head(parts[5]) or b"").startswith(_MAGIC):
            return parts[5]
    return None


def _loaded_from(pid: int, probe: Probe) -> str:
    maps = (probe.text(f"/proc/{pid}/maps") or "").splitlines()
    path = next(line.split(maxsplit=5)[-1] for line in maps if "/memray/_memray." in line)
    return str(PurePosixPath(path).parent.parent)


def _version_in(probe: Probe, place: str) -> str:
    names = (name for name in probe.names(place) if name.startswith("memray-") and name.endswith(".dist-info"))
    return next(names, "").removeprefix("memray-").removesuffix(".dist-info")


def _search_path(pid: int, probe: Probe) -> Iterator[str]:
    """Yield where a process looks for packages; nothing where that is not certain."""
    program, version = program_of(pid, probe), interpreter_of(probe, pid).version
    env = environment_of(pid, probe)
    if not program or version is None or env.keys() & {"PYTHONHOME", "PYTHONUSERBASE"}:
        return
    prefix = PurePosixPath(program).parent.parent
    settings = probe.text(f"{prefix}/pyvenv.cfg")
    folder = f"python{version[0]}.{version[1]}"
    if settings is None:
        real = PurePosixPath(probe.link(f"/proc/{pid}/exe") or program).parent.parent
        sites = [f"{real}/lib/{folder}/site-packages", f"{real}/lib/{folder}/dist-packages"]
        sites += [f"/usr/local/lib/{folder}/dist-packages", "/usr/lib/python3/dist-packages"]
        sites += [f"{env['HOME']}/.local/lib/{folder}/site-packages"] if env.get("HOME") else []
    elif re.search(r"(?im)^include-system-site-packages\s*=\s*true", settings):
        # It looks into the packages of the system too, wherever those are.
        return
    else:
        sites = [f"{prefix}/lib/{folder}/site-packages", f"{prefix}/lib64/{folder}/site-packages"]
    yield from sites
    yield from (f"{site}/{line}" if line[0] != "/" else line for site in sites for line in _path_files(probe, site))
    yield from (entry for entry in env.get("PYTHONPATH", "").split(":") if entry.startswith("/"))


def _path_files(probe: Probe, site: str) -> Iterator[str]:
    """Yield the further places that a directory of packages names."""
    for name in probe.names(site):
        if name.endswith(".pth"):
            lines = (line.strip() for line in (probe.text(f"{site}/{name}") or "").splitlines())
            yield from (line for line in lines if line and not line.startswith(("#", "import ", "import\t")))


def program_of(pid: int, probe: Probe) -> str:
    """Return the interpreter as the process was started by it; empty where it has given itself another name."""
    words = (probe.text(f"/proc/{pid}/cmdline") or "").split("\0")
    if by_program_name(words[0]).likeness is not Likeness.YES:
        return ""
    if "/" in words[0]:
        return str(PurePosixPath(probe.link(f"/proc/{pid}/cwd") or "/") / words[0])
    folders = environment_of(pid, probe).get("PATH", "").split(":")
    return next((f"{folder}/{words[0]}" for folder in folders if folder and probe.exists(f"{folder}/{words[0]}")), "")


def environment_of(pid: int, probe: Probe) -> dict[str, str]:
    """Return the variables that a process was started with; none where they are not for us to read."""
    entries = (probe.text(f"/proc/{pid}/environ") or "").split("\0")
    return {name: value for name, equals, value in (entry.partition("=") for entry in entries) if equals}


def _error(message: str, hint: str) -> ObserveError:
    return ObserveError(message, hint=hint)
